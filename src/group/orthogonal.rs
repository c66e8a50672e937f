//! O(n): the orthogonal n×n matrices. Its algebra is the skew matrices.

use super::*;

pub struct Orthogonal;

impl Group for Orthogonal {
    fn name(&self) -> &'static str {
        "O"
    }

    fn symbol(&self) -> (&'static str, &'static str) {
        ("O", r"\mathrm{O}")
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
}
