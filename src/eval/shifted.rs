//! What the arguments of gates are made of: vectors that shift them, the biases of units, and matrices whose rows weigh what units see.

use super::tape::{Primitive, Slot, Tape};
use super::{Bindings, Dense, EvalError, Key, Matrix, Reals};
use crate::term::Symbol;

/// A matrix by which the arguments of gates may be moved, and what says how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lever {
    pub name: Symbol,
    seen: Slot,
}

impl Tape {
    /// The matrices whose products are arguments of gates, or summands of these, each with what it is multiplied with, in the order of
    /// evaluation.
    pub fn weights(&self) -> Vec<Lever> {
        self.gated().filter_map(|argument| self.weighing(argument)).collect()
    }

    /// The vectors that are added to every column of arguments of gates, each with the argument, in the order of evaluation; of several in one
    /// argument the first.
    pub fn shifts(&self) -> Vec<Lever> {
        self.gated().filter_map(|seen| self.shifting(seen).map(|name| Lever { name, seen })).collect()
    }

    fn weighing(&self, slot: Slot) -> Option<Lever> {
        match self.nodes[slot].primitive {
            Primitive::Product(x, taken) => match (&self.nodes[x].primitive, &self.nodes[taken].primitive) {
                (_, Primitive::Constant(_)) => None,
                (Primitive::Input(Key::Symbol(name)), _) => Some(Lever { name: *name, seen: taken }),
                _ => None,
            },
            Primitive::Add(x, y) => self.weighing(x).or_else(|| self.weighing(y)),
            _ => None,
        }
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

    /// What is seen beside a lever, in floats.
    ///
    /// # Errors
    /// Those of an evaluation.
    pub fn seen(&self, lever: Lever, at: &Bindings<Dense<f64>>) -> Result<Dense<f64>, EvalError> {
        let below = Tape { nodes: self.nodes[..=lever.seen].to_vec(), ..Tape::default() };
        let forward = below.forward(at, &Reals, &vec![false; below.nodes.len()])?;
        let last = forward.values.last().map(|value| value.as_ref().clone());
        Ok(last.unwrap_or_else(|| Dense::zeros(0, 0)))
    }
}
