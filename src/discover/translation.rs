//! Translations of parameters: of each entry, of all rows or columns alike, of all entries alike.

use super::candidate::{Candidate, Finder, weighted};
use super::occurrence::{Occurrence, Side, occurrences, sizes_of};
use crate::eval::Prime;
use crate::exact::{Letter, Sparse, primitive};
use crate::group::GroupId;
use crate::term::{Expr, Op, Shape, Size, Symbol, add, apply, mul, scaled, size, sym, transpose};
use num_traits::{One, Zero};

impl Finder<'_> {
    /// Translations: of whole matrices, of all rows or columns alike, of all entries alike.
    pub fn translations(&self) -> Vec<Candidate> {
        let params = &self.model.params;
        let mut out = Vec::new();
        let mut shapes: Vec<Shape> = Vec::new();
        for param in params {
            if !shapes.contains(&param.shape) {
                shapes.push(param.shape);
            }
        }
        for shape in shapes {
            let slots = (0..params.len()).filter(|&i| params[i].shape == shape).map(|i| (i, Shift::Entries)).collect();
            let sizes: Vec<Size> = match shape {
                Shape::SCALAR => vec![],
                Shape { rows, cols: Size::Lit(1) } => vec![rows],
                Shape { rows, cols } => vec![rows, cols],
            };
            self.translate(slots, &sizes, &mut out);
        }
        for size in sizes_of(self.model) {
            let shift = |at: Occurrence| (at.param, if at.side == Side::Rows { Shift::Columns } else { Shift::Rows });
            self.translate(occurrences(self.model, size).into_iter().map(shift).collect(), &[size], &mut out);
        }
        self.translate((0..params.len()).map(|i| (i, Shift::All)).collect(), &[], &mut out);
        out
    }

    fn translate(&self, slots: Vec<(usize, Shift)>, sizes: &[Size], out: &mut Vec<Candidate>) {
        let count = slots.first().map_or(0, |&(i, shift)| shift.count(self.layout.extents()[i]));
        let vector = |&(i, shift): &(usize, Shift), k: usize| {
            self.layout.entries(i, Letter::C, shift.direction(self.layout.extents()[i], k))
        };
        let first: Vec<Sparse<Prime>> = slots.iter().map(|slot| vector(slot, 0)).collect();
        for pattern in self.space.patterns(&first) {
            let pattern = primitive(&pattern);
            let moved: Vec<_> = slots.iter().zip(&pattern).filter(|(_, w)| !w.is_zero()).collect();
            let generators = (0..count).map(|k| {
                let vectors: Vec<Sparse<Prime>> = moved.iter().map(|(slot, _)| vector(slot, k)).collect();
                weighted(moved.iter().map(|(_, w)| *w), &vectors)
            });
            let generators = generators.collect();
            let params = &self.model.params;
            let images = |c: &Expr| {
                let mut images: Vec<(Symbol, Expr)> = Vec::new();
                for ((i, shift), w) in &moved {
                    let by = scaled((*w).clone(), &shift.formula(c, params[*i].shape));
                    match images.iter_mut().find(|(name, _)| *name == params[*i].name) {
                        Some((_, image)) => *image = add(image, &by),
                        None => images.push((params[*i].name, add(&sym(params[*i].name), &by))),
                    }
                }
                images
            };
            let only = match moved.as_slice() {
                [((i, _), _)] => Some(params[*i].name),
                _ => None,
            };
            let action = self.action(GroupId::Translate, sizes, only, images);
            out.extend(action.map(|action| Candidate { action, generators }));
        }
    }
}

/// How a translation moves a parameter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shift {
    /// Each entry by its own number.
    Entries,
    /// Every column by the same vector.
    Columns,
    /// Every row by the same vector.
    Rows,
    /// Every entry by the same number.
    All,
}

impl Shift {
    /// The dimension of the group.
    fn count(self, (m, n): (usize, usize)) -> usize {
        match self {
            Shift::Entries => m * n,
            Shift::Columns => m,
            Shift::Rows => n,
            Shift::All => 1,
        }
    }

    fn direction(self, (m, n): (usize, usize), k: usize) -> Vec<(usize, usize, Prime)> {
        let (rows, cols) = match self {
            Shift::Entries => (k / n..k / n + 1, k % n..k % n + 1),
            Shift::Columns => (k..k + 1, 0..n),
            Shift::Rows => (0..m, k..k + 1),
            Shift::All => (0..m, 0..n),
        };
        rows.flat_map(|i| cols.clone().map(move |j| (i, j, Prime::one()))).collect()
    }

    /// What is added for the group element c.
    fn formula(self, c: &Expr, shape: Shape) -> Expr {
        let ones = |rows: Size, cols: Size| apply(Op::Ones, &[&size(rows), &size(cols)]);
        let one = Size::Lit(1);
        match self {
            Shift::Entries => c.clone(),
            Shift::Columns if shape.cols == one => c.clone(),
            Shift::Columns => mul(c, &ones(one, shape.cols)),
            Shift::Rows if shape.rows == one => transpose(c),
            Shift::Rows => mul(&ones(shape.rows, one), &transpose(c)),
            Shift::All if shape.is_scalar() => c.clone(),
            Shift::All => mul(c, &ones(shape.rows, shape.cols)),
        }
    }
}
