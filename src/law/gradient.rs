//! T1, the gradient identity: ⟨∇L, ξ_A⟩ = ⟨E, r_A⟩ (or c_A(L)) for every A, with A eliminated into one matrix equation.

use super::derivation::{ClaimStatement, Reason, Theorem};
use super::generator::Tangent;
use super::law::{Draft, Kind, Law, Statement};
use super::linear::{Forms, gradients, response_form, simplify, tangent_env};
use super::tidy::{balanced, collect, tidy_summands};
use super::{ActionLaws, Context, Missing, law_id};
use crate::group::Family;
use crate::rewrite::Proof;
use crate::term::{Env, Expr, Op, Rational, Shape, Symbol, apply, infer, inner, int, num, substitute, sum_of, sym};
use num_traits::Zero;
use std::collections::HashMap;
use std::sync::Arc;

/// Derives T1 and returns the summands of Σ = 0 where it is one scalar equation.
pub(super) fn derive(
    cx: &Context,
    tangent: &mut Tangent,
    forms: &Forms,
    out: &mut ActionLaws,
) -> Vec<(Rational, Expr)> {
    match gradient_identity(cx, tangent, forms) {
        Ok((law, terms)) => {
            out.laws.push(law);
            terms
        }
        Err(reason) => {
            out.missing.push(Missing { id: law_id(tangent.action, "gradient"), reason });
            vec![]
        }
    }
}

fn gradient_identity(
    cx: &Context,
    tangent: &mut Tangent,
    forms: &Forms,
) -> Result<(Law, Vec<(Rational, Expr)>), String> {
    let env = tangent_env(cx, &tangent.env);
    let family = tangent.algebra.whole().clone();
    let gradients = gradients(cx);
    let identity = pair(cx, tangent);
    let mut premises = vec![tangent.equivariance];
    premises.extend(tangent.generator_claims());
    let words = format!("differentiate along exp(t{}) at t = 0", tangent.element.symbol);
    let statement =
        ClaimStatement::ForAll { element: tangent.element.symbol, lhs: identity.0.clone(), rhs: identity.1.clone() };
    let first = tangent.argument.theorem(statement, Theorem::GradientIdentity, words, &premises);
    let mut claims = vec![first];
    let mut terms = Vec::new();
    for piece in &forms.pieces {
        let proof = map_proof(&piece.proof, &gradients);
        let statement = ClaimStatement::Equation { lhs: proof.start.clone(), rhs: proof.end().clone() };
        claims.push(tangent.argument.claim(statement, Reason::Rewriting(proof), &[]));
        let matrix = substitute(&piece.matrix, &gradients);
        terms.extend(project(cx, &env, &family, &piece.coefficient, &matrix)?);
    }
    if let Some((matrix, proof)) = &forms.response {
        let statement = ClaimStatement::Equation { lhs: proof.start.clone(), rhs: proof.end().clone() };
        claims.push(tangent.argument.claim(statement, Reason::Rewriting(proof.clone()), &[]));
        terms.extend(project(cx, &env, &family, &-Rational::from_integer(1.into()), matrix)?);
    }
    let shape = infer(&env, &family.project(&pieces_shape(tangent)).1).map_err(|e| e.to_string())?.shape;
    let terms = collect(terms);
    let (lhs, rhs) = balanced(&env, terms.clone(), shape);
    let words = match tangent.element.unit {
        true => "collect the terms".to_string(),
        false => format!("this holds for {}, so its projection vanishes", tangent.element.range),
    };
    let conclusion = tangent.argument.theorem(ClaimStatement::Conclusion, Theorem::GradientIdentity, words, &claims);
    let draft = Draft {
        id: law_id(tangent.action, "gradient"),
        action: Some(tangent.action),
        dynamics: None,
        kind: Kind::Identity,
        theorem: Theorem::GradientIdentity,
        statement: Statement::Equations { element: None, equations: vec![(lhs, rhs)] },
        hypotheses: vec!["wherever L is differentiable".into()],
        components: family.dimension.clone(),
        premises: vec![],
        remarks: vec![],
        env: tangent.env.clone(),
    };
    let terms = if shape.is_scalar() { terms } else { vec![] };
    Ok((Law::new(draft, tangent.argument.conclude(conclusion)), terms))
}

/// The two sides of ⟨∇L, ξ_A⟩ = ⟨E, r_A⟩, unevaluated.
fn pair(cx: &Context, tangent: &Tangent) -> (Expr, Expr) {
    let terms: Vec<Expr> =
        tangent.generator.iter().map(|c| inner(&apply(Op::Grad, &[&sym(c.param)]), &c.value)).collect();
    let rhs = response_form(cx, tangent).unwrap_or_else(|| int(0));
    let lhs = if terms.is_empty() { int(0) } else { sum_of(&terms, Shape::SCALAR) };
    (lhs, rhs)
}

/// Projects a multiple of a matrix onto the dual of a family and opens up the summands.
pub(super) fn project(
    cx: &Context,
    env: &Arc<Env>,
    family: &Family,
    coefficient: &Rational,
    matrix: &Expr,
) -> Result<Vec<(Rational, Expr)>, String> {
    if coefficient.is_zero() {
        return Ok(vec![]);
    }
    let mut terms = Vec::new();
    for (c, term) in tidy_summands(env, matrix) {
        let (factor, projected) = family.project(&term);
        let proof = simplify(cx, env, &projected)?;
        let factor = factor * c * coefficient;
        terms.extend(tidy_summands(env, proof.end()).into_iter().map(|(c, t)| (c * &factor, t)));
    }
    Ok(terms)
}

/// A matrix of the algebra's shape, to read off the shape of a projection.
pub(super) fn pieces_shape(tangent: &Tangent) -> Expr {
    if tangent.element.unit { num(Rational::zero()) } else { sym(tangent.element.symbol) }
}

/// An instance of a proof: symbols replaced throughout.
pub(super) fn map_proof(proof: &Proof, images: &HashMap<Symbol, Expr>) -> Proof {
    let mut proof = proof.clone();
    proof.start = substitute(&proof.start, images);
    for step in &mut proof.steps {
        step.term = substitute(&step.term, images);
    }
    proof
}
