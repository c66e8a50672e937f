//! Whether a formula is smooth around a point: nothing that is applied there has a kink or a pole at its argument.

use super::tape::{Primitive, Tape};
use super::{Bindings, Elementwise, EvalError, Exponent, Reals};
use crate::term::{Equation, Symbol};
use faer::Mat;

/// An argument below this share of what its own operands allow may be zero.
const ZERO: f64 = 1e-10;

impl Tape {
    /// Whether the formula is certainly an analytic function of some names around a point. `false` says nothing.
    ///
    /// # Errors
    /// Those of [`Tape::eval`].
    pub fn is_analytic(&self, inputs: &Bindings<Mat<f64>>, wrt: &[Symbol]) -> Result<bool, EvalError> {
        let active = self.active(wrt);
        let values = self.forward(inputs, &Reals, &vec![false; self.nodes.len()])?.values;
        let scales = self.scales(&values, |x| [x.norm_l2(), 0.0], |_| 0.0);
        let smooth = |slot: usize| match &self.nodes[slot].primitive {
            Primitive::Apply { function, argument, .. } if function.has_singularity() => {
                let least = ZERO * scales[*argument][0];
                let x = &values[*argument];
                (0..x.ncols()).all(|j| x.col_as_slice(j).iter().all(|x| x.abs() > least))
            }
            Primitive::Inverse(x) => ZERO * scales[*x][0] * values[slot].norm_l2() < 1.0,
            Primitive::Quantity { .. } => false,
            _ => true,
        };
        Ok((0..self.nodes.len()).all(|slot| !active[slot] || smooth(slot)))
    }
}

impl Elementwise {
    /// Whether the function is not analytic at 0, where alone it may not be.
    fn has_singularity(&self) -> bool {
        match self {
            Elementwise::Power(Exponent::Natural(_)) | Elementwise::Pi | Elementwise::Generic { .. } => false,
            Elementwise::Power(Exponent::Inverse(_) | Exponent::Root(_)) | Elementwise::Homogeneous { .. } => true,
            Elementwise::Solution(equation) => *equation == Equation::Log,
        }
    }
}
