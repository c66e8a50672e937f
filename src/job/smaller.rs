//! Which sizes to take smaller where a question is too large.

use crate::eval::concrete;
use crate::exact::Unknowns;
use crate::term::{Size, Sizes};

/// A size, and what to take in place of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Smaller {
    pub dim: String,
    pub value: u64,
    pub instead: u64,
}

/// How often a factor of all sizes is halved on the way to the largest that does.
const HALVINGS: u32 = 12;

/// The sizes at which unknowns are no more than a limit: one of them smaller, as little as possible, or where that does not do all of them. Nothing where
/// that does not do either.
pub(super) fn smaller(unknowns: &[Unknowns], sizes: &Sizes, limit: usize) -> Vec<Smaller> {
    let does = |changed: &[Smaller]| {
        let mut at = sizes.clone();
        changed.iter().for_each(|s| at.set(s.dim.as_str().into(), s.instead as usize));
        expected(unknowns, sizes, &at) <= limit as f64
    };
    let named = sizes.named().into_iter().filter(|(name, _)| {
        let occurs = |size: Size| size.names().iter().any(|n| n.as_str() == name);
        unknowns.iter().any(|u| occurs(u.shape.rows) || occurs(u.shape.cols))
    });
    let named: Vec<(String, u64)> = named.collect();
    let to = |(dim, value): &(String, u64), instead: u64| Smaller { dim: dim.clone(), value: *value, instead };
    let alone = named.iter().filter_map(|dim| {
        let instead = most(1, dim.1, |n| does(&[to(dim, n)]))?;
        (instead < dim.1).then(|| to(dim, instead))
    });
    let share = |s: &Smaller| s.instead as f64 / s.value as f64;
    if let Some(one) = alone.max_by(|x, y| share(x).total_cmp(&share(y)).then_with(|| y.dim.cmp(&x.dim))) {
        return vec![one];
    }
    let parts = 1u64 << HALVINGS;
    let scaled = |part: u64| -> Vec<Smaller> {
        let changed = named.iter().map(|dim| to(dim, (dim.1 * part / parts).max(1)));
        changed.filter(|s| s.instead < s.value).collect()
    };
    most(0, parts, |part| does(&scaled(part))).map(scaled).unwrap_or_default()
}

/// The largest number below another at which what holds for small ones holds.
fn most(mut low: u64, mut high: u64, holds: impl Fn(u64) -> bool) -> Option<u64> {
    if low >= high || !holds(low) {
        return None;
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if holds(middle) { low = middle } else { high = middle }
    }
    Some(low)
}

/// How many unknowns there are at other sizes: where several stand in a row of A or B as many as the square of its length says, where one does
/// as many as rows.
fn expected(unknowns: &[Unknowns], sizes: &Sizes, at: &Sizes) -> f64 {
    let of = |size: Size, sizes: &Sizes| concrete(size, sizes).map_or(1.0, |n| n as f64);
    let count = |u: &Unknowns| {
        let (rows, cols) = (of(u.shape.rows, sizes), of(u.shape.cols, sizes));
        let (r, c) = (of(u.shape.rows, at) / rows, of(u.shape.cols, at) / cols);
        let square = |many: usize, length: f64, ratio: f64| {
            many as f64 * if many as f64 > length { ratio * ratio } else { ratio }
        };
        square(u.left, rows, r) + square(u.right, cols, c) + u.shift as f64 * r * c
    };
    unknowns.iter().map(count).sum()
}
