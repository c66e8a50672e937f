//! A spectrum beside what the laws say of it, in each format.

mod json;
#[cfg(feature = "flow")]
mod plot;
mod text;

use super::phrase;
use crate::Report;
use crate::check::Spectral;

/// What is said about a spectrum.
pub struct SpectrumReport<'a> {
    /// The model and its laws.
    pub report: &'a Report,
    pub found: &'a Spectral,
    /// Whether the parameters were given.
    pub given: bool,
}

impl SpectrumReport<'_> {
    /// Every eigenvalue that is known, one line for each: its number from the largest on, its value, and whether it is one of those
    /// that are 0 as far as can be told.
    pub fn csv(&self) -> String {
        let mut out = String::from("index,eigenvalue,zero\n");
        let zero = self.found.flat.as_ref().map(|flat| flat.zero);
        for (k, value) in self.found.eigenvalues.iter().enumerate() {
            let is_zero = zero.map_or("", |zero| if value.abs() <= zero { "1" } else { "0" });
            out.push_str(&format!("{},{value:e},{is_zero}\n", k + 1));
        }
        out
    }

    /// Where the spectrum was taken.
    fn place(&self) -> String {
        let point = &self.found.point;
        let of = match (&point.symmetric, self.given) {
            (Some(action), _) => format!("parameters averaged over the group of {action}"),
            (None, true) => "given parameters".into(),
            (None, false) => "random parameters".into(),
        };
        let seed = self.report.seed;
        match (&point.trained, point.planted) {
            (Some((steps, loss, gradient)), _) => format!(
                "after {steps} steps of training from {of}, seed {seed}: L from {loss:.4} to {:.4e}, ‖∇L‖ from {gradient:.1e} to {}",
                point.loss,
                phrase::residual(point.gradient)
            ),
            (None, true) => {
                format!(
                    "at {of}, seed {seed}, with the target at the output: ‖∇L‖ = {}",
                    phrase::residual(point.gradient)
                )
            }
            (None, false) => {
                format!("at {of}, seed {seed}: L = {:.4}, ‖∇L‖ = {}", point.loss, phrase::residual(point.gradient))
            }
        }
    }
}
