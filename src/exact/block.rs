//! A matrix of the state or of the data: its name, extent and facts.

use crate::eval::{Dense, EvalError};
use crate::sample::{self, Sampled, stream};
use crate::term::{Empty, Facts, Matrices, Shape, Symbol};

/// A parameter: its name, extent and facts.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    pub name: Symbol,
    pub rows: usize,
    pub cols: usize,
    /// As declared.
    pub(super) facts: Facts,
    pub shape: Shape,
}

impl Block {
    /// A number.
    pub(super) fn number(name: Symbol) -> Block {
        Block { name, rows: 1, cols: 1, facts: Facts::empty(), shape: Shape::SCALAR }
    }

    pub(super) fn is_finite(&self) -> bool {
        Matrices::of(self.facts, self.rows, self.cols).is_ok_and(|set| set.is_finite())
    }

    /// A random matrix with the facts asked of it.
    pub(super) fn draw<T: Sampled>(&self, seed: u64) -> Result<Dense<T>, EvalError> {
        let Block { name, rows, cols, facts, shape } = *self;
        let empty = |why| Box::new(Empty { name, facts, shape, extent: (rows, cols), why });
        Ok(sample::matrix(rows, cols, facts, &mut stream(seed, name.as_str())).map_err(empty)?)
    }
}
