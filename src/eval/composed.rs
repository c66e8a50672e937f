//! Elementwise functions that are written in others, and their derivatives of every order, as primitives of the tape.

use super::tape::{Primitive, Slot, Tape};
use super::{Elementwise, EvalError};
use crate::term::{Env, Formula, Rational};
use num_traits::Zero;

impl Tape {
    /// The derivative of some order of a formula at the entries of x.
    pub(super) fn composed(&mut self, formula: &Formula, order: usize, x: Slot) -> Result<Slot, EvalError> {
        let value = self.derivative_of(formula, order, x)?;
        Ok(value.unwrap_or_else(|| self.like(x, Primitive::Constant(Rational::zero()))))
    }

    /// The same; nothing where it is zero.
    fn derivative_of(&mut self, formula: &Formula, order: usize, x: Slot) -> Result<Option<Slot>, EvalError> {
        Ok(match formula {
            Formula::Argument if order == 0 => Some(x),
            Formula::Argument if order == 1 => Some(self.everywhere(1, 1, x)),
            Formula::Number(n, d) if order == 0 => Some(self.everywhere(*n, *d, x)),
            Formula::Argument | Formula::Number(..) => None,
            Formula::Sum(parts) => {
                let mut sum = None;
                for part in *parts {
                    let term = self.derivative_of(part, order, x)?;
                    sum = self.plus(sum, term);
                }
                sum
            }
            Formula::Product([]) => self.derivative_of(&Formula::Number(1, 1), order, x)?,
            Formula::Product([factor]) => self.derivative_of(factor, order, x)?,
            Formula::Product([Formula::Number(n, d), rest @ ..]) => {
                let rest = self.derivative_of(&Formula::Product(rest), order, x)?;
                rest.map(|rest| self.scaled(Rational::new((*n).into(), (*d).into()), rest))
            }
            Formula::Product([first, rest @ ..]) => self.leibniz(order, |tape, i, j| {
                let first = tape.derivative_of(first, i, x)?;
                let rest = tape.derivative_of(&Formula::Product(rest), j, x)?;
                Ok(first.zip(rest))
            })?,
            Formula::Of(name, argument) => self.chain(name, 0, argument, order, x)?,
        })
    }

    /// The derivative of f⁽ᵏ⁾∘g, of which the first is (f⁽ᵏ⁺¹⁾∘g)·g′.
    fn chain(&mut self, f: &str, k: usize, g: &Formula, order: usize, x: Slot) -> Result<Option<Slot>, EvalError> {
        let Some(less) = order.checked_sub(1) else {
            let function = Elementwise::named(f.into(), &Env::default())?;
            let argument = self.composed(g, 0, x)?;
            return Ok(Some(self.apply(function, k, argument)));
        };
        self.leibniz(less, |tape, i, j| {
            let outer = tape.chain(f, k + 1, g, i, x)?;
            let inner = tape.derivative_of(g, j + 1, x)?;
            Ok(outer.zip(inner))
        })
    }

    /// The derivative of a product from those of its factors: Σ (n over i) u⁽ⁱ⁾ v⁽ⁿ⁻ⁱ⁾.
    fn leibniz(
        &mut self,
        order: usize,
        factors: impl Fn(&mut Tape, usize, usize) -> Result<Option<(Slot, Slot)>, EvalError>,
    ) -> Result<Option<Slot>, EvalError> {
        let (mut sum, mut binomial) = (None, 1);
        for i in 0..=order {
            let product = factors(self, i, order - i)?.map(|(u, v)| {
                let product = self.like(u, Primitive::Hadamard(u, v));
                if binomial == 1 { product } else { self.scaled(Rational::from_integer(binomial.into()), product) }
            });
            sum = self.plus(sum, product);
            binomial = binomial * (order - i) as i64 / (i as i64 + 1);
        }
        Ok(sum)
    }

    fn plus(&mut self, x: Option<Slot>, y: Option<Slot>) -> Option<Slot> {
        match (x, y) {
            (Some(x), Some(y)) => Some(self.like(x, Primitive::Add(x, y))),
            (x, y) => x.or(y),
        }
    }

    fn everywhere(&mut self, n: i64, d: i64, x: Slot) -> Slot {
        self.like(x, Primitive::Constant(Rational::new(n.into(), d.into())))
    }
}
