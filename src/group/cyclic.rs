//! Cyclic(n): the powers of the cyclic shift of n coordinates.

use super::*;

pub struct Cyclic;

impl Group for Cyclic {
    fn name(&self) -> &'static str {
        "Cyclic"
    }

    fn symbol(&self) -> (&'static str, &'static str) {
        ("Cyclic", r"\mathrm{C}")
    }

    fn sizes(&self) -> RangeInclusive<usize> {
        1..=1
    }

    fn element(&self, sizes: &[Size]) -> Option<(Shape, Facts)> {
        Some((Shape::square(sizes[0]), Facts::PERMUTATION))
    }

    fn identity(&self, sizes: &[Size]) -> Expr {
        apply(Op::Eye, &[&size(sizes[0])])
    }

    fn algebra(&self, _: &[Size]) -> Option<Algebra> {
        None
    }

    fn draw(&self) -> Draw {
        Draw::Cyclic
    }

    fn finite(&self) -> Option<Finite> {
        Some(Finite::Shifts)
    }
}
