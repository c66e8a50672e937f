//! A declared `function`: a generic smooth function of all its arguments, in all of their entries and none separable.

use super::Elementwise;
use super::number::{mix, stream_of};
use super::tape::{Primitive, Slot, Tape};
use crate::term::Parity;
use crate::term::Symbol;

impl Tape {
    /// `Σⱼ Lⱼ Uⱼ Rⱼ + ∏ⱼ L′ⱼ Uⱼ R′ⱼ` (product entry by entry) with `Uⱼ = φⱼ(Pⱼ Xⱼ Qⱼ)` shaped like the argument Xⱼ, where
    /// φⱼ is a generic function and the other matrices are generic constants fixed by the name.
    pub(super) fn generic_call(&mut self, name: Symbol, args: &[Slot], rows: usize, cols: usize) -> Slot {
        let stream = stream_of(name.as_str());
        let mut sum: Option<Slot> = None;
        let mut product: Option<Slot> = None;
        for (j, &x) in args.iter().enumerate() {
            let salt = |k: u64| mix(stream, 8 * j as u64 + k);
            let (r, c) = self.shape_of(x);
            let mixed = self.between((r, r, salt(0)), x, (c, c, salt(1)));
            let phi = Elementwise::Generic { stream: salt(2), parity: Parity::Neither };
            let features = self.apply(phi, 0, mixed);
            let term = self.between((rows, r, salt(3)), features, (c, cols, salt(4)));
            sum = Some(sum.map_or(term, |sum| self.like(sum, Primitive::Add(sum, term))));
            let factor = self.between((rows, r, salt(5)), features, (c, cols, salt(6)));
            product = Some(product.map_or(factor, |all| self.like(all, Primitive::Hadamard(all, factor))));
        }
        match (sum, product) {
            (Some(sum), Some(product)) => self.like(sum, Primitive::Add(sum, product)),
            _ => self.push(Primitive::Generic(stream), rows, cols),
        }
    }

    /// `L X R` with generic constant matrices L and R given by rows, columns and stream.
    fn between(&mut self, left: (usize, usize, u64), x: Slot, right: (usize, usize, u64)) -> Slot {
        let l = self.push(Primitive::Generic(left.2), left.0, left.1);
        let r = self.push(Primitive::Generic(right.2), right.0, right.1);
        let lx = self.product(l, x);
        self.product(lx, r)
    }
}
