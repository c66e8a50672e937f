//! The functions of one exact probe: to each argument in 𝔽_p a pseudo-random value, from which all derivatives follow.

use super::circle::Point;
use super::number::{Number, Oracle, Transcendental, mix};
use super::{EvalError, Gates, Residue};
use crate::term::{Parity, Rational};
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::Arc;

/// An oracle over 𝔽_p: transcendental values and generic functions are a pseudo-random function of the seed and
/// the argument. Equal arguments get equal answers, wherever they occur and however often they are evaluated; f(−x)
/// follows from f(x) where it does over the reals. Roots are the true ones. Signs are those of a real point, where the gates
/// there are known; else they are pseudo-random as well.
///
/// A probe that has climbed the tower of a formula ([`Climb`](super::Climb)) knows the exponentials and logarithms in it,
/// with all their relations; elsewhere values are independent.
#[derive(Clone, Debug)]
pub struct Probe {
    seed: u64,
    known: Arc<Known>,
    gates: Option<Gates>,
}

/// Values at arguments.
#[derive(Clone, Debug, Default)]
struct Known {
    exponentials: HashMap<u64, u64>,
    logarithms: HashMap<u64, u64>,
    /// cos and sin.
    points: HashMap<u64, (u64, u64)>,
}

/// What a pseudo-random number is for.
#[derive(Clone, Copy)]
enum Purpose {
    Sign,
    Exp,
    Log,
    Angle,
    NormalCdf,
    NormalPdf,
    Pi,
    Generic,
    Constant,
}

impl Probe {
    pub fn new(seed: u64) -> Probe {
        Probe { seed, known: Arc::default(), gates: None }
    }

    /// The same functions with the gates of a real point.
    pub fn with(self, gates: Gates) -> Probe {
        Probe { gates: Some(gates), ..self }
    }

    fn word(&self, purpose: Purpose, words: [u64; 2]) -> u64 {
        words.into_iter().fold(mix(self.seed, purpose as u64), mix)
    }

    /// A residue that has a reciprocal.
    fn random<const P: u64>(&self, purpose: Purpose, words: [u64; 2]) -> Residue<P> {
        let x: Residue<P> = Residue::new(self.word(purpose, words));
        if x.is_zero() { Residue::one() } else { x }
    }

    /// The value drawn for e^z; 1/e^(−z) is the same. It has roots of small order, and these are unique, as those of a
    /// positive real number.
    pub(super) fn exponential_of<const P: u64>(&self, z: Residue<P>) -> Result<Residue<P>, EvalError> {
        let (positive, negative) = z.canonical();
        let value = self.random::<P>(Purpose::Exp, [positive.residue(), 0]).pow(Residue::<P>::SMALL_ORDERS);
        if negative { value.reciprocal() } else { Ok(value) }
    }

    /// The value drawn for log u.
    pub(super) fn logarithm_of<const P: u64>(&self, u: Residue<P>) -> Residue<P> {
        self.random(Purpose::Log, [u.residue(), 0])
    }

    /// The point drawn for a part of an angle.
    pub(super) fn point_of<const P: u64>(&self, angle: Residue<P>) -> Result<Point<P>, EvalError> {
        let (positive, negative) = angle.canonical();
        let point = Point::of_slope(self.random(Purpose::Angle, [positive.residue(), 0]))?;
        Ok(if negative { point.reflected() } else { point })
    }

    pub(super) fn learn_exponential<const P: u64>(&mut self, z: Residue<P>, is: Residue<P>) -> Result<(), EvalError> {
        learn(&mut Arc::make_mut(&mut self.known).exponentials, z.residue(), is.residue())
    }

    pub(super) fn learn_logarithm<const P: u64>(&mut self, u: Residue<P>, is: Residue<P>) -> Result<(), EvalError> {
        learn(&mut Arc::make_mut(&mut self.known).logarithms, u.residue(), is.residue())
    }

    pub(super) fn learn_point<const P: u64>(&mut self, z: Residue<P>, is: Point<P>) -> Result<(), EvalError> {
        learn(&mut Arc::make_mut(&mut self.known).points, z.residue(), (is.cos.residue(), is.sin.residue()))
    }

    /// x^q for x ≠ 0, by a root where q is no integer.
    pub(super) fn rational_power<const P: u64>(&self, x: Residue<P>, q: &Rational) -> Result<Residue<P>, EvalError> {
        match q.is_integer().then(|| q.numer().to_i64()).flatten() {
            Some(n) if n < 0 => Ok(x.reciprocal()?.pow(n.unsigned_abs())),
            Some(n) => Ok(x.pow(n.unsigned_abs())),
            None => self.power(&x, q),
        }
    }

    /// e^x, with e^0 = 1.
    pub(super) fn exp<const P: u64>(&self, x: Residue<P>) -> Result<Residue<P>, EvalError> {
        match self.known.exponentials.get(&x.residue()) {
            Some(&known) => Ok(Residue::new(known)),
            None if x.is_zero() => Ok(Residue::one()),
            None => self.exponential_of(x),
        }
    }

    fn log<const P: u64>(&self, x: Residue<P>) -> Result<Residue<P>, EvalError> {
        if let Some(&known) = self.known.logarithms.get(&x.residue()) {
            return Ok(Residue::new(known));
        }
        match x {
            x if x.is_zero() => Err(EvalError::Logarithm),
            x if x.is_one() => Ok(Residue::zero()),
            x => Ok(self.logarithm_of(x)),
        }
    }

    /// cos x and sin x: a point of the circle.
    fn circle<const P: u64>(&self, x: Residue<P>) -> Result<Point<P>, EvalError> {
        match self.known.points.get(&x.residue()) {
            Some(&(cos, sin)) => Ok(Point { cos: Residue::new(cos), sin: Residue::new(sin) }),
            None if x.is_zero() => Ok(Point::zero()),
            None => {
                let part = self.point_of(x)?;
                Ok(part.times(&Rational::one()).unwrap_or(part))
            }
        }
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
            Transcendental::Sigmoid => {
                let exp = self.exp(*x)?;
                exp * (one + exp).reciprocal()?
            }
            Transcendental::Tanh => {
                let square = num_traits::pow(self.exp(*x)?, 2);
                (square - one) * (square + one).reciprocal()?
            }
            Transcendental::Softplus => self.log(one + self.exp(*x)?)?,
            Transcendental::Log => self.log(*x)?,
            Transcendental::Sin => self.circle(*x)?.sin,
            Transcendental::Cos => self.circle(*x)?.cos,
            Transcendental::NormalCdf if x.is_zero() => (one + one).reciprocal()?,
            Transcendental::NormalCdf => {
                let value = at(Purpose::NormalCdf);
                if negative { one - value } else { value }
            }
            Transcendental::Pi => self.random(Purpose::Pi, [0, 0]),
            // (2π)^(−1/2) e^(−x²/2).
            Transcendental::NormalPdf => {
                let density = self.exp(-(*x * *x * Residue::new(2).reciprocal()?))?;
                density * self.random(Purpose::NormalPdf, [0, 0])
            }
        })
    }

    fn power(&self, x: &Residue<P>, q: &Rational) -> Result<Residue<P>, EvalError> {
        let too_large = || EvalError::Unsupported(format!("the power {q}"));
        let order = q.denom().to_u64().ok_or_else(too_large)?;
        let exponent = q.numer().abs().to_u64().ok_or_else(too_large)?;
        let power = x.root(order).ok_or(EvalError::ROOTLESS)?.pow(exponent);
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

/// Two arguments that agree by accident in a finite field may not share a value.
fn learn<K: Hash + Eq, V: PartialEq>(known: &mut HashMap<K, V>, at: K, value: V) -> Result<(), EvalError> {
    match known.entry(at) {
        Entry::Vacant(entry) => {
            entry.insert(value);
            Ok(())
        }
        Entry::Occupied(entry) if *entry.get() == value => Ok(()),
        Entry::Occupied(_) => Err(EvalError::Coincidence),
    }
}
