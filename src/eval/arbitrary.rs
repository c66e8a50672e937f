//! One fixed smooth function for each name, over any numbers that have sines and hyperbolic tangents: what holds for every function holds
//! for it.

use super::number::mix;
use super::{Elementwise, EvalError, Number};
use crate::term::{Equation, Parity};

/// A number in (−1, 1) that depends on its arguments only.
pub(super) fn centred(stream: u64, index: u64) -> f64 {
    (mix(stream, index) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// The derivatives of order 0, 1, … of a fixed function of a name:
/// `a sin(ωx + s) + b tanh(νx + t) + c x`, without the shifts where it must be odd, and `a cos(ωx) + b x tanh(νx)`
/// where it must be even.
pub(super) fn arbitrary<T: Number>(
    oracle: &T::Oracle,
    number: impl Fn(f64) -> T,
    stream: u64,
    parity: Parity,
    x: &T,
    out: &mut [T],
) -> Result<(), EvalError> {
    let c = |i| centred(stream, i);
    let (omega, nu) = (number(1.3 + 0.4 * c(0)), number(0.9 + 0.3 * c(1)));
    let (a, b, linear) = (number(0.6 + 0.2 * c(2)), number(0.8 + 0.2 * c(3)), number(0.5 * c(4)));
    let shifted = parity == Parity::Neither;
    let shift = |x: T, by: f64| if shifted { x + number(by) } else { x };
    let wave = if parity == Parity::Even { Equation::Cos } else { Equation::Sin };
    let mut tanh = vec![T::zero(); out.len()];
    Elementwise::Solution(wave).derivatives(&shift(omega.clone() * x.clone(), c(5)), oracle, out)?;
    let inner = shift(nu.clone() * x.clone(), 0.7 * c(6));
    Elementwise::Solution(Equation::Tanh).derivatives(&inner, oracle, &mut tanh)?;
    let (mut of_wave, mut of_tanh) = (a, T::one());
    for (d, t) in out.iter_mut().zip(&mut tanh) {
        *d = of_wave.clone() * d.clone();
        *t = of_tanh.clone() * t.clone();
        (of_wave, of_tanh) = (of_wave * omega.clone(), of_tanh * nu.clone());
    }
    for k in 0..out.len() {
        let step = match (parity, k) {
            (Parity::Even, 0) => x.clone() * tanh[0].clone(),
            (Parity::Even, _) => x.clone() * tanh[k].clone() + T::from_integer(k as i64) * tanh[k - 1].clone(),
            _ => tanh[k].clone(),
        };
        let line = match (parity, k) {
            (Parity::Even, _) => T::zero(),
            (_, 0) => linear.clone() * x.clone(),
            (_, 1) => linear.clone(),
            _ => T::zero(),
        };
        out[k] = out[k].clone() + b.clone() * step + line;
    }
    Ok(())
}
