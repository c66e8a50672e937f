//! Scale: the positive reals under multiplication.

use super::*;

pub struct Scale;

impl Group for Scale {
    fn name(&self) -> &'static str {
        "Scale"
    }

    fn symbol(&self) -> (&'static str, &'static str) {
        ("Scale", r"\mathbb{R}^{+}")
    }

    fn sizes(&self) -> RangeInclusive<usize> {
        0..=0
    }

    fn element(&self, _: &[Size]) -> Option<(Shape, Facts)> {
        Some((Shape::SCALAR, Facts::POSITIVE))
    }

    fn identity(&self, _: &[Size]) -> Expr {
        int(1)
    }

    fn algebra(&self, _: &[Size]) -> Option<Algebra> {
        let all = whole("every number".into(), Facts::empty(), int(1), Projection::Identity);
        Some(Algebra { shape: Shape::SCALAR, families: vec![all] })
    }
}
