//! What a job is asked for, and why it could not be done.

use crate::check::CheckError;
use crate::rewrite::Limits;
use crate::term::Symbol;
use faer::Mat;

/// What a derivation is asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Sizes that replace the defaults of the model's dims.
    pub dims: Vec<(String, u64)>,
    pub seed: u64,
    pub limits: Limits,
    /// Whether actions are tested and laws measured at concrete numbers.
    pub checks: bool,
    /// Whether laws are also followed along integrated trajectories.
    pub flows: bool,
    /// Parameters and data in place of random ones.
    pub given: Vec<(Symbol, Mat<f64>)>,
}

/// Why a model could not be worked on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DeriveError {
    #[error("the model has no size `{0}`")]
    UnknownSize(String),
    #[error("the size `{0}` is too large for this machine")]
    TooLarge(String),
    #[error(transparent)]
    Check(#[from] CheckError),
}
