//! Continuous time: an adaptive explicit Runge–Kutta method (Tsitouras, 2011). A step ends at every moment that is asked for: between the
//! ends of steps the method interpolates, with an error that its step size does not control.

use super::course::{Course, Instant, Integrand, Moment, Stopped, Trajectory, norm, unbounded};
use super::field::{acceleration, velocity};
use super::gates::Gates;
use crate::eval::EvalError;
use crate::model::Order;
use crate::numeric::Instance;
use diffsol::error::OdeSolverError;
use diffsol::{DiffsolError, FaerMat, OdeBuilder, OdeSolverMethod, OdeSolverStopReason, Vector};
use faer::Mat;
use std::cell::{Cell, RefCell};
use std::iter::{Copied, Peekable};
use std::slice::Iter;

/// The tolerances of one step, relative and absolute.
const RELATIVE: f64 = 1e-10;
const ABSOLUTE: f64 = 1e-12;

/// What stands for a rate that cannot be evaluated: so large that the step is refused and tried again shorter.
const REFUSED: f64 = 1e150;

/// How often one step is shortened before the motion counts as stiff. A jump of the gradient, as at a ReLU's kink, takes
/// a dozen.
const REJECTIONS: usize = 60;

pub(super) fn follow(instance: &Instance, course: &Course, integrand: &dyn Integrand) -> Result<Trajectory, EvalError> {
    let mut field = Field::new(instance, course, integrand)?;
    let start = field.start();
    let mut first = vec![0.0; start.len()];
    field.rate(0.0, &start, &mut first)?;
    let mut moments = Vec::new();
    let mut wanted = course.times.iter().copied().peekable();
    while wanted.next_if(|t| *t <= 0.0).is_some() {
        moments.push(field.moment(0.0, &start)?);
    }
    let mut walk = Walk {
        size: norm(&start),
        horizon: course.times.last().copied().unwrap_or(0.0),
        wanted,
        moments,
        progress: Progress { steps: 0, since: 0.0 },
    };
    let (mut time, mut state) = (0.0, start);
    let mut stopped = None;
    // One smooth piece after the other.
    while walk.wanted.peek().is_some() {
        match walk.piece(&field, time, &state)? {
            Piece::Ended => break,
            Piece::Stopped(why) => {
                stopped = Some(why);
                break;
            }
            Piece::Event { at, there, passed } => {
                field.go_on(&passed, &there)?;
                (time, state) = (at, there);
            }
        }
    }
    Ok(Trajectory { moments: walk.moments, stopped })
}

/// How a smooth piece of a trajectory ends.
enum Piece {
    Ended,
    Stopped(Stopped),
    /// Gates were reached.
    Event {
        at: f64,
        there: Vec<f64>,
        passed: Vec<usize>,
    },
}

/// How often the stretch of a step in which a gate is reached is halved.
const HALVINGS: usize = 60;

/// A trajectory on its way.
struct Walk<'a> {
    /// The norm of the start.
    size: f64,
    horizon: f64,
    wanted: Peekable<Copied<Iter<'a, f64>>>,
    moments: Vec<Moment>,
    progress: Progress,
}

impl Walk<'_> {
    /// Follows the motion to the next gate or to the end.
    fn piece(&mut self, field: &Field, time: f64, start: &[f64]) -> Result<Piece, EvalError> {
        let foreign = |error: DiffsolError| EvalError::Unsupported(format!("this trajectory: {error}"));
        let mut problem = OdeBuilder::<FaerMat<f64>>::new()
            .t0(time)
            .rtol(RELATIVE)
            .atol([ABSOLUTE])
            .rhs(|state: &[f64], _: &[f64], t: f64, rate: &mut [f64]| field.rate_or_refuse(t, state, rate))
            .init(|_: &[f64], _: f64, state: &mut [f64]| state.copy_from_slice(start), start.len())
            .build()
            .map_err(foreign)?;
        problem.ode_options.max_error_test_failures = REJECTIONS;
        problem.ode_options.min_timestep = self.horizon * 1e-15;
        problem.ode_options.max_timestep_growth = Some(5.0);
        problem.ode_options.min_timestep_shrink = Some(0.1);
        let mut solver = problem.tsit45().map_err(foreign)?;
        // What is left of the way to a moment may be no more than rounding.
        let rounding = self.horizon * 1e-12;
        while let Some(t) = self.wanted.next_if(|t| t - time <= rounding) {
            self.moments.push(field.moment(t, start)?);
        }
        // Steps become short without end where the gradient jumps back and forth, where the state runs away in finite time,
        // and where the motion is stiff.
        let held = |at: Instant, state: &[f64]| match norm(state) > GROWN * (1.0 + self.size) {
            true => Stopped::BlowUp(at),
            false if field.instance.has_kinks() => Stopped::Kink(at),
            false => Stopped::Stiff(at),
        };
        let mut aim = None;
        while let Some(next) = self.wanted.peek().copied() {
            if aim != Some(next) {
                solver.set_stop_time(next).map_err(foreign)?;
                aim = Some(next);
            }
            let before = solver.state().t;
            let reason = match solver.step() {
                Ok(reason) => reason,
                Err(error) => {
                    let at = Instant::Time(before);
                    return Ok(Piece::Stopped(match (field.failure.take(), error) {
                        (Some(error), _) => Stopped::Undefined { at, error },
                        (None, DiffsolError::OdeSolverError(OdeSolverError::StepSizeTooSmall { .. }))
                        | (None, DiffsolError::OdeSolverError(OdeSolverError::TooManyErrorTestFailures { .. })) => {
                            held(at, &solver.state().y.clone_as_vec())
                        }
                        (None, error) => return Err(foreign(error)),
                    }));
                }
            };
            let (now, arrived) = (solver.state().t, reason == OdeSolverStopReason::TstopReached);
            let there = solver.state().y.clone_as_vec();
            if unbounded(&there, self.size) {
                return Ok(Piece::Stopped(Stopped::BlowUp(Instant::Time(before))));
            }
            let mut event = field.passed(&there)?.map(|passed| (now, there, passed));
            if event.is_some() {
                let (mut low, mut high) = (before, now);
                for _ in 0..HALVINGS {
                    let middle = 0.5 * (low + high);
                    if middle <= low || middle >= high {
                        break;
                    }
                    let there = solver.interpolate(middle).map_err(foreign)?.clone_as_vec();
                    match field.passed(&there)? {
                        Some(passed) => (high, event) = (middle, Some((middle, there, passed))),
                        None => low = middle,
                    }
                }
            }
            let reached = event.as_ref().map_or(now, |(at, ..)| *at);
            while let Some(t) = self.wanted.next_if(|t| arrived && event.is_none() && t - next <= rounding) {
                self.moments.push(field.moment(t, &solver.state().y.clone_as_vec())?);
            }
            if self.wanted.peek().is_none() {
                break;
            }
            if self.progress.stalls(reached, self.horizon) {
                return Ok(Piece::Stopped(held(Instant::Time(now), &solver.state().y.clone_as_vec())));
            }
            if field.evaluations.get() >= field.course.evaluations {
                let evaluations = field.evaluations.get();
                return Ok(Piece::Stopped(Stopped::Work { at: Instant::Time(reached), evaluations }));
            }
            if let Some((at, there, passed)) = event {
                return Ok(Piece::Event { at, there, passed });
            }
        }
        Ok(Piece::Ended)
    }
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
    /// The gates of the loss, where it has some.
    gates: Option<Gates>,
    evaluations: Cell<usize>,
    /// Why the last evaluation failed.
    failure: RefCell<Option<EvalError>>,
}

impl<'a> Field<'a> {
    fn new(instance: &'a Instance, course: &'a Course, integrand: &'a dyn Integrand) -> Result<Field<'a>, EvalError> {
        let mut start = instance.clone();
        start.set_to(course.projected(&instance.parameters())?)?;
        let gates = Gates::at(&start)?;
        Ok(Field { instance, course, integrand, gates, evaluations: Cell::new(0), failure: RefCell::new(None) })
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

    /// θ, and the instance moved to where the gradient is taken.
    fn here(&self, state: &[f64]) -> Result<(Vec<Mat<f64>>, Instance), EvalError> {
        let theta = self.instance.unflatten(&state[..self.instance.dimension()])?;
        let mut here = self.instance.clone();
        here.set_to(self.course.projected(&theta)?)?;
        Ok((theta, here))
    }

    /// θ̇ where the gradient is known.
    fn moving(&self, state: &[f64], theta: &[Mat<f64>], gradient: &[Mat<f64>]) -> Result<Vec<Mat<f64>>, EvalError> {
        let n = self.instance.dimension();
        if self.is_second_order() {
            return self.instance.unflatten(&state[n..2 * n]);
        }
        let Course { dynamics, coefficients, potentials, .. } = self.course;
        let each = self.instance.parameter_names().iter().zip(theta).zip(gradient).map(|((name, theta), g)| {
            let v = velocity(dynamics, coefficients, potentials, *name, theta, g)?;
            v.ok_or_else(|| EvalError::Unsupported("this dynamics".into()))
        });
        each.collect()
    }

    /// The same of the point at which the gradient is taken.
    fn projected_motion(
        &self,
        state: &[f64],
        theta: &[Mat<f64>],
        gradient: &[Mat<f64>],
    ) -> Result<Vec<Mat<f64>>, EvalError> {
        self.course.projected(&self.moving(state, theta, gradient)?)
    }

    /// The gates that a state is beyond, if there are any.
    fn passed(&self, state: &[f64]) -> Result<Option<Vec<usize>>, EvalError> {
        let Some(gates) = &self.gates else { return Ok(None) };
        let (theta, here) = self.here(state)?;
        let passed = gates.passed(&here, &|gradient| self.projected_motion(state, &theta, gradient))?;
        Ok((!passed.is_empty()).then_some(passed))
    }

    /// Goes on behind gates that were reached.
    fn go_on(&mut self, passed: &[usize], state: &[f64]) -> Result<(), EvalError> {
        let Some(mut gates) = self.gates.take() else { return Ok(()) };
        let (theta, here) = self.here(state)?;
        let went_on = gates.go_on(passed, &here, &|gradient| self.projected_motion(state, &theta, gradient));
        self.gates = Some(gates);
        went_on
    }

    /// The state in words, and θ̈ for the heavy ball.
    fn read(&self, time: f64, state: &[f64]) -> Result<(Moment, Vec<f64>), EvalError> {
        let (theta, here) = self.here(state)?;
        let gradient = match &self.gates {
            Some(gates) => gates.gradient(&here, &|gradient| self.projected_motion(state, &theta, gradient))?,
            None => here.gradient()?,
        };
        let velocity = self.moving(state, &theta, &gradient)?;
        let mut force = Vec::new();
        if self.is_second_order() {
            let coefficients = &self.course.coefficients;
            let each: Vec<_> = velocity.iter().zip(&gradient).map(|(v, g)| acceleration(coefficients, v, g)).collect();
            force = self.instance.flatten(&each);
        }
        let sums = state[state.len() - self.integrand.size()..].to_vec();
        Ok((Moment { time, theta, gradient, velocity, noises: vec![], sums }, force))
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
