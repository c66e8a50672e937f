//! Real numbers known up to a radius: what decides the sign of a pre-activation at a real point.

use num_traits::{One, Zero};
use std::ops::{Add, Mul, Neg, Sub};

/// All real numbers within `radius` of `middle`. Zero itself is told apart: it arises only where a factor is zero, as behind a
/// gate that is shut, so that it stays zero when the parameters move a little. Terms that merely cancel leave a ball around zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ball {
    middle: f64,
    radius: f64,
}

/// More than the relative error of one operation and of the radius beside it.
const ROUNDING: f64 = 8.0 * f64::EPSILON;

/// More than the relative error of an elementary function.
const FUNCTION: f64 = 64.0 * f64::EPSILON;

/// More than what underflow loses.
const UNDERFLOW: f64 = 1e-300;

impl Ball {
    pub const ZERO: Ball = Ball { middle: 0.0, radius: 0.0 };

    /// A number that is a float.
    pub fn exactly(value: f64) -> Ball {
        Ball { middle: value, radius: 0.0 }
    }

    /// A number that rounds to a float.
    pub fn rounded(value: f64) -> Ball {
        if value == 0.0 { Ball::ZERO } else { Ball { middle: value, radius: 0.0 }.widened(ROUNDING) }
    }

    fn widened(self, share: f64) -> Ball {
        let radius = self.radius * (1.0 + ROUNDING) + self.middle.abs() * share + UNDERFLOW;
        Ball { middle: self.middle, radius }
    }

    /// Zero itself, and nothing else.
    pub fn is_zero(self) -> bool {
        self.middle == 0.0 && self.radius == 0.0
    }

    /// Whether the number is positive, where all numbers of the ball agree and are not zero.
    pub fn sign(self) -> Option<bool> {
        (self.middle.abs() > self.radius).then_some(self.middle > 0.0)
    }

    pub fn middle(self) -> f64 {
        self.middle
    }

    fn ends(self) -> (f64, f64) {
        let ball = self.widened(ROUNDING);
        (ball.middle - ball.radius, ball.middle + ball.radius)
    }

    /// The ball around the values of a monotone function; `None` where it has none on part of the ball.
    pub fn monotone(self, f: impl Fn(f64) -> f64) -> Option<Ball> {
        let (low, high) = self.ends();
        let (a, b) = (f(low), f(high));
        let middle = f(self.middle);
        let radius = (a - middle).abs().max((b - middle).abs());
        (!(a.is_nan() || b.is_nan() || middle.is_nan())).then(|| Ball { middle, radius }.widened(FUNCTION))
    }

    /// The ball around the values of a function whose slope is at most 1.
    pub fn lipschitz(self, f: impl Fn(f64) -> f64) -> Ball {
        let size = f(self.middle).abs().max(1.0);
        Ball { middle: f(self.middle), radius: self.radius + size * FUNCTION }
    }

    /// `None` where zero may be inverted.
    pub fn reciprocal(self) -> Option<Ball> {
        self.sign()?;
        let least = self.middle.abs() - self.radius;
        let radius = self.radius / (self.middle.abs() * least);
        Some(Ball { middle: self.middle.recip(), radius }.widened(ROUNDING))
    }

    /// Σ aᵢ bᵢ. Terms with a factor zero are zero.
    pub fn dot(terms: impl Iterator<Item = (Ball, Ball)>) -> Ball {
        let (mut middle, mut radius, mut size, mut count) = (0.0, 0.0, 0.0, 0u32);
        for (a, b) in terms {
            if a.is_zero() || b.is_zero() {
                continue;
            }
            let (x, y) = (a.middle.abs(), b.middle.abs());
            middle += a.middle * b.middle;
            size += x * y;
            radius += x * b.radius + y * a.radius + a.radius * b.radius;
            count += 1;
        }
        match count {
            0 => Ball::ZERO,
            _ => {
                let share = f64::from(count + 8) * ROUNDING;
                Ball { middle, radius: radius * (1.0 + share) + size * share + UNDERFLOW }
            }
        }
    }
}

impl Add for Ball {
    type Output = Ball;
    fn add(self, other: Ball) -> Ball {
        match (self.is_zero(), other.is_zero()) {
            (true, _) => other,
            (_, true) => self,
            _ => {
                let size = self.middle.abs() + other.middle.abs();
                let radius = (self.radius + other.radius) * (1.0 + ROUNDING) + size * ROUNDING + UNDERFLOW;
                Ball { middle: self.middle + other.middle, radius }
            }
        }
    }
}

impl Sub for Ball {
    type Output = Ball;
    fn sub(self, other: Ball) -> Ball {
        self + -other
    }
}

impl Neg for Ball {
    type Output = Ball;
    fn neg(self) -> Ball {
        Ball { middle: -self.middle, ..self }
    }
}

impl Mul for Ball {
    type Output = Ball;
    fn mul(self, other: Ball) -> Ball {
        Ball::dot(std::iter::once((self, other)))
    }
}

impl Zero for Ball {
    fn zero() -> Ball {
        Ball::ZERO
    }

    fn is_zero(&self) -> bool {
        Ball::is_zero(*self)
    }
}

impl One for Ball {
    fn one() -> Ball {
        Ball::exactly(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Sums of products of dyadic numbers, against integers.
        #[test]
        fn a_ball_contains_the_number(numbers in prop::collection::vec((-1i64 << 30..1 << 30, -1i64 << 30..1 << 30), 1..20)) {
            let unit = f64::from(1u32 << 30);
            let ball = |n: i64| Ball::exactly(n as f64 / unit);
            let sum = Ball::dot(numbers.iter().map(|&(a, b)| (ball(a), ball(b))));
            let exact: i128 = numbers.iter().map(|&(a, b)| i128::from(a) * i128::from(b)).sum();
            match sum.sign() {
                Some(positive) => prop_assert_eq!(positive, exact > 0),
                None => prop_assert!(exact.abs() < 1 << 20),
            }
            prop_assert!((sum.middle - exact as f64 / unit / unit).abs() <= sum.radius);
        }
    }

    #[test]
    fn only_what_has_a_factor_zero_is_zero() {
        let x = Ball::exactly(0.5);
        assert!((x * Ball::ZERO + Ball::ZERO).is_zero());
        assert!(!(x - x).is_zero() && (x - x).sign().is_none());
    }
}
