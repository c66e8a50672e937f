//! T6, alignment: where T3 says H[ξ] = κ∇L for the one generator of a one-dimensional algebra – a homogeneous or a
//! scale-invariant loss, an exponential translation – the gradient lies in the range of the Hessian.

use super::derivation::{ClaimStatement, Theorem};
use super::generator::Tangent;
use super::law::{Draft, Kind, Law, Statement};
use super::structure::Structure;
use super::tidy::tidy_summands;
use super::{ActionLaws, law_id};
use crate::term::{Expr, Op, Term, apply, arguments, factors, int, mul, root, scaled};

/// Derives the alignment from the Hessian image where the image is a multiple of the gradient on every parameter.
pub(super) fn derive(tangent: &mut Tangent, out: &mut ActionLaws) {
    if !tangent.element.unit {
        return;
    }
    let id = law_id(tangent.action, "hessian/image");
    let Some(image) = out.laws.iter().find(|law| law.id() == id) else { return };
    let Statement::Equations { equations, .. } = image.statement() else { return };
    let env = image.env().clone();
    let mut factor: Option<Expr> = None;
    for (block, value) in equations {
        let Some(param) = arguments(block).into_iter().next() else { return };
        let gradient = apply(Op::Grad, &[&param]);
        let summands = tidy_summands(&env, value);
        let [(coefficient, term)] = summands.as_slice() else { return };
        let mut parts = factors(term);
        if parts.pop().as_ref() != Some(&gradient) {
            return;
        }
        let product = parts.into_iter().reduce(|x, y| mul(&x, &y)).unwrap_or_else(|| int(1));
        let found = scaled(coefficient.clone(), &product);
        if *factor.get_or_insert_with(|| found.clone()) != found {
            return;
        }
    }
    let Some(factor) = factor else { return };
    let mut hypotheses = vec!["wherever L is twice differentiable".to_string()];
    if !matches!(root(&factor), Term::Num(_)) {
        hypotheses.push("for a factor that is not zero".into());
    }
    let mut premises = vec![tangent.equivariance];
    premises.extend(tangent.generator_claims());
    let words = format!("{id} is the same multiple of the gradient on every parameter");
    let conclusion = tangent.argument.theorem(ClaimStatement::Conclusion, Theorem::Alignment, words, &premises);
    let draft = Draft {
        id: law_id(tangent.action, "alignment"),
        action: Some(tangent.action),
        dynamics: None,
        kind: Kind::Identity,
        theorem: Theorem::Alignment,
        statement: Statement::Structure(Structure::Alignment { element: tangent.element.clone(), factor }),
        hypotheses,
        components: int(1),
        premises: vec![id],
        remarks: vec![],
        env,
    };
    out.laws.push(Law::new(draft, tangent.argument.conclude(conclusion)));
}
