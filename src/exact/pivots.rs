//! Which rows and columns of a matrix of floats are independent: elimination in panels of rows, so that almost all of the work is in products
//! of matrices.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::lu::full_pivoting::factor::{lu_in_place, lu_in_place_scratch};
use faer::linalg::solvers::DenseSolveCore;
use faer::{Mat, Par, Spec};

/// How many rows are looked at together, and up to how many all are.
const PANEL: usize = 64;
const FEW: usize = 4 * PANEL;

/// What part of the largest entry the pivot of a row of a panel has at least. Rows without one wait until all others are done.
const CLEAR: f64 = 1e-2;

/// Rows and columns in an order of elimination with full pivoting, of panels and then of what waits.
pub(super) struct Elimination {
    pub rows: Vec<usize>,
    pub columns: Vec<usize>,
    pivots: Vec<f64>,
}

/// The rows and columns that are still to be eliminated.
struct Rest {
    entries: Mat<f64>,
    rows: Vec<usize>,
    columns: Vec<usize>,
}

impl Elimination {
    /// Of a matrix with at least one row and one column.
    pub fn of(matrix: Mat<f64>) -> Elimination {
        let (height, width) = (matrix.nrows(), matrix.ncols());
        let least = CLEAR * matrix.norm_max();
        let mut rest = Rest { entries: matrix, rows: (0..height).collect(), columns: (0..width).collect() };
        let mut out = Elimination { rows: Vec::new(), columns: Vec::new(), pivots: Vec::new() };
        let mut fresh = height;
        while rest.rows.len() > FEW && fresh > 0 && !rest.columns.is_empty() {
            let panel = PANEL.min(fresh);
            fresh -= panel;
            let (rows, columns, pivots) =
                fully(&mut Mat::from_fn(panel, rest.columns.len(), |i, j| rest.entries[(i, j)]));
            let clear = pivots.iter().take_while(|pivot| **pivot > least).count();
            out.take((&rows[..clear], &columns[..clear], &pivots[..clear]), &rest);
            rest = rest.without((&rows[..clear], &columns[..clear]), panel);
        }
        let (rows, columns, pivots) = fully(&mut rest.entries);
        out.take((&rows, &columns, &pivots), &rest);
        out
    }

    fn take(&mut self, (rows, columns, pivots): (&[usize], &[usize], &[f64]), of: &Rest) {
        self.rows.extend(rows.iter().map(|i| of.rows[*i]));
        self.columns.extend(columns.iter().map(|j| of.columns[*j]));
        self.pivots.extend(pivots);
    }

    /// How many of the first pivots are larger than a part of the largest.
    pub fn rank(&self, part: f64) -> usize {
        let largest = self.pivots.iter().copied().fold(0.0, f64::max);
        self.pivots.iter().take_while(|pivot| **pivot > part * largest).count()
    }

    /// The same for some parts, the most first.
    pub fn ranks(&self, parts: &[f64]) -> Vec<usize> {
        let mut ranks: Vec<usize> = parts.iter().map(|part| self.rank(*part)).collect();
        ranks.dedup();
        ranks
    }
}

impl Rest {
    /// What is left where some rows of a panel, the first rows, have pivots in some columns. Its other rows come last.
    fn without(self, (rows, columns): (&[usize], &[usize]), panel: usize) -> Rest {
        let behind = (panel..self.rows.len()).chain((0..panel).filter(|i| !rows.contains(i)));
        let (lower, entries) = (behind.collect::<Vec<usize>>(), &self.entries);
        let right: Vec<usize> = (0..self.columns.len()).filter(|j| !columns.contains(j)).collect();
        let at = |rows: &[usize], columns: &[usize]| {
            Mat::from_fn(rows.len(), columns.len(), |i, j| entries[(rows[i], columns[j])])
        };
        let mut left = at(&lower, &right);
        if !rows.is_empty() {
            let factors = at(&lower, columns) * at(rows, columns).partial_piv_lu().inverse();
            left -= factors * at(rows, &right);
        }
        Rest {
            entries: left,
            rows: lower.iter().map(|i| self.rows[*i]).collect(),
            columns: right.iter().map(|j| self.columns[*j]).collect(),
        }
    }
}

/// Rows and columns in the order of full pivoting, and the sizes of the pivots; on one core, as few rows are not worth waiting for others.
fn fully(matrix: &mut Mat<f64>) -> (Vec<usize>, Vec<usize>, Vec<f64>) {
    let (height, width) = (matrix.nrows(), matrix.ncols());
    let mut memory = MemBuffer::new(lu_in_place_scratch::<usize, f64>(height, width, Par::Seq, Spec::default()));
    let (mut rows, mut columns) = (vec![0; height], vec![0; width]);
    let (mut rows_back, mut columns_back) = (rows.clone(), columns.clone());
    lu_in_place(
        matrix.as_mut(),
        &mut rows,
        &mut rows_back,
        &mut columns,
        &mut columns_back,
        Par::Seq,
        MemStack::new(&mut memory),
        Spec::default(),
    );
    let pivots = (0..height.min(width)).map(|i| matrix[(i, i)].abs()).collect();
    (rows, columns, pivots)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::mix;
    use proptest::prelude::*;

    fn number(seed: u64, i: usize, j: usize) -> f64 {
        (mix(mix(seed, i as u64), j as u64) % 2001) as f64 / 1000.0 - 1.0
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        /// The leading block is regular, so that each row is a combination of the first rows, told by the first columns.
        #[test]
        fn the_first_rows_and_columns_span_all(seed: u64, rank in 1usize..280, width in prop_oneof![1usize..100, 200usize..300], height in 1usize..500, zeros in 0usize..40) {
            let idle = |i: usize| zeros > 0 && i % (zeros + 2) == 1;
            let left = Mat::from_fn(height, rank, |i, k| if idle(i) { 0.0 } else { number(seed, i, 1000 + k) });
            let matrix = left * Mat::from_fn(rank, width, |k, j| number(seed, k, j));
            let rank = rank.min(width).min((0..height).filter(|i| !idle(*i)).count());
            let found = Elimination::of(matrix.clone());
            prop_assert_eq!(found.rank(1e-10), rank);
            let sorted = |mut x: Vec<usize>| { x.sort_unstable(); x };
            prop_assert_eq!(sorted(found.rows.clone()), (0..height).collect::<Vec<_>>());
            prop_assert_eq!(sorted(found.columns.clone()), (0..width).collect::<Vec<_>>());
            let at = |rows: &[usize], columns: &[usize]| {
                Mat::from_fn(rows.len(), columns.len(), |i, j| matrix[(rows[i], columns[j])])
            };
            let (rows, columns) = (&found.rows[..rank], &found.columns[..rank]);
            let multiples = at(&found.rows, columns) * at(rows, columns).partial_piv_lu().inverse();
            prop_assert!((multiples * at(rows, &found.columns) - at(&found.rows, &found.columns)).norm_max() < 1e-6 * (1.0 + matrix.norm_max()));
        }
    }
}
