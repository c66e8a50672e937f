//! Powers and positively homogeneous functions of natural degree in floating point: their derivatives are powers on each side of zero, so that
//! whole columns are filled by one multiplication or two, where the recurrence for every kind of number is run for each entry.

use super::number::Number;
use super::{Elementwise, EvalError, Exponent};
use faer::Mat;

/// `plus·xⁿ` for x > 0, `minus·|x|ⁿ` else, n ≥ 1 or the same on both sides.
pub(super) struct Pieces {
    plus: f64,
    minus: f64,
    exponent: u32,
}

impl Pieces {
    /// The function, if it is one of these.
    pub(super) fn of(function: &Elementwise) -> Result<Option<Pieces>, EvalError> {
        Ok(match function {
            Elementwise::Power(Exponent::Natural(n)) => {
                let minus = if n.is_multiple_of(2) { 1.0 } else { -1.0 };
                Some(Pieces { plus: 1.0, minus, exponent: *n })
            }
            Elementwise::Homogeneous { plus, minus, degree: Exponent::Natural(n @ 1..) } => {
                Some(Pieces { plus: f64::from_rational(plus)?, minus: f64::from_rational(minus)?, exponent: *n })
            }
            _ => None,
        })
    }

    /// The derivative of some order at every entry of x, into zeros.
    pub(super) fn derivative(&self, order: u32, x: &Mat<f64>, into: &mut Mat<f64>) {
        let Some(left) = self.exponent.checked_sub(order) else { return };
        let falling: f64 = (left + 1..=self.exponent).map(f64::from).product();
        let sign = if order.is_multiple_of(2) { 1.0 } else { -1.0 };
        let [plus, minus] = [falling * self.plus, falling * sign * self.minus];
        match left {
            0 => piecewise(x, into, plus, minus, |_| 1.0),
            1 => piecewise(x, into, plus, minus, |x| x),
            2 => piecewise(x, into, plus, minus, |x| x * x),
            _ => piecewise(x, into, plus, minus, |x| num_traits::pow(x, left as usize)),
        }
    }
}

/// `plus·f(x)` where x > 0, `minus·f(|x|)` where not.
fn piecewise(x: &Mat<f64>, into: &mut Mat<f64>, plus: f64, minus: f64, f: impl Fn(f64) -> f64) {
    for j in 0..x.ncols() {
        for (into, x) in into.col_as_slice_mut(j).iter_mut().zip(x.col_as_slice(j)) {
            *into = if *x > 0.0 { plus * f(*x) } else { minus * f(-x) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Matrix, Reals};
    use crate::term::Rational;

    #[test]
    fn pieces_have_the_derivatives_of_the_recurrence() {
        let ratio = |n: i64, d: i64| Rational::new(n.into(), d.into());
        let homogeneous = |degree: i64| Elementwise::Homogeneous {
            plus: ratio(9, 8),
            minus: ratio(-1, 4),
            degree: ratio(degree, 1).into(),
        };
        let powers = (0..5).map(|n| Elementwise::Power(ratio(n, 1).into()));
        let x = Mat::from_fn(3, 2, |i, j| [0.5, -0.75, 0.0, -0.0, 1.5, -2.0][i * 2 + j]);
        for function in powers.chain((1..4).map(homogeneous)) {
            let found = Matrix::derivatives(&x, &function, 1, 5, &Reals).unwrap();
            let mut expected = [0.0; 6];
            for (i, j) in (0..3).flat_map(|i| (0..2).map(move |j| (i, j))) {
                function.derivatives(&x[(i, j)], &Reals, &mut expected).unwrap();
                let found: Vec<f64> = found.iter().map(|d| d[(i, j)]).collect();
                assert_eq!(found, expected[1..], "{function:?} at {}", x[(i, j)]);
            }
        }
    }
}
