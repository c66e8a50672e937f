//! Indices of families: `W[i]` with `i in 1..H` is one matrix for each i.

use super::{Size, Symbol};

/// `i in 1..H`: an index, and the size it runs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index {
    pub name: Symbol,
    pub range: Size,
}

/// Which indices a value may depend on: a bit for each, in the order in which an environment declares them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Indices(u32);

impl Indices {
    pub const NONE: Indices = Indices(0);
    pub const ALL: Indices = Indices(u32::MAX);
    /// How many indices a model may have.
    pub const MOST: usize = 32;

    /// The index at a position of the environment's list.
    pub(super) fn at(position: usize) -> Indices {
        Indices(1 << position)
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn contains(self, other: Indices) -> bool {
        self.0 & other.0 == other.0
    }

    pub fn union(self, other: Indices) -> Indices {
        Indices(self.0 | other.0)
    }

    pub fn intersection(self, other: Indices) -> Indices {
        Indices(self.0 & other.0)
    }

    /// Those that are not among the others.
    pub fn without(self, other: Indices) -> Indices {
        Indices(self.0 & !other.0)
    }

    /// The positions in the environment's list.
    pub(super) fn positions(self) -> impl Iterator<Item = usize> {
        (0..Indices::MOST).filter(move |at| self.0 & (1 << at) != 0)
    }
}
