//! The values of functions along a formal curve.

use super::jet::{Constants, Jet, PRIMES};
use super::number::{Number, Oracle, Transcendental, mix};
use super::{EvalError, Probe, Residue};
use crate::term::{Parity, Rational};
use num_rational::Ratio;
use num_traits::{One, Signed, Zero};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An oracle over jets. The value of a function is expanded where its value at t = 0 is known: that of Φ at 0, of exp at
/// integers, of log at products of small primes, of sin and cos at 0. The constants 1/√(2π), e, log 2, … in it are pseudo-random
/// residues: a specialization of indeterminates.
#[derive(Debug)]
pub struct Expansion {
    seed: u64,
    /// Where values are counted that are not known, to go on with others.
    survey: Option<Survey>,
}

/// What is not known at the start of a curve.
#[derive(Debug, Default)]
struct Survey {
    unknown: AtomicUsize,
    /// The numbers whose roots are taken.
    roots: Mutex<BTreeSet<u64>>,
}

/// The largest exponent n of a constant eⁿ.
const LARGEST: u64 = 1024;

impl Expansion {
    pub fn new(seed: u64) -> Expansion {
        Expansion { seed, survey: None }
    }

    /// One that puts other values where they are not known, and counts them.
    pub fn survey(seed: u64) -> Expansion {
        Expansion { survey: Some(Survey::default()), ..Expansion::new(seed) }
    }

    /// How many values were not known, and of how many different numbers roots are taken: half of them have none.
    pub fn surveyed(&self) -> (usize, usize) {
        let of = |survey: &Survey| (survey.unknown.load(Ordering::Relaxed), locked(&survey.roots).len());
        self.survey.as_ref().map_or((0, 0), of)
    }

    fn refuse<const P: u64, const K: usize>(&self, x: &Jet<P, K>) -> Result<Jet<P, K>, EvalError> {
        let Some(survey) = &self.survey else {
            let what = "a function whose value at the start of a formal curve is not known";
            return Err(EvalError::Unsupported(what.into()));
        };
        survey.unknown.fetch_add(1, Ordering::Relaxed);
        Ok(Jet::constant(self.random(mix(2, x.coefficients[0].residue()))))
    }

    fn random<const P: u64>(&self, what: u64) -> Residue<P> {
        let x = Residue::new(mix(self.seed, what));
        if x.is_zero() { Residue::one() } else { x }
    }

    /// A constant; the numbers of its bits tell them apart.
    fn indeterminate<const P: u64, const K: usize>(&self, constant: Constants) -> Jet<P, K> {
        Jet { constants: constant, ..Jet::constant(self.random(mix(1, constant.bits().into()))) }
    }

    fn exp<const P: u64, const K: usize>(&self, x: &Jet<P, K>) -> Result<Jet<P, K>, EvalError> {
        let base = match x.base {
            Some(base) if base.is_zero() => Jet::one(),
            Some(base) if base.is_integer() && base.numer().unsigned_abs() <= LARGEST => {
                let e: Jet<P, K> = self.indeterminate(Constants::E);
                let power = e.coefficients[0].pow(base.numer().unsigned_abs());
                let value = if base.is_negative() { power.reciprocal()? } else { power };
                Jet { constants: e.constants, ..Jet::constant(value) }
            }
            _ => return self.refuse(x),
        };
        let mut out = Jet { constants: base.constants | x.constants, ..base };
        // y′ = y x′.
        for k in 1..K {
            let pairs = (1..=k).map(|j| (Residue::from_integer(j as i64) * x.coefficients[j], out.coefficients[k - j]));
            out.coefficients[k] = Residue::sum_of_products(pairs) * Residue::new(Jet::<P, K>::RECIPROCALS[k]);
        }
        Ok(out)
    }

    fn log<const P: u64, const K: usize>(&self, x: &Jet<P, K>) -> Result<Jet<P, K>, EvalError> {
        let Some(base) = x.base.filter(Signed::is_positive) else { return self.refuse(x) };
        let mut value = Jet::zero();
        for (part, sign) in [(*base.numer(), 1), (*base.denom(), -1)] {
            let mut rest = part;
            for (i, q) in PRIMES.into_iter().enumerate() {
                while rest % q == 0 {
                    rest /= q;
                    let log: Jet<P, K> =
                        self.indeterminate(Constants::from_bits_retain(Constants::LOGARITHM.bits() << i));
                    value = value + Jet::from_integer(sign) * log;
                }
            }
            if rest != 1 {
                return self.refuse(x);
            }
        }
        Ok(Jet::integral(value, &x.reciprocal()?, x))
    }

    /// cos x and sin x, from c′ = −s x′ and s′ = c x′.
    fn circle<const P: u64, const K: usize>(&self, x: &Jet<P, K>) -> Result<[Jet<P, K>; 2], EvalError> {
        if !x.base.is_some_and(|base| base.is_zero()) {
            return Ok([self.refuse(x)?; 2]);
        }
        let (mut cos, mut sin) =
            (Jet { constants: x.constants, ..Jet::one() }, Jet { constants: x.constants, ..Jet::zero() });
        for k in 1..K {
            let times = |y: &Jet<P, K>| {
                let pairs =
                    (1..=k).map(|j| (Residue::from_integer(j as i64) * x.coefficients[j], y.coefficients[k - j]));
                Residue::sum_of_products(pairs) * Residue::new(Jet::<P, K>::RECIPROCALS[k])
            };
            (cos.coefficients[k], sin.coefficients[k]) = (-times(&sin), times(&cos));
        }
        Ok([cos, sin])
    }

    /// φ = (2π)^(−1/2) e^(−x²/2).
    fn density<const P: u64, const K: usize>(&self, x: &Jet<P, K>) -> Result<Jet<P, K>, EvalError> {
        let half = Jet::from_rational(&Rational::new(1.into(), 2.into()))?;
        Ok(self.exp(&-(*x * *x * half))? * self.indeterminate(Constants::DENSITY))
    }

    /// The series around the base of a function with the given derivatives there.
    fn taylor<const P: u64, const K: usize>(derivatives: &[Residue<P>], x: &Jet<P, K>) -> Jet<P, K> {
        let mut step = *x;
        step.coefficients[0] = Residue::zero();
        let mut out = Jet::zero();
        for k in (0..K).rev() {
            let factor = if k + 1 < K { Residue::new(Jet::<P, K>::RECIPROCALS[k + 1]) } else { Residue::zero() };
            out = out * step * Jet::constant(factor) + Jet::constant(derivatives[k]);
        }
        Jet { base: None, constants: x.constants, ..out }
    }
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<const P: u64, const K: usize> Oracle<Jet<P, K>> for Expansion {
    /// The sign of a number that moves is not looked for.
    fn is_positive(&self, _: &Jet<P, K>) -> Result<bool, EvalError> {
        Err(EvalError::Unsupported("a function with a kink on a formal curve".into()))
    }

    fn value(&self, function: Transcendental, x: &Jet<P, K>) -> Result<Jet<P, K>, EvalError> {
        let one = Jet::one;
        Ok(match function {
            Transcendental::Exp => self.exp(x)?,
            Transcendental::Log => self.log(x)?,
            Transcendental::Sigmoid => {
                let exp = self.exp(x)?;
                exp * (one() + exp).reciprocal()?
            }
            Transcendental::Tanh => {
                let exp = self.exp(x)?;
                (exp * exp - one()) * (exp * exp + one()).reciprocal()?
            }
            Transcendental::Softplus => self.log(&(one() + self.exp(x)?))?,
            Transcendental::Cos => self.circle(x)?[0],
            Transcendental::Sin => self.circle(x)?[1],
            Transcendental::NormalPdf => self.density(x)?,
            Transcendental::NormalCdf if x.base.is_some_and(|base| base.is_zero()) => {
                let half = Jet::from_rational(&Rational::new(1.into(), 2.into()))?;
                Jet::integral(half, &self.density(x)?, x)
            }
            Transcendental::NormalCdf | Transcendental::Pi => self.refuse(x)?,
        })
    }

    /// From x y′ = q x′ y.
    fn power(&self, x: &Jet<P, K>, q: &Rational) -> Result<Jet<P, K>, EvalError> {
        let zero = x.coefficients[0].is_zero();
        if zero {
            return if x.base.is_some() { self.refuse(x) } else { Err(EvalError::Singular) };
        }
        if let (Some(survey), None) = (&self.survey, x.base) {
            locked(&survey.roots).insert(x.coefficients[0].residue());
            return Ok(Jet::constant(self.random(mix(4, x.coefficients[0].residue()))));
        }
        let exponent = Residue::<P>::from_rational(q)?;
        let reciprocal = x.coefficients[0].reciprocal()?;
        let first = Oracle::<Residue<P>>::power(&Probe::new(self.seed), &x.coefficients[0], q)?;
        let is_one = x.base.is_some_and(|base| base.is_one());
        let mut out = Jet { constants: x.constants, ..Jet::constant(first) };
        out.base = is_one.then(Ratio::one);
        for k in 1..K {
            let factor = |j: usize| exponent * Residue::from_integer(j as i64) - Residue::from_integer((k - j) as i64);
            let pairs = (1..=k).map(|j| (factor(j) * x.coefficients[j], out.coefficients[k - j]));
            let sum = Residue::sum_of_products(pairs);
            out.coefficients[k] = sum * reciprocal * Residue::new(Jet::<P, K>::RECIPROCALS[k]);
        }
        Ok(out)
    }

    fn generic(&self, stream: u64, parity: Parity, x: &Jet<P, K>, out: &mut [Jet<P, K>]) -> Result<(), EvalError> {
        let mut derivatives = vec![Residue::zero(); out.len() + K];
        Probe::new(self.seed).generic(stream, parity, &x.coefficients[0], &mut derivatives)?;
        let at_zero = x.base.is_some_and(|base| base.is_zero());
        for (k, d) in out.iter_mut().enumerate() {
            *d = Expansion::taylor(&derivatives[k..], x);
            let vanishes = match parity {
                Parity::Odd => k % 2 == 0,
                Parity::Even => k % 2 == 1,
                Parity::Neither => false,
            };
            if at_zero && vanishes {
                d.base = Some(Ratio::zero());
            }
        }
        Ok(())
    }

    fn constant(&self, stream: u64, index: usize, _: usize) -> Jet<P, K> {
        Jet::constant(self.random(mix(mix(3, stream), index as u64)))
    }

    fn largest(&self, _: &[Jet<P, K>]) -> Jet<P, K> {
        Jet::zero()
    }
}
