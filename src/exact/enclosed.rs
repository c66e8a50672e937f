//! Counts at real points, proved by enclosing every number: no root must exist in a field, and nothing is supposed of the values of
//! functions.
//!
//! *Statement.* If brackets of fields at a real point form a matrix of rank r then dim Lie(𝒱)(θ) ≥ r near it, hence at generic θ, since
//! minors are analytic functions, behind gates near the point. Every entry is enclosed by arithmetic with error bounds, and the rank
//! proved from below for all matrices in the enclosures.

use super::assumption::assumptions;
use super::completeness::{Arithmetic, Certificate, Completeness, Question};
use super::epsilon::is_minute;
use super::fields::Fields;
use super::point::Point;
use super::proved::{Near, eliminated_rank, proved_rank, surely_meet, uncertainty};
use super::region::{Origin, Region};
use super::scalar::{Exactly, valued};
use super::{ExactError, Progress};
use crate::eval::{Bindings, Dense, Enclosed, Enclosure, EvalError, Number};
use crate::model::Loss;
use crate::term::Symbol;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// The largest number of parameters: elimination takes its cube.
const LARGEST: usize = 4_000;

/// How many brackets more than are needed are drawn first.
const SPARE: usize = 8;

/// At how many points behind gates.
const POINTS: u64 = 2;

/// How far from known, relative to its largest entry, a row may be before it is computed with more digits.
const VAGUE: f64 = 1e-13;

/// Up to about how many multiplications of enclosed numbers what floats do not see is sought.
const ELIMINATION: usize = 1 << 27;

type Rows = Vec<Vec<Near>>;

/// One real point, its numbers enclosed with fewer and with more digits.
struct Points {
    with_128: Point<Enclosure<2>>,
    with_256: Point<Enclosure<4>>,
    with_512: Point<Exactly>,
}

impl Points {
    fn of(point: Point<Exactly>) -> Self {
        Points { with_128: point.with_digits(), with_256: point.with_digits(), with_512: point }
    }
}

/// What is drawn under some numbers, without those that have nothing.
fn drawn<R: Send>(
    numbers: impl IntoParallelIterator<Item = (usize, u64)>,
    draw: impl Fn(usize, u64) -> Result<R, EvalError> + Sync + Send,
) -> Result<Vec<R>, EvalError> {
    let one = |(depth, number)| match draw(depth, number) {
        Err(error) if error.is_unlucky() => Ok(None),
        row => row.map(Some),
    };
    let rows = numbers.into_par_iter().map(one).collect::<Result<Vec<Option<R>>, EvalError>>()?;
    Ok(rows.into_iter().flatten().collect())
}

impl Fields {
    /// Whether there are so few parameters that their brackets can be enclosed.
    pub(super) fn is_enclosable(&self) -> bool {
        self.dimension() <= LARGEST
    }

    /// [`complete`](super::complete) at real points; `None` where some function is not enclosed there, or there are too many parameters.
    pub(super) fn enclosed_count(&self, question: Question) -> Result<Option<Completeness>, ExactError> {
        if !self.is_enclosable() {
            return Ok(None);
        }
        let seed = question.bounds.seed;
        let mut best: Option<Completeness> = None;
        for k in 0..if self.is_piecewise() { POINTS } else { 1 } {
            let origin = Origin { seed: seed.wrapping_add(k), sought: self.is_piecewise() };
            let found = match self.enclosed_completeness(question, origin) {
                Err(ExactError::Eval(error)) if error.is_unlucky() => continue,
                Err(ExactError::Eval(EvalError::Unsupported(_))) => return Ok(None),
                found => found?,
            };
            let regions = best.iter().flat_map(|best| &best.regions).chain(&found.regions).cloned().collect();
            let mut least = match best {
                Some(best) if best.lie_dimension >= found.lie_dimension => best,
                _ => found,
            };
            least.regions = regions;
            let complete = least.complete();
            best = Some(least);
            if complete {
                break;
            }
        }
        Ok(best)
    }

    fn enclosed_completeness(&self, question: Question, origin: Origin) -> Result<Completeness, ExactError> {
        let (bounds, d) = (question.bounds, self.dimension());
        let point = Points::of(self.origin(origin, bounds.seed)?);
        let gradients = self.enclosed_gradients(question, &point)?;
        let laws_known = proved_rank(&gradients.concat(), d);
        let most = d - laws_known;
        let (mut rows, mut ranks, mut exhausted) = (Rows::new(), Vec::new(), false);
        for depth in 1..=bounds.depth {
            let before = ranks.last().copied().unwrap_or(0);
            let rank = self.exhaust_enclosed(question, &point, (depth, before, most), &mut rows)?;
            exhausted = rank >= most || rank <= before;
            ranks.push(rank.max(before));
            if exhausted {
                break;
            }
        }
        self.contradicted(question, &gradients, &rows)?;
        let is_hidden = ranks.last().is_some_and(|rank| *rank < most) && is_minute(question.subject.model);
        if is_hidden && self.elimination(most) <= ELIMINATION {
            let rank = self.eliminated(&point, bounds.seed, &ranks, most)?;
            ranks.iter_mut().last().into_iter().for_each(|last| *last = rank.max(*last));
        }
        let lie_dimension = ranks.last().copied().unwrap_or(0);
        let (laws_at_most, depth) = (d - lie_dimension, ranks.len());
        Ok(Completeness {
            parameters: self.parameter_entries(),
            coordinates: d,
            lie_dimension,
            laws_at_most,
            laws_known,
            certificate: Certificate {
                arithmetic: Arithmetic::Enclosed { digits: Exactly::DIGITS },
                seed: bounds.seed,
                depth,
                ranks: ranks.clone(),
                exhausted,
                curve: None,
            },
            regions: vec![Region { origin, lie_dimension, laws_at_most, ranks, exhausted }],
            any_loss: question.subject.model.loss == Loss::Any,
            assumptions: assumptions(question.subject, self, BTreeSet::new()),
        })
    }

    /// Adds brackets of one depth until the rank is the largest that known laws leave, or many add nothing; the rank.
    fn exhaust_enclosed(
        &self,
        Question { bounds, watch, .. }: Question,
        point: &Points,
        (depth, before, most): (usize, usize, usize),
        rows: &mut Rows,
    ) -> Result<usize, ExactError> {
        let patience = self.patience(depth, true);
        let (mut number, mut rank) = (0, before);
        let mut count = (most.saturating_sub(before) + SPARE) as u64;
        loop {
            let numbers: Vec<(usize, u64)> = (number..number + count).map(|number| (depth, number)).collect();
            rows.extend(drawn(numbers, |depth, number| self.enclosed_bracket(point, bounds.seed, depth, number))?);
            number += count;
            let found = proved_rank(rows, self.dimension()).max(rank);
            watch(Progress { depth, drawn: number, rank: found, of: self.dimension() })?;
            let grew = found > rank;
            rank = found;
            if rank >= most || !grew {
                return Ok(rank);
            }
            count = patience as u64;
        }
    }

    /// About how many multiplications elimination takes.
    fn elimination(&self, most: usize) -> usize {
        most.saturating_mul(most).saturating_mul(self.dimension())
    }

    /// The rank of so many brackets of each depth as may be missing, with all digits.
    fn eliminated(&self, point: &Points, seed: u64, ranks: &[usize], most: usize) -> Result<usize, ExactError> {
        let before = std::iter::once(0).chain(ranks.iter().copied());
        let numbers = before.zip(1..=ranks.len()).flat_map(|(before, depth)| {
            let count = (most.saturating_sub(before) + SPARE) as u64;
            (0..count).map(move |number| (depth, number))
        });
        let bracket = |depth, number| self.bracket_number(&point.with_512, seed, depth, number);
        Ok(eliminated_rank(drawn(numbers.collect::<Vec<_>>(), bracket)?))
    }

    /// A bracket with as many digits as it needs; those of many fields need more from the start.
    fn enclosed_bracket(&self, at: &Points, seed: u64, depth: usize, number: u64) -> Result<Vec<Near>, EvalError> {
        let sure = |row: Result<Vec<Near>, EvalError>| match row {
            Ok(row) => (uncertainty(&row) < VAGUE).then_some(Ok(row)),
            Err(error) => (!error.is_unlucky()).then_some(Err(error)),
        };
        let first = if depth > 1 { None } else { sure(self.near(&at.with_128, seed, depth, number)) };
        let second = || sure(self.near(&at.with_256, seed, depth, number));
        first.or_else(second).unwrap_or_else(|| self.near(&at.with_512, seed, depth, number))
    }

    /// A bracket as floats and distances from them.
    fn near<const N: usize>(
        &self,
        at: &Point<Enclosure<N>>,
        seed: u64,
        depth: usize,
        number: u64,
    ) -> Result<Vec<Near>, EvalError> {
        Ok(self.bracket_number(at, seed, depth, number)?.into_iter().map(Near::from).collect())
    }

    /// The gradients of the components of each known quantity.
    fn enclosed_gradients(
        &self,
        question: Question,
        Points { with_256: point, .. }: &Points,
    ) -> Result<Vec<Rows>, ExactError> {
        type Few = Enclosure<4>;
        let names: Vec<Symbol> = self.state().iter().map(|b| b.name).collect();
        let fixed: Vec<(Symbol, Dense<Few>)> = point.fixed.iter().map(|(name, x)| (*name, valued(x))).collect();
        let at: Bindings<Dense<Few>> = self.bindings(&fixed, &point.values);
        let of_quantity = |quantity: &_| {
            let tape = question.tape(quantity)?;
            let (rows, cols) = tape.shape();
            let gradient = |k: usize| {
                let z = Dense::from_fn(rows, cols, |i, j| Few::from_integer((i * cols + j == k).into()));
                let gradient = self.flat(&tape.vjp(&at, &Enclosed, &z, &names)?.1);
                Ok::<_, EvalError>(gradient.into_iter().map(Near::from).collect())
            };
            Ok((0..rows * cols).map(gradient).collect::<Result<Rows, EvalError>>()?)
        };
        question.known.iter().map(of_quantity).collect()
    }

    /// An error where a field surely moves a quantity: one of the two is wrong.
    fn contradicted(&self, question: Question, gradients: &[Rows], fields: &Rows) -> Result<(), ExactError> {
        for (quantity, gradients) in question.known.iter().zip(gradients) {
            if fields.par_iter().any(|field| gradients.iter().any(|gradient| surely_meet(field, gradient))) {
                let how = "a bracket of gradient fields moves its quantity at a real point".into();
                return Err(ExactError::Contradiction { law: quantity.law.to_string(), how });
            }
        }
        Ok(())
    }
}
