//! The functions of one exact probe: to each argument in 𝔽_p a pseudo-random value, from which all derivatives follow.

use super::number::{Number, Oracle, Parity, Transcendental, mix};
use super::{EvalError, Prime};
use crate::term::Rational;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// An oracle over 𝔽_p: signs, transcendental values and generic functions are a pseudo-random function of the seed and
/// the argument. Equal arguments get equal answers, wherever they occur and however often they are evaluated; f(−x)
/// follows from f(x) where it does over the reals. Roots are the true ones.
#[derive(Clone, Copy, Debug)]
pub struct Probe {
    seed: u64,
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
        Probe { seed }
    }

    fn word(self, purpose: Purpose, words: [u64; 2]) -> u64 {
        words.into_iter().fold(mix(self.seed, purpose as u64), mix)
    }

    /// A non-zero residue.
    fn random(self, purpose: Purpose, words: [u64; 2]) -> Prime {
        let x = Prime::new(self.word(purpose, words));
        if x.is_zero() { Prime::one() } else { x }
    }

    /// e^x, with e^0 = 1 and e^(−x) = 1/e^x.
    fn exp(self, x: Prime) -> Result<Prime, EvalError> {
        let (positive, negative) = x.canonical();
        if positive.is_zero() {
            return Ok(Prime::one());
        }
        let value = self.random(Purpose::Exp, [positive.residue(), 0]);
        if negative { value.reciprocal() } else { Ok(value) }
    }

    /// sin x and cos x: a point of the circle.
    fn circle(self, x: Prime) -> Result<(Prime, Prime), EvalError> {
        let (positive, negative) = x.canonical();
        if positive.is_zero() {
            return Ok((Prime::zero(), Prime::one()));
        }
        let t = self.random(Purpose::Angle, [positive.residue(), 0]);
        // −1 is not a square modulo p, hence 1 + t² ≠ 0.
        let scale = (Prime::one() + t * t).reciprocal()?;
        let sin = (t + t) * scale;
        Ok((if negative { -sin } else { sin }, (Prime::one() - t * t) * scale))
    }
}

impl Oracle<Prime> for Probe {
    fn is_positive(&self, x: &Prime) -> bool {
        let (positive, negative) = x.canonical();
        (self.word(Purpose::Sign, [positive.residue(), 0]) & 1 == 1) != negative
    }

    fn value(&self, function: Transcendental, x: &Prime) -> Result<Prime, EvalError> {
        let one = Prime::one();
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
            Transcendental::Softplus => at(Purpose::Softplus) - if negative { positive } else { Prime::zero() },
            Transcendental::Log if x.is_zero() => return Err(EvalError::Logarithm),
            Transcendental::Log if *x == one => Prime::zero(),
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

    fn power(&self, x: &Prime, q: &Rational) -> Result<Prime, EvalError> {
        let too_large = || EvalError::Unsupported(format!("the power {q}"));
        let order = q.denom().to_u64().ok_or_else(too_large)?;
        let exponent = q.numer().abs().to_u64().ok_or_else(too_large)?;
        let power = x.root(order).ok_or(EvalError::NoSquareRoot)?.pow(exponent);
        if q.is_negative() { power.reciprocal() } else { Ok(power) }
    }

    /// Independent derivatives of every order, as far as the parity allows.
    fn generic(&self, stream: u64, parity: Parity, x: &Prime, out: &mut [Prime]) -> Result<(), EvalError> {
        let (positive, negative) = x.canonical();
        for (k, d) in out.iter_mut().enumerate() {
            let at = |x: Prime| self.random(Purpose::Generic, [mix(stream, k as u64), x.residue()]);
            let odd = match parity {
                Parity::Neither => {
                    *d = at(*x);
                    continue;
                }
                Parity::Odd => k % 2 == 0,
                Parity::Even => k % 2 == 1,
            };
            *d = match at(positive) {
                _ if odd && positive.is_zero() => Prime::zero(),
                value if odd && negative => -value,
                value => value,
            };
        }
        Ok(())
    }

    fn constant(&self, stream: u64, index: usize, _: usize) -> Prime {
        self.random(Purpose::Constant, [stream, index as u64])
    }

    fn largest(&self, _: &[Prime]) -> Prime {
        Prime::zero()
    }
}
