//! What an action does with families. An action with indices is one action for each of their values, each with an element of its
//! own; a statement about it is about any one of them, and what it says of a parameter with more indices is summed over these.

use super::refusal::Refusal;
use crate::model::{Action, Model};
use crate::term::{
    At, Builder, Env, Expr, Index, Indices, Op, Shape, Symbol, Term, apply, arguments, infer, inner, int, mentions,
    mul, root, sub, sum_of, sym,
};

/// The indices of a parameter that an action does not have: all those members move together.
pub fn together(model: &Model, action: &Action, param: Symbol) -> Vec<Symbol> {
    let own = model.param(param).map(|p| p.indices.as_slice()).unwrap_or_default();
    own.iter().copied().filter(|index| !action.indices.contains(index)).collect()
}

/// Σ over some indices.
pub fn over(indices: &[Symbol], x: &Expr) -> Expr {
    indices.iter().rev().fold(x.clone(), |x, index| apply(Op::Over, &[&sym(*index), &x]))
}

/// The sum over the members of a parameter that an action moves together.
pub fn summed(model: &Model, action: &Action, param: Symbol, x: &Expr) -> Expr {
    over(&together(model, action, param), x)
}

/// Σ⟨x, y⟩ over some parameters and those of their members that an action moves together.
pub fn pairing(model: &Model, action: &Action, terms: impl IntoIterator<Item = (Symbol, Expr, Expr)>) -> Expr {
    let terms: Vec<Expr> = terms.into_iter().map(|(p, x, y)| summed(model, action, p, &inner(&x, &y))).collect();
    if terms.is_empty() { int(0) } else { sum_of(&terms, Shape::SCALAR) }
}

/// The indices a formula depends on.
pub(super) fn indices(env: &Env, x: &Expr) -> Result<Indices, Refusal> {
    Ok(infer(env, x).map_err(|_| Refusal("a formula has no shape"))?.indices)
}

/// A number at so many before the last value of an index.
fn last(env: &Env, index: Index, before: i64, count: &Expr) -> Expr {
    let mut out = Builder::default();
    let at = At::Last { range: index.range, before };
    let root = out.copy_with(count, |out, node| match node {
        Term::Size(size) => {
            let moved = size.with(&|name| env.size_at(name, index.name, at));
            moved.map(|size| out.add(Term::Size(size)))
        }
        _ => None,
    });
    out.finish(root)
}

/// A number of statements about one member, for all members.
pub fn for_each(env: &Env, indices: Indices, count: &Expr) -> Expr {
    // A number that depends on an index is summed over it.
    let own = self::indices(env, count).unwrap_or_default().intersection(indices);
    if let Some(index) = env.listed(own).next() {
        let whole = apply(Op::Over, &[&sym(index.name), count]);
        let less = i64::try_from(index.less).unwrap_or(i64::MAX);
        let summed = (0..less).fold(whole, |sum, before| sub(&sum, &last(env, index, before, count)));
        return for_each(env, indices.without(env.indices_of(&[index.name])), &summed);
    }
    let ranges = env.listed(indices).map(Index::count).reduce(|x, y| mul(&x, &y));
    match ranges {
        None => count.clone(),
        Some(ranges) if *count == int(1) => ranges,
        Some(ranges) => mul(&ranges, count),
    }
}

/// A number for each member of a parameter that an action moves together.
pub(super) fn all_together(model: &Model, action: &Action, param: Symbol, count: &Expr) -> Expr {
    for_each(&model.env, model.env.indices_of(&together(model, action, param)), count)
}

/// What is summed over indices.
pub(super) fn summand(x: &Expr) -> Expr {
    match (root(x), arguments(x).as_slice()) {
        (Term::Op(Op::Over, _), [_, body]) => summand(body),
        _ => x.clone(),
    }
}

/// Refuses what is not stated of members that move together.
pub(super) fn each_alone(
    model: &Model,
    action: &Action,
    moved: impl IntoIterator<Item = Symbol>,
) -> Result<(), Refusal> {
    match moved.into_iter().all(|param| together(model, action, param).is_empty()) {
        true => Ok(()),
        false => Err(FAMILY),
    }
}

/// Why some theorems are not applied to members that move together.
pub const FAMILY: Refusal =
    Refusal("the theorem is stated for one member of a family and not yet for several that move together");

/// Whether a formula reads a value that a block takes.
pub(super) fn takes(model: &Model, x: &Expr) -> bool {
    model.repeats.iter().flat_map(|repeat| &repeat.carried).any(|c| mentions(x, c.before))
}
