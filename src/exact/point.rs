//! A real point of parameter space.

use super::scalar::{Exactly, Scalar, floats, valued};
use crate::eval::{Dense, Enclosure};
use crate::term::Symbol;

/// A real point of parameter space and its value in a field of numbers, with the data that are the same for all samples.
#[derive(Clone, Debug)]
pub struct Point<T: Scalar> {
    pub drawn: Vec<Dense<T::Drawn>>,
    pub values: Vec<Dense<T>>,
    pub(super) fixed: Vec<(Symbol, Dense<T::Drawn>)>,
}

impl<T: Scalar> Point<T> {
    /// The point that a map makes of what was drawn.
    pub(super) fn mapped(self, map: impl Fn(Vec<Dense<T::Drawn>>) -> Vec<Dense<T::Drawn>>) -> Self {
        let drawn = map(self.drawn);
        Point { values: drawn.iter().map(valued).collect(), drawn, fixed: self.fixed }
    }

    /// The point in floating point.
    pub fn in_floats(&self) -> Point<f64> {
        let drawn: Vec<Dense<f64>> = self.drawn.iter().map(floats::<T>).collect();
        let fixed = self.fixed.iter().map(|(name, x)| (*name, floats::<T>(x))).collect();
        Point { values: drawn.clone(), drawn, fixed }
    }

    /// The values of the fixed data, one after the other, each row by row.
    pub fn fixed_values(&self) -> Vec<T> {
        self.fixed.iter().flat_map(|(_, x)| x.entries().iter().map(T::of)).collect()
    }
}

impl Point<Exactly> {
    /// The same point with other digits.
    pub(super) fn with_digits<const N: usize>(&self) -> Point<Enclosure<N>> {
        let values = self.drawn.iter().map(valued).collect();
        Point { drawn: self.drawn.clone(), values, fixed: self.fixed.clone() }
    }
}
