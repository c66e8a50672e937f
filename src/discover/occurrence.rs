//! Where a size occurs in the parameters, and how a group of that size acts there.

use crate::eval::Number;
use crate::exact::{Layout, Letter, Sparse};
use crate::model::Model;
use crate::term::{Expr, Op, Rational, Size, apply, mul, num, sym, transpose};
use num_traits::One;

/// A side of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The rows: acted on from the left.
    Rows,
    /// The columns: acted on from the right.
    Cols,
}

/// A side of a parameter that has a certain size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// The number of the parameter.
    pub param: usize,
    pub side: Side,
}

/// The sizes of parameters above 1, in order of occurrence.
pub fn sizes_of(model: &Model) -> Vec<Size> {
    let mut sizes = Vec::new();
    for param in &model.params {
        for size in [param.shape.rows, param.shape.cols] {
            if size != Size::Lit(1) && !sizes.contains(&size) {
                sizes.push(size);
            }
        }
    }
    sizes
}

/// Every side of a parameter with that size.
pub fn occurrences(model: &Model, size: Size) -> Vec<Occurrence> {
    let mut out = Vec::new();
    for (param, variable) in model.params.iter().enumerate() {
        for (side, extent) in [(Side::Rows, variable.shape.rows), (Side::Cols, variable.shape.cols)] {
            if extent == size {
                out.push(Occurrence { param, side });
            }
        }
    }
    out
}

/// The generator with entries of a matrix at one occurrence.
pub fn single<T: Number>(layout: &Layout, at: Occurrence, entries: &[(usize, usize, i64)]) -> Sparse<T> {
    let letter = match at.side {
        Side::Rows => Letter::A,
        Side::Cols => Letter::B,
    };
    layout.entries(at.param, letter, entries.iter().map(|&(i, j, x)| (i, j, T::from_integer(x))))
}

/// How a group element g appears at an occurrence.
#[derive(Clone, Debug, PartialEq)]
pub enum Factor {
    Plain,
    Inverse,
    Transpose,
    /// inv(g)'.
    Contragredient,
    /// D^q.
    Power(Rational),
}

impl Factor {
    /// D^q in its shortest form.
    pub fn power(q: Rational) -> Factor {
        if q.is_one() {
            Factor::Plain
        } else if (-&q).is_one() {
            Factor::Inverse
        } else {
            Factor::Power(q)
        }
    }

    pub fn of(&self, g: &Expr) -> Expr {
        let inverse = apply(Op::Inv, &[g]);
        match self {
            Factor::Plain => g.clone(),
            Factor::Inverse => inverse,
            Factor::Transpose => transpose(g),
            Factor::Contragredient => transpose(&inverse),
            Factor::Power(q) => apply(Op::Pow, &[g, &num(q.clone())]),
        }
    }
}

/// The images of the parameters when g acts at some occurrences.
pub fn images(model: &Model, g: &Expr, factors: &[(Occurrence, Factor)]) -> Vec<(crate::term::Symbol, Expr)> {
    let mut out = Vec::new();
    for (i, param) in model.params.iter().enumerate() {
        let mut image = sym(param.name);
        for (at, factor) in factors.iter().filter(|(at, _)| at.param == i) {
            image = match at.side {
                Side::Rows => mul(&factor.of(g), &image),
                Side::Cols => mul(&image, &factor.of(g)),
            };
        }
        if image != sym(param.name) {
            out.push((param.name, image));
        }
    }
    out
}
