//! The fields of numbers in which vector fields are evaluated: prime fields, and floats where those do not serve.

use super::functions::{FUNCTIONS, Functions, Variables, gated, unrelated};
use crate::eval::{
    Bindings, Dense, Enclosed, Enclosure, EvalError, Expansion, Jet, Located, Matrix, Number, Probe, Reals, Residue,
    Roots, Tape,
};
use crate::sample::Sampled;

/// A field of numbers in which vector fields are evaluated at real points.
pub trait Scalar: Number {
    /// What parameters and data are drawn of: numbers that are real.
    type Drawn: Sampled;

    /// A drawn number in the field.
    fn of(drawn: &Self::Drawn) -> Self;

    /// A float next to a drawn number.
    fn float(drawn: &Self::Drawn) -> f64;

    /// The values of functions, and the gates of a formula, at a real point.
    ///
    /// # Errors
    /// Where the formula is not defined at the point, or a gate is not decided.
    fn functions<'i>(
        functions: &Functions,
        tape: &Tape,
        variables: Variables,
        at: &Bindings<Dense<Self::Drawn>>,
        inputs: impl FnOnce() -> Bindings<'i, Dense<Self>>,
    ) -> Result<Self::Oracle, EvalError>;

    /// The same values of functions with the gates of a formula at another point.
    ///
    /// # Errors
    /// As above.
    fn gated(
        tape: &Tape,
        at: &Bindings<Dense<Self::Drawn>>,
        functions: &Self::Oracle,
    ) -> Result<Self::Oracle, EvalError>;

    /// Functions whose values are not related to each other, for drawn numbers in whose field a root may be missing; none where
    /// none is missing, or where values of functions are related, as along a curve.
    fn unrelated() -> Option<<Self::Drawn as Number>::Oracle> {
        None
    }

    /// Whether none is known to be missing of the roots that neither gates nor values of functions stand before.
    fn may_have_roots(tape: &Tape, roots: &Roots, at: &Bindings<Dense<Self>>) -> bool;
}

impl<const P: u64> Scalar for Residue<P> {
    type Drawn = Located<P>;

    fn of(drawn: &Located<P>) -> Self {
        drawn.residue()
    }

    fn float(drawn: &Located<P>) -> f64 {
        drawn.float()
    }

    fn functions<'i>(
        functions: &Functions,
        tape: &Tape,
        variables: Variables,
        at: &Bindings<Dense<Located<P>>>,
        inputs: impl FnOnce() -> Bindings<'i, Dense<Self>>,
    ) -> Result<Probe, EvalError> {
        functions.at(tape, variables, at, inputs)
    }

    fn gated(tape: &Tape, at: &Bindings<Dense<Located<P>>>, functions: &Probe) -> Result<Probe, EvalError> {
        gated(tape, at, functions.clone())
    }

    fn unrelated() -> Option<Probe> {
        Some(unrelated())
    }

    fn may_have_roots(tape: &Tape, roots: &Roots, at: &Bindings<Dense<Self>>) -> bool {
        tape.may_have_roots(roots, at, &unrelated())
    }
}

impl Scalar for f64 {
    type Drawn = f64;

    fn of(drawn: &f64) -> f64 {
        *drawn
    }

    fn float(drawn: &f64) -> f64 {
        *drawn
    }

    fn functions<'i>(
        _: &Functions,
        _: &Tape,
        _: Variables,
        _: &Bindings<Dense<f64>>,
        _: impl FnOnce() -> Bindings<'i, Dense<f64>>,
    ) -> Result<Reals, EvalError> {
        Ok(Reals)
    }

    fn gated(_: &Tape, _: &Bindings<Dense<f64>>, _: &Reals) -> Result<Reals, EvalError> {
        Ok(Reals)
    }

    fn may_have_roots(tape: &Tape, roots: &Roots, at: &Bindings<Dense<f64>>) -> bool {
        tape.may_have_roots(roots, at, &Reals)
    }
}

/// Points whose numbers are enclosed, drawn with as many digits as are ever used: with fewer they are the same real points.
pub(super) type Exactly = Enclosure<8>;

impl<const N: usize> Scalar for Enclosure<N> {
    type Drawn = Exactly;

    fn of(drawn: &Exactly) -> Self {
        drawn.with_digits()
    }

    fn float(drawn: &Exactly) -> f64 {
        drawn.middle()
    }

    fn functions<'i>(
        _: &Functions,
        _: &Tape,
        _: Variables,
        _: &Bindings<Dense<Exactly>>,
        _: impl FnOnce() -> Bindings<'i, Dense<Self>>,
    ) -> Result<Enclosed, EvalError> {
        Ok(Enclosed)
    }

    fn gated(_: &Tape, _: &Bindings<Dense<Exactly>>, _: &Enclosed) -> Result<Enclosed, EvalError> {
        Ok(Enclosed)
    }

    fn may_have_roots(tape: &Tape, roots: &Roots, at: &Bindings<Dense<Self>>) -> bool {
        tape.may_have_roots(roots, at, &Enclosed)
    }
}

/// The constant numbers among those along a formal curve, which values of functions are expanded on.
impl<const P: u64, const K: usize> Scalar for Jet<P, K> {
    type Drawn = Located<P>;

    fn of(drawn: &Located<P>) -> Self {
        Jet::drawn(drawn.residue())
    }

    fn float(drawn: &Located<P>) -> f64 {
        drawn.float()
    }

    fn functions<'i>(
        _: &Functions,
        _: &Tape,
        _: Variables,
        _: &Bindings<Dense<Located<P>>>,
        _: impl FnOnce() -> Bindings<'i, Dense<Self>>,
    ) -> Result<Expansion, EvalError> {
        Ok(Expansion::new(FUNCTIONS))
    }

    fn gated(_: &Tape, _: &Bindings<Dense<Located<P>>>, _: &Expansion) -> Result<Expansion, EvalError> {
        Ok(Expansion::new(FUNCTIONS))
    }

    fn may_have_roots(tape: &Tape, roots: &Roots, at: &Bindings<Dense<Self>>) -> bool {
        tape.may_have_roots(roots, at, &Expansion::new(FUNCTIONS))
    }
}

/// A matrix of drawn numbers in the field.
pub fn valued<T: Scalar>(drawn: &Dense<T::Drawn>) -> Dense<T> {
    Dense::from_fn(drawn.rows(), drawn.cols(), |i, j| T::of(drawn.get(i, j)))
}

/// The floats next to a matrix of drawn numbers.
pub(super) fn floats<T: Scalar>(drawn: &Dense<T::Drawn>) -> Dense<f64> {
    Dense::from_fn(drawn.rows(), drawn.cols(), |i, j| T::float(drawn.get(i, j)))
}
