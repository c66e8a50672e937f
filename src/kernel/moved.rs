//! How a value that blocks carry on is moved where that differs from block to block: by a value of its own, of which only the shape
//! is known.

use super::scope::{Scope, Setting};
use crate::model::{Action, Carried};
use crate::term::{Env, Expr, Facts, Shape, Symbol, SymbolInfo, infer, substitute, sym};
use std::collections::HashMap;

/// A family of maps of a value that is carried on: ρ(X, s).
#[derive(Clone, Debug, PartialEq)]
pub struct Onward {
    /// ρ, a formula in the symbol of the value that a block takes, and `by`.
    pub image: Expr,
    /// s, for the value that a block takes, and for the one that the last block gives.
    pub by: Symbol,
    pub last_by: Symbol,
    pub shape: Shape,
    pub facts: Facts,
    /// s for what the first block takes, and for what a block gives.
    pub first: Expr,
    pub after: Expr,
}

/// That a value goes to ρ(value, s) for some s: a hypothesis, of which what rests on it has to hold for every s.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    pub name: Symbol,
    pub image: Expr,
    pub by: Symbol,
    pub shape: Shape,
    pub facts: Facts,
}

impl Moved {
    /// What is known of s: there is one wherever there is one of the value.
    fn info(&self, env: &Env) -> Option<SymbolInfo> {
        Some(SymbolInfo::new(self.shape, self.facts).of(env.symbol(self.name)?.indices))
    }

    /// The scope of an action with s.
    pub fn scope(&self, setting: &Setting, action: &Action) -> Option<Scope> {
        let scope = setting.of_action(action);
        let info = self.info(scope.env())?;
        Some(scope.with_all([(self.by, info)]))
    }
}

impl Onward {
    /// ρ of a value and an s.
    pub fn at(&self, before: Symbol, name: Symbol, by: &Expr) -> Expr {
        substitute(&self.image, &HashMap::from([(before, sym(name)), (self.by, by.clone())]))
    }

    /// The hypothesis on what a block takes.
    pub fn taken(&self, carried: &Carried) -> Moved {
        self.moved(carried, carried.before, self.by)
    }

    /// The hypothesis on what the last block gives.
    pub fn given(&self, carried: &Carried) -> Moved {
        self.moved(carried, carried.last, self.last_by)
    }

    fn moved(&self, carried: &Carried, name: Symbol, by: Symbol) -> Moved {
        let image = self.at(carried.before, name, &sym(by));
        Moved { name, image, by, shape: self.shape, facts: self.facts }
    }

    /// Whether a formula is a value that s may have where the value of that name is.
    pub(super) fn admits(&self, by: &Expr, within: &Scope, name: Symbol) -> bool {
        let (Ok(data), Some(own)) = (infer(within.env(), by), within.env().symbol(name)) else { return false };
        data.shape == self.shape && data.facts.contains(self.facts) && own.indices.contains(data.indices)
    }
}
