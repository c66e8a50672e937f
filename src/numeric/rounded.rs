//! Matrices of floats that know how far rounding may have moved them, by a statistical rounding error analysis (Higham and
//! Mary 2019): every operation adds an error of relative size u, errors are independent and propagate to first order. A
//! difference that is not larger than that is 0 as far as floats can tell.

use super::Real;
use crate::eval::{Elementwise, EvalError, Matrix, Reals, Side};
use crate::term::Rational;
use faer::Mat;

/// A matrix and, entry by entry, the size of its rounding error.
#[derive(Clone, Debug)]
pub struct Rounded {
    value: Mat<f64>,
    error: Mat<f64>,
}

/// By how much one operation rounds.
const UNIT: f64 = f64::EPSILON / 2.0;

/// The matrix of the numbers f(i, j).
fn each(rows: usize, cols: usize, f: impl Fn(usize, usize) -> f64) -> Mat<f64> {
    Mat::from_fn(rows, cols, f)
}

/// (x² + y²)^½; with care only where a square is too large or too small.
fn root(x: f64, y: f64) -> f64 {
    let sum = x * x + y * y;
    if (f64::MIN_POSITIVE / f64::EPSILON..f64::MAX).contains(&sum) || x == 0.0 && y == 0.0 {
        sum.sqrt()
    } else {
        x.hypot(y)
    }
}

fn hypot(x: &Mat<f64>, y: &Mat<f64>) -> Mat<f64> {
    each(x.nrows(), x.ncols(), |i, j| root(x[(i, j)], y[(i, j)]))
}

/// (Σₖ xᵢₖ² yₖⱼ²)^½, without overflow.
fn root_of_squares(x: &Mat<f64>, x_side: Side, y: &Mat<f64>, y_side: Side) -> Mat<f64> {
    let squares = |x: &Mat<f64>, size: f64| each(x.nrows(), x.ncols(), |i, j| (x[(i, j)] / size).powi(2));
    let (a, b) = (x.norm_max(), y.norm_max());
    if a == 0.0 || b == 0.0 || !a.is_finite() || !b.is_finite() {
        let product = x.product(x_side, y, y_side);
        return each(product.nrows(), product.ncols(), |_, _| if a == 0.0 || b == 0.0 { 0.0 } else { f64::INFINITY });
    }
    let product = squares(x, a).product(x_side, &squares(y, b), y_side);
    each(product.nrows(), product.ncols(), |i, j| a * b * product[(i, j)].sqrt())
}

impl Rounded {
    /// What an operation made, with the error that its operands passed on; it is rounded itself.
    fn made(value: Mat<f64>, passed_on: &Mat<f64>) -> Rounded {
        let error = each(value.nrows(), value.ncols(), |i, j| root(passed_on[(i, j)], UNIT * value[(i, j)]));
        Rounded { value, error }
    }

    /// The error with that of one more rounding, as a factor or a summand in a sum in which terms may cancel.
    fn used(&self) -> Mat<f64> {
        each(self.value.nrows(), self.value.ncols(), |i, j| root(self.error[(i, j)], UNIT * self.value[(i, j)]))
    }

    /// Sums of entries.
    fn summed(&self, sum: impl Fn(&Mat<f64>) -> Mat<f64>) -> Rounded {
        let (used, value) = (self.used(), sum(&self.value));
        let size = used.norm_max();
        let error = match size > 0.0 && size.is_finite() {
            true => {
                let squares = sum(&each(used.nrows(), used.ncols(), |i, j| (used[(i, j)] / size).powi(2)));
                each(value.nrows(), value.ncols(), |i, j| size * squares[(i, j)].sqrt())
            }
            false => Mat::full(value.nrows(), value.ncols(), size),
        };
        Rounded { value, error }
    }

    fn moved(&self, f: impl Fn(&Mat<f64>) -> Mat<f64>) -> Rounded {
        Rounded { value: f(&self.value), error: f(&self.error) }
    }
}

impl From<Mat<f64>> for Rounded {
    fn from(value: Mat<f64>) -> Rounded {
        let error = each(value.nrows(), value.ncols(), |i, j| UNIT * value[(i, j)].abs());
        Rounded { value, error }
    }
}

impl Real for Rounded {
    fn value(&self) -> &Mat<f64> {
        &self.value
    }

    fn rounding(&self) -> f64 {
        self.error.norm_l2()
    }
}

impl Matrix for Rounded {
    type Oracle = Reals;

    fn rows(&self) -> usize {
        self.value.nrows()
    }

    fn cols(&self) -> usize {
        self.value.ncols()
    }

    fn constant(rows: usize, cols: usize, value: &Rational) -> Result<Self, EvalError> {
        Ok(Mat::constant(rows, cols, value)?.into())
    }

    fn identity(n: usize) -> Self {
        Rounded { value: Mat::identity(n, n), error: Mat::zeros(n, n) }
    }

    fn turn(n: usize) -> Self {
        Rounded { value: Matrix::turn(n), error: Mat::zeros(n, n) }
    }

    fn offset(rows: usize, cols: usize, by: isize) -> Self {
        Rounded { value: Matrix::offset(rows, cols, by), error: Mat::zeros(rows, cols) }
    }

    fn selection(rows: usize, ones: &[Option<usize>]) -> Self {
        Rounded { value: Matrix::selection(rows, ones), error: Mat::zeros(rows, ones.len()) }
    }

    fn generic(rows: usize, cols: usize, stream: u64, oracle: &Reals) -> Self {
        Mat::generic(rows, cols, stream, oracle).into()
    }

    fn add(&self, other: &Self) -> Self {
        Rounded::made(&self.value + &other.value, &hypot(&self.error, &other.error))
    }

    fn add_assign(&mut self, other: &Self) {
        *self = self.add(other);
    }

    fn sub(&self, other: &Self) -> Self {
        Rounded::made(&self.value - &other.value, &hypot(&self.error, &other.error))
    }

    fn neg(&self) -> Self {
        Rounded { value: -&self.value, error: self.error.clone() }
    }

    fn hadamard(&self, other: &Self) -> Self {
        let (x, y) = (self.used(), &other.error);
        let error = |i: usize, j: usize| root(x[(i, j)] * other.value[(i, j)], self.value[(i, j)] * y[(i, j)]);
        Rounded { value: self.value.hadamard(&other.value), error: each(self.rows(), self.cols(), error) }
    }

    fn product(&self, side: Side, other: &Self, other_side: Side) -> Self {
        let left = root_of_squares(&self.used(), side, &other.value, other_side);
        let right = root_of_squares(&self.value, side, &other.error, other_side);
        Rounded { value: self.value.product(side, &other.value, other_side), error: hypot(&left, &right) }
    }

    fn scale(&self, scalar: &Self) -> Self {
        let (x, s, ds) = (self.used(), scalar.value[(0, 0)], scalar.error[(0, 0)]);
        let error = |i: usize, j: usize| root(x[(i, j)] * s, self.value[(i, j)] * ds);
        Rounded { value: self.value.scale(&scalar.value), error: each(self.rows(), self.cols(), error) }
    }

    fn inner(&self, other: &Self) -> Self {
        let error = self.hadamard(other).error.norm_l2();
        Rounded { value: self.value.inner(&other.value), error: Mat::full(1, 1, error) }
    }

    fn transpose(&self) -> Self {
        self.moved(Matrix::transpose)
    }

    fn stack(&self, width: usize) -> Self {
        self.moved(|x| x.stack(width))
    }

    fn unstack(&self, height: usize) -> Self {
        self.moved(|x| x.unstack(height))
    }

    fn gather(&self, chosen: &[Option<usize>]) -> Self {
        self.moved(|x| x.gather(chosen))
    }

    fn scatter(&self, chosen: &[Option<usize>], cols: usize) -> Self {
        self.summed(|x| x.scatter(chosen, cols))
    }

    /// From d det X = det X ⟨X⁻ᵀ, dX⟩.
    fn determinant(&self) -> Result<Self, EvalError> {
        let value = Matrix::determinant(&self.value)?;
        let slope = Matrix::inverse(&self.value)?.transpose().to_owned();
        let error = value[(0, 0)] * Matrix::hadamard(&slope, &self.used()).norm_l2();
        Ok(Rounded::made(value, &Mat::full(1, 1, error.abs())))
    }

    /// From d(X⁻¹) = −X⁻¹ dX X⁻¹.
    fn inverse(&self) -> Result<Self, EvalError> {
        let inverse = Matrix::inverse(&self.value)?;
        let once = root_of_squares(&inverse, Side::Plain, &self.used(), Side::Plain);
        let error = root_of_squares(&once, Side::Plain, &inverse, Side::Plain);
        Ok(Rounded::made(inverse, &error))
    }

    fn diagonal(&self) -> Self {
        self.moved(Matrix::diagonal)
    }

    fn diagonal_of(&self) -> Self {
        self.moved(Matrix::diagonal_of)
    }

    fn broadcast(&self, rows: usize, cols: usize) -> Self {
        self.moved(|x| x.broadcast(rows, cols))
    }

    fn reduce(&self, rows: usize, cols: usize) -> Self {
        self.summed(|x| x.reduce(rows, cols))
    }

    /// What is subtracted of all entries alike, and cancels.
    fn column_max(&self, oracle: &Reals) -> Self {
        Rounded { value: self.value.column_max(oracle), error: Mat::zeros(1, self.cols()) }
    }

    /// An error of the argument is multiplied by the next derivative, where there is one.
    fn derivatives(
        &self,
        function: &Elementwise,
        from: usize,
        count: usize,
        oracle: &Reals,
    ) -> Result<Vec<Self>, EvalError> {
        let slopes = self.value.derivatives(function, from + 1, count, oracle).ok();
        let values = self.value.derivatives(function, from, count, oracle)?;
        let error = |k: usize, i: usize, j: usize| match &slopes {
            Some(slopes) => (slopes[k][(i, j)] * self.error[(i, j)]).abs(),
            None => 0.0,
        };
        let passed_on = |k: usize| each(self.rows(), self.cols(), |i, j| error(k, i, j));
        Ok(values.into_iter().enumerate().map(|(k, value)| Rounded::made(value, &passed_on(k))).collect())
    }

    fn zeros(rows: usize, cols: usize) -> Self {
        Rounded { value: Mat::zeros(rows, cols), error: Mat::zeros(rows, cols) }
    }
}

#[cfg(test)]
mod tests {
    use super::root;

    #[test]
    fn a_root_of_squares_neither_overflows_nor_vanishes() {
        for (x, y) in
            [(3.0, 4.0), (0.0, 0.0), (1e200, 1e200), (3e-200, -4e-200), (5e-324, 0.0), (f64::MAX, 1.0), (0.0, 1e-170)]
        {
            let expected = f64::hypot(x, y);
            assert!((root(x, y) - expected).abs() <= 1e-15 * expected, "{x} {y}: {}", root(x, y));
        }
        assert!(root(f64::NAN, 1.0).is_nan() && root(f64::INFINITY, 1.0).is_infinite());
    }
}
