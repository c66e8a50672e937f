//! Of which pairs the functions of the table are made.

use crate::eval::number::Number;
use crate::eval::{EvalError, Probe, Residue};
use crate::term::Equation;

/// A pair of values that no field operation gives from one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pair {
    /// e^z from z.
    Exponential,
    /// log u from u.
    Logarithm,
    /// (cos z, sin z), the point e^(iz) of the circle, from z.
    Circle,
}

impl Pair {
    /// The pairs a function is algebraic in, in the order in which they are drawn. The normal distribution function is not
    /// made of any: its density is.
    pub fn of(equation: Equation) -> &'static [Pair] {
        match equation {
            Equation::Exp | Equation::Tanh | Equation::Sigmoid | Equation::Silu | Equation::Gelu => {
                &[Pair::Exponential]
            }
            Equation::Log => &[Pair::Logarithm],
            // log(1 + e^x).
            Equation::Softplus => &[Pair::Exponential, Pair::Logarithm],
            Equation::Sin | Equation::Cos => &[Pair::Circle],
        }
    }

    /// What pair number `number` of a function at x is a function of, when the pairs before it are known to the probe.
    pub(super) fn argument<const P: u64>(
        equation: Equation,
        number: usize,
        x: Residue<P>,
        probe: &Probe,
    ) -> Result<Residue<P>, EvalError> {
        Ok(match (equation, number) {
            (Equation::Softplus, 1) => Residue::new(1) + probe.exp(x)?,
            (Equation::Gelu, _) => -(x * x * Residue::new(2).reciprocal()?),
            _ => x,
        })
    }
}
