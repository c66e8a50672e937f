//! Z2: a single map that is its own inverse. It names no element.

use super::*;

pub struct Z2;

impl Group for Z2 {
    fn name(&self) -> &'static str {
        "Z2"
    }

    fn symbol(&self) -> (&'static str, &'static str) {
        ("Z₂", r"\mathbb{Z}_2")
    }

    fn sizes(&self) -> RangeInclusive<usize> {
        0..=0
    }

    fn element(&self, _: &[Size]) -> Option<(Shape, Facts)> {
        None
    }

    fn identity(&self, _: &[Size]) -> Expr {
        int(1)
    }

    fn algebra(&self, _: &[Size]) -> Option<Algebra> {
        None
    }

    fn finite(&self) -> Option<Finite> {
        Some(Finite::Involution)
    }
}
