//! The fields of numbers in which vector fields are evaluated: prime fields, and floats where those do not serve.

use crate::eval::{Bindings, Dense, EvalError, Located, Matrix, Number, Probe, Reals, Residue, Tape};
use crate::sample::Sampled;

/// The seed of the values of functions. All fields share them: the function is the same one at an argument that does not
/// depend on the data.
const FUNCTIONS: u64 = 0;

/// A field of numbers in which vector fields are evaluated at real points.
pub trait Scalar: Number {
    /// What parameters and data are drawn of: numbers that are real.
    type Drawn: Sampled;

    /// A drawn number in the field.
    fn of(drawn: &Self::Drawn) -> Self;

    /// The values of functions, and the gates of a formula, at a real point.
    ///
    /// # Errors
    /// Where the formula is not defined at the point, or a gate is not decided.
    fn functions(tape: &Tape, at: &Bindings<Dense<Self::Drawn>>) -> Result<Self::Oracle, EvalError>;
}

impl<const P: u64> Scalar for Residue<P> {
    type Drawn = Located<P>;

    fn of(drawn: &Located<P>) -> Self {
        drawn.residue()
    }

    fn functions(tape: &Tape, at: &Bindings<Dense<Located<P>>>) -> Result<Probe, EvalError> {
        let probe = Probe::new(FUNCTIONS);
        match tape.has_gates() {
            true => Ok(probe.clone().with(tape.gates(at, &probe)?)),
            false => Ok(probe),
        }
    }
}

impl Scalar for f64 {
    type Drawn = f64;

    fn of(drawn: &f64) -> f64 {
        *drawn
    }

    fn functions(_: &Tape, _: &Bindings<Dense<f64>>) -> Result<Reals, EvalError> {
        Ok(Reals)
    }
}

/// A matrix of drawn numbers in the field.
pub fn valued<T: Scalar>(drawn: &Dense<T::Drawn>) -> Dense<T> {
    Dense::from_fn(drawn.rows(), drawn.cols(), |i, j| T::of(drawn.get(i, j)))
}
