//! The random matrices of the [sampler](crate::sample) as matrices of floats.

use crate::eval::{EvalError, Sizes};
use crate::group::{Family, GroupInstance};
use crate::sample::{self, Sampled};
use faer::Mat;
use rand::Rng;

/// A matrix of independent N(0, 1) entries, column by column.
pub fn gaussian(rows: usize, cols: usize, rng: &mut impl Rng) -> Mat<f64> {
    let mut out = Mat::zeros(rows, cols);
    for j in 0..cols {
        out.col_as_slice_mut(j).fill_with(|| f64::any(rng));
    }
    out
}

/// A random element of a group; `None` when the action names no element.
pub fn draw_group_element(
    group: &GroupInstance,
    sizes: &Sizes,
    rng: &mut impl Rng,
) -> Result<Option<Mat<f64>>, EvalError> {
    Ok(sample::element(group, sizes, rng)?.map(Mat::from))
}

/// A random element of a family of a group's Lie algebra.
pub fn draw_algebra_element(
    group: &GroupInstance,
    family: &Family,
    sizes: &Sizes,
    rng: &mut impl Rng,
) -> Result<Mat<f64>, EvalError> {
    Ok(sample::algebra_element(group, family, sizes, rng)?.into())
}
