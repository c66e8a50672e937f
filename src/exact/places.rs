//! Real points of parameter space at which fields are evaluated.

use super::block::Block;
use super::fields::Fields;
use super::point::Point;
use super::scalar::{Scalar, valued};
use crate::eval::{Dense, EvalError, Matrix, Prime, below, mix};
use crate::sample::{Sampled, stream};
use crate::term::Symbol;
use rand::Rng;

/// How many points are tried for one at which a field is defined, and how many fields at each.
const POINTS: u64 = 256;
const FIELDS_PER_POINT: u64 = 64;

/// From how many roots on it is tried first whether they ever exist together, and at how many points.
pub(super) const MANY_ROOTS: usize = 13;
const TRIED: u64 = 8;

/// So many seeds in a row have different leanings.
pub(super) const LEANINGS: u64 = 8;

/// In how many of eight of its negative numbers a point is made positive, by its seed: through many layers of gates little
/// passes at a point without a preference, and a point of positive numbers lies in a region of its own kind.
const LEANING: [u8; LEANINGS as usize] = [0, 8, 4, 0, 6, 0, 2, 0];

impl Fields {
    /// A random point of parameter space, whether or not fields are defined there.
    pub fn anywhere<T: Scalar>(&self, seed: u64) -> Result<Point<T>, EvalError> {
        self.given_fixed(seed, seed)
    }

    /// The same with fixed data of another seed.
    fn given_fixed<T: Scalar>(&self, seed: u64, fixed: u64) -> Result<Point<T>, EvalError> {
        let is_fixed = |name: Symbol| self.fixed().any(|block| block.name == name);
        self.given_each(seed, &|name| if is_fixed(name) { fixed } else { seed })
    }

    /// The same with a seed for each matrix; the first seed is that of the leaning.
    pub(super) fn given_each<T: Scalar>(&self, seed: u64, each: &dyn Fn(Symbol) -> u64) -> Result<Point<T>, EvalError> {
        let parameter = |block: &Block| self.parameter::<T>(block, seed, each(block.name));
        let drawn = self.state().iter().map(parameter).collect::<Result<Vec<_>, EvalError>>()?;
        let values = drawn.iter().map(valued).collect();
        let fixed = self
            .fixed()
            .map(|block| Ok((block.name, block.draw(each(block.name))?)))
            .collect::<Result<_, EvalError>>()?;
        Ok(Point { drawn, values, fixed })
    }

    /// One matrix of a random point, of a seed of its own; the first seed is that of the leaning.
    pub(super) fn parameter<T: Scalar>(
        &self,
        block: &Block,
        seed: u64,
        own: u64,
    ) -> Result<Dense<T::Drawn>, EvalError> {
        let leaning = if self.is_piecewise() { LEANING[(seed % 8) as usize] } else { 0 };
        let drawn: Dense<T::Drawn> = block.draw(own)?;
        Ok(if leaning == 0 { drawn } else { leant(&drawn, leaning, &mut stream(own, block.name.as_str())) })
    }

    /// A random point of parameter space at which fields are defined: where a root is of parameters alone, other data do
    /// not help.
    pub fn point<T: Scalar>(&self, seed: u64) -> Result<Point<T>, EvalError> {
        self.point_given(seed, seed)
    }

    /// The same with fixed data of another seed.
    pub fn point_given<T: Scalar>(&self, seed: u64, fixed: u64) -> Result<Point<T>, EvalError> {
        let first = self.given_fixed(seed, fixed)?;
        if !self.has_roots() || self.has_fields(&first, seed)? {
            return Ok(first);
        }
        for attempt in 1..POINTS {
            let (seed, fixed) = (mix(seed, attempt), mix(fixed, attempt));
            let point = self.given_fixed(seed, fixed)?;
            if self.has_fields(&point, seed)? {
                return Ok(point);
            }
        }
        Ok(first)
    }

    /// The point with a row or a column of one parameter drawn anew.
    pub(super) fn redrawn<T: Scalar>(&self, point: &Point<T>, seed: u64) -> Result<Point<T>, EvalError> {
        let mut out = point.clone();
        let blocks = self.state();
        let Some((i, block)) = blocks.iter().enumerate().nth(below(seed, blocks.len())) else {
            return Ok(out);
        };
        let fresh: Dense<T::Drawn> = block.draw(seed)?;
        let choice = mix(seed, 0);
        let by_rows = choice.is_multiple_of(2) || block.cols == 1;
        let line = below(choice / 2, if by_rows { block.rows } else { block.cols });
        let redrawn = |r: usize, c: usize| {
            let hit = line == if by_rows { r } else { c };
            (if hit { &fresh } else { &point.drawn[i] }).get(r, c).clone()
        };
        out.drawn[i] = Dense::from_fn(block.rows, block.cols, redrawn);
        out.values[i] = valued(&out.drawn[i]);
        Ok(out)
    }

    /// Whether so many roots occur that they hardly exist together: each does at every other point, so that a field that is sought among
    /// 2¹⁴ is not found, and the search for it takes long.
    pub(super) fn is_beyond_fields(&self, seed: u64) -> Result<bool, EvalError> {
        if self.roots_of_a_field() < MANY_ROOTS {
            return Ok(false);
        }
        for attempt in 0..TRIED {
            let at = self.given_fixed::<Prime>(mix(seed, attempt), mix(seed, attempt))?;
            if self.has_fields(&at, mix(seed, attempt))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn has_fields<T: Scalar>(&self, at: &Point<T>, seed: u64) -> Result<bool, EvalError> {
        match self.try_draw(at, seed, FIELDS_PER_POINT) {
            Ok(_) => Ok(true),
            Err(error) if error.is_unlucky() => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// The matrix with some of its negative entries turned positive.
fn leant<T: Sampled>(x: &Dense<T>, eighths: u8, rng: &mut impl Rng) -> Dense<T> {
    let turned = |x: &T, turn: bool| if turn && !x.may_be_positive() { -x.clone() } else { x.clone() };
    Dense::from_fn(x.rows(), x.cols(), |i, j| turned(x.get(i, j), rng.random_range(0..8) < eighths))
}
