//! The points (cos z, sin z) over 𝔽_p: the norm-one elements of 𝔽_p(i), for p ≡ 3 mod 4.

use super::error::EvalError;
use super::number::Number;
use super::prime::Residue;
use crate::term::Rational;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive};

/// A point cos + i sin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point<const P: u64> {
    pub cos: Residue<P>,
    pub sin: Residue<P>,
}

/// A point is drawn for this part of an angle, so that half angles and their like need no roots.
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
        Point { cos: self.cos * other.cos - self.sin * other.sin, sin: self.sin * other.cos + self.cos * other.sin }
    }

    /// The point of the negative angle.
    pub fn reflected(self) -> Self {
        Point { sin: -self.sin, ..self }
    }

    /// The point of q times an angle, from that of the angle over [`DIVISIONS`]; `None` where q needs a smaller part.
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
        Some(if q.is_negative() { power.reflected() } else { power })
    }
}
