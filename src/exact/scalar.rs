//! The fields of numbers in which vector fields are drawn: prime fields, and floats where those do not serve.

use crate::eval::{Probe, Reals, Residue};
use crate::sample::Sampled;

/// The seed of the values of functions. All fields share them: the function is the same one at an argument that does not
/// depend on the data.
const FUNCTIONS: u64 = 0;

/// A field of numbers that can be drawn at random.
pub trait Scalar: Sampled {
    /// The values of functions.
    fn functions() -> Self::Oracle;
}

impl<const P: u64> Scalar for Residue<P> {
    fn functions() -> Probe {
        Probe::new(FUNCTIONS)
    }
}

impl Scalar for f64 {
    fn functions() -> Reals {
        Reals
    }
}
