//! What the arguments of gates are made of: vectors that shift them, the biases of units, and matrices whose rows weigh what units see.

use super::elementwise::Elementwise;
use super::tape::{Primitive, Slot, Tape};
use super::{Bindings, Dense, EvalError, Key, Matrix, Reals};
use crate::term::Symbol;

/// A vector that is added to every column of the argument of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    pub name: Symbol,
    argument: Slot,
}

/// A matrix W whose product with what a layer takes is the argument of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    pub name: Symbol,
    taken: Slot,
}

impl Tape {
    /// The matrices whose products are arguments of gates, or summands of these, in the order of evaluation.
    pub fn weights(&self) -> Vec<Weight> {
        let of = |slot: usize| match &self.nodes[slot].primitive {
            Primitive::Apply { function: Elementwise::Homogeneous { .. }, argument, .. } => self.weighing(*argument),
            _ => None,
        };
        (0..self.nodes.len()).filter_map(of).collect()
    }

    fn weighing(&self, slot: Slot) -> Option<Weight> {
        match self.nodes[slot].primitive {
            Primitive::Product(x, taken) => match (&self.nodes[x].primitive, &self.nodes[taken].primitive) {
                (_, Primitive::Constant(_)) => None,
                (Primitive::Input(Key::Symbol(name)), _) => Some(Weight { name: *name, taken }),
                _ => None,
            },
            Primitive::Add(x, y) => self.weighing(x).or_else(|| self.weighing(y)),
            _ => None,
        }
    }

    /// What a weight is multiplied with, as floats see it.
    ///
    /// # Errors
    /// Those of an evaluation.
    pub fn weighed(&self, weight: Weight, at: &Bindings<Dense<f64>>) -> Result<Dense<f64>, EvalError> {
        self.value_in_floats(weight.taken, at)
    }

    /// The vectors that shift arguments of gates, in the order of evaluation; of several in one argument the first.
    pub fn shifts(&self) -> Vec<Shift> {
        let of = |slot: usize| match &self.nodes[slot].primitive {
            Primitive::Apply { function: Elementwise::Homogeneous { .. }, argument, .. } => {
                self.shifting(*argument).map(|name| Shift { name, argument: *argument })
            }
            _ => None,
        };
        (0..self.nodes.len()).filter_map(of).collect()
    }

    /// A vector among the summands of a matrix.
    fn shifting(&self, slot: Slot) -> Option<Symbol> {
        let rows = self.nodes[slot].rows;
        let vector = |x: Slot| match self.nodes[x].primitive {
            Primitive::Input(Key::Symbol(name)) if (self.nodes[x].rows, self.nodes[x].cols) == (rows, 1) => Some(name),
            _ => None,
        };
        match self.nodes[slot].primitive {
            Primitive::Add(x, y) => self.shifting(x).or_else(|| self.shifting(y)),
            Primitive::Sub(x, _) => self.shifting(x),
            Primitive::Product(x, y) if matches!(self.nodes[y].primitive, Primitive::Constant(_)) => vector(x),
            Primitive::Broadcast(x) => vector(x),
            _ => vector(slot),
        }
    }

    /// The argument that a vector shifts, as floats see it.
    ///
    /// # Errors
    /// Those of an evaluation.
    pub fn argument(&self, shift: Shift, at: &Bindings<Dense<f64>>) -> Result<Dense<f64>, EvalError> {
        self.value_in_floats(shift.argument, at)
    }

    fn value_in_floats(&self, slot: Slot, at: &Bindings<Dense<f64>>) -> Result<Dense<f64>, EvalError> {
        let below = Tape { nodes: self.nodes[..=slot].to_vec(), ..Tape::default() };
        let forward = below.forward(at, &Reals, &vec![false; below.nodes.len()])?;
        let last = forward.values.last().map(|value| value.as_ref().clone());
        Ok(last.unwrap_or_else(|| Dense::zeros(0, 0)))
    }
}
