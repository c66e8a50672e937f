//! Numbers that lie in ℝ and in 𝔽_p: a residue beside a ball around the real number that it is the residue of. Where a rational
//! point of parameter space is evaluated over them, each pre-activation has a real sign beside its residue.

use super::ball::Ball;
use super::number::{Number, Oracle, Transcendental};
use super::{EvalError, Probe, Reals, Residue};
use crate::term::{Parity, Rational};
use num_traits::{One, ToPrimitive, Zero};
use std::ops::{Add, Mul, Neg, Sub};

/// A real number with its residue modulo P. Of a transcendental value the residue is what a [`Probe`] says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Located<const P: u64> {
    residue: Residue<P>,
    real: Ball,
}

impl<const P: u64> Located<P> {
    /// n/2ᵏ, for |n| < 2⁵³.
    pub fn dyadic(n: i64, k: u32) -> Self {
        let real = Ball::exactly(n as f64 / (1u64 << k) as f64);
        Located { residue: Residue::from_integer(n) * Residue::half_to_the(k), real }
    }

    pub fn residue(self) -> Residue<P> {
        self.residue
    }

    /// The real number, up to its ball.
    pub fn float(self) -> f64 {
        self.real.middle()
    }

    /// Whether the real number is positive; `None` where its ball contains zero.
    pub fn sign(self) -> Option<bool> {
        self.real.sign()
    }

    /// Whether a gate with this argument is open: shut at a number that is zero and stays so.
    pub(super) fn opens(self) -> Result<bool, EvalError> {
        // A residue of zero under a ball around zero is a sum that cancels at every point, or once in 2³⁰ draws.
        match self.real.sign() {
            None if self.residue.is_zero() => Ok(false),
            sign => sign.ok_or(EvalError::Undecided),
        }
    }
}

impl<const P: u64> Add for Located<P> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Located { residue: self.residue + other.residue, real: self.real + other.real }
    }
}

impl<const P: u64> Sub for Located<P> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Located { residue: self.residue - other.residue, real: self.real - other.real }
    }
}

impl<const P: u64> Mul for Located<P> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Located { residue: self.residue * other.residue, real: self.real * other.real }
    }
}

impl<const P: u64> Neg for Located<P> {
    type Output = Self;
    fn neg(self) -> Self {
        Located { residue: -self.residue, real: -self.real }
    }
}

impl<const P: u64> Zero for Located<P> {
    fn zero() -> Self {
        Located { residue: Residue::zero(), real: Ball::ZERO }
    }

    fn is_zero(&self) -> bool {
        self.residue.is_zero()
    }
}

impl<const P: u64> One for Located<P> {
    fn one() -> Self {
        Located { residue: Residue::one(), real: Ball::one() }
    }
}

impl<const P: u64> Number for Located<P> {
    type Oracle = Probe;

    fn from_integer(n: i64) -> Self {
        let real = if n.unsigned_abs() < 1 << 53 { Ball::exactly(n as f64) } else { Ball::rounded(n as f64) };
        Located { residue: Residue::from_integer(n), real }
    }

    fn from_rational(q: &Rational) -> Result<Self, EvalError> {
        let integer = q.is_integer().then(|| q.numer().to_i64()).flatten().filter(|n| n.unsigned_abs() < 1 << 53);
        let real = match integer {
            Some(n) => n as f64,
            None => q.to_f64().ok_or_else(|| EvalError::Unsupported(q.to_string()))?,
        };
        Ok(Located { residue: Residue::from_rational(q)?, real: Ball::rounded(real) })
    }

    fn reciprocal(&self) -> Result<Self, EvalError> {
        let real = self.real.reciprocal().ok_or(EvalError::Singular)?;
        Ok(Located { residue: self.residue.reciprocal()?, real })
    }

    fn dot(a: &[Self], b: &[Self]) -> Self {
        let residue = Residue::sum_of_products(a.iter().zip(b).map(|(x, y)| (x.residue, y.residue)));
        Located { residue, real: Ball::dot(a.iter().zip(b).map(|(x, y)| (x.real, y.real))) }
    }
}

impl<const P: u64> Oracle<Located<P>> for Probe {
    fn is_positive(&self, x: &Located<P>) -> Result<bool, EvalError> {
        x.opens()
    }

    fn value(&self, function: Transcendental, x: &Located<P>) -> Result<Located<P>, EvalError> {
        let f = |x: f64| Reals.value(function, &x).unwrap_or(f64::NAN);
        let real = match function {
            Transcendental::Exp
            | Transcendental::Log
            | Transcendental::Tanh
            | Transcendental::Sigmoid
            | Transcendental::Softplus
            | Transcendental::NormalCdf => x.real.monotone(f).ok_or(EvalError::Logarithm)?,
            Transcendental::Pi => Ball::rounded(std::f64::consts::PI),
            Transcendental::Sin | Transcendental::Cos | Transcendental::NormalPdf => x.real.lipschitz(f),
        };
        Ok(Located { residue: self.value(function, &x.residue)?, real })
    }

    fn power(&self, x: &Located<P>, q: &Rational) -> Result<Located<P>, EvalError> {
        let residue = self.power(&x.residue, q)?;
        if x.real.is_zero() {
            return Ok(Located { residue, real: Ball::ZERO });
        }
        if x.real.sign() != Some(true) {
            return Err(EvalError::ROOTLESS);
        }
        let f = |x: f64| Reals.power(&x, q).unwrap_or(f64::NAN);
        Ok(Located { residue, real: x.real.monotone(f).ok_or(EvalError::ROOTLESS)? })
    }

    /// The value of an arbitrary function is an arbitrary number: that of one such function at the middle of the ball.
    fn generic(&self, stream: u64, parity: Parity, x: &Located<P>, out: &mut [Located<P>]) -> Result<(), EvalError> {
        let mut residues = vec![Residue::<P>::zero(); out.len()];
        self.generic(stream, parity, &x.residue, &mut residues)?;
        let mut reals = vec![0.0; out.len()];
        Reals.generic(stream, parity, &x.real.middle(), &mut reals)?;
        for ((d, residue), real) in out.iter_mut().zip(residues).zip(reals) {
            *d = Located { residue, real: Ball::rounded(real) };
        }
        Ok(())
    }

    fn constant(&self, stream: u64, index: usize, terms: usize) -> Located<P> {
        let real = Ball::rounded(Reals.constant(stream, index, terms));
        Located { residue: self.constant(stream, index, terms), real }
    }

    fn largest(&self, _: &[Located<P>]) -> Located<P> {
        Located::zero()
    }
}
