//! Residues, rationals, and numbers that are both.

use super::number::{NUDGE, Sampled, halvings, nudged};
use crate::eval::{Enclosure, Located, Residue};
use crate::term::Rational;
use num_traits::{One, Signed};
use rand::Rng;
use rand::seq::IndexedRandom;

impl<const P: u64> Sampled for Residue<P> {
    fn any(rng: &mut impl Rng) -> Self {
        Residue::new(rng.random())
    }

    /// Being positive is an open condition, which a polynomial identity does not see.
    fn positive(rng: &mut impl Rng) -> Self {
        Self::any(rng)
    }

    fn may_be_positive(&self) -> bool {
        true
    }
}

/// ±n/2ᵏ with thirty random bits, between 1/8 and 4 in magnitude: sums of them that cancel do so at every point.
impl<const P: u64> Sampled for Located<P> {
    fn any(rng: &mut impl Rng) -> Self {
        let x = Self::positive(rng);
        if rng.random() { x } else { -x }
    }

    fn positive(rng: &mut impl Rng) -> Self {
        Self::dyadic(rng.random_range(1 << 29..1 << 30), rng.random_range(28..33))
    }

    fn near(&self, rng: &mut impl Rng) -> Self {
        *self * Self::dyadic(nudged(rng), NUDGE)
    }

    fn may_be_positive(&self) -> bool {
        self.sign() != Some(false)
    }
}

/// Floats, which are exact: of moderate size, so that exponentials of their sums of products are.
impl<const N: usize> Sampled for Enclosure<N> {
    fn any(rng: &mut impl Rng) -> Self {
        Enclosure::exactly(f64::any(rng))
    }

    fn positive(rng: &mut impl Rng) -> Self {
        Enclosure::exactly(f64::positive(rng))
    }

    fn near(&self, rng: &mut impl Rng) -> Self {
        *self * Enclosure::exactly(nudged(rng) as f64 * 0.5f64.powi(NUDGE as i32))
    }

    fn of_many(self, terms: usize) -> Self {
        self.scaled(-i64::from(halvings(terms)))
    }

    fn may_be_positive(&self) -> bool {
        self.sign() != Some(false)
    }
}

/// Square, cube and sixth roots of its powers are rational.
const ROOTS: i32 = 6;

impl Sampled for Rational {
    fn any(rng: &mut impl Rng) -> Rational {
        fraction(7, 3, rng)
    }

    /// A sixth power, so that it has roots.
    fn positive(rng: &mut impl Rng) -> Rational {
        const BASES: [(i64, i64); 5] = [(1, 2), (2, 3), (1, 1), (3, 2), (2, 1)];
        let base = BASES.choose(rng).map_or(Rational::one(), |(n, d)| Rational::new((*n).into(), (*d).into()));
        base.pow(ROOTS)
    }

    fn short(rng: &mut impl Rng) -> Rational {
        fraction(3, 2, rng)
    }

    fn may_be_positive(&self) -> bool {
        self.is_positive()
    }
}

/// ±n/d with n and d up to the given ones.
fn fraction(n: i64, d: i64, rng: &mut impl Rng) -> Rational {
    let n: i64 = rng.random_range(1..=n);
    Rational::new((if rng.random() { n } else { -n }).into(), rng.random_range(1..=d).into())
}
