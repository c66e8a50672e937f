//! Jets as numbers whose functions are expanded.

use super::expansion::Expansion;
use super::jet::Jet;
use super::number::Number;
use super::{EvalError, Residue};
use crate::term::Rational;
use num_rational::Ratio;
use num_traits::{ToPrimitive, Zero};

impl<const P: u64, const K: usize> Number for Jet<P, K> {
    type Oracle = Expansion;

    fn from_integer(n: i64) -> Self {
        Jet::known(Residue::from_integer(n), Some(Ratio::from_integer(n)))
    }

    fn from_rational(q: &Rational) -> Result<Self, EvalError> {
        let base = q.numer().to_i64().zip(q.denom().to_i64()).map(|(n, d)| Ratio::new(n, d));
        Ok(Jet::known(Residue::from_rational(q)?, base))
    }

    /// From x y = 1, coefficient by coefficient. What is zero at t = 0 has no reciprocal here.
    fn reciprocal(&self) -> Result<Self, EvalError> {
        let x = &self.coefficients;
        let first = x[0].reciprocal()?;
        let mut out = [Residue::zero(); K];
        out[0] = first;
        for k in 1..K {
            out[k] = -(Residue::sum_of_products((1..=k).map(|j| (x[j], out[k - j]))) * first);
        }
        let base = self.base.filter(|base| !base.is_zero()).map(|base| base.recip());
        Ok(Jet { coefficients: out, base, constants: self.constants })
    }

    fn dot(a: &[Self], b: &[Self]) -> Self {
        Jet::sum_of_products(a, b)
    }
}
