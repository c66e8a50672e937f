//! The natural scale of a value: what the norms of its operands allow. A value far below it has cancelled.

use super::matrix::Matrix;
use super::tape::{Primitive, Slot, Tape};
use super::{Bindings, EvalError, Key};
use crate::term::Op;
use std::borrow::Cow;

/// The norms of a value and of its derivative along a direction; the latter is zero where nothing moves.
pub type Norms = [f64; 2];

/// A value below this share of what its operands allow counts as cancelled.
pub const CANCELLED: f64 = 1e-6;

impl Tape {
    /// The natural scale of the formula: node by node the norm of the value, but where operands cancel the sum (of a sum)
    /// or the product (of a product) of their scales. `quantity` says how large a quantity of the trajectory could be.
    pub fn natural_scale<M: Matrix>(
        &self,
        inputs: &Bindings<M>,
        oracle: &M::Oracle,
        norms: impl Fn(&M) -> Norms,
        quantity: impl Fn(Op) -> f64,
    ) -> Result<Norms, EvalError> {
        let forward = self.forward(inputs, oracle, &vec![false; self.nodes.len()])?;
        Ok(self.scales(&forward.values, norms, quantity).pop().unwrap_or_default())
    }

    /// The same for every node.
    pub(super) fn scales<M: Matrix>(
        &self,
        values: &[Cow<'_, M>],
        norms: impl Fn(&M) -> Norms,
        quantity: impl Fn(Op) -> f64,
    ) -> Vec<Norms> {
        let mut scales: Vec<Norms> = Vec::with_capacity(self.nodes.len());
        for (node, value) in self.nodes.iter().zip(values) {
            let at = |x: Slot| scales[x];
            let allowed: Norms = match node.primitive {
                Primitive::Add(x, y) | Primitive::Sub(x, y) => [at(x)[0] + at(y)[0], at(x)[1] + at(y)[1]],
                Primitive::Product(x, y)
                | Primitive::Scale(x, y)
                | Primitive::Hadamard(x, y)
                | Primitive::Inner(x, y)
                | Primitive::Dots(x, y) => {
                    let ([x, dx], [y, dy]) = (at(x), at(y));
                    [x * y, dx * y + x * dy]
                }
                Primitive::Transpose(x)
                | Primitive::Stack(x)
                | Primitive::Gather(x, _)
                | Primitive::Scatter(x, _)
                | Primitive::Diagonal(x)
                | Primitive::DiagonalOf(x)
                | Primitive::Stopped(x)
                | Primitive::Reduce(x) => at(x),
                Primitive::Input(Key::Quantity(op, _)) | Primitive::Quantity { op, .. } => [quantity(op), 0.0],
                _ => [0.0; 2],
            };
            let actual = norms(value);
            let scale = |k: usize| if actual[k] < CANCELLED * allowed[k] { allowed[k] } else { actual[k] };
            scales.push([scale(0), scale(1)]);
        }
        scales
    }
}
