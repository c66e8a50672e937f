//! Floating-point matrices: faer's, with products by its kernels.

use super::arbitrary::{arbitrary, centred};
use super::exponential::{exp, exp_of};
use super::matrix::{Matrix, Side};
use super::number::{Number, Oracle, Transcendental};
use super::pieces::Pieces;
use super::{Dense, Elementwise, EvalError};
use crate::term::{Equation, Parity, Rational};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};
use num_traits::ToPrimitive;

/// The true elementary functions, and one fixed generic function for each name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reals;

impl Number for f64 {
    type Oracle = Reals;

    fn from_integer(n: i64) -> f64 {
        n as f64
    }

    fn from_rational(q: &Rational) -> Result<f64, EvalError> {
        match (q.numer().to_i64(), q.denom().to_i64()) {
            (Some(n), Some(d)) => Ok(n as f64 / d as f64),
            _ => q.to_f64().ok_or_else(|| EvalError::Unsupported(q.to_string())),
        }
    }

    fn reciprocal(&self) -> Result<f64, EvalError> {
        if *self == 0.0 { Err(EvalError::Singular) } else { Ok(1.0 / self) }
    }
}

impl From<Dense<f64>> for Mat<f64> {
    fn from(x: Dense<f64>) -> Mat<f64> {
        Mat::from_fn(x.rows(), x.cols(), |i, j| *x.get(i, j))
    }
}

impl From<&Mat<f64>> for Dense<f64> {
    fn from(x: &Mat<f64>) -> Dense<f64> {
        Dense::from_fn(x.nrows(), x.ncols(), |i, j| x[(i, j)])
    }
}

impl Oracle<f64> for Reals {
    fn is_positive(&self, x: &f64) -> Result<bool, EvalError> {
        Ok(*x > 0.0)
    }

    fn value(&self, function: Transcendental, x: &f64) -> Result<f64, EvalError> {
        let x = *x;
        Ok(match function {
            Transcendental::Exp => exp(x),
            Transcendental::Log if x <= 0.0 => return Err(EvalError::Logarithm),
            Transcendental::Log => x.ln(),
            Transcendental::Tanh => x.tanh(),
            Transcendental::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Transcendental::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
            Transcendental::Sin => x.sin(),
            Transcendental::Cos => x.cos(),
            Transcendental::Pi => std::f64::consts::PI,
            Transcendental::NormalCdf => 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2),
            Transcendental::NormalPdf => (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt(),
        })
    }

    fn power(&self, x: &f64, q: &Rational) -> Result<f64, EvalError> {
        if *x < 0.0 {
            return Err(EvalError::ROOTLESS);
        }
        let q = f64::from_rational(q)?;
        if *x == 0.0 && q < 0.0 {
            return Err(EvalError::Singular);
        }
        Ok(if q == 0.5 {
            x.sqrt()
        } else if q == -0.5 {
            x.sqrt().recip()
        } else {
            x.powf(q)
        })
    }

    fn generic(&self, stream: u64, parity: Parity, x: &f64, out: &mut [f64]) -> Result<(), EvalError> {
        arbitrary(self, |x| x, stream, parity, x, out)
    }

    fn constant(&self, stream: u64, index: usize, terms: usize) -> f64 {
        centred(stream, index as u64) * (3.0 / terms as f64).sqrt()
    }

    fn largest(&self, xs: &[f64]) -> f64 {
        xs.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }
}

fn sided(x: &Mat<f64>, side: Side) -> MatRef<'_, f64> {
    match side {
        Side::Plain => x.as_ref(),
        Side::Transposed => x.transpose(),
    }
}

/// From how many multiplications on a factor is looked at before it is multiplied with.
const LOOKED_AT: usize = 1 << 20;

/// Where the only entry of each row stands, if no row has two, as in diagonal matrices and permutations.
fn single_entries(x: &Mat<f64>, side: Side) -> Option<Vec<Option<(usize, f64)>>> {
    let rows = if side == Side::Plain { x.nrows() } else { x.ncols() };
    let mut single = vec![None; rows];
    for j in 0..x.ncols() {
        for (start, part) in x.col_as_slice(j).chunks(LANES).enumerate() {
            if part.iter().fold(true, |zero, x| zero & (*x == 0.0)) {
                continue;
            }
            for (i, &entry) in part.iter().enumerate().filter(|(_, x)| **x != 0.0) {
                let (row, col) = if side == Side::Plain { (start * LANES + i, j) } else { (j, start * LANES + i) };
                if single[row].replace((col, entry)).is_some() {
                    return None;
                }
            }
        }
    }
    Some(single)
}

/// A large product of which one factor only moves and scales the rows or columns of the other.
fn moved(x: &Mat<f64>, x_side: Side, y: &Mat<f64>, y_side: Side) -> Option<Mat<f64>> {
    let (a, b) = (sided(x, x_side), sided(y, y_side));
    let (rows, cols) = (a.nrows(), b.ncols());
    if rows.saturating_mul(cols).saturating_mul(a.ncols()) < LOOKED_AT || a.ncols() == 1 {
        return None;
    }
    if let Some(from) = single_entries(x, x_side) {
        let mut out = Mat::zeros(rows, cols);
        for j in 0..cols {
            for (out, from) in out.col_as_slice_mut(j).iter_mut().zip(&from) {
                *out = from.map_or(0.0, |(k, entry)| entry * b[(k, j)]);
            }
        }
        return Some(out);
    }
    let from = single_entries(y, y_side.other())?;
    let mut out = Mat::zeros(rows, cols);
    for (j, from) in from.into_iter().enumerate() {
        let Some((k, entry)) = from else { continue };
        match x_side {
            Side::Plain => {
                let pairs = out.col_as_slice_mut(j).iter_mut().zip(x.col_as_slice(k));
                pairs.for_each(|(out, x)| *out = entry * x);
            }
            Side::Transposed => {
                out.col_as_slice_mut(j).iter_mut().enumerate().for_each(|(i, out)| *out = entry * a[(i, k)]);
            }
        }
    }
    Some(out)
}

/// The inverse of a large matrix with one entry in each row and column.
fn moved_back(x: &Mat<f64>) -> Option<Result<Mat<f64>, EvalError>> {
    let n = x.nrows();
    if n.saturating_pow(3) < LOOKED_AT {
        return None;
    }
    let from = single_entries(x, Side::Plain)?;
    let mut inverse = Mat::zeros(n, n);
    let mut met = vec![false; n];
    for (i, entry) in from.into_iter().enumerate() {
        match entry.filter(|(j, _)| !met[*j]) {
            Some((j, entry)) => (met[j], inverse[(j, i)]) = (true, entry.recip()),
            None => return Some(Err(EvalError::Singular)),
        }
    }
    Some(if inverse.is_all_finite() { Ok(inverse) } else { Err(EvalError::Singular) })
}

/// In how many sums a long one is taken, each of which the machine may do beside the others.
const LANES: usize = 16;

/// A long sum on its way.
#[derive(Default)]
struct Lanes {
    sums: [f64; LANES],
    rest: f64,
}

impl Lanes {
    fn add(&mut self, x: &[f64], y: &[f64], term: impl Fn(f64, f64) -> f64) {
        let (x, y) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
        self.rest += x.remainder().iter().zip(y.remainder()).map(|(x, y)| term(*x, *y)).sum::<f64>();
        for (x, y) in x.zip(y) {
            self.sums.iter_mut().zip(x.iter().zip(y)).for_each(|(sum, (x, y))| *sum += term(*x, *y));
        }
    }

    fn total(&self) -> f64 {
        self.sums.iter().sum::<f64>() + self.rest
    }
}

/// Σ f(Xᵢⱼ, Yᵢⱼ).
pub fn summed(x: &Mat<f64>, y: &Mat<f64>, term: impl Fn(f64, f64) -> f64) -> f64 {
    let mut lanes = Lanes::default();
    for j in 0..x.ncols() {
        lanes.add(x.col_as_slice(j), y.col_as_slice(j), &term);
    }
    lanes.total()
}

/// Σ xᵢ yᵢ.
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut lanes = Lanes::default();
    lanes.add(x, y, |x, y| x * y);
    lanes.total()
}

fn scalar(value: f64) -> Mat<f64> {
    Mat::full(1, 1, value)
}

impl Matrix for Mat<f64> {
    type Oracle = Reals;

    fn rows(&self) -> usize {
        self.nrows()
    }

    fn cols(&self) -> usize {
        self.ncols()
    }

    fn constant(rows: usize, cols: usize, value: &Rational) -> Result<Self, EvalError> {
        Ok(Mat::full(rows, cols, f64::from_rational(value)?))
    }

    fn identity(n: usize) -> Self {
        Mat::identity(n, n)
    }

    fn turn(n: usize) -> Self {
        Mat::from_fn(n, n, |i, j| match (i ^ 1 == j, i < j) {
            (false, _) => 0.0,
            (true, false) => 1.0,
            (true, true) => -1.0,
        })
    }

    fn offset(rows: usize, cols: usize, by: isize) -> Self {
        Mat::from_fn(rows, cols, |i, j| if i as isize == j as isize + by { 1.0 } else { 0.0 })
    }

    fn selection(rows: usize, ones: &[Option<usize>]) -> Self {
        Mat::from_fn(rows, ones.len(), |i, j| if ones[j] == Some(i) { 1.0 } else { 0.0 })
    }

    fn generic(rows: usize, cols: usize, stream: u64, oracle: &Reals) -> Self {
        Mat::from_fn(rows, cols, |i, j| oracle.constant(stream, i * cols + j, rows.min(cols)))
    }

    fn add(&self, other: &Self) -> Self {
        self + other
    }

    fn add_assign(&mut self, other: &Self) {
        *self += other;
    }

    fn sub(&self, other: &Self) -> Self {
        self - other
    }

    fn neg(&self) -> Self {
        -self
    }

    fn hadamard(&self, other: &Self) -> Self {
        let mut out = self.clone();
        out.hadamard_assign(other);
        out
    }

    fn hadamard_assign(&mut self, other: &Self) {
        for j in 0..self.ncols() {
            self.col_as_slice_mut(j).iter_mut().zip(other.col_as_slice(j)).for_each(|(x, y)| *x *= y);
        }
    }

    fn product(&self, side: Side, other: &Self, other_side: Side) -> Self {
        let (a, b) = (sided(self, side), sided(other, other_side));
        if let Some(moved) = moved(self, side, other, other_side) {
            return moved;
        }
        let mut out = Mat::zeros(a.nrows(), b.ncols());
        matmul(out.as_mut(), Accum::Replace, a, b, 1.0, Par::Seq);
        out
    }

    fn add_product(&mut self, x: &Self, side: Side, y: &Self, other_side: Side) {
        match moved(x, side, y, other_side) {
            Some(moved) => *self += moved,
            None => matmul(self.as_mut(), Accum::Add, sided(x, side), sided(y, other_side), 1.0, Par::Seq),
        }
    }

    fn dots(&self, other: &Self, rows: usize, cols: usize) -> Self {
        let mut out = Mat::zeros(rows, cols);
        let (tall, wide) = (rows > 1, cols > 1);
        for j in 0..self.ncols() {
            let (x, y) = (self.col_as_slice(j), other.col_as_slice(j));
            let into = out.col_as_slice_mut(if wide { j } else { 0 });
            if tall {
                into.iter_mut().zip(x.iter().zip(y)).for_each(|(sum, (x, y))| *sum += x * y);
            } else {
                into[0] += dot(x, y);
            }
        }
        out
    }

    fn scale(&self, scalar: &Self) -> Self {
        self * faer::Scale(scalar[(0, 0)])
    }

    fn inner(&self, other: &Self) -> Self {
        scalar(summed(self, other, |x, y| x * y))
    }

    fn transpose(&self) -> Self {
        Mat::transpose(self).to_owned()
    }

    fn stack(&self, width: usize) -> Self {
        let (rows, cols) = self.shape();
        Mat::from_fn(rows * (cols / width), width, |i, j| self[(i % rows, i / rows * width + j)])
    }

    fn unstack(&self, height: usize) -> Self {
        let (rows, cols) = self.shape();
        Mat::from_fn(height, cols * (rows / height), |i, j| self[(j / cols * height + i, j % cols)])
    }

    fn gather(&self, chosen: &[Option<usize>]) -> Self {
        Mat::from_fn(self.nrows(), chosen.len(), |i, j| chosen[j].map_or(0.0, |j| self[(i, j)]))
    }

    fn scatter(&self, chosen: &[Option<usize>], cols: usize) -> Self {
        let mut out = Mat::zeros(self.nrows(), cols);
        for (from, to) in chosen.iter().enumerate().filter_map(|(from, to)| Some((from, (*to)?))) {
            for i in 0..self.nrows() {
                out[(i, to)] += self[(i, from)];
            }
        }
        out
    }

    fn inverse(&self) -> Result<Self, EvalError> {
        use faer::linalg::solvers::DenseSolveCore;
        if let Some(inverse) = moved_back(self) {
            return inverse;
        }
        let inverse = self.partial_piv_lu().inverse();
        if inverse.is_all_finite() { Ok(inverse) } else { Err(EvalError::Singular) }
    }

    fn determinant(&self) -> Result<Self, EvalError> {
        Ok(Mat::full(1, 1, self.as_ref().determinant()))
    }

    fn diagonal(&self) -> Self {
        let n = self.nrows();
        let mut out = Mat::zeros(n, n);
        for i in 0..n {
            out[(i, i)] = self[(i, 0)];
        }
        out
    }

    fn diagonal_of(&self) -> Self {
        Mat::from_fn(self.nrows(), 1, |i, _| self[(i, i)])
    }

    fn broadcast(&self, rows: usize, cols: usize) -> Self {
        let (tall, wide) = (self.nrows() > 1, self.ncols() > 1);
        Mat::from_fn(rows, cols, |i, j| self[(if tall { i } else { 0 }, if wide { j } else { 0 })])
    }

    fn reduce(&self, rows: usize, cols: usize) -> Self {
        let mut out = Mat::zeros(rows, cols);
        let (tall, wide) = (rows > 1, cols > 1);
        for j in 0..self.ncols() {
            let column = self.col_as_slice(j);
            let into = out.col_as_slice_mut(if wide { j } else { 0 });
            if tall {
                into.iter_mut().zip(column).for_each(|(sum, x)| *sum += x);
            } else {
                into[0] += column.iter().sum::<f64>();
            }
        }
        out
    }

    fn column_max(&self, oracle: &Reals) -> Self {
        Mat::from_fn(1, self.ncols(), |_, j| oracle.largest(self.col_as_slice(j)))
    }

    fn derivatives(
        &self,
        function: &Elementwise,
        from: usize,
        count: usize,
        oracle: &Reals,
    ) -> Result<Vec<Self>, EvalError> {
        if *function == Elementwise::Solution(Equation::Exp) {
            let mut values = Mat::zeros(self.nrows(), self.ncols());
            (0..self.ncols()).for_each(|j| exp_of(self.col_as_slice(j), values.col_as_slice_mut(j)));
            return Ok(vec![values; count]);
        }
        let mut all = vec![Mat::zeros(self.nrows(), self.ncols()); count];
        if let Some(pieces) = Pieces::of(function)? {
            all.iter_mut().zip(from..).for_each(|(into, order)| pieces.derivative(order as u32, self, into));
            return Ok(all);
        }
        let mut out = vec![0.0; from + count];
        for j in 0..self.ncols() {
            for (i, x) in self.col_as_slice(j).iter().enumerate() {
                function.derivatives(x, oracle, &mut out)?;
                for (matrix, d) in all.iter_mut().zip(&out[from..]) {
                    matrix[(i, j)] = *d;
                }
            }
        }
        Ok(all)
    }

    fn zeros(rows: usize, cols: usize) -> Self {
        Mat::zeros(rows, cols)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: usize = 130;

    fn dense(rows: usize, cols: usize) -> Mat<f64> {
        Mat::from_fn(rows, cols, |i, j| centred(i as u64, j as u64))
    }

    /// Row i has its entry in column (7 i) mod N, but for one row of zeros where it is singular.
    fn moving(singular: bool) -> Mat<f64> {
        let mut moving = Mat::zeros(N, N);
        for i in usize::from(singular)..N {
            moving[(i, 7 * i % N)] = centred(1, i as u64);
        }
        moving
    }

    #[test]
    fn moving_rows_and_columns_is_multiplying() {
        use Side::{Plain, Transposed};
        let x = dense(N, N);
        for moving in [moving(false), moving(true), Mat::identity(N, N)] {
            for (side, m) in [(Plain, moving.clone()), (Transposed, moving.transpose().to_owned())] {
                assert!(single_entries(&moving, side).is_some());
                let (left, right) = (moving.product(side, &x, Plain), x.product(Plain, &moving, side));
                let mut expected = Mat::zeros(N, N);
                matmul(expected.as_mut(), Accum::Replace, m.as_ref(), x.as_ref(), 1.0, Par::Seq);
                assert!((left - &expected).norm_max() < 1e-14);
                matmul(expected.as_mut(), Accum::Replace, x.as_ref(), m.as_ref(), 1.0, Par::Seq);
                assert!((right - &expected).norm_max() < 1e-14);
            }
        }
        assert!(single_entries(&x, Plain).is_none() && single_entries(&x, Transposed).is_none());
        let inverse = moving(false).inverse().expect("regular");
        assert!((moving(false).product(Plain, &inverse, Plain) - Mat::<f64>::identity(N, N)).norm_max() < 1e-14);
        assert_eq!(moving(true).inverse().err(), Some(EvalError::Singular));
    }
}
