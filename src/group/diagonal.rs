//! Diag⁺(n): the diagonal n×n matrices with positive diagonal. Its algebra is the diagonal matrices.

use super::*;

pub struct Diagonal;

impl Group for Diagonal {
    fn name(&self) -> &'static str {
        "Diag+"
    }

    fn symbol(&self) -> (&'static str, &'static str) {
        ("Diag⁺", r"\mathrm{Diag}^{+}")
    }

    fn sizes(&self) -> RangeInclusive<usize> {
        1..=1
    }

    fn element(&self, sizes: &[Size]) -> Option<(Shape, Facts)> {
        Some((Shape::square(sizes[0]), Facts::POSITIVE_DIAGONAL))
    }

    fn identity(&self, sizes: &[Size]) -> Expr {
        apply(Op::Eye, &[&size(sizes[0])])
    }

    fn algebra(&self, sizes: &[Size]) -> Option<Algebra> {
        let n = sizes[0];
        let all = whole(every("diagonal ", n), Facts::DIAGONAL, size(n), Projection::Diagonal);
        Some(Algebra { shape: Shape::square(n), families: vec![all] })
    }
}
