//! Counts of many parameters by sparse fields.
//!
//! *Statement.* 𝒱(θ) is a linear space: with the fields X(θ; x, w) of the data x near x₀ it contains their derivatives in x at x₀, behind the
//! gates that x₀ opens, and X is linear in the covector w. So each entry of x and each of w gives a field of its own, which is sparse where
//! each entry of the data reaches few parameters, as in networks of two layers. Ranks are proved from below as everywhere.

use super::block::Block;
use super::closure::{Bounds, Closure, Field};
use super::completeness::{Completeness, Question};
use super::fields::{COVECTOR, Fields, GradientField};
use super::markowitz::{Entries, SparseRows};
use super::point::Point;
use super::region::Origin;
use super::span::Span;
use super::{ExactError, Progress, Watch};
use crate::eval::{Dense, EvalError, Matrix, Number, Residue, Series, Small, below, mix};
use crate::term::Symbol;
use num_traits::Zero;
use rayon::prelude::*;

/// From how many parameters on elimination that uses no structure takes long.
const MANY: usize = 4_000;

/// How many places in a row must add nothing once each entry was taken beside the first of the others, and how many fields in a row
/// for one.
const PATIENCE: usize = 8;

/// The most numbers that are held.
const NUMBERS: usize = 1 << 28;

const P: u64 = Small::MODULUS;

/// A point as series without a variable.
type Constant = Series<'static, Dense<Residue<P>>>;

/// The number of an entry of the data, none for the data as they are, and that of one of the covector.
type Place = (Option<usize>, usize);

impl Fields {
    /// Whether ranks may be found by sparse fields: of any loss and data, rational behind gates.
    pub fn are_sparse(&self) -> bool {
        let rational = !self.has_roots() && !self.is_transcendental() && self.independence().is_empty();
        self.dimension() >= MANY && self.is_piecewise() && rational && self.are_of_any_loss_and_data()
    }

    /// The count by sparse fields at one point, where that finds that no law is missing.
    pub(super) fn sparse_count(&self, question: Question) -> Result<Option<(Completeness, Point<f64>)>, ExactError> {
        if !self.are_sparse() || question.bounds.field == Some(Field::Large) {
            return Ok(None);
        }
        let Some(origin) = self.regions(question.bounds.seed).into_iter().next() else { return Ok(None) };
        let Some(closure) = self.sparse_closure(origin, question.bounds, question.watch)? else { return Ok(None) };
        let known = self.gradients::<P, SparseRows<P>>(question, &closure)?.rank();
        let found = self.counted(question, vec![closure.region(origin)], closure, known);
        Ok(Some(found).filter(|(found, _)| found.complete()))
    }

    /// The span of the derivatives of fields in single entries, behind the gates that drawn data open at the point of an origin; `None`
    /// where that holds too many numbers.
    pub fn sparse_closure(
        &self,
        origin: Origin,
        bounds: Bounds,
        watch: Watch,
    ) -> Result<Option<Closure<P, SparseRows<P>>>, ExactError> {
        let point: Point<Residue<P>> = self.origin(origin, bounds.seed)?;
        let at: Vec<Constant> = point.values.iter().cloned().map(Series::from).collect();
        let mut span = SparseRows::zero(self.dimension());
        let (mut fields, mut drawn) = (Vec::new(), 0);
        let (beside, mut misses) = (self.entries_of_data() + self.entries_of_covector(), 0);
        let batch = span.batch() as usize;
        for number in 0.. {
            if number >= beside && misses >= PATIENCE {
                break;
            }
            let (place, before) = (self.place(number, origin.seed), span.rank());
            for start in (0..).step_by(batch) {
                self.draw_up_to(start + batch, &point, origin.seed, &mut fields)?;
                let derivatives =
                    fields[start..start + batch].par_iter().map(|field| self.derivative(field, &at, place));
                let derivatives: Vec<Entries> =
                    derivatives.filter_map(Result::transpose).collect::<Result<_, EvalError>>()?;
                drawn += derivatives.len() as u64;
                let added = span.add_all(&derivatives);
                if span.entries() > NUMBERS {
                    return Ok(None);
                }
                if !added.iter().rev().take(PATIENCE).any(|added| *added) {
                    break;
                }
            }
            misses = if span.rank() > before { 0 } else { misses + 1 };
            watch(Progress { depth: 1, drawn, rank: span.rank(), of: self.dimension() })?;
        }
        let ranks = vec![span.rank()];
        Ok(Some(Closure { span, ranks, exhausted: true, point }))
    }

    fn entries_of_data(&self) -> usize {
        self.sampled().filter(|block| !is_covector(block)).map(entries).sum()
    }

    fn entries_of_covector(&self) -> usize {
        self.sampled().filter(|block| is_covector(block)).map(entries).sum()
    }

    /// First each entry of the data, or none, with the first of the covector, then each of the covector with the first of the data, then any.
    fn place(&self, number: usize, seed: u64) -> Place {
        let (data, covector) = (self.entries_of_data(), self.entries_of_covector());
        let of = |number: usize| Some(number).filter(|number| *number < data);
        match number.checked_sub(data) {
            None | Some(0) => (of(number), 0),
            Some(entry) if entry < covector => (of(0), entry),
            Some(_) => {
                let random = mix(seed, number as u64);
                (of(below(mix(random, 0), data + 1)), below(mix(random, 1), covector))
            }
        }
    }

    /// So many fields of drawn data at a point.
    fn draw_up_to(
        &self,
        count: usize,
        at: &Point<Residue<P>>,
        seed: u64,
        fields: &mut Vec<GradientField<Residue<P>>>,
    ) -> Result<(), EvalError> {
        let of = |number| self.defined(at, mix(seed, number as u64));
        let more = (fields.len()..count).into_par_iter().map(of).collect::<Result<Vec<_>, EvalError>>()?;
        fields.extend(more);
        Ok(())
    }

    /// The derivative of a field in an entry of its data, with one entry of the covector; `None` where it is zero or not defined.
    fn derivative(
        &self,
        field: &GradientField<Residue<P>>,
        at: &[Constant],
        (entry, covector): Place,
    ) -> Result<Option<Entries>, EvalError> {
        let mut before = 0;
        let of = |(name, x): &(Symbol, Dense<Residue<P>>)| {
            let single = |at: usize| {
                let one = |i, j| Residue::from_integer(i64::from(i * x.cols() + j == at));
                Dense::from_fn(x.rows(), x.cols(), one)
            };
            if name.as_str() == COVECTOR {
                return (*name, Constant::from(single(covector)));
            }
            let mut moved = Constant::from(x.clone());
            if self.sampled().any(|block| block.name == *name) {
                let own = entry.and_then(|entry| entry.checked_sub(before));
                own.filter(|own| *own < x.rows() * x.cols()).into_iter().for_each(|own| moved.set(1, single(own)));
                before += x.rows() * x.cols();
            }
            (*name, moved)
        };
        let data: Vec<(Symbol, Constant)> = field.values().iter().map(of).collect();
        let names: Vec<Symbol> = self.parameters().iter().map(|block| block.name).collect();
        let (one, order) = (Constant::from(Dense::identity(1)), usize::from(entry.is_some()));
        match self.tape.coefficient_of_pullback(&self.bindings(&data, at), field.functions(), &one, &names, order) {
            Ok(gradient) => Ok(Some(entries_of(&gradient)).filter(|entries| !entries.is_empty())),
            Err(error) if error.is_unlucky() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The entries that are not zero of the vector of some blocks.
fn entries_of(blocks: &[Dense<Residue<P>>]) -> Entries {
    let all = blocks.iter().flat_map(Dense::entries).enumerate();
    all.filter(|(_, x)| !x.is_zero()).map(|(column, x)| (column as u32, x.residue() as u32)).collect()
}

fn entries(block: &Block) -> usize {
    block.rows * block.cols
}

fn is_covector(block: &Block) -> bool {
    block.name.as_str() == COVECTOR
}
