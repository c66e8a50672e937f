//! Matrices of polynomials in one parameter, of which conserved quantities are sums.

use super::polynomial::Polynomial;
use crate::term::{Expr, Op, Rational, Shape, Size, Symbol, apply, mul, size, sym, transpose};
use num_traits::One;

/// A matrix of polynomials in one parameter.
#[derive(Clone)]
pub struct Summand {
    pub formula: Expr,
    pub entries: Vec<Polynomial>,
}

/// The rows or the columns of a parameter.
pub struct Side {
    pub name: Symbol,
    pub shape: Shape,
    pub extent: (usize, usize),
    /// The number of the parameter's first entry.
    pub offset: usize,
    pub rows: bool,
}

impl Side {
    /// How many rows (columns) there are, as a symbol.
    pub fn size(&self) -> Size {
        if self.rows { self.shape.rows } else { self.shape.cols }
    }

    /// How many rows (columns) there are, and their length.
    fn counts(&self) -> (usize, usize) {
        let (m, n) = self.extent;
        if self.rows { (m, n) } else { (n, m) }
    }

    /// The number of entry k of row (column) i.
    fn entry(&self, i: usize, k: usize) -> usize {
        let (row, col) = if self.rows { (i, k) } else { (k, i) };
        self.offset + row * self.extent.1 + col
    }

    fn product(&self, i: usize, j: usize) -> Polynomial {
        let terms = (0..self.counts().1).map(|k| {
            let (a, b) = (self.entry(i, k), self.entry(j, k));
            (Rational::one(), vec![a.min(b), a.max(b)])
        });
        Polynomial { terms: terms.collect() }
    }

    /// W Wᵀ (Wᵀ W), an entry off the diagonal first.
    pub fn gram(&self) -> Summand {
        let n = self.counts().0;
        let mut pairs: Vec<(usize, usize)> = (0..n).flat_map(|i| (i..n).map(move |j| (i, j))).collect();
        pairs.sort_by_key(|(i, j)| i == j);
        let w = sym(self.name);
        let formula = if self.rows { mul(&w, &transpose(&w)) } else { mul(&transpose(&w), &w) };
        Summand { formula, entries: pairs.into_iter().map(|(i, j)| self.product(i, j)).collect() }
    }

    /// The diagonal of the Gram matrix.
    pub fn diagonal(&self) -> Summand {
        let formula = apply(Op::Diagvec, &[&self.gram().formula]);
        Summand { formula, entries: (0..self.counts().0).map(|i| self.product(i, i)).collect() }
    }

    /// ‖W‖².
    pub fn norm(&self) -> Summand {
        let terms = (0..self.counts().0).flat_map(|i| self.product(i, i).terms).collect();
        Summand { formula: apply(Op::Norm2, &[&sym(self.name)]), entries: vec![Polynomial { terms }] }
    }

    /// The sums of the rows (columns), as a column.
    pub fn sums(&self) -> Summand {
        let w = sym(self.name);
        let ones = |n: Size| apply(Op::Ones, &[&size(n), &size(Size::Lit(1))]);
        let formula = match (self.rows, self.shape) {
            (true, Shape { cols: Size::Lit(1), .. }) => w,
            (true, shape) => mul(&w, &ones(shape.cols)),
            (false, Shape { rows: Size::Lit(1), .. }) => transpose(&w),
            (false, shape) => mul(&transpose(&w), &ones(shape.rows)),
        };
        let (count, length) = self.counts();
        let sum = |i| Polynomial { terms: (0..length).map(|k| (Rational::one(), vec![self.entry(i, k)])).collect() };
        Summand { formula, entries: (0..count).map(sum).collect() }
    }

    /// The sum of all entries.
    pub fn total(&self) -> Summand {
        let (m, n) = self.extent;
        let terms = (0..m * n).map(|k| (Rational::one(), vec![self.offset + k])).collect();
        Summand { formula: apply(Op::Sum, &[&sym(self.name)]), entries: vec![Polynomial { terms }] }
    }
}
