//! Points at which floats see many fields to be independent. Points are chosen by it; what is proved of them is enclosed.

use super::fields::Fields;
use super::point::Point;
use super::proved::{Near, rank_in_floats};
use super::scalar::{Scalar, valued};
use crate::eval::{Dense, EvalError, Matrix, Number, mix};
use crate::sample::halvings;
use crate::term::Rational;
use rayon::prelude::*;

/// How many fields more than there are parameters are drawn at each point.
const SPARE: usize = 64;

/// About how many multiplications the comparison of points may take.
const WORK: u64 = 1 << 37;

/// So many parameters are eliminated with many digits within seconds, whatever floats see.
const FEW: usize = 512;

/// How often parameters are doubled.
const DOUBLINGS: u32 = 2;

/// How many points are looked at side by side.
const AT_ONCE: u64 = 2;

/// Of which part of the first a pivot shows fields to be clearly independent: with fewer digits than floats have.
const CLEARLY: f64 = 1e-8;

impl Fields {
    /// A point whose parameters are as drawn, or of the size of data however many of them are added up, or two or four times as large: the
    /// first at which so many fields as are enough are clearly independent, or else the one at which most are. A smooth network of small
    /// parameters is nearly linear, and floats hardly tell the fields of its data apart.
    pub(super) fn enlarged<T: Scalar>(&self, seed: u64, fixed: u64, enough: usize) -> Result<Point<T>, EvalError> {
        let drawn = self.point_given::<T>(seed, fixed)?;
        let point = |k| if k == 0 { Ok(drawn.clone()) } else { self.large(&drawn, k as u32 - 1) };
        let count = self.comparisons(0).clamp(1, u64::from(DOUBLINGS) + 2);
        self.most_independent((seed, CLEARLY), enough, (count, point))
    }

    /// The same fields, of data whose entries are not the smaller the more columns they have.
    pub(super) fn of_large_data(&self) -> Fields {
        let mut fields = self.clone();
        fields.data.iter_mut().for_each(|drawn| drawn.block.large = true);
        fields
    }

    /// Whether most of the fields are clearly independent at the point that is drawn that are enough, or that are so where parameters and data
    /// are large; or there are few parameters.
    pub(super) fn is_clear<T: Scalar>(&self, seed: u64, enough: usize) -> Result<bool, EvalError> {
        if self.dimension() <= FEW || self.comparisons(0) < 2 {
            return Ok(true);
        }
        let (drawn, part) = (self.point_given::<T>(seed, seed)?, (seed, CLEARLY));
        let clear = self.rank_in_floats::<T>(&drawn.in_floats(), part)?;
        let most = |of: usize| 4 * clear >= 3 * of;
        let large = || self.of_large_data().rank_in_floats::<T>(&self.large(&drawn, 0)?.in_floats(), part);
        Ok(most(enough) || most(large()?))
    }

    /// How many points may be compared, each of which is found by some multiplications.
    pub(super) fn comparisons(&self, each: u64) -> u64 {
        let d = self.dimension() as u64;
        let fields = 4 * d;
        WORK / fields.saturating_mul(self.multiplications()).saturating_add(d * d * d).saturating_add(each).max(1)
    }

    /// Of so many points the first at which so many fields as are enough are independent, or else the one at which most are; a pivot that is
    /// a larger part of the first than a given one shows that.
    pub(super) fn most_independent<T: Scalar>(
        &self,
        (seed, part): (u64, f64),
        enough: usize,
        (count, point): (u64, impl Fn(u64) -> Result<Point<T>, EvalError> + Sync),
    ) -> Result<Point<T>, EvalError> {
        let look = |k: u64| {
            let point = point(k)?;
            let rank = self.rank_in_floats::<T>(&point.in_floats(), (mix(seed, k), part))?;
            Ok((rank, point))
        };
        let mut best: Option<(usize, Point<T>)> = None;
        let is_enough = |best: &Option<(usize, _)>| best.as_ref().is_some_and(|(most, _)| *most >= enough);
        let mut next = 0;
        while next < count && !is_enough(&best) {
            // The first is often enough.
            let last = if next == 0 { 1 } else { count.min(next + AT_ONCE) };
            let looks: Vec<Result<_, EvalError>> = (next..last).into_par_iter().map(look).collect();
            for looked in looks {
                if is_enough(&best) {
                    break;
                }
                let (rank, point) = looked?;
                if best.as_ref().is_none_or(|(most, _)| rank > *most) {
                    best = Some((rank, point));
                }
            }
            next = last;
        }
        best.map(|(_, point)| point).ok_or(EvalError::Undecided)
    }

    /// About how many fields of random data are independent at a point.
    fn rank_in_floats<T: Scalar>(&self, at: &Point<f64>, (seed, part): (u64, f64)) -> Result<usize, EvalError> {
        let count = (self.dimension() + SPARE) as u64;
        let row = |number| self.number_in_floats::<T>(at, seed, number);
        let rows = (0..count).into_par_iter().map(row).collect::<Result<Vec<Option<Vec<f64>>>, EvalError>>()?;
        let near = |x: &f64| Near { float: *x, distance: 0.0 };
        let rows: Vec<Vec<Near>> = rows.iter().flatten().map(|row| row.iter().map(near).collect()).collect();
        Ok(rank_in_floats(&rows, (self.dimension(), part)))
    }

    /// The point with each parameter that may be scaled of the size of data, and doubled so many times.
    fn large<T: Scalar>(&self, point: &Point<T>, doublings: u32) -> Result<Point<T>, EvalError> {
        let mut out = point.clone();
        for (i, block) in self.state().iter().enumerate().filter(|(_, block)| block.is_scalable()) {
            let factor = Rational::from_integer((1i64 << (doublings + halvings(block.cols))).into());
            let factor = T::Drawn::from_rational(&factor)?;
            let drawn = &point.drawn[i];
            out.drawn[i] = Dense::from_fn(drawn.rows(), drawn.cols(), |r, c| drawn.get(r, c).clone() * factor.clone());
            out.values[i] = valued(&out.drawn[i]);
        }
        Ok(out)
    }
}
