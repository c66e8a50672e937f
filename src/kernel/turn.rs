//! How a value that blocks carry on is moved, from block to block: an image whose exponents depend on the index of the blocks,
//! X[l−1] ↦ a^(l−1) X[l−1].

use crate::model::{Carried, Model, Repeat};
use crate::term::{
    Argument, Builder, Env, Exponent, Expr, Op, Symbol, Term, infer_expr, int, mentions, substitute, sym,
};
use egg::{Id, Language};
use num_traits::{One, Zero};
use std::collections::HashMap;

/// A formula at another value of an index; none where it is about other members than the current one.
pub fn turned(env: &Env, x: &Expr, index: Symbol, value: &Exponent) -> Option<Expr> {
    if !mentions(x, index) {
        return Some(x.clone());
    }
    let (data, own) = (infer_expr(env, x).ok()?, env.index(index)?);
    let mut out = Builder::default();
    let one = out.copy(&int(1));
    let mut ids: Vec<Id> = Vec::with_capacity(x.len());
    for node in x.as_ref() {
        let named = |id: &Id| matches!(x[*id], Term::Sym(name) if name == index);
        let id = match node {
            Term::Sym(name) if *name == index => out.copy(&value.expr()),
            Term::Size(size) if !env.indices_of_size(*size).intersection(own).is_empty() => return None,
            Term::Op(op, args) if op.places(|place| place == Argument::Index).any(|at| named(&args[at])) => {
                return None;
            }
            Term::Op(op @ (Op::Pow | Op::HadPow), args)
                if !data[usize::from(args[1])].indices.intersection(own).is_empty() =>
            {
                let exponent = data[usize::from(args[1])].exponent()?.at(index, value)?;
                match exponent.constant() {
                    Some(q) if q.is_one() => ids[usize::from(args[0])],
                    Some(q) if q.is_zero() && data[usize::from(args[0])].shape.is_scalar() => one,
                    _ => {
                        let exponent = out.copy(&exponent.expr());
                        out.op(*op, &[ids[usize::from(args[0])], exponent])
                    }
                }
            }
            Term::Op(Op::Mul, args) if ids[usize::from(args[0])] == one => ids[usize::from(args[1])],
            node => out.add(node.clone().map_children(|child| ids[usize::from(child)])),
        };
        ids.push(id);
    }
    Some(out.finish(*ids.last()?))
}

/// A formula with its exponents in normal form.
pub fn with_exponents(env: &Env, x: &Expr) -> Expr {
    let exponent = |node: &Term| match node {
        Term::Op(Op::Pow | Op::HadPow, args) if !matches!(x[args[1]], Term::Num(_)) => Some(args[1]),
        _ => None,
    };
    let any = x.as_ref().iter().any(|node| exponent(node).is_some());
    let (true, Ok(data)) = (any, infer_expr(env, x)) else { return x.clone() };
    let mut out = Builder::default();
    let mut ids: Vec<Id> = Vec::with_capacity(x.len());
    for node in x.as_ref() {
        let mut new = node.clone().map_children(|child| ids[usize::from(child)]);
        let known = exponent(node).and_then(|at| data[usize::from(at)].exponent());
        if let (Some(known), Term::Op(_, args)) = (known, &mut new) {
            args[1] = out.copy(&known.expr());
        }
        ids.push(out.add(new));
    }
    out.finish(ids[x.len() - 1])
}

/// The image of a value of the blocks, from that of what a block takes: of the first value, of what a block gives and of what
/// the last one gives.
pub struct Turns<'a> {
    pub model: &'a Model,
    pub env: &'a Env,
    pub repeat: &'a Repeat,
}

impl Turns<'_> {
    fn at(&self, carried: &Carried, image: &Expr, name: Symbol, value: Option<Exponent>) -> Option<Expr> {
        let image = turned(self.env, image, self.repeat.index, &value?)?;
        Some(substitute(&image, &HashMap::from([(carried.before, sym(name))])))
    }

    fn next(value: Option<Exponent>) -> Option<Exponent> {
        value?.plus(&Exponent::number(One::one()))
    }

    pub fn first(&self, carried: &Carried, image: &Expr) -> Option<Expr> {
        self.at(carried, image, carried.first, Some(Exponent::number(One::one())))
    }

    pub fn after(&self, carried: &Carried, image: &Expr) -> Option<Expr> {
        self.at(carried, image, carried.after, Turns::next(Some(Exponent::index(self.repeat.index))))
    }

    pub fn last(&self, carried: &Carried, image: &Expr) -> Option<Expr> {
        let range = self.model.index(self.repeat.index)?.range;
        self.at(carried, image, carried.last, Turns::next(Exponent::size(range)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::print::text;
    use crate::term::{Facts, Shape, Size, add, apply, mul, size, sub};

    #[test]
    fn exponents_are_those_of_the_other_block_and_what_is_bound_is_refused() {
        let (l, a, x) = (Symbol::from("l"), sym("a".into()), sym("X".into()));
        let mut env = Env::default();
        env.declare_index(l, Size::Name("L".into()));
        env.declare("a".into(), Shape::SCALAR, Facts::POSITIVE | Facts::CONSTANT);
        env.declare("X".into(), Shape::square(Size::Name("d".into())), Facts::empty());
        let number = |n: i64| Exponent::number(crate::term::Rational::from_integer(n.into()));
        let at = |image: &Expr, value: &Exponent| turned(&env, image, l, value).map(|image| text(&image));
        let before = mul(&apply(Op::Pow, &[&a, &sub(&sym(l), &int(1))]), &x);
        assert_eq!(at(&before, &number(1)), Some("X".into()));
        assert_eq!(at(&before, &number(2)), Some("a * X".into()));
        let next = Exponent::index(l).plus(&number(1)).expect("small");
        assert_eq!(at(&before, &next), Some("a^l * X".into()));
        let after_last =
            Exponent::size(Size::Name("L".into())).and_then(|range| range.plus(&number(1))).expect("small");
        assert_eq!(at(&before, &after_last), Some("a^L * X".into()));
        // As a value it is the number.
        assert_eq!(at(&mul(&sym(l), &x), &number(3)), Some("3 * X".into()));
        // A sum over the index is not about its current value.
        assert_eq!(at(&add(&before, &apply(Op::Over, &[&sym(l), &x])), &number(2)), None);
        // What does not depend on it stays as it stands.
        let still = mul(&apply(Op::Pow, &[&a, &size(Size::Name("L".into()))]), &x);
        assert_eq!(at(&still, &number(1)), Some("a^L * X".into()));
    }
}
