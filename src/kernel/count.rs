//! How many scalar statements a claim is, as a formula in the sizes, and why.

use super::members;
use crate::term::{Env, Expr, Indices, Op, Rational, Shape, Size, add, apply, int, mul, scaled, size};

/// A number of scalar statements.
#[derive(Clone, Debug, PartialEq)]
pub struct Count {
    pub formula: Expr,
    pub reason: Reason,
}

/// Why a claim is that many statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is about one number.
    One,
    /// An equation for every entry.
    Entries,
    /// The dimension of the part of the Lie algebra that the equation is projected onto.
    Projection,
    /// The dimension of the orbit at a generic point: that of the algebra less that of the stabilizer.
    Orbit,
    /// At most the dimension of the algebra.
    AtMostAlgebra,
    /// The codimension of the fixed space.
    Codimension,
    /// At most the number of entries that the conditions are about.
    AtMostEntries,
    /// The number of isotypic parts, each as often as its multiplicity.
    Isotypic,
    /// The sum over several claims.
    Sum,
}

impl Count {
    pub fn new(formula: Expr, reason: Reason) -> Count {
        Count { formula, reason }
    }

    pub fn one() -> Count {
        Count::new(int(1), Reason::One)
    }

    /// As many for each value of some indices.
    pub fn for_each(self, env: &Env, indices: Indices) -> Count {
        Count { formula: members::for_each(env, indices, &self.formula), ..self }
    }

    /// The number of entries of a matrix.
    pub fn entries(shape: Shape) -> Count {
        match shape.is_scalar() {
            true => Count::one(),
            false => Count::new(entries(shape), Reason::Entries),
        }
    }
}

/// The number of entries of a matrix, as a formula.
pub fn entries(shape: Shape) -> Expr {
    match (shape.rows, shape.cols) {
        (n, Size::Lit(1)) | (Size::Lit(1), n) => size(n),
        (m, n) if m == n => apply(Op::Pow, &[&size(n), &int(2)]),
        (m, n) => mul(&size(m), &size(n)),
    }
}

/// The sum of numbers, equal ones collected; zero for none.
pub fn sum(counts: impl IntoIterator<Item = Expr>) -> Expr {
    let mut terms: Vec<(Rational, Expr)> = Vec::new();
    for count in counts {
        match terms.iter_mut().find(|(_, term)| *term == count) {
            Some((c, _)) => *c += Rational::from_integer(1.into()),
            None => terms.push((Rational::from_integer(1.into()), count)),
        }
    }
    let scaled = terms.into_iter().map(|(c, term)| scaled(c, &term));
    scaled.reduce(|sum, x| add(&sum, &x)).unwrap_or_else(|| int(0))
}
