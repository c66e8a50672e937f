//! A model: symbolic sizes, parameters, data, intermediate definitions, output, loss and the declared actions. These are
//! plain data: [`language`](crate::language) reads them from text, with names and shapes checked, and writes them as text.

mod block;
mod declaration;
mod dynamics;
mod inside;
mod potential;
mod sizes;
mod window;
mod written_out;

pub use block::{Block, composed, selected};
pub use declaration::{
    Action, Activation, Carried, Definition, Dim, FunctionDeclaration, Loss, Property, Repeat, Variable,
};
pub use dynamics::{DYNAMICS, Dynamics, DynamicsRow, Hyperparameter, Order, Time};
pub use inside::{Inside, Parts};
pub use potential::Potential;
pub use sizes::SizeError;
pub(crate) use written_out::{Values, WrittenOut};

use crate::term::{Builder, Env, Expr, Facts, Index, Op, Symbol, Term, apply, substitute, symbols};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// A parsed and checked model.
#[derive(Clone, Debug)]
pub struct Model {
    pub(crate) name: Symbol,
    pub(crate) title: Option<String>,
    /// The comment lines at the head of the file (sources, remarks), without `#`.
    pub(crate) header: Vec<String>,
    pub(crate) dims: Vec<Dim>,
    pub(crate) params: Vec<Variable>,
    pub(crate) data: Vec<Variable>,
    pub(crate) activations: Vec<Activation>,
    pub(crate) functions: Vec<FunctionDeclaration>,
    /// The declared separable potentials of mirror flow.
    pub(crate) potentials: Vec<Potential>,
    /// The `let`s in order, also those of stopped values, whose names are data.
    pub(crate) lets: Vec<Definition>,
    /// The `output`, when one is declared.
    pub(crate) output: Option<Definition>,
    pub(crate) loss: Loss,
    pub(crate) actions: Vec<Action>,
    pub(crate) dynamics: Vec<Dynamics>,
    /// The meaning of every name: dims, params, data, lets, the output and the loss (named `loss`). Group elements are
    /// not in it; see [`Model::action_env`].
    pub(crate) env: Env,
    /// The indices of families.
    pub(crate) indices: Vec<Index>,
    pub(crate) repeats: Vec<Repeat>,
}

/// Equality of what is declared; the environment follows from it.
impl PartialEq for Model {
    fn eq(&self, other: &Model) -> bool {
        self.name == other.name
            && self.title == other.title
            && self.header == other.header
            && self.dims == other.dims
            && self.params == other.params
            && self.data == other.data
            && self.activations == other.activations
            && self.functions == other.functions
            && self.potentials == other.potentials
            && self.lets == other.lets
            && self.output == other.output
            && self.loss == other.loss
            && self.actions == other.actions
            && self.dynamics == other.dynamics
            && self.indices == other.indices
            && self.repeats == other.repeats
    }
}

impl Model {
    /// The remarks `KEY: text` at the head of the file, as in `# Source: Authors, "Title", Venue Year.`
    pub(crate) fn remarks<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.header.iter().filter_map(move |line| line.strip_prefix(key)?.strip_prefix(':').map(str::trim))
    }

    /// The symbol the loss is named by in formulas.
    pub(crate) fn loss_symbol() -> Symbol {
        "loss".into()
    }

    /// Whether a name means something in the model: a matrix, a size, an index, a function, a potential.
    #[doc(hidden)]
    pub fn is_taken(&self, name: Symbol) -> bool {
        let known =
            self.env.symbol(name).is_some() || self.env.call(name).is_some() || self.env.function(name).is_some();
        known
            || self.dims.iter().any(|d| d.name == name)
            || self.index(name).is_some()
            || self.potential(name).is_some()
    }

    /// The shape of a parameter.
    pub(crate) fn param(&self, name: Symbol) -> Option<&Variable> {
        self.params.iter().find(|p| p.name == name)
    }

    pub(crate) fn action(&self, name: Symbol) -> Option<&Action> {
        self.actions.iter().find(|action| action.name == name)
    }

    pub(crate) fn index(&self, name: Symbol) -> Option<Index> {
        self.indices.iter().find(|index| index.name == name).copied()
    }

    /// The block that takes a value of this name, and how it carries it on.
    pub(crate) fn carrying(&self, before: Symbol) -> Option<(&Repeat, &Carried)> {
        let carried = |repeat: &'_ Repeat| repeat.carried.iter().position(|c| c.before == before);
        self.repeats.iter().find_map(|repeat| Some((repeat, &repeat.carried[carried(repeat)?])))
    }

    /// A potential of mirror flow: a declared one, or one that every model has.
    pub(crate) fn potential(&self, name: Symbol) -> Option<Potential> {
        self.potentials.iter().find(|p| p.name == name).cloned().or_else(|| Potential::builtin(name.as_str()))
    }

    /// The environment of an action: the model's, and the group element.
    pub(crate) fn action_env(&self, action: &Action) -> Env {
        let mut env = self.env.clone();
        if let (Some(name), Some((shape, facts))) = (action.element, action.group.element()) {
            env.declare_member(name, shape, facts | Facts::CONSTANT, env.indices_of(&action.indices));
        }
        env
    }

    /// Whether gradients stop somewhere.
    pub(crate) fn stops(&self) -> bool {
        self.data.iter().any(|d| d.stopped)
    }

    pub(crate) fn is_stopped(&self, name: Symbol) -> bool {
        self.data.iter().any(|d| d.stopped && d.name == name)
    }

    /// The `let`s that are computed: those of stopped values are not.
    pub(crate) fn computed(&self) -> impl DoubleEndedIterator<Item = &Definition> {
        self.lets.iter().filter(|d| !self.is_stopped(d.name))
    }

    /// The data that are given: stopped values are not.
    pub(crate) fn given(&self) -> impl Iterator<Item = &Variable> {
        self.data.iter().filter(|d| !d.stopped)
    }

    /// The data of which every sample has its own.
    pub(crate) fn sampled(&self) -> impl Iterator<Item = &Variable> {
        self.data.iter().filter(|d| !d.fixed)
    }

    /// What the stopped values are, each in terms of what stands before it.
    pub(crate) fn stopped(&self) -> impl Iterator<Item = &Definition> {
        self.lets.iter().filter(|d| self.is_stopped(d.name))
    }

    /// The model in which a stopped value is what it is of the parameters, `stopgrad(X)`, in place of a matrix that is given: for
    /// questions about the field that training follows and not about its gradient at one point.
    pub(crate) fn tied(&self) -> Cow<'_, Model> {
        if !self.stops() {
            return Cow::Borrowed(self);
        }
        let mut tied = self.clone();
        tied.data.retain(|d| !d.stopped);
        for definition in tied.lets.iter_mut().filter(|d| self.is_stopped(d.name)) {
            definition.expr = apply(Op::StopGrad, &[&definition.expr]);
        }
        Cow::Owned(tied)
    }

    /// The model in which blocks take the constants that values start at, and the values that they take as these; none where no value starts
    /// at a constant.
    pub(crate) fn first_blocks(&self) -> Option<(Model, HashSet<Symbol>)> {
        let carried = self.repeats.iter().flat_map(|repeat| &repeat.carried);
        let constant = |c: &Carried| {
            let first = self.inline(&self.definition(c.first)?.expr);
            let depends = symbols(&first).next().is_some();
            (!depends).then_some((c.before, first))
        };
        let constants: HashMap<Symbol, Expr> = carried.filter_map(constant).collect();
        if constants.is_empty() {
            return None;
        }
        let mut first = self.clone();
        for definition in first.lets.iter_mut().chain(&mut first.output) {
            definition.expr = substitute(&definition.expr, &constants);
        }
        Some((first, constants.into_keys().collect()))
    }

    /// The definitions of the model in order: the `let`s, the output, and an explicit loss under the name `loss`. A stopped value is
    /// data and none of them.
    pub(crate) fn definitions(&self) -> Vec<Definition> {
        let loss = match &self.loss {
            Loss::Any => None,
            Loss::Explicit(expr) => Some(Definition::new(Model::loss_symbol(), expr.clone())),
        };
        self.computed().chain(&self.output).cloned().chain(loss).collect()
    }

    /// The definition of a name, if it is one of [`Model::definitions`].
    pub(crate) fn definition(&self, name: Symbol) -> Option<Definition> {
        let named = self.computed().chain(&self.output).find(|d| d.name == name).cloned();
        named.or_else(|| match &self.loss {
            Loss::Explicit(expr) if name == Model::loss_symbol() => Some(Definition::new(name, expr.clone())),
            _ => None,
        })
    }

    /// The definitions a formula depends on, directly or through others, in order.
    pub(crate) fn definitions_for(&self, expr: &Expr) -> Vec<Definition> {
        let mut needed: HashSet<Symbol> = symbols(expr).collect();
        let all = self.definitions();
        loop {
            let before = needed.len();
            for definition in all.iter().rev() {
                if needed.contains(&definition.name) {
                    needed.extend(symbols(&definition.expr));
                }
            }
            // What a block takes is what the block before gives.
            for repeat in &self.repeats {
                if repeat.carried.iter().any(|c| needed.contains(&c.before)) {
                    needed.extend(repeat.carried.iter().flat_map(|c| [c.first, c.after]));
                }
            }
            if needed.len() == before {
                break;
            }
        }
        all.into_iter().filter(|definition| needed.contains(&definition.name)).collect()
    }

    /// A formula over the model with every `let`, the output and the loss replaced by what they stand for, so that only
    /// parameters and data remain. Sharing is kept: the result is linear in the size of the model.
    pub(crate) fn inline(&self, expr: &Expr) -> Expr {
        let mut out = Builder::default();
        let mut known = HashMap::new();
        for definition in self.definitions() {
            let id = out.copy_with(&definition.expr, |_, node| match node {
                Term::Sym(name) => known.get(name).copied(),
                _ => None,
            });
            known.insert(definition.name, id);
        }
        let id = out.copy_with(expr, |_, node| match node {
            Term::Sym(name) => known.get(name).copied(),
            _ => None,
        });
        out.finish(id)
    }
}
