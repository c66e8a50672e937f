//! How far terms are from adding up to zero, relative to their size.

use crate::eval::{CANCELLED, EvalError};
use faer::Mat;

/// The largest residual that passes.
pub const TOLERANCE: f64 = 1e-9;

/// Terms of one shape that add up to zero when an equation holds.
#[derive(Default, Debug)]
pub struct Balance {
    sum: Option<Mat<f64>>,
    contributions: f64,
    terms: usize,
}

impl Balance {
    /// Adds a term.
    pub fn add(&mut self, sign: f64, term: Mat<f64>) {
        let norm = term.norm_l2();
        self.contributions += norm;
        self.terms += usize::from(norm > 0.0);
        let term = term * faer::Scale(sign);
        self.sum = Some(match self.sum.take() {
            Some(sum) => sum + term,
            None => term,
        });
    }

    /// ‖Σ cᵢ‖ / Σ ‖cᵢ‖. Where a single term is to vanish, or all of them do to within rounding, the sum is compared to
    /// the natural scale of the terms instead.
    ///
    /// # Errors
    /// When a term is not finite, or the natural scale cannot be measured.
    pub fn residual(&self, natural: impl FnOnce() -> Result<f64, EvalError>) -> Result<f64, EvalError> {
        let difference = self.sum.as_ref().map_or(0.0, Mat::norm_l2);
        if !difference.is_finite() || !self.contributions.is_finite() {
            return Err(EvalError::Singular);
        }
        if difference == 0.0 || (self.terms > 1 && difference <= TOLERANCE * self.contributions) {
            return Ok(if difference == 0.0 { 0.0 } else { difference / self.contributions });
        }
        let natural = natural()?;
        let vanish = self.terms == 1 || self.contributions < CANCELLED * natural;
        Ok(difference / if vanish { natural.max(self.contributions) } else { self.contributions })
    }
}
