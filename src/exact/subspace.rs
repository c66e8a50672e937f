//! Combinations that lie in a subspace: which patterns of weights give a symmetry, or a conserved quantity.

use super::echelon::Echelon;
use super::reconstruct::rational;
use crate::eval::Residue;
use crate::term::Rational;
use num_traits::Zero;

/// A subspace given by vectors, as a test for what is sought in it.
#[derive(Clone, Debug)]
pub struct Subspace<const P: u64> {
    basis: Vec<(usize, Vec<Residue<P>>)>,
    span: Echelon<P>,
}

impl<const P: u64> Subspace<P> {
    pub fn new(width: usize, vectors: &[Vec<Residue<P>>]) -> Self {
        let span = Echelon::spanned_by(width, vectors.iter().map(Vec::as_slice));
        Subspace { basis: span.reduced(), span }
    }

    pub fn contains(&self, vector: &[Residue<P>]) -> bool {
        self.span.contains(vector)
    }

    /// The combinations of some vectors that lie in the subspace: their coefficients, in reduced form, where they are
    /// rational.
    pub fn patterns(&self, vectors: &[Vec<Residue<P>>]) -> Vec<Vec<Rational>> {
        let residues: Vec<Vec<Residue<P>>> = vectors.iter().map(|v| self.modulo(v)).collect();
        let mut equations = Echelon::<P>::new(vectors.len());
        for i in 0..residues.first().map_or(0, Vec::len) {
            equations.insert(&residues.iter().map(|r| r[i]).collect::<Vec<_>>());
        }
        let lifted = |x: Vec<Residue<P>>| x.into_iter().map(rational).collect::<Option<Vec<_>>>();
        equations.nullspace().basis.into_iter().filter_map(lifted).collect()
    }

    /// A vector modulo the subspace.
    fn modulo(&self, vector: &[Residue<P>]) -> Vec<Residue<P>> {
        let mut out = vector.to_vec();
        for (pivot, row) in &self.basis {
            let factor = out[*pivot];
            if !factor.is_zero() {
                out.iter_mut().zip(row).for_each(|(x, r)| *x = *x - factor * *r);
            }
        }
        out
    }
}
