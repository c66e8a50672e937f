//! Laws along a whole trajectory: how far a quantity drifts from what its law says, relative to its size.

use super::law::{Checker, tangent_norm};
use super::representation::Representation;
use super::transport::action_of;
use super::{CheckError, TOLERANCE};
use crate::eval::{Bindings, EvalError, Key, Reals, Series, Tape};
use crate::language::{Dynamics, Model};
use crate::law::{Hyperparameters, Law, Statement, Structure};
use crate::numeric::stream;
use crate::numeric::trajectory::{
    Coefficients, Course, Integrand, Moment, Stopped, Trajectory, follow_up_to_a_kink, is_discrete, potentials,
};
use crate::term::{Expr, Op, is_zero};
use faer::{Mat, Scale};
use std::ops::Range;

/// The largest drift that passes where time is continuous; steps are exact, and are held to [`TOLERANCE`].
pub const DRIFT: f64 = 1e-7;

/// The most parameters that are integrated.
const LARGEST: usize = 1 << 12;

/// The most gradients of one trajectory of the checks, and the most numbers they may have together.
const EVALUATIONS: usize = 20_000;
const WORK: usize = 1 << 22;

/// How far the checks integrate, how many steps they take, and at how many moments they look.
const HORIZON: f64 = 1.0;
const STEPS: f64 = 40.0;
const LOOKS: usize = 8;

/// A trajectory that laws are followed along.
#[derive(Clone, Debug)]
pub struct Run {
    pub dynamics: Dynamics,
    pub coefficients: Coefficients,
    /// When the laws are looked at, increasing from 0: times, or for a discrete dynamics numbers of steps.
    pub times: Vec<f64>,
    /// The most gradients that are computed where time is continuous.
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

/// Follows the laws of every continuous dynamics along a trajectory of it, and every symmetric subspace along all that
/// are said not to leave it.
pub fn flows(checker: &Checker, laws: &[Law]) -> Vec<Drift> {
    let hyper = Hyperparameters::of(checker.model).values().map(|(_, value)| value);
    let coefficients = Coefficients { decay: hyper[0], friction: hyper[1], step: hyper[2] };
    let evaluations = EVALUATIONS.min(WORK / checker.instance.dimension().max(1)).max(1_000);
    let mut out = Vec::new();
    for name in Dynamics::NAMES {
        let named = |law: &&Law| law.dynamics().is_some_and(|d| d.name() == name);
        let own: Vec<&Law> = laws.iter().filter(named).collect();
        let dynamics = match (own.first().and_then(|law| law.dynamics()), name) {
            (Some(dynamics), _) => dynamics.clone(),
            (None, "gradient_flow") => Dynamics::GradientFlow,
            (None, "weight_decay") => Dynamics::WeightDecay,
            (None, "heavy_ball") => Dynamics::HeavyBall,
            (None, "gradient_descent") => Dynamics::GradientDescent,
            _ => continue,
        };
        let asked = &checker.model.dynamics;
        let wanted = asked.is_empty() || asked.iter().any(|d| d.name() == name);
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
                _ => false,
            };
            (comparable && !laws.iter().any(kept)).then_some(Role::Contrast)
        }
        _ => None,
    }
}

/// A law with its formulas lowered.
struct Track {
    role: Role,
    measure: Measure,
    /// Where its sums stand among those of the trajectory.
    sums: Range<usize>,
}

enum Measure {
    /// Both sides of each equation.
    Equations(Vec<[Tape; 2]>),
    Quantity {
        quantity: Box<Tape>,
        /// Whether Q̇ is followed instead of Q.
        moving: bool,
        change: Option<Box<Change>>,
        /// By how much a step multiplies the quantity.
        factor: f64,
    },
}

enum Change {
    /// A rate, or what a step adds.
    Stated(Tape),
    /// What a step adds on average.
    Expected(Tape),
    /// The rate force − γQ̇ of Q̇.
    Damped { friction: Tape, force: Tape },
}

impl Track {
    /// The laws that have a role, lowered; those that cannot be are measured as infinite drifts.
    fn of<'a>(
        checker: &Checker,
        laws: &[&'a Law],
        run: &Run,
        role: impl Fn(&Law) -> Option<Role>,
    ) -> Vec<(&'a Law, Role, Result<Track, EvalError>)> {
        let mut start = 0;
        let mut out = Vec::new();
        for law in laws {
            let Some(role) = role(law) else { continue };
            let track = Measure::new(checker, law, run).map(|measure| {
                let sums = start..start + measure.sums();
                start = sums.end;
                Track { role, measure, sums }
            });
            out.push((*law, role, track));
        }
        out
    }
}

impl Measure {
    fn new(checker: &Checker, law: &Law, run: &Run) -> Result<Measure, EvalError> {
        let lower = |expr: &Expr| Tape::new(&checker.model.inline(expr), law.env(), checker.instance.sizes());
        let stated = |expr: &Expr| Tape::new(expr, law.env(), checker.instance.sizes());
        let followed = |quantity: &Expr, moving: bool, change: Option<Change>, factor: f64| {
            Ok(Measure::Quantity { quantity: Box::new(lower(quantity)?), moving, change: change.map(Box::new), factor })
        };
        match law.statement() {
            Statement::Conserved { quantity } => followed(quantity, false, None, 1.0),
            Statement::Rate { quantity, rate } => followed(quantity, false, Some(Change::Stated(stated(rate)?)), 1.0),
            Statement::Step { quantity, factor, change } => {
                let mut bindings = checker.bindings.clone();
                bind_coefficients(&mut bindings, checker, run, 0.0);
                let number = |f: &Expr| Ok::<f64, EvalError>(stated(f)?.eval(&bindings, &Reals)?[(0, 0)]);
                let factor = factor.as_ref().map_or(Ok(1.0), number)?;
                let change = if is_zero(change) { None } else { Some(Change::Stated(stated(change)?)) };
                followed(quantity, false, change, factor)
            }
            Statement::Damped { quantity, friction, force } => {
                let change = Change::Damped { friction: stated(friction)?, force: stated(force)? };
                followed(quantity, true, Some(change), 1.0)
            }
            Statement::Expected { quantity, change, .. } => {
                followed(quantity, false, Some(Change::Expected(stated(change)?)), 1.0)
            }
            Statement::Equations { equations, .. } => {
                let sides = |(lhs, rhs): &(Expr, Expr)| Ok([stated(lhs)?, stated(rhs)?]);
                Ok(Measure::Equations(equations.iter().map(sides).collect::<Result<_, EvalError>>()?))
            }
            _ => Err(EvalError::Unsupported("this statement along a trajectory".into())),
        }
    }

    /// Every formula it evaluates.
    fn tapes(&self) -> Vec<&Tape> {
        match self {
            Measure::Equations(equations) => equations.iter().flatten().collect(),
            Measure::Quantity { quantity, change, .. } => {
                let change = match change.as_deref() {
                    None => vec![],
                    Some(Change::Stated(tape) | Change::Expected(tape)) => vec![tape],
                    Some(Change::Damped { friction, force }) => vec![friction, force],
                };
                std::iter::once(&**quantity).chain(change).collect()
            }
        }
    }

    /// How many numbers are accumulated for it.
    fn sums(&self) -> usize {
        match self {
            Measure::Quantity { quantity, change: Some(_), .. } => quantity.shape().0 * quantity.shape().1,
            _ => 0,
        }
    }
}

/// The laws of one trajectory as its integrand.
struct Tracks<'a> {
    checker: &'a Checker<'a>,
    run: &'a Run,
    tracks: Vec<Track>,
    /// Whether one of them reads the output, its error signal or the loss.
    outputs: bool,
}

impl Integrand for Tracks<'_> {
    fn size(&self) -> usize {
        self.tracks.iter().map(|track| track.sums.len()).sum()
    }

    fn rate(&self, at: &Moment) -> Result<Vec<f64>, EvalError> {
        if self.size() == 0 {
            return Ok(vec![]);
        }
        let bindings = self.bindings(at)?;
        let mut out = Vec::with_capacity(self.size());
        for track in &self.tracks {
            let Measure::Quantity { quantity, change: Some(change), factor, .. } = &track.measure else { continue };
            let change = match change.as_ref() {
                Change::Stated(change) => change.eval(&bindings, &Reals)?,
                Change::Expected(change) => self.unexpected(at, &bindings, quantity, change)?,
                Change::Damped { friction, force } => {
                    let friction = friction.eval(&bindings, &Reals)?[(0, 0)];
                    let speed = self.moved(at, &bindings)?;
                    force.eval(&bindings, &Reals)?
                        - quantity.eval(&speed, &Reals)?.into_coefficient(1) * Scale(friction)
                }
            };
            // The sums are of what each step adds, undone to the start: Q(θ_k) = factor^k (Q(θ_0) + sums).
            let undone = factor.powi(at.time as i32 + 1).recip();
            let weight = if *factor == 1.0 { 1.0 } else { undone };
            out.extend(entries(&change).map(|x| x * weight));
        }
        Ok(out)
    }
}

impl<'a> Tracks<'a> {
    fn new(checker: &'a Checker<'a>, run: &'a Run, tracks: Vec<Track>) -> Tracks<'a> {
        let output = checker.model.output.as_ref().map(|output| output.name);
        let of_output = |key| match key {
            Key::Symbol(name) => Some(name) == output || name == Model::loss_symbol(),
            Key::Quantity(op, _) => op == Op::Err,
        };
        let outputs = tracks.iter().flat_map(|track| track.measure.tapes()).any(|tape| tape.reads(of_output));
        Tracks { checker, run, tracks, outputs }
    }

    /// The values of all names at a moment.
    fn bindings(&self, at: &Moment) -> Result<Bindings<'static, Mat<f64>>, EvalError> {
        let mut instance = self.checker.instance.clone();
        instance.set_parameters(&at.theta)?;
        let mut bindings = instance.bindings();
        for (i, name) in instance.parameter_names().iter().enumerate() {
            bindings.bind_quantity(Op::Grad, *name, at.gradient[i].clone());
            bindings.bind_quantity(Op::Dot, *name, at.velocity[i].clone());
        }
        if self.outputs {
            instance.bind_output(&mut bindings)?;
        }
        bind_coefficients(&mut bindings, self.checker, self.run, at.time);
        Ok(bindings)
    }

    /// The values of all names with θ̇ as the direction of the parameters.
    fn moved(
        &self,
        at: &Moment,
        bindings: &Bindings<'static, Mat<f64>>,
    ) -> Result<Bindings<'static, Series<Mat<f64>>>, EvalError> {
        let names = self.checker.instance.parameter_names().iter().copied();
        bindings.along(&[names.zip(at.velocity.iter().cloned()).collect()])
    }

    /// E[Q(θ⁺) − Q(θ)] − E[change], averaged over the noises of the moment.
    fn unexpected(
        &self,
        at: &Moment,
        bindings: &Bindings<'static, Mat<f64>>,
        quantity: &Tape,
        change: &Tape,
    ) -> Result<Mat<f64>, EvalError> {
        let hyper = Hyperparameters::of(self.checker.model);
        let (rows, cols) = quantity.shape();
        let mut sum = Mat::zeros(rows, cols);
        let before = quantity.eval(bindings, &Reals)?;
        for noise in &at.noises {
            let mut here = bindings.clone();
            for (i, name) in self.checker.instance.parameter_names().iter().enumerate() {
                here.bind(hyper.noise(self.checker.model, *name), noise[i].clone());
            }
            sum -= change.eval(&here, &Reals)?;
            for (i, name) in self.checker.instance.parameter_names().iter().enumerate() {
                let step = Scale(self.run.coefficients.step);
                here.bind(*name, &at.theta[i] + (&at.velocity[i] - &noise[i]) * step);
            }
            sum += quantity.eval(&here, &Reals)? - &before;
        }
        Ok(sum * Scale(1.0 / at.noises.len().max(1) as f64))
    }

    /// The drift of every law at every moment.
    fn drifts(&self, moments: &[Moment]) -> Result<Vec<Vec<f64>>, EvalError> {
        let bindings = moments.iter().map(|at| self.bindings(at)).collect::<Result<Vec<_>, EvalError>>()?;
        let measured = |track: &Track| match &track.measure {
            Measure::Equations(equations) => residuals(equations, moments, &bindings, self.checker),
            Measure::Quantity { quantity, change: Some(change), .. } if matches!(**change, Change::Expected(_)) => {
                defects(quantity, &track.sums, moments, &bindings)
            }
            Measure::Quantity { quantity, moving, factor, .. } => {
                let watched = moments.iter().zip(&bindings).map(|(at, bindings)| match moving {
                    true => Watched::rate(quantity, &self.moved(at, bindings)?, tangent_norm(&at.velocity)),
                    false => Watched::value(quantity, bindings, tangent_norm(&at.velocity)),
                });
                let watched: Vec<Watched> = watched.collect::<Result<_, EvalError>>()?;
                Ok(changes(&watched, *factor, &track.sums, moments, track.role))
            }
        };
        self.tracks.iter().map(measured).collect()
    }
}

fn bind_coefficients(bindings: &mut Bindings<'static, Mat<f64>>, checker: &Checker, run: &Run, time: f64) {
    let hyper = Hyperparameters::of(checker.model);
    let Coefficients { decay, friction, step } = run.coefficients;
    for (name, value) in [(hyper.decay, decay), (hyper.friction, friction), (hyper.step, step), (hyper.time, time)] {
        bindings.bind(name, Mat::full(1, 1, value));
    }
}

fn entries(m: &Mat<f64>) -> impl Iterator<Item = f64> {
    let (rows, cols) = (m.nrows(), m.ncols());
    (0..rows * cols).map(move |k| m[(k / cols, k % cols)])
}

/// What is followed at one moment, and the size of what its formula is made of, where it cancels.
struct Watched {
    value: Mat<f64>,
    scale: f64,
}

impl Watched {
    /// Q, whose velocities are as large as θ̇.
    fn value(quantity: &Tape, at: &Bindings<'static, Mat<f64>>, speed: f64) -> Result<Watched, EvalError> {
        let scale = quantity.natural_scale(at, &Reals, |x: &Mat<f64>| [x.norm_l2(), 0.0], |_| speed)?[0];
        Ok(Watched { value: quantity.eval(at, &Reals)?, scale })
    }

    /// Q̇ = DQ[θ̇].
    fn rate(quantity: &Tape, moved: &Bindings<'static, Series<Mat<f64>>>, speed: f64) -> Result<Watched, EvalError> {
        let norms = |x: &Series<Mat<f64>>| {
            let size = x.coefficient(0).map_or(0.0, Mat::norm_l2);
            [size, if x.coefficient(1).is_some() { speed } else { 0.0 }]
        };
        let scale = quantity.natural_scale(moved, &Reals, norms, |_| 0.0)?[1];
        Ok(Watched { value: quantity.eval(moved, &Reals)?.into_coefficient(1), scale })
    }
}

/// ‖Q − factor^k (Q₀ + sums)‖ relative to the size of Q: that of Q₀, of what its formula is made of where it cancels, and
/// for a quantity that is stated to change of its largest change.
fn changes(watched: &[Watched], factor: f64, sums: &Range<usize>, moments: &[Moment], role: Role) -> Vec<f64> {
    let Some(Watched { value: initial, scale }) = watched.first() else { return vec![] };
    let mut scale = *scale;
    let mut out = Vec::new();
    for (at, Watched { value, .. }) in moments.iter().zip(watched) {
        let added = &at.sums[sums.clone()];
        let cols = value.ncols();
        let added = |i: usize, j: usize| added.get(i * cols + j).copied().unwrap_or(0.0);
        let weight = if factor == 1.0 { 1.0 } else { factor.powi(at.time as i32) };
        let stated = Mat::from_fn(value.nrows(), cols, |i, j| weight * (initial[(i, j)] + added(i, j)));
        out.push((value - &stated).norm_l2());
        if role == Role::Law && !sums.is_empty() {
            scale = scale.max((&stated - initial).norm_l2());
        }
    }
    out.into_iter().map(|d| relative(d, scale)).collect()
}

/// The sum of what the steps change on average beyond what is stated, relative to the size of Q.
fn defects(
    quantity: &Tape,
    sums: &Range<usize>,
    moments: &[Moment],
    bindings: &[Bindings<'static, Mat<f64>>],
) -> Result<Vec<f64>, EvalError> {
    let norms = |x: &Mat<f64>| [x.norm_l2(), 0.0];
    let Some(start) = bindings.first() else { return Ok(vec![]) };
    let scale = quantity.natural_scale(start, &Reals, norms, |_| 0.0)?[0];
    let defect = |at: &Moment| at.sums[sums.clone()].iter().map(|x| x * x).sum::<f64>().sqrt();
    Ok(moments.iter().map(|at| relative(defect(at), scale)).collect())
}

/// ‖lhs − rhs‖ of the worst equation, relative to the largest both sides are along the trajectory.
fn residuals(
    equations: &[[Tape; 2]],
    moments: &[Moment],
    bindings: &[Bindings<'static, Mat<f64>>],
    checker: &Checker,
) -> Result<Vec<f64>, EvalError> {
    let norms = |x: &Mat<f64>| [x.norm_l2(), 0.0];
    let error = checker.instance.error_signal().map_or(0.0, |e| e.norm_l2());
    let mut out = vec![0.0f64; moments.len()];
    for [lhs, rhs] in equations {
        let (mut differences, mut scale) = (Vec::new(), 0.0f64);
        for (at, bindings) in moments.iter().zip(bindings) {
            let speed = tangent_norm(&at.velocity);
            let quantity = |op| if op == Op::Err { error } else { speed };
            let natural = |side: &Tape| side.natural_scale(bindings, &Reals, norms, quantity);
            scale = scale.max(natural(lhs)?[0] + natural(rhs)?[0]);
            differences.push((lhs.eval(bindings, &Reals)? - rhs.eval(bindings, &Reals)?).norm_l2());
        }
        for (worst, d) in out.iter_mut().zip(differences) {
            *worst = worst.max(relative(d, scale));
        }
    }
    Ok(out)
}

fn relative(difference: f64, scale: f64) -> f64 {
    if difference == 0.0 { 0.0 } else { difference / scale }
}

/// Follows one trajectory from the parameters of the instance, and laws along it.
fn follow_all<'a>(
    checker: &'a Checker<'a>,
    tracks: Vec<(&'a Law, Role, Result<Track, EvalError>)>,
    run: &'a Run,
) -> Result<Drifts, CheckError> {
    if let Some(reason) = too_large(checker) {
        let drifts = tracks.into_iter().map(|(law, ..)| skipped(checker, law, run, reason.clone())).collect();
        return Ok(Drifts { drifts, times: vec![], loss: vec![], stopped: None });
    }
    let order: Vec<(&Law, Role, Option<EvalError>)> =
        tracks.iter().map(|(law, role, track)| (*law, *role, track.as_ref().err().cloned())).collect();
    let lowered = tracks.into_iter().filter_map(|(.., track)| track.ok()).collect();
    let tracks = Tracks::new(checker, run, lowered);
    let Trajectory { moments, stopped } = follow_up_to_a_kink(&checker.instance, &course(checker, run), &tracks)?;
    let times: Vec<f64> = moments.iter().map(|at| at.time).collect();
    let loss = moments.iter().map(|at| {
        let mut instance = checker.instance.clone();
        instance.set_parameters(&at.theta)?;
        instance.loss()
    });
    let loss = loss.collect::<Result<Vec<f64>, EvalError>>()?;
    let mut measured = tracks.drifts(&moments)?.into_iter();
    let drifts = order.into_iter().map(|(law, role, error)| {
        let mut drift = skipped(checker, law, run, String::new());
        drift.role = role;
        drift.tolerance = tolerance(law, run);
        match error {
            Some(error) => {
                drift.remark = Some(format!("not followed: {error}"));
                (drift.times, drift.drifts) = (vec![0.0], vec![f64::INFINITY]);
            }
            None => {
                drift.remark = stopped.as_ref().map(Stopped::to_string);
                (drift.times, drift.drifts) = (times.clone(), measured.next().unwrap_or_default());
            }
        }
        drift
    });
    Ok(Drifts { drifts: drifts.collect(), loss, stopped: stopped.clone(), times: times.clone() })
}

/// An equation holds at every point and a step exactly; only what is integrated has the solver's errors.
fn tolerance(law: &Law, run: &Run) -> f64 {
    let exact = is_discrete(&run.dynamics) || matches!(law.statement(), Statement::Equations { .. });
    if exact { TOLERANCE } else { DRIFT }
}

fn course<'a>(checker: &Checker, run: &Run) -> Course<'a> {
    let names = checker.instance.parameter_names().iter().zip(checker.instance.parameters());
    let velocity = names.map(|(name, theta)| {
        let rng = &mut stream(checker.seed, &format!("velocity of {name}"));
        let v = crate::numeric::draw(theta.nrows(), theta.ncols(), Default::default(), rng);
        v * Scale((theta.ncols().max(1) as f64).sqrt().recip())
    });
    let discrete = is_discrete(&run.dynamics);
    let evaluations = if discrete { usize::MAX } else { run.evaluations };
    Course {
        dynamics: run.dynamics.clone(),
        coefficients: run.coefficients,
        potentials: potentials(checker.model, &run.dynamics),
        velocity: velocity.collect(),
        times: run.times.clone(),
        seed: checker.seed,
        evaluations,
        projection: None,
    }
}

fn too_large(checker: &Checker) -> Option<String> {
    let dimension = checker.instance.dimension();
    (dimension > LARGEST).then(|| format!("not followed: {dimension} parameters are more than {LARGEST}"))
}

/// The drift of a law that was not followed.
fn skipped(checker: &Checker, law: &Law, run: &Run, reason: String) -> Drift {
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
fn symmetric(checker: &Checker, law: &Law, run: &Run) -> Option<Drift> {
    let Statement::Structure(Structure::FixedSpace { .. }) = law.statement() else { return None };
    if matches!(run.dynamics, Dynamics::Sgd | Dynamics::Mirror(_)) {
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
    let map = Representation::new(checker.model, action_of(checker, law)?, checker.instance.sizes())?;
    let mut instance = checker.instance.clone();
    instance.set_parameters(&map.project(&instance.parameters())?)?;
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
        Ok(relative(tangent_norm(&away), tangent_norm(&at.theta)))
    };
    let drifts = moments.iter().map(distance).collect::<Result<Vec<f64>, EvalError>>()?;
    Ok((moments.iter().map(|at| at.time).collect(), drifts, stopped))
}
