//! The fields of numbers in which vector fields are drawn: prime fields, and floats where those do not serve.

use crate::eval::{Number, Probe, Reals, Residue};

/// The seed of the values of functions. All fields share them: the function is the same one at an argument that does not
/// depend on the data.
const FUNCTIONS: u64 = 0;

/// A field of numbers that can be drawn at random.
pub trait Scalar: Number {
    /// The number of a random word.
    fn drawn(word: u64) -> Self;

    /// A number that counts as positive.
    fn positive(self) -> Self;

    /// The values of functions.
    fn functions() -> Self::Oracle;
}

impl<const P: u64> Scalar for Residue<P> {
    fn drawn(word: u64) -> Self {
        Residue::new(word)
    }

    /// Being positive is an open condition, which a polynomial identity does not see.
    fn positive(self) -> Self {
        self
    }

    fn functions() -> Probe {
        Probe::new(FUNCTIONS)
    }
}

impl Scalar for f64 {
    /// Between −1 and 1.
    fn drawn(word: u64) -> f64 {
        (word >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    fn positive(self) -> f64 {
        self.abs() + 0.25
    }

    fn functions() -> Reals {
        Reals
    }
}
