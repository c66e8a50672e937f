//! SO(n): the rotations of n-space. Its algebra is the skew matrices.

use super::*;

pub struct SpecialOrthogonal;

impl Group for SpecialOrthogonal {
    fn name(&self) -> &'static str {
        "SO"
    }

    fn symbol(&self) -> (&'static str, &'static str) {
        ("SO", r"\mathrm{SO}")
    }

    fn sizes(&self) -> RangeInclusive<usize> {
        1..=1
    }

    fn element(&self, sizes: &[Size]) -> Option<(Shape, Facts)> {
        Some((Shape::square(sizes[0]), Facts::ORTHOGONAL))
    }

    fn identity(&self, sizes: &[Size]) -> Expr {
        apply(Op::Eye, &[&size(sizes[0])])
    }

    fn algebra(&self, sizes: &[Size]) -> Option<Algebra> {
        Some(Algebra { shape: Shape::square(sizes[0]), families: vec![skew(sizes[0], Part::Whole)] })
    }

    fn draw(&self) -> Draw {
        Draw::Rotation
    }
}
