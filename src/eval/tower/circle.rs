//! The points (cos z, sin z) over 𝔽_p: the norm-one elements of 𝔽_p(i), for p ≡ 3 mod 4.

use crate::eval::number::Number;
use crate::eval::{EvalError, Residue};
use crate::term::Rational;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive};

/// A point cos + i sin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point<const P: u64> {
    pub cos: Residue<P>,
    pub sin: Residue<P>,
}

/// An angle is divided by the divisors of this only: half angles and their like need no roots.
pub const DIVISIONS: u64 = 5040;

impl<const P: u64> Point<P> {
    /// The point of slope t: −1 is not a square modulo p, hence 1 + t² ≠ 0.
    pub fn of_slope(t: Residue<P>) -> Result<Self, EvalError> {
        let scale = (Residue::one() + t * t).reciprocal()?;
        Ok(Point { cos: (Residue::one() - t * t) * scale, sin: (t + t) * scale })
    }

    /// The point of angle 0.
    pub fn zero() -> Self {
        Point { cos: Residue::new(1), sin: Residue::new(0) }
    }

    /// The point of the sum of two angles.
    pub fn plus(self, other: Self) -> Self {
        Point {
            cos: self.cos * other.cos - self.sin * other.sin,
            sin: self.sin * other.cos + self.cos * other.sin,
        }
    }

    /// The point of `DIVISIONS · q` times the angle, if that is a whole number.
    pub fn times(self, q: &Rational) -> Option<Self> {
        let divided = q * Rational::from_integer(DIVISIONS.into());
        let mut n = divided.is_integer().then(|| divided.to_integer().abs())?.to_u64()?;
        let (mut square, mut power) = (self, Self::zero());
        while n > 0 {
            if n.is_odd() {
                power = power.plus(square);
            }
            square = square.plus(square);
            n >>= 1;
        }
        Some(if q.is_negative() { Point { sin: -power.sin, ..power } } else { power })
    }
}
