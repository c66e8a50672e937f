//! Points and data at which a formula is defined: where all roots exist over a finite field, all gates are decided, and numbers do not
//! grow through many layers until nothing is certain of them.

use super::block::Block;
use super::fields::{COVECTOR, Drawn, Fields, GradientField};
use super::places::LEANINGS;
use super::point::Point;
use super::scalar::{Scalar, valued};
use crate::eval::{Dense, EvalError, Matrix, Number, Resumed, mix};
use crate::term::{Rational, Symbol};

/// Near how many points and data others are drawn, where functions behind gates have to be learned for each pattern of them.
const NEIGHBOURHOODS: u64 = 2 * LEANINGS;

impl Fields {
    /// A random point with a field that is defined there, and what is made of them; the point is what a map makes of one of so many
    /// drawn ones. Where a root does not exist, only what it is the first to depend on is drawn anew, so that the draws of roots that
    /// stack up add and do not multiply.
    pub fn placed<T: Scalar, O>(
        &self,
        (seed, field): (u64, u64),
        draws: u64,
        region: Option<u64>,
        map: impl Fn(Vec<Dense<T::Drawn>>) -> Vec<Dense<T::Drawn>>,
        make: impl Fn(&Point<T>, &GradientField<T>) -> Result<O, EvalError>,
    ) -> Result<(Point<T>, GradientField<T>, O), EvalError> {
        let mut rooted: Rooted<T> = Rooted::new(self, (seed, field), region);
        let mut undefined = EvalError::ROOTLESS;
        for attempt in 0..draws {
            let made = rooted.drawn(self).and_then(|()| {
                let point = rooted.point.clone().mapped(&map);
                rooted.look(self, &point)?;
                let field = self.with_samples(&point, rooted.samples.clone())?;
                let made = make(&point, &field)?;
                Ok((point, field, made))
            });
            undefined = match made {
                Err(error) if error.is_unlucky() => error,
                made => return made,
            };
            rooted.anew(self, &undefined, (seed, field), attempt);
        }
        Err(undefined)
    }

    /// A seed for the points and data that share their gates with the one of a number, where something is learned once for all of
    /// them.
    pub fn neighbourhood(&self, seed: u64, number: u64) -> Option<u64> {
        let region = mix(seed, number % NEIGHBOURHOODS);
        self.functions.are_learned_by_region().then(|| region - region % LEANINGS + number % LEANINGS)
    }
}

/// How often everything is drawn anew before parameters are drawn half as large, and how often they are halved at most.
const PER_HALVING: u64 = 1;
const HALVINGS: u64 = 6;

/// How often the same root may be missing before everything is drawn anew, the first time; twice as often each time after.
const STUCK: u64 = 128;

/// A point and data on the way to all roots of a formula.
struct Rooted<'a, T: Scalar> {
    point: Point<T>,
    samples: Vec<(Symbol, Dense<T::Drawn>)>,
    /// The seeds of the point and of the data.
    seeds: (u64, u64),
    /// The seed of the point and data near which all are drawn.
    region: Option<u64>,
    /// How often everything was drawn anew.
    restarts: u64,
    /// The root that is missing, and how often it was so.
    failing: Option<(usize, u64)>,
    /// What is to be drawn, with seeds of their own; `None` for everything.
    anew: Option<Vec<(Symbol, u64)>>,
    /// The formula as far as it was evaluated.
    below: Resumed<'a, Dense<T::Drawn>>,
}

impl<'a, T: Scalar> Rooted<'a, T> {
    fn new(fields: &'a Fields, seeds: (u64, u64), region: Option<u64>) -> Self {
        let point = Point { drawn: vec![], values: vec![], fixed: vec![] };
        Rooted {
            point,
            samples: vec![],
            seeds,
            region,
            restarts: 0,
            failing: None,
            anew: None,
            below: Resumed::new(&fields.tape),
        }
    }

    /// Draws what is to be drawn.
    fn drawn(&mut self, fields: &Fields) -> Result<(), EvalError> {
        let Some(anew) = self.anew.take() else {
            let state = fields.state.iter().map(|block| self.parameter(fields, block, self.seeds.0));
            let drawn = state.collect::<Result<Vec<_>, EvalError>>()?;
            let data = |fixed: bool, seed: u64| {
                let of = fields.data.iter().filter(|d| d.fixed == fixed);
                of.map(|d| Ok((d.block.name, self.datum(d, seed)?))).collect::<Result<Vec<_>, EvalError>>()
            };
            let (fixed, samples) = (data(true, self.seeds.0)?, data(false, self.seeds.1)?);
            let values = drawn.iter().map(valued).collect();
            self.point = Point { values, drawn, fixed };
            self.samples = samples;
            self.below.restart();
            return Ok(());
        };
        for (name, seed) in &anew {
            if let Some(i) = fields.state.iter().position(|block| block.name == *name) {
                self.point.drawn[i] = self.parameter(fields, &fields.state[i], *seed)?;
                self.point.values[i] = valued(&self.point.drawn[i]);
            } else if let Some(drawn) = fields.data.iter().find(|d| d.block.name == *name) {
                let value = self.datum(drawn, *seed)?;
                let of = if drawn.fixed { &mut self.point.fixed } else { &mut self.samples };
                of.iter_mut().filter(|(other, _)| other == name).for_each(|(_, x)| *x = value.clone());
            }
        }
        self.below.forget(&anew.iter().map(|(name, _)| *name).collect::<Vec<_>>());
        Ok(())
    }

    /// Where numbers grew too large or too uncertain through many layers, parameters are drawn smaller.
    fn parameter(&self, fields: &Fields, block: &Block, seed: u64) -> Result<Dense<T::Drawn>, EvalError> {
        let near = match self.region {
            Some(region) => block.near(fields.parameter::<T>(block, region, region)?, seed),
            None => None,
        };
        let drawn = near.map_or_else(|| fields.parameter::<T>(block, self.seeds.0, seed), Ok)?;
        let halvings = (self.restarts / PER_HALVING).min(HALVINGS);
        if halvings == 0 || !block.is_scalable() {
            return Ok(drawn);
        }
        let factor = T::Drawn::from_rational(&Rational::new(1.into(), (1i64 << halvings).into()))?;
        Ok(Dense::from_fn(drawn.rows(), drawn.cols(), |i, j| drawn.get(i, j).clone() * factor.clone()))
    }

    /// No gate depends on the covector.
    fn datum(&self, drawn: &Drawn, seed: u64) -> Result<Dense<T::Drawn>, EvalError> {
        let near = match self.region {
            Some(region) if !drawn.signs && drawn.block.name.as_str() != COVECTOR => {
                drawn.block.near(drawn.block.draw(region)?, seed)
            }
            _ => None,
        };
        near.map_or_else(|| Ok(drawn.draw(seed)?.1), Ok)
    }

    /// An error where a root is missing, found without the values of functions that the whole formula has.
    fn look(&mut self, fields: &Fields, point: &Point<T>) -> Result<(), EvalError> {
        let Some(oracle) = T::unrelated() else { return Ok(()) };
        let data: Vec<_> = point.fixed.iter().chain(&self.samples).cloned().collect();
        match self.below.advance(&fields.bindings(&data, &point.drawn), &oracle) {
            Err(EvalError::NoSquareRoot { at: Some(root) }) if fields.fresh.contains_key(&root) => {
                Err(EvalError::NoSquareRoot { at: Some(root) })
            }
            // Whatever else is wrong is found again.
            _ => Ok(()),
        }
    }

    /// Decides what is to be drawn anew.
    fn anew(&mut self, fields: &Fields, error: &EvalError, (seed, field): (u64, u64), attempt: u64) {
        match error {
            EvalError::NoSquareRoot { at: Some(root) } if fields.fresh.contains_key(root) => {
                let times = self.failing.filter(|(at, _)| at == root).map_or(0, |(_, times)| times) + 1;
                self.failing = Some((*root, times));
                // What stands before the root is so uncertain that it is never known to be positive.
                if times > STUCK << self.restarts.min(16) {
                    return self.restart((seed, field), attempt);
                }
                let own = mix(mix(field, attempt), 1);
                self.anew = Some(fields.fresh[root].iter().map(|name| (*name, own)).collect());
            }
            _ => self.restart((seed, field), attempt),
        }
    }

    fn restart(&mut self, (seed, field): (u64, u64), attempt: u64) {
        self.anew = None;
        self.failing = None;
        self.restarts += 1;
        let leaning = seed % LEANINGS;
        let again = |seed: u64| mix(seed, self.restarts) / LEANINGS * LEANINGS + leaning;
        self.seeds = (again(seed), mix(field, attempt));
        // Near some points nothing is defined.
        self.region = self.region.map(again);
    }
}
