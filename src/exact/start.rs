//! Where a formal curve may start: which matrices are zero at points where all values of functions are known.

use super::fields::{Fields, GradientField};
use super::functions::FUNCTIONS;
use super::point::Point;
use super::scalar::Scalar;
use crate::eval::{Dense, EvalError, Expansion, Jet, Located, Matrix, Residue, Rooted, mix};
use crate::term::{Facts, Symbol};

/// The matrices that are zero at the start of a curve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Start {
    /// Those that are other ones for each sample.
    pub of_data: Vec<Symbol>,
    /// Parameters, and data that are the same for all samples.
    pub of_state: Vec<Symbol>,
}

/// The facts of a matrix that t times it has as well, for t > 0.
const CONES: Facts = Facts::SYMMETRIC
    .union(Facts::SKEW)
    .union(Facts::DIAGONAL)
    .union(Facts::INVERTIBLE)
    .union(Facts::POSITIVE)
    .union(Facts::POSITIVE_DIAGONAL)
    .union(Facts::NONNEGATIVE)
    .union(Facts::CENTRED)
    .union(Facts::PLANES)
    .union(Facts::CONSTANT);

const FIELD: u64 = Rooted::MODULUS;

/// A value of functions is known at the start or not; what comes later is not looked at.
type First = Jet<FIELD, 2>;

/// How many sets of matrices are tried.
const TRIED: usize = 2000;

/// How often values are surveyed where fields are not defined.
const SURVEYS: u64 = 8;

impl Start {
    pub fn names(&self) -> impl Iterator<Item = Symbol> {
        self.of_data.iter().chain(&self.of_state).copied()
    }

    fn with(&self, (name, of_data): (Symbol, bool)) -> Start {
        let mut out = self.clone();
        if of_data { &mut out.of_data } else { &mut out.of_state }.push(name);
        out
    }

    fn without(&self, name: Symbol) -> Start {
        let rest = |names: &[Symbol]| names.iter().copied().filter(|other| *other != name).collect();
        Start { of_data: rest(&self.of_data), of_state: rest(&self.of_state) }
    }
}

impl Fields {
    /// Some sets of matrices that are enough: data first, and parameters alone.
    pub(super) fn starts(&self, seed: u64) -> Result<Vec<Start>, EvalError> {
        if self.is_piecewise() {
            return Ok(vec![]);
        }
        let movable = self.movable();
        let all = self.grown(&movable, seed)?;
        let parameters: Vec<_> = movable.iter().copied().filter(|(_, of_data)| !of_data).collect();
        let alone = match &all {
            Some(start) if start.of_data.is_empty() => None,
            _ => self.grown(&parameters, seed)?,
        };
        Ok(all.into_iter().chain(alone).collect())
    }

    /// The matrices that may be scaled, data first and then rows and columns; whether they are data of a sample.
    fn movable(&self) -> Vec<(Symbol, bool)> {
        let mut samples = Vec::new();
        let (mut thin, mut wide) = (Vec::new(), Vec::new());
        for (block, of_data) in self.scalable(CONES) {
            match (of_data, block.rows == 1 || block.cols == 1) {
                (true, _) => samples.push((block.name, true)),
                (false, true) => thin.push((block.name, false)),
                (false, false) => wide.push((block.name, false)),
            }
        }
        samples.into_iter().chain(thin).chain(wide).collect()
    }

    /// Adds matrices, one or two at once, as long as that makes more values known; `None` where some stay unknown.
    fn grown(&self, movable: &[(Symbol, bool)], seed: u64) -> Result<Option<Start>, EvalError> {
        let (mut start, mut left) = (Start::default(), TRIED);
        let Some(mut unknown) = self.unknown(&start, seed)? else { return Ok(None) };
        while unknown > 0 {
            let names: Vec<Symbol> = start.names().collect();
            let further: Vec<_> = movable.iter().filter(|(name, _)| !names.contains(name)).collect();
            let single = further.iter().map(|one| start.with(**one));
            let both = |(i, one)| further[..i].iter().map(move |other: &&(Symbol, bool)| (**other, one));
            let pairs = further.iter().enumerate().flat_map(|(i, one)| both((i, **one)));
            let mut best: Option<(usize, Start)> = None;
            for larger in single.chain(pairs.map(|(one, other)| start.with(one).with(other))) {
                // One that helps is better than two.
                if left == 0 || best.is_some() && larger.names().count() > names.len() + 1 {
                    break;
                }
                left -= 1;
                if let Some(less) = self.unknown(&larger, seed)?
                    && less < best.as_ref().map_or(unknown, |(least, _)| *least)
                {
                    best = Some((less, larger));
                }
            }
            let Some(better) = best else { return Ok(None) };
            (unknown, start) = better;
        }
        for name in start.clone().names() {
            let smaller = start.without(name);
            if self.unknown(&smaller, seed)? == Some(0) {
                start = smaller;
            }
        }
        Ok(Some(start))
    }

    /// How many values of functions are not known at the start; `None` where fields are not defined there.
    fn unknown(&self, start: &Start, seed: u64) -> Result<Option<usize>, EvalError> {
        for attempt in 0..SURVEYS {
            let seed = mix(seed, attempt);
            let scaled = |name: Symbol, x: &Dense<Located<FIELD>>| {
                let moves = start.names().any(|other| other == name);
                let entry = |x: &Located<FIELD>| if moves { First::moving(x.residue()) } else { First::of(x) };
                Dense::from_fn(x.rows(), x.cols(), |i, j| entry(x.get(i, j)))
            };
            let point: Point<Residue<FIELD>> = self.anywhere(seed)?;
            let samples = self.samples::<Located<FIELD>>(seed)?;
            let data = point.fixed.iter().chain(&samples).map(|(name, x)| (*name, scaled(*name, x)));
            let at: Vec<_> = self.state().iter().zip(&point.drawn).map(|(block, x)| scaled(block.name, x)).collect();
            let field = GradientField::of(data.collect(), Expansion::survey(FUNCTIONS));
            match self.at(&field, &at) {
                Ok(_) => return Ok(Some(field.functions().unknown())),
                Err(error) if error.is_unlucky() => {}
                Err(EvalError::Irrational(_) | EvalError::Unsupported(_)) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}
