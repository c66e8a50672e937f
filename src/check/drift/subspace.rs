//! T10 along a trajectory that starts on a symmetric subspace.

use super::defect::relative;
use super::run::{Drift, Run, course, skipped, tolerance, too_large};
use crate::check::CheckError;
use crate::check::checker::Checker;
use crate::check::member::Member;
use crate::check::representation::Representation;
use crate::check::symmetric::symmetric_point;
use crate::check::transport::action_of;
use crate::eval::EvalError;
use crate::kernel::{Law, Statement, Structure};
use crate::numeric::norm;
use crate::numeric::trajectory::{Integrand, Moment, Stopped, Trajectory, follow_up_to_a_kink};
use faer::Mat;

struct Nothing;

impl Integrand for Nothing {
    fn size(&self) -> usize {
        0
    }

    fn rate(&self, _: &Moment) -> Result<Vec<f64>, EvalError> {
        Ok(vec![])
    }
}

/// T10: the distance of a trajectory to the symmetric subspace on which it starts, relative to θ. The gradient is taken at
/// the projection onto the subspace, which on it changes nothing: an unstable direction would amplify rounding without end. `None` for other laws,
/// and for a dynamics that may leave it: a stochastic one by its noise, a mirror flow by its potentials.
pub(super) fn symmetric(checker: &Checker, law: &Law, run: &Run) -> Option<Drift> {
    // The members of a family that a subspace makes equal are not followed.
    if law.claim().setting().model().has_families() {
        return None;
    }
    let Statement::Structure(Structure::FixedSpace { .. }) = law.statement() else { return None };
    if !run.dynamics.row().keeps_symmetry {
        return None;
    }
    let mut drift = skipped(checker, law, run, String::new());
    drift.tolerance = tolerance(law, run);
    if let Some(reason) = too_large(checker) {
        drift.remark = Some(reason);
        return Some(drift);
    }
    match distances(checker, law, run) {
        Ok((times, drifts, stopped)) => {
            (drift.times, drift.drifts) = (times, drifts);
            drift.remark = stopped.as_ref().map(Stopped::to_string);
        }
        Err(CheckError::Eval(EvalError::Singular)) => {
            drift.remark = Some("not followed: L is not differentiable at the symmetric points of the instance".into());
        }
        Err(error) => drift.remark = Some(format!("not followed: {error}")),
    }
    Some(drift)
}

/// Times, distances relative to θ, and why the trajectory ended.
type Distances = (Vec<f64>, Vec<f64>, Option<Stopped>);

fn distances(checker: &Checker, law: &Law, run: &Run) -> Result<Distances, CheckError> {
    let map = Representation::new(
        checker.model,
        action_of(checker, &Member::plain(law, law.statement()))?,
        &checker.instance,
    )?;
    let instance = symmetric_point(checker, &map)?;
    if !instance.gradient()?.iter().all(Mat::is_all_finite) {
        return Err(EvalError::Singular.into());
    }
    let mut course = course(checker, run);
    course.velocity = map.project(&course.velocity)?;
    let onto = |theta: &[Mat<f64>]| map.project(theta);
    course.projection = Some(&onto);
    let Trajectory { moments, stopped } = follow_up_to_a_kink(&instance, &course, &Nothing)?;
    let distance = |at: &Moment| -> Result<f64, EvalError> {
        let symmetric = map.project(&at.theta)?;
        let away: Vec<Mat<f64>> = at.theta.iter().zip(&symmetric).map(|(x, y)| x - y).collect();
        Ok(relative(norm(&away), norm(&at.theta)))
    };
    let drifts = moments.iter().map(distance).collect::<Result<Vec<f64>, EvalError>>()?;
    Ok((moments.iter().map(|at| at.time).collect(), drifts, stopped))
}
