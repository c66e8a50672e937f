//! Which nodes are certainly 1×1: these may be divisors and radicands.

use super::super::{Scalar, Symbol, Term};
use super::source::{Node, Source};
use egg::Id;

/// For every node, whether it is a scalar, given which names are.
pub(super) fn scalars<S: Source>(source: &S, named: impl Fn(Symbol) -> bool) -> Vec<bool> {
    let mut scalar: Vec<bool> = Vec::with_capacity(source.len());
    for i in 0..source.len() {
        let of = |id: Id| scalar[usize::from(id)];
        let is = match source.node(Id::from(i)) {
            Node::Term(Term::Num(_) | Term::Size(_)) => true,
            Node::Term(Term::Sym(name)) => named(*name),
            Node::Term(Term::Op(op, args)) => match op.row().scalar {
                Scalar::If(places) => places.iter().all(|&i| of(args[i])),
                Scalar::Undecided => false,
            },
            Node::Term(Term::Fun(_)) | Node::Var(_) => false,
        };
        scalar.push(is);
    }
    scalar
}
