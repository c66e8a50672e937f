//! Whether the derived laws of gradient flow are all there are, and what is missing.

use super::count::first_integrals;
use super::derive::derive_watched;
use super::error::Error;
use super::options::Options;
use super::report::Report;
use super::watch::{self, Progress, Watch};
use crate::exact::{self, Bounds, Completeness, ExactError, Fields, Integrals, Polynomial, Sweep, missing_laws, sweep};
use crate::kernel::Law;
use crate::model::{Model, SizeError};
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
pub fn answer(
    model: &Model,
    laws: &[Law],
    sizes: &Sizes,
    degree: usize,
    bounds: Bounds,
    watch: exact::Watch,
) -> Result<Answer, ExactError> {
    let known = first_integrals(model, laws);
    let completeness = exact::complete(model, sizes, &known, bounds, watch)?;
    let found = match completeness.complete() || !completeness.is_certified() {
        true => None,
        false => missing_laws(model, sizes, &known, degree, &completeness.regions, bounds, watch)?,
    };
    Ok(Answer { completeness, found })
}

/// How the laws are counted.
#[derive(Clone, Debug)]
pub struct Question {
    /// How long the brackets are that are drawn, and over which field.
    pub bounds: Bounds,
    /// The largest degree of polynomials among which missing laws are sought.
    pub degree: usize,
    /// Sizes over which the count is tabulated, in place of one count.
    pub ranges: Vec<(String, Vec<u64>)>,
}

/// What became of a count.
#[derive(Clone, Debug)]
pub enum Counted {
    /// At the sizes of the report.
    Once { fields: Box<Fields>, answer: Answer },
    /// At all sizes of the ranges.
    Table(Sweep),
}

/// What the command `equilaw complete` does: derives the laws of gradient flow, whatever dynamics the model names, and counts
/// those that there are.
///
/// # Errors
/// When the sizes do not fit the model, the count has no exact answer or needs too much memory, or the watch ends the job.
pub fn complete(
    model: &Model,
    book: &RuleBook,
    options: &Options,
    question: &Question,
    watch: &dyn Watch,
) -> Result<(Report, Counted), Error> {
    let mut model = model.clone();
    model.dynamics.clear();
    elimination(&model, options, question)?;
    let derivation = Options { checks: false, discovery: false, count: None, ..options.clone() };
    let report = derive_watched(&model, book, &derivation, watch)?;
    watch.tell(&Progress::Counting);
    let sizes = model.sizes(&options.dims)?;
    if !question.ranges.is_empty() {
        let ranges: Vec<(Symbol, Vec<usize>)> = question.ranges.iter().map(range).collect::<Result<_, _>>()?;
        let known = first_integrals(&model, &report.laws);
        let found = sweep(&model, &sizes, &ranges, &known, question.bounds, &watch::exact(watch))?;
        return Ok((report, Counted::Table(found)));
    }
    let answer = answer(&model, &report.laws, &sizes, question.degree, question.bounds, &watch::exact(watch))?;
    let fields = Box::new(Fields::new(&model, &sizes).map_err(ExactError::from)?);
    Ok((report, Counted::Once { fields, answer }))
}

fn range((name, values): &(String, Vec<u64>)) -> Result<(Symbol, Vec<usize>), Error> {
    let values: Option<Vec<usize>> = values.iter().map(|n| usize::try_from(*n).ok()).collect();
    Ok((name.as_str().into(), values.ok_or_else(|| SizeError::TooLarge(name.clone()))?))
}

/// The largest matrix of an elimination, in bytes.
const MEMORY: u64 = 8 << 30;

/// The bytes of the elimination of a count at the largest of its sizes: D rows of D residues, and a batch of vectors as they
/// are drawn and as they are reduced.
///
/// # Errors
/// When it would need more than is taken, or the sizes do not fit the model.
pub fn elimination(model: &Model, options: &Options, question: &Question) -> Result<u64, Error> {
    let largest = question.ranges.iter().filter_map(|(name, values)| Some((name.clone(), *values.iter().max()?)));
    let dims: Vec<(String, u64)> = options.dims.iter().cloned().chain(largest).collect();
    let fields = Fields::new(model, &model.sizes(&dims)?).map_err(ExactError::from)?;
    let d = fields.dimension() as u64;
    let bytes = d.saturating_mul(d).saturating_mul(8).saturating_add(d.saturating_mul(512 * 16));
    match bytes > MEMORY {
        true => Err(Error::Memory { parameters: fields.dimension(), gibibytes: bytes >> 30, most: MEMORY >> 30 }),
        false => Ok(bytes),
    }
}
