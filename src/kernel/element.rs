//! Elements of Lie algebras, and the generators of actions along them.

use crate::group::{Algebra, Range};
use crate::model::Variable;
use crate::term::{Expr, Symbol, mentions};

/// An element of a Lie algebra that a statement holds for every choice of.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    pub symbol: Symbol,
    pub range: Range,
    /// Whether it is the 1×1 number 1, the basis of a one-dimensional algebra, and is not written.
    pub unit: bool,
}

impl Element {
    /// The element of an algebra, under a name.
    pub fn of(symbol: Symbol, algebra: &Algebra) -> Element {
        Element { symbol, range: algebra.whole().range, unit: algebra.shape.is_scalar() }
    }
}

/// A generator ξ_A: its components on the parameters it moves.
#[derive(Clone, Debug, PartialEq)]
pub struct Generator {
    pub action: Symbol,
    pub element: Element,
    /// The parameter and ξ_A there, linear in the element's symbol.
    pub components: Vec<(Symbol, Expr)>,
    /// Whether the output, and not only the loss, is invariant, so that `J[ξ_A]` = 0 at every point.
    pub output_invariant: bool,
}

impl Generator {
    /// Whether it is the same at every point, as that of a translation.
    pub fn is_constant(&self, params: &[Variable]) -> bool {
        self.components.iter().all(|(_, value)| params.iter().all(|p| !mentions(value, p.name)))
    }
}
