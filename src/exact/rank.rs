//! Rank by Gaussian elimination, one row at a time.

use crate::eval::{Number, Prime};
use num_traits::{One, Zero};

/// How many products of two residues, each below 2¹²², fit into 128 bits beside a residue.
const UNREDUCED: usize = 63;

/// A reduced row echelon basis of the span of the rows inserted so far: every pivot is 1 and alone in its column.
#[derive(Clone, Debug)]
pub struct Echelon {
    columns: usize,
    rows: Vec<Vec<Prime>>,
    pivots: Vec<usize>,
}

impl Echelon {
    /// The zero space of rows of that many entries.
    pub fn new(columns: usize) -> Echelon {
        Echelon { columns, rows: Vec::new(), pivots: Vec::new() }
    }

    /// The dimension of the span.
    pub fn rank(&self) -> usize {
        self.rows.len()
    }

    /// Whether the span is the whole space.
    pub fn is_full(&self) -> bool {
        self.rows.len() == self.columns
    }

    /// Adds a row to the span; whether the rank grew.
    ///
    /// # Panics
    /// When the row has another length than the space.
    pub fn insert(&mut self, row: &[Prime]) -> bool {
        assert_eq!(row.len(), self.columns, "the length of a row");
        let mut row = self.reduce(row);
        let Some(pivot) = row.iter().position(|x| !x.is_zero()) else { return false };
        let Ok(inverse) = row[pivot].reciprocal() else { return false };
        row.iter_mut().for_each(|x| *x = *x * inverse);
        for other in &mut self.rows {
            let factor = -other[pivot];
            if !factor.is_zero() {
                other.iter_mut().zip(&row).skip(pivot).for_each(|(x, y)| *x = *x + factor * *y);
            }
        }
        debug_assert!(row[pivot].is_one());
        self.rows.push(row);
        self.pivots.push(pivot);
        true
    }

    /// The row minus its projection along the pivots: zero exactly when the row lies in the span. The coefficients are
    /// known beforehand, so sums of products are reduced modulo p only now and then.
    fn reduce(&self, row: &[Prime]) -> Vec<Prime> {
        let mut row = row.to_vec();
        let mut unreduced = vec![0u128; self.columns];
        for (rows, pivots) in self.rows.chunks(UNREDUCED).zip(self.pivots.chunks(UNREDUCED)) {
            unreduced.iter_mut().zip(&row).for_each(|(sum, x)| *sum = x.residue().into());
            for (basis, &pivot) in rows.iter().zip(pivots) {
                let factor = (-row[pivot]).residue();
                if factor != 0 {
                    for (sum, x) in unreduced.iter_mut().zip(basis).skip(pivot) {
                        *sum += u128::from(factor) * u128::from(x.residue());
                    }
                }
            }
            row.iter_mut().zip(&unreduced).for_each(|(x, sum)| *x = Prime::reduce(*sum));
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::Rational;
    use proptest::prelude::*;

    /// Rank by elimination over the rationals.
    fn rational_rank(mut rows: Vec<Vec<Rational>>) -> usize {
        let columns = rows.first().map_or(0, Vec::len);
        let mut rank = 0;
        for column in 0..columns {
            let Some(pivot) = (rank..rows.len()).find(|&i| !rows[i][column].is_zero()) else { continue };
            rows.swap(rank, pivot);
            let pivot_row = rows[rank].clone();
            for row in &mut rows[rank + 1..] {
                let factor = &row[column] / &pivot_row[column];
                for (x, p) in row.iter_mut().zip(&pivot_row) {
                    *x -= &factor * p;
                }
            }
            rank += 1;
        }
        rank
    }

    fn rank(rows: &[Vec<i64>]) -> usize {
        let mut echelon = Echelon::new(rows.first().map_or(0, Vec::len));
        for row in rows {
            echelon.insert(&row.iter().map(|&x| Prime::from_integer(x)).collect::<Vec<_>>());
        }
        echelon.rank()
    }

    proptest! {
        #[test]
        fn the_rank_of_small_integers_is_that_over_the_rationals(
            rows in prop::collection::vec(prop::collection::vec(-2i64..3, 7), 1..12),
        ) {
            let exact = rows.iter().map(|r| r.iter().map(|&x| Rational::from_integer(x.into())).collect()).collect();
            prop_assert_eq!(rank(&rows), rational_rank(exact));
        }

        #[test]
        fn a_product_of_thin_factors_has_their_rank(
            left in prop::collection::vec(prop::collection::vec(-1000i64..1000, 3), 20),
            right in prop::collection::vec(prop::collection::vec(-1000i64..1000, 15), 3),
        ) {
            let product: Vec<Vec<i64>> = left
                .iter()
                .map(|l| (0..15).map(|j| l.iter().zip(&right).map(|(x, r)| x * r[j]).sum()).collect())
                .collect();
            prop_assert!(rank(&product) <= rank(&left).min(rank(&right)));
        }
    }

    #[test]
    fn many_large_residues_do_not_overflow() {
        // The rows e₁ − eₖ, k = 2 … 200, and their sum.
        let row = |k: usize| (0..200).map(|j| i64::from(j == 0) - i64::from(j == k)).collect::<Vec<_>>();
        let mut rows: Vec<Vec<i64>> = (1..200).map(row).collect();
        rows.push((0..200).map(|j| if j == 0 { 199 } else { -1 }).collect());
        assert_eq!(rank(&rows), 199);
        rows.push((0..200).map(|j| i64::from(j == 0)).collect());
        assert_eq!(rank(&rows), 200);
    }
}
