//! Laws along a whole trajectory: how far a quantity drifts from what its law says, relative to its size.

mod defect;
mod run;
mod subspace;
mod track;

use super::CheckError;
use super::checker::Checker;
use crate::eval::EvalError;
use crate::kernel::{Hyperparameters, Law, Statement};
use crate::model::{DYNAMICS, Dynamics};
use crate::numeric::trajectory::{Coefficients, Stopped, Trajectory, follow_up_to_a_kink, is_discrete};
use crate::term::is_zero;
use run::{course, skipped, tolerance, too_large};
use subspace::symmetric;
use track::{Lowered, Track, Tracks};

pub use run::{DRIFT, Drift, Drifts, Role, Run};

/// The most gradients of one trajectory of the checks, and the most numbers they may have together.
const EVALUATIONS: usize = 20_000;
const WORK: usize = 1 << 22;

/// How far the checks integrate, how many steps they take, and at how many moments they look.
const HORIZON: f64 = 1.0;
const STEPS: f64 = 40.0;
const LOOKS: usize = 8;

/// Follows the laws of every continuous dynamics along a trajectory of it, and every symmetric subspace along all that
/// are said not to leave it.
pub fn flows(checker: &Checker, laws: &[Law]) -> Vec<Drift> {
    let hyper = Hyperparameters::of(checker.model).values().map(|(_, value)| value);
    let coefficients = Coefficients { decay: hyper[0], friction: hyper[1], step: hyper[2] };
    let evaluations = EVALUATIONS.min(WORK / checker.instance.dimension().max(1)).max(1_000);
    let mut out = Vec::new();
    for row in DYNAMICS {
        let named = |law: &&Law| law.dynamics().is_some_and(|d| d.name() == row.name);
        let own: Vec<&Law> = laws.iter().filter(named).collect();
        // Without laws of its own a dynamics is followed for the symmetric subspaces it keeps.
        let plain = || row.plain.as_ref().filter(|_| row.keeps_symmetry);
        let Some(dynamics) = own.first().and_then(|law| law.dynamics()).or_else(plain).cloned() else { continue };
        // With a potential for each member of a family.
        let dynamics = checker.model.dynamics.iter().find(|d| d.name() == row.name).cloned().unwrap_or(dynamics);
        let asked = &checker.model.dynamics;
        let wanted = asked.is_empty() || asked.iter().any(|d| d.name() == row.name);
        let discrete = is_discrete(&dynamics);
        let (end, looks) = if discrete { (STEPS, LOOKS) } else { (HORIZON, LOOKS) };
        let times = (0..=looks).map(|k| end * k as f64 / looks as f64).collect();
        let run = Run { dynamics, coefficients, times, evaluations };
        if !own.is_empty() && !discrete {
            let tracks = Track::of(checker, &own, &run, |law| own_role(law, &run));
            out.extend(follow_all(checker, tracks, &run).map_or_else(
                |error| own.iter().map(|law| skipped(checker, law, &run, error.to_string())).collect(),
                |found| found.drifts,
            ));
        }
        if wanted {
            out.extend(laws.iter().filter_map(|law| symmetric(checker, law, &run)));
        }
    }
    out
}

/// Follows every law that holds along a trajectory, and for contrast the quantities that other dynamics conserve.
///
/// # Errors
/// When the loss has no gradient at the start.
pub fn follow_laws(checker: &Checker, laws: &[Law], run: &Run) -> Result<Drifts, CheckError> {
    let all: Vec<&Law> = laws.iter().collect();
    let tracks = Track::of(checker, &all, run, |law| role(laws, law, run));
    let mut found = follow_all(checker, tracks, run)?;
    if matches!(found.stopped, None | Some(Stopped::Kink(_))) {
        let run = Run { times: found.times.clone(), ..run.clone() };
        found.drifts.extend(laws.iter().filter_map(|law| symmetric(checker, law, &run)));
    }
    Ok(found)
}

/// Whether a law of the dynamics itself says something of its trajectories.
fn own_role(law: &Law, run: &Run) -> Option<Role> {
    let own = law.dynamics().is_some_and(|d| d.name() == run.dynamics.name());
    let holds = match law.statement() {
        Statement::Conserved { .. } | Statement::Rate { .. } | Statement::Damped { .. } => own,
        Statement::Equations { element: None, .. } => own,
        // The noise of a trajectory is drawn, and is that of no batch.
        Statement::Step { .. } if law.dynamics() == Some(&Dynamics::Sgd) => false,
        Statement::Step { factor, .. } => own && factor.is_some() == (run.coefficients.decay > 0.0),
        Statement::Expected { continuous, .. } => own && !continuous,
        _ => false,
    };
    holds.then_some(Role::Law)
}

/// What a law is followed for, if it is.
fn role(laws: &[Law], law: &Law, run: &Run) -> Option<Role> {
    if let Some(role) = own_role(law, run) {
        return Some(role);
    }
    match (law.statement(), law.dynamics()) {
        (Statement::Equations { element: None, .. }, None) if law.order() == 1 => Some(Role::Law),
        (Statement::Conserved { quantity }, Some(dynamics)) => {
            let kept = |other: &Law| {
                own_role(other, run).is_some()
                    && other.quantity() == Some(quantity)
                    && match other.statement() {
                        Statement::Conserved { .. } => true,
                        Statement::Step { factor: None, change, .. } => is_zero(change),
                        _ => false,
                    }
            };
            // What a flow with decay conserves is that of gradient flow, rescaled; what the heavy ball does is about
            // the velocity.
            let comparable = match dynamics {
                Dynamics::GradientFlow | Dynamics::Mirror(_) => true,
                Dynamics::WeightDecay => run.dynamics == Dynamics::GradientFlow,
                Dynamics::HeavyBall | Dynamics::GradientDescent | Dynamics::Sgd => false,
            };
            (comparable && !laws.iter().any(kept)).then_some(Role::Contrast)
        }
        _ => None,
    }
}

/// Follows one trajectory from the parameters of the instance, and laws along it.
fn follow_all<'a>(checker: &'a Checker<'a>, tracks: Vec<Lowered<'a>>, run: &'a Run) -> Result<Drifts, CheckError> {
    if let Some(reason) = too_large(checker) {
        let drifts = tracks.into_iter().map(|(law, ..)| skipped(checker, law, run, reason.clone())).collect();
        return Ok(Drifts { drifts, times: vec![], loss: vec![], stopped: None });
    }
    let order: Vec<(&Law, Role, Result<usize, EvalError>)> = tracks
        .iter()
        .map(|(law, role, tracks)| (*law, *role, tracks.as_ref().map(Vec::len).map_err(Clone::clone)))
        .collect();
    let lowered = tracks.into_iter().filter_map(|(.., tracks)| tracks.ok()).flatten().collect();
    let tracks = Tracks::new(checker, run, lowered);
    let Trajectory { moments, stopped } = follow_up_to_a_kink(&checker.instance, &course(checker, run), &tracks)?;
    let times: Vec<f64> = moments.iter().map(|at| at.time).collect();
    let loss = moments.iter().map(|at| {
        let mut instance = checker.instance.clone();
        instance.set_parameters(&at.theta)?;
        Ok(instance.loss()?[(0, 0)])
    });
    let loss = loss.collect::<Result<Vec<f64>, EvalError>>()?;
    let mut measured = tracks.drifts(&moments)?.into_iter();
    let drifts = order.into_iter().map(|(law, role, error)| {
        let mut drift = skipped(checker, law, run, String::new());
        drift.role = role;
        drift.tolerance = tolerance(law, run);
        match error {
            Err(error) => {
                drift.remark = Some(format!("not followed: {error}"));
                (drift.times, drift.drifts) = (vec![0.0], vec![f64::INFINITY]);
            }
            // Of a family that of the member that drifts most.
            Ok(members) => {
                drift.remark = stopped.as_ref().map(Stopped::to_string);
                let larger = |(x, y): (&f64, &f64)| if x.is_nan() || x >= y { *x } else { *y };
                let most = |x: Vec<f64>, y: Vec<f64>| x.iter().zip(&y).map(larger).collect();
                let drifts = measured.by_ref().take(members).reduce(most).unwrap_or_default();
                (drift.times, drift.drifts) = (times.clone(), drifts);
            }
        }
        drift
    });
    Ok(Drifts { drifts: drifts.collect(), loss, stopped: stopped.clone(), times: times.clone() })
}
