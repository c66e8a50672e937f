//! Where gates occur the number of laws depends on the region of parameter space: on which gates data open there. A law that
//! holds near every generic point does so in every region, so that the least number over some regions bounds those.

use super::fields::Fields;
use super::places::LEANINGS;
use super::point::Point;
use super::scalar::Scalar;
use crate::eval::{EvalError, Pattern, mix};

/// From what a point is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    pub seed: u64,
    pub choice: Choice,
}

/// How a point is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// As it is drawn.
    Drawn,
    /// So that data pass its gates in many ways.
    Sought,
    /// With biases that are moved until data open each gate about as often as they shut it, so that as many fields as are enough are
    /// independent there.
    Balanced { enough: usize },
    /// With parameters that are enlarged until so many fields as are enough are independent in floats.
    Enlarged { enough: usize },
}

impl Origin {
    /// Whether its gates are looked at.
    pub fn is_sought(&self) -> bool {
        matches!(self.choice, Choice::Sought | Choice::Balanced { .. })
    }
}

/// The count at one point, which bounds the laws near it.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    pub origin: Origin,
    /// dim Lie(𝒱)(θ) is at least this.
    pub lie_dimension: usize,
    /// There are no more independent laws near the point than this.
    pub laws_at_most: usize,
    /// The rank after all brackets of depth 1, 2, …. The first is the functional dimension.
    pub ranks: Vec<usize>,
    /// Whether the last depth added nothing.
    pub exhausted: bool,
}

/// How many regions are counted, where that is quick.
const REGIONS: u64 = 8;

/// About how many multiplications all regions together may take before they become fewer.
const WORK: u64 = 1 << 34;

/// How many of them are sought so that data pass their gates in many ways.
const SOUGHT: u64 = 2;

/// How often part of a point is drawn anew so that data pass its gates in more ways, and about how many multiplications that
/// may take.
const STEPS: u64 = 256;
const CLIMB: u64 = 1 << 30;

/// How many data sets are tried at each, one for each bit of a word.
const TRIED: u64 = 64;

/// For which part of the data units of such points are shut at most.
const SHUT: [f64; 4] = [0.5, 0.35, 0.25, 0.15];

/// How many points with weights that are moved are compared at most.
const CENTRED: u64 = 64;

/// How many of a hundred ways of each two gates are varied; that all four ways of all gates occur is 200.
const VARIED: usize = 185;

/// How many gates of a point data open at all, and then how many of the four ways data open and shut any two of them: only where
/// paths through a network are open with and without each other do their fields span all they can.
type Variety = (usize, usize);

impl Fields {
    /// The points at which laws are counted: one without gates, else several, the first of which are sought so that data pass
    /// their gates in many ways.
    pub(super) fn regions(&self, seed: u64) -> Vec<Origin> {
        if !self.is_piecewise() {
            return vec![Origin { seed, choice: Choice::Drawn }];
        }
        let count = (WORK / self.work().max(1)).clamp(2, REGIONS);
        let choice = |k: u64| if k < SOUGHT { Choice::Sought } else { Choice::Drawn };
        let of = |k: u64| Origin { seed: seed.wrapping_add(k), choice: choice(k) };
        (0..count).map(of).collect()
    }

    /// The point of a region.
    pub fn origin<T: Scalar>(&self, origin: Origin, fixed: u64) -> Result<Point<T>, EvalError> {
        match origin.choice {
            Choice::Drawn => self.point_given(origin.seed, fixed),
            Choice::Sought => self.sought(origin.seed, fixed),
            Choice::Balanced { enough } => self.balanced(origin.seed, fixed, enough),
            Choice::Enlarged { enough } => self.enlarged(origin.seed, fixed, enough),
        }
    }

    /// A point at which data pass many gates in many ways: the best of one of each leaning, and then rows and columns of it are
    /// drawn anew as long as that does not make it worse.
    pub(super) fn sought<T: Scalar>(&self, seed: u64, fixed: u64) -> Result<Point<T>, EvalError> {
        let variety = |point: &Point<T>| {
            let point = point.in_floats();
            self.variety(|seed| self.pattern::<T>(&point, seed), seed)
        };
        let mut best = self.point_given(seed, fixed)?;
        // Where a root is of parameters alone, it must exist.
        let rooted = self.has_roots() && self.has_fields(&best, seed)?;
        let defined = |point: &Point<T>| Ok::<_, EvalError>(!rooted || self.has_fields(point, seed)?);
        let mut most = variety(&best)?;
        for k in 1..LEANINGS {
            let other = self.point_given(seed.wrapping_add(k), fixed)?;
            let variety = variety(&other)?;
            if variety > most && defined(&other)? {
                (best, most) = (other, variety);
            }
        }
        for step in 0..STEPS.min(CLIMB / self.multiplications().saturating_mul(TRIED).max(1)) {
            // Each gate is open and shut, and each two of them in all four ways; of many branches, which see the same, almost all are enough.
            let (opened, ways) = most;
            if ways == 2 * opened * opened || self.has_weak_branches() && self.is_varied(most) {
                break;
            }
            let other = self.redrawn(&best, mix(seed, step))?;
            let variety = variety(&other)?;
            if variety >= most && defined(&other)? {
                (best, most) = (other, variety);
            }
        }
        // Where many are still alike, weights are moved against what they are alike in.
        for k in 0..STEPS.min(CLIMB / self.multiplications().saturating_mul(TRIED).max(1)).min(CENTRED) {
            if self.is_varied(most) {
                break;
            }
            let other = self.centred(
                self.point_given(seed.wrapping_add(k), fixed)?,
                SHUT[k as usize % SHUT.len()],
                mix(seed, k),
            )?;
            let variety = variety(&other)?;
            if variety.1 > most.1 && defined(&other)? {
                (best, most) = (other, variety);
            }
        }
        Ok(best)
    }

    /// Whether data pass all gates in almost all ways.
    fn is_varied(&self, (opened, ways): Variety) -> bool {
        ways >= VARIED * opened * opened / 100 && opened == self.tape.gate_entries()
    }

    fn variety(&self, pattern: impl Fn(u64) -> Result<Pattern, EvalError>, seed: u64) -> Result<Variety, EvalError> {
        let mut gates: Vec<u64> = Vec::new();
        for trial in 0..TRIED {
            match pattern(mix(seed, trial)) {
                Ok(pattern) => {
                    gates.resize(pattern.len(), 0);
                    gates.iter_mut().zip(pattern).for_each(|(gate, open)| *gate |= u64::from(open) << trial);
                }
                Err(error) if error.is_unlucky() => {}
                Err(error) => return Err(error),
            }
        }
        let opened = gates.iter().filter(|gate| **gate != 0).count();
        let ways = |x: u64, y: u64| [x & y, x & !y, !x & y, !x & !y].into_iter().filter(|data| *data != 0).count();
        let pairs = gates.iter().enumerate().flat_map(|(i, x)| gates[..=i].iter().map(move |y| ways(*x, *y)));
        Ok((opened, pairs.sum()))
    }
}
