//! A number of laws as short as it is written: like terms are collected, and a sum over an index less its last term stops before it.

use super::super::{
    Builder, Expr, Op, Rational, Shape, Size, Symbol, Term, apply, arguments, int, root, scaled, sum_of, summands, sym,
};
use num_traits::Zero;

/// Behind the name of an index in a sum, which no name holds: what follows is not reached.
pub(super) const BELOW: char = '<';

/// The same number as a sum of unlike terms.
pub(super) fn collected(expr: &Expr) -> Expr {
    if !matches!(root(expr), Term::Op(Op::Add, _)) {
        return expr.clone();
    }
    let mut terms: Vec<(Rational, Expr)> = Vec::new();
    for (c, term) in summands(expr) {
        add(&mut terms, c, &term);
    }
    for at in 0..terms.len() {
        if let Some((shorter, rest)) = shortened(&terms, at) {
            terms = rest;
            terms[at].1 = shorter;
        }
    }
    let terms = terms.into_iter().filter(|(c, _)| !c.is_zero());
    let terms: Vec<Expr> = terms.map(|(c, term)| scaled(c, &term)).collect();
    if terms.is_empty() { int(0) } else { sum_of(&terms, Shape::SCALAR) }
}

/// Adds a term to one it is like.
fn add(terms: &mut Vec<(Rational, Expr)>, c: Rational, term: &Expr) {
    let (c, term) = match root(term) {
        Term::Num(value) => (c * &**value, int(1)),
        Term::Size(Size::Lit(n)) => (c * Rational::from_integer((*n).into()), int(1)),
        _ => (c, term.clone()),
    };
    match terms.iter_mut().find(|(_, known)| *known == term) {
        Some((sum, _)) => *sum += c,
        None => terms.push((c, term)),
    }
}

/// A term that is a sum over an index, stopped before the last value where the last term of it is subtracted, and all terms without that.
fn shortened(terms: &[(Rational, Expr)], at: usize) -> Option<(Expr, Vec<(Rational, Expr)>)> {
    let (c, term) = &terms[at];
    let parts = arguments(term);
    let (Term::Op(Op::Over, _), [index, body]) = (root(term), parts.as_slice()) else { return None };
    let Term::Sym(index) = root(index) else { return None };
    let names = terms.iter().flat_map(|(_, term)| names(term));
    let mut ends: Vec<&str> = names.filter_map(|name| place(name).map(|(_, place)| base(place))).collect();
    ends.sort_unstable();
    ends.dedup();
    ends.retain(|end| *end != index.as_str() && !end.starts_with(|c: char| c.is_ascii_digit()));
    ends.into_iter().find_map(|end| {
        let last = summands(&moved(body, index.as_str(), end));
        let mut rest = terms.to_vec();
        for (d, term) in &last {
            add(&mut rest, c * d, term);
        }
        // Every term of the last one is there.
        let there = !last.is_empty() && rest.len() == terms.len();
        let fewer = |all: &[(Rational, Expr)]| all.iter().filter(|(c, _)| !c.is_zero()).count();
        (there && fewer(&rest) + last.len() == fewer(terms)).then(|| {
            let below = sym(format!("{index}{BELOW}{end}").into());
            (apply(Op::Over, &[&below, body]), rest)
        })
    })
}

fn names(expr: &Expr) -> Vec<&'static str> {
    let sizes =
        expr.as_ref().iter().filter_map(|node| if let Term::Size(size) = node { Some(size.names()) } else { None });
    sizes.flatten().map(|name| name.as_str()).collect()
}

/// The name of a family and the place of a member, `l-1`.
fn place(name: &'static str) -> Option<(&'static str, &'static str)> {
    name.strip_suffix(']')?.split_once('[')
}

/// The place that another is counted from.
fn base(place: &str) -> &str {
    place.split(['+', '-']).next().unwrap_or_default()
}

/// A number with another value of an index.
fn moved(x: &Expr, index: &str, to: &str) -> Expr {
    let mut out = Builder::default();
    let size = |name: Symbol| match place(name.as_str()) {
        Some((of, at)) if base(at) == index => Size::Name(format!("{of}[{to}{}]", &at[index.len()..]).into()),
        _ => Size::Name(name),
    };
    let root = out.copy_with(x, |out, node| match node {
        Term::Size(old) => old.with(&size).map(|new| out.add(Term::Size(new))),
        _ => None,
    });
    out.finish(root)
}

#[cfg(test)]
mod tests {
    use super::super::super::{mul, size, sub};
    use super::*;

    #[test]
    fn a_sum_less_its_last_term_stops_before_it() {
        let n = |name: &str| size(Size::Name(name.into()));
        let over = |x: &Expr| apply(Op::Over, &[&sym("l".into()), x]);
        let written = |x: &Expr| super::super::unicode::render(&super::super::count::tokens(x));
        let plus = |x: &Expr, y: &Expr| super::super::super::add(x, y);
        let less = sub(&over(&n("d[l]")), &n("d[R]"));
        assert_eq!(written(&less), "∑_{l<R} d[l]");
        let product = |l: &str| mul(&n(&format!("d[{l}+1]")), &n(&format!("d[{l}]")));
        assert_eq!(written(&sub(&over(&product("l")), &product("R"))), "∑_{l<R} d[l+1] d[l]");
        let gap = |l: &str| sub(&mul(&n(&format!("d[{l}-1]")), &n("c")), &int(1));
        assert_eq!(written(&sub(&over(&gap("l")), &gap("R"))), "∑_{l<R} (d[l−1] c−1)");
        // What is subtracted beside is not the last term.
        assert_eq!(written(&sub(&over(&n("d[l]")), &n("d[0]"))), "∑_l d[l] − d[0]");
        let twice = plus(&less, &mul(&int(2), &n("d[R]")));
        assert_eq!(written(&plus(&n("d[0]"), &plus(&twice, &int(1)))), "d[0] + ∑_l d[l] + d[R] + 1");
        assert_eq!(written(&sub(&plus(&n("h"), &int(1)), &n("h"))), "1");
    }
}
