//! A growing subspace of 𝔽_pⁿ, however it is held.

use super::echelon::Echelon;
use crate::eval::Residue;
use rayon::prelude::*;

/// A growing subspace of 𝔽_pⁿ.
pub trait Span<const P: u64>: Sync + Sized {
    /// The zero subspace.
    fn zero(width: usize) -> Self;

    /// How many vectors are best added together, when vectors are drawn in parallel.
    fn batch(&self) -> u64;

    /// n.
    fn width(&self) -> usize;

    fn rank(&self) -> usize;

    /// Adds vectors; for each whether the rank grew.
    fn extend(&mut self, vectors: &[Vec<Residue<P>>]) -> Vec<bool>;

    /// Whether a vector is orthogonal to the subspace.
    fn is_orthogonal(&self, vector: &[Residue<P>]) -> bool;

    /// Whether the subspace is everything.
    fn is_full(&self) -> bool {
        self.rank() == self.width()
    }
}

/// From how many parameters on vectors are drawn in batches, on all cores.
pub(super) const PARALLEL: usize = 128;

impl<const P: u64> Span<P> for Echelon<P> {
    fn zero(width: usize) -> Self {
        Echelon::new(width)
    }

    fn batch(&self) -> u64 {
        if Span::width(self) < PARALLEL { 1 } else { 32 }
    }

    fn width(&self) -> usize {
        Echelon::width(self)
    }

    fn rank(&self) -> usize {
        Echelon::rank(self)
    }

    /// A batch is reduced by the present rows on all cores; what is left, by the few that it adds itself.
    fn extend(&mut self, vectors: &[Vec<Residue<P>>]) -> Vec<bool> {
        if vectors.len() < 2 {
            return vectors.iter().map(|v| self.insert(v)).collect();
        }
        let reduced: Vec<Option<Vec<Residue<P>>>> = vectors.par_iter().map(|v| self.modulo(v)).collect();
        reduced.iter().map(|v| v.as_ref().is_some_and(|v| self.insert(v))).collect()
    }

    fn is_orthogonal(&self, vector: &[Residue<P>]) -> bool {
        Echelon::is_orthogonal(self, vector)
    }
}
