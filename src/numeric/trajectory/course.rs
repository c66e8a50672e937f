//! What a trajectory is: what is asked for, its moments, and why it ends.

use super::field::Coefficients;
use crate::eval::EvalError;
use crate::model::{Dynamics, Potential};
use crate::term::Symbol;
use faer::Mat;
use thiserror::Error;

/// A trajectory that is asked for. It starts at the parameters of the instance.
#[derive(Clone)]
pub struct Course<'a> {
    pub dynamics: Dynamics,
    pub coefficients: Coefficients,
    /// Those of a mirror flow, by parameter.
    pub potentials: Vec<(Symbol, Potential)>,
    /// θ̇ at the start; read by the heavy ball only.
    pub velocity: Vec<Mat<f64>>,
    /// When the state is wanted, increasing from 0: times, or for a discrete dynamics numbers of steps.
    pub times: Vec<f64>,
    /// Of the noise of a stochastic gradient.
    pub seed: u64,
    /// The most gradients that are computed.
    pub evaluations: usize,
    /// A projection onto a subspace of parameter space that is applied to θ wherever the gradient is taken. On the
    /// subspace it changes nothing, and away from it errors of rounding are not amplified.
    pub projection: Option<Projection<'a>>,
}

/// A linear projection of parameter space.
pub type Projection<'a> = &'a (dyn Fn(&[Mat<f64>]) -> Result<Vec<Mat<f64>>, EvalError> + Sync);

impl Course<'_> {
    /// The point at which the gradient is taken.
    pub(super) fn projected(&self, theta: &[Mat<f64>]) -> Result<Vec<Mat<f64>>, EvalError> {
        self.projection.map_or_else(|| Ok(theta.to_vec()), |project| project(theta))
    }
}

/// The state at one time.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The time, or the number of steps taken.
    pub time: f64,
    pub theta: Vec<Mat<f64>>,
    /// ∇L, at the projection of θ where there is one.
    pub gradient: Vec<Mat<f64>>,
    /// θ̇ where time is continuous; −∇L where it is not.
    pub velocity: Vec<Mat<f64>>,
    /// For a stochastic gradient: the noises from which the step is drawn, which add up to zero.
    pub noises: Vec<Vec<Mat<f64>>>,
    /// What the integrand has accumulated since the start.
    pub sums: Vec<f64>,
}

/// What is accumulated along a trajectory beside the state: integrated by the same solver with the same control of the
/// error, or summed over the steps.
pub trait Integrand {
    /// How many numbers it is.
    fn size(&self) -> usize;

    /// Their rates of change, or what one step from here adds to them.
    fn rate(&self, at: &Moment) -> Result<Vec<f64>, EvalError>;
}

/// The states of a trajectory at the times that were asked for, as far as it goes.
#[derive(Clone, Debug)]
pub struct Trajectory {
    pub moments: Vec<Moment>,
    /// Why it ends early.
    pub stopped: Option<Stopped>,
}

/// Why a trajectory cannot be followed further.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Stopped {
    #[error("the trajectory grows without bound near {0}")]
    BlowUp(Instant),
    /// The steps no longer get ahead, as where the gradient jumps and holds the trajectory between its two sides.
    #[error("at {0} the trajectory is held by a kink of L")]
    Kink(Instant),
    #[error("the motion is too stiff to be followed beyond {0}")]
    Stiff(Instant),
    #[error("{evaluations} gradients take it only as far as {at}")]
    Work { at: Instant, evaluations: usize },
    #[error("the loss has no gradient at {at}: {error}")]
    Undefined { at: Instant, error: EvalError },
}

/// A time or a number of steps, as it is printed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Instant {
    Time(f64),
    Step(f64),
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Instant::Time(t) => write!(f, "t = {t:.3}"),
            Instant::Step(k) => write!(f, "step {k}"),
        }
    }
}

/// A state this many times as large as the start has left every bounded region.
const UNBOUNDED: f64 = 1e8;

/// Whether a state is too large to be followed.
pub(super) fn unbounded(state: &[f64], start: f64) -> bool {
    let norm = norm(state);
    !norm.is_finite() || norm > UNBOUNDED * (1.0 + start)
}

pub(super) fn norm(state: &[f64]) -> f64 {
    state.iter().map(|x| x * x).sum::<f64>().sqrt()
}
