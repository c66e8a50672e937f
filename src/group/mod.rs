//! The groups: what an element is, its Lie algebra, and how "for every A in the algebra" is eliminated. A group is one
//! small file that knows nothing about models; [`ALL`] lists them.

mod cyclic;
mod diagonal;
mod general_linear;
mod orthogonal;
mod permutation;
mod scale;
mod sign;
mod signed_permutation;
mod special_linear;
mod special_orthogonal;
mod translate;
mod z2;

use crate::term::{Expr, Facts, Op, Rational, Shape, Size, add, apply, int, mul, scaled, size, sub, transpose};
use std::fmt;
use std::ops::RangeInclusive;

/// Every group of the language.
pub static ALL: &[&dyn Group] = &[
    &general_linear::GeneralLinear,
    &special_linear::SpecialLinear,
    &orthogonal::Orthogonal,
    &special_orthogonal::SpecialOrthogonal,
    &diagonal::Diagonal,
    &scale::Scale,
    &translate::Translate,
    &permutation::Permutation,
    &cyclic::Cyclic,
    &sign::Sign,
    &signed_permutation::SignedPermutation,
    &z2::Z2,
];

/// A group that may act on parameters. `sizes` are the arguments it was written with, as many as [`Group::sizes`] allows.
pub trait Group: Sync {
    /// The name in the language, e.g. `Diag+`.
    fn name(&self) -> &'static str;

    /// The name in Unicode and in LaTeX, e.g. `Diag⁺` and `\mathrm{Diag}^{+}`.
    fn symbol(&self) -> (&'static str, &'static str);

    /// How many sizes it takes.
    fn sizes(&self) -> RangeInclusive<usize>;

    /// Shape and facts of an element; `None` when the action names no element.
    fn element(&self, sizes: &[Size]) -> Option<(Shape, Facts)>;

    /// The identity element.
    fn identity(&self, sizes: &[Size]) -> Expr;

    /// The group law; matrix multiplication unless overridden.
    fn compose(&self, g: &Expr, h: &Expr) -> Expr {
        mul(g, h)
    }

    /// The Lie algebra; `None` for a finite group.
    fn algebra(&self, sizes: &[Size]) -> Option<Algebra>;

    /// Which finite group it is; `None` for a continuous one.
    fn finite(&self) -> Option<Finite> {
        None
    }

    /// How a random element is drawn.
    fn draw(&self) -> Draw {
        Draw::Facts
    }
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

/// How a random element of a group is drawn for a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// A random matrix with the element's facts.
    Facts,
    /// A power of the cyclic shift.
    Cyclic,
    /// A random matrix scaled to determinant 1.
    UnitDeterminant,
    /// A random orthogonal matrix of determinant 1.
    Rotation,
}

/// A Lie algebra: the linear space its elements range over, and the subspaces in which a law may hold when it does not
/// hold for all of it.
#[derive(Clone, Debug)]
pub struct Algebra {
    pub shape: Shape,
    /// The whole algebra first, then its symmetric and its skew part where these are proper.
    pub families: Vec<Family>,
}

impl Algebra {
    /// The whole algebra as a family.
    pub fn whole(&self) -> &Family {
        &self.families[0]
    }
}

/// A linear subspace of a Lie algebra and its orthogonal projection, by which "⟨A, X⟩ = 0 for every A in it" becomes an
/// equation for X.
#[derive(Clone, Debug)]
pub struct Family {
    pub part: Part,
    /// What an element ranges over, in words: `every symmetric h×h matrix`.
    pub range: String,
    /// Facts of its elements.
    pub facts: Facts,
    /// The number of components of the projected equation, as a formula in the sizes.
    pub dimension: Expr,
    projection: Projection,
}

/// Which part of the algebra a family is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    Whole,
    Symmetric,
    Skew,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Projection {
    Identity,
    Symmetric,
    Skew,
    TraceFree(Size),
    SymmetricTraceFree(Size),
    Diagonal,
}

impl Family {
    /// What vanishes of X when ⟨X, A⟩ = 0 for every A of the family, in words.
    pub fn dual_part(&self) -> &'static str {
        match self.projection {
            Projection::Identity => "its left factor",
            Projection::Symmetric => "the symmetric part of its left factor",
            Projection::Skew => "the skew part of its left factor",
            Projection::TraceFree(_) => "the trace-free part of its left factor",
            Projection::SymmetricTraceFree(_) => "the symmetric trace-free part of its left factor",
            Projection::Diagonal => "the diagonal of its left factor",
        }
    }

    /// Whether it is all matrices of trace 0.
    pub fn is_trace_free(&self) -> bool {
        matches!(self.projection, Projection::TraceFree(_))
    }

    /// The orthogonal projection of X, as a number times a formula: "⟨A, X⟩ = 0 for every A of the family" exactly when it
    /// vanishes.
    pub fn project(&self, x: &Expr) -> (Rational, Expr) {
        let one = Rational::from_integer(1.into());
        let half = Rational::new(1.into(), 2.into());
        let trace_part = |n: Size, times: i64| {
            let mean = mul(&apply(Op::Pow, &[&size(n), &int(-1)]), &apply(Op::Tr, &[x]));
            scaled(Rational::from_integer(times.into()), &mul(&mean, &apply(Op::Eye, &[&size(n)])))
        };
        match self.projection {
            Projection::Identity => (one, x.clone()),
            Projection::Symmetric => (half, add(x, &transpose(x))),
            Projection::Skew => (half, sub(x, &transpose(x))),
            Projection::TraceFree(n) => (one, sub(x, &trace_part(n, 1))),
            Projection::SymmetricTraceFree(n) => (half, sub(&add(x, &transpose(x)), &trace_part(n, 2))),
            Projection::Diagonal => (one, apply(Op::Diagvec, &[x])),
        }
    }
}

/// A group with its sizes, e.g. `Diag+(h)`.
#[derive(Clone)]
pub struct GroupInstance {
    pub group: &'static dyn Group,
    pub sizes: Vec<Size>,
}

impl GroupInstance {
    pub fn element(&self) -> Option<(Shape, Facts)> {
        self.group.element(&self.sizes)
    }

    pub fn identity(&self) -> Expr {
        self.group.identity(&self.sizes)
    }

    pub fn algebra(&self) -> Option<Algebra> {
        self.group.algebra(&self.sizes)
    }
}

impl fmt::Debug for GroupInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl PartialEq for GroupInstance {
    fn eq(&self, other: &Self) -> bool {
        self.group.name() == other.group.name() && self.sizes == other.sizes
    }
}

impl fmt::Display for GroupInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.group.name())?;
        match self.sizes.as_slice() {
            [] => Ok(()),
            [n] => write!(f, "({n})"),
            [m, n] => write!(f, "({m} x {n})"),
            more => write!(f, "({})", more.iter().map(Size::to_string).collect::<Vec<_>>().join(", ")),
        }
    }
}

/// The group of that name.
pub fn by_name(name: &str) -> Option<&'static dyn Group> {
    ALL.iter().copied().find(|g| g.name() == name)
}

fn whole(range: String, facts: Facts, dimension: Expr, projection: Projection) -> Family {
    Family { part: Part::Whole, range, facts, dimension, projection }
}

/// `every diagonal h×h matrix`.
fn every(adjective: &str, n: Size) -> String {
    format!("every {adjective}{n}×{n} matrix")
}

/// The symmetric and skew subspaces of all n×n matrices.
fn symmetric_and_skew(n: Size) -> [Family; 2] {
    [
        Family {
            part: Part::Symmetric,
            range: every("symmetric ", n),
            facts: Facts::SYMMETRIC,
            dimension: half_product(n, 1),
            projection: Projection::Symmetric,
        },
        skew(n, Part::Skew),
    ]
}

fn skew(n: Size, part: Part) -> Family {
    Family {
        part,
        range: every("skew ", n),
        facts: Facts::SKEW,
        dimension: half_product(n, -1),
        projection: Projection::Skew,
    }
}

/// `n (n + shift) / 2`.
fn half_product(n: Size, shift: i64) -> Expr {
    let n = size(n);
    let shifted = if shift < 0 { sub(&n, &int(-shift)) } else { add(&n, &int(shift)) };
    scaled(Rational::new(1.into(), 2.into()), &mul(&n, &shifted))
}

fn square(n: Size) -> Expr {
    apply(Op::Pow, &[&size(n), &int(2)])
}
