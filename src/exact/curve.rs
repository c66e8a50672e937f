//! Ranks along a formal curve: at a point over 𝔽_p[[t]] at whose start t = 0 all values of functions are known, so that they are
//! power series with rational coefficients and nothing needs to be supposed of them.
//!
//! Some matrices – data where that is enough, else parameters as well – are t times a random one, the others are constant; for small
//! t > 0 that is a real point. A bracket of fields at it is a vector of power series, whose coefficients are polynomials over ℤ_(p) in the
//! constants that occur, such as 1/√(2π) and log 2. If these are algebraically independent, which one alone is by the theorem of
//! Lindemann, then a minor that is not zero modulo p for random residues in their place is not the zero function of t; so there
//! are real points where the vectors are as independent as they are found to be, and the rank at generic ones is no less.
//!
//! Where only data move the point θ is the same for all t. Then every coefficient of a bracket, a derivative of a curve in the
//! space Lie(𝒱)(θ), lies in it too: one bracket gives many vectors over 𝔽_p.

use super::closure::Bounds;
use super::echelon::Echelon;
use super::fields::{Fields, GradientField};
use super::functions::FUNCTIONS;
use super::point::Point;
use super::scalar::Scalar;
use super::start::{FIELD, Start};
use super::valuation::Valued;
use super::{ExactError, Progress, Watch};
use crate::eval::{Constants, Dense, EvalError, Expansion, Jet, Located, Matrix, Residue, mix};
use crate::term::Symbol;
use num_traits::Zero;

/// To how many coefficients curves are followed, one after the other until the rank is what it may be.
const FEW: usize = 8;
const MANY: usize = 24;

/// About how many multiplications of residues a closure along a curve may take.
const WORK: u64 = 1 << 34;

/// How often a field, and how often a point, is drawn again where one is not defined.
const REDRAWS: u64 = 1 << 10;
const POINTS: u64 = 4;

/// A formal curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Curve {
    /// What is zero at its start.
    pub zero: Vec<Symbol>,
    /// How many coefficients are computed.
    pub order: usize,
    /// Whether the rank at every depth is the one that was sought. At a special point it may come at a larger depth.
    pub as_sought: bool,
}

/// The rank of a closure along a curve.
#[derive(Clone, Debug)]
pub struct Followed {
    pub curve: Curve,
    pub ranks: Vec<usize>,
    pub exhausted: bool,
    /// The constants that the vectors depend on.
    pub constants: Constants,
}

impl Followed {
    pub fn rank(&self) -> usize {
        self.ranks.last().copied().unwrap_or(0)
    }
}

/// How a curve is followed.
#[derive(Clone, Copy)]
struct Way<'a> {
    start: &'a Start,
    /// Whether parameters that are zero at the start stay so, and data alone move.
    keeps_zero: bool,
    /// Whether only the ranks that are sought are wanted.
    as_sought: bool,
}

/// Vectors of power series, as far as they span.
enum Spanned<const K: usize> {
    /// At a point that is the same along the curve: their coefficients.
    Plain(Echelon<FIELD>),
    Laurent(Valued<FIELD, K>),
}

impl<const K: usize> Spanned<K> {
    fn rank(&self) -> usize {
        match self {
            Spanned::Plain(span) => span.rank(),
            Spanned::Laurent(span) => span.rank(),
        }
    }

    fn insert(&mut self, vector: &[Jet<FIELD, K>]) -> bool {
        match self {
            Spanned::Plain(span) => {
                let coefficient = |k: usize| vector.iter().map(|x| x.coefficients()[k]).collect::<Vec<_>>();
                let independent = (0..K).map(coefficient).filter(|v| !v.iter().all(Zero::is_zero) && span.insert(v));
                independent.count() > 0
            }
            Spanned::Laurent(span) => span.insert(vector),
        }
    }
}

/// A point on a curve: the matrices of the state, and the data that are the same for all samples.
struct Moving<'a, const K: usize> {
    at: Vec<Dense<Jet<FIELD, K>>>,
    fixed: Vec<(Symbol, Dense<Jet<FIELD, K>>)>,
    start: &'a Start,
}

/// A matrix that is constant, or t times itself, or zero.
fn along<const K: usize>(x: &Dense<Located<FIELD>>, moves: bool, keeps_zero: bool) -> Dense<Jet<FIELD, K>> {
    Dense::from_fn(x.rows(), x.cols(), |i, j| match (moves, keeps_zero) {
        (false, _) => Jet::of(x.get(i, j)),
        (true, false) => Jet::moving(x.get(i, j).residue()),
        (true, true) => Jet::zero(),
    })
}

impl Fields {
    /// The closure along a curve whose ranks at depth 1, 2, … are the given ones, or else one with the largest rank found. `None`
    /// where no point is found at which all values of functions are known, and behind gates, whose signs are not those of a formal
    /// point.
    pub fn along_curves(&self, sought: &[usize], bounds: Bounds, watch: Watch) -> Result<Option<Followed>, ExactError> {
        let starts = self.starts(bounds.seed)?;
        let goal = sought.last().copied().unwrap_or(0);
        let mut best: Option<Followed> = None;
        for as_sought in [true, false] {
            let ways =
                starts.iter().flat_map(|start| [true, false].map(|keeps_zero| Way { start, keeps_zero, as_sought }));
            for way in ways.filter(|way| way.keeps_zero || !way.start.of_state.is_empty()) {
                for order in [FEW, MANY] {
                    let followed = match order {
                        FEW => self.along_curve::<FEW>(way, sought, bounds, watch),
                        _ => self.along_curve::<MANY>(way, sought, bounds, watch),
                    };
                    let followed = match followed {
                        Ok(Some(followed)) => followed,
                        Ok(None) => continue,
                        // This curve meets a pole, or takes too long.
                        Err(ExactError::Eval(_)) => break,
                        Err(error) => return Err(error),
                    };
                    if best.as_ref().is_none_or(|best| followed.rank() > best.rank()) {
                        best = Some(followed);
                    }
                    if best.as_ref().is_some_and(|best| best.rank() >= goal) {
                        return Ok(best);
                    }
                }
            }
        }
        Ok(best)
    }

    /// The closure along a curve; `None` where its ranks are not those that are sought, if only these are wanted.
    fn along_curve<const K: usize>(
        &self,
        way: Way,
        sought: &[usize],
        bounds: Bounds,
        watch: Watch,
    ) -> Result<Option<Followed>, ExactError> {
        if self.work_along::<K>(way) > WORK {
            return Err(EvalError::TooMuchWork("values of functions along a formal curve".into()).into());
        }
        let Way { start, keeps_zero, as_sought } = way;
        let moving = self.on_curve::<K>(start, keeps_zero, bounds.seed)?;
        let mut span = match keeps_zero {
            true => Spanned::Plain(Echelon::new(self.dimension())),
            false => Spanned::Laurent(Valued::new()),
        };
        let curve = Curve { zero: start.names().collect(), order: K, as_sought };
        let mut out = Followed { curve, ranks: Vec::new(), exhausted: false, constants: Constants::empty() };
        for depth in 1..=if as_sought { sought.len() } else { bounds.depth } {
            let last = sought.last().copied().unwrap_or(0);
            let goal = if as_sought { sought.get(depth - 1).copied().unwrap_or(last) } else { last };
            let (before, patience) = (span.rank(), self.patience(depth, false));
            let (mut misses, mut number) = (0, 0);
            while misses < patience && span.rank() < goal {
                let vector = self.bracket_on(&moving, bounds.seed, depth, number)?;
                number += 1;
                let is_new = span.insert(&vector);
                if is_new {
                    out.constants |= vector.iter().fold(Constants::empty(), |all, x| all | x.constants());
                }
                misses = if is_new { 0 } else { misses + 1 };
                watch(Progress { depth, drawn: number, rank: span.rank(), of: self.dimension() })?;
            }
            out.ranks.push(span.rank());
            out.exhausted = span.rank() >= last || span.rank() == before;
            match as_sought {
                true if span.rank() < goal => return Ok(None),
                false if out.exhausted => break,
                _ => {}
            }
        }
        Ok(Some(out))
    }

    /// About how many multiplications of residues a closure along a curve takes.
    fn work_along<const K: usize>(&self, way: Way) -> u64 {
        let (d, products) = (self.dimension() as u64, (K * K / 2) as u64);
        let elimination = d.saturating_pow(3) / 3 * if way.keeps_zero { 1 } else { products };
        let brackets = d.saturating_add(self.patience(2, false) as u64);
        let bracket = self.multiplications().saturating_mul(8 * products);
        elimination.saturating_add(brackets.saturating_mul(bracket))
    }

    /// A random point at which fields are defined.
    fn on_curve<'a, const K: usize>(
        &self,
        start: &'a Start,
        keeps_zero: bool,
        seed: u64,
    ) -> Result<Moving<'a, K>, EvalError> {
        let mut error = EvalError::ROOTLESS;
        for attempt in 0..POINTS {
            let seed = if attempt == 0 { seed } else { mix(seed, attempt) };
            let point: Point<Residue<FIELD>> = self.anywhere(seed)?;
            let moves = |name: Symbol| start.of_state.contains(&name);
            let state = self.state().iter().zip(&point.drawn);
            let fixed = point.fixed.iter().map(|(name, x)| (*name, along(x, moves(*name), keeps_zero)));
            let moving = Moving {
                at: state.map(|(block, x)| along(x, moves(block.name), keeps_zero)).collect(),
                fixed: fixed.collect(),
                start,
            };
            match self.field_on(&moving, seed) {
                Ok(_) => return Ok(moving),
                Err(other) if other.is_unlucky() => error = other,
                Err(other) => return Err(other),
            }
        }
        Err(error)
    }

    /// A field that is defined on the curve, with its value there.
    fn field_on<const K: usize>(
        &self,
        moving: &Moving<K>,
        seed: u64,
    ) -> Result<(GradientField<Jet<FIELD, K>>, Vec<Dense<Jet<FIELD, K>>>), EvalError> {
        let mut error = EvalError::ROOTLESS;
        for attempt in 0..REDRAWS {
            let samples = self.samples::<Located<FIELD>>(mix(seed, attempt))?;
            let samples = samples.iter().map(|(name, x)| (*name, along(x, moving.start.of_data.contains(name), false)));
            let values = moving.fixed.iter().cloned().chain(samples).collect();
            let field = GradientField::of(values, Expansion::new(FUNCTIONS));
            match self.at(&field, &moving.at) {
                Ok((_, value)) => return Ok((field, value)),
                Err(other) if other.is_unlucky() => error = other,
                Err(other) => return Err(other),
            }
        }
        Err(error)
    }

    /// Bracket number `number` of a depth on the curve.
    fn bracket_on<const K: usize>(
        &self,
        moving: &Moving<K>,
        seed: u64,
        depth: usize,
        number: u64,
    ) -> Result<Vec<Jet<FIELD, K>>, EvalError> {
        let stream = mix(mix(seed, depth as u64), number);
        if depth == 1 {
            return Ok(self.flat(&self.field_on(moving, mix(stream, 0))?.1));
        }
        let fields = (0..depth as u64).map(|i| Ok(self.field_on(moving, mix(stream, i))?.0));
        Ok(self.flat(&self.bracket(&fields.collect::<Result<Vec<_>, EvalError>>()?, &moving.at)?))
    }
}
