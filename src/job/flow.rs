//! A dynamics followed from the parameters of an instance, and the laws along the trajectory.

use super::derive::derive_watched;
use super::error::Error;
use super::options::{Given, Options};
use super::report::Report;
use super::watch::{self, Progress, Watch};
use crate::check::{Checker, Drift, Drifts, Run, follow_laws};
use crate::kernel::Hyperparameters;
use crate::language::nearest;
use crate::model::{DYNAMICS, Dynamics, DynamicsRow, Hyperparameter, Model};
use crate::numeric::trajectory::{Coefficients, Stopped, is_discrete};
use crate::rewrite::RuleBook;
use crate::term::Symbol;

/// Which trajectory is followed. The default is the first dynamics the model names, else gradient flow, until the time 5 or
/// for 1000 steps. Construct others with `..Course::default()`, so that fields can be added.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// The name of the dynamics in the language.
    pub dynamics: Option<String>,
    /// How long a continuous dynamics is followed.
    pub time: Option<f64>,
    /// How many steps of a discrete dynamics are taken.
    pub steps: Option<u64>,
    /// At how many moments after the start the laws are looked at, at least 1.
    pub points: u64,
    /// Numbers for the hyper-parameters of the dynamics, by their names in the laws.
    pub set: Vec<(String, f64)>,
}

impl Default for Course {
    fn default() -> Course {
        Course { dynamics: None, time: None, steps: None, points: 200, set: vec![] }
    }
}

impl Course {
    /// The trajectory of this course for a model.
    ///
    /// # Errors
    /// When the model has no such dynamics, it has no such hyper-parameters, or is not followed in this kind of time.
    pub(crate) fn run(&self, model: &Model) -> Result<Run, Error> {
        let dynamics = dynamics(model, self.dynamics.as_deref())?;
        let coefficients = coefficients(model, &dynamics, &self.set)?;
        let times = times(&dynamics, self)?;
        if cfg!(not(feature = "flow")) && !is_discrete(&dynamics) {
            return Err(Error::NoFlows);
        }
        let evaluations = if is_discrete(&dynamics) { usize::MAX } else { EVALUATIONS };
        Ok(Run { dynamics, coefficients, times, evaluations })
    }
}

/// The most gradients of one trajectory in continuous time.
const EVALUATIONS: usize = 400_000;

/// About the most multiplications of one trajectory: minutes, not hours.
const WORK: u64 = 1 << 34;

/// A trajectory and the laws along it.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The model with the laws of all dynamics.
    pub(crate) report: Report,
    pub(crate) run: Run,
    pub(crate) found: Drifts,
    /// Whether the trajectory starts at parameters that were given.
    pub(crate) given: bool,
}

impl Flow {
    /// Whether every action was proved, no law drifts, and where there are laws some of them were followed.
    pub fn is_clean(&self) -> bool {
        let drifts = &self.found.drifts;
        let followed = drifts.is_empty() || drifts.iter().any(|drift| drift.drifts.len() > 1);
        self.report.is_clean() && drifts.iter().all(Drift::passed) && followed
    }
}

/// What the command `equilaw flow` does: derives the laws of all dynamics and follows them along one trajectory. Dynamics in
/// continuous time need the feature `flow`; those in steps do not.
///
/// ```
/// use equilaw::{Course, Model, Options, RuleBook, Unwatched, flow};
///
/// let model = Model::parse(
///     "linear.eqv",
///     "model linear
///      dim d = 2, h = 2, k = 1, n = 3
///      param W1 : h x d
///      param W2 : k x h
///      data X : d x n
///      output F = W2 * W1 * X
///      loss any
///      action basis : g in GL(h) { W1 -> g * W1; W2 -> W2 * inv(g) }",
/// )?;
/// let course = Course {
///     dynamics: Some("gradient_descent".into()),
///     steps: Some(20),
///     set: vec![("eta".into(), 0.01)],
///     ..Course::default()
/// };
/// let flow = flow(&model, &RuleBook::builtin()?, &Options::default(), &course, &Unwatched)?;
/// assert!(flow.is_clean());
/// assert!(flow.csv().starts_with("step,"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the sizes, matrices, dynamics or hyper-parameters do not fit the model, or the trajectory ends before its time other
/// than at a kink of the loss that holds it.
pub fn flow(
    model: &Model,
    book: &RuleBook,
    options: &Options,
    course: &Course,
    watch: &dyn Watch,
) -> Result<Flow, Error> {
    let mut model = model.clone();
    let sizes = model.sizes(&options.dims)?;
    let run = course.run(&*model.written_out(&sizes)?)?;
    // The laws of all dynamics: those of this one, and for contrast what the others conserve.
    model.dynamics.retain(|d| d.row().plain.is_none());
    model.dynamics.extend(DYNAMICS.iter().filter_map(|row| row.plain.clone()));
    let derivation = Options { checks: false, flows: false, count: None, ..options.clone() };
    let report = derive_watched(&model, book, &derivation, watch)?;
    watch::go_on(watch)?;
    watch.tell(&Progress::Following(run.dynamics.name()));
    let given: Vec<_> = options.given.iter().map(Given::matrix).collect::<Result<_, _>>()?;
    let written = report.model.written_out(&sizes)?;
    let checker = Checker::at(&written, &sizes, options.seed, &given)?;
    let affordable = usize::try_from(WORK / checker.instance().work().max(1)).unwrap_or(usize::MAX);
    let run = Run { evaluations: run.evaluations.min(affordable.max(1)), ..run };
    followed(&checker, &report, run, !given.is_empty())
}

/// The laws of a report along a trajectory, which ends in time or at a kink that holds it.
pub(super) fn followed(checker: &Checker, report: &Report, run: Run, given: bool) -> Result<Flow, Error> {
    let found = follow_laws(checker, &report.laws, &run)?;
    // Laws hold where L is differentiable: a kink that holds the trajectory is where they end.
    let ends = |stopped: &&Stopped| !matches!(stopped, Stopped::Kink(_)) || found.times.len() < 2;
    match found.stopped.as_ref().filter(ends) {
        Some(stopped) => Err(Error::Stopped { stopped: stopped.clone(), discrete: is_discrete(&run.dynamics) }),
        None => Ok(Flow { report: report.clone(), run, found, given }),
    }
}

/// The dynamics of the name, or the default one.
pub(super) fn dynamics(model: &Model, name: Option<&str>) -> Result<Dynamics, Error> {
    let Some(name) = name else { return Ok(model.dynamics.first().cloned().unwrap_or(Dynamics::GradientFlow)) };
    let Some(row) = DynamicsRow::named(name) else {
        let meant = nearest(name, Dynamics::names());
        return Err(Error::UnknownDynamics { name: name.to_string(), meant });
    };
    let declared = || model.dynamics.iter().find(|d| d.name() == name).cloned();
    row.plain.clone().or_else(declared).ok_or(Error::NoPotentials)
}

/// The default numbers of the hyper-parameters, with those that were set. Gradient descent decays only when it is told.
fn coefficients(model: &Model, dynamics: &Dynamics, set: &[(String, f64)]) -> Result<Coefficients, Error> {
    let hyper = Hyperparameters::of(model);
    let [decay, friction, step, _] = hyper.values().map(|(_, value)| value);
    let mut out = Coefficients { decay, friction, step };
    if dynamics.row().decayed.is_some() {
        out.decay = 0.0;
    }
    let symbol = |number: &Hyperparameter| match number {
        Hyperparameter::Decay => hyper.decay,
        Hyperparameter::Friction => hyper.friction,
        Hyperparameter::Step => hyper.step,
    };
    let own: Vec<Symbol> = dynamics.row().hyperparameters.iter().map(symbol).collect();
    for (name, value) in set {
        let Some(symbol) = own.iter().find(|own| own.as_str() == name) else {
            let names: Vec<&str> = own.iter().map(|own| own.as_str()).collect();
            let help = match nearest(name, names.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if names.is_empty() => "it has no hyper-parameters".into(),
                None => format!("it has {}", names.join(" and ")),
            };
            return Err(Error::Hyperparameter(format!("{} has no `{name}`; {help}", dynamics.name())));
        };
        let least_excluded = *symbol == hyper.step;
        if !value.is_finite() || *value < 0.0 || least_excluded && *value == 0.0 {
            let bound = if least_excluded { "positive" } else { "not negative" };
            return Err(Error::Hyperparameter(format!("{name} has to be {bound}, it is {value}")));
        }
        match *symbol {
            s if s == hyper.decay => out.decay = *value,
            s if s == hyper.friction => out.friction = *value,
            _ => out.step = *value,
        }
    }
    if *dynamics == Dynamics::GradientDescent && out.step * out.decay >= 1.0 {
        let product = out.step * out.decay;
        let message = format!("{} {} has to be below 1, it is {product}", hyper.step, hyper.decay);
        return Err(Error::Hyperparameter(message));
    }
    Ok(out)
}

/// When the laws are looked at.
fn times(dynamics: &Dynamics, course: &Course) -> Result<Vec<f64>, Error> {
    let points = course.points.max(1);
    match (is_discrete(dynamics), course.time, course.steps) {
        (true, Some(_), _) => Err(Error::NotContinuous(dynamics.name())),
        (false, _, Some(_)) => Err(Error::NotDiscrete(dynamics.name())),
        (true, None, steps) => {
            let steps = steps.unwrap_or(1000);
            let at = |k: u64| u128::from(k) * u128::from(steps) / u128::from(points);
            let mut times: Vec<u128> = (0..=points).map(at).collect();
            times.dedup();
            Ok(times.into_iter().map(|k| k as f64).collect())
        }
        (false, time, None) => {
            let time = time.unwrap_or(5.0);
            if !(time.is_finite() && time > 0.0) {
                return Err(Error::Time(time));
            }
            Ok((0..=points).map(|k| time * k as f64 / points as f64).collect())
        }
    }
}
