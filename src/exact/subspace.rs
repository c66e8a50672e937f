//! Combinations that lie in a subspace: which patterns of weights give a symmetry.

use super::reconstruct::rational;
use super::sparse::{Sparse, SparseNullspace, combination, nullspace};
use crate::eval::Residue;
use crate::term::Rational;
use num_traits::{One, Zero};
use std::collections::{BTreeMap, HashMap};

/// A subspace with a reduced basis, as a test for what is sought in it.
#[derive(Clone, Debug)]
pub struct Subspace<const P: u64> {
    basis: Vec<Sparse<Residue<P>>>,
    /// The number of the vector that is 1 at an index where all others are 0.
    at: HashMap<usize, usize>,
}

impl<const P: u64> Subspace<P> {
    pub fn new(nullspace: SparseNullspace<P>) -> Self {
        let at = nullspace.iter().enumerate().map(|(i, (free, _))| (*free, i)).collect();
        Subspace { basis: nullspace.into_iter().map(|(_, vector)| vector).collect(), at }
    }

    pub fn dimension(&self) -> usize {
        self.basis.len()
    }

    pub fn basis(&self) -> &[Sparse<Residue<P>>] {
        &self.basis
    }

    /// The indices at which one vector of the basis is 1 and all others are 0, in the order of the basis.
    pub fn free(&self) -> Vec<usize> {
        let mut out: Vec<usize> = self.at.keys().copied().collect();
        out.sort_unstable();
        out
    }

    /// The coordinates of a vector of the subspace.
    pub fn coordinates(&self, vector: &Sparse<Residue<P>>) -> Sparse<Residue<P>> {
        vector.iter().filter_map(|(i, x)| Some((*self.at.get(i)?, *x))).collect()
    }

    /// The vector with some coordinates.
    pub fn vector(&self, coordinates: &Sparse<Residue<P>>) -> Sparse<Residue<P>> {
        combination(coordinates.iter().map(|(i, c)| (*c, &self.basis[*i])))
    }

    pub fn contains(&self, vector: &Sparse<Residue<P>>) -> bool {
        self.modulo(vector).is_empty()
    }

    /// The combinations of some vectors that lie in the subspace: their coefficients, in reduced form, where they are
    /// rational.
    pub fn patterns(&self, vectors: &[Sparse<Residue<P>>]) -> Vec<Vec<Rational>> {
        let mut equations: BTreeMap<usize, Sparse<Residue<P>>> = BTreeMap::new();
        for (k, vector) in vectors.iter().enumerate() {
            for (i, x) in self.modulo(vector) {
                equations.entry(i).or_default().push((k, x));
            }
        }
        let equations: Vec<Sparse<Residue<P>>> = equations.into_values().collect();
        let lifted = |(_, x): (usize, Sparse<Residue<P>>)| {
            let mut out = vec![Rational::zero(); vectors.len()];
            for (k, x) in x {
                out[k] = rational(x)?;
            }
            Some(out)
        };
        nullspace(vectors.len(), &equations).into_iter().filter_map(lifted).collect()
    }

    /// A vector modulo the subspace.
    fn modulo(&self, vector: &Sparse<Residue<P>>) -> Sparse<Residue<P>> {
        let along = self.coordinates(vector);
        let less = along.iter().map(|(i, c)| (-*c, &self.basis[*i]));
        combination(less.chain([(Residue::one(), vector)]))
    }
}
