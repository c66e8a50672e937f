//! Indices of families: `W[i]` with `i in 1..H` is one matrix for each i.

use super::{Expr, Size, Sizes, Symbol, int, size, sub};
use std::fmt;

/// `i in 1..H`: an index, and the size it runs to; `l in 1..L-1` where a member after it is named too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index {
    pub name: Symbol,
    pub range: Size,
    /// How many of the last values are left out.
    pub less: u64,
}

impl Index {
    /// How many values it has.
    pub fn count(self) -> Expr {
        match self.less {
            0 => size(self.range),
            less => sub(&size(self.range), &int(i64::try_from(less).unwrap_or(i64::MAX))),
        }
    }

    /// The last value at an instance; 0 where it has none.
    pub fn last(self, sizes: &Sizes) -> Option<u64> {
        Some(u64::try_from(sizes.value(self.range)?).ok()?.saturating_sub(self.less))
    }
}

/// `L - 1`, as it is read.
impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.less {
            0 => write!(f, "{}", self.range),
            less => write!(f, "{}-{less}", self.range),
        }
    }
}

/// A member of a family that is named beside the generic one: `W[l+1]`, `W[1]`, `W[L]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// The family, or what carries the name.
    pub of: Symbol,
    /// The indices of the family, in the order in which its members are named.
    pub indices: Vec<Symbol>,
    /// The index that has another value.
    pub index: Symbol,
    pub at: At,
}

/// A value of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    Number(u64),
    /// So many after the current one; before it where that is negative.
    After(i64),
    /// So many before the last one of a range; after it where that is negative.
    Last {
        range: Size,
        before: i64,
    },
}

impl Neighbour {
    /// The name it goes by: `W[l+1]`.
    pub fn name(&self) -> Symbol {
        format!("{}[{}]", self.of, self.at.text(self.index)).into()
    }

    /// The indices that are still open.
    pub fn open(&self) -> Vec<Symbol> {
        match self.at {
            At::After(_) => self.indices.clone(),
            _ => self.indices.iter().copied().filter(|index| *index != self.index).collect(),
        }
    }
}

impl At {
    /// As it stands between brackets.
    pub fn text(self, index: Symbol) -> String {
        match self {
            At::Number(n) => n.to_string(),
            At::After(k) if k > 0 => format!("{index}+{k}"),
            At::After(0) => index.to_string(),
            At::After(k) => format!("{index}{k}"),
            At::Last { range, before: 0 } => range.to_string(),
            At::Last { range, before } if before > 0 => format!("{range}-{before}"),
            At::Last { range, before } => format!("{range}+{}", before.unsigned_abs()),
        }
    }

    /// The value that is so many after this one; none after the last.
    pub fn shifted(self, by: i64) -> Option<At> {
        match self {
            At::Number(n) => n.checked_add_signed(by).map(At::Number),
            At::After(k) => k.checked_add(by).map(At::After),
            At::Last { range, before } => before.checked_sub(by).map(|before| At::Last { range, before }),
        }
    }

    /// The value where the current one and the last one are known.
    pub fn value(self, current: u64, last: u64) -> u64 {
        match self {
            At::Number(n) => n,
            At::After(k) => current.saturating_add_signed(k),
            At::Last { before, .. } => last.saturating_add_signed(before.saturating_neg()),
        }
    }
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
