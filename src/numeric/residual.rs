//! How far a difference is from zero, relative to the size of what it is the difference of.

use super::Real;
use crate::eval::EvalError;
use faer::Mat;

/// The largest residual that passes.
pub const TOLERANCE: f64 = 1e-9;

/// By how much rounding errors that are not independent may exceed what independent ones come to.
const DEPENDENCE: f64 = 64.0;

/// `difference` relative to `size`. Where all terms are 0 but for rounding, there is nothing it could be relative to: what is not
/// larger than `rounding` allows is relative to the size of the terms that cancel instead, of which `rounding` is the last
/// digit.
///
/// # Errors
/// When one of them is not finite.
pub fn residual(difference: f64, size: f64, rounding: f64) -> Result<f64, EvalError> {
    let finite = difference.is_finite() && size.is_finite() && rounding.is_finite();
    if finite { Ok(relative(difference, size, rounding)) } else { Err(EvalError::Overflow) }
}

/// The same for numbers that are finite.
pub fn relative(difference: f64, size: f64, rounding: f64) -> f64 {
    if difference == 0.0 {
        0.0
    } else if difference > TOLERANCE * size && is_rounding(difference, rounding) {
        difference / (DEPENDENCE * rounding) * f64::EPSILON
    } else {
        difference / size
    }
}

/// Whether rounding errors of that size may have made a difference.
pub fn is_rounding(difference: f64, rounding: f64) -> bool {
    difference <= DEPENDENCE * rounding
}

/// The norm of a tangent, ‖V‖² = Σ ‖Vᵢ‖².
pub fn norm<'a, M: Real>(v: impl IntoIterator<Item = &'a M>) -> f64 {
    v.into_iter().map(Real::norm).fold(0.0, f64::hypot)
}

/// The norm of the rounding errors of a tangent.
pub fn rounding<M: Real>(v: &[M]) -> f64 {
    v.iter().map(Real::rounding).fold(0.0, f64::hypot)
}

/// ‖U − V‖ / (‖U‖ + ‖V‖).
///
/// # Errors
/// When it is not finite.
pub fn distance<M: Real>(u: &[M], v: &[M]) -> Result<f64, EvalError> {
    let (difference, rounding) = apart(u, v);
    residual(difference, norm(u) + norm(v), rounding)
}

/// ‖U − V‖, and how far rounding may have moved it.
pub fn apart<M: Real>(u: &[M], v: &[M]) -> (f64, f64) {
    let each = u.iter().zip(v).map(|(u, v)| u.apart(v));
    each.fold((0.0, 0.0), |(norm, rounding), (n, r)| (norm.hypot(n), rounding.hypot(r)))
}

/// Terms of one shape that add up to zero when an equation holds.
#[derive(Debug)]
pub struct Balance<M = Mat<f64>> {
    sum: Option<M>,
    contributions: f64,
}

impl<M> Default for Balance<M> {
    fn default() -> Self {
        Balance { sum: None, contributions: 0.0 }
    }
}

impl<M: Real> Balance<M> {
    /// Adds a term.
    pub fn add(&mut self, factor: f64, term: M) {
        let term = if factor == 1.0 { term } else { term.into_times(factor) };
        self.contributions += term.norm();
        match &mut self.sum {
            Some(sum) => sum.add_assign(&term),
            none => *none = Some(term),
        }
    }

    /// ‖Σ cᵢ‖ / Σ ‖cᵢ‖.
    ///
    /// # Errors
    /// When a term is not finite.
    pub fn residual(&self) -> Result<f64, EvalError> {
        let Some(sum) = &self.sum else { return Ok(0.0) };
        residual(sum.norm(), self.contributions, sum.rounding())
    }
}

/// The same of tangents, which are large: they are added up where the first of them is.
#[derive(Debug)]
pub struct Combination<M> {
    sum: Vec<M>,
    size: f64,
}

impl<M: Real> Combination<M> {
    pub fn of(first: Vec<M>) -> Combination<M> {
        Combination { size: norm(&first), sum: first }
    }

    /// Adds c V, for a 1×1 matrix c.
    pub fn add<'a>(&mut self, c: &M, v: impl IntoIterator<Item = &'a M>) {
        let mut size = 0.0f64;
        for (sum, v) in self.sum.iter_mut().zip(v) {
            sum.add_scaled(c, v);
            size = size.hypot(v.norm());
        }
        self.size += c.norm() * size;
    }

    /// ‖Σ cᵢVᵢ‖ / Σ |cᵢ| ‖Vᵢ‖.
    ///
    /// # Errors
    /// When a term is not finite.
    pub fn residual(&self) -> Result<f64, EvalError> {
        residual(norm(&self.sum), self.size, rounding(&self.sum))
    }
}
