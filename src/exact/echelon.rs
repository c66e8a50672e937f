//! Row echelon forms modulo p, grown vector by vector: "does this vector add rank?"

use crate::eval::{Number, Residue};
use num_traits::Zero;

/// How many products of two residues below 2⁶¹ fit into 128 bits together with a residue.
const DELAY: usize = 63;

/// A row echelon basis of a subspace of 𝔽_pⁿ.
#[derive(Clone, Debug)]
pub struct Echelon<const P: u64> {
    width: usize,
    /// The entries of each row from its pivot on, where it is 1, in the order in which they came.
    rows: Vec<Vec<Residue<P>>>,
    /// The number of the row with its pivot in a column.
    row_of: Vec<Option<usize>>,
}

impl<const P: u64> Echelon<P> {
    /// The zero subspace of 𝔽_pⁿ, n = `width`.
    pub fn new(width: usize) -> Self {
        Echelon { width, rows: Vec::new(), row_of: vec![None; width] }
    }

    /// The subspace spanned by some vectors.
    pub fn spanned_by<'a>(width: usize, vectors: impl IntoIterator<Item = &'a [Residue<P>]>) -> Self {
        let mut echelon = Echelon::new(width);
        for vector in vectors {
            echelon.insert(vector);
        }
        echelon
    }

    /// n.
    pub fn width(&self) -> usize {
        self.width
    }

    pub fn rank(&self) -> usize {
        self.rows.len()
    }

    /// Whether the subspace is everything.
    pub fn is_full(&self) -> bool {
        self.rank() == self.width
    }

    /// The rank profile: the columns that hold a pivot, ascending.
    pub fn pivots(&self) -> impl Iterator<Item = usize> {
        (0..self.width).filter(|&j| self.row_of[j].is_some())
    }

    /// The columns without a pivot.
    pub fn free(&self) -> impl Iterator<Item = usize> {
        (0..self.width).filter(|&j| self.row_of[j].is_none())
    }

    /// Whether a vector lies in the subspace.
    pub fn contains(&self, vector: &[Residue<P>]) -> bool {
        self.reduce(vector).is_none()
    }

    /// Whether a vector is orthogonal to the subspace.
    pub fn is_orthogonal(&self, vector: &[Residue<P>]) -> bool {
        let tail = |row: &[Residue<P>]| &vector[self.width - row.len()..];
        self.rows.iter().all(|row| Residue::dot(row, tail(row)).is_zero())
    }

    /// Adds a vector to the subspace; whether the rank grew.
    pub fn insert(&mut self, vector: &[Residue<P>]) -> bool {
        let Some((pivot, mut tail)) = self.reduce(vector) else { return false };
        let Ok(scale) = tail[0].reciprocal() else { return false };
        for x in &mut tail {
            *x = *x * scale;
        }
        self.row_of[pivot] = Some(self.rows.len());
        self.rows.push(tail);
        true
    }

    /// The vector modulo the subspace; `None` when it lies in it.
    pub fn modulo(&self, vector: &[Residue<P>]) -> Option<Vec<Residue<P>>> {
        let (pivot, tail) = self.reduce(vector)?;
        Some([vec![Residue::zero(); pivot], tail].concat())
    }

    /// The vector modulo the subspace from its first column without a pivot in which it is not zero on; `None` when it
    /// lies in the subspace. Products are summed in 128 bits and reduced only when the sums would overflow, or where an
    /// entry is asked for.
    fn reduce(&self, vector: &[Residue<P>]) -> Option<(usize, Vec<Residue<P>>)> {
        debug_assert_eq!(vector.len(), self.width);
        let mut sums: Vec<u128> = vector.iter().map(|x| x.residue().into()).collect();
        let mut pending = 0;
        let mut free = None;
        for j in 0..self.width {
            let entry = Residue::<P>::reduce(sums[j]);
            sums[j] = entry.residue().into();
            if entry.is_zero() {
                continue;
            }
            let Some(row) = self.row_of[j].map(|i| &self.rows[i]) else {
                free = free.or(Some(j));
                continue;
            };
            if pending == DELAY {
                pending = 0;
                for sum in &mut sums[j..] {
                    *sum = Residue::<P>::reduce(*sum).residue().into();
                }
            }
            pending += 1;
            let factor = u128::from((-entry).residue());
            for (sum, x) in sums[j..].iter_mut().zip(row) {
                *sum += factor * u128::from(x.residue());
            }
        }
        free.map(|j| (j, sums[j..].iter().map(|&sum| Residue::reduce(sum)).collect()))
    }

    /// The reduced row echelon basis, pivots ascending: 1 at each pivot, 0 at the pivots of other rows. It depends on
    /// the subspace only.
    pub fn reduced(&self) -> Vec<(usize, Vec<Residue<P>>)> {
        let mut out: Vec<(usize, Vec<Residue<P>>)> = Vec::with_capacity(self.rank());
        // From the last pivot to the first, each row minus the finished rows below it.
        let mut below = Echelon::new(self.width);
        for pivot in self.pivots().collect::<Vec<_>>().into_iter().rev() {
            let Some(row) = self.row_of[pivot].map(|i| &self.rows[i]) else { continue };
            let mut full = vec![Residue::zero(); self.width];
            full[pivot..].copy_from_slice(row);
            if let Some((first, tail)) = below.reduce(&full) {
                full[..first].fill(Residue::zero());
                full[first..].copy_from_slice(&tail);
            }
            below.row_of[pivot] = Some(below.rows.len());
            below.rows.push(full[pivot..].to_vec());
            out.push((pivot, full));
        }
        out.reverse();
        out
    }

    /// A basis of the vectors orthogonal to the subspace, one for each column without a pivot: 1 there, 0 in the other
    /// such columns. It depends on the subspace only.
    pub fn nullspace(&self) -> Nullspace<P> {
        let reduced = self.reduced();
        let free: Vec<usize> = self.free().collect();
        let basis = free
            .iter()
            .map(|&j| {
                let mut vector = vec![Residue::zero(); self.width];
                vector[j] = Residue::new(1);
                for (pivot, row) in &reduced {
                    vector[*pivot] = -row[j];
                }
                vector
            })
            .collect();
        Nullspace { free, basis }
    }
}

/// A basis of a nullspace in reduced form.
#[derive(Clone, Debug, PartialEq)]
pub struct Nullspace<const P: u64> {
    /// The coordinates of a vector of the nullspace in the basis are its entries in these columns.
    pub free: Vec<usize>,
    pub basis: Vec<Vec<Residue<P>>>,
}

impl<const P: u64> Nullspace<P> {
    pub fn dimension(&self) -> usize {
        self.basis.len()
    }

    /// The coordinates of a vector of the nullspace.
    pub fn coordinates(&self, vector: &[Residue<P>]) -> Vec<Residue<P>> {
        self.free.iter().map(|&j| vector[j]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Prime, Rooted, Small, mix};
    use proptest::prelude::*;

    /// `rank` random vectors and `more` combinations of them.
    fn vectors<const P: u64>(seed: u64, width: usize, rank: usize, more: usize) -> Vec<Vec<Residue<P>>> {
        let entry = |salt: u64, i: usize| Residue::new(mix(mix(seed, salt), i as u64));
        let basis: Vec<Vec<_>> =
            (0..rank).map(|r| (0..width).map(|i| entry(r as u64, i)).collect::<Vec<Residue<P>>>()).collect();
        let combination = |k: usize| -> Vec<Residue<P>> {
            let coefficients: Vec<Residue<P>> = (0..rank).map(|r| entry(1000 + k as u64, r)).collect();
            let sum = |j: usize| basis.iter().zip(&coefficients).map(move |(row, &c)| row[j] * c);
            (0..width).map(|j| sum(j).fold(Residue::zero(), |a, b| a + b)).collect()
        };
        (0..more).map(combination).chain(basis.iter().cloned()).collect()
    }

    fn claims<const P: u64>(seed: u64, width: usize, rank: usize, more: usize) {
        let rank = rank.min(width);
        let vectors = vectors::<P>(seed, width, rank, more);
        let echelon = Echelon::spanned_by(width, vectors.iter().map(Vec::as_slice));
        assert_eq!(echelon.rank(), rank);
        assert!(vectors.iter().all(|v| echelon.contains(v)));
        let nullspace = echelon.nullspace();
        assert_eq!(nullspace.dimension(), width - rank);
        assert!(nullspace.basis.iter().all(|n| vectors.iter().all(|v| Residue::dot(n, v).is_zero())));
        let backwards = Echelon::spanned_by(width, vectors.iter().rev().map(Vec::as_slice));
        assert_eq!(backwards.reduced(), echelon.reduced());
        let mut ends: Vec<Vec<Residue<P>>> = echelon.reduced().into_iter().map(|(_, row)| row).collect();
        ends.push(vec![Residue::zero(); width]);
        assert_eq!(Echelon::spanned_by(width, ends.iter().map(Vec::as_slice)).rank(), rank);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn rank_and_nullspace_are_complementary_and_do_not_depend_on_the_order(
            seed: u64, width in 1usize..90, rank in 0usize..90, more in 0usize..5,
        ) {
            claims::<{ Prime::MODULUS }>(seed, width, rank, more);
            claims::<{ Rooted::MODULUS }>(seed, width, rank, more);
            claims::<{ Small::MODULUS }>(seed, width, rank, more);
        }
    }
}
