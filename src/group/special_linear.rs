//! SL(n): the n×n matrices of determinant 1. Its algebra is the trace-free matrices.

use super::*;

pub struct SpecialLinear;

impl Group for SpecialLinear {
    fn name(&self) -> &'static str {
        "SL"
    }

    fn symbol(&self) -> (&'static str, &'static str) {
        ("SL", r"\mathrm{SL}")
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
        let [mut symmetric, skew] = symmetric_and_skew(n);
        symmetric.dimension = sub(&symmetric.dimension, &int(1));
        symmetric.projection = Projection::SymmetricTraceFree(n);
        symmetric.range = every("symmetric trace-free ", n);
        let all = whole(every("trace-free ", n), Facts::empty(), sub(&square(n), &int(1)), Projection::TraceFree(n));
        Some(Algebra { shape: Shape::square(n), families: vec![all, symmetric, skew] })
    }

    fn draw(&self) -> Draw {
        Draw::UnitDeterminant
    }
}
