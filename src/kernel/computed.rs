//! The sizes that a rule computes: `rows(?X)`, `?b + 1 - ?a`.

use crate::term::{Op, Polynomial, Shape, Size, Term};
use egg::{ENodeOrVar, Id, PatternAst, Var};
use num_traits::ToPrimitive;

/// The value of arithmetic of sizes in a pattern, given the sizes that its variables are and the shapes of its matrices.
pub fn computed_size(
    pattern: &PatternAst<Term>,
    at: Id,
    size: &dyn Fn(Var) -> Option<Size>,
    shape: &dyn Fn(Var) -> Option<Shape>,
) -> Option<Size> {
    polynomial(pattern, at, size, shape)?.size()
}

fn polynomial(
    pattern: &PatternAst<Term>,
    at: Id,
    size: &dyn Fn(Var) -> Option<Size>,
    shape: &dyn Fn(Var) -> Option<Shape>,
) -> Option<Polynomial> {
    let of = |at: Id| polynomial(pattern, at, size, shape);
    match &pattern[at] {
        ENodeOrVar::Var(var) => size(*var)?.polynomial(),
        ENodeOrVar::ENode(Term::Size(size)) => size.polynomial(),
        ENodeOrVar::ENode(Term::Num(value)) if value.is_integer() => {
            value.to_integer().to_i64().map(Polynomial::integer)
        }
        ENodeOrVar::ENode(Term::Op(Op::Add, args)) => of(args[0])?.plus(&of(args[1])?),
        ENodeOrVar::ENode(Term::Op(Op::Mul, args)) => of(args[0])?.times(&of(args[1])?),
        ENodeOrVar::ENode(Term::Op(op @ (Op::Rows | Op::Cols), args)) => {
            let ENodeOrVar::Var(var) = &pattern[args[0]] else { return None };
            let shape = shape(*var)?;
            if *op == Op::Rows { shape.rows } else { shape.cols }.polynomial()
        }
        ENodeOrVar::ENode(_) => None,
    }
}

/// The parts of a pattern that stand where a size does and are computed.
pub fn computed_sizes(pattern: &PatternAst<Term>) -> Vec<Id> {
    let mut out = Vec::new();
    for node in pattern.as_ref() {
        let ENodeOrVar::ENode(Term::Op(op, args)) = node else { continue };
        for place in op.places(|argument| argument == crate::term::Argument::Size) {
            let arithmetic = matches!(&pattern[args[place]], ENodeOrVar::ENode(Term::Op(Op::Add | Op::Mul, _)));
            if arithmetic && !out.contains(&args[place]) {
                out.push(args[place]);
            }
        }
    }
    out
}
