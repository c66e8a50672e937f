//! A formula with its gates held: each function that is linear on either side of zero is multiplication by a slope, which is an input. Where
//! the slopes are those of the signs this is the formula, and smooth across the kinks.

use super::tape::{Node, Primitive, Slot, Tape};
use super::{Bindings, Elementwise, EvalError, Exponent, Key, Reals};
use crate::term::{Rational, Symbol};
use faer::Mat;
use num_traits::ToPrimitive;

/// A formula with its gates held, and the gates in the order in which they are met.
#[derive(Clone, Debug)]
pub struct Gated {
    pub tape: Tape,
    pub gates: Vec<Gate>,
}

/// A function that is linear on either side of zero, applied to a matrix.
#[derive(Clone, Debug)]
pub struct Gate {
    /// The name of the slopes.
    pub name: Symbol,
    /// What it is applied to, with the gates before it held.
    pub argument: Tape,
    /// The slopes above and below zero.
    pub plus: f64,
    pub minus: f64,
}

impl Tape {
    /// The formula with its gates held; none where a gradient jumps for another reason.
    pub fn with_gates_held(&self) -> Option<Gated> {
        let mut nodes: Vec<Node> = Vec::with_capacity(self.nodes.len());
        let mut places: Vec<Slot> = Vec::with_capacity(self.nodes.len());
        let mut gates = Vec::new();
        for (slot, node) in self.nodes.iter().enumerate() {
            let mut node = node.clone();
            node.primitive.relocate(|x| places[x]);
            if let Primitive::Apply { function: Elementwise::Homogeneous { plus, minus, degree }, order, argument } =
                &node.primitive
                && !(*order == 0 && matches!(degree, Exponent::Natural(2..)))
            {
                if *order != 0 || *degree != Exponent::Natural(1) {
                    return None;
                }
                let (name, argument) = (Symbol::from(format!("·gate {slot}")), *argument);
                let below = Tape { nodes: nodes[..=argument].to_vec(), ..Tape::default() }.without_unread();
                let (plus, minus) = (plus.to_f64()?, -Rational::clone(minus).to_f64()?);
                gates.push(Gate { name, argument: below, plus, minus });
                let slopes = Node { primitive: Primitive::Input(Key::Symbol(name)), ..node };
                nodes.push(slopes);
                node.primitive = Primitive::Hadamard(nodes.len() - 1, argument);
            }
            nodes.push(node);
            places.push(nodes.len() - 1);
        }
        Some(Gated { tape: Tape { nodes, ..Tape::default() }, gates })
    }
}

impl Gate {
    /// The argument at a point at which the slopes of the gates before it are bound.
    ///
    /// # Errors
    /// Those of [`Tape::eval`].
    pub fn argument(&self, at: &Bindings<Mat<f64>>) -> Result<Mat<f64>, EvalError> {
        self.argument.eval(at, &Reals)
    }
}
