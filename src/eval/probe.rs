//! The functions of one exact probe: to each argument in 𝔽_p a pseudo-random value, from which all derivatives follow.

use super::number::{Number, Oracle, Transcendental, mix};
use super::{EvalError, Gates, Residue};
use crate::term::{Parity, Rational};
use num_traits::{One, Signed, ToPrimitive, Zero};

/// An oracle over 𝔽_p: transcendental values and generic functions are a pseudo-random function of the seed and
/// the argument. Equal arguments get equal answers, wherever they occur and however often they are evaluated; f(−x)
/// follows from f(x) where it does over the reals. Roots are the true ones. Signs are those of a real point, where the gates
/// there are known; else they are pseudo-random as well.
#[derive(Clone, Debug)]
pub struct Probe {
    seed: u64,
    gates: Option<Gates>,
}

/// What a pseudo-random number is for.
#[derive(Clone, Copy)]
enum Purpose {
    Sign,
    Exp,
    Softplus,
    Log,
    Angle,
    NormalCdf,
    NormalPdf,
    Generic,
    Constant,
}

impl Probe {
    pub fn new(seed: u64) -> Probe {
        Probe { seed, gates: None }
    }

    /// The same functions with the gates of a real point.
    pub fn with(self, gates: Gates) -> Probe {
        Probe { gates: Some(gates), ..self }
    }

    fn word(&self, purpose: Purpose, words: [u64; 2]) -> u64 {
        words.into_iter().fold(mix(self.seed, purpose as u64), mix)
    }

    /// A non-zero residue.
    fn random<const P: u64>(&self, purpose: Purpose, words: [u64; 2]) -> Residue<P> {
        let x = Residue::new(self.word(purpose, words));
        if x.is_zero() { Residue::one() } else { x }
    }

    /// e^x, with e^0 = 1 and e^(−x) = 1/e^x.
    fn exp<const P: u64>(&self, x: Residue<P>) -> Result<Residue<P>, EvalError> {
        let (positive, negative) = x.canonical();
        if positive.is_zero() {
            return Ok(Residue::one());
        }
        let value = self.random(Purpose::Exp, [positive.residue(), 0]);
        if negative { value.reciprocal() } else { Ok(value) }
    }

    /// sin x and cos x: a point of the circle.
    fn circle<const P: u64>(&self, x: Residue<P>) -> Result<(Residue<P>, Residue<P>), EvalError> {
        let (positive, negative) = x.canonical();
        if positive.is_zero() {
            return Ok((Residue::zero(), Residue::one()));
        }
        let t = self.random(Purpose::Angle, [positive.residue(), 0]);
        // −1 is not a square modulo p, hence 1 + t² ≠ 0.
        let scale = (Residue::one() + t * t).reciprocal()?;
        let sin = (t + t) * scale;
        Ok((if negative { -sin } else { sin }, (Residue::one() - t * t) * scale))
    }
}

impl<const P: u64> Oracle<Residue<P>> for Probe {
    fn is_positive(&self, x: &Residue<P>) -> Result<bool, EvalError> {
        let (positive, negative) = x.canonical();
        match &self.gates {
            Some(gates) => gates.open(x.residue()).ok_or(EvalError::Undecided),
            None => Ok((self.word(Purpose::Sign, [positive.residue(), 0]) & 1 == 1) != negative),
        }
    }

    fn value(&self, function: Transcendental, x: &Residue<P>) -> Result<Residue<P>, EvalError> {
        let one = Residue::one();
        let (positive, negative) = x.canonical();
        let at = |purpose| self.random(purpose, [positive.residue(), 0]);
        Ok(match function {
            Transcendental::Exp => self.exp(*x)?,
            Transcendental::Sigmoid => (one + self.exp(-*x)?).reciprocal()?,
            Transcendental::Tanh => {
                let square = num_traits::pow(self.exp(*x)?, 2);
                (square - one) * (square + one).reciprocal()?
            }
            // log(1 + e^(−x)) = log(1 + e^x) − x.
            Transcendental::Softplus => at(Purpose::Softplus) - if negative { positive } else { Residue::zero() },
            Transcendental::Log if x.is_zero() => return Err(EvalError::Logarithm),
            Transcendental::Log if *x == one => Residue::zero(),
            Transcendental::Log => self.random(Purpose::Log, [x.residue(), 0]),
            Transcendental::Sin => self.circle(*x)?.0,
            Transcendental::Cos => self.circle(*x)?.1,
            Transcendental::NormalCdf if x.is_zero() => (one + one).reciprocal()?,
            Transcendental::NormalCdf => {
                let value = at(Purpose::NormalCdf);
                if negative { one - value } else { value }
            }
            Transcendental::NormalPdf => at(Purpose::NormalPdf),
        })
    }

    fn power(&self, x: &Residue<P>, q: &Rational) -> Result<Residue<P>, EvalError> {
        let too_large = || EvalError::Unsupported(format!("the power {q}"));
        let order = q.denom().to_u64().ok_or_else(too_large)?;
        let exponent = q.numer().abs().to_u64().ok_or_else(too_large)?;
        let power = x.root(order).ok_or(EvalError::NoSquareRoot)?.pow(exponent);
        if q.is_negative() { power.reciprocal() } else { Ok(power) }
    }

    /// Independent derivatives of every order, as far as the parity allows.
    fn generic(&self, stream: u64, parity: Parity, x: &Residue<P>, out: &mut [Residue<P>]) -> Result<(), EvalError> {
        let (positive, negative) = x.canonical();
        for (k, d) in out.iter_mut().enumerate() {
            let at = |x: Residue<P>| self.random(Purpose::Generic, [mix(stream, k as u64), x.residue()]);
            let odd = match parity {
                Parity::Neither => {
                    *d = at(*x);
                    continue;
                }
                Parity::Odd => k % 2 == 0,
                Parity::Even => k % 2 == 1,
            };
            *d = match at(positive) {
                _ if odd && positive.is_zero() => Residue::zero(),
                value if odd && negative => -value,
                value => value,
            };
        }
        Ok(())
    }

    fn constant(&self, stream: u64, index: usize, _: usize) -> Residue<P> {
        self.random(Purpose::Constant, [stream, index as u64])
    }

    fn largest(&self, _: &[Residue<P>]) -> Residue<P> {
        Residue::zero()
    }
}
