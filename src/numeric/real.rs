//! The kinds of matrix that a measurement may be made with: floats, and floats that follow their rounding errors.

use crate::eval::{Matrix, Reals, summed};
use faer::{Mat, unzip, zip};

/// A matrix of real numbers.
pub trait Real: Matrix<Oracle = Reals> + From<Mat<f64>> + 'static {
    fn value(&self) -> &Mat<f64>;

    /// ‖E‖ for the matrix E of the rounding errors; 0 where they are not followed.
    fn rounding(&self) -> f64;

    /// ‖X‖.
    fn norm(&self) -> f64 {
        let x = self.value();
        root_of_sum(x, x, |x, y| x * y).unwrap_or_else(|| x.norm_l2())
    }

    /// The only entry of a 1×1 matrix.
    fn number(&self) -> f64 {
        self.value()[(0, 0)]
    }

    /// c X.
    fn times(&self, factor: f64) -> Self {
        self.scale(&Self::from(Mat::full(1, 1, factor)))
    }

    /// The same without a copy.
    fn into_times(self, factor: f64) -> Self {
        self.times(factor)
    }

    /// Adds c Y, for a 1×1 matrix c.
    fn add_scaled(&mut self, factor: &Self, other: &Self) {
        self.add_assign(&other.scale(factor));
    }

    /// a X + b Y.
    fn combined(&self, a: f64, other: &Self, b: f64) -> Self {
        self.times(a).add(&other.times(b))
    }

    /// ‖X − Y‖, and how far rounding may have moved it.
    fn apart(&self, other: &Self) -> (f64, f64) {
        let difference = self.sub(other);
        (difference.norm(), difference.rounding())
    }
}

impl Real for Mat<f64> {
    fn value(&self) -> &Mat<f64> {
        self
    }

    fn rounding(&self) -> f64 {
        0.0
    }

    fn into_times(mut self, factor: f64) -> Self {
        (0..self.ncols()).for_each(|j| self.col_as_slice_mut(j).iter_mut().for_each(|x| *x *= factor));
        self
    }

    fn add_scaled(&mut self, factor: &Self, other: &Self) {
        let factor = factor[(0, 0)];
        for j in 0..self.ncols() {
            let pairs = self.col_as_slice_mut(j).iter_mut().zip(other.col_as_slice(j));
            pairs.for_each(|(x, y)| *x += factor * y);
        }
    }

    fn combined(&self, a: f64, other: &Self, b: f64) -> Self {
        zip!(self, other).map(|unzip!(x, y)| a * x + b * y)
    }

    fn apart(&self, other: &Self) -> (f64, f64) {
        let distance = root_of_sum(self, other, |x, y| (x - y) * (x - y));
        (distance.unwrap_or_else(|| (self - other).norm_l2()), 0.0)
    }
}

/// The root of the sum of f(x, y) over the entries of two matrices, where squares are neither too small nor too large for floats.
fn root_of_sum(x: &Mat<f64>, y: &Mat<f64>, square: impl Fn(f64, f64) -> f64) -> Option<f64> {
    let sum = summed(x, y, square);
    (sum > 1e-200 && sum < 1e200).then(|| sum.sqrt())
}
