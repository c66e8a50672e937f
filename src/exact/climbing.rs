//! Points and data at which all roots exist, found column by column: where roots of different columns do not depend on each other, their
//! draws add and do not multiply.

use super::block::Block;
use super::fields::{COVECTOR, Drawn, Fields};
use super::functions::{FIELD, Values};
use super::point::Point;
use super::scalar::{Scalar, valued};
use crate::eval::{Bindings, Dense, EvalError, Matrix, Number, Residue, Survey, below, mix, survey};
use crate::term::Symbol;
use std::sync::PoisonError;

/// How often a column is drawn anew.
const STEPS: u64 = 1 << 10;

/// How many samples more than are needed are sought.
const SPARE: usize = 16;

/// How often roots are looked at where fields are not defined.
const ATTEMPTS: u64 = 8;

/// A matrix that may be drawn anew.
struct Moving<'a, N> {
    name: Symbol,
    draw: Box<dyn Fn(u64) -> Result<Dense<N>, EvalError> + 'a>,
    /// Whether one of its columns may be drawn without the others.
    by_columns: bool,
}

type Drawing<N> = Vec<(Symbol, Dense<N>)>;

/// Draws a matrix of data by a seed.
type Drawer<'a, N> = dyn Fn(&Drawn, u64) -> Result<(Symbol, Dense<N>), EvalError> + 'a;

/// Draws matrices, and then columns of them anew as long as no more roots are missing than before.
fn climbed<N: Number>(
    moving: &[Moving<N>],
    seed: u64,
    missing: impl Fn(&Drawing<N>) -> Result<usize, EvalError>,
) -> Result<Drawing<N>, EvalError> {
    let drawn = |m: &Moving<N>, seed| Ok((m.name, (m.draw)(seed)?));
    let mut found = moving.iter().map(|m| drawn(m, seed)).collect::<Result<Drawing<N>, EvalError>>()?;
    let counted = |drawing: &Drawing<N>| match missing(drawing) {
        Err(error) if error.is_unlucky() => Ok(usize::MAX),
        counted => counted,
    };
    let mut least = counted(&found)?;
    for step in 1..STEPS {
        if least == 0 || moving.is_empty() {
            break;
        }
        let own = mix(seed, step);
        let chosen = below(own, moving.len());
        let fresh = (moving[chosen].draw)(own)?;
        let column = below(mix(own, 1), fresh.cols());
        let mut other = found.clone();
        other[chosen].1 = match moving[chosen].by_columns {
            true => with_column(&found[chosen].1, &fresh, column),
            false => fresh,
        };
        let count = counted(&other)?;
        if count <= least {
            (found, least) = (other, count);
        }
    }
    Ok(found)
}

/// A matrix with a column of another.
fn with_column<N: Number>(x: &Dense<N>, other: &Dense<N>, column: usize) -> Dense<N> {
    Dense::from_fn(x.rows(), x.cols(), |i, j| (if j == column { other } else { x }).get(i, j).clone())
}

impl Fields {
    /// The data that are other ones for each sample, but for the covector.
    fn of_samples(&self) -> impl Iterator<Item = &Drawn> {
        self.data.iter().filter(|d| !d.fixed && d.block.name.as_str() != COVECTOR)
    }

    fn covector<N>(
        &self,
        draw: impl Fn(&Drawn) -> Result<(Symbol, Dense<N>), EvalError>,
    ) -> Result<Drawing<N>, EvalError> {
        self.data.iter().filter(|d| d.block.name.as_str() == COVECTOR).map(draw).collect()
    }

    fn of_sample<'a, N: crate::sample::Sampled>(d: &'a Drawn) -> Moving<'a, N> {
        let draw = Box::new(|seed| Ok(d.draw(seed)?.1));
        Moving { name: d.block.name, draw, by_columns: d.block.is_scalable() }
    }

    /// Data of one of some samples at which the roots exist at a point, and the covector.
    pub(super) fn climbed_samples<T: Scalar>(&self, at: &Point<T>, seed: u64) -> Result<Drawing<T::Drawn>, EvalError> {
        let covector = self.covector(|d| d.draw(seed))?;
        // With as many covectors each that their fields span all that those of any data do.
        let number = seed % (SPARE + 2 * self.dimension() / self.outputs().max(1)) as u64;
        let known = at.samples.lock().unwrap_or_else(PoisonError::into_inner).get(&number).cloned();
        let found = match known {
            Some(found) => found,
            None => {
                let found = self.climbed_data(at, mix(self.dimension() as u64, number))?;
                at.samples.lock().unwrap_or_else(PoisonError::into_inner).insert(number, found.clone());
                found
            }
        };
        Ok([found, covector].concat())
    }

    fn climbed_data<T: Scalar>(&self, at: &Point<T>, seed: u64) -> Result<Drawing<T::Drawn>, EvalError> {
        let moving: Vec<Moving<T::Drawn>> = self.of_samples().map(Fields::of_sample).collect();
        let covector = self.covector(|d| d.draw(seed))?;
        climbed(&moving, seed, |samples| {
            let data: Vec<_> = at.fixed.iter().chain(samples).chain(&covector).cloned().collect();
            T::missing_roots(&self.tape, &self.bindings(&data, &at.drawn))
        })
    }

    /// A point at which the roots of some sample exist.
    pub(super) fn climbed_point<T: Scalar>(&self, seed: u64, fixed: u64) -> Result<Point<T>, EvalError> {
        let of_state = self.state.iter().map(|block| {
            let draw = Box::new(move |own| self.parameter::<T>(block, seed, own));
            Moving { name: block.name, draw, by_columns: block.is_scalable() }
        });
        // Fixed data are those of their seed, unless roots are missing.
        let of_fixed = self.data.iter().filter(|d| d.fixed).map(|d| {
            let draw = Box::new(move |own| Ok(d.draw(if own == seed { fixed } else { own })?.1));
            Moving { name: d.block.name, draw, by_columns: d.block.is_scalable() }
        });
        let moving: Vec<Moving<T::Drawn>> =
            of_state.chain(of_fixed).chain(self.of_samples().map(Fields::of_sample)).collect();
        let covector = self.covector(|d| d.draw::<T::Drawn>(seed))?;
        let found = climbed(&moving, seed, |drawn| {
            let mut at = Bindings::new();
            drawn.iter().chain(&covector).for_each(|(name, x)| {
                at.lend(*name, x);
            });
            T::missing_roots(&self.tape, &at)
        })?;
        let drawn: Vec<_> = found[..self.state.len()].iter().map(|(_, x)| x.clone()).collect();
        let fixed = self.data.iter().filter(|d| d.fixed).count();
        let fixed = found[self.state.len()..][..fixed].to_vec();
        Ok(Point { values: drawn.iter().map(valued).collect(), drawn, fixed, samples: Default::default() })
    }

    /// Data of a sample in the field in which relations of functions are sought, beside shared values.
    pub(super) fn climbed_values<'a>(
        &'a self,
        shared: &Values,
        draw: &'a Drawer<'a, Residue<FIELD>>,
        seed: u64,
    ) -> Result<Values, EvalError> {
        let moving = self.of_samples().map(|d| {
            let draw = Box::new(move |seed| Ok(draw(d, seed)?.1));
            Moving { name: d.block.name, draw, by_columns: d.block.is_scalable() }
        });
        let covector = self.covector(|d| draw(d, seed))?;
        let found = climbed(&moving.collect::<Vec<_>>(), seed, |samples| {
            let mut at = Bindings::new();
            shared.iter().chain(samples).chain(&covector).for_each(|(name, x)| {
                at.lend(*name, x);
            });
            Ok(survey(&self.tape, &at)?.missing.len())
        })?;
        Ok([found, covector].concat())
    }

    /// How many roots at most depend on one column of the data of a sample in their first digits; `None` where fields are not
    /// defined.
    pub(super) fn coupling(&self, seed: u64) -> Result<Option<usize>, EvalError> {
        let draw = |block: &Block, seed: u64| Ok::<_, EvalError>((block.name, block.draw_first_digit(seed)?));
        let surveyed = |drawing: &Drawing<Residue<FIELD>>| {
            let mut at = Bindings::new();
            drawing.iter().for_each(|(name, x)| {
                at.lend(*name, x);
            });
            survey(&self.tape, &at)
        };
        for attempt in 0..ATTEMPTS {
            let seed = mix(seed, attempt);
            let blocks = self.state.iter().chain(self.data.iter().map(|d| &d.block));
            let drawing = blocks.map(|block| draw(block, seed)).collect::<Result<Drawing<_>, _>>()?;
            match self.most_changed(&drawing, mix(seed, 1), &surveyed) {
                Ok(most) => return Ok(Some(most)),
                Err(error) if error.is_unlucky() => {}
                Err(EvalError::Irrational(_) | EvalError::Unsupported(_)) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    fn most_changed(
        &self,
        drawing: &Drawing<Residue<FIELD>>,
        seed: u64,
        surveyed: &dyn Fn(&Drawing<Residue<FIELD>>) -> Result<Survey, EvalError>,
    ) -> Result<usize, EvalError> {
        let (before, mut most) = (surveyed(drawing)?, 0);
        for d in self.of_samples() {
            let Some(place) = drawing.iter().position(|(name, _)| *name == d.block.name) else { continue };
            let fresh: Dense<Residue<FIELD>> = d.block.draw(seed)?;
            let columns = if d.block.is_scalable() { fresh.cols() } else { fresh.cols().min(1) };
            for column in 0..columns {
                let mut other = drawing.clone();
                other[place].1 = match d.block.is_scalable() {
                    true => with_column(&drawing[place].1, &fresh, column),
                    false => fresh.clone(),
                };
                most = most.max(surveyed(&other)?.asked.difference(&before.asked).count());
            }
        }
        Ok(most)
    }
}
