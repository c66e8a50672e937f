//! What the windows of a convolution see, blocks of columns, and the Kronecker product, as primitives.

use super::tape::{Primitive, Slot, Tape};
use super::{Elementwise, Exponent};
use crate::term::Rational;
use num_traits::{One, Zero};
use std::sync::Arc;

/// One dimension of a convolution.
pub(super) struct Line {
    pub positions: usize,
    /// How often the window is put down.
    pub places: usize,
    pub window: usize,
    pub stride: usize,
    pub dilation: usize,
    pub padding: usize,
}

impl Line {
    /// The position that a tap of the window at a place sees, if there is one.
    fn at(&self, tap: usize, place: usize) -> Option<usize> {
        let padded = self.stride.checked_mul(place)?.checked_add(self.dilation.checked_mul(tap)?)?;
        padded.checked_sub(self.padding).filter(|position| *position < self.positions)
    }

    /// The positions seen, tap by tap.
    pub fn seen(&self) -> Arc<[Option<usize>]> {
        (0..self.window).flat_map(|tap| (0..self.places).map(move |place| self.at(tap, place))).collect()
    }
}

/// The same in two dimensions, of which the second runs faster.
pub(super) fn plane(rows: &Line, cols: &Line) -> Arc<[Option<usize>]> {
    let taps = (0..rows.window).flat_map(|a| (0..cols.window).map(move |b| (a, b)));
    let seen = |(a, b): (usize, usize)| {
        let places = (0..rows.places).flat_map(|i| (0..cols.places).map(move |j| (i, j)));
        places.map(move |(i, j)| Some(rows.at(a, i)? * cols.positions + cols.at(b, j)?))
    };
    taps.flat_map(seen).collect()
}

impl Tape {
    /// Blocks of so many columns.
    fn column_blocks(&mut self, x: Slot, width: usize) -> Vec<Slot> {
        let (_, cols) = self.shape_of(x);
        let block = |tape: &mut Tape, t: usize| {
            let chosen = tape.push(Primitive::Offset((t * width) as isize), cols, width);
            tape.product(x, chosen)
        };
        (0..cols / width.max(1)).map(|t| block(self, t)).collect()
    }

    /// Blocks of so many columns, the first above all others.
    pub(super) fn stack(&mut self, x: Slot, width: usize) -> Slot {
        let (rows, cols) = self.shape_of(x);
        self.push(Primitive::Stack(x), rows * (cols / width.max(1)), width)
    }

    /// The largest entry at each place of blocks of so many columns.
    pub(super) fn max_pool(&mut self, x: Slot, width: usize) -> Slot {
        let blocks = self.column_blocks(x, width);
        blocks.into_iter().reduce(|largest, block| self.maximum(largest, block)).unwrap_or(x)
    }

    /// A 1 at the `count` largest entries of each column: a polynomial in the steps of its differences to all others.
    pub(super) fn largest(&mut self, x: Slot, count: usize) -> Slot {
        let (rows, _) = self.shape_of(x);
        let step =
            Elementwise::Homogeneous { plus: Rational::one(), minus: Rational::zero(), degree: Exponent::Natural(0) };
        let one = self.like(x, Primitive::Constant(Rational::one()));
        // By how many of the others looked at so far it is exceeded: a 1 where these are 0, 1, ….
        let mut exceeded = vec![one];
        for by in 1..rows {
            let ones = (0..rows).map(|i| Some((i + by) % rows)).collect();
            let turned = self.push(Primitive::Selection(ones), rows, rows);
            let other = self.product(turned, x);
            let difference = self.like(x, Primitive::Sub(x, other));
            let above = self.apply(step.clone(), 0, difference);
            let sums = (0..count.min(by + 1)).filter_map(|times| {
                let still = exceeded.get(times).map(|&x| self.like(x, Primitive::Hadamard(x, above)));
                let more = times.checked_sub(1).map(|less| {
                    let below = self.like(x, Primitive::Sub(one, above));
                    self.like(x, Primitive::Hadamard(exceeded[less], below))
                });
                still.into_iter().chain(more).reduce(|still, more| self.like(x, Primitive::Add(still, more)))
            });
            exceeded = sums.collect();
        }
        exceeded.into_iter().reduce(|sum, more| self.like(x, Primitive::Add(sum, more))).unwrap_or(one)
    }

    /// The diagonal matrix of ones and, from there on, of −1.
    pub(super) fn signature(&mut self, n: usize, positive: usize) -> Slot {
        let mut part = |first: bool| {
            let ones = (0..n).map(|i| ((i < positive) == first).then_some(i)).collect();
            self.push(Primitive::Selection(ones), n, n)
        };
        let (plus, minus) = (part(true), part(false));
        self.push(Primitive::Sub(plus, minus), n, n)
    }

    /// X ⊗ Y: every entry of X repeated over a block, times Y repeated in every block.
    pub(super) fn kron(&mut self, x: Slot, y: Slot) -> Slot {
        let ((a, b), (c, d)) = (self.shape_of(x), self.shape_of(y));
        let (rows, cols) = (a * c, b * d);
        // A column of ones ⊗ I adds blocks of columns.
        let are_ones = matches!(&self.nodes[x].primitive, Primitive::Constant(value) if value.is_one()) && b == 1;
        if are_ones && self.nodes[y].primitive == Primitive::Identity {
            let ones = (0..rows).map(|i| Some(i % c)).collect();
            let blocks = self.push(Primitive::Selection(ones), c, rows);
            return self.transpose(blocks);
        }
        let mut repeated = |z: Slot, of: &dyn Fn(usize, usize) -> usize| {
            let (m, n) = self.shape_of(z);
            let [left, right] = [(m, rows, c), (n, cols, d)].map(|(size, all, inner)| {
                let ones = (0..all).map(|i| Some(of(i, inner))).collect();
                self.push(Primitive::Selection(ones), size, all)
            });
            let left = self.transpose(left);
            let product = self.product(left, z);
            self.product(product, right)
        };
        let x = repeated(x, &|i, inner| i / inner);
        let y = repeated(y, &|i, inner| i % inner);
        self.push(Primitive::Hadamard(x, y), rows, cols)
    }
}
