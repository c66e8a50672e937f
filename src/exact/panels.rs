//! Rank modulo a small prime at the speed of floating-point matrix products: residues balanced around zero, so that a
//! sum of 512 products is an exact 64-bit float.

use super::span::Span;
use crate::eval::{Number, Residue};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use num_traits::Zero;
use rayon::prelude::*;

/// How many vectors are eliminated together. The products of this many pairs of residues below 2²³⁄2 stay below 2⁵³.
const PANEL: usize = 512;

/// From how many multiplications on a product is worth all cores.
const SHARED: usize = 1 << 22;

/// Below this many vectors elimination goes vector by vector.
const BASE: usize = 8;

/// A basis of a subspace of 𝔽_pⁿ, p < 2²³, in panels. Each vector of a panel is 1 at its own pivot and 0 at the others of
/// the panel.
#[derive(Clone, Debug)]
pub struct Panels<const P: u64> {
    width: usize,
    rank: usize,
    panels: Vec<Panel>,
}

#[derive(Clone, Debug)]
struct Panel {
    /// The first coordinate in which a vector is not zero.
    start: usize,
    /// A vector in each column, from there on.
    basis: Mat<f64>,
    pivots: Vec<usize>,
}

impl<const P: u64> Panels<P> {
    /// Subtracts from each vector (a run of `width` numbers) its part along a panel.
    fn reduce(&self, panel: &Panel, vectors: &mut [f64]) {
        let count = vectors.len() / self.width;
        let along = Mat::from_fn(panel.pivots.len(), count, |i, j| vectors[j * self.width + panel.pivots[i]]);
        let into = MatMut::from_column_major_slice_mut(vectors, self.width, count);
        let into = into.subrows_mut(panel.start, self.width - panel.start);
        matmul(into, Accum::Add, panel.basis.as_ref(), along.as_ref(), -1.0, Par::Seq);
        vectors.chunks_mut(self.width).for_each(|vector| balance::<P>(&mut vector[panel.start..]));
    }
}

impl<const P: u64> Span<P> for Panels<P> {
    fn zero(width: usize) -> Self {
        assert!(P < 1 << 23, "sums of products modulo {P} are not exact");
        Panels { width, rank: 0, panels: Vec::new() }
    }

    fn batch(&self) -> u64 {
        PANEL as u64
    }

    fn width(&self) -> usize {
        self.width
    }

    fn rank(&self) -> usize {
        self.rank
    }

    fn extend(&mut self, vectors: &[Vec<Residue<P>>]) -> Vec<bool> {
        let mut added = Vec::with_capacity(vectors.len());
        for batch in vectors.chunks(PANEL) {
            let mut entries: Vec<f64> = batch.iter().flatten().map(|x| balanced(*x)).collect();
            let share = batch.len().div_ceil(rayon::current_num_threads()).max(1);
            entries.par_chunks_mut(self.width * share).for_each(|part| {
                self.panels.iter().for_each(|panel| self.reduce(panel, part));
            });
            let first = |vector: &[f64]| vector.iter().position(|x| *x != 0.0);
            let start = entries.chunks(self.width).filter_map(first).min().unwrap_or(self.width);
            let pivots = eliminate::<P>(&mut entries, self.width, start);
            let columns: Vec<usize> = (0..batch.len()).filter(|&j| pivots[j].is_some()).collect();
            let entry = |i, j: usize| entries[columns[j] * self.width + start + i];
            let basis = Mat::from_fn(self.width - start, columns.len(), entry);
            self.rank += columns.len();
            self.panels.push(Panel { start, basis, pivots: pivots.iter().flatten().copied().collect() });
            added.extend(pivots.iter().map(Option::is_some));
        }
        added
    }

    fn is_orthogonal(&self, vector: &[Residue<P>]) -> bool {
        let residue = |x: &f64| if *x < 0.0 { -Residue::new(-x as u64) } else { Residue::new(*x as u64) };
        self.panels.iter().all(|panel| {
            (0..panel.pivots.len()).all(|j| {
                let column: Vec<Residue<P>> = panel.basis.col_as_slice(j).iter().map(residue).collect();
                Residue::dot(&column, &vector[panel.start..]).is_zero()
            })
        })
    }
}

/// The representative of smallest absolute value.
fn balanced<const P: u64>(x: Residue<P>) -> f64 {
    let x = x.residue();
    if x > P / 2 { x as f64 - P as f64 } else { x as f64 }
}

/// Brings exact integers below 2⁵³ to about −p/2 … p/2; multiples of p to zero.
fn balance<const P: u64>(entries: &mut [f64]) {
    // Adding and subtracting 3·2⁵¹ rounds to the nearest integer, in any instruction set.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let (p, reciprocal) = (P as f64, 1.0 / P as f64);
    for x in entries {
        *x -= p * ((*x * reciprocal + ROUND) - ROUND);
    }
}

/// Reduces some vectors, zero before `start`, by each other, earlier ones first: the pivot of each that is independent of those before it, where
/// it is 1 and all others are 0; the others become zero.
fn eliminate<const P: u64>(vectors: &mut [f64], width: usize, start: usize) -> Vec<Option<usize>> {
    let count = vectors.len() / width;
    if count <= BASE {
        return eliminate_one_by_one::<P>(vectors, width, start);
    }
    let (left, right) = vectors.split_at_mut(count / 2 * width);
    let mut pivots = eliminate::<P>(left, width, start);
    subtract::<P>(right, left, &pivots, width, start);
    let more = eliminate::<P>(right, width, start);
    subtract::<P>(left, right, &more, width, start);
    pivots.extend(more);
    pivots
}

/// Subtracts from each vector its part along the vectors of a basis with the given pivots.
fn subtract<const P: u64>(from: &mut [f64], basis: &[f64], pivots: &[Option<usize>], width: usize, start: usize) {
    let (count, rank) = (from.len() / width, pivots.len());
    if count > BASE && rank * from.len() > SHARED {
        let share = count.div_ceil(rayon::current_num_threads()).max(1);
        from.par_chunks_mut(width * share).for_each(|part| subtract_here::<P>(part, basis, pivots, width, start));
    } else {
        subtract_here::<P>(from, basis, pivots, width, start);
    }
}

fn subtract_here<const P: u64>(from: &mut [f64], basis: &[f64], pivots: &[Option<usize>], width: usize, start: usize) {
    let (count, rank) = (from.len() / width, pivots.len());
    let along = Mat::from_fn(rank, count, |i, j| pivots[i].map_or(0.0, |pivot| from[j * width + pivot]));
    let basis = MatRef::from_column_major_slice(basis, width, rank).subrows(start, width - start);
    let into = MatMut::from_column_major_slice_mut(from, width, count).subrows_mut(start, width - start);
    matmul(into, Accum::Add, basis, along.as_ref(), -1.0, Par::Seq);
    from.chunks_mut(width).for_each(|vector| balance::<P>(&mut vector[start..]));
}

fn eliminate_one_by_one<const P: u64>(vectors: &mut [f64], width: usize, start: usize) -> Vec<Option<usize>> {
    let mut pivots: Vec<Option<usize>> = Vec::new();
    for j in 0..vectors.len() / width {
        let (before, rest) = vectors.split_at_mut(j * width);
        let current = &mut rest[..width];
        subtract::<P>(current, before, &pivots, width, start);
        let pivot = current.iter().position(|x| *x != 0.0);
        if let Some(pivot) = pivot {
            let value = current[pivot];
            let residue: Residue<P> =
                if value < 0.0 { -Residue::new(-value as u64) } else { Residue::new(value as u64) };
            let scale = balanced(residue.reciprocal().unwrap_or_default());
            current.iter_mut().for_each(|x| *x *= scale);
            balance::<P>(current);
            subtract::<P>(before, current, &[Some(pivot)], width, start);
        }
        pivots.push(pivot);
    }
    pivots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Small, mix};
    use crate::exact::Echelon;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn panels_and_rows_agree(seed: u64, width in 1usize..60, rank in 1usize..60, count in 1usize..90) {
            let entry = |salt: u64, i: usize| Small::new(mix(mix(seed, salt), i as u64));
            let basis: Vec<Vec<Small>> =
                (0..rank).map(|r| (0..width).map(|i| entry(r as u64, i)).collect()).collect();
            let vectors: Vec<Vec<Small>> = (0..count)
                .map(|k| {
                    // Sparse combinations: some depend on those before them, some do not.
                    let (a, b) = (k * k % rank, (k + 1) % rank);
                    let c = entry(1000, k);
                    (0..width).map(|i| basis[a][i] * c + basis[b][i]).collect()
                })
                .collect();
            let mut rows = Echelon::<{ Small::MODULUS }>::new(width);
            let expected: Vec<bool> = vectors.iter().map(|v| rows.insert(v)).collect();
            let mut panels = Panels::<{ Small::MODULUS }>::zero(width);
            let (first, second) = vectors.split_at(count / 2);
            let added = [panels.extend(first), panels.extend(second)].concat();
            prop_assert_eq!(added, expected);
            let orthogonal = rows.nullspace();
            prop_assert!(orthogonal.basis.iter().all(|v| panels.is_orthogonal(v)));
            prop_assert!(vectors.iter().all(|v| panels.is_orthogonal(v) == rows.is_orthogonal(v)));
        }
    }

    #[test]
    fn a_full_panel_of_the_largest_residues_does_not_lose_a_digit() {
        let largest = (Small::MODULUS / 2) as f64;
        let sum = largest + PANEL as f64 * largest * largest;
        assert!(sum < (1u64 << 53) as f64);
    }
}
