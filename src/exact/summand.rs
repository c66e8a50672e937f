//! Matrices of polynomials in a parameter, or in two matrices, of which conserved quantities are sums.

use super::polynomial::Polynomial;
use crate::term::{Expr, Op, Rational, Shape, Size, Symbol, add, apply, int, mul, size, sub, sym, transpose};
use num_traits::One;
use std::rc::Rc;

/// A matrix of polynomials in one parameter.
#[derive(Clone)]
pub struct Summand {
    pub formula: Expr,
    /// The number of entries that differ.
    pub entries: usize,
    entry: Rc<dyn Fn(usize) -> Polynomial>,
}

impl Summand {
    fn new(formula: Expr, entries: usize, entry: impl Fn(usize) -> Polynomial + 'static) -> Summand {
        Summand { formula, entries, entry: Rc::new(entry) }
    }

    /// Entry number k; the one that tells most stands first.
    pub fn entry(&self, k: usize) -> Polynomial {
        (self.entry)(k)
    }
}

/// The rows or the columns of a parameter.
#[derive(Clone)]
pub struct Side {
    pub name: Symbol,
    pub shape: Shape,
    pub extent: (usize, usize),
    /// The number of the parameter's first entry.
    pub offset: usize,
    pub rows: bool,
}

impl Side {
    /// How many rows (columns) there are, as a symbol.
    pub fn size(&self) -> Size {
        if self.rows { self.shape.rows } else { self.shape.cols }
    }

    /// How many rows (columns) there are, and their length.
    fn counts(&self) -> (usize, usize) {
        let (m, n) = self.extent;
        if self.rows { (m, n) } else { (n, m) }
    }

    /// The number of entry k of row (column) i.
    fn entry(&self, i: usize, k: usize) -> usize {
        let (row, col) = if self.rows { (i, k) } else { (k, i) };
        self.offset + row * self.extent.1 + col
    }

    fn product(&self, i: usize, j: usize) -> Polynomial {
        let terms = (0..self.counts().1).map(|k| {
            let (a, b) = (self.entry(i, k), self.entry(j, k));
            (Rational::one(), vec![a.min(b), a.max(b)])
        });
        Polynomial { terms: terms.collect() }
    }

    /// W Wᵀ (Wᵀ W), an entry off the diagonal first.
    pub fn gram(&self) -> Summand {
        let pairs = pairs(self.counts().0);
        let side = self.clone();
        Summand::new(self.square(), pairs.len(), move |k| side.product(pairs[k].0, pairs[k].1))
    }

    /// W V' + V W' (W' V + V' W), what the Gram matrix of W + V has beside those of W and V.
    pub fn cross(&self, other: &Side) -> Summand {
        let pairs = pairs(self.counts().0);
        let (side, with) = (self.clone(), other.clone());
        let formula = add(&self.mixed(other), &other.mixed(self));
        let entry = move |k: usize| {
            let (i, j) = pairs[k];
            Polynomial { terms: [side.mixed_product(i, j, &with), side.mixed_product(j, i, &with)].concat() }
        };
        Summand::new(formula, self.counts().0 * (self.counts().0 + 1) / 2, entry)
    }

    /// The diagonal of W V' (W' V).
    pub fn cross_diagonal(&self, other: &Side) -> Summand {
        let (side, with) = (self.clone(), other.clone());
        let entry = move |i: usize| Polynomial { terms: side.mixed_product(i, i, &with) };
        Summand::new(apply(Op::Diagvec, &[&self.mixed(other)]), self.counts().0, entry)
    }

    /// ⟨W, V⟩.
    pub fn inner(&self, other: &Side) -> Summand {
        let (side, with) = (self.clone(), other.clone());
        let entry =
            move |_| Polynomial { terms: (0..side.counts().0).flat_map(|i| side.mixed_product(i, i, &with)).collect() };
        Summand::new(apply(Op::Inner, &[&sym(self.name), &sym(other.name)]), 1, entry)
    }

    /// W + W', what the Gram matrix of I + W has beside that of W.
    pub fn symmetric(&self) -> Option<Summand> {
        let (m, n) = self.extent;
        if m != n || self.shape.rows != self.shape.cols || !self.rows {
            return None;
        }
        let (pairs, side) = (pairs(n), self.clone());
        let one = |i: usize, j: usize| (Rational::one(), vec![side.entry(i, j)]);
        let entries: Vec<_> = pairs.iter().map(|&(i, j)| Polynomial { terms: vec![one(i, j), one(j, i)] }).collect();
        let formula = add(&sym(self.name), &transpose(&sym(self.name)));
        Some(Summand::new(formula, entries.len(), move |k| entries[k].clone()))
    }

    fn mixed(&self, other: &Side) -> Expr {
        let (w, v) = (sym(self.name), sym(other.name));
        if self.rows { mul(&w, &transpose(&v)) } else { mul(&transpose(&w), &v) }
    }

    fn mixed_product(&self, i: usize, j: usize, other: &Side) -> Vec<(Rational, Vec<usize>)> {
        let term = |k: usize| {
            let (a, b) = (self.entry(i, k), other.entry(j, k));
            (Rational::one(), vec![a.min(b), a.max(b)])
        };
        (0..self.counts().1).map(term).collect()
    }

    fn square(&self) -> Expr {
        let w = sym(self.name);
        if self.rows { mul(&w, &transpose(&w)) } else { mul(&transpose(&w), &w) }
    }

    /// C W Wᵀ C (C Wᵀ W C) with C the projection along (1, …, 1): what a normalization that subtracts a mean sees.
    pub fn centred(&self) -> Option<Summand> {
        let n = self.counts().0;
        if n > CENTRED {
            return None;
        }
        let (one, pairs, side) = (Rational::one(), pairs(n), self.clone());
        let mean = Rational::new(1.into(), n.into());
        let c = move |i: usize, j: usize| if i == j { &one - &mean } else { -&mean };
        let entry = move |k: usize| {
            let (i, j) = pairs[k];
            let parts: Vec<(Rational, Polynomial)> =
                (0..n * n).map(|ab| (c(i, ab / n) * c(ab % n, j), side.product(ab / n, ab % n))).collect();
            Polynomial::sum(parts.iter().map(|(c, q)| (c, q)))
        };
        let extent = size(self.size());
        let whole = apply(Op::Ones, &[&extent, &extent]);
        let over = apply(Op::Pow, &[&extent, &int(-1)]);
        let projection = sub(&apply(Op::Eye, &[&extent]), &mul(&over, &whole));
        let formula = mul(&mul(&projection, &self.square()), &projection);
        Some(Summand::new(formula, n * (n + 1) / 2, entry))
    }

    /// The diagonal of the Gram matrix.
    pub fn diagonal(&self) -> Summand {
        let side = self.clone();
        Summand::new(apply(Op::Diagvec, &[&self.square()]), self.counts().0, move |i| side.product(i, i))
    }

    /// ‖W‖².
    pub fn norm(&self) -> Summand {
        let side = self.clone();
        Summand::new(apply(Op::Norm2, &[&sym(self.name)]), 1, move |_| Polynomial {
            terms: (0..side.counts().0).flat_map(|i| side.product(i, i).terms).collect(),
        })
    }

    /// W itself.
    pub fn whole(&self) -> Summand {
        let offset = self.offset;
        let entry = move |k| Polynomial { terms: vec![(Rational::one(), vec![offset + k])] };
        Summand::new(sym(self.name), self.extent.0 * self.extent.1, entry)
    }

    /// W ∘ V, for a parameter of the same shape that stands later.
    pub fn hadamard(&self, other: &Side) -> Summand {
        let (w, v) = (self.offset, other.offset);
        let entry = move |k| Polynomial { terms: vec![(Rational::one(), vec![w + k, v + k])] };
        let formula = apply(Op::Had, &[&sym(self.name), &sym(other.name)]);
        Summand::new(formula, self.extent.0 * self.extent.1, entry)
    }

    /// The sums of the rows (columns), as a column.
    pub fn sums(&self) -> Summand {
        let w = sym(self.name);
        let ones = |n: Size| apply(Op::Ones, &[&size(n), &size(Size::Lit(1))]);
        let formula = match (self.rows, self.shape) {
            (true, Shape { cols: Size::Lit(1), .. }) => w,
            (true, shape) => mul(&w, &ones(shape.cols)),
            (false, Shape { rows: Size::Lit(1), .. }) => transpose(&w),
            (false, shape) => mul(&transpose(&w), &ones(shape.rows)),
        };
        let ((count, length), side) = (self.counts(), self.clone());
        Summand::new(formula, count, move |i| Polynomial {
            terms: (0..length).map(|k| (Rational::one(), vec![side.entry(i, k)])).collect(),
        })
    }

    /// The sum of all entries.
    pub fn total(&self) -> Summand {
        let ((m, n), offset) = (self.extent, self.offset);
        Summand::new(apply(Op::Sum, &[&sym(self.name)]), 1, move |_| Polynomial {
            terms: (0..m * n).map(|k| (Rational::one(), vec![offset + k])).collect(),
        })
    }
}

/// The largest size of a centred Gram matrix.
const CENTRED: usize = 12;

/// The entries of a symmetric matrix on and above the diagonal, those off it first.
fn pairs(n: usize) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(usize, usize)> = (0..n).flat_map(|i| (i..n).map(move |j| (i, j))).collect();
    pairs.sort_by_key(|(i, j)| i == j);
    pairs
}
