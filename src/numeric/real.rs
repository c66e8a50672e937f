//! The kinds of matrix that a measurement may be made with: floats, and floats that follow their rounding errors.

use crate::eval::{Matrix, Reals};
use faer::Mat;

/// A matrix of real numbers.
pub trait Real: Matrix<Oracle = Reals> + From<Mat<f64>> + 'static {
    fn value(&self) -> &Mat<f64>;

    /// ‖E‖ for the matrix E of the rounding errors; 0 where they are not followed.
    fn rounding(&self) -> f64;

    /// ‖X‖.
    fn norm(&self) -> f64 {
        self.value().norm_l2()
    }

    /// The only entry of a 1×1 matrix.
    fn number(&self) -> f64 {
        self.value()[(0, 0)]
    }

    /// c X.
    fn times(&self, factor: f64) -> Self {
        self.scale(&Self::from(Mat::full(1, 1, factor)))
    }
}

impl Real for Mat<f64> {
    fn value(&self) -> &Mat<f64> {
        self
    }

    fn rounding(&self) -> f64 {
        0.0
    }
}
