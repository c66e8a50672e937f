//! Points at which data open the gates of a network about as often as they shut them: through many narrow layers little passes at a
//! random point, and where all units of a layer are open for all data the layer is linear.

use super::fields::Fields;
use super::places::LEANINGS;
use super::point::Point;
use super::proved::LIKELY;
use super::scalar::{Scalar, valued};
use crate::eval::{Dense, EvalError, Lever, Matrix, Number, below, mix};
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

/// The part of the squares of what a layer takes that its mean has at least where weights are moved against it.
const COMMON: f64 = 0.1;

/// What is added to the squares of all directions of what a layer takes, as a part of their mean.
const LEAST: f64 = 1e-6;

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
        self.most_independent((seed, LIKELY), enough, (self.comparisons(looks).clamp(2, POINTS), point))
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
            let (looks, bias) = (self.looks(&point, shift, seed)?, &point.drawn[i]);
            let by = (0..bias.rows()).map(|row| {
                let seen = looks.iter().flat_map(|x| (0..x.cols()).map(move |j| *x.get(row, j)));
                let kink = kink(seen.filter(|x| x.is_finite()).collect(), KINKS, mix(mix(seed, i as u64), row as u64));
                T::Drawn::from_rational(&stepped(kink))
            });
            let by = by.collect::<Result<Vec<_>, EvalError>>()?;
            point.drawn[i] = Dense::from_fn(bias.rows(), 1, |row, _| bias.get(row, 0).clone() - by[row].clone());
            point.values[i] = valued(&point.drawn[i]);
        }
        Ok(point)
    }

    /// The point with weights, one layer after the other, by which all directions of what the layer takes count alike, moved against its mean,
    /// so that the kink of each unit lies among what it sees: through many layers of gates all that data give becomes alike, and all units
    /// of a layer are open for all of them or for none. A unit is shut for less than a given part of the data, since of narrow layers
    /// nothing passes where all units are shut.
    pub(super) fn centred<T: Scalar>(&self, mut point: Point<T>, shut: f64, seed: u64) -> Result<Point<T>, EvalError> {
        let (mut moved, kinks) = (Vec::<Symbol>::new(), (shut / 5.0, shut));
        for weight in self.tape.weights() {
            let free = |block: &super::block::Block| block.name == weight.name && block.is_free();
            let Some(i) = self.state().iter().position(free).filter(|_| !moved.contains(&weight.name)) else {
                continue;
            };
            moved.push(weight.name);
            let looks = self.looks(&point, weight, seed)?;
            let column = |x: &Dense<f64>, j: usize| (0..x.rows()).map(|i| *x.get(i, j)).collect();
            let taken: Vec<Vec<f64>> = looks.iter().flat_map(|x| (0..x.cols()).map(|j| column(x, j))).collect();
            let Some(against) = direction(&taken) else { continue };
            let Some(root) = root_of_moment(&taken) else { continue };
            let along: Vec<f64> = taken.iter().map(|x| product(x, &against)).collect();
            let (rows, columns) = (point.values[i].rows(), point.values[i].cols());
            let drawn = point.in_floats().values[i].clone();
            let mut entries = Vec::with_capacity(rows * columns);
            for row in 0..rows {
                let row_of: Vec<f64> = (0..columns).map(|column| *drawn.get(row, column)).collect();
                let whitened = by_inverse(row_of, &root);
                let ratios = taken.iter().zip(&along).filter(|(_, along)| **along > 0.0);
                let ratios = ratios.map(|(x, along)| product(x, &whitened) / along).collect();
                let place = kink(ratios, kinks, mix(mix(seed, i as u64), row as u64));
                entries.extend(whitened.iter().zip(&against).map(|(w, c)| stepped(w - place * c)));
            }
            let entries = entries.iter().map(T::Drawn::from_rational).collect::<Result<Vec<_>, EvalError>>()?;
            let entry = |row: usize, column: usize| entries[row * columns + column].clone();
            point.drawn[i] = Dense::from_fn(rows, columns, entry);
            point.values[i] = valued(&point.drawn[i]);
        }
        Ok(point)
    }

    /// What is seen beside a lever for some data.
    fn looks<T: Scalar>(&self, point: &Point<T>, lever: Lever, seed: u64) -> Result<Vec<Dense<f64>>, EvalError> {
        let at = point.in_floats();
        let looks = (0..SAMPLES).map(|number| self.seen::<T>(&at, lever, mix(seed, number)));
        looks.filter(|look| !matches!(look, Err(error) if error.is_unlucky())).collect()
    }
}

/// A number among some, between the parts where kinks are drawn.
fn kink(mut seen: Vec<f64>, (low, high): (f64, f64), seed: u64) -> f64 {
    seen.sort_by(f64::total_cmp);
    let place = low + (high - low) * below(seed, 1 << 16) as f64 / f64::from(1 << 16);
    seen.get((place * seen.len() as f64) as usize).copied().unwrap_or(0.0)
}

/// The multiple of 2⁻ᵏ next to a number.
fn stepped(at: f64) -> Rational {
    let steps = (at * 2f64.powi(STEP)).round().clamp(-1e9, 1e9) as i64;
    Rational::new(steps.into(), (1i64 << STEP).into())
}

fn product(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

/// The lower triangular L of L Lᵀ = the mean of x xᵀ over some vectors (Cholesky); `None` where they span too little. By plain loops, so that
/// it is the same on every machine.
fn root_of_moment(vectors: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let (n, count) = (vectors.first()?.len(), vectors.len() as f64);
    let moment = |i: usize, j: usize| vectors.iter().map(|x| x[i] * x[j]).sum::<f64>() / count;
    let size = (0..n).map(|i| moment(i, i)).sum::<f64>() / n as f64;
    let mut root: Vec<Vec<f64>> = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let rest = moment(i, j) - product(&root[i][..j], &root[j][..j]);
            root[i][j] = if i == j { (rest + LEAST * size).sqrt() } else { rest / root[j][j] };
        }
    }
    root.iter().flatten().all(|x| x.is_finite()).then_some(root)
}

/// w L⁻¹ for a row w and a lower triangular L.
fn by_inverse(mut w: Vec<f64>, root: &[Vec<f64>]) -> Vec<f64> {
    for j in (0..w.len()).rev() {
        w[j] /= root[j][j];
        let value = w[j];
        (0..j).for_each(|k| w[k] -= value * root[j][k]);
    }
    w
}

/// A vector c along the mean of some with ⟨c, mean⟩ = 1; `None` where they have hardly any in common.
fn direction(vectors: &[Vec<f64>]) -> Option<Vec<f64>> {
    let count = vectors.len() as f64;
    let mut mean = vec![0.0; vectors.first()?.len()];
    for vector in vectors {
        mean.iter_mut().zip(vector).for_each(|(mean, x)| *mean += x / count);
    }
    let square = |vector: &[f64]| vector.iter().map(|x| x * x).sum::<f64>();
    let (common, all) = (square(&mean), vectors.iter().map(|x| square(x)).sum::<f64>() / count);
    (common > COMMON * all && common.is_normal()).then(|| mean.iter().map(|x| x / common).collect())
}
