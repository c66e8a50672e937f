//! T4 modulo T1: the gradient identity holds for every element of the algebra, so also for the products of two, and adding it
//! there makes the form shorter.

use super::context::{Context, Weighted, end_of, start_of};
use super::eliminate::Terms;
use super::generator::Motion;
use super::gradient::Identity;
use super::tidy::{collect, tidy, tidy_summands};
use crate::group::Part;
use crate::kernel::Scope;
use crate::term::{
    Builder, Env, Expr, Facts, Op, Rational, Symbol, Term, add, arguments, factors, inner, mul, neg, num, root,
    subterm, sym, transpose,
};
use std::collections::BTreeSet;

/// The summands of T4 with multiples of T1 at AB and BA added where these are elements of the algebra and that leaves fewer
/// summands, or as many with fewer gradients; and what was added.
pub(super) fn by_products(
    cx: &Context,
    motion: &Motion,
    scope: &Scope,
    b: Symbol,
    identity: &Identity,
    terms: Terms,
) -> (Terms, Vec<Weighted>) {
    let a = motion.element();
    let family = motion.family(Part::Whole);
    let env = scope.env().clone();
    let commute = family.facts.contains(Facts::DIAGONAL);
    let closed = commute || family.is_everything();
    if !closed || !motion.algebra.shape.is_square() {
        return (terms, vec![]);
    }
    let ordered = |terms: Terms| if commute { collect(in_order(&env, terms, a, b)) } else { terms };
    let at = |x: Symbol, y: Symbol| cx.instance(scope, &identity.raw, &[(a, mul(&sym(x), &sym(y)))]).ok();
    let products = if commute { vec![at(a, b)] } else { vec![at(b, a), at(a, b)] };
    let (mut terms, mut added) = (ordered(terms), Vec::new());
    for equation in products.into_iter().flatten() {
        let sides = add(start_of(&equation), &neg(end_of(&equation)));
        let zero = ordered(collect(tidy_summands(&env, &turned(&sides))));
        if let Some((shorter, by)) = shortened(&terms, &zero) {
            terms = shorter;
            added.push((num(by), equation));
        }
    }
    (terms, added)
}

/// The best multiple of an equation Σ = 0 to take away, if any makes the terms shorter.
fn shortened(terms: &Terms, zero: &Terms) -> Option<(Terms, Rational)> {
    let size =
        |terms: &Terms| (terms.len(), terms.iter().flat_map(|(_, t)| gradients(t)).collect::<BTreeSet<_>>().len());
    // The last gradients go first.
    let tried = zero.iter().rev().filter_map(|(c, t)| {
        let (d, _) = terms.iter().find(|(_, s)| s == t)?;
        let by = d / c;
        let rest = zero.iter().map(|(c, t)| (-(&by * c), t.clone()));
        Some((collect(terms.iter().cloned().chain(rest).collect()), by))
    });
    tried.filter(|(shorter, _)| size(shorter) < size(terms)).min_by_key(|(shorter, _)| size(shorter))
}

/// (XY)ᵀ as YᵀXᵀ.
fn turned(e: &Expr) -> Expr {
    let mut out = Builder::default();
    let root = out.copy_with(e, |out, node| {
        let Term::Op(Op::T, args) = node else { return None };
        let Term::Op(Op::Mul, factors) = &e[args[0]] else { return None };
        let [x, y] = [factors[0], factors[1]].map(|id| transpose(&subterm(e, id)));
        Some(out.copy(&mul(&y, &x)))
    });
    out.finish(root)
}

/// The parameters whose gradient a formula mentions.
fn gradients(e: &Expr) -> Vec<String> {
    let of = |node: &Term| match node {
        Term::Op(Op::Grad, args) => Some(crate::term::print::text(&subterm(e, args[0]))),
        _ => None,
    };
    e.as_ref().iter().filter_map(of).collect()
}

/// The same summands with AB for every BA, of diagonal matrices, which commute.
fn in_order(env: &Env, terms: Terms, a: Symbol, b: Symbol) -> Terms {
    let swapped = |x: &Expr| {
        let mut list = factors(x);
        for i in 1..list.len() {
            if list[i - 1] == sym(b) && list[i] == sym(a) {
                list.swap(i - 1, i);
            }
        }
        list.into_iter().reduce(|x, y| mul(&x, &y)).map_or_else(|| x.clone(), |product| tidy(env, &product))
    };
    let one = |t: Expr| match (root(&t), arguments(&t).as_slice()) {
        (Term::Op(Op::Inner, _), [x, y]) => inner(x, &swapped(y)),
        _ => t,
    };
    terms.into_iter().map(|(c, t)| (c, one(t))).collect()
}
