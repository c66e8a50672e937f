//! Which pairs of an evaluation are drawn, and what the others are.

use crate::term::Rational;

/// The pairs of an evaluation in the order in which they occur, each in the generators before it. Real pairs and points of
/// the circle have generators of their own, counted from 0; number 0 is the pair (1, e), or the point of angle 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub steps: Vec<Step>,
}

/// One pair (z, e^z) or (log u, u).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// Prime numbers q whose pairs (log q, q) become generators before this one is looked at.
    pub primes: Vec<u64>,
    /// z = Σ r g over these generators g, or z = Σ r g + a new generator.
    pub combination: Vec<(usize, Rational)>,
    pub is_new: bool,
}
