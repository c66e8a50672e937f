//! Ranks of enclosed rows beyond what floats see, proved by the Schur complement of the part that they do see.
//!
//! *Statement.* Let A be a regular block of r rows and r columns of a matrix, and let multiples of its rows be taken from some others, so
//! that these become (E S), E beside A and S beside the rest B of its rows. The rank is r + rank(S − E A⁻¹ B) (Haynsworth 1968), and
//! |(E A⁻¹ B)ᵢⱼ| ≤ ‖Eᵢ‖₁ ‖A⁻¹‖_∞ max_l |B_lj|. The multiples are floats, hence exact numbers, that make E as small as the digits allow; every
//! operation encloses.

use super::proved::{Block, GENEROUS, Near, Scaled, eliminated_rank};
use crate::eval::{Enclosure, EvalError};
use rayon::prelude::*;

/// How small, relative to the first, pivots of the block may be, the first that is seen to be regular.
const PIVOTS: [f64; 3] = [1e-9, 1e-7, 1e-5];

/// How often multiples of the block are taken away; each time all digits of a float but those that the block loses go. And how little may
/// be left.
const SWEEPS: usize = 24;
const LITTLE: f64 = 1e-65;

/// How many rows more than may be missing are looked at.
const SPARE: usize = 32;

/// About how many multiplications of enclosed numbers one sweep may take.
const SWEEP: usize = 1 << 26;

/// A number that the rank of the matrix of the enclosed rows is not below, where it is at most `most`; `Ok(None)` where that takes too long.
pub(super) fn complemented_rank<const N: usize>(
    rows: &[Vec<Near>],
    (width, most): (usize, usize),
    enclosed: impl Fn(usize) -> Result<Vec<Enclosure<N>>, EvalError> + Sync,
) -> Result<Option<usize>, EvalError> {
    let scaled = Scaled::of(rows, width);
    let Some(elimination) = scaled.elimination() else { return Ok(None) };
    let (order, columns, ranks) = (&elimination.rows, &elimination.columns, elimination.ranks(&PIVOTS));
    let first = ranks.first().copied().unwrap_or(0);
    let others = (most.saturating_sub(first) + SPARE).min(order.len() - first);
    if others * first * columns.len() > SWEEP {
        return Ok(None);
    }
    let row = |place: &usize| Ok::<_, EvalError>(scaled.enclosed(*place, columns, &enclosed(scaled.origin(*place))?));
    let mut above = order[..first + others].par_iter().map(row).collect::<Result<Vec<_>, _>>()?;
    // Of these numbers, not of those that floats were told: where a gate is not decided with few digits other data are drawn.
    let Some(block) = Block::leading(&ranks, |i, j| Near::from(above[i][j])) else { return Ok(None) };
    let rank = block.rank();
    let mut below = above.split_off(rank);
    let mut size = f64::INFINITY;
    for _ in 0..SWEEPS {
        let multiples = block.multiples(&below);
        below.par_iter_mut().zip(multiples).for_each(|(row, multiples)| {
            for (above, multiple) in above.iter().zip(multiples).filter(|(_, multiple)| *multiple != 0.0) {
                let multiple = Enclosure::exactly(multiple);
                row.iter_mut().zip(above).for_each(|(x, a)| *x = *x - multiple * *a);
            }
        });
        let left = below.iter().flat_map(|row| &row[..rank]).fold(0.0, |most: f64, x| most.max(x.middle().abs()));
        if left < LITTLE || left > size / 2.0 {
            break;
        }
        size = left;
    }
    let largest = |j: usize| above.iter().fold(0.0, |most: f64, row| most.max(row[j].most()));
    let largest: Vec<f64> = (rank..columns.len()).map(largest).collect();
    let complement = below.iter().map(|row| {
        let left = row[..rank].iter().map(|x| x.most()).sum::<f64>() * GENEROUS * block.inverse_at_most();
        row[rank..].iter().zip(&largest).map(|(x, most)| x.widened(left * most * GENEROUS)).collect()
    });
    Ok(Some(rank + eliminated_rank(complement.collect())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Number, mix};
    use crate::exact::proved::proved_rank;
    use crate::term::Rational;
    use num_traits::Zero;
    use proptest::prelude::*;

    type Number256 = Enclosure<4>;

    fn number(seed: u64, i: usize, j: usize) -> Number256 {
        let n = (mix(mix(seed, i as u64), j as u64) % 2001) as i64 - 1000;
        Enclosure::from_rational(&Rational::new(n.into(), 999.into())).expect("a number")
    }

    /// So many combinations of rows of which the k-th counts 2^−`small`·k.
    fn combined(seed: u64, count: usize, rank: usize, (width, small): (usize, i64)) -> Vec<Vec<Number256>> {
        let term =
            |i: usize, j: usize, k: usize| (number(seed, i, 1000 + k) * number(seed, k, j)).scaled(-small * k as i64);
        let entry = |i: usize, j: usize| (0..rank).fold(Number256::zero(), |sum, k| sum + term(i, j, k));
        (0..count).map(|i| (0..width).map(|j| entry(i, j)).collect()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn what_floats_do_not_see_is_found_and_nothing_more(seed: u64, rank in 1usize..16, more in 0usize..8, small in 0i64..10) {
            let rows = combined(seed, 20, rank, (18, small));
            let near: Vec<Vec<Near>> = rows.iter().map(|row| row.iter().map(|x| Near::from(*x)).collect()).collect();
            let found = complemented_rank(&near, (18, rank + more), |i| Ok(rows[i].clone())).expect("a rank");
            let by_floats = proved_rank(&near, 18);
            prop_assert!(by_floats <= rank);
            prop_assert_eq!(found.unwrap_or(by_floats).max(by_floats), rank);
        }
    }
}
