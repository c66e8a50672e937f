//! Whether the derived laws of a dynamics are all there are, and what is missing.

use super::count::{Larger, first_integrals, larger};
use super::derive::derive_watched;
use super::error::Error;
use super::flow;
use super::options::Options;
use super::report::Report;
use super::watch::{self, Progress, Watch};
use crate::exact::{
    self, Bounds, Completeness, ExactError, Field, Fields, Integrals, Motion, Polynomial, Subject, Sweep, missing_laws,
    tabulate,
};
use crate::kernel::{Hyperparameters, Law};
use crate::model::{Dynamics, Model, SizeError};
use crate::rewrite::RuleBook;
use crate::term::{Sizes, Symbol};

/// The count of laws against the derived ones, and the polynomials that fill a gap.
#[derive(Clone, Debug)]
pub struct Answer {
    pub completeness: Completeness,
    /// Sought when laws are missing and finite fields tell the truth.
    pub found: Option<Integrals>,
}

impl Answer {
    /// How many independent laws are neither derived nor found.
    pub fn unknown(&self) -> usize {
        let known = self.found.as_ref().map_or(self.completeness.laws_known, |found| found.rank);
        self.completeness.laws_at_most.saturating_sub(known)
    }

    /// The polynomials that were found and have no matrix formula.
    pub fn polynomials(&self) -> &[Polynomial] {
        self.found.as_ref().map_or(&[], |found| &found.polynomials)
    }
}

/// Counts the laws, and where derived ones do not suffice looks for conserved polynomials up to a degree.
///
/// # Errors
/// When the dynamics moves in steps, or the count has no exact answer.
pub fn answer(
    model: &Model,
    dynamics: &Dynamics,
    laws: &[Law],
    sizes: &Sizes,
    degree: usize,
    bounds: Bounds,
    watch: exact::Watch,
) -> Result<Answer, Error> {
    let (written, moved) = (model.written_out(sizes)?, model.written_dynamics(dynamics, sizes)?);
    let written = written.tied();
    let (subject, known) = (subject(&written, &moved)?, first_integrals(&written, dynamics, laws, sizes));
    let completeness = exact::complete(subject, sizes, &known, bounds, watch)?;
    let found = match completeness.complete() || !completeness.is_exact() {
        true => None,
        false => missing_laws(subject, sizes, &known, degree, &completeness.regions, bounds, watch)?,
    };
    Ok(Answer { completeness, found })
}

/// What laws are counted of, in which nothing is held where θ moves, with time and the number of the dynamics under the names that the laws give them.
fn subject<'a>(model: &'a Model, dynamics: &'a Dynamics) -> Result<Subject<'a>, Error> {
    let Hyperparameters { decay, friction, time, .. } = Hyperparameters::of(model);
    let motion = match dynamics {
        Dynamics::GradientFlow => Motion::Gradient,
        Dynamics::WeightDecay => Motion::Decay { decay, time },
        Dynamics::HeavyBall => Motion::HeavyBall { friction, time },
        Dynamics::Mirror(potentials) => Motion::Mirror(potentials),
        Dynamics::GradientDescent | Dynamics::Sgd => return Err(Error::NotCounted(dynamics.name())),
    };
    Ok(Subject { model, motion })
}

/// How the laws of a model are counted. Construct others with `..Question::default()`, so that fields can be added.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The name of the dynamics in the language; `None` is gradient flow.
    pub dynamics: Option<String>,
    /// The longest brackets of gradient fields that are drawn.
    pub depth: usize,
    /// The largest degree of polynomials among which missing laws are sought.
    pub degree: usize,
    /// Whether ranks are computed modulo a prime of 23 bits, which is faster at many parameters, or else of 61 bits; `None`
    /// chooses by the number of parameters.
    pub small_prime: Option<bool>,
    /// Sizes over which the count is tabulated, in place of one count: names of sizes, each with its values.
    pub ranges: Vec<(String, Vec<u64>)>,
}

impl Default for Question {
    fn default() -> Question {
        Question { dynamics: None, depth: Bounds::default().depth, degree: 2, small_prime: None, ranges: vec![] }
    }
}

impl Question {
    /// The dynamics that is asked about.
    fn dynamics(&self, model: &Model) -> Result<Dynamics, Error> {
        let name = self.dynamics.as_deref().unwrap_or(Dynamics::GradientFlow.name());
        flow::dynamics(model, Some(name))
    }

    fn bounds(&self, seed: u64) -> Bounds {
        let field = self.small_prime.map(|small| if small { Field::Small } else { Field::Large });
        Bounds { seed, depth: self.depth, field }
    }
}

/// How many conservation laws a dynamics of a model has at most, and how many of them are derived.
#[derive(Clone, Debug)]
pub struct Counted {
    pub(crate) report: Report,
    pub(crate) dynamics: Dynamics,
    pub(crate) tally: Tally,
}

/// What was counted.
#[derive(Clone, Debug)]
pub(crate) enum Tally {
    /// At the sizes of the report.
    Once {
        fields: Box<Fields>,
        answer: Box<Answer>,
        /// Of a model with families, where an index runs further by one.
        larger: Option<Box<Larger>>,
    },
    /// At all sizes of the ranges.
    Table(Sweep),
}

/// What the command `equilaw complete` does: derives the laws of gradient flow, or of the dynamics that is asked about, whatever the
/// model names, and bounds how many independent ones there are by the rank of a Lie algebra, which is exact: D − dim Lie(𝒱)(θ)
/// (Marcotte, Gribonval and Peyré, NeurIPS 2023; beyond gradient flow 2024). Where fewer are derived it looks for conserved polynomials of the entries. Symmetries of a
/// model that declares none are sought as for [`derive()`](crate::derive); the checks and the count of the options are left aside.
///
/// ```
/// use equilaw::{Model, Options, Question, RuleBook, Unwatched, complete};
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
/// let counted = complete(&model, &RuleBook::builtin()?, &Options::default(), &Question::default(), &Unwatched)?;
/// assert!(counted.is_complete());
/// assert_eq!(counted.laws_at_most(), [3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the sizes or the dynamics do not fit the model, the count has no exact answer or needs too much memory, or the watch ends the job.
pub fn complete(
    model: &Model,
    book: &RuleBook,
    options: &Options,
    question: &Question,
    watch: &dyn Watch,
) -> Result<Counted, Error> {
    let dynamics = question.dynamics(model)?;
    let mut model = model.clone();
    model.dynamics = if dynamics == Dynamics::GradientFlow { vec![] } else { vec![dynamics.clone()] };
    elimination(&model, options, question)?;
    let derivation = Options { checks: false, count: None, ..options.clone() };
    // Where no symmetry can be sought the laws are counted all the same.
    let report = derive_watched(&model, book, &derivation, watch).or_else(|error| {
        let alone = Options { discovery: false, ..derivation.clone() };
        let sought = derivation.discovery && model.actions.is_empty() && !matches!(error, Error::Cancelled);
        if sought { derive_watched(&model, book, &alone, watch) } else { Err(error) }
    })?;
    watch.tell(&Progress::Counting);
    let (sizes, bounds) = (model.sizes(&options.dims)?, question.bounds(options.seed));
    if !question.ranges.is_empty() {
        let ranges: Vec<(Symbol, Vec<usize>)> = question.ranges.iter().map(range).collect::<Result<_, _>>()?;
        let found = tabulate(&sizes, &ranges, |sizes| {
            let (written, moved) = (model.written_out(sizes)?, model.written_dynamics(&dynamics, sizes)?);
            let written = written.tied();
            let known = first_integrals(&written, &dynamics, &report.laws, sizes);
            Ok::<_, Error>(exact::complete(subject(&written, &moved)?, sizes, &known, bounds, &watch::exact(watch))?)
        })?;
        return Ok(Counted { report, dynamics, tally: Tally::Table(found) });
    }
    let answer = answer(&model, &dynamics, &report.laws, &sizes, question.degree, bounds, &watch::exact(watch))?;
    let larger = match dynamics {
        Dynamics::GradientFlow => {
            larger(&model, &report.laws, &sizes, &answer.completeness, bounds, LARGER, &watch::exact(watch))?
        }
        _ => None,
    };
    let (written, moved) = (model.written_out(&sizes)?, model.written_dynamics(&dynamics, &sizes)?);
    let written = written.tied();
    let fields = Box::new(Fields::new(subject(&written, &moved)?, &sizes).map_err(ExactError::from)?);
    Ok(Counted {
        report,
        dynamics,
        tally: Tally::Once { fields, answer: Box::new(answer), larger: larger.map(Box::new) },
    })
}

fn range((name, values): &(String, Vec<u64>)) -> Result<(Symbol, Vec<usize>), Error> {
    let values: Option<Vec<usize>> = values.iter().map(|n| usize::try_from(*n).ok()).collect();
    Ok((name.as_str().into(), values.ok_or_else(|| SizeError::TooLarge(name.clone()))?))
}

/// The most multiplications of a count at larger sizes: seconds, not minutes.
const LARGER: u64 = 1 << 34;

/// The largest matrix of an elimination, in bytes.
const MEMORY: u64 = 8 << 30;

/// The most bytes of sparse rows.
const SPARSE: u64 = 2 << 30;

/// For each entry of a D × D matrix the bytes of a count with enclosed numbers, as measured: brackets with their radii, both factors, the
/// approximate inverse and what is left of the identity.
const OF_ENCLOSED: u64 = 192;

/// The bytes of the elimination of a count at the largest of its sizes: D rows of D residues, and a batch of vectors as they
/// are drawn and as they are reduced; more where numbers may be enclosed.
///
/// # Errors
/// When it would need more than is taken, or the sizes or the dynamics do not fit the model.
pub fn elimination(model: &Model, options: &Options, question: &Question) -> Result<u64, Error> {
    let largest = question.ranges.iter().filter_map(|(name, values)| Some((name.clone(), *values.iter().max()?)));
    let dims: Vec<(String, u64)> = options.dims.iter().cloned().chain(largest).collect();
    let dynamics = question.dynamics(model)?;
    let sizes = model.sizes(&dims)?;
    let (written, moved) = (model.written_out(&sizes)?, model.written_dynamics(&dynamics, &sizes)?);
    let written = written.tied();
    let fields = Fields::new(subject(&written, &moved)?, &sizes).map_err(ExactError::from)?;
    let d = fields.dimension() as u64;
    let each = if question.small_prime.is_none() && fields.may_be_enclosed() { OF_ENCLOSED } else { 8 };
    let bytes = d.saturating_mul(d).saturating_mul(each).saturating_add(d.saturating_mul(512 * 16));
    match bytes > MEMORY {
        // What sparse fields do not decide is refused then.
        true if fields.are_sparse() && question.small_prime != Some(false) => Ok(SPARSE),
        true => {
            Err(Error::Memory { parameters: fields.parameter_entries(), gibibytes: bytes >> 30, most: MEMORY >> 30 })
        }
        false => Ok(bytes),
    }
}
