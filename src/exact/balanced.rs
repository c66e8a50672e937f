//! Points at which data open the gates of a network about as often as they shut them: through many narrow layers little passes at a
//! random point, and where all units of a layer are open for all data the layer is linear.

use super::fields::Fields;
use super::places::LEANINGS;
use super::point::Point;
use super::proved::LIKELY;
use super::scalar::{Scalar, valued};
use crate::eval::{Dense, EvalError, Matrix, Number, Shift, below, mix};
use crate::term::{Rational, Symbol};

/// How many points are compared at most.
const POINTS: u64 = 2 * LEANINGS;

/// How many data sets are looked at for each gate.
const SAMPLES: u64 = 32;

/// Biases are moved by multiples of 2⁻ᵏ.
const STEP: i32 = 10;

/// Between which parts of what a unit sees the place of its kink is drawn: below the middle, so that more passes than is kept back, and
/// enough reaches the last of many layers.
const KINKS: (f64, f64) = (0.1, 0.5);

impl Fields {
    /// Whether gates have biases.
    pub(super) fn has_biases(&self) -> bool {
        !self.tape.shifts().is_empty()
    }

    /// A point whose biases are moved, one layer after the other, so that the kink of each unit lies among the values that it has for some
    /// data and places: of several the first at which so many fields as are enough are independent, or else the one at which most are.
    pub(super) fn balanced<T: Scalar>(&self, seed: u64, fixed: u64, enough: usize) -> Result<Point<T>, EvalError> {
        let looks = (SAMPLES * self.tape.shifts().len() as u64).saturating_mul(self.multiplications());
        let point = |k| self.balanced_from(self.point_given::<T>(seed.wrapping_add(k), fixed)?, mix(seed, k));
        self.most_independent((seed, LIKELY), enough, (0..self.comparisons(looks).clamp(2, POINTS)).map(point))
    }

    fn balanced_from<T: Scalar>(&self, mut point: Point<T>, seed: u64) -> Result<Point<T>, EvalError> {
        let mut moved: Vec<Symbol> = Vec::new();
        for shift in self.tape.shifts() {
            let Some(i) = self.state().iter().position(|block| block.name == shift.name && block.is_free()) else {
                continue;
            };
            if moved.contains(&shift.name) {
                continue;
            }
            moved.push(shift.name);
            let seen = self.seen::<T>(&point, shift, seed)?;
            let by = seen.into_iter().enumerate().map(|(row, seen)| kink(seen, mix(mix(seed, i as u64), row as u64)));
            let by = by.map(|by| T::Drawn::from_rational(&by)).collect::<Result<Vec<_>, EvalError>>()?;
            let bias = &point.drawn[i];
            point.drawn[i] = Dense::from_fn(bias.rows(), 1, |row, _| bias.get(row, 0).clone() - by[row].clone());
            point.values[i] = valued(&point.drawn[i]);
        }
        Ok(point)
    }

    /// What each row of the argument of a gate is for some data, at all places.
    fn seen<T: Scalar>(&self, point: &Point<T>, shift: Shift, seed: u64) -> Result<Vec<Vec<f64>>, EvalError> {
        let at = point.in_floats();
        let mut rows = Vec::new();
        for number in 0..SAMPLES {
            match self.shifted::<T>(&at, shift, mix(seed, number)) {
                Ok(argument) => {
                    rows.resize(argument.rows(), Vec::new());
                    for (i, row) in rows.iter_mut().enumerate() {
                        row.extend((0..argument.cols()).map(|j| *argument.get(i, j)).filter(|x| x.is_finite()));
                    }
                }
                Err(error) if error.is_unlucky() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(rows)
    }
}

/// A number among some, between the parts where kinks are drawn.
fn kink(mut seen: Vec<f64>, seed: u64) -> Rational {
    seen.sort_by(f64::total_cmp);
    let place = KINKS.0 + (KINKS.1 - KINKS.0) * below(seed, 1 << 16) as f64 / f64::from(1 << 16);
    let at = seen.get((place * seen.len() as f64) as usize).copied().unwrap_or(0.0);
    let steps = (at * 2f64.powi(STEP)).round().clamp(-1e9, 1e9) as i64;
    Rational::new(steps.into(), (1i64 << STEP).into())
}
