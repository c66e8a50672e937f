//! GL(n): the invertible n×n matrices.

use super::*;

pub struct GeneralLinear;

impl Group for GeneralLinear {
    fn name(&self) -> &'static str {
        "GL"
    }

    fn symbol(&self) -> (&'static str, &'static str) {
        ("GL", r"\mathrm{GL}")
    }

    fn sizes(&self) -> RangeInclusive<usize> {
        1..=1
    }

    fn element(&self, sizes: &[Size]) -> Option<(Shape, Facts)> {
        Some((Shape::square(sizes[0]), Facts::INVERTIBLE))
    }

    fn identity(&self, sizes: &[Size]) -> Expr {
        apply(Op::Eye, &[&size(sizes[0])])
    }

    fn algebra(&self, sizes: &[Size]) -> Option<Algebra> {
        let n = sizes[0];
        let [symmetric, skew] = symmetric_and_skew(n);
        let all = whole(every("", n), Facts::empty(), square(n), Projection::Identity);
        Some(Algebra { shape: Shape::square(n), families: vec![all, symmetric, skew] })
    }
}
