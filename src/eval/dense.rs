//! Dense matrices over an exact field.

use super::matrix::{Matrix, Side};
use super::number::{Number, Oracle};
use super::{Elementwise, EvalError};
use crate::term::Rational;
use std::borrow::Cow;

/// A matrix over any field, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Dense<T> {
    rows: usize,
    cols: usize,
    entries: Vec<T>,
}

impl<T: Number> Dense<T> {
    /// The matrix with the given entries at row i, column j.
    pub fn from_fn(rows: usize, cols: usize, mut entry: impl FnMut(usize, usize) -> T) -> Self {
        let mut entries = Vec::with_capacity(rows * cols);
        for i in 0..rows {
            for j in 0..cols {
                entries.push(entry(i, j));
            }
        }
        Dense { rows, cols, entries }
    }

    /// The entry at row i, column j. Panics outside the matrix.
    pub fn get(&self, i: usize, j: usize) -> &T {
        assert!(j < self.cols, "column {j} of {}", self.cols);
        &self.entries[i * self.cols + j]
    }

    /// The entries, row by row.
    pub fn entries(&self) -> &[T] {
        &self.entries
    }

    fn row(&self, i: usize) -> &[T] {
        &self.entries[i * self.cols..(i + 1) * self.cols]
    }

    fn like(&self, entries: Vec<T>) -> Self {
        Dense { rows: self.rows, cols: self.cols, entries }
    }

    fn scalar(value: T) -> Self {
        Dense { rows: 1, cols: 1, entries: vec![value] }
    }

    fn zip(&self, other: &Self, op: impl Fn(T, T) -> T) -> Self {
        self.like(self.entries.iter().zip(&other.entries).map(|(x, y)| op(x.clone(), y.clone())).collect())
    }

    fn transposed(&self) -> Self {
        Dense::from_fn(self.cols, self.rows, |i, j| self.entries[j * self.cols + i].clone())
    }

    /// The entries that are not zero, with their places in the factor, where these are few.
    fn few(&self, side: Side) -> Option<Vec<(usize, usize, &T)>> {
        let mut few = Vec::new();
        for (at, x) in self.entries.iter().enumerate().filter(|(_, x)| !x.annihilates()) {
            if few.len() * SPARSE >= self.entries.len() {
                return None;
            }
            let (i, j) = (at / self.cols, at % self.cols);
            few.push(if side == Side::Plain { (i, j, x) } else { (j, i, x) });
        }
        Some(few)
    }

    /// Adds a product where a factor is small beside the work and has few entries, which are multiplied one by one; whether it did.
    fn add_sparse_product(&mut self, x: &Self, side: Side, y: &Self, other_side: Side) -> bool {
        let (rows, cols, inner) = (self.rows, self.cols, x.entries.len() / self.rows.max(1));
        let is_small = |factor: &Self| factor.entries.len() * SMALL <= rows * inner * cols;
        let mut add = |i: usize, j: usize, x: &T, y: &T| {
            if !x.annihilates() && !y.annihilates() {
                let sum = &mut self.entries[i * cols + j];
                *sum = sum.clone() + x.clone() * y.clone();
            }
        };
        if is_small(y)
            && let Some(few) = y.few(other_side)
        {
            few.into_iter().for_each(|(k, j, y)| (0..rows).for_each(|i| add(i, j, x.at(side, i, k), y)));
        } else if is_small(x)
            && let Some(few) = x.few(side)
        {
            few.into_iter().for_each(|(i, k, x)| (0..cols).for_each(|j| add(i, j, x, y.at(other_side, k, j))));
        } else {
            return false;
        }
        true
    }

    /// Rows and columns of a factor.
    fn sided(&self, side: Side) -> [usize; 2] {
        if side == Side::Plain { [self.rows, self.cols] } else { [self.cols, self.rows] }
    }

    /// The entry of a factor.
    fn at(&self, side: Side, i: usize, j: usize) -> &T {
        &self.entries[if side == Side::Plain { i * self.cols + j } else { j * self.cols + i }]
    }
}

/// A factor is sparse if no more than one of so many entries is not zero, and looked at where it is so many times smaller than the work.
const SPARSE: usize = 4;
const SMALL: usize = 8;

impl<T: Number> Matrix for Dense<T> {
    type Oracle = T::Oracle;

    fn rows(&self) -> usize {
        self.rows
    }

    fn cols(&self) -> usize {
        self.cols
    }

    fn constant(rows: usize, cols: usize, value: &Rational) -> Result<Self, EvalError> {
        Ok(Dense { rows, cols, entries: vec![T::from_rational(value)?; rows * cols] })
    }

    fn zeros(rows: usize, cols: usize) -> Self {
        Dense { rows, cols, entries: vec![T::zero(); rows * cols] }
    }

    fn identity(n: usize) -> Self {
        Dense::from_fn(n, n, |i, j| if i == j { T::one() } else { T::zero() })
    }

    fn turn(n: usize) -> Self {
        Dense::from_fn(n, n, |i, j| match (i ^ 1 == j, i < j) {
            (false, _) => T::zero(),
            (true, false) => T::one(),
            (true, true) => -T::one(),
        })
    }

    fn offset(rows: usize, cols: usize, by: isize) -> Self {
        let one = |i: usize, j: usize| i as isize == j as isize + by;
        Dense::from_fn(rows, cols, |i, j| if one(i, j) { T::one() } else { T::zero() })
    }

    fn selection(rows: usize, ones: &[Option<usize>]) -> Self {
        Dense::from_fn(rows, ones.len(), |i, j| if ones[j] == Some(i) { T::one() } else { T::zero() })
    }

    fn generic(rows: usize, cols: usize, stream: u64, oracle: &T::Oracle) -> Self {
        Dense::from_fn(rows, cols, |i, j| oracle.constant(stream, i * cols + j, rows.min(cols)))
    }

    fn add(&self, other: &Self) -> Self {
        self.zip(other, |x, y| x + y)
    }

    fn add_assign(&mut self, other: &Self) {
        for (x, y) in self.entries.iter_mut().zip(&other.entries) {
            *x = x.clone() + y.clone();
        }
    }

    fn sub(&self, other: &Self) -> Self {
        self.zip(other, |x, y| x - y)
    }

    fn neg(&self) -> Self {
        self.like(self.entries.iter().map(|x| -x.clone()).collect())
    }

    fn hadamard(&self, other: &Self) -> Self {
        self.zip(other, |x, y| x * y)
    }

    fn product(&self, side: Side, other: &Self, other_side: Side) -> Self {
        let mut product = Self::zeros(self.sided(side)[0], other.sided(other_side)[1]);
        if product.add_sparse_product(self, side, other, other_side) {
            return product;
        }
        let left = if side == Side::Plain { Cow::Borrowed(self) } else { Cow::Owned(self.transposed()) };
        // Both factors row by row, so that an entry is the dot product of two contiguous rows.
        let right = if other_side == Side::Plain { Cow::Owned(other.transposed()) } else { Cow::Borrowed(other) };
        Dense::from_fn(left.rows, right.rows, |i, j| T::dot(left.row(i), right.row(j)))
    }

    fn add_product(&mut self, x: &Self, side: Side, y: &Self, other_side: Side) {
        if !self.add_sparse_product(x, side, y, other_side) {
            self.add_assign(&x.product(side, y, other_side));
        }
    }

    fn scale(&self, scalar: &Self) -> Self {
        let factor = &scalar.entries[0];
        self.like(self.entries.iter().map(|x| x.clone() * factor.clone()).collect())
    }

    fn inner(&self, other: &Self) -> Self {
        Dense::scalar(T::dot(&self.entries, &other.entries))
    }

    fn transpose(&self) -> Self {
        self.transposed()
    }

    fn stack(&self, width: usize) -> Self {
        let at = |i: usize, j: usize| self.get(i % self.rows, i / self.rows * width + j).clone();
        Dense::from_fn(self.rows * (self.cols / width), width, at)
    }

    fn unstack(&self, height: usize) -> Self {
        let at = |i: usize, j: usize| self.get(j / self.cols * height + i, j % self.cols).clone();
        Dense::from_fn(height, self.cols * (self.rows / height), at)
    }

    fn gather(&self, chosen: &[Option<usize>]) -> Self {
        let at = |i: usize, j: usize| chosen[j].map_or_else(T::zero, |j| self.get(i, j).clone());
        Dense::from_fn(self.rows, chosen.len(), at)
    }

    fn scatter(&self, chosen: &[Option<usize>], cols: usize) -> Self {
        let mut out: Self = Dense::zeros(self.rows, cols);
        for i in 0..self.rows {
            for (x, j) in self.row(i).iter().zip(chosen).filter_map(|(x, j)| Some((x, (*j)?))) {
                let sum = &mut out.entries[i * cols + j];
                *sum = sum.clone() + x.clone();
            }
        }
        out
    }

    /// Gauss–Jordan elimination with the first non-zero pivot.
    fn inverse(&self) -> Result<Self, EvalError> {
        let n = self.rows;
        let mut rows: Vec<Vec<T>> = (0..n)
            .map(|i| {
                let unit = (0..n).map(|j| if i == j { T::one() } else { T::zero() });
                self.row(i).iter().cloned().chain(unit).collect()
            })
            .collect();
        for k in 0..n {
            let pivot = (k..n).find(|&i| !rows[i][k].is_zero()).ok_or(EvalError::Singular)?;
            rows.swap(k, pivot);
            let reciprocal = rows[k][k].reciprocal()?;
            for x in &mut rows[k][k..] {
                *x = x.clone() * reciprocal.clone();
            }
            let pivot_row = rows[k].clone();
            for (i, row) in rows.iter_mut().enumerate() {
                if i != k && !row[k].is_zero() {
                    let factor = row[k].clone();
                    for (x, p) in row[k..].iter_mut().zip(&pivot_row[k..]) {
                        *x = x.clone() - factor.clone() * p.clone();
                    }
                }
            }
        }
        Ok(self.like(rows.into_iter().flat_map(|row| row.into_iter().skip(n)).collect()))
    }

    /// By elimination with the first pivot that is not zero.
    fn determinant(&self) -> Result<Self, EvalError> {
        let n = self.rows;
        let mut rows: Vec<Vec<T>> = (0..n).map(|i| self.row(i).to_vec()).collect();
        let mut product = T::one();
        for k in 0..n {
            let Some(pivot) = (k..n).find(|&i| !rows[i][k].is_zero()) else { return Ok(Dense::scalar(T::zero())) };
            if pivot != k {
                rows.swap(k, pivot);
                product = -product;
            }
            let (above, below) = rows.split_at_mut(k + 1);
            let first = &above[k];
            product = product * first[k].clone();
            let reciprocal = first[k].reciprocal()?;
            for row in below.iter_mut().filter(|row| !row[k].is_zero()) {
                let factor = row[k].clone() * reciprocal.clone();
                for (x, p) in row[k..].iter_mut().zip(&first[k..]) {
                    *x = x.clone() - factor.clone() * p.clone();
                }
            }
        }
        Ok(Dense::scalar(product))
    }

    fn diagonal(&self) -> Self {
        Dense::from_fn(self.rows, self.rows, |i, j| if i == j { self.entries[i].clone() } else { T::zero() })
    }

    fn diagonal_of(&self) -> Self {
        Dense::from_fn(self.rows, 1, |i, _| self.get(i, i).clone())
    }

    fn broadcast(&self, rows: usize, cols: usize) -> Self {
        let (tall, wide) = (self.rows > 1, self.cols > 1);
        Dense::from_fn(rows, cols, |i, j| self.get(if tall { i } else { 0 }, if wide { j } else { 0 }).clone())
    }

    fn reduce(&self, rows: usize, cols: usize) -> Self {
        let mut out = Self::zeros(rows, cols);
        let (tall, wide) = (rows > 1, cols > 1);
        for i in 0..self.rows {
            for j in 0..self.cols {
                let into = &mut out.entries[if tall { i * cols } else { 0 } + if wide { j } else { 0 }];
                *into = into.clone() + self.get(i, j).clone();
            }
        }
        out
    }

    fn column_max(&self, oracle: &T::Oracle) -> Self {
        let columns = self.transposed();
        Dense::from_fn(1, self.cols, |_, j| oracle.largest(columns.row(j)))
    }

    fn derivatives(
        &self,
        function: &Elementwise,
        from: usize,
        count: usize,
        oracle: &T::Oracle,
    ) -> Result<Vec<Self>, EvalError> {
        let mut all = vec![Vec::with_capacity(self.entries.len()); count];
        let mut out = vec![T::zero(); from + count];
        for x in &self.entries {
            function.derivatives(x, oracle, &mut out)?;
            for (entries, d) in all.iter_mut().zip(&out[from..]) {
                entries.push(d.clone());
            }
        }
        Ok(all.into_iter().map(|entries| self.like(entries)).collect())
    }
}
