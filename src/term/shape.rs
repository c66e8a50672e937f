//! Symbolic shapes.

use super::{Size, Symbol};
use std::fmt;

/// The shape of a matrix; a vector is n×1, a scalar 1×1.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Shape {
    pub rows: Size,
    pub cols: Size,
}

impl Shape {
    pub const SCALAR: Shape = Shape { rows: Size::Lit(1), cols: Size::Lit(1) };

    pub fn new(rows: Size, cols: Size) -> Shape {
        Shape { rows, cols }
    }

    pub fn square(n: Size) -> Shape {
        Shape { rows: n, cols: n }
    }

    pub fn column(n: Size) -> Shape {
        Shape { rows: n, cols: Size::Lit(1) }
    }

    pub fn is_scalar(self) -> bool {
        self == Shape::SCALAR
    }

    pub fn is_square(self) -> bool {
        self.rows == self.cols
    }

    /// The same shape with other sizes in place of its names; itself where one is out of range.
    pub fn with(self, of: &dyn Fn(Symbol) -> Size) -> Shape {
        let size = |size: Size| size.with(of).unwrap_or(size);
        Shape { rows: size(self.rows), cols: size(self.cols) }
    }

    pub fn transposed(self) -> Shape {
        Shape { rows: self.cols, cols: self.rows }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_scalar() { write!(f, "scalar") } else { write!(f, "{} x {}", self.rows, self.cols) }
    }
}
