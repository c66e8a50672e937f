//! Gradient flow θ̇ = −∇L. Where A ↦ ξ_A is curl-free it has a potential Q_A, ∇Q_A = ξ_A, and
//! dQ_A/dt = ⟨ξ_A, θ̇⟩ = −⟨∇L, ξ_A⟩ = −⟨E, r_A⟩: conserved for an invariance. The skew part has no potential.

use super::derivation::{ClaimId, ClaimStatement, Reason, Theorem};
use super::difference::Balance;
use super::generator::Tangent;
use super::gradient::{map_proof, pieces_shape, project};
use super::law::{Draft, Kind, Law, Statement};
use super::linear::{Adjoint, Forms, Piece, cotangent, direction, positions};
use super::potential::{degree, weight};
use super::tidy::{collect, primitive, total};
use super::{ActionLaws, Context, Curl, Missing, law_id};
use crate::group::{Family, Part};
use crate::model::Dynamics;
use crate::rewrite::{Outcome, Proof, Purpose, replay};
use crate::term::{Env, Expr, Facts, Op, Rational, Shape, Symbol, apply, infer, neg, scaled, substitute, sum_of, sym};
use num_traits::One;
use std::collections::HashMap;
use std::sync::Arc;

/// What is proved of the derivative of a field on a part of the algebra.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Symmetry {
    /// The field is curl-free.
    SelfAdjoint,
    Skew,
    Neither,
}

/// A part of the algebra on which Dξ_A is proved self-adjoint or skew, and the claims that say so.
pub(super) struct Portion {
    pub family: Family,
    pub symmetry: Symmetry,
    pub claims: Vec<ClaimId>,
}

/// Derives what gradient flow does with T1, and returns the parts of the algebra the other dynamics tell apart.
pub(super) fn derive(
    cx: &Context,
    tangent: &mut Tangent,
    forms: &Forms,
    adjoint: &Adjoint,
    out: &mut ActionLaws,
) -> Vec<Portion> {
    let id = law_id(tangent.action, "gradient-flow/conserved");
    let portions = portions(cx, tangent, adjoint);
    for portion in &portions {
        match portion.symmetry {
            Symmetry::SelfAdjoint => conserved(cx, tangent, forms, &portion.family, &portion.claims, out),
            Symmetry::Skew => constraint(cx, tangent, forms, &portion.family, &portion.claims, out),
            Symmetry::Neither => {
                let reason =
                    "ξ_A is not proved curl-free, so it is not proved to be a gradient: no first integral follows";
                open(tangent, &portion.family, id.clone(), reason.into(), &adjoint.env, out);
            }
        }
    }
    portions
}

/// Records that the field of a tangent is not proved curl-free, as a question that numbers may answer.
pub(super) fn open(
    tangent: &Tangent,
    family: &Family,
    id: String,
    reason: String,
    env: &Arc<Env>,
    out: &mut ActionLaws,
) {
    out.curls.push(Curl {
        missing: out.missing.len(),
        action: tangent.action,
        element: tangent.element.symbol,
        facts: family.facts,
        field: tangent.generator.iter().map(|c| (c.param, c.value.clone())).collect(),
        env: env.clone(),
    });
    out.missing.push(Missing { id, reason });
}

/// The whole algebra where Dξ_A is self-adjoint or skew on all of it, else its parts.
pub(super) fn portions(cx: &Context, tangent: &mut Tangent, adjoint: &Adjoint) -> Vec<Portion> {
    let families = tangent.algebra.families.clone();
    for symmetry in [Symmetry::SelfAdjoint, Symmetry::Skew] {
        if let Some(claims) = self::symmetry(cx, tangent, adjoint, &families[0], symmetry) {
            return vec![Portion { family: families[0].clone(), symmetry, claims }];
        }
    }
    let mut out = Vec::new();
    for family in &families[1..] {
        let orders = match family.part {
            Part::Skew => [Symmetry::Skew, Symmetry::SelfAdjoint],
            Part::Whole | Part::Symmetric => [Symmetry::SelfAdjoint, Symmetry::Skew],
        };
        let proved = orders.into_iter().find_map(|symmetry| {
            let claims = self::symmetry(cx, tangent, adjoint, family, symmetry)?;
            Some(Portion { family: family.clone(), symmetry, claims })
        });
        out.push(proved.unwrap_or(Portion { family: family.clone(), symmetry: Symmetry::Neither, claims: vec![] }));
    }
    if out.iter().all(|portion| portion.symmetry == Symmetry::Neither) {
        return vec![Portion { family: families[0].clone(), symmetry: Symmetry::Neither, claims: vec![] }];
    }
    out
}

/// Proves that Dξ_A is self-adjoint (or skew) for A in a family: (Dξ_A)*[U] = ±Dξ_A[U].
fn symmetry(
    cx: &Context,
    tangent: &mut Tangent,
    adjoint: &Adjoint,
    family: &Family,
    which: Symmetry,
) -> Option<Vec<ClaimId>> {
    let (what, words) = match which {
        Symmetry::SelfAdjoint => ("self-adjoint", "its adjoint is the same on every parameter"),
        Symmetry::Skew => ("skew", "its adjoint is the opposite on every parameter"),
        Symmetry::Neither => return None,
    };
    let mut env: Env = (*adjoint.env).clone();
    if !tangent.element.unit {
        env.declare(tangent.element.symbol, tangent.algebra.shape, family.facts | Facts::CONSTANT);
    }
    let env = Arc::new(env);
    let cotangents: HashMap<Symbol, Expr> =
        cx.model.params.iter().map(|p| (direction(p.name), sym(cotangent(p.name)))).collect();
    let mut proofs: Vec<(Expr, Proof)> = Vec::new();
    for param in &cx.model.params {
        let (_, pieces) = adjoint.blocks.iter().find(|(p, _)| *p == param.name)?;
        let terms: Vec<Expr> = pieces.iter().map(|p| scaled(p.coefficient.clone(), &p.matrix)).collect();
        let star = sum_of(&terms, param.shape);
        let forward = adjoint.derivative_at(param.name, &cotangents).unwrap_or_else(|| sum_of(&[], param.shape));
        let wanted = if which == Symmetry::Skew { neg(&forward) } else { forward };
        let search = cx.search(env.clone(), Purpose::Simplify, &[]);
        match search.prove(&star, &wanted) {
            Outcome::Proved(proof) if replay(cx.book, &env, &[], &proof, &wanted).is_ok() => {
                proofs.push((wanted, proof));
            }
            _ => return None,
        }
    }
    let mut claims: Vec<ClaimId> = (proofs.into_iter())
        .filter(|(_, proof)| !proof.steps.is_empty())
        .map(|(wanted, proof)| {
            let statement = ClaimStatement::Equation { lhs: proof.start.clone(), rhs: wanted };
            tangent.argument.claim(statement, Reason::Rewriting(proof), &[])
        })
        .collect();
    let statement = ClaimStatement::Assumption(format!("the derivative S of ξ is {what}"));
    claims.push(tangent.argument.theorem(statement, Theorem::Definition, words, &claims));
    Some(claims)
}

/// Q_A and its rate.
fn conserved(
    cx: &Context,
    tangent: &mut Tangent,
    forms: &Forms,
    family: &Family,
    symmetric: &[ClaimId],
    out: &mut ActionLaws,
) {
    match potential(cx, tangent, forms, family, symmetric) {
        Ok(Some((law, balance))) => {
            out.rates.extend(balance);
            out.laws.push(law);
        }
        Ok(None) => {}
        Err(reason) => {
            out.missing.push(Missing { id: law_id(tangent.action, "gradient-flow/conserved"), reason });
        }
    }
}

fn potential(
    cx: &Context,
    tangent: &mut Tangent,
    forms: &Forms,
    family: &Family,
    symmetric: &[ClaimId],
) -> Result<Option<(Law, Option<Balance>)>, String> {
    let env = tangent.env_for(family.facts);
    let env = if tangent.element.unit { tangent.env.clone() } else { env };
    let work = super::linear::tangent_env(cx, &env);
    let at = positions(cx);
    let shape = infer(&work, &family.project(&pieces_shape(tangent)).1).map_err(|e| e.to_string())?.shape;
    let mut claims: Vec<ClaimId> = symmetric.to_vec();
    claims.extend(tangent.generator_claims());
    let mut quantity = Vec::new();
    let mut potential = Vec::new();
    let mut matrices = Vec::new();
    for piece in &forms.pieces {
        let weight = weight_of(cx, piece)?;
        let proof = map_proof(&piece.proof, &at);
        potential.push(scaled(&weight * &piece.coefficient, &proof.start));
        let statement = ClaimStatement::Equation { lhs: proof.start.clone(), rhs: proof.end().clone() };
        claims.push(tangent.argument.claim(statement, Reason::Rewriting(proof), &[]));
        let matrix = substitute(&piece.matrix, &at);
        let coefficient = weight * &piece.coefficient;
        quantity.extend(project(cx, &work, family, &coefficient, &matrix)?);
        matrices.push((coefficient, matrix));
    }
    let mut quantity = collect(quantity);
    if quantity.is_empty() {
        return Ok(None);
    }
    let mut rate = Vec::new();
    if let Some((matrix, proof)) = &forms.response {
        let statement = ClaimStatement::Equation { lhs: proof.start.clone(), rhs: proof.end().clone() };
        claims.push(tangent.argument.claim(statement, Reason::Rewriting(proof.clone()), &[]));
        rate = collect(project(cx, &work, family, &-Rational::one(), matrix)?);
    }
    let factor = primitive(&mut quantity, true);
    for (c, _) in &mut rate {
        *c /= &factor;
    }
    let first = tangent.argument.theorem(
        ClaimStatement::Potential {
            element: tangent.element.symbol,
            form: sum_of(&potential, Shape::SCALAR),
            value: super::gradient::paired(&work, tangent, matrices),
        },
        Theorem::Conservation,
        "ξ is therefore the gradient of",
        &claims,
    );
    let expr = total(&env, &quantity, shape);
    let (statement, kind, dynamic, words) = if rate.is_empty() {
        (Statement::Conserved { quantity: expr }, Kind::Conserved, "conserved", "Q̇ = ⟨ξ, θ̇⟩ = −⟨∇L, ξ⟩ = 0")
    } else {
        (
            Statement::Rate { quantity: expr, rate: total(&env, &rate, shape) },
            Kind::Rate,
            "rate",
            "Q̇ = ⟨ξ, θ̇⟩ = −⟨∇L, ξ⟩, which the gradient identity gives",
        )
    };
    let every = if tangent.element.unit { String::new() } else { format!("; this holds for {}", family.range) };
    let conclusion = tangent.argument.theorem(
        ClaimStatement::Conclusion,
        Theorem::Conservation,
        format!("along gradient flow {words}{every}"),
        &[first, tangent.equivariance],
    );
    let id = law_id(tangent.action, &format!("gradient-flow/{dynamic}"));
    let draft = Draft {
        id: id.clone(),
        action: Some(tangent.action),
        dynamics: Some(Dynamics::GradientFlow),
        kind,
        theorem: Theorem::Conservation,
        statement,
        hypotheses: vec![gradient_flow(), "wherever L is differentiable".into()],
        components: family.dimension.clone(),
        premises: vec![law_id(tangent.action, "gradient")],
        remarks: vec![],
        env,
    };
    let law = Law::new(draft, tangent.argument.conclude(conclusion));
    let balance = (!rate.is_empty()).then(|| Balance {
        action: tangent.action,
        growth: None,
        quantity,
        rate,
        shape,
        law: law.clone(),
    });
    Ok(Some((law, balance)))
}

/// 1/(k + 1) for a summand of ξ of degree k in the parameters: ½ for a linear one, 1 for a constant one.
pub(super) fn weight_of(cx: &Context, piece: &Piece) -> Result<Rational, String> {
    degree(cx, &piece.term).as_ref().and_then(weight).ok_or_else(|| {
        "ξ_A is curl-free, but it is no sum of homogeneous fields of degrees other than −1, and no closed form of its \
         potential is known"
            .into()
    })
}

/// The hypothesis that training follows gradient flow.
fn gradient_flow() -> String {
    let row = Dynamics::GradientFlow.row();
    format!("{} {}", row.words, row.equation)
}

/// The skew part: ⟨θ̇, ξ_A⟩ = −⟨E, r_A⟩ constrains the velocity, but ξ_A is not a gradient.
fn constraint(
    cx: &Context,
    tangent: &mut Tangent,
    forms: &Forms,
    family: &Family,
    skew: &[ClaimId],
    out: &mut ActionLaws,
) {
    let velocities: HashMap<Symbol, Expr> =
        cx.model.params.iter().map(|p| (cotangent(p.name), apply(Op::Dot, &[&sym(p.name)]))).collect();
    let result = (|| -> Result<Law, String> {
        let env = tangent.env_for(family.facts);
        let work = super::linear::tangent_env(cx, &env);
        let mut terms = Vec::new();
        for piece in &forms.pieces {
            let matrix = substitute(&piece.matrix, &velocities);
            terms.extend(project(cx, &work, family, &piece.coefficient, &matrix)?);
        }
        if let Some((matrix, _)) = &forms.response {
            terms.extend(project(cx, &work, family, &Rational::one(), matrix)?);
        }
        let (lhs, rhs) = super::tidy::balanced(&env, terms, tangent.algebra.shape);
        let mut premises = skew.to_vec();
        premises.push(tangent.equivariance);
        premises.extend(tangent.generator_claims());
        let linear = forms.pieces.iter().all(|p| degree(cx, &p.term).is_some_and(|k| k.is_one()));
        let motion = Dynamics::GradientFlow.row().equation;
        let words = format!("{motion} in the gradient identity, for {}", family.range);
        let conclusion =
            tangent.argument.theorem(ClaimStatement::Conclusion, Theorem::GradientIdentity, words, &premises);
        let draft = Draft {
            id: law_id(tangent.action, "gradient-flow/constraint"),
            action: Some(tangent.action),
            dynamics: Some(Dynamics::GradientFlow),
            kind: Kind::Constraint,
            theorem: Theorem::GradientIdentity,
            statement: Statement::Equations { element: None, equations: vec![(lhs, rhs)] },
            hypotheses: vec![gradient_flow(), "wherever L is differentiable".into()],
            components: family.dimension.clone(),
            premises: vec![law_id(tangent.action, "gradient")],
            remarks: vec![format!(
                "for {} the generator is skew in θ{}, and a skew field is not a gradient: no first integral follows",
                family.range,
                if linear { ", ⟨θ, ξ_A(θ)⟩ = 0" } else { "" }
            )],
            env,
        };
        Ok(Law::new(draft, tangent.argument.conclude(conclusion)))
    })();
    match result {
        Ok(law) => out.laws.push(law),
        Err(reason) => {
            out.missing.push(Missing { id: law_id(tangent.action, "gradient-flow/constraint"), reason });
        }
    }
}
