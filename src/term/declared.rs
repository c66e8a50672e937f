//! Named matrices of which most are shared with other sets: in a deep network many scopes declare a few names beside those that belong to its
//! parameters.

use super::{Facts, Indices, Shape, Symbol};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What is known of a named matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct SymbolInfo {
    pub shape: Shape,
    pub facts: Facts,
    /// The indices of the family it is a member of.
    pub indices: Indices,
}

impl SymbolInfo {
    /// A matrix that is no member of a family; facts are closed under their implications.
    pub fn new(shape: Shape, facts: Facts) -> SymbolInfo {
        SymbolInfo { shape, facts: facts.closed(shape.is_scalar()), indices: Indices::NONE }
    }

    /// One for each value of some indices.
    pub fn of(self, indices: Indices) -> SymbolInfo {
        SymbolInfo { indices, ..self }
    }
}

/// The meaning of some names.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    shared: Arc<FxHashMap<Symbol, SymbolInfo>>,
    /// What differs from that: another meaning, or none. Nothing here says the same.
    own: FxHashMap<Symbol, Option<SymbolInfo>>,
}

impl Declared {
    pub fn get(&self, name: Symbol) -> Option<&SymbolInfo> {
        match self.own.get(&name) {
            Some(own) => own.as_ref(),
            None => self.shared.get(&name),
        }
    }

    /// A later meaning replaces an earlier one.
    pub fn insert(&mut self, name: Symbol, info: SymbolInfo) {
        self.set(name, Some(info));
    }

    pub fn remove(&mut self, name: Symbol) {
        self.set(name, None);
    }

    fn set(&mut self, name: Symbol, info: Option<SymbolInfo>) {
        match self.shared.get(&name) == info.as_ref() {
            true => self.own.remove(&name),
            false => self.own.insert(name, info),
        };
    }

    /// From now on copies share all of it.
    pub fn share(&mut self) {
        *self = Declared {
            shared: Arc::new(self.iter().map(|(name, info)| (name, info.clone())).collect()),
            ..Declared::default()
        };
    }

    pub fn iter(&self) -> impl Iterator<Item = (Symbol, &SymbolInfo)> {
        let shared = self.shared.iter().filter(|(name, _)| !self.own.contains_key(name));
        let own = self.own.iter().filter_map(|(name, info)| Some((name, info.as_ref()?)));
        shared.chain(own).map(|(name, info)| (*name, info))
    }

    pub fn keys(&self) -> impl Iterator<Item = Symbol> {
        self.iter().map(|(name, _)| name)
    }

    /// Names that include all that do not mean the same in both, few where these share what most mean.
    pub fn differing<'a>(&'a self, other: &'a Declared) -> impl Iterator<Item = Symbol> + 'a {
        let unlike = !Arc::ptr_eq(&self.shared, &other.shared);
        let all = [self, other].into_iter().filter(move |_| unlike).flat_map(|of| of.shared.keys());
        all.chain(self.own.keys()).chain(other.own.keys()).copied()
    }

    /// The same changes to what is shared by another one; `None` where something else is changed than what that shares, or a name that has
    /// another meaning there.
    pub fn rebased(&self, from: &Declared, to: &Declared) -> Option<Declared> {
        let is_change = Arc::ptr_eq(&self.shared, &from.shared) && from.own.is_empty() && to.own.is_empty();
        let same = |name: &Symbol| from.get(*name) == to.get(*name);
        let kept = is_change && self.own.keys().all(same);
        kept.then(|| Declared { shared: to.shared.clone(), own: self.own.clone() })
    }
}

impl PartialEq for Declared {
    fn eq(&self, other: &Declared) -> bool {
        match Arc::ptr_eq(&self.shared, &other.shared) {
            true => self.own == other.own,
            false => self.differing(other).all(|name| self.get(name) == other.get(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::Size;
    use proptest::prelude::*;

    fn name(k: usize) -> Symbol {
        Symbol::from(format!("declared_{k}"))
    }

    fn info(n: usize) -> SymbolInfo {
        SymbolInfo::new(Shape::new(Size::Lit(n as u64 + 1), Size::Lit(1)), Facts::empty())
    }

    /// A set by some changes after others that are shared, and the plain map that it is.
    fn made(shared: &[(usize, usize)], changes: &[(usize, usize)]) -> (Declared, FxHashMap<Symbol, SymbolInfo>) {
        let (mut set, mut plain) = (Declared::default(), FxHashMap::default());
        for (at, &(k, n)) in shared.iter().chain(changes).enumerate() {
            if at == shared.len() {
                set.share();
            }
            if n < 4 {
                set.insert(name(k), info(n));
                plain.insert(name(k), info(n));
            } else {
                set.remove(name(k));
                plain.remove(&name(k));
            }
        }
        (set, plain)
    }

    fn changes() -> impl Strategy<Value = Vec<(usize, usize)>> {
        prop::collection::vec((0usize..8, 0usize..6), 0..12)
    }

    proptest! {
        #[test]
        fn what_is_shared_makes_no_difference(shared in changes(), first in changes(), second in changes()) {
            let ((a, x), (b, y)) = (made(&shared, &first), made(&shared, &second));
            prop_assert!((0..8).all(|k| a.get(name(k)) == x.get(&name(k))));
            prop_assert_eq!(a.iter().map(|(name, info)| (name, info.clone())).collect::<FxHashMap<_, _>>(), x.clone());
            prop_assert_eq!(a == b, x == y);
            // The same with the shared part in common.
            let mut c = a.clone();
            c.share();
            prop_assert_eq!(&a, &c);
            let (before, meaning) = (c.clone(), |set: &Declared, k| set.get(name(k)).cloned());
            for &(k, n) in &second {
                if n < 4 { c.insert(name(k), info(n)) } else { c.remove(name(k)) }
            }
            let differing: Vec<Symbol> = before.differing(&c).collect();
            prop_assert!((0..8).all(|k| meaning(&before, k) == meaning(&c, k) || differing.contains(&name(k))));
            let mut more = before.clone();
            more.insert(name(9), info(1));
            more.share();
            let rebased = c.rebased(&before, &more);
            c.insert(name(9), info(1));
            prop_assert_eq!(rebased, Some(c));
        }
    }
}
