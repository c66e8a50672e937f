//! Counts at real points, proved by enclosing every number: no root must exist in a field, and nothing is supposed of the values of
//! functions.
//!
//! *Statement.* If brackets of fields at a real point form a matrix of rank r then dim Lie(𝒱)(θ) ≥ r near it, hence at generic θ, since
//! minors are analytic functions, behind gates near the point. Every entry is enclosed by arithmetic with error bounds, and the rank
//! proved from below for all matrices in the enclosures.

use super::assumption::assumptions;
use super::branch::outer;
use super::complemented::complemented_rank;
use super::completeness::{Arithmetic, Certificate, Completeness, Question};
use super::fields::Fields;
use super::point::Point;
use super::proved::{Near, entries, likely_rank, proved_rank, surely_meet, uncertainty};
use super::region::{Choice, Origin, Region};
use super::scalar::{Exactly, valued};
use super::{ExactError, Progress};
use crate::eval::{Bindings, Dense, Enclosed, Enclosure, EvalError, Number};
use crate::model::{Loss, Model};
use crate::term::Symbol;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// The largest number of parameters: elimination takes its cube.
const LARGEST: usize = 4_000;

/// How many brackets more than are needed are drawn first.
const SPARE: usize = 8;

/// From how many parameters by which branches reach the rest on these are drawn small.
const MANY: usize = 8;

/// At how many points behind gates.
const POINTS: u64 = 2;

/// How far from known, relative to its largest entry, a row may be before it is computed with more digits.
const VAGUE: f64 = 1e-13;

type Rows = Vec<Vec<Near>>;

fn floats(row: &[Near]) -> Vec<f64> {
    row.iter().map(|x| x.float).collect()
}

/// What was found, where it is no matter of digits: a row that is known well enough, or an error.
fn sure(row: Result<Vec<Near>, EvalError>) -> Option<Result<Vec<Near>, EvalError>> {
    match row {
        Ok(row) => (uncertainty(&row) < VAGUE).then_some(Ok(row)),
        Err(error) => (!error.is_unlucky()).then_some(Err(error)),
    }
}

/// Brackets at a point, and what they are drawn from: their depths and numbers.
#[derive(Default)]
struct Brackets {
    rows: Rows,
    drawn: Vec<(usize, u64)>,
    /// The rows with more digits, of those that were asked for them.
    exactly: Vec<OnceLock<Vec<Enclosure<4>>>>,
}

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
        let weak = self.with_weak_branches(question.subject.model);
        let mut best: Option<Completeness> = None;
        for origin in weak.enclosed_origins(question)? {
            let found = match origin.choice {
                Choice::Enlarged { .. } => weak.of_large_data().enclosed_completeness(question, origin),
                _ => weak.enclosed_completeness(question, origin),
            };
            let found = match found {
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

    /// The same fields, of many branches with each so small that the uncertainty of numbers does not grow from one to the next.
    fn with_weak_branches(&self, model: &Model) -> Fields {
        let (outer, mut fields) = (outer(model), self.clone());
        if outer.len() >= MANY {
            fields.state.iter_mut().for_each(|block| block.weak = outer.contains(&block.name));
        }
        fields
    }

    pub(super) fn has_weak_branches(&self) -> bool {
        self.state.iter().any(|block| block.weak)
    }

    /// The points at which numbers are enclosed, the most promising first.
    fn enclosed_origins(&self, question: Question) -> Result<Vec<Origin>, ExactError> {
        let seed = question.bounds.seed;
        let of = |choice| (0..POINTS).map(move |k| Origin { seed: seed.wrapping_add(k), choice });
        // As many fields as known laws leave room for.
        let enough = || {
            let somewhere = Points::of(self.point_given(seed, seed)?);
            let known = proved_rank(&self.enclosed_gradients(question, &somewhere)?.concat(), self.dimension());
            Ok::<_, ExactError>(self.dimension() - known)
        };
        Ok(match (self.is_piecewise(), self.has_biases()) {
            (false, _) => {
                let (drawn, enough) = (Origin { seed, choice: Choice::Drawn }, enough()?);
                match self.is_clear::<Exactly>(seed, enough)? {
                    true => vec![drawn],
                    false => vec![Origin { seed, choice: Choice::Enlarged { enough } }, drawn],
                }
            }
            (true, false) => of(Choice::Sought).collect(),
            (true, true) => of(Choice::Balanced { enough: enough()? }).chain(of(Choice::Sought)).collect(),
        })
    }

    fn enclosed_completeness(&self, question: Question, origin: Origin) -> Result<Completeness, ExactError> {
        let (bounds, d) = (question.bounds, self.dimension());
        let point = Points::of(self.origin(origin, bounds.seed)?);
        let gradients = self.enclosed_gradients(question, &point)?;
        let laws_known = proved_rank(&gradients.concat(), d);
        let most = d - laws_known;
        let (mut brackets, mut ranks, mut exhausted) = (Brackets::default(), Vec::new(), false);
        for depth in 1..=bounds.depth {
            let before = ranks.last().copied().unwrap_or(0);
            let rank = self.exhaust_enclosed(
                question,
                &point,
                (depth, before, most, origin.choice),
                &gradients,
                &mut brackets,
            )?;
            // Of single fields where floats see that these are enough, or nothing more is drawn; brackets of more cost more than the proof.
            let is_worth =
                || depth > 1 || depth == bounds.depth || rank <= before || likely_rank(&brackets.rows, d) >= most;
            let rank = match rank < most && is_worth() {
                true => self.complemented(question, &point, most, &brackets)?.max(rank),
                false => rank,
            };
            exhausted = rank >= most || rank <= before;
            ranks.push(rank.max(before));
            if exhausted {
                break;
            }
        }
        self.contradicted(question, &gradients, &brackets.rows)?;
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
        (depth, before, most, choice): (usize, usize, usize, Choice),
        laws: &[Rows],
        brackets: &mut Brackets,
    ) -> Result<usize, ExactError> {
        let selects = depth == 1 && self.is_piecewise();
        let (mut number, mut rank, mut likely) = (0, before, before);
        let mut numbers: Vec<u64> = (0..(most.saturating_sub(before) + SPARE) as u64).collect();
        loop {
            number += numbers.len() as u64;
            self.enclose(point, bounds.seed, (depth, numbers), brackets)?;
            let found = proved_rank(&brackets.rows, self.dimension()).max(rank);
            watch(Progress { depth, drawn: number, rank: found, of: self.dimension() })?;
            rank = found;
            // Proofs lag behind where floats hardly see what is new.
            let seen = match choice {
                Choice::Enlarged { .. } => likely_rank(&brackets.rows, self.dimension()).max(rank),
                _ => rank,
            };
            let grew = seen > likely;
            likely = seen;
            if rank >= most || !grew {
                return Ok(rank);
            }
            numbers = match selects {
                true => {
                    let laws: Vec<Vec<f64>> = laws.iter().flatten().map(|row| floats(row)).collect();
                    let fields: Vec<Vec<f64>> = brackets.rows.iter().map(|row| floats(row)).collect();
                    self.novel::<Exactly>((&point.with_512.in_floats(), bounds.seed, number), &fields, &laws)?
                }
                false => (number..number + self.more(depth, choice) as u64).collect(),
            };
            if numbers.is_empty() {
                return Ok(rank);
            }
        }
    }

    /// How many further brackets of a depth must show nothing new: where a network is large and no gate is shut each sees all of it.
    fn more(&self, depth: usize, choice: Choice) -> usize {
        match choice {
            Choice::Enlarged { .. } => SPARE + self.rare(),
            _ => self.patience(depth, true),
        }
    }

    /// The rank that the Schur complement proves; 0 where that takes too long.
    fn complemented(
        &self,
        question: Question,
        point: &Points,
        most: usize,
        brackets: &Brackets,
    ) -> Result<usize, EvalError> {
        let seed = question.bounds.seed;
        let enclosed = |i: usize| {
            if let Some(row) = brackets.exactly[i].get() {
                return Ok(row.clone());
            }
            let (depth, number) = brackets.drawn[i];
            let row = match depth {
                1 => self.bracket_number(&point.with_256, seed, 1, number)?,
                // Derivatives lose digits.
                _ => {
                    let bracket = self.bracket_number(&point.with_512, seed, depth, number)?;
                    bracket.into_iter().map(Enclosure::with_digits).collect()
                }
            };
            Ok(brackets.exactly[i].get_or_init(|| row).clone())
        };
        Ok(complemented_rank(&brackets.rows, (self.dimension(), most), enclosed)?.unwrap_or(0))
    }

    /// Adds brackets of a depth of some numbers, where they have any.
    fn enclose(
        &self,
        point: &Points,
        seed: u64,
        (depth, numbers): (usize, Vec<u64>),
        brackets: &mut Brackets,
    ) -> Result<(), EvalError> {
        // Brackets of many fields mostly need more digits from the start; the first tells.
        let tries_few = |number: &u64| depth == 1 || sure(self.near(&point.with_128, seed, depth, *number)).is_some();
        let few = numbers.first().is_some_and(tries_few);
        let one = |number: u64| match self.enclosed_bracket((point, few), seed, depth, number) {
            Err(error) if error.is_unlucky() => Ok(None),
            row => row.map(|row| Some((row, (depth, number)))),
        };
        let drawn = numbers.into_par_iter().map(one).collect::<Result<Vec<_>, EvalError>>()?;
        for (row, from) in drawn.into_iter().flatten() {
            brackets.rows.push(row);
            brackets.drawn.push(from);
            brackets.exactly.push(OnceLock::new());
        }
        Ok(())
    }

    /// A bracket with as many digits as it needs, and few first where that is asked for.
    fn enclosed_bracket(
        &self,
        (at, few): (&Points, bool),
        seed: u64,
        depth: usize,
        number: u64,
    ) -> Result<Vec<Near>, EvalError> {
        let first = if few { sure(self.near(&at.with_128, seed, depth, number)) } else { None };
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
            let gradients: Vec<_> = gradients.iter().map(|gradient| entries(gradient)).collect();
            if fields.par_iter().any(|field| gradients.iter().any(|gradient| surely_meet(field, gradient))) {
                let how = "a bracket of gradient fields moves its quantity at a real point".into();
                return Err(ExactError::Contradiction { law: quantity.law.to_string(), how });
            }
        }
        Ok(())
    }
}
