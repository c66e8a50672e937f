//! Matrices from entries, and permutations.

use crate::eval::{Dense, Matrix, Number, Side};
use rand::Rng;
use rand::seq::SliceRandom;

/// A matrix of independent signs.
pub fn signs<T: Number>(rows: usize, cols: usize, rng: &mut impl Rng) -> Dense<T> {
    filled(rows, cols, || sign(rng))
}

/// The matrix filled column by column.
pub(super) fn filled<T: Number>(rows: usize, cols: usize, mut entry: impl FnMut() -> T) -> Dense<T> {
    let entries: Vec<T> = (0..rows * cols).map(|_| entry()).collect();
    Dense::from_fn(rows, cols, |i, j| entries[j * rows + i].clone())
}

pub(super) fn diagonal<T: Number>(n: usize, mut entry: impl FnMut() -> T) -> Dense<T> {
    let entries: Vec<T> = (0..n).map(|_| entry()).collect();
    Dense::from_fn(n, n, |i, j| if i == j { entries[i].clone() } else { T::zero() })
}

pub(super) fn skew<T: Number>(n: usize, entry: impl FnMut() -> T) -> Dense<T> {
    let x = filled(n, n, entry);
    halved(&x.sub(&x.transpose()))
}

/// X / 2, which every field has that is drawn from.
pub(super) fn halved<T: Number>(x: &Dense<T>) -> Dense<T> {
    let half = (T::one() + T::one()).reciprocal().unwrap_or_else(|_| T::one());
    Dense::from_fn(x.rows(), x.cols(), |i, j| x.get(i, j).clone() * half.clone())
}

/// C X C with C = I − 11ᵀ/n: rows and columns sum to 0.
pub(super) fn centred<T: Number>(x: &Dense<T>) -> Dense<T> {
    let n = x.rows();
    let share = T::from_integer(n as i64).reciprocal().unwrap_or_else(|_| T::one());
    let c = Dense::from_fn(n, n, |i, j| if i == j { T::one() - share.clone() } else { -share.clone() });
    conjugated(x, &c)
}

/// Q X Qᵀ.
pub(super) fn conjugated<T: Number>(x: &Dense<T>, q: &Dense<T>) -> Dense<T> {
    q.product(Side::Plain, x, Side::Plain).product(Side::Plain, q, Side::Transposed)
}

/// The matrix whose column j has one entry, in row `images[j]`.
pub(super) fn monomial<T: Number>(images: &[usize], entry: impl FnMut(usize) -> T) -> Dense<T> {
    let entries: Vec<T> = (0..images.len()).map(entry).collect();
    Dense::from_fn(images.len(), images.len(), |i, j| if images[j] == i { entries[j].clone() } else { T::zero() })
}

/// Whether the determinant of a matrix with one entry ±1 in each row and column is 1.
pub(super) fn is_even<T: Number>(x: &Dense<T>) -> bool {
    let n = x.rows();
    let images: Vec<usize> = (0..n).filter_map(|j| (0..n).find(|&i| !x.get(i, j).is_zero())).collect();
    let inversions: usize = (0..n).map(|j| images[..j].iter().filter(|&&i| i > images[j]).count()).sum();
    let negative = (0..n).filter(|&j| *x.get(images[j], j) != T::one()).count();
    (inversions + negative).is_multiple_of(2)
}

pub(super) fn sign<T: Number>(rng: &mut impl Rng) -> T {
    if rng.random() { T::one() } else { -T::one() }
}

pub(super) fn shuffled(n: usize, rng: &mut impl Rng) -> Vec<usize> {
    let mut images: Vec<usize> = (0..n).collect();
    images.shuffle(rng);
    images
}

/// An involution with a random number of exchanges.
pub(super) fn involution(n: usize, rng: &mut impl Rng) -> Vec<usize> {
    let exchanges = rng.random_range(0..=n / 2);
    pairing(n, exchanges, rng)
}

/// An involution with that many exchanges.
pub(super) fn pairing(n: usize, exchanges: usize, rng: &mut impl Rng) -> Vec<usize> {
    let order = shuffled(n, rng);
    let mut images: Vec<usize> = (0..n).collect();
    for pair in order.chunks_exact(2).take(exchanges) {
        images.swap(pair[0], pair[1]);
    }
    images
}
