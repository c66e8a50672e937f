//! Where a formal curve may start: which matrices are zero at points where all values of functions are known.

use super::fields::{Fields, GradientField};
use super::functions::FUNCTIONS;
use super::point::Point;
use super::scalar::Scalar;
use crate::eval::{Dense, EvalError, Expansion, Jet, Located, Matrix, Residue, Rooted, mix};
use crate::term::{Facts, Symbol};

/// The field of the coefficients.
pub const FIELD: u64 = Rooted::MODULUS;

/// The matrices that are zero at the start of a curve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Start {
    /// Those that are other ones for each sample.
    pub of_data: Vec<Symbol>,
    /// Parameters, and data that are the same for all samples.
    pub of_state: Vec<Symbol>,
}

/// The facts of a matrix that t times it has as well, for t > 0.
pub(super) const CONES: Facts = Facts::SYMMETRIC
    .union(Facts::SKEW)
    .union(Facts::DIAGONAL)
    .union(Facts::INVERTIBLE)
    .union(Facts::POSITIVE)
    .union(Facts::POSITIVE_DIAGONAL)
    .union(Facts::NONNEGATIVE)
    .union(Facts::CENTRED)
    .union(Facts::PLANES)
    .union(Facts::CONSTANT);

/// A value of functions is known at the start or not; what comes later is not looked at.
type First = Jet<FIELD, 2>;

/// How many sets of matrices are tried where one is built up.
const TRIED: usize = 2000;

/// How many roots may have to exist at once.
const ROOTS: usize = 8;

/// How often values are surveyed where fields are not defined.
const SURVEYS: u64 = 8;

/// Whether no value is unknown, and roots are few enough to be waited for.
fn is_enough((unknown, roots): (usize, usize)) -> bool {
    unknown == 0 && roots <= ROOTS
}

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
        let all = self.fewest(&movable, seed)?;
        let parameters: Vec<_> = movable.iter().copied().filter(|(_, of_data)| !of_data).collect();
        let alone = match &all {
            Some(start) if start.of_data.is_empty() => None,
            _ => self.fewest(&parameters, seed)?,
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

    /// As few of some matrices as are enough, the first of them rather than others; `None` where some values stay unknown.
    fn fewest(&self, movable: &[(Symbol, bool)], seed: u64) -> Result<Option<Start>, EvalError> {
        let enough = |known: Option<(usize, usize)>| known.is_some_and(is_enough);
        let all = movable.iter().fold(Start::default(), |start, one| start.with(*one));
        let start = if enough(self.unknown(&all, seed)?) { Some(all) } else { self.grown(movable, seed)? };
        let Some(mut start) = start else { return Ok(None) };
        for (name, _) in movable.iter().rev() {
            let smaller = start.without(*name);
            if smaller != start && enough(self.unknown(&smaller, seed)?) {
                start = smaller;
            }
        }
        Ok(Some(start))
    }

    /// Where fields are not defined if all matrices are zero: adds them, one or two at once, as long as that makes more values known, or
    /// roots fewer.
    fn grown(&self, movable: &[(Symbol, bool)], seed: u64) -> Result<Option<Start>, EvalError> {
        let (mut start, mut left) = (Start::default(), TRIED);
        let Some(mut unknown) = self.unknown(&start, seed)? else { return Ok(None) };
        while !is_enough(unknown) {
            let names: Vec<Symbol> = start.names().collect();
            let further: Vec<_> = movable.iter().filter(|(name, _)| !names.contains(name)).copied().collect();
            let single = further.iter().map(|one| start.with(*one));
            let before = |(i, one)| further[..i].iter().map(move |other: &(Symbol, bool)| (*other, one));
            let pairs = further.iter().enumerate().flat_map(|(i, one)| before((i, *one)));
            let mut better = None;
            for larger in single.chain(pairs.map(|(one, other)| start.with(one).with(other))).take(left) {
                left -= 1;
                if let Some(less) = self.unknown(&larger, seed)?.filter(|less| *less < unknown) {
                    better = Some((less, larger));
                    break;
                }
            }
            let Some(better) = better else { return Ok(None) };
            (unknown, start) = better;
        }
        Ok(Some(start))
    }

    /// How many values of functions are not known at the start, and how many roots must exist; `None` where fields are not defined
    /// there.
    fn unknown(&self, start: &Start, seed: u64) -> Result<Option<(usize, usize)>, EvalError> {
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
                Ok(_) => return Ok(Some(field.functions().surveyed())),
                Err(error) if error.is_unlucky() => {}
                Err(EvalError::Irrational(_) | EvalError::Unsupported(_)) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}
