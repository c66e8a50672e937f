//! Sign(n): the diagonal n×n matrices with entries ±1.

use super::*;

pub struct Sign;

impl Group for Sign {
    fn name(&self) -> &'static str {
        "Sign"
    }

    fn symbol(&self) -> (&'static str, &'static str) {
        ("Sign", r"\mathrm{Sign}")
    }

    fn sizes(&self) -> RangeInclusive<usize> {
        1..=1
    }

    fn element(&self, sizes: &[Size]) -> Option<(Shape, Facts)> {
        Some((Shape::square(sizes[0]), Facts::DIAGONAL | Facts::ORTHOGONAL))
    }

    fn identity(&self, sizes: &[Size]) -> Expr {
        apply(Op::Eye, &[&size(sizes[0])])
    }

    fn algebra(&self, _: &[Size]) -> Option<Algebra> {
        None
    }

    fn finite(&self) -> Option<Finite> {
        Some(Finite::Signs)
    }
}
