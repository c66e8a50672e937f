//! Rank of sparse vectors modulo a small prime. Each row has its pivot where the fewest rows before it have an entry (Markowitz 1957),
//! so that what is reduced by it rarely becomes fuller.

use super::span::Span;
use crate::eval::{Number, Residue};
use num_traits::Zero;
use rayon::prelude::*;

/// How many products of two residues below 2²³ are summed before the sums are reduced: they stay below 2⁶⁴.
const DELAY: usize = 1 << 17;

/// How many vectors are reduced at once by the rows before them.
const BATCH: usize = 32;

/// No row.
const NONE: u32 = u32::MAX;

/// The entries of a vector that are not zero: columns and residues.
pub(super) type Entries = Vec<(u32, u32)>;

/// A basis of a subspace of 𝔽_pⁿ, p < 2²³, of sparse rows. Each is 1 at its own pivot and 0 at those of the rows before it.
#[derive(Clone, Debug)]
pub struct SparseRows<const P: u64> {
    rows: Vec<Entries>,
    /// The row with its pivot in a column.
    row_of: Vec<u32>,
    /// How many rows have an entry in a column.
    count: Vec<u32>,
    /// How many entries all rows have.
    entries: usize,
}

impl<const P: u64> SparseRows<P> {
    /// How many numbers are held.
    pub fn entries(&self) -> usize {
        self.entries
    }

    /// Adds vectors; for each whether the rank grew.
    pub fn add_all(&mut self, vectors: &[Entries]) -> Vec<bool> {
        let mut added = Vec::with_capacity(vectors.len());
        for batch in vectors.chunks(BATCH) {
            let left: Vec<Entries> = batch.par_iter().map(|vector| self.reduced(vector)).collect();
            added.extend(left.iter().map(|left| self.add(left)));
        }
        added
    }

    /// What is left of a vector modulo the rows.
    fn reduced(&self, vector: &Entries) -> Entries {
        let mut sums = vec![0; self.row_of.len()];
        let mut open = Queue::new(self.rows.len());
        for (column, x) in vector {
            sums[*column as usize] = u64::from(*x);
            let row = self.row_of[*column as usize];
            if row != NONE {
                open.add(row);
            }
        }
        let mut pending = 0;
        while let Some(row) = open.next() {
            let ((pivot, _), rest) = self.rows[row].split_first().expect("a row has its pivot");
            let along = std::mem::take(&mut sums[*pivot as usize]) % P;
            if along == 0 {
                continue;
            }
            if pending == DELAY {
                pending = 0;
                sums.iter_mut().for_each(|sum| *sum %= P);
            }
            pending += 1;
            let factor = P - along;
            for (column, x) in rest {
                sums[*column as usize] += factor * u64::from(*x);
                let later = self.row_of[*column as usize];
                if later != NONE {
                    open.add(later);
                }
            }
        }
        let touched = sums.iter().enumerate().filter(|(_, sum)| **sum != 0);
        touched.map(|(column, sum)| (column as u32, (sum % P) as u32)).filter(|(_, x)| *x != 0).collect()
    }

    /// Adds what is left of a vector modulo the rows that were there when it was reduced; whether the rank grew.
    fn add(&mut self, left: &Entries) -> bool {
        let mut row = self.reduced(left);
        let fewest = (0..row.len()).min_by_key(|i| self.count[row[*i].0 as usize]);
        let Some(at) = fewest else { return false };
        // The pivot comes first.
        row.swap(0, at);
        let Ok(scale) = Residue::<P>::new(row[0].1.into()).reciprocal() else { return false };
        row.iter_mut().for_each(|(_, x)| *x = (u64::from(*x) * scale.residue() % P) as u32);
        row.iter().for_each(|(column, _)| self.count[*column as usize] += 1);
        self.row_of[row[0].0 as usize] = self.rows.len() as u32;
        self.entries += row.len();
        self.rows.push(row);
        true
    }
}

impl<const P: u64> Span<P> for SparseRows<P> {
    fn zero(width: usize) -> Self {
        assert!(P < 1 << 23 && width < NONE as usize, "sums of products modulo {P} do not fit");
        SparseRows { rows: Vec::new(), row_of: vec![NONE; width], count: vec![0; width], entries: 0 }
    }

    fn batch(&self) -> u64 {
        BATCH as u64
    }

    fn width(&self) -> usize {
        self.row_of.len()
    }

    fn rank(&self) -> usize {
        self.rows.len()
    }

    fn extend(&mut self, vectors: &[Vec<Residue<P>>]) -> Vec<bool> {
        let entry = |(column, x): (usize, &Residue<P>)| (column as u32, x.residue() as u32);
        let entries = |vector: &Vec<Residue<P>>| {
            vector.iter().enumerate().filter(|(_, x)| !x.is_zero()).map(entry).collect::<Entries>()
        };
        self.add_all(&vectors.iter().map(entries).collect::<Vec<_>>())
    }

    fn is_orthogonal(&self, vector: &[Residue<P>]) -> bool {
        let product = |(column, x): &(u32, u32)| u64::from(*x) * vector[*column as usize].residue();
        let vanishes = |row: &Entries| {
            let chunks = row.chunks(DELAY).map(|chunk| Residue::<P>::new(chunk.iter().map(product).sum()));
            chunks.fold(Residue::zero(), |sum, x| sum + x).is_zero()
        };
        self.rows.par_iter().all(vanishes)
    }
}

/// Numbers of rows that are still to be looked at, the first one first.
struct Queue {
    words: Vec<u64>,
    /// No word before this one has a bit.
    first: usize,
}

impl Queue {
    fn new(count: usize) -> Queue {
        Queue { words: vec![0; count.div_ceil(64)], first: 0 }
    }

    /// A row that comes after all that were looked at.
    fn add(&mut self, row: u32) {
        self.words[row as usize / 64] |= 1 << (row % 64);
    }

    fn next(&mut self) -> Option<usize> {
        while self.first < self.words.len() {
            let word = &mut self.words[self.first];
            if *word != 0 {
                let bit = word.trailing_zeros() as usize;
                *word &= *word - 1;
                return Some(64 * self.first + bit);
            }
            self.first += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Small, mix};
    use crate::exact::Echelon;
    use proptest::prelude::*;

    const SMALL: u64 = Small::MODULUS;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn sparse_rows_span_what_their_vectors_do(seed: u64, width in 1usize..60, count in 1usize..90, sparsity in 1u64..9) {
            let entry = |k: usize, j: usize| Small::new(mix(mix(seed, k as u64), j as u64));
            let hit = |k: usize, j: usize| mix(mix(seed, 77 + k as u64), j as u64).is_multiple_of(sparsity);
            let mut vectors: Vec<Vec<Small>> = Vec::new();
            for k in 0..count {
                // Every third is a combination of the two before it.
                let next = (0..width).map(|j| match k % 3 {
                    2 => vectors[k - 1][j] * entry(k, 0) + vectors[k - 2][j] * entry(k, 1),
                    _ if hit(k, j) => entry(k, j),
                    _ => Small::zero(),
                });
                vectors.push(next.collect());
            }
            let mut dense = Echelon::<SMALL>::new(width);
            let expected: Vec<bool> = vectors.iter().map(|v| dense.insert(v)).collect();
            let mut rows = SparseRows::<SMALL>::zero(width);
            let (first, second) = vectors.split_at(count / 2);
            let added = [rows.extend(first), rows.extend(second)].concat();
            prop_assert_eq!(added, expected);
            prop_assert!(dense.nullspace().basis.iter().all(|v| rows.is_orthogonal(v)));
            prop_assert!(vectors.iter().all(|v| rows.is_orthogonal(v) == dense.is_orthogonal(v)));
        }
    }
}
