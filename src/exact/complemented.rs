//! Ranks of enclosed rows beyond what floats see, proved by the Schur complement of the part that they do see.
//!
//! *Statement.* Let A be a regular block of r rows and r columns of a matrix, and let multiples of its rows be taken from some others, so
//! that these become (E S), E beside A and S beside the rest B of its rows. The rank is r + rank(S − E A⁻¹ B) (Haynsworth 1968), and
//! |(E A⁻¹ B)ᵢⱼ| ≤ ‖Eᵢ‖₁ ‖A⁻¹‖_∞ max_l |B_lj|. The multiples are floats, hence exact numbers, that make E as small as the digits allow; every
//! operation encloses.

use super::proved::{GENEROUS, Near, Scaled, eliminated_rank};
use crate::eval::{Enclosure, EvalError};
use rayon::prelude::*;

/// How small, relative to the first, pivots of the block may be, the first that is seen to be regular.
const PIVOTS: [f64; 3] = [1e-9, 1e-7, 1e-5];

/// How often multiples of the block are taken away; each time all digits of a float but those that the block loses go.
const SWEEPS: usize = 24;

/// How many rows more than may be missing are looked at.
const SPARE: usize = 32;

/// About how many multiplications of enclosed numbers one sweep may take.
const SWEEP: usize = 1 << 28;

/// A number that the rank of the matrix of the enclosed rows is not below, where it is at most `most`; `Ok(None)` where that takes too long.
pub(super) fn complemented_rank<const N: usize>(
    rows: &[Vec<Near>],
    (width, most): (usize, usize),
    enclosed: impl Fn(usize) -> Result<Vec<Enclosure<N>>, EvalError> + Sync,
) -> Result<Option<usize>, EvalError> {
    let scaled = Scaled::of(rows, width);
    let Some((order, columns, block)) = scaled.block(&PIVOTS) else { return Ok(None) };
    let rank = block.rank();
    let others = (most.saturating_sub(rank) + SPARE).min(order.len() - rank);
    if rank >= most || others == 0 || others * rank * columns.len() > SWEEP {
        return Ok(None);
    }
    let row = |place: &usize| Ok::<_, EvalError>(scaled.enclosed(*place, &columns, &enclosed(scaled.origin(*place))?));
    let above = order[..rank].par_iter().map(row).collect::<Result<Vec<_>, _>>()?;
    let mut below = order[rank..rank + others].par_iter().map(row).collect::<Result<Vec<_>, _>>()?;
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
        if left == 0.0 || left > size / 2.0 {
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
    let found = eliminated_rank(complement.collect());
    if std::env::var("EQ_EXPLORE").is_ok() { eprintln!("schur block {rank} others {others} left {size} found {found} most {most}"); }
    Ok(Some(rank + found))
}
