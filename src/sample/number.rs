//! What a kind of number must be able to do to be drawn.

use super::build::{filled, signs, skew};
use crate::eval::{Dense, Matrix, Number, Side};
use crate::term::{Entries, Rational};
use rand::Rng;

/// A kind of number that matrices are drawn of. The defaults serve every field; floats have better conditioned ways.
pub trait Sampled: Number {
    /// A number in general position.
    fn any(rng: &mut impl Rng) -> Self;

    /// A number that counts as positive.
    fn positive(rng: &mut impl Rng) -> Self;

    /// A positive number that is as likely as its inverse.
    fn scaling(rng: &mut impl Rng) -> Self {
        Self::positive(rng)
    }

    /// A number of which products and inverses do not grow too long.
    fn short(rng: &mut impl Rng) -> Self {
        Self::any(rng)
    }

    /// A number so close to this one that what is open near it stays open; zero stays zero.
    fn near(&self, rng: &mut impl Rng) -> Self {
        let ratio = Rational::new(nudged(rng).into(), (1i64 << NUDGE).into());
        self.clone() * Self::from_rational(&ratio).unwrap_or_else(|_| Self::one())
    }

    /// Every orthogonal matrix is (I − K)(I + K)⁻¹ S for a skew K and a diagonal S of signs: Cayley's map alone misses those
    /// with an eigenvalue −1, and with them a component of O(n).
    fn orthogonal(n: usize, rng: &mut impl Rng) -> Dense<Self> {
        let signs: Dense<Self> = signs(n, 1, rng);
        signed(cayley(n, rng, Dense::clone), signs.entries())
    }

    /// An orthogonal matrix of determinant 1.
    fn rotation(n: usize, rng: &mut impl Rng) -> Dense<Self> {
        let mut signs: Vec<Self> = signs(n, 1, rng).entries().to_vec();
        // Cayley's map has determinant 1, so the signs must have an even number of −1.
        let product = signs.iter().fold(Self::one(), |product, s| product * s.clone());
        if let Some(first) = signs.first_mut() {
            *first = first.clone() * product;
        }
        signed(cayley(n, rng, Dense::clone), &signs)
    }

    /// The number, made so small where sizes matter that sums of so many products with numbers next to 1 stay next to 1.
    fn of_many(self, _terms: usize) -> Self {
        self
    }

    /// An invertible matrix.
    fn invertible(n: usize, rng: &mut impl Rng) -> Dense<Self> {
        regular(true, || filled(n, n, || Self::short(rng)))
    }

    /// A matrix of determinant 1.
    fn unimodular(n: usize, rng: &mut impl Rng) -> Dense<Self> {
        loop {
            let g = Self::invertible(n, rng);
            if let Ok(factor) = determinant(&g).reciprocal() {
                let scaled = |i: usize, j: usize| match j {
                    0 => g.get(i, 0).clone() * factor.clone(),
                    _ => g.get(i, j).clone(),
                };
                return Dense::from_fn(n, n, scaled);
            }
        }
    }

    /// Whether a drawn matrix may be inverted.
    fn is_regular(x: &Dense<Self>) -> bool {
        x.inverse().is_ok()
    }

    /// Whether a given matrix has an inverse.
    fn is_invertible(x: &Dense<Self>) -> bool {
        x.inverse().is_ok()
    }

    /// Whether a number of a given matrix is positive, or may be where there is no order.
    fn may_be_positive(&self) -> bool;

    /// Whether two entries are the same up to the rounding of a given matrix whose entries are at most `size`.
    fn is_near(&self, other: &Self, _size: f64) -> bool {
        self == other
    }

    /// The size of the largest entry, where numbers are rounded.
    fn size(_: &Dense<Self>) -> f64 {
        0.0
    }
}

/// A neighbour of 1 is n/2⁴⁸ with thirty random bits.
pub(super) const NUDGE: u32 = 48;

/// The numerator of a neighbour of 1.
pub(super) fn nudged(rng: &mut impl Rng) -> i64 {
    (1 << NUDGE) + rng.random_range(-(1i64 << 30)..1 << 30)
}

/// A number that the entries of a matrix may be.
pub(super) fn entry<T: Sampled>(entries: Entries, rng: &mut impl Rng) -> T {
    match entries {
        Entries::Any => T::any(rng),
        Entries::Nonnegative => nonnegative(rng),
        Entries::Positive => T::positive(rng),
    }
}

/// A number that counts as positive, and sometimes 0.
pub(super) fn nonnegative<T: Sampled>(rng: &mut impl Rng) -> T {
    if rng.random_range(0..4) == 0 { T::zero() } else { T::positive(rng) }
}

/// Draws anew until the matrix is invertible, if it has to be; almost every one of these sets is.
pub(super) fn regular<T: Sampled>(wanted: bool, mut draw: impl FnMut() -> Dense<T>) -> Dense<T> {
    loop {
        let x = draw();
        if !wanted || T::is_regular(&x) {
            return x;
        }
    }
}

/// (I − K)(I + K)⁻¹ for a random skew K, of which a linear map may keep a part.
pub(super) fn cayley<T: Sampled>(n: usize, rng: &mut impl Rng, part: impl Fn(&Dense<T>) -> Dense<T>) -> Dense<T> {
    let one = Dense::identity(n);
    loop {
        let k: Dense<T> = part(&skew(n, || T::short(rng)));
        // Over the reals always invertible.
        if let Ok(inverse) = one.add(&k).inverse() {
            return one.sub(&k).product(Side::Plain, &inverse, Side::Plain);
        }
    }
}

/// The matrix with its columns multiplied by signs.
fn signed<T: Sampled>(q: Dense<T>, signs: &[T]) -> Dense<T> {
    Dense::from_fn(q.rows(), q.cols(), |i, j| q.get(i, j).clone() * signs[j].clone())
}

/// The determinant, zero where it is not known to be another number.
pub fn determinant<T: Number>(x: &Dense<T>) -> T {
    x.determinant().map_or_else(|_| T::zero(), |value| value.get(0, 0).clone())
}

/// How often numbers are halved of which so many are added up, for the sum to be about as large as they were.
pub fn halvings(terms: usize) -> u32 {
    terms.max(1).ilog2().div_ceil(2)
}
