//! The symbols of the hyper-parameters of a dynamics and of time, and their numbers in the checks.

use crate::model::Model;
use crate::term::{Env, Expr, Facts, Op, Rational, Shape, Symbol, apply, call_elementwise, int, mul, scaled, sub, sym};
use std::collections::{HashMap, HashSet};

/// λ, γ, η and t, under names no symbol of the model has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hyperparameters {
    /// The weight decay λ.
    pub decay: Symbol,
    /// The friction γ of the heavy ball.
    pub friction: Symbol,
    /// The step size η.
    pub step: Symbol,
    /// The time t.
    pub time: Symbol,
}

impl Hyperparameters {
    pub fn of(model: &Model) -> Hyperparameters {
        let names = Unused::of(model);
        let free = |base: &str| names.like(base);
        Hyperparameters { decay: free("lambda"), friction: free("gamma"), step: free("eta"), time: free("t") }
    }

    /// The symbols of the gradient noise on every parameter: `N1` for `W1` where the numbers tell the parameters apart.
    pub fn noises(model: &Model) -> HashMap<Symbol, Symbol> {
        let mut often: HashMap<&str, usize> = HashMap::new();
        model.params.iter().for_each(|p| *often.entry(index(p.name)).or_default() += 1);
        let names = Unused::of(model);
        let noise = |param: Symbol| match index(param) {
            of if often[of] == 1 && !of.is_empty() => names.like(&format!("N{of}")),
            _ => names.like(&format!("N_{param}")),
        };
        model.params.iter().map(|p| (p.name, noise(p.name))).collect()
    }

    /// The symbols of the gradients of the loss of a batch on every parameter.
    pub fn batches(model: &Model) -> HashMap<Symbol, Symbol> {
        let names = Unused::of(model);
        model.params.iter().map(|p| (p.name, names.like(&format!("batch_grad_{}", p.name)))).collect()
    }

    /// Declares them as positive constants; time is not constant, but nothing is differentiated along it symbolically.
    pub fn declare(&self, env: &mut Env) {
        for (name, _) in self.values() {
            env.declare(name, Shape::SCALAR, Facts::POSITIVE | Facts::CONSTANT);
        }
    }

    /// The numbers of the checks.
    pub fn values(&self) -> [(Symbol, f64); 4] {
        [(self.decay, 0.1), (self.friction, 0.5), (self.step, 0.05), (self.time, 0.7)]
    }

    /// e^{k·rate·t}.
    pub fn growth(&self, k: &Rational, rate: Symbol) -> Expr {
        call_elementwise("exp".into(), &scaled(k.clone(), &mul(&sym(rate), &sym(self.time))))
    }

    /// (1 − ηλ)^k.
    pub fn shrinkage(&self, k: i64) -> Expr {
        let base = sub(&int(1), &mul(&sym(self.step), &sym(self.decay)));
        if k == 1 { base } else { apply(Op::Pow, &[&base, &int(k)]) }
    }

    /// η^k.
    pub fn steps(&self, k: i64) -> Expr {
        let step = sym(self.step);
        if k == 1 { step } else { apply(Op::Pow, &[&step, &int(k)]) }
    }
}

/// The digits at the end of a name.
fn index(name: Symbol) -> &'static str {
    let stem = name.as_str().trim_end_matches(|c: char| c.is_ascii_digit());
    &name.as_str()[stem.len()..]
}

/// The names that a model does not have.
struct Unused<'a> {
    model: &'a Model,
    /// The elements of its actions.
    elements: HashSet<Symbol>,
}

impl<'a> Unused<'a> {
    fn of(model: &'a Model) -> Unused<'a> {
        Unused { model, elements: model.actions.iter().filter_map(|action| action.element).collect() }
    }

    /// The name itself, or with a number where the model has that name, or an element of one of its actions.
    fn like(&self, base: &str) -> Symbol {
        let mut names = std::iter::once(base.to_string()).chain((1..).map(|k| format!("{base}_{k}")));
        let is_unused = |name: &Symbol| !self.model.is_taken(*name) && !self.elements.contains(name);
        names.find_map(|name| Some(Symbol::from(name)).filter(is_unused)).unwrap_or(base.into())
    }
}

/// The name itself, or with a number where a model has that name, or an element of one of its actions.
pub(super) fn free(model: &Model, base: &str) -> Symbol {
    Unused::of(model).like(base)
}
