//! The kinds of number an entry may be, and what each must be told about functions that are not polynomial.

use super::EvalError;
use crate::term::{Parity, Rational};
use num_traits::{One, Zero};
use std::fmt::Debug;
use std::ops::{Add, Mul, Neg, Sub};

/// An element of a field.
pub trait Number:
    Clone
    + Debug
    + PartialEq
    + Send
    + Sync
    + 'static
    + Zero
    + One
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Neg<Output = Self>
{
    /// What supplies the values of functions that are not rational.
    type Oracle: Oracle<Self> + Sync;

    fn from_integer(n: i64) -> Self;

    /// `Singular` where the denominator vanishes in the field.
    fn from_rational(q: &Rational) -> Result<Self, EvalError>;

    /// Whether a product with the number is zero and nothing else, so that it may be left out of a sum. `false` says nothing.
    fn annihilates(&self) -> bool {
        false
    }

    /// `Singular` for zero.
    fn reciprocal(&self) -> Result<Self, EvalError>;

    /// Σ aᵢ bᵢ.
    fn dot(a: &[Self], b: &[Self]) -> Self {
        a.iter().zip(b).fold(Self::zero(), |sum, (x, y)| sum + x.clone() * y.clone())
    }
}

/// A function whose value does not follow from field operations; its derivatives then do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transcendental {
    Exp,
    Log,
    Tanh,
    Sigmoid,
    Softplus,
    Sin,
    Cos,
    /// Φ, the normal distribution function.
    NormalCdf,
    /// φ = Φ′.
    NormalPdf,
    /// π, whatever the argument is.
    Pi,
}

/// Supplies what field operations cannot: signs, values of transcendental functions, roots, generic functions. Equal
/// arguments always get equal answers.
pub trait Oracle<T> {
    /// Whether x counts as positive, where a piecewise function must choose. `Undecided` where that is not known.
    fn is_positive(&self, x: &T) -> Result<bool, EvalError>;

    fn value(&self, function: Transcendental, x: &T) -> Result<T, EvalError>;

    /// `x^q` for a fractional q.
    fn power(&self, x: &T, q: &Rational) -> Result<T, EvalError>;

    /// The derivatives of order 0, 1, … of the generic function number `stream` with the given parity, into `out`.
    fn generic(&self, stream: u64, parity: Parity, x: &T, out: &mut [T]) -> Result<(), EvalError>;

    /// Entry `index` of the generic constant matrix number `stream`, to be used with `terms` of its kind summed up.
    fn constant(&self, stream: u64, index: usize, terms: usize) -> T;

    /// The largest of some numbers where that means something: what a stable softmax subtracts. Else zero.
    fn largest(&self, xs: &[T]) -> T;
}

/// FNV-1a: the number of a name's stream of random numbers, the same on every machine.
pub fn stream_of(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// SplitMix64's finalizer over a running hash: the pseudo-random function behind every oracle.
pub fn mix(hash: u64, word: u64) -> u64 {
    let mut z = (hash ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number below `n`, 0 where there is none; the same one on machines with other words.
pub fn below(word: u64, n: usize) -> usize {
    (word % (n as u64).max(1)) as usize
}
