//! The dimension of an orbit at a generic point: that of the algebra less that of the stabilizer, in closed form for actions
//! by products.

use super::claim::Tangent;
use super::members;
use crate::group::Stabilizer;
use crate::model::{Model, Variable};
use crate::term::{
    Expr, Op, Shape, Size, Symbol, Term, apply, factors, int, mul, ratio, root, size, sub, summands, sym, transpose,
};

/// The generic dimension of the orbit where the stabilizer can be read off the generator.
///
/// When A acts on each parameter by one product – A W, A′W on the left or W A, W A′ on the right – the stabilizer is
/// {A : A M = 0, N A = 0}, where M collects what A multiplies (columns of generic rank r = min(h, Σ columns)) and N what
/// multiplies A (rank s = min(h, Σ rows)); A then maps a complement of dimension h − r into a kernel of dimension h − s.
pub(super) fn dimension(model: &Model, tangent: &Tangent) -> Option<Expr> {
    let algebra = tangent.algebra()?;
    let a = tangent.element.symbol;
    if tangent.element.unit {
        return Some(int(1));
    }
    if is_translation(tangent) {
        return Some(algebra.whole().dimension.clone());
    }
    let mut left = Vec::new();
    let mut right = Vec::new();
    for (name, value) in &tangent.components {
        let param = model.param(*name)?;
        // Two summands on one parameter, as in A W − W A, have a stabilizer of another kind.
        let [(_, term)] = <[_; 1]>::try_from(summands(value)).ok()?;
        let (side, each) = product_side(&term, a, param)?;
        // The members that move together stand side by side.
        let together = model.env.indices_of(&members::together(model, &tangent.action, *name));
        let sizes = Sizes { each, all: members::for_each(&model.env, together, &size(each)) };
        match side {
            Side::Left => left.push(sizes),
            Side::Right => right.push(sizes),
        }
    }
    let n = algebra.shape.rows;
    let h = size(n);
    match algebra.stabilizer {
        Stabilizer::General => {
            // h² − (h − r)(h − s); r or s = h leaves h², a missing side has rank 0.
            general_orbit(&h, rank(n, &left), rank(n, &right))
        }
        Stabilizer::TraceFree => {
            // The stabilizer in GL, where it is not 0, has at a generic point an element w vᵀ of trace v·w ≠ 0; those without
            // trace are one dimension fewer, as SL is.
            let all = general_orbit(&h, rank(n, &left), rank(n, &right))?;
            let square = sub(&square(&h), &int(1));
            let full = all == self::square(&h);
            Some(if full { square } else { apply(Op::Min, &[&square, &all]) })
        }
        Stabilizer::Diagonal => Some(algebra.whole().dimension.clone()),
        Stabilizer::Skew => {
            // h(h−1)/2 − (h−r)(h−r−1)/2: for a skew A both conditions say A M = 0 for all columns together.
            let all: Vec<Sizes> = left.into_iter().chain(right).collect();
            let r = rank(n, &all)?;
            let pairs = |k: &Expr| mul(&ratio(1, 2), &mul(k, &sub(k, &int(1))));
            if r == h {
                return Some(pairs(&h));
            }
            Some(sub(&pairs(&h), &pairs(&sub(&h, &r))))
        }
        Stabilizer::CentredSkew => {
            // As for the skew matrices of size h − 1, those of the complement of 1: its rank there is min(h − 1, Σ columns).
            let all: Vec<Sizes> = left.into_iter().chain(right).collect();
            let less = |k: i64| sub(&h, &int(k));
            let whole = mul(&ratio(1, 2), &mul(&less(1), &less(2)));
            if all.iter().any(|s| s.each == n) {
                return Some(whole);
            }
            let columns = sum_of(&all)?;
            let r = apply(Op::Min, &[&less(1), &columns]);
            Some(sub(&whole, &mul(&ratio(1, 2), &mul(&sub(&less(1), &r), &sub(&less(2), &r)))))
        }
        Stabilizer::Other => None,
    }
}

/// The same of all members together, each moved by an element of its own: those of different members move different parameters.
/// What they share may make them depend on each other, unless the dimension is that of what each member moves for itself.
pub(super) fn of_members(model: &Model, tangent: &Tangent) -> Option<Expr> {
    let one = dimension(model, tangent)?;
    let shared = |name: Symbol| model.param(name).is_some_and(|param| !tangent.action.shared(param).is_empty());
    let mut own = tangent.clone();
    own.components.retain(|(name, _)| !shared(*name));
    let apart = own.components.len() == tangent.components.len()
        || !own.components.is_empty() && dimension(model, &own).as_ref() == Some(&one);
    apart.then(|| members::for_each(&model.env, model.env.indices_of(&tangent.action.indices), &one))
}

/// A generator that does not depend on the parameters and from which A can be read off on some parameter: ±A, or A beside
/// a row or a column of ones.
fn is_translation(tangent: &Tangent) -> bool {
    let a = sym(tangent.element.symbol);
    let is_element = |x: &Expr| *x == a || *x == transpose(&a);
    let ones = |x: &Expr| matches!(root(x), Term::Op(Op::Ones, _));
    tangent.components.iter().any(|(_, value)| {
        let terms = summands(value);
        let [(_, term)] = terms.as_slice() else { return false };
        match factors(term).as_slice() {
            [x] => is_element(x),
            [x, y] => is_element(x) && ones(y) || ones(x) && is_element(y),
            _ => false,
        }
    })
}

fn square(h: &Expr) -> Expr {
    apply(Op::Pow, &[h, &int(2)])
}

/// h² − (h − r)(h − s), the dimension of an orbit of GL(h); `None` for a rank is a side without a parameter.
fn general_orbit(h: &Expr, r: Option<Expr>, s: Option<Expr>) -> Option<Expr> {
    match (r, s) {
        (Some(r), Some(s)) if r == *h || s == *h => Some(square(h)),
        (Some(r), Some(s)) if r == s => Some(sub(&square(h), &square(&sub(h, &r)))),
        (Some(r), Some(s)) => Some(sub(&square(h), &mul(&sub(h, &r), &sub(h, &s)))),
        (Some(r), None) | (None, Some(r)) if r == *h => Some(square(h)),
        (Some(r), None) | (None, Some(r)) => Some(mul(h, &r)),
        (None, None) => None,
    }
}

/// The columns, or rows, of a parameter: of one member, and of all.
struct Sizes {
    each: Size,
    all: Expr,
}

enum Side {
    Left,
    Right,
}

/// How A acts on one parameter, for a constant multiple of A W, A′W, W A or W A′: A M = 0 with the number of columns of M
/// (W or W′), or N A = 0 with the number of rows of N.
fn product_side(term: &Expr, a: Symbol, param: &Variable) -> Option<(Side, Size)> {
    let factors = factors(term);
    let [x, y] = factors.as_slice() else { return None };
    let (a, transposed, w) = (sym(a), transpose(&sym(a)), sym(param.name));
    let Shape { rows, cols } = param.shape;
    match (x, y) {
        (x, y) if *x == a && *y == w => Some((Side::Left, cols)),
        (x, y) if *x == transposed && *y == w => Some((Side::Right, cols)),
        (x, y) if *x == w && *y == a => Some((Side::Right, rows)),
        (x, y) if *x == w && *y == transposed => Some((Side::Left, rows)),
        _ => None,
    }
}

/// All columns together, equal numbers collected; none for no blocks.
fn sum_of(sizes: &[Sizes]) -> Option<Expr> {
    (!sizes.is_empty()).then(|| super::count::sum(sizes.iter().map(|s| s.all.clone())))
}

/// The generic rank min(h, Σ sizes) of a matrix with h rows and blocks of columns of these sizes; `None` for no blocks.
fn rank(h: Size, sizes: &[Sizes]) -> Option<Expr> {
    if sizes.iter().any(|s| s.each == h) {
        return Some(size(h));
    }
    let total = sum_of(sizes)?;
    Some(apply(Op::Min, &[&size(h), &total]))
}
