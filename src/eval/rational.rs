//! The field of rational numbers: polynomial and piecewise polynomial formulas, exactly.

use super::number::{Number, Oracle, Transcendental, mix};
use super::{Dense, EvalError};
use crate::term::{Parity, Rational};
use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

/// A matrix of exact rational numbers.
pub type RationalMatrix = Dense<Rational>;

/// The order of the rationals, roots that are rational, polynomials for generic functions; no transcendental function.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rationals;

impl Number for Rational {
    type Oracle = Rationals;

    fn from_integer(n: i64) -> Rational {
        Rational::from_integer(n.into())
    }

    fn from_rational(q: &Rational) -> Result<Rational, EvalError> {
        Ok(q.clone())
    }

    fn reciprocal(&self) -> Result<Rational, EvalError> {
        if self.is_zero() { Err(EvalError::Singular) } else { Ok(self.recip()) }
    }
}

/// The exact root of order n of a non-negative integer.
fn root(x: &BigInt, n: u32) -> Option<BigInt> {
    let root = x.nth_root(n);
    (root.pow(n) == *x).then_some(root)
}

/// A non-zero multiple of 1/4 between −1 and 1.
fn small(stream: u64, index: u64) -> Rational {
    let word = mix(stream, index);
    let quarters = (word % 4) as i64 + 1;
    Rational::new(if word & 16 == 0 { quarters } else { -quarters }.into(), 4.into())
}

impl Oracle<Rational> for Rationals {
    fn is_positive(&self, x: &Rational) -> Result<bool, EvalError> {
        Ok(x.is_positive())
    }

    fn value(&self, function: Transcendental, _: &Rational) -> Result<Rational, EvalError> {
        Err(EvalError::Unsupported(format!("the transcendental function {function:?} over the rationals")))
    }

    fn power(&self, x: &Rational, q: &Rational) -> Result<Rational, EvalError> {
        if x.is_negative() {
            return Err(EvalError::ROOTLESS);
        }
        let too_large = || EvalError::Unsupported(format!("the power {q}"));
        let order = q.denom().to_u32().filter(|n| *n <= 1024).ok_or_else(too_large)?;
        let exponent = q.numer().to_i32().filter(|n| n.abs() <= 1024).ok_or_else(too_large)?;
        let (numerator, denominator) = root(x.numer(), order).zip(root(x.denom(), order)).ok_or(EvalError::ROOTLESS)?;
        if numerator.is_zero() && exponent < 0 {
            return Err(EvalError::Singular);
        }
        Ok(Rational::new(numerator, denominator).pow(exponent))
    }

    /// A cubic with the terms its parity allows.
    fn generic(&self, stream: u64, parity: Parity, x: &Rational, out: &mut [Rational]) -> Result<(), EvalError> {
        let coefficient = |n: usize| match parity {
            Parity::Odd if n.is_multiple_of(2) => Rational::zero(),
            Parity::Even if !n.is_multiple_of(2) => Rational::zero(),
            _ => small(stream, n as u64),
        };
        for (k, d) in out.iter_mut().enumerate() {
            *d = (k..4).rev().fold(Rational::zero(), |value, n| {
                let falling: usize = (n - k + 1..=n).product();
                value * x + coefficient(n) * Rational::from_integer(falling.into())
            });
        }
        Ok(())
    }

    fn constant(&self, stream: u64, index: usize, _: usize) -> Rational {
        small(stream, index as u64)
    }

    fn largest(&self, _: &[Rational]) -> Rational {
        Rational::zero()
    }
}
