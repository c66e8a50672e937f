//! What elements of a Lie algebra range over, in words.

use super::prose::{Prose, prose};
use crate::group::Range;
use crate::term::print::{Bracket, Group, Line, line};
use crate::term::{Shape, Size, size};

/// What elements range over, with their names: `every diagonal h×h matrix A`, `all vectors u and v in ℝᵈ`.
pub(super) fn range(range: &Range, names: Vec<Line>) -> Prose {
    let several = names.len() > 1;
    let every =
        |noun: &str, nouns: &str| Prose::from(if several { format!("all {nouns}") } else { format!("every {noun}") });
    let names = Prose::enumerated(names.into_iter().map(Prose::math).collect());
    let count = |n: Size| Line::count(&size(n));
    match *range {
        Range::Numbers => every("number", "numbers").join(names),
        Range::Vectors(n) => {
            let space = Line::from("ℝ").then(count(n).grouped(Group::Raised));
            every("vector", "vectors").join(names).join(prose!["in ", space])
        }
        Range::PseudoOrthogonal { adjective, p, q } => {
            let all = Prose::from(if several { "all" } else { "every" });
            let all = if adjective.is_empty() { all } else { all.join(adjective.into()) };
            let algebra = line!["𝔬", line![count(p), ", ", count(q)].bracketed(Bracket::Round, 0)];
            all.join(if several { "matrices" } else { "matrix" }.into()).join(names).join(prose!["in ", algebra])
        }
        Range::Matrices { adjective, shape: Shape { rows, cols } } => {
            let all = Prose::from(if several { "all" } else { "every" });
            let all = if adjective.is_empty() { all } else { all.join(adjective.into()) };
            let shape = Prose::math(line![side(rows), "×", side(cols)]);
            all.join(shape).join(if several { "matrices" } else { "matrix" }.into()).join(names)
        }
    }
}

/// One of two sizes with a `×` between them: a sum in brackets.
pub(super) fn side(n: Size) -> Line {
    let count = Line::count(&size(n));
    match n {
        Size::Formula(formula) if formula.monomials().nth(1).is_some() => count.bracketed(Bracket::Round, 0),
        Size::Lit(_) | Size::Name(_) | Size::Formula(_) => count,
    }
}
