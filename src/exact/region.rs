//! Where gates occur the number of laws depends on the region of parameter space: on which gates data open there. A law that
//! holds near every generic point does so in every region, so that the least number over some regions bounds those.

use super::ExactError;
use super::fields::Fields;
use crate::eval::{Residue, mix};
use std::collections::BTreeMap;

/// The count at one point, which bounds the laws near it.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// The seed of the point.
    pub seed: u64,
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

/// Among how many points the one is sought at which data open the most gates in the most ways.
const CANDIDATES: u64 = 32;

/// How many data sets are tried at each.
const TRIED: u64 = 32;

impl Fields {
    /// The seeds of the points at which laws are counted: one without gates, else several, first of all one at which much
    /// passes the gates.
    pub(super) fn regions<const P: u64>(&self, seed: u64, fixed: u64) -> Result<Vec<u64>, ExactError> {
        if !self.is_piecewise() {
            return Ok(vec![seed]);
        }
        let candidates = (0..CANDIDATES).map(|k| seed.wrapping_add(k));
        let scored = candidates.map(|seed| Ok((self.variety::<P>(seed, fixed)?, seed)));
        let scored = scored.collect::<Result<Vec<_>, ExactError>>()?;
        let richest = scored.iter().rev().max_by_key(|(variety, _)| *variety).map_or(seed, |(_, seed)| *seed);
        let count = (WORK / self.work().max(1)).clamp(2, REGIONS);
        let others = (0..REGIONS).map(|k| seed.wrapping_add(k)).filter(|other| *other != richest);
        Ok(std::iter::once(richest).chain(others.take(count as usize - 1)).collect())
    }

    /// How many different ways the gates of a point are opened by data, and then how many gates are opened at all.
    fn variety<const P: u64>(&self, seed: u64, fixed: u64) -> Result<(usize, usize), ExactError> {
        let point = self.point_given::<Residue<P>>(seed, fixed)?;
        let mut gates: Vec<u32> = Vec::new();
        for trial in 0..TRIED {
            match self.pattern(&point, mix(seed, trial)) {
                Ok(pattern) => {
                    gates.resize(pattern.len(), 0);
                    gates.iter_mut().zip(pattern).for_each(|(gate, open)| *gate |= u32::from(open) << trial);
                }
                Err(error) if error.is_unlucky() => {}
                Err(error) => return Err(error.into()),
            }
        }
        let mut ways: BTreeMap<u32, usize> = BTreeMap::new();
        gates.iter().for_each(|gate| *ways.entry(*gate).or_default() += 1);
        let opened = gates.iter().filter(|gate| **gate != 0).count();
        let constant = |way: u32| way == 0 || way == u32::MAX;
        Ok((ways.keys().filter(|way| !constant(**way)).count(), opened))
    }
}
