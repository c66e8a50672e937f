//! Small numbers in normalizations. A floating rank does not tell ε = 10⁻¹² from 0, where scales are symmetries that are none. The
//! rank of a span of fields that are analytic in ε is the same for all ε but isolated ones, so that it may be taken at another.

use crate::model::{Loss, Model};
use crate::term::{Builder, Expr, Op, Rational, Term, ratio};
use egg::Language;
use num_traits::Signed;

/// Numbers below this are replaced.
const TINY: (i64, i64) = (1, 100);

/// ε where it stands in a model, and the number in place of it.
pub type Replaced = Vec<(Rational, Rational)>;

/// The model with every small ε replaced, each by a number of its own; none where there is none.
pub(super) fn generic(model: &Model) -> Option<(Model, Replaced)> {
    let mut replaced = Replaced::new();
    let mut out = model.clone();
    for definition in out.lets.iter_mut().chain(&mut out.output) {
        definition.expr = replace(&definition.expr, &mut replaced);
    }
    if let Loss::Explicit(loss) = &mut out.loss {
        *loss = replace(loss, &mut replaced);
    }
    (!replaced.is_empty()).then_some((out, replaced))
}

fn replace(expr: &Expr, replaced: &mut Replaced) -> Expr {
    let tiny = Rational::new(TINY.0.into(), TINY.1.into());
    let mut out = Builder::default();
    let mut ids: Vec<egg::Id> = Vec::with_capacity(expr.len());
    for node in expr.as_ref() {
        let id = match node {
            Term::Op(op @ (Op::LayerNormEps | Op::RmsNormEps | Op::NormalizeEps | Op::BatchNormEps), args) => {
                let eps = match &expr[args[1]] {
                    Term::Num(value) if value.is_positive() && **value < tiny => {
                        let known = replaced.iter().find(|(old, _)| *old == **value).map(|(_, new)| new.clone());
                        let new = known.unwrap_or_else(|| {
                            let new = Rational::new(1.into(), (4 + replaced.len() as i64).into());
                            replaced.push((Rational::clone(value), new.clone()));
                            new
                        });
                        out.add(Term::num(new))
                    }
                    _ => ids[usize::from(args[1])],
                };
                out.op(*op, &[ids[usize::from(args[0])], eps])
            }
            _ => out.add(node.clone().map_children(|child| ids[usize::from(child)])),
        };
        ids.push(id);
    }
    ids.last().map_or_else(|| ratio(0, 1), |root| out.finish(*root))
}
