//! Continuous time: an adaptive explicit Runge–Kutta method (Tsitouras, 2011) with dense output.

use super::course::{Course, Instant, Integrand, Moment, Stopped, Trajectory, norm, unbounded};
use super::field::{acceleration, velocity};
use crate::eval::EvalError;
use crate::model::Order;
use crate::numeric::Instance;
use diffsol::error::OdeSolverError;
use diffsol::{DiffsolError, FaerMat, OdeBuilder, OdeSolverMethod, OdeSolverStopReason, Vector};
use std::cell::{Cell, RefCell};

/// The tolerances of one step, relative and absolute.
const RELATIVE: f64 = 1e-10;
const ABSOLUTE: f64 = 1e-12;

/// What stands for a rate that cannot be evaluated: so large that the step is refused and tried again shorter.
const REFUSED: f64 = 1e150;

/// How often one step is shortened before the motion counts as stiff. A jump of the gradient, as at a ReLU's kink, takes
/// a dozen.
const REJECTIONS: usize = 60;

pub(super) fn follow(instance: &Instance, course: &Course, integrand: &dyn Integrand) -> Result<Trajectory, EvalError> {
    let field = Field::new(instance, course, integrand);
    let start = field.start();
    let size = norm(&start);
    let mut first = vec![0.0; start.len()];
    field.rate(0.0, &start, &mut first)?;
    let mut moments = Vec::new();
    let mut wanted = course.times.iter().copied().peekable();
    while wanted.next_if(|t| *t <= 0.0).is_some() {
        moments.push(field.moment(0.0, &start)?);
    }
    let horizon = course.times.last().copied().unwrap_or(0.0);
    if wanted.peek().is_none() {
        return Ok(Trajectory { moments, stopped: None });
    }
    let foreign = |error: DiffsolError| EvalError::Unsupported(format!("this trajectory: {error}"));
    let mut problem = OdeBuilder::<FaerMat<f64>>::new()
        .rtol(RELATIVE)
        .atol([ABSOLUTE])
        .rhs(|state: &[f64], _: &[f64], t: f64, rate: &mut [f64]| field.rate_or_refuse(t, state, rate))
        .init(|_: &[f64], _: f64, state: &mut [f64]| state.copy_from_slice(&start), start.len())
        .build()
        .map_err(foreign)?;
    problem.ode_options.max_error_test_failures = REJECTIONS;
    problem.ode_options.min_timestep = horizon * 1e-15;
    problem.ode_options.max_timestep_growth = Some(5.0);
    problem.ode_options.min_timestep_shrink = Some(0.1);
    let mut solver = problem.tsit45().map_err(foreign)?;
    solver.set_stop_time(horizon).map_err(foreign)?;
    let mut stopped = None;
    // Steps become short without end where the gradient jumps back and forth, where the state runs away in finite time,
    // and where the motion is stiff.
    let held = |at: Instant, state: &[f64]| match norm(state) > GROWN * (1.0 + size) {
        true => Stopped::BlowUp(at),
        false if instance.has_kinks() => Stopped::Kink(at),
        false => Stopped::Stiff(at),
    };
    let mut progress = Progress { steps: 0, since: 0.0 };
    while wanted.peek().is_some() {
        let before = Instant::Time(solver.state().t);
        let reason = match solver.step() {
            Ok(reason) => reason,
            Err(error) => {
                stopped = Some(match (field.failure.take(), error) {
                    (Some(error), _) => Stopped::Undefined { at: before, error },
                    (None, DiffsolError::OdeSolverError(OdeSolverError::StepSizeTooSmall { .. }))
                    | (None, DiffsolError::OdeSolverError(OdeSolverError::TooManyErrorTestFailures { .. })) => {
                        held(before, &solver.state().y.clone_as_vec())
                    }
                    (None, error) => return Err(foreign(error)),
                });
                break;
            }
        };
        let (now, ended) = (solver.state().t, reason == OdeSolverStopReason::TstopReached);
        if unbounded(&solver.state().y.clone_as_vec(), size) {
            stopped = Some(Stopped::BlowUp(before));
            break;
        }
        while let Some(t) = wanted.next_if(|t| *t <= now || ended) {
            let state = if t < now { solver.interpolate(t).map_err(foreign)? } else { solver.state().y.clone() };
            moments.push(field.moment(t, &state.clone_as_vec())?);
        }
        if wanted.peek().is_none() {
            break;
        }
        if progress.stalls(now, horizon) {
            stopped = Some(held(Instant::Time(now), &solver.state().y.clone_as_vec()));
            break;
        }
        if field.evaluations.get() >= course.evaluations {
            stopped = Some(Stopped::Work { at: Instant::Time(now), evaluations: field.evaluations.get() });
            break;
        }
    }
    Ok(Trajectory { moments, stopped })
}

/// A state this many times as large as the start is on its way to infinity.
const GROWN: f64 = 100.0;

/// How many steps are looked at together to see whether the trajectory gets ahead.
const WINDOW: usize = 256;

/// Less than this share of the way in one window is no progress.
const STALLED: f64 = 2e-5;

/// Whether a trajectory still gets ahead.
struct Progress {
    steps: usize,
    since: f64,
}

impl Progress {
    /// Takes note of a step; whether a window has ended without progress.
    fn stalls(&mut self, now: f64, horizon: f64) -> bool {
        self.steps += 1;
        if self.steps < WINDOW {
            return false;
        }
        let stalled = now - self.since < STALLED * horizon;
        (self.steps, self.since) = (0, now);
        stalled
    }
}

/// The vector field on the state: θ, for the heavy ball θ̇, and what is integrated along the way.
struct Field<'a> {
    instance: &'a Instance,
    course: &'a Course<'a>,
    integrand: &'a dyn Integrand,
    evaluations: Cell<usize>,
    /// Why the last evaluation failed.
    failure: RefCell<Option<EvalError>>,
}

impl<'a> Field<'a> {
    fn new(instance: &'a Instance, course: &'a Course, integrand: &'a dyn Integrand) -> Field<'a> {
        Field { instance, course, integrand, evaluations: Cell::new(0), failure: RefCell::new(None) }
    }

    fn is_second_order(&self) -> bool {
        self.course.dynamics.row().order == Order::Second
    }

    fn start(&self) -> Vec<f64> {
        let mut state = self.instance.flatten(&self.instance.parameters());
        if self.is_second_order() {
            state.extend(self.instance.flatten(&self.course.velocity));
        }
        state.extend(std::iter::repeat_n(0.0, self.integrand.size()));
        state
    }

    /// The state in words, and θ̈ for the heavy ball.
    fn read(&self, time: f64, state: &[f64]) -> Result<(Moment, Vec<f64>), EvalError> {
        let n = self.instance.dimension();
        let theta = self.instance.unflatten(&state[..n])?;
        let mut here = self.instance.clone();
        here.set_parameters(&self.course.projected(&theta)?)?;
        let gradient = here.gradient()?;
        let coefficients = &self.course.coefficients;
        let (mut moving, mut force) = (Vec::new(), Vec::new());
        if self.is_second_order() {
            moving = self.instance.unflatten(&state[n..2 * n])?;
            let each: Vec<_> = moving.iter().zip(&gradient).map(|(v, g)| acceleration(coefficients, v, g)).collect();
            force = self.instance.flatten(&each);
        } else {
            let names = self.instance.parameter_names();
            for ((name, theta), g) in names.iter().zip(&theta).zip(&gradient) {
                let v = velocity(&self.course.dynamics, coefficients, &self.course.potentials, *name, theta, g)?;
                moving.push(v.ok_or_else(|| EvalError::Unsupported("this dynamics".into()))?);
            }
        }
        let sums = state[state.len() - self.integrand.size()..].to_vec();
        Ok((Moment { time, theta, gradient, velocity: moving, noises: vec![], sums }, force))
    }

    fn moment(&self, time: f64, state: &[f64]) -> Result<Moment, EvalError> {
        Ok(self.read(time, state)?.0)
    }

    fn rate(&self, time: f64, state: &[f64], rate: &mut [f64]) -> Result<(), EvalError> {
        self.evaluations.set(self.evaluations.get() + 1);
        let (moment, force) = self.read(time, state)?;
        let mut all = self.instance.flatten(&moment.velocity);
        all.extend(force);
        all.extend(self.integrand.rate(&moment)?);
        if all.len() != rate.len() || !all.iter().all(|x| x.is_finite()) {
            return Err(EvalError::Singular);
        }
        rate.copy_from_slice(&all);
        Ok(())
    }

    fn rate_or_refuse(&self, time: f64, state: &[f64], rate: &mut [f64]) {
        let failure = self.rate(time, state, rate).err();
        if failure.is_some() {
            rate.fill(REFUSED);
        }
        self.failure.replace(failure);
    }
}
