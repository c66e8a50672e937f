//! Lie algebras as linear spaces of matrices, and the orthogonal projections onto them.

use super::constraint::{Constraint, signature};
use crate::term::{Expr, Facts, Op, Rational, Shape, Size, add, apply, int, mul, ratio, scaled, size, sub, transpose};
use std::fmt;

/// A Lie algebra: the linear space its elements range over, and the subspaces in which a law may hold when it does not
/// hold for all of it.
#[derive(Clone, Debug)]
pub struct Algebra {
    pub shape: Shape,
    /// The whole algebra first, then its symmetric and its skew part where these are proper.
    pub families: Vec<Family>,
    /// Of which kind the stabilizer of a generic point is when an element acts by products.
    pub stabilizer: Stabilizer,
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
    /// What an element ranges over; in words `every symmetric h×h matrix`.
    pub range: Range,
    /// Facts of its elements.
    pub facts: Facts,
    /// What they satisfy beyond these.
    pub constraint: Option<Constraint>,
    /// The number of components of the projected equation, as a formula in the sizes.
    pub dimension: Expr,
    pub projection: Projection,
}

/// Which part of the algebra a family is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    Whole,
    Symmetric,
    Skew,
}

/// Of which kind the stabilizer of a generic point is when a generator acts by products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stabilizer {
    /// All A with A M = 0 and N A = 0.
    General,
    /// Those of trace 0.
    TraceFree,
    /// The diagonal ones, real or complex: none but 0.
    Diagonal,
    /// The skew ones, or those that a fixed matrix makes skew.
    Skew,
    /// The skew ones with A 1 = 0.
    CentredSkew,
    /// Of no such kind.
    Other,
}

/// The orthogonal projection onto a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Projection {
    Identity,
    Symmetric,
    Skew,
    TraceFree(Size),
    SymmetricTraceFree(Size),
    /// Onto the skew matrices with A 1 = 0.
    CentredSkew(Size),
    /// Onto the matrices A for which I_{p,q} A is skew.
    FormSkew(Size, Size),
    /// Onto the symmetric ones among them, of which the blocks of p and q on the diagonal are 0.
    Mixing(Size, Size),
    /// Onto the skew ones, of which the blocks beside the diagonal are 0.
    Parting(Size, Size),
    /// Onto the diagonal, as a column.
    Diagonal,
    /// Onto the diagonal matrices of complex numbers, block by block.
    Complex(Size),
    /// Onto their real parts, as a column that has each of them twice.
    Real(Size),
    /// Onto their imaginary parts, as a column that has each of them twice.
    Imaginary(Size),
}

/// What an element of a family ranges over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Range {
    Numbers,
    /// The columns of that size.
    Vectors(Size),
    /// The matrices of that shape, `skew` or the like.
    Matrices {
        adjective: &'static str,
        shape: Shape,
    },
    /// The matrices of 𝔬(p, q), or the symmetric or skew ones.
    PseudoOrthogonal {
        adjective: &'static str,
        p: Size,
        q: Size,
    },
}

/// In words: `every skew h×h matrix`.
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Range::Numbers => write!(f, "every number"),
            Range::Vectors(n) => write!(f, "every vector in ℝ^{n}"),
            Range::Matrices { adjective: "", shape } => write!(f, "every {}×{} matrix", shape.rows, shape.cols),
            Range::PseudoOrthogonal { adjective: "", p, q } => write!(f, "every matrix in 𝔬({p}, {q})"),
            Range::PseudoOrthogonal { adjective, p, q } => write!(f, "every {adjective} matrix in 𝔬({p}, {q})"),
            Range::Matrices { adjective, shape } => write!(f, "every {adjective} {}×{} matrix", shape.rows, shape.cols),
        }
    }
}

/// The kinds of linear spaces of matrices that algebras are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    All,
    Symmetric,
    Skew,
    CentredSkew,
    TraceFree,
    SymmetricTraceFree,
    /// The A for which I_{p,q} A is skew, with the two sizes of the group; the symmetric and the skew ones among them.
    FormSkew,
    Mixing,
    Parting,
    Diagonal,
    /// The diagonal matrices of complex numbers a + bi, each the block a I + b J; with b = 0; with a = 0.
    Complex,
    Real,
    Imaginary,
}

impl Space {
    /// Whether 0 is its only matrix of a shape, at every value of the sizes.
    pub fn is_zero(self, shape: Shape) -> bool {
        match self {
            Space::Skew | Space::TraceFree | Space::SymmetricTraceFree => shape.is_scalar(),
            // O(1, 1) turns no coordinate into another of its sign.
            Space::Parting => shape.rows == Size::Lit(2),
            Space::CentredSkew => matches!(shape.rows, Size::Lit(1 | 2)),
            Space::FormSkew | Space::Mixing => false,
            Space::All | Space::Symmetric | Space::Diagonal | Space::Complex | Space::Real | Space::Imaginary => false,
        }
    }

    /// The family of the matrices of a shape, for a group written with these sizes.
    pub fn family(self, part: Part, shape: Shape, sizes: &[Size]) -> Family {
        let n = shape.rows;
        let (p, q) = match sizes {
            [p, q] => (*p, *q),
            _ => (n, n),
        };
        let (adjective, facts, dimension, projection) = match self {
            Space::All => ("", Facts::empty(), extent(shape), Projection::Identity),
            Space::Symmetric => ("symmetric", Facts::SYMMETRIC, half_product(n, 1), Projection::Symmetric),
            Space::Skew => ("skew", Facts::SKEW, half_product(n, -1), Projection::Skew),
            Space::CentredSkew => {
                let n_less = |k: i64| sub(&size(n), &int(k));
                let dimension = mul(&ratio(1, 2), &mul(&n_less(1), &n_less(2)));
                let facts = Facts::SKEW | Facts::CENTRED;
                ("doubly centred skew", facts, dimension, Projection::CentredSkew(n))
            }
            Space::TraceFree => ("trace-free", Facts::empty(), sub(&extent(shape), &int(1)), Projection::TraceFree(n)),
            Space::SymmetricTraceFree => {
                let dimension = sub(&half_product(n, 1), &int(1));
                ("symmetric trace-free", Facts::SYMMETRIC, dimension, Projection::SymmetricTraceFree(n))
            }
            Space::FormSkew => ("", Facts::empty(), half_product(n, -1), Projection::FormSkew(p, q)),
            Space::Mixing => {
                let facts = Facts::SYMMETRIC;
                ("symmetric", facts, mul(&size(p), &size(q)), Projection::Mixing(p, q))
            }
            Space::Parting => {
                let dimension = add(&half_product(p, -1), &half_product(q, -1));
                ("skew", Facts::SKEW, dimension, Projection::Parting(p, q))
            }
            Space::Diagonal => ("diagonal", Facts::DIAGONAL, size(n), Projection::Diagonal),
            Space::Complex => ("complex diagonal", Facts::PLANES, size(n), Projection::Complex(n)),
            Space::Real => ("real diagonal", Facts::PLANES | Facts::DIAGONAL, half(n), Projection::Real(n)),
            Space::Imaginary => ("imaginary diagonal", Facts::PLANES | Facts::SKEW, half(n), Projection::Imaginary(n)),
        };
        let constraint = match self {
            Space::TraceFree | Space::SymmetricTraceFree => Some(Constraint::TraceFree),
            Space::FormSkew | Space::Mixing | Space::Parting => Some(Constraint::Infinitesimal(p, q)),
            _ => None,
        };
        let range = match (self, sizes.len()) {
            (Space::FormSkew | Space::Mixing | Space::Parting, _) => Range::PseudoOrthogonal { adjective, p, q },
            (Space::All, 0) => Range::Numbers,
            (Space::All, 1) if shape.cols == Size::Lit(1) && !shape.is_scalar() => Range::Vectors(n),
            _ => Range::Matrices { adjective, shape },
        };
        Family { part, range, facts, constraint, dimension, projection }
    }
}

impl Family {
    /// Whether it is all matrices.
    pub fn is_everything(&self) -> bool {
        (self.facts - Facts::CONSTANT).is_empty() && self.constraint.is_none()
    }

    /// What vanishes of X when ⟨X, A⟩ = 0 for every A of the family, in words.
    pub fn dual_part(&self) -> &'static str {
        match self.projection {
            Projection::Identity => "its left factor",
            Projection::Symmetric => "the symmetric part of its left factor",
            Projection::Skew => "the skew part of its left factor",
            Projection::CentredSkew(_) => "the doubly centred skew part of its left factor",
            Projection::TraceFree(_) => "the trace-free part of its left factor",
            Projection::SymmetricTraceFree(_) => "the symmetric trace-free part of its left factor",
            Projection::FormSkew(..) => "the part of its left factor that the form makes skew",
            Projection::Mixing(..) => "the symmetric part of its left factor that the form makes skew",
            Projection::Parting(..) => "the skew part of its left factor that the form keeps skew",
            Projection::Diagonal => "the diagonal of its left factor",
            Projection::Complex(_) => "the complex diagonal of its left factor",
            Projection::Real(_) => "the real part of the complex diagonal of its left factor",
            Projection::Imaginary(_) => "the imaginary part of the complex diagonal of its left factor",
        }
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
            Projection::CentredSkew(n) => {
                let c = centring(n);
                (half, mul(&mul(&c, &sub(x, &transpose(x))), &c))
            }
            Projection::TraceFree(n) => (one, sub(x, &trace_part(n, 1))),
            Projection::SymmetricTraceFree(n) => (half, sub(&add(x, &transpose(x)), &trace_part(n, 2))),
            Projection::FormSkew(p, q) => (half, sub(x, &conjugate(&transpose(x), p, q))),
            Projection::Mixing(p, q) => {
                let symmetric = add(x, &transpose(x));
                (Rational::new(1.into(), 4.into()), sub(&symmetric, &conjugate(&symmetric, p, q)))
            }
            Projection::Parting(p, q) => {
                let skew = sub(x, &transpose(x));
                (Rational::new(1.into(), 4.into()), add(&skew, &conjugate(&skew, p, q)))
            }
            Projection::Diagonal => (one, apply(Op::Diagvec, &[x])),
            Projection::Complex(n) => {
                let diagonal = |column: Expr| apply(Op::Diag, &[&column]);
                let imaginary = mul(&diagonal(imaginary(x, n)), &apply(Op::Turn, &[&size(n)]));
                (half, sub(&diagonal(real(x, n)), &imaginary))
            }
            Projection::Real(n) => (half, real(x, n)),
            Projection::Imaginary(n) => (-half, imaginary(x, n)),
        }
    }
}

/// Twice the real part of the complex numbers on the diagonal, diagvec(X − ΩXΩ): with Ωᵀ = −Ω the second summand exchanges the two
/// diagonal entries of each block.
fn real(x: &Expr, n: Size) -> Expr {
    let turn = apply(Op::Turn, &[&size(n)]);
    apply(Op::Diagvec, &[&sub(x, &mul(&mul(&turn, x), &turn))])
}

/// Minus twice their imaginary part, diagvec(ΩX + XΩ).
fn imaginary(x: &Expr, n: Size) -> Expr {
    let turn = apply(Op::Turn, &[&size(n)]);
    apply(Op::Diagvec, &[&add(&mul(&turn, x), &mul(x, &turn))])
}

/// I_{p,q} X I_{p,q}: the blocks beside the diagonal change their sign.
fn conjugate(x: &Expr, p: Size, q: Size) -> Expr {
    let j = signature(p, q);
    mul(&mul(&j, x), &j)
}

/// n/2.
fn half(n: Size) -> Expr {
    mul(&ratio(1, 2), &size(n))
}

/// I − 11ᵀ/n, the orthogonal projection onto the vectors with sum 0.
fn centring(n: Size) -> Expr {
    let one = size(Size::Lit(1));
    let ones = mul(&apply(Op::Ones, &[&size(n), &one]), &apply(Op::Ones, &[&one, &size(n)]));
    let mean = mul(&apply(Op::Pow, &[&size(n), &int(-1)]), &ones);
    sub(&apply(Op::Eye, &[&size(n)]), &mean)
}

/// The number of entries of a matrix.
fn extent(shape: Shape) -> Expr {
    let one = Size::Lit(1);
    match (shape.rows, shape.cols) {
        (m, n) if m == one && n == one => int(1),
        (n, k) | (k, n) if k == one => size(n),
        (m, n) if m == n => apply(Op::Pow, &[&size(n), &int(2)]),
        (m, n) => mul(&size(m), &size(n)),
    }
}

/// `n (n + shift) / 2`.
fn half_product(n: Size, shift: i64) -> Expr {
    let n = size(n);
    let shifted = if shift < 0 { sub(&n, &int(-shift)) } else { add(&n, &int(shift)) };
    mul(&ratio(1, 2), &mul(&n, &shifted))
}
