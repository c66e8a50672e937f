//! Rational numbers from their residues.

use crate::eval::{Number, Residue};
use crate::term::Rational;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

/// The rational a/b ≡ x modulo P with |a|, b ≤ √(P/2), if there is one; it is then the only one (Wang 1981).
pub fn rational<const P: u64>(x: Residue<P>) -> Option<Rational> {
    let bound = (P / 2).isqrt();
    let (mut r, mut s) = (i128::from(P), i128::from(x.residue()));
    let (mut a, mut b) = (0i128, 1i128);
    while s > i128::from(bound) {
        let quotient = r / s;
        (r, s) = (s, r - quotient * s);
        (a, b) = (b, a - quotient * b);
    }
    let fits = b != 0 && b.unsigned_abs() <= u128::from(bound);
    fits.then(|| Rational::new(s.into(), b.into()))
}

/// The rational vector with these residues modulo P, if it has the residues `check` modulo Q as well.
pub fn rational_vector<const P: u64, const Q: u64>(x: &[Residue<P>], check: &[Residue<Q>]) -> Option<Vec<Rational>> {
    if x.len() != check.len() {
        return None;
    }
    x.iter()
        .zip(check)
        .map(|(&x, &y)| {
            if x.is_zero() && y.is_zero() {
                return Some(Rational::zero());
            }
            rational(x).filter(|q| Residue::from_rational(q).is_ok_and(|residue: Residue<Q>| residue == y))
        })
        .collect()
}

/// A rational multiple of a vector with coprime integer entries, the first of them positive.
pub fn primitive(x: &[Rational]) -> Vec<Rational> {
    let denominator = x.iter().fold(BigInt::one(), |lcm, q| lcm.lcm(q.denom()));
    let numerators = x.iter().map(|q| (q * Rational::from_integer(denominator.clone())).to_integer());
    let numerators: Vec<_> = numerators.collect();
    let divisor = numerators.iter().fold(BigInt::zero(), |gcd, n| gcd.gcd(n));
    if divisor.is_zero() {
        return x.to_vec();
    }
    let first = numerators.iter().find(|n| !n.is_zero());
    let sign = if first.is_some_and(Signed::is_negative) { -1 } else { 1 };
    numerators.into_iter().map(|n| Rational::from_integer(n / &divisor * sign)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Prime, Rooted};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_small_fraction_is_recovered_from_its_residue(a in -1_000_000_000i64..1_000_000_000, b in 1i64..1_000_000_000) {
            let q = Rational::new(a.into(), b.into());
            let (x, y) = (Prime::from_rational(&q)?, Rooted::from_rational(&q)?);
            prop_assert_eq!(rational(x), Some(q.clone()));
            prop_assert_eq!(rational_vector(&[x], &[y]), Some(vec![q]));
            prop_assert_eq!(rational_vector(&[x], &[y + Rooted::new(1)]), None);
        }
    }
}
