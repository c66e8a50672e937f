//! A trajectory that laws are followed along, and how they fare.

use crate::check::TOLERANCE;
use crate::check::checker::Checker;
use crate::kernel::{Law, Statement};
use crate::model::Dynamics;
use crate::numeric::stream;
use crate::numeric::trajectory::{Coefficients, Course, Stopped, is_discrete, potentials};
use faer::Scale;

/// The largest drift that passes where time is continuous; steps are exact, and are held to [`TOLERANCE`].
pub const DRIFT: f64 = 1e-7;

/// The most parameters that are integrated.
const LARGEST: usize = 1 << 12;

/// A trajectory that laws are followed along.
#[derive(Clone, Debug)]
pub struct Run {
    pub dynamics: Dynamics,
    pub coefficients: Coefficients,
    /// When the laws are looked at, increasing from 0: times, or for a discrete dynamics numbers of steps.
    pub times: Vec<f64>,
    /// The most gradients that are computed.
    pub evaluations: usize,
}

/// What a quantity is followed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A law of the dynamics: it has to hold.
    Law,
    /// A quantity that another dynamics conserves, followed for contrast.
    Contrast,
}

/// How a law or a quantity fares along a trajectory.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// The id of the law.
    pub law: String,
    /// The dynamics of the trajectory.
    pub dynamics: &'static str,
    pub role: Role,
    /// When it was looked at, from 0; steps where `discrete`.
    pub times: Vec<f64>,
    pub discrete: bool,
    /// How far it is from what the law says at these times, relative to its size.
    pub drifts: Vec<f64>,
    pub tolerance: f64,
    /// The seed of the instance.
    pub seed: u64,
    /// Why it was not followed, or not to the end.
    pub remark: Option<String>,
}

impl Drift {
    /// The largest drift; infinite where it is not a number.
    pub fn worst(&self) -> f64 {
        self.drifts.iter().fold(0.0, |worst: f64, d| if d.is_nan() { f64::INFINITY } else { worst.max(*d) })
    }

    /// Whether it stays what it was, up to the errors of the solver.
    pub fn holds(&self) -> bool {
        self.worst() <= self.tolerance
    }

    /// Whether there is something to say: it was followed beyond its start, or could not be and has to hold.
    pub fn followed(&self) -> bool {
        self.drifts.len() > 1 || !self.holds()
    }

    /// Whether nothing that has to hold drifts.
    pub fn passed(&self) -> bool {
        self.role == Role::Contrast || self.holds()
    }
}

/// The laws of one run.
#[derive(Clone, Debug)]
pub struct Drifts {
    pub drifts: Vec<Drift>,
    /// The times that were reached, and the loss there.
    pub times: Vec<f64>,
    pub loss: Vec<f64>,
    pub stopped: Option<Stopped>,
}

/// An equation holds at every point and a step exactly; only what is integrated has the solver's errors.
pub(super) fn tolerance(law: &Law, run: &Run) -> f64 {
    let exact = is_discrete(&run.dynamics) || matches!(law.statement(), Statement::Equations { .. });
    if exact { TOLERANCE } else { DRIFT }
}

pub(super) fn course<'a>(checker: &Checker, run: &Run) -> Course<'a> {
    let names = checker.instance.parameter_names().iter().zip(checker.instance.parameters());
    let velocity = names.map(|(name, theta)| {
        let rng = &mut stream(checker.seed, &format!("velocity of {name}"));
        let v = crate::numeric::gaussian(theta.nrows(), theta.ncols(), rng);
        v * Scale((theta.ncols().max(1) as f64).sqrt().recip())
    });
    Course {
        dynamics: run.dynamics.clone(),
        coefficients: run.coefficients,
        potentials: potentials(checker.model, &run.dynamics),
        velocity: velocity.collect(),
        times: run.times.clone(),
        seed: checker.seed,
        evaluations: run.evaluations,
        projection: None,
    }
}

pub(super) fn too_large(checker: &Checker) -> Option<String> {
    let dimension = checker.instance.dimension();
    (dimension > LARGEST).then(|| format!("not followed: {dimension} parameters are more than {LARGEST}"))
}

/// The drift of a law that was not followed.
pub(super) fn skipped(checker: &Checker, law: &Law, run: &Run, reason: String) -> Drift {
    Drift {
        law: law.id().to_string(),
        dynamics: run.dynamics.name(),
        role: Role::Law,
        times: vec![],
        discrete: is_discrete(&run.dynamics),
        drifts: vec![],
        tolerance: DRIFT,
        seed: checker.seed,
        remark: Some(reason),
    }
}
