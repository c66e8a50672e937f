//! The fields of numbers in which vector fields are drawn: prime fields, and floats where those do not serve.

use super::functions::{Functions, Variables};
use crate::eval::{Bindings, Dense, EvalError, Probe, Reals, Residue, Tape};
use crate::sample::Sampled;

/// A field of numbers that can be drawn at random.
pub trait Scalar: Sampled {
    /// The values of functions at a point.
    fn functions(
        functions: &Functions,
        tape: &Tape,
        variables: Variables,
        inputs: impl FnOnce() -> Bindings<'static, Dense<Self>>,
    ) -> Result<Self::Oracle, EvalError>;
}

impl<const P: u64> Scalar for Residue<P> {
    fn functions(
        functions: &Functions,
        tape: &Tape,
        variables: Variables,
        inputs: impl FnOnce() -> Bindings<'static, Dense<Self>>,
    ) -> Result<Probe, EvalError> {
        functions.at(tape, variables, inputs)
    }
}

impl Scalar for f64 {
    fn functions(
        _: &Functions,
        _: &Tape,
        _: Variables,
        _: impl FnOnce() -> Bindings<'static, Dense<Self>>,
    ) -> Result<Reals, EvalError> {
        Ok(Reals)
    }
}
