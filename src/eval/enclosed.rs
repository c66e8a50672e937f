//! Functions of enclosed real numbers: series with the bounds of what is left out.

use super::arbitrary::arbitrary;
use super::enclosure::{Enclosed, Enclosure};
use super::number::{Number, Oracle, Transcendental};
use super::{EvalError, Reals};
use crate::term::{Parity, Rational};
use num_traits::{One, Zero};

/// Arguments of exponentials and of sines beyond this are not followed.
const FAR: f64 = 300.0;

/// And of the normal distribution, beyond which it is next to 0 or 1.
const DEVIATIONS: f64 = 25.0;

/// How many halvings bring a magnitude below 1/64.
fn halvings<const N: usize>(x: Enclosure<N>, far: f64) -> Result<i64, EvalError> {
    let most = x.most();
    if most.is_nan() || most > far {
        return Err(EvalError::Undecided);
    }
    Ok((0..20).find(|k| most * 0.5f64.powi(*k) < 1.0 / 64.0).unwrap_or(20).into())
}

/// Less than the last digit of a number next to 1, as small as what is left out of a series.
fn left_out<const N: usize>() -> f64 {
    0.5f64.powi(Enclosure::<N>::DIGITS as i32 + 8)
}

/// Σ c(k) x^k/k! for |x| < 1/64 and |c(k)| ≤ 1. Behind the power n less than 2 · 64^(−n)/n! is left out.
fn series<const N: usize>(x: Enclosure<N>, coefficient: impl Fn(u32) -> i64) -> Enclosure<N> {
    let (mut terms, mut rest) = (0u32, 2.0);
    while rest > left_out::<N>() {
        terms += 1;
        rest /= 64.0 * f64::from(terms);
    }
    let mut sum = Enclosure::ZERO;
    for k in (0..=terms).rev() {
        sum = (sum * x).divided(k + 1) + Enclosure::from_integer(coefficient(k));
    }
    sum.widened(left_out::<N>())
}

fn exponential<const N: usize>(x: Enclosure<N>) -> Result<Enclosure<N>, EvalError> {
    let k = halvings(x, FAR)?;
    let mut value = series(x.scaled(-k), |_| 1);
    for _ in 0..k {
        value = value.squared();
    }
    Ok(value)
}

/// The first digits are those of floats, the others of log(x e^(−y)) = z − z²/2 + z³/3 − …, z = x e^(−y) − 1.
fn logarithm<const N: usize>(x: Enclosure<N>) -> Result<Enclosure<N>, EvalError> {
    if x.sign() != Some(true) {
        return Err(EvalError::Logarithm);
    }
    let y = Enclosure::exactly(x.middle().ln());
    let z = x * exponential(-y)? - Enclosure::one();
    // 2⁻³⁶.
    if z.most().is_nan() || z.most() > 1.4e-11 {
        return Err(EvalError::Undecided);
    }
    let (mut power, mut sum) = (z, z);
    for k in 2..2 + Enclosure::<N>::DIGITS / 36 {
        power = -(power * z);
        sum = sum + power.divided(k);
    }
    // What is left out is less than the last power times |z|/(1 − |z|).
    Ok(y + sum + (power * z).spread(1.01))
}

/// cos x and sin x.
fn turned<const N: usize>(x: Enclosure<N>) -> Result<(Enclosure<N>, Enclosure<N>), EvalError> {
    let k = halvings(x, FAR)?;
    let x = x.scaled(-k);
    let mut cos = series(x, |k| [1, 0, -1, 0][k as usize % 4]);
    let mut sin = series(x, |k| [0, 1, 0, -1][k as usize % 4]);
    for _ in 0..k {
        (cos, sin) = (cos.squared() - sin.squared(), (cos * sin).scaled(1));
    }
    Ok((cos, sin))
}

/// √x for x > 0: with y next to it |√x − y| = |x − y²|/(√x + y).
fn root<const N: usize>(x: Enclosure<N>) -> Result<Enclosure<N>, EvalError> {
    if x.sign() != Some(true) {
        return Err(EvalError::ROOTLESS);
    }
    let mut y = Enclosure::exactly(x.middle().sqrt());
    for _ in 0..Enclosure::<N>::DOUBLINGS {
        y = (y + x.centre() * y.reciprocal()?).scaled(-1).centre();
    }
    let rest = (x - y.squared()).most();
    let size = y.middle();
    // Not for NaN.
    if rest < 1e-3 * size * size { Ok(y.widened(rest / (1.9 * size))) } else { Err(EvalError::Undecided) }
}

/// φ(x) = exp(−x²/2)/√(2π).
fn density<const N: usize>(x: Enclosure<N>) -> Result<Enclosure<N>, EvalError> {
    Ok(exponential(-x.squared().scaled(-1))? * root(Enclosure::pi().scaled(1))?.reciprocal()?)
}

/// Φ(x) = ½ + φ(x) Σ x^(2n+1)/(1·3·…·(2n+1)).
fn distribution<const N: usize>(x: Enclosure<N>) -> Result<Enclosure<N>, EvalError> {
    let most = x.most();
    if most.is_nan() || most > DEVIATIONS {
        return Err(EvalError::Undecided);
    }
    let square = x.squared();
    let (mut term, mut sum, mut n) = (x, x, 0u32);
    loop {
        n += 1;
        term = (term * square).divided(2 * n + 1);
        sum = sum + term;
        // From here on each term is at most half of the one before.
        if most * most < f64::from(n + 1) && term.most() < left_out::<N>() {
            break;
        }
    }
    Ok(Enclosure::exactly(0.5) + density(x)? * (sum + term.spread(1.01)))
}

impl<const N: usize> Oracle<Enclosure<N>> for Enclosed {
    fn is_positive(&self, x: &Enclosure<N>) -> Result<bool, EvalError> {
        if x.is_zero() { Ok(false) } else { x.sign().ok_or(EvalError::Undecided) }
    }

    fn value(&self, function: Transcendental, x: &Enclosure<N>) -> Result<Enclosure<N>, EvalError> {
        let one = Enclosure::one();
        match function {
            Transcendental::Exp => exponential(*x),
            Transcendental::Log => logarithm(*x),
            Transcendental::Sigmoid => (one + exponential(-*x)?).reciprocal(),
            Transcendental::Tanh => Ok(one - (one + exponential(x.scaled(1))?).reciprocal()?.scaled(1)),
            Transcendental::Softplus => logarithm(one + exponential(*x)?),
            Transcendental::Sin => Ok(turned(*x)?.1),
            Transcendental::Cos => Ok(turned(*x)?.0),
            Transcendental::NormalCdf => distribution(*x),
            Transcendental::NormalPdf => density(*x),
            Transcendental::Pi => Ok(Enclosure::pi()),
        }
    }

    fn power(&self, x: &Enclosure<N>, q: &Rational) -> Result<Enclosure<N>, EvalError> {
        if x.is_zero() {
            return if q > &Rational::zero() { Ok(*x) } else { Err(EvalError::Singular) };
        }
        let half = Rational::new(1.into(), 2.into());
        match () {
            () if *q == half => root(*x),
            () if -q == half => root(*x)?.reciprocal(),
            () if x.sign() != Some(true) => Err(EvalError::ROOTLESS),
            () => exponential(logarithm(*x)? * Enclosure::from_rational(q)?),
        }
    }

    fn generic(
        &self,
        stream: u64,
        parity: Parity,
        x: &Enclosure<N>,
        out: &mut [Enclosure<N>],
    ) -> Result<(), EvalError> {
        arbitrary(self, Enclosure::exactly, stream, parity, x, out)
    }

    fn constant(&self, stream: u64, index: usize, terms: usize) -> Enclosure<N> {
        Enclosure::exactly(Reals.constant(stream, index, terms))
    }

    fn largest(&self, _: &[Enclosure<N>]) -> Enclosure<N> {
        Enclosure::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// |x − y| as it is known.
    fn apart<const N: usize>(x: Enclosure<N>, y: Enclosure<N>) -> f64 {
        (x - y).most()
    }

    fn arguments<const N: usize>() -> impl Iterator<Item = Enclosure<N>> {
        (-24..=24).map(|n| Enclosure::from_rational(&Rational::new(n.into(), 7.into())).expect("a number"))
    }

    /// Functions are those of floats in the first digits, and satisfy their equations in almost all.
    fn functions<const N: usize>() {
        use Transcendental::*;
        let small = 0.5f64.powi(Enclosure::<N>::DIGITS as i32 - 32);
        for x in arguments::<N>() {
            for f in [Exp, Tanh, Sigmoid, Softplus, Sin, Cos, NormalCdf, NormalPdf] {
                let (value, float) = (Enclosed.value(f, &x).expect("a value"), Reals.value(f, &x.middle()));
                assert!(apart(value, Enclosure::exactly(float.expect("a value"))) < 1e-13, "{f:?} at {x:?}: {value:?}");
            }
            let of = |f, x: Enclosure<N>| Enclosed.value(f, &x).expect("a value");
            let (one, y) = (Enclosure::one(), x * Enclosure::exactly(0.75));
            assert!(apart(of(Exp, x) * of(Exp, y), of(Exp, x + y)) < small * of(Exp, x + y).most());
            assert!(apart(of(Log, of(Exp, x)), x) < small);
            assert!(apart(of(Softplus, x) - of(Softplus, -x), x) < small);
            assert!(apart(of(Sigmoid, x) + of(Sigmoid, -x), one) < small);
            assert!(apart(of(Tanh, x), of(Sigmoid, x.scaled(1)).scaled(1) - one) < small);
            assert!(apart(of(Sin, x).squared() + of(Cos, x).squared(), one) < small);
            assert!(apart(of(Sin, x + y), of(Sin, x) * of(Cos, y) + of(Cos, x) * of(Sin, y)) < small);
            assert!(apart(of(NormalCdf, x) + of(NormalCdf, -x), one) < small);
            let square = x.squared() + one;
            let power = |n: i64, d: i64| Enclosed.power(&square, &Rational::new(n.into(), d.into())).expect("a root");
            assert!(apart(power(1, 2).squared(), square) < small * square.most());
            assert!(apart(power(-1, 2) * power(1, 2), one) < small);
            assert!(apart(power(1, 3).squared() * power(1, 3), square) < small * square.most());
        }
        // (Φ(x + h) − Φ(x − h))/2h is φ at some number between.
        let h = 1.0 / (1u64 << 20) as f64;
        for x in arguments::<N>() {
            let at = |x| Enclosed.value(NormalCdf, &x).expect("a value");
            let step = Enclosure::exactly(h);
            let slope = (at(x + step) - at(x - step)) * Enclosure::exactly(0.5 / h);
            let density = Enclosed.value(NormalPdf, &x).expect("a value");
            assert!(apart(slope, density) < h * h, "{x:?}");
        }
    }

    #[test]
    fn functions_satisfy_their_equations() {
        functions::<2>();
        functions::<4>();
        functions::<8>();
    }

    #[test]
    fn what_is_not_known_to_be_defined_has_no_value() {
        let third = Enclosure::<2>::from_integer(3).reciprocal().expect("not zero");
        let around_zero = third * Enclosure::from_integer(3) - Enclosure::one();
        let half = Rational::new(1.into(), 2.into());
        assert!(Enclosed.value(Transcendental::Log, &around_zero).is_err());
        assert!(Enclosed.power(&around_zero, &half).is_err() && Enclosed.is_positive(&around_zero).is_err());
        assert!(Enclosed.power(&-Enclosure::<2>::one(), &half).is_err());
        assert!(Enclosed.value(Transcendental::Exp, &Enclosure::<2>::exactly(1e6)).is_err());
        assert_eq!(Enclosed.is_positive(&Enclosure::<2>::ZERO), Ok(false));
    }
}
