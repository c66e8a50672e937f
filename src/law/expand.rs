//! A field on parameter space as a sum of homogeneous summands: products are multiplied out where a summand has no degree of its
//! own, as A(1 + w) of an affine action. Each part then has its potential by Euler's identity (`kernel/degree.rs`).

use crate::kernel::degree;
use crate::model::Model;
use crate::term::{Expr, Rational, Shape, Term, apply, arguments, root, scaled, sum_of, summands};

/// So many summands at most; a longer sum stays as it was.
const LIMIT: usize = 64;

/// The formula with every summand that has no degree multiplied out; none where the parts have no degrees either.
pub(super) fn homogeneous(model: &Model, expr: &Expr, shape: Shape) -> Option<Expr> {
    let mut out = Vec::new();
    for (c, term) in summands(expr) {
        match degree(model, &term) {
            Some(_) => out.push(scaled(c, &term)),
            None => {
                let parts = multiplied_out(&term)?;
                if parts.iter().any(|(_, part)| degree(model, part).is_none()) {
                    return None;
                }
                out.extend(parts.into_iter().map(|(k, part)| scaled(&c * k, &part)));
            }
        }
    }
    (out.len() <= LIMIT).then(|| sum_of(&out, shape))
}

/// The summands of a formula with every operation carried through the sums it is linear in.
pub(super) fn multiplied_out(expr: &Expr) -> Option<Vec<(Rational, Expr)>> {
    let mut out = Vec::new();
    for (c, term) in summands(expr) {
        let Term::Op(op, _) = root(&term) else {
            out.push((c, term));
            continue;
        };
        let args = arguments(&term);
        let mut chosen = vec![(c, args.clone())];
        for &i in op.row().linear_in {
            let parts = multiplied_out(&args[i])?;
            if chosen.len() * parts.len() > LIMIT {
                return None;
            }
            chosen = (chosen.iter())
                .flat_map(|(c, args)| {
                    parts.iter().map(move |(k, part)| {
                        let mut args = args.clone();
                        args[i] = part.clone();
                        (c * k, args)
                    })
                })
                .collect();
        }
        out.extend(chosen.into_iter().map(|(c, args)| (c, apply(*op, &args.iter().collect::<Vec<_>>()))));
    }
    (out.len() <= LIMIT).then_some(out)
}
