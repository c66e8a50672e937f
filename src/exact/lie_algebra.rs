//! A Lie algebra over 𝔽_p from its structure constants: centre, series, Killing form, radical, ideals.

use super::echelon::Echelon;
use super::reconstruct::rational;
use crate::eval::{Number, Residue};
use crate::term::Rational;
use num_traits::{Signed, Zero};

/// Coordinates in a basis.
pub type Coordinates<const P: u64> = Vec<Residue<P>>;

/// A Lie algebra with a basis e₁, …, eₙ.
#[derive(Clone, Debug)]
pub struct LieAlgebra<const P: u64> {
    dimension: usize,
    /// [eᵢ, eⱼ] at i·n + j: the coordinates that are not zero.
    brackets: Vec<Vec<(usize, Residue<P>)>>,
}

/// How many eigenvalues of a symmetric form are positive, negative and zero.
pub type Signature = (usize, usize, usize);

impl<const P: u64> LieAlgebra<P> {
    /// The algebra with the given [eᵢ, eⱼ] for i < j.
    pub fn new(dimension: usize, bracket: impl Fn(usize, usize) -> Coordinates<P>) -> Self {
        let mut brackets = vec![Vec::new(); dimension * dimension];
        for i in 0..dimension {
            for j in i + 1..dimension {
                for (k, x) in bracket(i, j).into_iter().enumerate().filter(|(_, x)| !x.is_zero()) {
                    brackets[i * dimension + j].push((k, x));
                    brackets[j * dimension + i].push((k, -x));
                }
            }
        }
        LieAlgebra { dimension, brackets }
    }

    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The structure constants: (i, j, k, c) with [eᵢ, eⱼ] = Σ c eₖ, i < j, c ≠ 0.
    pub fn structure_constants(&self) -> impl Iterator<Item = (usize, usize, usize, Residue<P>)> {
        let n = self.dimension;
        let entries = move |ij: usize| self.brackets[ij].iter().map(move |&(k, c)| (ij / n, ij % n, k, c));
        (0..n * n).filter(move |ij| ij / n < ij % n).flat_map(entries)
    }

    pub fn bracket(&self, x: &[Residue<P>], y: &[Residue<P>]) -> Coordinates<P> {
        let mut out = vec![Residue::zero(); self.dimension];
        let occurring = |x: &[Residue<P>]| -> Vec<usize> { (0..x.len()).filter(|&i| !x[i].is_zero()).collect() };
        let (rows, cols) = (occurring(x), occurring(y));
        for &i in &rows {
            for &j in &cols {
                let factor = x[i] * y[j];
                for &(k, c) in &self.brackets[i * self.dimension + j] {
                    out[k] = out[k] + factor * c;
                }
            }
        }
        out
    }

    fn unit(&self, i: usize) -> Coordinates<P> {
        (0..self.dimension).map(|j| if i == j { Residue::new(1) } else { Residue::zero() }).collect()
    }

    /// The whole algebra as a subspace.
    pub fn whole(&self) -> Vec<Coordinates<P>> {
        (0..self.dimension).map(|i| self.unit(i)).collect()
    }

    /// A basis of [U, V].
    pub fn commutator(&self, u: &[Coordinates<P>], v: &[Coordinates<P>]) -> Vec<Coordinates<P>> {
        let mut span = Echelon::new(self.dimension);
        for x in u {
            for y in v {
                if span.is_full() {
                    break;
                }
                span.insert(&self.bracket(x, y));
            }
        }
        span.reduced().into_iter().map(|(_, x)| x).collect()
    }

    /// A basis of the centre.
    pub fn centre(&self) -> Vec<Coordinates<P>> {
        let n = self.dimension;
        let mut equations = Echelon::new(n);
        for j in 0..n {
            // Row k holds the coefficients of eₖ in [x, eⱼ].
            let mut rows = vec![Residue::zero(); n * n];
            for i in 0..n {
                self.brackets[i * n + j].iter().for_each(|&(k, c)| rows[k * n + i] = c);
            }
            rows.chunks(n).for_each(|row| {
                equations.insert(row);
            });
        }
        equations.nullspace().basis
    }

    /// The dimensions of 𝔤 ⊇ [𝔤, 𝔤] ⊇ [[𝔤, 𝔤], [𝔤, 𝔤]] ⊇ … until they stay the same.
    pub fn derived_series(&self) -> Vec<usize> {
        self.series(|algebra, u| algebra.commutator(u, u))
    }

    /// The dimensions of 𝔤 ⊇ [𝔤, 𝔤] ⊇ [𝔤, [𝔤, 𝔤]] ⊇ … until they stay the same.
    pub fn lower_central_series(&self) -> Vec<usize> {
        let whole = self.whole();
        self.series(|algebra, u| algebra.commutator(&whole, u))
    }

    fn series(&self, next: impl Fn(&Self, &[Coordinates<P>]) -> Vec<Coordinates<P>>) -> Vec<usize> {
        let mut dimensions = vec![self.dimension];
        let mut current = self.whole();
        loop {
            let smaller = next(self, &current);
            if smaller.len() == current.len() {
                return dimensions;
            }
            dimensions.push(smaller.len());
            current = smaller;
        }
    }

    /// The Killing form tr(ad eᵢ ad eⱼ).
    pub fn killing_form(&self) -> Vec<Vec<Residue<P>>> {
        let n = self.dimension;
        // The coefficient of eₖ in [eᵢ, eₗ].
        let adjoint = |i: usize| {
            let mut ad = vec![Residue::zero(); n * n];
            for l in 0..n {
                self.brackets[i * n + l].iter().for_each(|&(k, c)| ad[k * n + l] = c);
            }
            ad
        };
        let trace = |ad: &[Residue<P>], j: usize| {
            let terms = (0..n).flat_map(|k| self.brackets[j * n + k].iter().map(move |&(l, c)| ad[k * n + l] * c));
            terms.fold(Residue::zero(), |sum, term| sum + term)
        };
        let row = |i: usize| {
            let ad = adjoint(i);
            (0..n).map(|j| trace(&ad, j)).collect()
        };
        (0..n).map(row).collect()
    }

    /// A basis of the radical: what the Killing form makes orthogonal to [𝔤, 𝔤] (Bourbaki, Lie I §5).
    pub fn radical(&self, killing: &[Vec<Residue<P>>]) -> Vec<Coordinates<P>> {
        let whole = self.whole();
        let mut equations = Echelon::new(self.dimension);
        for x in self.commutator(&whole, &whole) {
            equations.insert(&killing.iter().map(|row| Residue::dot(row, &x)).collect::<Vec<_>>());
        }
        equations.nullspace().basis
    }

    /// The ideal generated by a vector.
    pub fn ideal(&self, x: &[Residue<P>]) -> Vec<Coordinates<P>> {
        let mut span = Echelon::new(self.dimension);
        let mut open = vec![x.to_vec()];
        while let Some(x) = open.pop() {
            if span.insert(&x) {
                open.extend((0..self.dimension).map(|i| self.bracket(&self.unit(i), &x)));
            }
        }
        span.reduced().into_iter().map(|(_, x)| x).collect()
    }

    /// The quotient by an ideal, and the positions of the basis vectors that stand for its basis.
    pub fn quotient(&self, ideal: &[Coordinates<P>]) -> LieAlgebra<P> {
        let span = Echelon::spanned_by(self.dimension, ideal.iter().map(Vec::as_slice));
        let reduced = span.reduced();
        let pivots: Vec<usize> = reduced.iter().map(|(pivot, _)| *pivot).collect();
        let kept: Vec<usize> = (0..self.dimension).filter(|i| !pivots.contains(i)).collect();
        LieAlgebra::new(kept.len(), |i, j| {
            let mut x = self.bracket(&self.unit(kept[i]), &self.unit(kept[j]));
            for (pivot, row) in &reduced {
                let factor = x[*pivot];
                x.iter_mut().zip(row).for_each(|(x, r)| *x = *x - factor * *r);
            }
            kept.iter().map(|&k| x[k]).collect()
        })
    }
}

/// The form restricted to a subspace.
pub fn restricted<const P: u64>(form: &[Vec<Residue<P>>], basis: &[Coordinates<P>]) -> Vec<Vec<Residue<P>>> {
    let images: Vec<Coordinates<P>> =
        basis.iter().map(|x| form.iter().map(|row| Residue::dot(row, x)).collect()).collect();
    basis.iter().map(|x| images.iter().map(|y| Residue::dot(x, y)).collect()).collect()
}

/// The signature of a symmetric form with rational values, by exact congruence transformations. `None` when an entry is
/// no small rational.
pub fn signature<const P: u64>(form: &[Vec<Residue<P>>]) -> Option<Signature> {
    let mut rows: Vec<Vec<Rational>> =
        form.iter().map(|row| row.iter().map(|&x| rational(x)).collect()).collect::<Option<_>>()?;
    let (mut positive, mut negative) = (0, 0);
    while !rows.is_empty() {
        let n = rows.len();
        let diagonal = (0..n).find(|&i| !rows[i][i].is_zero());
        let pivot = match diagonal {
            Some(i) => i,
            None => {
                let Some((i, j)) = (0..n * n).map(|k| (k / n, k % n)).find(|&(i, j)| !rows[i][j].is_zero()) else {
                    return Some((positive, negative, n));
                };
                // eᵢ + eⱼ has the square 2⟨eᵢ, eⱼ⟩ ≠ 0.
                let other = rows[j].clone();
                rows[i].iter_mut().zip(other).for_each(|(x, y)| *x += y);
                for row in &mut rows {
                    let x = row[j].clone();
                    row[i] += x;
                }
                i
            }
        };
        if rows[pivot][pivot].is_positive() {
            positive += 1
        } else {
            negative += 1
        }
        let pivot_row = rows.swap_remove(pivot);
        for row in &mut rows {
            let factor = &row[pivot] / &pivot_row[pivot];
            if !factor.is_zero() {
                row.iter_mut().zip(&pivot_row).filter(|(_, p)| !p.is_zero()).for_each(|(x, p)| *x -= &factor * p);
            }
            row.swap_remove(pivot);
        }
    }
    Some((positive, negative, 0))
}
