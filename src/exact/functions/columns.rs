//! Vectors over 𝔽_p, and how a further one is a combination of them.

use crate::eval::{Number, Residue};
use num_traits::Zero;

/// How many products of two residues below 2⁶¹ fit into 128 bits together with a residue.
const DELAY: usize = 63;

/// Independent vectors in the order in which they came.
#[derive(Clone, Debug)]
pub struct Columns<const P: u64> {
    rows: Vec<Row<P>>,
}

#[derive(Clone, Debug)]
struct Row<const P: u64> {
    /// 1 at the pivot.
    vector: Vec<Residue<P>>,
    pivot: usize,
    /// The vector in those that came.
    coordinates: Vec<Residue<P>>,
}

impl<const P: u64> Columns<P> {
    pub fn new() -> Self {
        Columns { rows: Vec::new() }
    }

    /// A vector modulo the rows, and what was subtracted in coordinates.
    fn reduce(&self, vector: &[Residue<P>]) -> (Vec<Residue<P>>, Vec<Residue<P>>) {
        let mut rest: Vec<u128> = vector.iter().map(|x| x.residue().into()).collect();
        let mut coordinates: Vec<u128> = vec![0; self.rows.len()];
        let add = |sums: &mut [u128], factor: Residue<P>, terms: &[Residue<P>]| {
            let factor = u128::from(factor.residue());
            sums.iter_mut().zip(terms).for_each(|(sum, x)| *sum += factor * u128::from(x.residue()));
        };
        let mut pending = 0;
        for row in &self.rows {
            let factor = Residue::<P>::reduce(rest[row.pivot]);
            if factor.is_zero() {
                continue;
            }
            if pending == DELAY {
                pending = 0;
                for sum in rest.iter_mut().chain(&mut coordinates) {
                    *sum = Residue::<P>::reduce(*sum).residue().into();
                }
            }
            pending += 1;
            add(&mut rest, -factor, &row.vector);
            add(&mut coordinates, factor, &row.coordinates);
        }
        let residues = |sums: Vec<u128>| sums.into_iter().map(Residue::reduce).collect();
        (residues(rest), residues(coordinates))
    }

    /// The coordinates of a vector, if it is a combination of those that came.
    pub fn coordinates(&self, vector: &[Residue<P>]) -> Option<Vec<Residue<P>>> {
        let (rest, coordinates) = self.reduce(vector);
        rest.iter().all(Zero::is_zero).then_some(coordinates)
    }

    /// Adds a vector; whether it is independent of those that came.
    pub fn insert(&mut self, vector: &[Residue<P>]) -> bool {
        let (mut vector, mut coordinates) = self.reduce(vector);
        let Some(pivot) = vector.iter().position(|x| !x.is_zero()) else { return false };
        let Ok(scale) = vector[pivot].reciprocal() else { return false };
        vector.iter_mut().for_each(|x| *x = *x * scale);
        coordinates.iter_mut().for_each(|x| *x = -(*x * scale));
        coordinates.push(scale);
        self.rows.push(Row { vector, pivot, coordinates });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Prime, mix};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_combination_has_its_coefficients_as_coordinates(seed: u64, rank in 1usize..8, length in 8usize..12) {
            let entry = |i: usize, j: usize| Prime::new(mix(mix(seed, i as u64), j as u64));
            let vectors: Vec<Vec<Prime>> = (0..rank).map(|i| (0..length).map(|j| entry(i, j)).collect()).collect();
            let mut columns = Columns::new();
            prop_assert!(vectors.iter().all(|v| columns.insert(v)));
            let coefficients: Vec<Prime> = (0..rank).map(|i| Prime::new((i * i) as u64 + 5)).collect();
            let sum = |j: usize| (0..rank).fold(Prime::zero(), |sum, i| sum + coefficients[i] * vectors[i][j]);
            let combination: Vec<Prime> = (0..length).map(sum).collect();
            prop_assert_eq!(columns.coordinates(&combination), Some(coefficients));
            prop_assert!(!columns.insert(&combination));
            let other: Vec<Prime> = (0..length).map(|j| entry(99, j)).collect();
            prop_assert_eq!(columns.coordinates(&other).is_some(), rank == length);
        }
    }
}
