//! Which nodes are certainly 1×1: these may be divisors and radicands.

use super::super::{Op, Symbol, Term};
use super::source::{Node, Source};
use egg::Id;

/// For every node, whether it is a scalar, given which names are.
pub(super) fn scalars<S: Source>(source: &S, named: impl Fn(Symbol) -> bool) -> Vec<bool> {
    use Op::*;
    let mut scalar: Vec<bool> = Vec::with_capacity(source.len());
    for i in 0..source.len() {
        let of = |id: Id| scalar[usize::from(id)];
        let is = match source.node(Id::from(i)) {
            Node::Term(Term::Num(_) | Term::Size(_)) => true,
            Node::Term(Term::Sym(name)) => named(*name),
            Node::Term(Term::Op(op, args)) => match op {
                Tr | Inner | Norm2 | Sum | Mse | CrossEntropy | Logistic | Exponential | Rows | Cols => true,
                Add | Had | Pow | HadPow | T | Inv | Grad | Dot | Next | Diff => of(args[0]),
                Mul => of(args[0]) && of(args[1]),
                Apply => of(args[1]),
                _ => false,
            },
            _ => false,
        };
        scalar.push(is);
    }
    scalar
}
