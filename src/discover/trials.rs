//! Maps of parameter space tried on random points and fields: exactly in a finite field, and before that in floating point, where
//! there are no roots to look for and most maps are told from symmetries at once.

use crate::eval::{Dense, EvalError, Matrix, Residue, mix};
use crate::exact::{Fields, GradientField, Point, REDRAWS, Scalar};

/// On how many points a map is tested; behind gates many draws see little of a network.
const TRIALS: u64 = 4;
const TRIALS_BEHIND_GATES: u64 = 16;

/// How many points are drawn for one at which a field is defined, where none is needed.
const FEW: u64 = 16;

/// A point of parameter space as it was drawn.
pub type Values<T> = Vec<Dense<<T as Scalar>::Drawn>>;

/// A point, a field, the potential of the field there, and how far from it others count as the same.
struct Trial<T: Scalar> {
    point: Values<T>,
    field: GradientField<T>,
    potential: T,
    near: f64,
}

/// Numbers that may be told from each other.
pub trait Compared: Scalar {
    /// Whether they are numbers of a finite field.
    const EXACT: bool;

    /// How far rounding moves the potential of a field at a point.
    ///
    /// # Errors
    /// Where it moves it so far that nothing can be told.
    fn noise(
        fields: &Fields,
        field: &GradientField<Self>,
        at: &Values<Self>,
        potential: &Self,
    ) -> Result<f64, EvalError>;

    /// Whether two numbers surely differ.
    fn differs(&self, other: &Self, near: f64) -> bool;
}

impl<const P: u64> Compared for Residue<P> {
    const EXACT: bool = true;

    fn noise(_: &Fields, _: &GradientField<Self>, _: &Values<Self>, _: &Self) -> Result<f64, EvalError> {
        Ok(0.0)
    }

    fn differs(&self, other: &Self, _: f64) -> bool {
        self != other
    }
}

/// By how much numbers are moved to see how a potential moves with them, and how much more rounding may do.
const NUDGE: f64 = 1e-12;
const SAFETY: f64 = 100.0;

/// The least relative difference that is not taken for rounding.
const LEAST: f64 = 1e-9;

/// The largest part of a potential that may be noise.
const MOST: f64 = 1e-3;

impl Compared for f64 {
    const EXACT: bool = false;

    fn noise(fields: &Fields, field: &GradientField<f64>, at: &Values<f64>, potential: &f64) -> Result<f64, EvalError> {
        let nudged = |(k, x): (usize, &Dense<f64>)| {
            let by = |i: usize, j: usize| {
                if mix(mix(k as u64, i as u64), j as u64).is_multiple_of(2) { NUDGE } else { -NUDGE }
            };
            Dense::from_fn(x.rows(), x.cols(), |i, j| x.get(i, j) * (1.0 + by(i, j)))
        };
        let nudged: Values<f64> = at.iter().enumerate().map(nudged).collect();
        let moved = fields.potential(field, &nudged).map_or(f64::INFINITY, |x| (x.get(0, 0) - potential).abs());
        let near = (SAFETY * moved).max(LEAST * potential.abs());
        if near <= MOST * potential.abs() { Ok(near) } else { Err(EvalError::Undecided) }
    }

    /// Not a number is no answer.
    fn differs(&self, other: &f64, near: f64) -> bool {
        (self - other).abs() > near + LEAST * other.abs()
    }
}

impl<T: Compared> Trial<T> {
    fn new(
        fields: &Fields,
        seed: u64,
        (number, trials): (u64, u64),
        draws: u64,
        map: impl Fn(Values<T>) -> Values<T>,
    ) -> Result<Self, EvalError> {
        let stream = mix(seed, number);
        // Behind gates the seed is also how positive a point is: neighbours are not alike.
        let seeds = (stream - stream % trials + number, mix(stream, 1));
        let region = T::EXACT.then(|| fields.neighbourhood(seed, number)).flatten();
        let (point, field, (potential, near)) = fields.placed::<T, _>(seeds, draws, region, map, |point, field| {
            let potential = fields.potential(field, &point.values)?.get(0, 0).clone();
            let near = T::noise(fields, field, &point.drawn, &potential)?;
            Ok((potential, near))
        })?;
        let Point { drawn: point, .. } = point;
        Ok(Trial { point, field, potential, near })
    }

    /// Whether a map surely changes the potential; `None` where it is not defined after it.
    fn is_changed(&self, fields: &Fields, map: impl Fn(&Values<T>) -> Values<T>) -> Result<Option<bool>, EvalError> {
        let moved = map(&self.point);
        let after = || {
            let field = fields.seen_from(&self.field, &moved)?;
            let values: Vec<Dense<T>> =
                moved.iter().map(|x| Dense::from_fn(x.rows(), x.cols(), |i, j| T::of(x.get(i, j)))).collect();
            fields.potential(&field, &values)
        };
        match after() {
            Ok(after) => Ok(Some(after.get(0, 0).differs(&self.potential, self.near))),
            Err(error) if error.is_unlucky() || error.is_undefined() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Points and fields on which maps are tried.
pub struct Trials<'a, T: Compared> {
    fields: &'a Fields,
    trials: Vec<Trial<T>>,
}

/// How many of them there are.
fn count(fields: &Fields) -> u64 {
    if fields.is_piecewise() { TRIALS_BEHIND_GATES } else { TRIALS }
}

impl<'a, T: Compared> Trials<'a, T> {
    pub fn new(fields: &'a Fields, seed: u64) -> Result<Self, EvalError> {
        let trials = count(fields);
        let drawn = (0..trials).map(|number| Trial::new(fields, seed, (number, trials), REDRAWS, |drawn| drawn));
        Ok(Trials { fields, trials: drawn.collect::<Result<_, EvalError>>()? })
    }

    /// As many as are found soon.
    pub fn some(fields: &'a Fields, seed: u64) -> Self {
        let trials = count(fields);
        let drawn =
            (0..trials).filter_map(|number| Trial::new(fields, seed, (number, trials), FEW, |drawn| drawn).ok());
        Trials { fields, trials: drawn.collect() }
    }

    /// Whether a map leaves the potential of the fields at the points as it is.
    pub fn invariant(&self, map: impl Fn(&Values<T>) -> Values<T>) -> Result<bool, EvalError> {
        for trial in &self.trials {
            if trial.is_changed(self.fields, &map)? != Some(false) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a map surely changes a potential.
    pub fn changed(&self, map: impl Fn(&Values<T>) -> Values<T>) -> Result<bool, EvalError> {
        for trial in &self.trials {
            if trial.is_changed(self.fields, &map)? == Some(true) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A map of points in floating point.
type FloatMap<'m> = &'m (dyn Fn(&Values<f64>) -> Values<f64> + Sync);

/// Whether each of some maps surely changes a potential at one of so many points on the image of a projection of parameter space.
pub fn changed_after<const N: usize>(
    fields: &Fields,
    seed: u64,
    most: u64,
    project: impl Fn(&Values<f64>) -> Values<f64>,
    maps: [FloatMap; N],
) -> Result<[bool; N], EvalError> {
    let mut changed = [false; N];
    let trials = count(fields);
    for number in 0..trials.min(most) {
        let Ok(trial) = Trial::<f64>::new(fields, seed, (number, trials), FEW, |drawn| project(&drawn)) else { break };
        for (changed, map) in changed.iter_mut().zip(maps) {
            *changed |= trial.is_changed(fields, map)? == Some(true);
        }
        if changed.iter().all(|changed| *changed) {
            break;
        }
    }
    Ok(changed)
}
