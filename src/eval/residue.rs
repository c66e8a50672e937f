//! Residues as numbers whose functions are those of a probe.

use super::error::EvalError;
use super::number::Number;
use super::prime::Residue;
use super::probe::Probe;
use crate::term::Rational;
use num_integer::Integer;
use num_traits::{One, ToPrimitive, Zero};
use std::ops::Add;

impl<const P: u64> Number for Residue<P> {
    type Oracle = Probe;

    fn annihilates(&self) -> bool {
        self.is_zero()
    }

    fn from_integer(n: i64) -> Self {
        let magnitude = Self::new(n.unsigned_abs());
        if n < 0 { -magnitude } else { magnitude }
    }

    fn from_rational(q: &Rational) -> Result<Self, EvalError> {
        let residue = |n: &num_bigint::BigInt| match n.to_i64() {
            Some(n) => Self::from_integer(n),
            None => Self::new(n.mod_floor(&P.into()).to_u64().unwrap_or_default()),
        };
        let numerator = residue(q.numer());
        if q.is_integer() { Ok(numerator) } else { Ok(numerator * residue(q.denom()).reciprocal()?) }
    }

    /// x⁻¹ by Euclid's algorithm.
    fn reciprocal(&self) -> Result<Self, EvalError> {
        if self.is_zero() {
            return Err(EvalError::Singular);
        }
        let (mut r, mut s) = (P, self.residue());
        let (mut x, mut y) = (Self::zero(), Self::one());
        while s != 0 {
            let quotient = r / s;
            (r, s) = (s, r - quotient * s);
            (x, y) = (y, x - Self::new(quotient) * y);
        }
        Ok(x)
    }

    /// Sixty-four products fit into 128 bits before they are reduced; of residues below 2²⁴, 65 536 into 64 bits.
    fn dot(a: &[Self], b: &[Self]) -> Self {
        if P < 1 << 24 {
            let chunk =
                |(a, b): (&[Self], &[Self])| Self::new(a.iter().zip(b).map(|(x, y)| x.residue() * y.residue()).sum());
            return a.chunks(1 << 16).zip(b.chunks(1 << 16)).map(chunk).fold(Self::zero(), Self::add);
        }
        let chunk = |(a, b): (&[Self], &[Self])| {
            Self::reduce(a.iter().zip(b).map(|(x, y)| u128::from(x.residue()) * u128::from(y.residue())).sum())
        };
        a.chunks(64).zip(b.chunks(64)).map(chunk).fold(Self::zero(), Self::add)
    }
}
