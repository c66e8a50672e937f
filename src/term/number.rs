//! Exact arithmetic on the numbers of a formula, with a bound on their length: powers of powers would fill the memory.

use super::{Op, Rational};
use num_traits::{One, Zero};

/// The most bits of a numerator or denominator that is computed.
pub const NUMBER_BITS: u64 = 4096;

/// The largest exponent that is evaluated.
const EXPONENT: i32 = 64;

/// A sum, a product or a power of exact numbers, where it is a rational number that is not too long.
pub fn arithmetic(op: Op, x: &Rational, y: &Rational) -> Option<Rational> {
    let value = match op {
        Op::Add => x + y,
        Op::Mul => x * y,
        Op::Pow if x.is_one() => Rational::one(),
        Op::Pow if y.is_integer() => {
            let exponent = i32::try_from(y.to_integer()).ok().filter(|e| (-EXPONENT..=EXPONENT).contains(e))?;
            let defined = exponent >= 0 || !x.is_zero();
            let length = bits(x).saturating_mul(exponent.unsigned_abs().into());
            // The first bit of the base is not multiplied.
            let short = length <= NUMBER_BITS + u64::from(exponent.unsigned_abs());
            (defined && short).then(|| x.pow(exponent))?
        }
        _ => return None,
    };
    (bits(&value) <= NUMBER_BITS).then_some(value)
}

/// The length of the longer of numerator and denominator.
fn bits(x: &Rational) -> u64 {
    x.numer().bits().max(x.denom().bits())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_powers_end_where_numbers_become_long() {
        let whole = |n: i64| Rational::from_integer(n.into());
        let power = |x: &Rational| arithmetic(Op::Pow, x, &whole(64));
        let once = power(&whole(2)).expect("2^64");
        assert_eq!(power(&once), None);
        assert_eq!(arithmetic(Op::Pow, &once, &whole(63)).map(|x| bits(&x)), Some(4033));
        assert_eq!(arithmetic(Op::Pow, &Rational::zero(), &whole(-1)), None);
        assert_eq!(arithmetic(Op::Pow, &whole(2), &whole(-2)), Some(Rational::new(1.into(), 4.into())));
    }
}
