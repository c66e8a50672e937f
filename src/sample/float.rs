//! Floats: well conditioned, by the factorizations of faer.

use super::build::{diagonal, filled};
use super::number::Sampled;
use crate::eval::{Dense, Matrix, Side};
use faer::Mat;
use rand::Rng;
use rand_distr::StandardNormal;

/// How badly conditioned a drawn matrix may be, as a multiple of its size; a matrix of normal numbers rarely is as bad.
const CONDITION: f64 = 1e4;

/// How a given matrix of single precision may differ from what it is declared to be, relative to its size.
const ROUNDING: f64 = 1e-6;

impl Sampled for f64 {
    /// N(0, 1).
    fn any(rng: &mut impl Rng) -> f64 {
        rng.sample(StandardNormal)
    }

    fn positive(rng: &mut impl Rng) -> f64 {
        f64::any(rng).abs() + 0.1
    }

    fn scaling(rng: &mut impl Rng) -> f64 {
        (0.5 * f64::any(rng)).exp()
    }

    /// Haar distributed: Q of a Gaussian matrix with the signs of R's diagonal moved into it.
    fn orthogonal(n: usize, rng: &mut impl Rng) -> Dense<f64> {
        let qr = Mat::from(filled(n, n, || f64::any(rng))).qr();
        let (q, r) = (qr.compute_thin_Q(), qr.thin_R());
        Dense::from_fn(n, n, |i, j| if r[(j, j)] < 0.0 { -q[(i, j)] } else { q[(i, j)] })
    }

    fn rotation(n: usize, rng: &mut impl Rng) -> Dense<f64> {
        oriented(f64::orthogonal(n, rng)).0
    }

    /// On either side of determinant zero: two orthogonal matrices around a positive diagonal.
    fn invertible(n: usize, rng: &mut impl Rng) -> Dense<f64> {
        let (left, right) = (f64::orthogonal(n, rng), f64::orthogonal(n, rng));
        let middle = diagonal(n, || (0.4 * f64::any(rng)).exp());
        left.product(Side::Plain, &middle, Side::Plain).product(Side::Plain, &right, Side::Plain)
    }

    fn unimodular(n: usize, rng: &mut impl Rng) -> Dense<f64> {
        let (g, determinant) = oriented(f64::invertible(n, rng));
        let factor = determinant.powf(-1.0 / n as f64);
        Dense::from_fn(n, n, |i, j| g.get(i, j) * factor)
    }

    fn is_regular(x: &Dense<f64>) -> bool {
        let norm = |x: &Dense<f64>| x.entries().iter().map(|x| x * x).sum::<f64>().sqrt();
        match Mat::inverse(&Mat::from(x.clone())) {
            Ok(inverse) => norm(x) * norm(&Dense::from(&inverse)) < CONDITION * x.rows() as f64,
            Err(_) => false,
        }
    }

    /// Its smallest singular value is not rounding error.
    fn is_invertible(x: &Dense<f64>) -> bool {
        match Mat::from(x.clone()).singular_values() {
            Ok(values) => values
                .first()
                .zip(values.last())
                .is_none_or(|(largest, least)| *least > f64::EPSILON * x.rows() as f64 * largest),
            Err(_) => false,
        }
    }

    fn may_be_positive(&self) -> bool {
        *self > 0.0
    }

    fn is_near(&self, other: &f64, size: f64) -> bool {
        (self - other).abs() <= ROUNDING * (1.0 + size)
    }

    fn size(x: &Dense<f64>) -> f64 {
        x.entries().iter().fold(0.0, |most, x| most.max(x.abs()))
    }
}

/// The matrix with its first column turned round where its determinant is negative, and the determinant that it has then.
fn oriented(g: Dense<f64>) -> (Dense<f64>, f64) {
    let determinant = Mat::from(g.clone()).determinant();
    if determinant >= 0.0 {
        return (g, determinant);
    }
    (Dense::from_fn(g.rows(), g.cols(), |i, j| if j == 0 { -g.get(i, j) } else { *g.get(i, j) }), -determinant)
}
