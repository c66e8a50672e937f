//! e^x in double precision, of whole columns at once: additions and multiplications that are not fused, so that a machine with wider
//! vectors gives the same digits.
//!
//! *Error.* x = k log 2 + r + c with an integer k and |r| ≤ 0.3466, where c is what r was rounded by: k times the upper part of log 2 has no more than
//! 44 digits, and the difference to x is exact (Cody and Waite 1980). Then eˣ = 2ᵏ (1 + (r + s)) with s = c + r² q(r) and q the Taylor polynomial of
//! (eʳ − 1 − r)/r² of degree 11, with an error of 2⁻⁵⁷. In units of 2⁻⁵³ the rounding of r + s adds at most 1/4, that of s at most 0.24 for r > 0
//! and 0.19 for r < 0, and the last addition half a digit, which is 1 for r > 0 and 1/2 for r < 0: less than one digit of eˣ altogether, whether that
//! is 2⁻⁵² or 2⁻⁵³ of the power of two below it. Numbers below 2⁻¹⁰²² are rounded once more.

/// log 2 as a number of 33 digits and the rest.
const LOG_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];

/// A number plus this is rounded to an integer, which stands in the last digits.
const ROUNDING: f64 = 6_755_399_441_055_744.0;

/// 1/k! for 2 ≤ k ≤ 13.
const TAYLOR: [f64; 12] = {
    let (mut all, mut factorial, mut k) = ([0.0; 12], 1.0, 2);
    while k < 14 {
        factorial *= k as f64;
        all[k - 2] = 1.0 / factorial;
        k += 1;
    }
    all
};

/// Beyond these e^x is infinite or zero.
const ENDS: [f64; 2] = [-746.0, 710.0];

/// e^x, with an error below one unit in the last place.
#[inline(always)]
pub(super) fn exp(x: f64) -> f64 {
    // NaN is left as it is.
    let x = if x < ENDS[0] { ENDS[0] } else { x };
    let x = if x > ENDS[1] { ENDS[1] } else { x };
    let rounded = x * std::f64::consts::LOG2_E + ROUNDING;
    let (whole, k) = (rounded - ROUNDING, rounded.to_bits().wrapping_sub(ROUNDING.to_bits()) as i64);
    let (upper, lower) = (x - whole * LOG_2[0], whole * LOG_2[1]);
    let r = upper - lower;
    let c = (upper - r) - lower;
    let mut q = TAYLOR[11];
    for coefficient in TAYLOR[..11].iter().rev() {
        q = q * r + coefficient;
    }
    let value = 1.0 + (r + (c + r * r * q));
    // In two steps, as 2ᵏ may be no number where the result is one.
    let half = k >> 1;
    value * power_of_two(half) * power_of_two(k - half)
}

/// 2ᵏ for |k| < 1023.
#[inline(always)]
fn power_of_two(k: i64) -> f64 {
    f64::from_bits((k.wrapping_add(1023) as u64) << 52)
}

/// The same of each number.
pub(super) fn exp_of(x: &[f64], into: &mut [f64]) {
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || into.iter_mut().zip(x).for_each(|(into, x)| *into = exp(*x)),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::arbitrary::centred;
    use crate::eval::{Enclosed, Enclosure, Oracle, Transcendental};

    /// How many units in the last place a value is from the true one, at most: both divided by the power of two next to them.
    fn units(x: f64) -> f64 {
        let k = (x / std::f64::consts::LN_2).round();
        let half = k as i64 >> 1;
        let value = exp(x) * power_of_two(-half) * power_of_two(half - k as i64);
        let unit = f64::from_bits(value.to_bits() + 1) - value;
        let of = |function, x: &Enclosure<2>| Enclosed.value(function, x).unwrap_or_else(|e| panic!("{x:?}: {e}"));
        let shift = of(Transcendental::Log, &Enclosure::exactly(2.0)) * Enclosure::exactly(k);
        let truth = of(Transcendental::Exp, &(Enclosure::exactly(x) - shift));
        (truth - Enclosure::exactly(value)).most() / unit
    }

    #[test]
    fn exponentials_are_right_to_the_last_digit() {
        let near = (0..20_000).map(|k| centred(1, k));
        let far = (0..20_000).map(|k| 400.0 * centred(2, k));
        let halves = (-1000..1000).map(|k| (f64::from(k) + 0.5) * std::f64::consts::LN_2);
        for x in near.chain(far).chain(halves) {
            let units = units(x);
            assert!(units < 1.0, "e^{x:e} is {units} units in the last place away");
        }
    }

    #[test]
    fn exponentials_at_the_ends() {
        assert_eq!([0.0, -0.0].map(exp), [1.0, 1.0]);
        assert_eq!([f64::INFINITY, 710.0, 1e300].map(exp), [f64::INFINITY; 3]);
        assert_eq!([f64::NEG_INFINITY, -746.0, -1e300].map(exp), [0.0; 3]);
        assert!(exp(f64::NAN).is_nan() && exp(709.78).is_finite() && exp(-745.0) > 0.0);
        let x: Vec<f64> = (0..37).map(|k| 300.0 * centred(3, k)).collect();
        let mut values = vec![0.0; 37];
        exp_of(&x, &mut values);
        assert!(x.iter().zip(&values).all(|(x, value)| exp(*x) == *value));
    }
}
