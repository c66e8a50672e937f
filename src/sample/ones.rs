//! Matrices that fix the vector of ones.

use super::build::{centred, filled, halved, monomial, shuffled};
use super::number::{Sampled, cayley};
use crate::eval::{Dense, Matrix, Side};
use crate::term::Entries;
use rand::Rng;

/// An orthogonal matrix with O 1 = 1: Cayley's map of a skew K with K 1 = 0, times a permutation.
///
/// Every one is such a product. The exterior powers of ℝⁿ⁻¹ are irreducible under the permutations (Steinberg), so that the
/// mean of det(I + O P) over all P, on the complement of 1, is the summand 1 of degree 0: some O P has no eigenvalue −1.
pub(super) fn orthogonal<T: Sampled>(n: usize, rng: &mut impl Rng) -> Dense<T> {
    let images = shuffled(n, rng);
    permuted(n, &images, rng)
}

/// Such a matrix of determinant 1: where P is odd, O P has the eigenvalue −1, so that even ones are enough.
pub(super) fn rotation<T: Sampled>(n: usize, rng: &mut impl Rng) -> Dense<T> {
    let mut images = shuffled(n, rng);
    let inversions = (0..n).map(|i| (0..i).filter(|&j| images[j] > images[i]).count()).sum::<usize>();
    if !inversions.is_multiple_of(2) {
        images.swap(0, 1);
    }
    permuted(n, &images, rng)
}

fn permuted<T: Sampled>(n: usize, images: &[usize], rng: &mut impl Rng) -> Dense<T> {
    let turned = cayley(n, rng, centred);
    turned.product(Side::Plain, &monomial(images, |_| T::one()), Side::Plain)
}

/// I − 2P for the projection P onto the vectors with sum 0 that are zero behind the first k + 1 entries.
pub(super) fn reflection<T: Sampled>(k: usize, n: usize) -> Dense<T> {
    let two = T::one() + T::one();
    let share = T::from_integer(k as i64 + 1).reciprocal().unwrap_or_else(|_| T::one()) * two.clone();
    Dense::from_fn(n, n, |i, j| match (i == j, i.max(j) <= k) {
        (true, true) => share.clone() - T::one(),
        (true, false) => T::one(),
        (false, true) => share.clone(),
        (false, false) => T::zero(),
    })
}

/// A matrix whose rows and columns sum to 1: a centred one beside 11ᵀ/n, or, without negative entries, a mean of permutations
/// (Birkhoff).
pub(super) fn fixing<T: Sampled>(n: usize, symmetric: bool, entries: Entries, rng: &mut impl Rng) -> Dense<T> {
    let share = T::from_integer(n as i64).reciprocal().unwrap_or_else(|_| T::one());
    let even = |weight: T| Dense::from_fn(n, n, |_, _| weight.clone() * share.clone());
    let x = match entries {
        Entries::Any => centred(&filled(n, n, || T::any(rng))).add(&even(T::one())),
        Entries::Nonnegative | Entries::Positive => {
            let mut total = T::zero();
            let mut sum = Dense::zeros(n, n);
            for _ in 0..rng.random_range(1..=n) {
                let weight: T = T::positive(rng);
                total = total + weight.clone();
                sum = sum.add(&monomial(&shuffled(n, rng), |_| weight.clone()));
            }
            if entries == Entries::Positive {
                let weight: T = T::positive(rng);
                total = total + weight.clone();
                sum = sum.add(&even(weight));
            }
            // Over a finite field the weights may sum to 0, which is as rare as any number.
            let mean = total.reciprocal().unwrap_or_else(|_| T::one());
            Dense::from_fn(n, n, |i, j| sum.get(i, j).clone() * mean.clone())
        }
    };
    if symmetric { halved(&x.add(&x.transpose())) } else { x }
}
