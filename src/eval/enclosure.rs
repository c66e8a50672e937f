//! Real numbers enclosed to many binary digits: what is computed with them is proved, whatever functions occur.

use super::EvalError;
use super::number::Number;
use crate::term::Rational;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};
use std::ops::{Add, Mul, Neg, Sub};

/// All real numbers within `radius` of the middle ±0.b₁b₂… · 2^exponent, whose 64 N binary digits are the limbs, the first digit 1 unless it
/// is zero. A radius of 0 is that of a number that is known exactly. Zero itself is told apart: it arises where a factor is zero, as behind a
/// gate that is shut, or where exact numbers cancel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Enclosure<const N: usize> {
    negative: bool,
    exponent: i64,
    limbs: [u64; N],
    radius: f64,
}

/// The true elementary functions of enclosed numbers, and one fixed generic function for each name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Enclosed;

/// More than one and the relative errors of the few operations that make a radius.
const RADIUS: f64 = 1.0 + 16.0 * f64::EPSILON;

/// 2ᵏ rounded up.
fn power_of_two(k: i64) -> f64 {
    match k {
        ..=-1022 => f64::MIN_POSITIVE,
        1024.. => f64::INFINITY,
        _ => f64::from_bits(((k + 1023) as u64) << 52),
    }
}

/// Exponents of numbers that are too small, and too large, to be compared with floats.
const TINY: i64 = -900;
const HUGE: i64 = 1000;

/// The digits of π behind its point.
const PI: [u64; 8] = [
    0x243f_6a88_85a3_08d3,
    0x1319_8a2e_0370_7344,
    0xa409_3822_299f_31d0,
    0x082e_fa98_ec4e_6c89,
    0x4528_21e6_38d0_1377,
    0xbe54_66cf_34e9_0c6c,
    0xc0ac_29b7_c97c_50dd,
    0x3f84_d5b5_b547_0917,
];

/// Digits of a magnitude, the largest first, with those of the limb behind them.
#[derive(Clone, Copy)]
struct Digits<const N: usize> {
    limbs: [u64; N],
    /// The limb behind the last one.
    next: u64,
}

impl<const N: usize> Digits<N> {
    fn at(&self, i: usize) -> u64 {
        if i < N { self.limbs[i] } else { self.next }
    }

    fn set(&mut self, i: usize, limb: u64) {
        if i < N { self.limbs[i] = limb } else { self.next = limb }
    }

    /// Moved to the right by so many digits; whether digits that are not zero were lost.
    fn shifted_right(&self, by: u64) -> (Self, bool) {
        if by >= 64 * (N as u64 + 1) {
            return (Digits { limbs: [0; N], next: 0 }, self.zeros().is_some());
        }
        let (limbs, bits) = ((by / 64) as usize, by % 64);
        let (mut out, mut lost) = (*self, false);
        if limbs > 0 {
            lost = (N + 1 - limbs..=N).any(|i| self.at(i) != 0);
            (0..=N).for_each(|i| out.set(i, if i < limbs { 0 } else { self.at(i - limbs) }));
        }
        if bits > 0 {
            lost |= out.next << (64 - bits) != 0;
            out.next = out.next >> bits | out.limbs[N - 1] << (64 - bits);
            for i in (1..N).rev() {
                out.limbs[i] = out.limbs[i] >> bits | out.limbs[i - 1] << (64 - bits);
            }
            out.limbs[0] >>= bits;
        }
        (out, lost)
    }

    fn shifted_left(&self, by: u32) -> Self {
        let (limbs, bits) = ((by / 64) as usize, by % 64);
        let mut out = *self;
        if limbs > 0 {
            (0..=N).for_each(|i| out.set(i, if i + limbs > N { 0 } else { self.at(i + limbs) }));
        }
        if bits > 0 {
            for i in 0..N - 1 {
                out.limbs[i] = out.limbs[i] << bits | out.limbs[i + 1] >> (64 - bits);
            }
            out.limbs[N - 1] = out.limbs[N - 1] << bits | out.next >> (64 - bits);
            out.next <<= bits;
        }
        out
    }

    /// How many zeros come first; `None` for zero.
    fn zeros(&self) -> Option<u32> {
        if self.limbs[0] != 0 {
            return Some(self.limbs[0].leading_zeros());
        }
        let first = (0..=N).find(|&i| self.at(i) != 0)?;
        Some(64 * first as u32 + self.at(first).leading_zeros())
    }

    /// The sum, and whether it has a digit in front.
    fn plus(&self, other: &Self) -> (Self, bool) {
        let (mut out, mut carry) = (*self, false);
        (out.next, carry) = carried(self.next.overflowing_add(other.next), carry, u64::overflowing_add);
        for i in (0..N).rev() {
            (out.limbs[i], carry) = carried(self.limbs[i].overflowing_add(other.limbs[i]), carry, u64::overflowing_add);
        }
        (out, carry)
    }

    /// The difference, and whether it is negative, when it is short of a digit in front.
    fn minus(&self, other: &Self) -> (Self, bool) {
        let (mut out, mut borrow) = (*self, false);
        (out.next, borrow) = carried(self.next.overflowing_sub(other.next), borrow, u64::overflowing_sub);
        for i in (0..N).rev() {
            (out.limbs[i], borrow) =
                carried(self.limbs[i].overflowing_sub(other.limbs[i]), borrow, u64::overflowing_sub);
        }
        (out, borrow)
    }
}

/// The limb of x y + z + w, and the limb in front of it.
#[inline(always)]
fn added(x: u64, y: u64, z: u64, w: u64) -> (u64, u64) {
    let sum = u128::from(x) * u128::from(y) + u128::from(z) + u128::from(w);
    (sum as u64, (sum >> 64) as u64)
}

/// What is carried on from one limb to the next, by addition or subtraction.
#[inline(always)]
fn carried((limb, first): (u64, bool), carry: bool, with: impl Fn(u64, u64) -> (u64, bool)) -> (u64, bool) {
    let (limb, second) = with(limb, u64::from(carry));
    (limb, first | second)
}

impl<const N: usize> Enclosure<N> {
    pub const ZERO: Self = Enclosure { negative: false, exponent: 0, limbs: [0; N], radius: 0.0 };

    /// How many binary digits a middle has.
    pub const DIGITS: u32 = 64 * N as u32;

    /// How many steps of Newton's method, each of which doubles the digits, lead from a float to all digits; of their errors only that of
    /// the last matters.
    pub(super) const DOUBLINGS: u32 = Self::DIGITS.div_ceil(50).next_power_of_two().ilog2();

    /// A number that is a float; that of nothing where it is not finite.
    pub fn exactly(value: f64) -> Self {
        if !value.is_finite() {
            return Enclosure { radius: f64::INFINITY, ..Self::ZERO };
        }
        let bits = value.to_bits();
        let (mantissa, exponent) = match (bits >> 52 & 0x7ff, bits & ((1 << 52) - 1)) {
            (0, mantissa) => (mantissa, -1074),
            (exponent, mantissa) => (mantissa | 1 << 52, exponent as i64 - 1075),
        };
        let mut limbs = [0; N];
        limbs[0] = mantissa;
        let digits = Digits { limbs, next: 0 };
        Self::of(value < 0.0, exponent + 64, digits, 0.0)
    }

    /// The number with some digits, of which those behind the last limb are cut off.
    fn of(negative: bool, exponent: i64, digits: Digits<N>, radius: f64) -> Self {
        let Some(zeros) = digits.zeros() else { return Enclosure { radius, ..Self::ZERO } };
        let digits = if zeros == 0 { digits } else { digits.shifted_left(zeros) };
        let exponent = exponent - i64::from(zeros);
        let cut = if digits.next == 0 { 0.0 } else { power_of_two(exponent - i64::from(Self::DIGITS)) };
        let radius = if cut == 0.0 { radius } else { (radius + cut) * RADIUS };
        Enclosure { negative, exponent, limbs: digits.limbs, radius }
    }

    /// The same number with other digits.
    pub fn with_digits<const M: usize>(self) -> Enclosure<M> {
        let mut digits = Digits { limbs: [0; M], next: if M < N { self.limbs[M] } else { 0 } };
        let shared = M.min(N);
        digits.limbs[..shared].copy_from_slice(&self.limbs[..shared]);
        let lost = M + 1 < N && self.limbs[M + 1..].iter().any(|limb| *limb != 0);
        // What is cut off behind the next limb is less than a unit of it.
        digits.next |= u64::from(lost);
        Enclosure::of(self.negative, self.exponent, digits, self.radius)
    }

    /// A float, and more than the distance of any number of the enclosure from it.
    pub fn near(self) -> (f64, f64) {
        let (size, rounding) = match self.exponent {
            _ if self.limbs[0] == 0 => (0.0, 0.0),
            ..=TINY => (0.0, power_of_two(self.exponent)),
            HUGE.. => (0.0, f64::INFINITY),
            _ => (self.limbs[0] as f64 * power_of_two(self.exponent - 64), power_of_two(self.exponent - 51)),
        };
        (if self.negative { -size } else { size }, (self.radius + rounding) * RADIUS)
    }

    /// A float next to the middle.
    pub fn middle(self) -> f64 {
        self.near().0
    }

    /// More than the magnitude of any number of the enclosure.
    pub(crate) fn most(self) -> f64 {
        (self.size() + self.radius) * RADIUS
    }

    /// More than the magnitude of the middle.
    fn size(self) -> f64 {
        if self.limbs[0] == 0 { 0.0 } else { (self.limbs[0] as f64 + 1.0) * RADIUS * power_of_two(self.exponent - 64) }
    }

    /// Whether the number is positive, where all numbers of the enclosure agree and are not zero.
    pub fn sign(self) -> Option<bool> {
        let (float, distance) = self.near();
        (float.abs() > distance).then_some(!self.negative)
    }

    /// What is at most so far from a number of this enclosure.
    pub(crate) fn widened(self, by: f64) -> Self {
        Enclosure { radius: (self.radius + by) * RADIUS + f64::MIN_POSITIVE, ..self }
    }

    /// Everything of at most so many times the magnitude of the number.
    pub(super) fn spread(self, times: f64) -> Self {
        Self::ZERO.widened(self.most() * times * RADIUS)
    }

    /// The number times 2ᵏ.
    pub(crate) fn scaled(self, k: i64) -> Self {
        if self.is_zero() {
            return self;
        }
        let radius = if self.radius == 0.0 { 0.0 } else { self.radius * power_of_two(k) * RADIUS + f64::MIN_POSITIVE };
        Enclosure { exponent: self.exponent + k, radius, ..self }
    }

    /// The number by an integer that is not zero.
    pub(super) fn divided(self, by: u32) -> Self {
        let mut digits = Digits { limbs: [0; N], next: 0 };
        let mut rest = 0u128;
        for i in 0..=N {
            let part = rest << 64 | u128::from(if i < N { self.limbs[i] } else { 0 });
            digits.set(i, (part / u128::from(by)) as u64);
            rest = part % u128::from(by);
        }
        // What is left is less than a unit of the limb behind the last.
        digits.next |= u64::from(rest != 0);
        let radius = if self.radius == 0.0 { 0.0 } else { self.radius / f64::from(by) * RADIUS + f64::MIN_POSITIVE };
        Self::of(self.negative, self.exponent, digits, radius)
    }

    /// The middle alone.
    pub(super) fn centre(self) -> Self {
        Enclosure { radius: 0.0, ..self }
    }

    pub(super) fn squared(self) -> Self {
        self * self
    }

    /// π.
    pub(super) fn pi() -> Self {
        let mut digits = Digits { limbs: [0; N], next: 0 };
        digits.limbs.copy_from_slice(&PI[..N]);
        (Self::of(false, 0, digits, 0.0) + Self::from_integer(3)).widened(power_of_two(-i64::from(Self::DIGITS)))
    }
}

impl<const N: usize> Add for Enclosure<N> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let radius =
            if self.radius == 0.0 && other.radius == 0.0 { 0.0 } else { (self.radius + other.radius) * RADIUS };
        let (large, small) = match (self.limbs[0], other.limbs[0]) {
            (_, 0) => return Enclosure { radius, ..self },
            (0, _) => return Enclosure { radius, ..other },
            _ if self.exponent >= other.exponent => (self, other),
            _ => (other, self),
        };
        let apart = (large.exponent - small.exponent) as u64;
        let (first, second) = (Digits { limbs: large.limbs, next: 0 }, Digits { limbs: small.limbs, next: 0 });
        let (second, lost) = if apart == 0 { (second, false) } else { second.shifted_right(apart) };
        let radius =
            if lost { (radius + power_of_two(large.exponent - i64::from(Self::DIGITS) - 64)) * RADIUS } else { radius };
        if self.negative == other.negative {
            let (sum, carry) = first.plus(&second);
            if !carry {
                return Self::of(large.negative, large.exponent, sum, radius);
            }
            let (mut shifted, odd) = sum.shifted_right(1);
            shifted.limbs[0] |= 1 << 63;
            shifted.next |= u64::from(odd);
            return Self::of(large.negative, large.exponent + 1, shifted, radius);
        }
        let (difference, turned) = first.minus(&second);
        match turned {
            false => Self::of(large.negative, large.exponent, difference, radius),
            true => Self::of(!large.negative, large.exponent, second.minus(&first).0, radius),
        }
    }
}

impl<const N: usize> Sub for Enclosure<N> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl<const N: usize> Neg for Enclosure<N> {
    type Output = Self;
    fn neg(self) -> Self {
        Enclosure { negative: !self.negative, ..self }
    }
}

impl<const N: usize> Mul for Enclosure<N> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        if self.is_zero() || other.is_zero() {
            return Self::ZERO;
        }
        let radius = match (self.radius, other.radius) {
            (0.0, 0.0) => 0.0,
            (a, b) => (self.size() * b + other.size() * a + a * b) * RADIUS + f64::MIN_POSITIVE,
        };
        // The lower half of the digits but its first limb is only asked whether it is zero.
        let mut low = [0u64; N];
        let mut digits = Digits { limbs: [0; N], next: 0 };
        for i in (0..N).rev() {
            let (mut carry, first_low) = (0, N - 1 - i);
            for j in (first_low..N).rev() {
                (low[j - first_low], carry) = added(self.limbs[i], other.limbs[j], low[j - first_low], carry);
            }
            for j in (0..first_low).rev() {
                let place = &mut digits.limbs[i + j + 1];
                (*place, carry) = added(self.limbs[i], other.limbs[j], *place, carry);
            }
            digits.limbs[i] = carry;
        }
        digits.next = low[0];
        if N > 1 && low[1..].iter().any(|limb| *limb != 0) {
            digits.next |= 1;
        }
        Self::of(self.negative != other.negative, self.exponent + other.exponent, digits, radius)
    }
}

impl<const N: usize> Zero for Enclosure<N> {
    fn zero() -> Self {
        Self::ZERO
    }

    /// Zero itself, and nothing else.
    fn is_zero(&self) -> bool {
        self.limbs[0] == 0 && self.radius == 0.0
    }
}

impl<const N: usize> One for Enclosure<N> {
    fn one() -> Self {
        Self::from_integer(1)
    }
}

impl<const N: usize> Number for Enclosure<N> {
    type Oracle = Enclosed;

    fn from_integer(n: i64) -> Self {
        let mut limbs = [0; N];
        limbs[0] = n.unsigned_abs();
        Self::of(n < 0, 64, Digits { limbs, next: 0 }, 0.0)
    }

    fn from_rational(q: &Rational) -> Result<Self, EvalError> {
        if q.is_zero() {
            return Ok(Self::ZERO);
        }
        // ⌊|q| 2ᵏ⌋ has at most as many digits as there are, with the limb behind them.
        let (n, d) = (q.numer().magnitude(), q.denom().magnitude());
        let k = 64 * (N as i64 + 1) - 1 + d.bits() as i64 - n.bits() as i64;
        let shift = k.unsigned_abs();
        let (quotient, rest) = if k >= 0 { (n << shift).div_rem(d) } else { n.div_rem(&(d << shift)) };
        let limbs = quotient.to_u64_digits();
        let mut digits = Digits { limbs: [0; N], next: 0 };
        limbs.iter().rev().enumerate().for_each(|(i, limb)| digits.set(i, *limb));
        digits.next |= u64::from(!rest.is_zero());
        Ok(Self::of(q.is_negative(), 64 * limbs.len() as i64 - k, digits, 0.0))
    }

    fn reciprocal(&self) -> Result<Self, EvalError> {
        self.sign().ok_or(EvalError::Singular)?;
        let middle = self.centre();
        let mut y = Self::exactly(self.middle().recip());
        for _ in 0..Self::DOUBLINGS {
            let rest = Self::one() - middle * y;
            y = (y + y * rest).centre();
        }
        // 1/x = y + y (1 − x y)/(x y), and x y is next to 1.
        let rest = Self::one() - *self * y;
        if rest.is_zero() {
            return Ok(y);
        }
        let error = rest.most();
        if error.is_nan() || error > 1e-3 {
            return Err(EvalError::Singular);
        }
        Ok(y + (y * rest).spread(1.01))
    }

    fn dot(a: &[Self], b: &[Self]) -> Self {
        a.iter().zip(b).fold(Self::ZERO, |sum, (x, y)| sum + *x * *y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_traits::ToPrimitive;
    use proptest::prelude::*;

    /// The middle as a rational number.
    fn middle<const N: usize>(x: Enclosure<N>) -> Rational {
        let digit = |sum: Rational, limb: &u64| sum * two(64) + Rational::from_integer((*limb).into());
        let size = x.limbs.iter().fold(Rational::zero(), digit) * two(x.exponent - 64 * N as i64);
        if x.negative { -size } else { size }
    }

    fn two(k: i64) -> Rational {
        Rational::from_integer(2.into()).pow(k as i32)
    }

    /// Whether an enclosure contains a rational number, by exact arithmetic.
    fn contains<const N: usize>(x: Enclosure<N>, q: &Rational) -> bool {
        let (float, distance) = x.near();
        let exact = |x: f64| Rational::from_float(x).expect("finite");
        assert!(x.is_zero() || x.limbs == [0; N] || x.limbs[0] >> 63 == 1, "{x:?} is normal");
        (q - middle(x)).abs() <= exact(x.radius) && (q - exact(float)).abs() <= exact(distance)
    }

    fn rational((n, d, k): (i64, i64, i64)) -> Rational {
        Rational::new(n.into(), d.into()) * two(k)
    }

    fn number() -> impl Strategy<Value = (i64, i64, i64)> {
        (-1i64 << 40..1 << 40, prop_oneof![Just(1i64), 1i64..1 << 40], -300i64..300)
    }

    fn operations<const N: usize>([p, q, r]: [&Rational; 3], k: i64, n: u32) {
        let number = |q: &Rational| Enclosure::<N>::from_rational(q).expect("a number");
        let (a, b, c) = (number(p), number(q), number(r));
        assert!(contains(a, p));
        assert!(contains(a + b, &(p + q)) && contains(a - b, &(p - q)) && contains(a * b, &(p * q)));
        assert!(contains(a + -a, &Rational::zero()) && contains(a + b - a, q));
        assert!(contains(Enclosure::dot(&[a, b, c], &[b, c, a]), &(p * q + q * r + r * p)));
        assert!(contains(a.scaled(k), &(p * two(k))));
        assert!(contains(a.divided(n), &(p / Rational::from_integer(n.into()))));
        assert!(contains(a.with_digits::<2>(), p) && contains(a.with_digits::<8>(), p));
        let float = p.to_f64().expect("a float");
        assert!(contains(Enclosure::<N>::exactly(float), &Rational::from_float(float).expect("finite")));
        assert_eq!(a.sign(), if p.is_zero() { None } else { Some(p.is_positive()) });
        if !p.is_zero() {
            let inverse = a.reciprocal().expect("not zero");
            assert!(contains(inverse, &p.recip()));
            // What cancels stays within the digits.
            assert!((a * inverse - Enclosure::one()).most() < power_of_two(6 - i64::from(Enclosure::<N>::DIGITS)));
        }
    }

    proptest! {
        #[test]
        fn an_enclosure_contains_the_number(x in number(), y in number(), z in number(), k in -300i64..300, n: u32) {
            let (p, q, r) = (rational(x), rational(y), rational(z));
            operations::<2>([&p, &q, &r], k, n.max(1));
            operations::<4>([&p, &q, &r], k, n.max(1));
            operations::<8>([&p, &q, &r], k, n.max(1));
        }

        #[test]
        fn integers_are_exact(n: i64, m in -1i64 << 62..1 << 62, k in -1i64 << 62..1 << 62) {
            let integer = Enclosure::<2>::from_integer;
            prop_assert!(integer(n).radius == 0.0 && contains(integer(n), &Rational::from_integer(n.into())));
            let (x, y) = (integer(m), integer(k));
            prop_assert!((x * y).radius == 0.0 && (x + y - y - x).is_zero());
        }
    }

    #[test]
    fn what_may_be_zero_has_no_reciprocal_and_no_sign() {
        let third = Enclosure::<2>::from_integer(3).reciprocal().expect("not zero");
        let rest = third + third + third - Enclosure::one();
        assert!(!rest.is_zero() && rest.sign().is_none() && rest.reciprocal().is_err());
        assert!(Enclosure::<2>::ZERO.reciprocal().is_err());
        assert!(Enclosure::<2>::exactly(f64::NAN).sign().is_none());
        let tiny = Enclosure::<2>::exactly(1.0).scaled(-2000);
        assert!(tiny.sign().is_none() && !tiny.is_zero() && tiny.near().1 > 0.0);
        assert_eq!(Enclosure::<2>::exactly(1.0).scaled(2000).near().1, f64::INFINITY);
    }

    /// π = 16 arctan(1/5) − 4 arctan(1/239) (Machin 1706).
    #[test]
    fn pi_is_that_of_machin() {
        let arctan = |n: u32| {
            let mut power = Enclosure::<8>::one().divided(n);
            let mut sum = power;
            for k in 1..250 {
                power = -power.divided(n * n);
                sum = sum + power.divided(2 * k + 1);
            }
            sum
        };
        let pi = arctan(5).scaled(4) - arctan(239).scaled(2);
        assert!((pi - Enclosure::pi()).most() < power_of_two(-500));
        assert!((pi.with_digits::<2>() - Enclosure::pi()).most() < power_of_two(-120));
    }
}
