//! Perm(n): the n×n permutation matrices.

use super::*;

pub struct Permutation;

impl Group for Permutation {
    fn name(&self) -> &'static str {
        "Perm"
    }

    fn symbol(&self) -> (&'static str, &'static str) {
        ("Perm", r"\mathrm{S}")
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

    fn finite(&self) -> Option<Finite> {
        Some(Finite::Permutations)
    }
}
