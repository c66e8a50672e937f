//! A matrix of the state or of the data: its name, extent and facts.

use crate::eval::{Dense, EvalError, Matrix};
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
    /// Whether its entries are drawn of one size however many columns it has.
    pub(super) large: bool,
    /// Whether its entries are drawn so small that what it adds to a sum hardly changes it.
    pub(super) weak: bool,
}

/// How many times smaller than the rest of a sum, squared, what a weak matrix adds to it is.
const WEAK: usize = 1 << 12;

impl Block {
    /// A number.
    pub(super) fn number(name: Symbol) -> Block {
        Block { name, rows: 1, cols: 1, facts: Facts::empty(), shape: Shape::SCALAR, large: false, weak: false }
    }

    pub(super) fn is_finite(&self) -> bool {
        Matrices::of(self.facts, self.rows, self.cols).is_ok_and(|set| set.is_finite())
    }

    /// A random matrix with the facts asked of it; where these allow that, sums over its columns are about as large as what is summed.
    pub(super) fn draw<T: Sampled>(&self, seed: u64) -> Result<Dense<T>, EvalError> {
        let Block { name, rows, cols, facts, shape, .. } = *self;
        let empty = |why| Box::new(Empty { name, facts, shape, extent: (rows, cols), why });
        let drawn: Dense<T> = sample::matrix(rows, cols, facts, &mut stream(seed, name.as_str())).map_err(empty)?;
        let many = match (self.is_scalable(), self.weak, self.large) {
            (true, true, _) => WEAK * cols,
            (true, _, false) => cols,
            _ => return Ok(drawn),
        };
        Ok(Dense::from_fn(rows, cols, |i, j| drawn.get(i, j).clone().of_many(many)))
    }

    /// Whether multiplying entries by positive numbers does not leave the set the matrix is drawn from.
    pub(super) fn is_scalable(&self) -> bool {
        (Facts::POSITIVE | Facts::NONNEGATIVE).contains(self.facts)
    }

    /// Whether the set it is drawn from is that of all matrices.
    pub(super) fn is_free(&self) -> bool {
        self.facts.is_empty()
    }

    /// The matrix with each entry moved a little, where its facts allow that.
    pub(super) fn near<T: Sampled>(&self, base: Dense<T>, seed: u64) -> Option<Dense<T>> {
        let rng = &mut stream(seed, self.name.as_str());
        self.is_scalable().then(|| Dense::from_fn(base.rows(), base.cols(), |i, j| base.get(i, j).near(rng)))
    }
}
