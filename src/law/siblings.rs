//! Definitions as equations, and those that an exchange may take to one another.

use crate::kernel::{Given, Origin};
use crate::model::Definition;
use crate::term::{Head, Symbol, sym, symbols};
use egg::Language;
use std::collections::HashMap;

/// The definitions that an exchange may take to one another: those with the same operators in the same order, at the same
/// number of definitions above parameters and data. One that another is made of is never exchanged with it.
pub(super) struct Siblings<'a> {
    kinds: HashMap<Symbol, Kind>,
    groups: HashMap<Kind, Vec<&'a Definition>>,
}

/// How many definitions a definition is above parameters and data, and its operators.
type Kind = (usize, Vec<Head>);

impl<'a> Siblings<'a> {
    pub fn among(definitions: &'a [Definition]) -> Siblings<'a> {
        let mut kinds: HashMap<Symbol, Kind> = HashMap::new();
        let mut groups: HashMap<Kind, Vec<&Definition>> = HashMap::new();
        for definition in definitions {
            let below = symbols(&definition.expr).filter_map(|name| kinds.get(&name)).map(|(level, _)| level + 1).max();
            let kind = (below.unwrap_or(0), definition.expr.as_ref().iter().map(Language::discriminant).collect());
            groups.entry(Kind::clone(&kind)).or_default().push(definition);
            kinds.insert(definition.name, kind);
        }
        Siblings { kinds, groups }
    }

    /// The others that a definition may be exchanged with, in the order of the model.
    pub fn of(&self, name: Symbol) -> impl Iterator<Item = &'a Definition> {
        let group = self.kinds.get(&name).and_then(|kind| self.groups.get(kind));
        group.into_iter().flatten().copied().filter(move |other| other.name != name)
    }
}

/// The definition of a `let` as an equation.
pub(super) fn definition(d: &Definition) -> Given {
    Given {
        name: Symbol::from(format!("definition of {}", d.name)),
        lhs: sym(d.name),
        rhs: d.expr.clone(),
        origin: Origin::Definition,
    }
}
