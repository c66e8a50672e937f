//! What the evaluator needs of a kind of matrix.

use super::{Elementwise, EvalError};
use crate::term::Rational;
use std::fmt::Debug;

/// A factor of a product, as it is or transposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Plain,
    Transposed,
}

impl Side {
    /// The other way round.
    pub fn other(self) -> Side {
        match self {
            Side::Plain => Side::Transposed,
            Side::Transposed => Side::Plain,
        }
    }
}

/// A matrix over some ring. Operands have matching shapes: a [`Tape`](super::Tape) has checked them.
pub trait Matrix: Clone + Debug + Send + Sync {
    /// What supplies the values of functions that are not polynomial.
    type Oracle: Sync;

    fn rows(&self) -> usize;
    fn cols(&self) -> usize;

    /// Every entry equal to `value`.
    fn constant(rows: usize, cols: usize, value: &Rational) -> Result<Self, EvalError>;
    fn identity(n: usize) -> Self;
    /// Entry (2k + 1, 2k) is 1 and entry (2k, 2k + 1) is −1.
    fn turn(n: usize) -> Self;
    /// Entry (i, j) is 1 where i = j + `by`, else 0.
    fn offset(rows: usize, cols: usize, by: isize) -> Self;
    /// Column j has a 1 in row `ones[j]`, or nothing but zeros.
    fn selection(rows: usize, ones: &[Option<usize>]) -> Self;
    /// The generic constant matrix number `stream`.
    fn generic(rows: usize, cols: usize, stream: u64, oracle: &Self::Oracle) -> Self;

    fn add(&self, other: &Self) -> Self;
    fn add_assign(&mut self, other: &Self);
    fn sub(&self, other: &Self) -> Self;
    fn neg(&self) -> Self;
    fn hadamard(&self, other: &Self) -> Self;
    /// Multiplies by another, entry by entry.
    fn hadamard_assign(&mut self, other: &Self) {
        *self = self.hadamard(other);
    }
    /// The matrix product, either factor transposed.
    fn product(&self, side: Side, other: &Self, other_side: Side) -> Self;
    /// Adds the product of two others.
    fn add_product(&mut self, x: &Self, side: Side, y: &Self, other_side: Side) {
        self.add_assign(&x.product(side, y, other_side));
    }
    /// The product where of a power series only the coefficient of ε^S will be read.
    fn part_of_product(&self, side: Side, other: &Self, other_side: Side, _set: usize) -> Self {
        self.product(side, other, other_side)
    }
    /// The sums of the entrywise product along rows, along columns, or of all, which the shape says.
    fn dots(&self, other: &Self, rows: usize, cols: usize) -> Self {
        self.hadamard(other).reduce(rows, cols)
    }
    /// The product by a 1×1 matrix.
    fn scale(&self, scalar: &Self) -> Self;
    /// ⟨X, Y⟩ as a 1×1 matrix.
    fn inner(&self, other: &Self) -> Self;
    fn transpose(&self) -> Self;
    /// Blocks of so many columns above each other.
    fn stack(&self, width: usize) -> Self;
    /// Blocks of so many rows beside each other, which undoes that.
    fn unstack(&self, height: usize) -> Self;
    /// The columns of some numbers, zeros where there is none.
    fn gather(&self, chosen: &[Option<usize>]) -> Self;
    /// So many columns, to which each column is added at its number, if it has one: the adjoint of [`Matrix::gather`].
    fn scatter(&self, chosen: &[Option<usize>], cols: usize) -> Self;
    fn inverse(&self) -> Result<Self, EvalError>;
    /// The determinant as a 1×1 matrix.
    fn determinant(&self) -> Result<Self, EvalError>;
    /// The diagonal matrix of a column.
    fn diagonal(&self) -> Self;
    /// The diagonal of a square matrix as a column.
    fn diagonal_of(&self) -> Self;
    /// Repeats a row, a column or a scalar until the shape is filled.
    fn broadcast(&self, rows: usize, cols: usize) -> Self;
    /// The adjoint of [`Matrix::broadcast`]: sums down to a row, a column or a scalar.
    fn reduce(&self, rows: usize, cols: usize) -> Self;
    /// The largest entry of each column where numbers are ordered, else zero; a constant of differentiation.
    fn column_max(&self, oracle: &Self::Oracle) -> Self;
    /// The derivatives f⁽ᵏ⁾(X), entry by entry, of order `from`, …, `from + count − 1`.
    fn derivatives(
        &self,
        function: &Elementwise,
        from: usize,
        count: usize,
        oracle: &Self::Oracle,
    ) -> Result<Vec<Self>, EvalError>;

    fn zeros(rows: usize, cols: usize) -> Self;
}
