//! A law against numbers: the residual of a statement at concrete parameters, and the verdict. What is measured comes from
//! differentiating the model and the declared maps automatically; no derived formula stands on both sides.

mod action;
mod checker;
mod curl;
mod damped;
mod drift;
mod flattest;
mod flow;
mod identity;
mod independent;
mod kernel;
mod law;
mod member;
mod motion;
mod noise;
mod orbit;
mod representation;
mod shared;
mod sharpness;
mod smooth;
mod spectral;
mod step;
mod symmetric;
mod trajectory;
mod transport;

pub use action::refute;
pub use checker::Checker;
pub use curl::has_curl;
pub use drift::{DRIFT, Drift, Drifts, Role, Run, flows, follow_laws};
pub use independent::independent;
pub use law::check_all;
pub use smooth::Void;
pub use spectral::{Asked, Bound, DENSE, Flat, Groups, Point, Spectral, spectrum};

pub use crate::numeric::TOLERANCE;

use crate::eval::{EvalError, mix};
use crate::model::SizeError;
use thiserror::Error;

/// How many instances are drawn before the evaluation is given up.
const ATTEMPTS: u64 = 32;

/// The outcome of checking one law at one instance.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Check {
    /// The id of the law.
    pub law: String,
    /// ‖lhs − rhs‖ / (‖lhs‖ + ‖rhs‖); infinite when the law could not be measured.
    pub residual: f64,
    pub tolerance: f64,
    pub passed: bool,
    /// Whether there is a residual; a law is not measured where that takes too much time or memory at the sizes asked for, or
    /// where the points it is about have no derivatives. The remark says why.
    pub measured: bool,
    /// The seed of the instance.
    pub seed: u64,
    /// What else was measured: `2 further flat directions not explained by the declared actions`.
    pub remark: Option<String>,
}

/// Concrete parameters at which a claimed equation fails.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// The claim, in words: `the output is equivariant`.
    pub claim: String,
    pub seed: u64,
    pub residual: f64,
}

/// Why something could not be measured.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum CheckError {
    #[error(transparent)]
    Eval(#[from] EvalError),
    /// The sizes do not fit the model, or its families are too many.
    #[error(transparent)]
    Size(#[from] SizeError),
    #[error("none of {attempts} random instances can be evaluated: {last}")]
    NoInstance { attempts: u64, last: EvalError },
    #[error("there is no action `{0}`")]
    UnknownAction(String),
    #[error("the group is finite and has no Lie algebra")]
    Finite,
    #[error("{0}")]
    Unmeasured(String),
    #[error("the dynamics `{0}` is not measured")]
    Dynamics(&'static str),
}

/// Measures at an instance of the given seed, or at others derived from it while the evaluation meets a singular point.
/// Returns the seed of the instance.
fn attempt<T>(seed: u64, mut measure: impl FnMut(u64) -> Result<T, EvalError>) -> Result<(u64, T), CheckError> {
    let mut last = EvalError::Singular;
    for k in 0..ATTEMPTS {
        let seed = if k == 0 { seed } else { mix(seed, k) };
        match measure(seed) {
            Ok(value) => return Ok((seed, value)),
            Err(error) if error.is_undefined() => last = error,
            Err(error) => return Err(error.into()),
        }
    }
    Err(CheckError::NoInstance { attempts: ATTEMPTS, last })
}
