//! T1, the gradient identity: ⟨∇L, ξ_A⟩ = ⟨E, r_A⟩ (or c_A(L)) for every A, with A eliminated into one matrix equation.

use super::derivation::{ClaimStatement, Reason, Theorem};
use super::generator::Tangent;
use super::law::{Draft, Kind, Law, Statement};
use super::linear::{Forms, Piece, gradients, response_form, simplify, tangent_env};
use super::tidy::{balanced, collect, tidy_summands, total};
use super::{ActionLaws, Context, Missing, law_id};
use crate::group::Family;
use crate::rewrite::Proof;
use crate::term::{Env, Expr, Rational, Shape, Symbol, infer, inner, int, num, scaled, substitute, sum_of, sym};
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
    let mut premises = vec![tangent.equivariance];
    premises.extend(tangent.generator_claims());
    let words = "the derivative of L along the orbit gives";
    let (lhs, rhs) = pair(cx, tangent, forms, &gradients);
    let statement = ClaimStatement::ForAll { element: tangent.element.symbol, lhs, rhs };
    let first = tangent.argument.theorem(statement, Theorem::GradientIdentity, words, &premises);
    let mut claims = vec![first];
    let mut terms = Vec::new();
    let mut factor = Vec::new();
    for piece in &forms.pieces {
        let proof = map_proof(&piece.proof, &gradients);
        let statement = ClaimStatement::Equation { lhs: proof.start.clone(), rhs: proof.end().clone() };
        claims.push(tangent.argument.claim(statement, Reason::Rewriting(proof), &[]));
        let matrix = substitute(&piece.matrix, &gradients);
        factor.push((piece.coefficient.clone(), matrix.clone()));
        terms.extend(project(cx, &env, &family, &piece.coefficient, &matrix)?);
    }
    if let Some((matrix, proof)) = &forms.response {
        let statement = ClaimStatement::Equation { lhs: proof.start.clone(), rhs: proof.end().clone() };
        claims.push(tangent.argument.claim(statement, Reason::Rewriting(proof.clone()), &[]));
        factor.push((-Rational::from_integer(1.into()), matrix.clone()));
        terms.extend(project(cx, &env, &family, &-Rational::from_integer(1.into()), matrix)?);
    }
    let shape = infer(&env, &family.project(&pieces_shape(tangent)).1).map_err(|e| e.to_string())?.shape;
    let terms = collect(terms);
    let (lhs, rhs) = balanced(&env, terms.clone(), shape);
    let (premises, words) = match tangent.element.unit {
        true => (claims, "this is the identity, its terms collected".to_string()),
        false => {
            let statement = ClaimStatement::ForAll {
                element: tangent.element.symbol,
                lhs: paired(&env, tangent, factor),
                rhs: int(0),
            };
            let sum = tangent.argument.theorem(statement, Theorem::GradientIdentity, "the terms add up to", &claims);
            let part = family.dual_part();
            (vec![sum], format!("this holds for {}, so {part} vanishes", tangent.element.range))
        }
    };
    let conclusion = tangent.argument.theorem(ClaimStatement::Conclusion, Theorem::GradientIdentity, words, &premises);
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
fn pair(cx: &Context, tangent: &Tangent, forms: &Forms, gradients: &HashMap<Symbol, Expr>) -> (Expr, Expr) {
    let term = |piece: &Piece| scaled(piece.coefficient.clone(), &substitute(&piece.proof.start, gradients));
    let terms: Vec<Expr> = forms.pieces.iter().map(term).collect();
    let rhs = response_form(cx, tangent).unwrap_or_else(|| int(0));
    let lhs = if terms.is_empty() { int(0) } else { sum_of(&terms, Shape::SCALAR) };
    (lhs, rhs)
}

/// ⟨Σ c M, A⟩ for multiples of matrices; the sum itself for a one-dimensional algebra.
pub(super) fn paired(env: &Arc<Env>, tangent: &Tangent, matrices: Vec<(Rational, Expr)>) -> Expr {
    let opened = matrices.into_iter().flat_map(|(c, matrix)| {
        tidy_summands(env, &matrix).into_iter().map(move |(d, term)| (&c * d, term)).collect::<Vec<_>>()
    });
    let sum = total(env, &collect(opened.collect()), tangent.algebra.shape);
    if tangent.element.unit { sum } else { inner(&sum, &sym(tangent.element.symbol)) }
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
