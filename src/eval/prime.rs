//! The field 𝔽_p for the Mersenne prime p = 2⁶¹ − 1.

use super::number::Number;
use super::{EvalError, Probe};
use crate::term::Rational;
use num_integer::Integer;
use num_traits::{One, ToPrimitive, Zero};
use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};

/// A residue modulo [`Prime::MODULUS`], in 0 … p − 1.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Prime(u64);

impl Prime {
    /// p = 2⁶¹ − 1.
    pub const MODULUS: u64 = (1 << 61) - 1;

    /// The residue of any number.
    pub fn new(n: u64) -> Prime {
        Prime::reduce(n.into())
    }

    /// The representative in 0 … p − 1.
    pub fn residue(self) -> u64 {
        self.0
    }

    /// 2⁶¹ ≡ 1: the high bits are added to the low ones.
    pub(crate) fn reduce(n: u128) -> Prime {
        const P: u128 = Prime::MODULUS as u128;
        let once = (n & P) + (n >> 61);
        let twice = ((once & P) + (once >> 61)) as u64;
        Prime(if twice >= Prime::MODULUS { twice - Prime::MODULUS } else { twice })
    }

    pub fn pow(self, exponent: u64) -> Prime {
        num_traits::pow(self, exponent as usize)
    }

    /// The root of order `n` that lies in the largest subgroup where it is unique, if x lies in that subgroup. There
    /// ⁿ√(xy) = ⁿ√x·ⁿ√y, as for positive reals; half of all x have a square root.
    pub fn root(self, n: u64) -> Option<Prime> {
        if self.is_zero() {
            return Some(self);
        }
        let mut order = Prime::MODULUS - 1;
        while order.gcd(&n) > 1 {
            order /= order.gcd(&n);
        }
        if self.pow(order) != Prime(1) {
            return None;
        }
        let inverse = i128::from(n).extended_gcd(&order.into()).x.mod_floor(&order.into());
        Some(self.pow(u64::try_from(inverse).ok()?))
    }

    /// The smaller of x and −x, and whether it is −x.
    pub(super) fn canonical(self) -> (Prime, bool) {
        let negative = -self;
        if negative.0 < self.0 { (negative, true) } else { (self, false) }
    }
}

impl fmt::Debug for Prime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Prime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Add for Prime {
    type Output = Prime;
    fn add(self, other: Prime) -> Prime {
        let sum = self.0 + other.0;
        Prime(if sum >= Prime::MODULUS { sum - Prime::MODULUS } else { sum })
    }
}

impl Sub for Prime {
    type Output = Prime;
    fn sub(self, other: Prime) -> Prime {
        Prime(if self.0 >= other.0 { self.0 - other.0 } else { self.0 + Prime::MODULUS - other.0 })
    }
}

impl Mul for Prime {
    type Output = Prime;
    fn mul(self, other: Prime) -> Prime {
        Prime::reduce(u128::from(self.0) * u128::from(other.0))
    }
}

impl Neg for Prime {
    type Output = Prime;
    fn neg(self) -> Prime {
        Prime(if self.0 == 0 { 0 } else { Prime::MODULUS - self.0 })
    }
}

impl Zero for Prime {
    fn zero() -> Prime {
        Prime(0)
    }

    fn is_zero(&self) -> bool {
        self.0 == 0
    }
}

impl One for Prime {
    fn one() -> Prime {
        Prime(1)
    }
}

impl Number for Prime {
    type Oracle = Probe;

    fn from_integer(n: i64) -> Prime {
        let magnitude = Prime::new(n.unsigned_abs());
        if n < 0 { -magnitude } else { magnitude }
    }

    fn from_rational(q: &Rational) -> Result<Prime, EvalError> {
        let residue = |n: &num_bigint::BigInt| match n.to_i64() {
            Some(n) => Prime::from_integer(n),
            None => Prime(n.mod_floor(&Prime::MODULUS.into()).to_u64().unwrap_or_default()),
        };
        let numerator = residue(q.numer());
        if q.is_integer() { Ok(numerator) } else { Ok(numerator * residue(q.denom()).reciprocal()?) }
    }

    /// x⁻¹ by Euclid's algorithm.
    fn reciprocal(&self) -> Result<Prime, EvalError> {
        if self.is_zero() {
            return Err(EvalError::Singular);
        }
        let (mut r, mut s) = (Prime::MODULUS, self.0);
        let (mut x, mut y) = (Prime(0), Prime(1));
        while s != 0 {
            let quotient = r / s;
            (r, s) = (s, r - quotient * s);
            (x, y) = (y, x - Prime(quotient) * y);
        }
        Ok(x)
    }

    /// Sixty-four products fit into 128 bits before they are reduced.
    fn dot(a: &[Prime], b: &[Prime]) -> Prime {
        let chunk = |(a, b): (&[Prime], &[Prime])| {
            Prime::reduce(a.iter().zip(b).map(|(x, y)| u128::from(x.0) * u128::from(y.0)).sum())
        };
        a.chunks(64).zip(b.chunks(64)).map(chunk).fold(Prime(0), Prime::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn arithmetic_agrees_with_that_of_the_integers(a in 0..Prime::MODULUS, b in 0..Prime::MODULUS) {
            let p = u128::from(Prime::MODULUS);
            let (x, y) = (Prime::new(a), Prime::new(b));
            prop_assert_eq!(u128::from((x * y).0), u128::from(a) * u128::from(b) % p);
            prop_assert_eq!(u128::from((x + y).0), (u128::from(a) + u128::from(b)) % p);
            prop_assert_eq!(x - y + y, x);
            prop_assert_eq!(x + -x, Prime::zero());
            if a != 0 {
                prop_assert_eq!(x.reciprocal()? * x, Prime::one());
            }
        }

        #[test]
        fn a_root_to_its_power_is_the_number(a in 1..Prime::MODULUS, n in 1u64..12) {
            let x = Prime::new(a);
            if let Some(root) = x.root(n) {
                prop_assert_eq!(root.pow(n), x);
            }
            let positive = x.pow(Prime::MODULUS - 1).root(n);
            prop_assert_eq!(positive, Some(Prime::one()));
        }

        #[test]
        fn a_long_dot_product_does_not_overflow(n in 1usize..300) {
            let largest = vec![Prime::new(Prime::MODULUS - 1); n];
            prop_assert_eq!(Prime::dot(&largest, &largest), Prime::new(n as u64));
        }
    }

    #[test]
    fn half_of_all_residues_are_squares() {
        let squares = (1..2000).filter(|&n| Prime::new(n * 0x1234_5678_9abc).root(2).is_some()).count();
        assert!((800..1200).contains(&squares));
    }
}
