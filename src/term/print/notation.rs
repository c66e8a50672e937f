//! What the names of a model decide about its notation: which gradient may be written G₁, what `E` stands for.

use super::super::{Env, Symbol};
use super::names::Name;
use std::collections::HashSet;

/// How the quantities of one model are written.
#[derive(Clone, Debug, Default)]
pub struct Notation {
    env: Env,
    output: Option<Symbol>,
    algebra: HashSet<Symbol>,
    /// The parameters whose gradient is written with the parameter's subscript alone.
    indexed: HashSet<Symbol>,
}

impl Notation {
    /// `algebra` are the symbols that stand for an element A of a Lie algebra, so that `hess(W)[A]` is a block of `H[ξ_A]`.
    pub fn new(env: &Env, params: &[Symbol], output: Option<Symbol>, algebra: &[Symbol]) -> Notation {
        let subscripts: HashSet<String> = params.iter().map(|p| Name::new(p.as_str()).subscript).collect();
        let distinct = subscripts.len() == params.len() && subscripts.iter().all(|s| !s.is_empty());
        let indexed = if distinct { params.iter().copied().collect() } else { HashSet::new() };
        Notation { env: env.clone(), output, algebra: algebra.iter().copied().collect(), indexed }
    }

    /// The subscript k of a gradient written G_k; `None` where it has to be the parameter itself.
    pub(super) fn gradient_index(&self, param: Symbol) -> Option<String> {
        self.indexed.contains(&param).then(|| Name::new(param.as_str()).subscript)
    }

    /// Whether `err` of this name is the error signal E itself.
    pub(super) fn is_output(&self, name: Symbol) -> bool {
        self.output.is_none_or(|output| output == name) && self.env.symbol("E".into()).is_none()
    }

    /// Whether G is free to stand for gradients.
    pub(super) fn names_gradients(&self) -> bool {
        self.env.symbol("G".into()).is_none()
            && self.indexed.iter().all(|p| {
                let index = Name::new(p.as_str()).subscript;
                self.env.symbol(format!("G{index}").into()).is_none()
                    && self.env.symbol(format!("G_{index}").into()).is_none()
            })
    }

    pub(super) fn is_algebra(&self, name: Symbol) -> bool {
        self.algebra.contains(&name)
    }

    pub(super) fn is_scalar(&self, name: Symbol) -> bool {
        self.env.symbol(name).is_some_and(|info| info.shape.is_scalar())
    }

    pub(super) fn declared_latex(&self, name: Symbol) -> Option<&str> {
        self.env.latex(name)
    }
}
