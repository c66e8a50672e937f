//! What a row of the table of groups says.

use super::algebra::{Part, Space, Stabilizer};
use crate::term::{Expr, Facts, Symbol, add, mul};
use std::ops::RangeInclusive;

/// Which group it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GroupId {
    /// The invertible n×n matrices.
    GeneralLinear,
    /// Those of determinant 1.
    SpecialLinear,
    /// The orthogonal n×n matrices.
    Orthogonal,
    /// The rotations of n-space.
    SpecialOrthogonal,
    /// The stabilizer of the vector of ones in the orthogonal n×n matrices.
    OrthogonalFixingOnes,
    /// The matrices of size p + q that leave the form of p squares less q squares.
    PseudoOrthogonal,
    /// The diagonal n×n matrices with positive diagonal.
    PositiveDiagonal,
    /// The invertible diagonal matrices of n/2 complex numbers, each a 2×2 block.
    ComplexDiagonal,
    /// Those of numbers of modulus 1: a rotation of each plane.
    Torus,
    /// The positive reals under multiplication.
    Scale,
    /// A number, a vector or a matrix under addition.
    Translate,
    /// An integer, a vector or a matrix of integers under addition.
    Integers,
    /// The n×n permutation matrices.
    Permutation,
    /// The powers of the cyclic shift of n coordinates.
    Cyclic,
    /// The diagonal n×n matrices with entries ±1.
    Sign,
    /// The n×n matrices with one entry ±1 in each row and column.
    SignedPermutation,
    /// A single map that is its own inverse; it names no element.
    Z2,
}

/// A group that may act on parameters: a row of `table.rs`.
#[derive(Debug)]
pub struct Group {
    pub(super) id: GroupId,
    pub(super) name: &'static str,
    pub(super) symbol: (&'static str, &'static str),
    pub(super) words: &'static str,
    /// The least and the largest number of sizes.
    pub(super) sizes: (usize, usize),
    pub(super) element: Element,
    pub(super) operation: Operation,
    pub(super) families: &'static [(Part, Space)],
    pub(super) finite: Option<Finite>,
    pub(super) draw: Draw,
    pub(super) subgroups: &'static [GroupId],
    pub(super) signs_beside: bool,
    pub(super) stabilizer: Stabilizer,
    pub(super) discovered: Option<Discovered>,
}

/// What an element is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Element {
    /// The action names none.
    None,
    /// A square matrix of the size the group is written with.
    Square(Facts),
    /// A matrix that leaves the form with as many positive and negative squares as the two sizes.
    Isometry,
    Number(Facts),
    /// A number, a column or a matrix, by the number of sizes.
    Anything(Facts),
}

/// The group law.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    Multiplication,
    Addition,
}

/// The finite groups, by what an element does to n coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finite {
    Permutations,
    Shifts,
    Signs,
    SignedPermutations,
    /// One map that is its own inverse, without coordinates.
    Involution,
}

/// How a random element of a group is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// A random matrix with the element's facts.
    Facts,
    /// A power of the cyclic shift.
    Cyclic,
    /// A random matrix scaled to determinant 1.
    UnitDeterminant,
    /// Of the matrices that leave a form.
    Isometry,
}

/// How discovery names what it proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// The beginning of an action's name.
    pub stem: &'static str,
    /// The name of an element.
    pub letter: &'static str,
    /// The name of an element that is a number.
    pub number: &'static str,
    /// The finite groups of its size whose elements are elements of it, so that they need not be proposed beside it.
    pub contains: &'static [GroupId],
    /// Its elements of determinant 1, where these are another group: proposed where a reflection is no symmetry.
    pub connected: Option<GroupId>,
}

impl Discovered {
    pub(super) const fn as_(stem: &'static str, letter: &'static str) -> Discovered {
        Discovered { stem, letter, number: letter, contains: &[], connected: None }
    }

    /// The name of an action on what has a name, e.g. `permute_h`, or on several things together.
    pub fn name(&self, of: Option<Symbol>) -> Symbol {
        of.map_or_else(|| self.stem.into(), |of| format!("{}_{of}", self.stem).into())
    }
}

impl Group {
    /// What most groups are: multiplicative, of n×n matrices, finite until a row says otherwise. No group of its own.
    pub(super) const MATRICES: Group = Group {
        id: GroupId::GeneralLinear,
        name: "",
        symbol: ("", ""),
        words: "",
        sizes: (1, 1),
        element: Element::None,
        operation: Operation::Multiplication,
        families: &[],
        finite: None,
        draw: Draw::Facts,
        subgroups: &[],
        signs_beside: false,
        stabilizer: Stabilizer::Other,
        discovered: None,
    };

    pub fn id(&self) -> GroupId {
        self.id
    }

    /// The name in the language, e.g. `Diag+`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The name in Unicode and in LaTeX, e.g. `Diag⁺` and `\mathrm{Diag}^{+}`.
    pub fn symbol(&self) -> (&'static str, &'static str) {
        self.symbol
    }

    /// What it consists of: `the invertible matrices`.
    pub fn words(&self) -> &'static str {
        self.words
    }

    /// How many sizes it takes.
    pub fn sizes(&self) -> RangeInclusive<usize> {
        self.sizes.0..=self.sizes.1
    }

    /// The group law.
    pub fn compose(&self, g: &Expr, h: &Expr) -> Expr {
        match self.operation {
            Operation::Multiplication => mul(g, h),
            Operation::Addition => add(g, h),
        }
    }

    /// Whether its Lie algebra is 0 for every size.
    pub fn is_discrete(&self) -> bool {
        self.families.is_empty()
    }

    /// Which finite group it is; `None` for an infinite one.
    pub fn finite(&self) -> Option<Finite> {
        self.finite
    }

    /// How a random element is drawn.
    pub fn draw(&self) -> Draw {
        self.draw
    }

    /// The finite groups of its size inside it of which the fixed spaces are stated, where its own is 0 or it is continuous.
    pub fn subgroups(&self) -> &'static [GroupId] {
        self.subgroups
    }

    /// Whether what is invariant under the group and polynomial may be invariant under diag(±1) too, though these are no elements.
    pub fn has_signs_beside(&self) -> bool {
        self.signs_beside
    }

    /// How discovery names it; `None` when it proposes another group in its place.
    pub fn discovered(&self) -> Option<Discovered> {
        self.discovered
    }
}
