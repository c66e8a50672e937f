//! Ranks in floating point, for models whose roots exist in no prime field together, and to see whether the values of
//! transcendental functions are as independent as the exact computation takes them to be.

use super::assumption::assumptions;
use super::completeness::{Arithmetic, Certificate, Completeness, Question};
use super::fields::Fields;
use super::point::Point;
use super::region::{Choice, Origin, Region};
use super::{ExactError, Progress};
use crate::eval::{Bindings, Dense, EvalError, Reals};
use crate::model::Loss;
use crate::term::Symbol;
use faer::Mat;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Singular values below this part of the largest may be zero.
const SMALL: f64 = 1e-7;

/// By what factor singular values must drop for their number to be a rank.
const CLEAR: f64 = 1e4;

/// How far from orthogonal to all fields a gradient may be and still count as conserved.
const ORTHOGONAL: f64 = 1e-8;

/// The largest number of parameters of a floating rank.
pub const LARGEST: usize = 1_000;

/// A rank with the ratio of the smallest singular value that counts to the largest that does not, where there are both.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rank {
    rank: usize,
    gap: Option<f64>,
}

impl Fields {
    /// [`complete`](super::complete) in floating point: the least count at some points, behind gates at some that data pass in many
    /// ways.
    pub(super) fn numerical_count(&self, question: Question) -> Result<Completeness, ExactError> {
        let seed = question.bounds.seed;
        if !self.is_piecewise() {
            return self.numerical_completeness(question, &self.point::<f64>(seed)?);
        }
        let at = |k: u64| {
            let point = self.sought(seed.wrapping_add(k), seed)?;
            self.numerical_completeness(question, &point)
        };
        let (first, second) = (at(0), at(1));
        match (first, second) {
            (Ok(first), Ok(second)) => {
                let both: Vec<Region> = first.regions.iter().chain(&second.regions).cloned().collect();
                let mut least = if second.lie_dimension > first.lie_dimension { second } else { first };
                least.regions = both;
                Ok(least)
            }
            (Err(_), found) | (found, Err(_)) => found,
        }
    }

    /// [`complete`](super::complete) at one point in floating point.
    pub(super) fn numerical_completeness(
        &self,
        question: Question,
        point: &Point<f64>,
    ) -> Result<Completeness, ExactError> {
        let (bounds, d) = (question.bounds, self.dimension());
        if d > LARGEST {
            return Err(ExactError::TooLarge { what: "parameters of a floating rank", size: d, limit: LARGEST });
        }
        let mut rows: Vec<Vec<f64>> = Vec::new();
        let mut ranks: Vec<usize> = Vec::new();
        let (mut gap, mut exhausted) = (None, false);
        for depth in 1..=bounds.depth {
            let before = ranks.last().copied().unwrap_or(0);
            let count = (d - before + self.patience(depth, false)) as u64;
            let bracket = |number| self.bracket_number(point, bounds.seed, depth, number);
            let drawn: Result<Vec<Vec<f64>>, EvalError> = (0..count).into_par_iter().map(bracket).collect();
            rows.extend(drawn?.iter().filter_map(|row| unit(row)));
            let found = rank(&rows, d)?;
            (gap, exhausted) = (found.gap, found.rank == d || found.rank <= before);
            ranks.push(found.rank.max(before));
            (question.watch)(Progress { depth, drawn: count, rank: found.rank, of: d })?;
            if exhausted {
                break;
            }
        }
        let lie_dimension = ranks.last().copied().unwrap_or(0);
        Ok(Completeness {
            parameters: self.parameter_entries(),
            coordinates: d,
            lie_dimension,
            laws_at_most: d - lie_dimension,
            laws_known: self.numerical_gradients(question, point, &rows)?,
            certificate: Certificate {
                arithmetic: Arithmetic::Floating { gap, exact: None },
                seed: bounds.seed,
                depth: ranks.len(),
                ranks: ranks.clone(),
                exhausted,
                curve: None,
            },
            regions: vec![Region {
                origin: Origin { seed: bounds.seed, choice: Choice::Drawn },
                lie_dimension,
                laws_at_most: d - lie_dimension,
                ranks,
                exhausted,
            }],
            any_loss: question.subject.model.loss == Loss::Any,
            assumptions: assumptions(question.subject, self, BTreeSet::new()),
        })
    }

    /// The rank of the gradients of those quantities that are orthogonal to all fields.
    fn numerical_gradients(
        &self,
        question: Question,
        point: &Point<f64>,
        fields: &[Vec<f64>],
    ) -> Result<usize, ExactError> {
        let names: Vec<Symbol> = self.state().iter().map(|b| b.name).collect();
        let at: Bindings<Dense<f64>> = self.bindings(&point.fixed, &point.values);
        let mut gradients = Vec::new();
        for quantity in question.known {
            let tape = question.tape(quantity)?;
            let (rows, cols) = tape.shape();
            let mut own = Vec::new();
            for k in 0..rows * cols {
                let z = Dense::from_fn(rows, cols, |i, j| if i * cols + j == k { 1.0 } else { 0.0 });
                own.extend(unit(&self.flat(&tape.vjp(&at, &Reals, &z, &names)?.1)));
            }
            let orthogonal = |g: &Vec<f64>| fields.iter().all(|x| dot(g, x).abs() < ORTHOGONAL);
            if own.iter().all(orthogonal) {
                gradients.extend(own);
            }
        }
        Ok(rank(&gradients, self.dimension())?.rank)
    }
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

/// The vector at length 1; `None` for zero and for what overflowed.
fn unit(x: &[f64]) -> Option<Vec<f64>> {
    let length = dot(x, x).sqrt();
    (length.is_finite() && length > 1e-100).then(|| x.iter().map(|x| x / length).collect())
}

/// The rank of unit vectors, at the widest drop among the small singular values.
fn rank(rows: &[Vec<f64>], width: usize) -> Result<Rank, ExactError> {
    if rows.is_empty() {
        return Ok(Rank { rank: 0, gap: None });
    }
    let matrix = Mat::from_fn(rows.len(), width, |i, j| rows[i][j]);
    let values = matrix.singular_values().map_err(|_| ExactError::NoGap)?;
    let largest = values.first().copied().unwrap_or(0.0);
    // What is smaller than rounding errors is as good as they are.
    let value = |i: usize| values[i].max(f64::EPSILON * largest);
    let small: Vec<usize> = (1..values.len()).filter(|&i| values[i] < SMALL * largest).collect();
    let Some(&first) = small.first() else { return Ok(Rank { rank: values.len(), gap: None }) };
    let drop = |i: usize| value(i - 1) / value(i);
    let widest = small.into_iter().fold(first, |best, i| if drop(i) > drop(best) { i } else { best });
    match drop(widest) {
        gap if gap >= CLEAR => Ok(Rank { rank: widest, gap: Some(gap) }),
        _ => Err(ExactError::NoGap),
    }
}
