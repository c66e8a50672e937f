//! Trajectories of a dynamics from the parameters of an instance: integrated where time is continuous, iterated where it
//! is not.

mod course;
mod field;
#[cfg(feature = "flow")]
mod flow;
#[cfg(feature = "flow")]
mod gates;
mod iterate;

pub use course::{Course, Instant, Integrand, Moment, Projection, Stopped, Trajectory};
pub use field::{Coefficients, acceleration, potentials, velocity};

use super::Instance;
use crate::eval::EvalError;
use crate::model::{Dynamics, Time};

/// Whether a dynamics moves in steps and not in continuous time.
pub fn is_discrete(dynamics: &Dynamics) -> bool {
    dynamics.row().time == Time::Discrete
}

/// The share of the way to a kink that is taken where it is known to hold the trajectory.
const SHORT_OF: f64 = 0.999;

/// As [`follow`], but where a kink holds the trajectory, the times are drawn together so that all of them lie before it.
///
/// # Errors
/// As for [`follow`].
pub fn follow_up_to_a_kink(
    instance: &Instance,
    course: &Course,
    integrand: &dyn Integrand,
) -> Result<Trajectory, EvalError> {
    let found = follow(instance, course, integrand)?;
    let (Some(Stopped::Kink(Instant::Time(t))), Some(end)) = (&found.stopped, course.times.last()) else {
        return Ok(found);
    };
    let share = SHORT_OF * t / end;
    let course = Course { times: course.times.iter().map(|t| share * t).collect(), ..course.clone() };
    Ok(Trajectory { stopped: found.stopped, ..follow(instance, &course, integrand)? })
}

/// Follows a dynamics from the parameters of the instance.
///
/// # Errors
/// When the loss has no gradient at the start. What goes wrong later ends the trajectory there.
pub fn follow(instance: &Instance, course: &Course, integrand: &dyn Integrand) -> Result<Trajectory, EvalError> {
    if is_discrete(&course.dynamics) {
        return iterate::follow(instance, course, integrand);
    }
    #[cfg(feature = "flow")]
    return flow::follow(instance, course, integrand);
    #[cfg(not(feature = "flow"))]
    Err(EvalError::Unsupported("a trajectory in continuous time, without the feature `flow`".into()))
}
