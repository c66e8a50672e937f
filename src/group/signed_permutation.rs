//! SignedPerm(n): the n×n matrices with one entry ±1 in each row and column.

use super::*;

pub struct SignedPermutation;

impl Group for SignedPermutation {
    fn name(&self) -> &'static str {
        "SignedPerm"
    }

    fn symbol(&self) -> (&'static str, &'static str) {
        ("SignedPerm", r"\mathrm{B}")
    }

    fn sizes(&self) -> RangeInclusive<usize> {
        1..=1
    }

    fn element(&self, sizes: &[Size]) -> Option<(Shape, Facts)> {
        Some((Shape::square(sizes[0]), Facts::SIGNED_PERMUTATION))
    }

    fn identity(&self, sizes: &[Size]) -> Expr {
        apply(Op::Eye, &[&size(sizes[0])])
    }

    fn algebra(&self, _: &[Size]) -> Option<Algebra> {
        None
    }

    fn finite(&self) -> Option<Finite> {
        Some(Finite::SignedPermutations)
    }
}
