//! The symbols of the hyper-parameters of a dynamics and of time, and their numbers in the checks.

use crate::model::Model;
use crate::term::{Env, Expr, Facts, Op, Rational, Shape, Symbol, apply, call_elementwise, int, mul, scaled, sub, sym};
use std::collections::HashMap;

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
        let free = |base: &str| free(model, base);
        Hyperparameters { decay: free("lambda"), friction: free("gamma"), step: free("eta"), time: free("t") }
    }

    /// The symbol of the gradient noise on a parameter: `N1` for `W1` where the numbers tell the parameters apart.
    pub fn noise(&self, model: &Model, param: Symbol) -> Symbol {
        let of = index(param);
        noise_of(model, param, model.params.iter().filter(|p| index(p.name) == of).count() == 1)
    }

    /// The same for every parameter.
    pub fn noises(model: &Model) -> HashMap<Symbol, Symbol> {
        let mut often: HashMap<&str, usize> = HashMap::new();
        model.params.iter().for_each(|p| *often.entry(index(p.name)).or_default() += 1);
        model.params.iter().map(|p| (p.name, noise_of(model, p.name, often[index(p.name)] == 1))).collect()
    }

    /// The symbol of the gradient on a parameter of the loss of a batch.
    pub fn batch(&self, model: &Model, param: Symbol) -> Symbol {
        free(model, &format!("batch_grad_{param}"))
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

/// The symbol of the noise on a parameter, of which only one has its number or not.
fn noise_of(model: &Model, param: Symbol, distinct: bool) -> Symbol {
    let of = index(param);
    free(model, &if distinct && !of.is_empty() { format!("N{of}") } else { format!("N_{param}") })
}

/// The name itself, or with a number where the model has that name, or an element of one of its actions.
pub(super) fn free(model: &Model, base: &str) -> Symbol {
    let element = |name: Symbol| model.actions.iter().any(|action| action.element == Some(name));
    let mut names = std::iter::once(base.to_string()).chain((1..).map(|k| format!("{base}_{k}")));
    names
        .find_map(|name| Some(Symbol::from(name)).filter(|name| !model.is_taken(*name) && !element(*name)))
        .unwrap_or(base.into())
}
