//! Gradient flow θ̇ = −∇L. Where A ↦ ξ_A is curl-free it has a potential Q_A, ∇Q_A = ξ_A, and
//! dQ_A/dt = ⟨ξ_A, θ̇⟩ = −⟨∇L, ξ_A⟩ = −⟨E, r_A⟩: conserved for an invariance. The skew part has no potential.

use super::derivation::{ClaimId, ClaimStatement, Reason, Theorem};
use super::generator::Tangent;
use super::gradient::{map_proof, pieces_shape, project};
use super::law::{Draft, Kind, Law, Statement};
use super::linear::{Adjoint, Forms, Piece, cotangent, direction, positions};
use super::tidy::{collect, primitive, total};
use super::{ActionLaws, Context, Missing, law_id};
use crate::group::{Family, Part};
use crate::language::Dynamics;
use crate::rewrite::{Outcome, Proof, Purpose, replay};
use crate::term::{
    Env, Expr, Facts, Op, Rational, Shape, Symbol, apply, infer, int, mentions, neg, scaled, substitute, sum_of, sym,
};
use num_traits::One;
use std::collections::HashMap;
use std::sync::Arc;

/// d/dt quantity = rate, both scalar, with what it takes to combine two of them.
#[derive(Clone, Debug)]
pub struct Balance {
    pub(super) action: Symbol,
    pub(super) quantity: Vec<(Rational, Expr)>,
    /// The single summand of the rate.
    pub(super) rate: (Rational, Expr),
    pub(super) law: Law,
}

/// Whether Dξ_A is self-adjoint or skew on a part of the algebra.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Symmetry {
    SelfAdjoint,
    Skew,
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
    if !adjoint.affine {
        out.missing.push(Missing {
            id,
            reason: "the action is not affine in the parameters, so its potential has no closed form here".into(),
        });
        return vec![];
    }
    let portions = portions(cx, tangent, adjoint);
    for portion in &portions {
        match portion.symmetry {
            Symmetry::SelfAdjoint => conserved(cx, tangent, forms, &portion.family, &portion.claims, out),
            Symmetry::Skew => constraint(cx, tangent, forms, &portion.family, &portion.claims, out),
        }
    }
    if portions.is_empty() {
        out.missing.push(Missing {
            id,
            reason: "ξ_A is not proved curl-free on any part of the algebra, so it is not proved to be a gradient: no first integral follows".into(),
        });
    }
    portions
}

/// The whole algebra where Dξ_A is self-adjoint or skew on all of it, else the parts where it is.
fn portions(cx: &Context, tangent: &mut Tangent, adjoint: &Adjoint) -> Vec<Portion> {
    let families = tangent.algebra.families.clone();
    for symmetry in [Symmetry::SelfAdjoint, Symmetry::Skew] {
        if let Some(claims) = self::symmetry(cx, tangent, adjoint, &families[0], symmetry) {
            return vec![Portion { family: families[0].clone(), symmetry, claims }];
        }
    }
    let mut out = Vec::new();
    for family in families {
        let symmetry = match family.part {
            Part::Whole => continue,
            Part::Symmetric => Symmetry::SelfAdjoint,
            Part::Skew => Symmetry::Skew,
        };
        if let Some(claims) = self::symmetry(cx, tangent, adjoint, &family, symmetry) {
            out.push(Portion { family, symmetry, claims });
        }
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
    let (what, words) = match which {
        Symmetry::SelfAdjoint => ("self-adjoint", "its adjoint is the same on every parameter"),
        Symmetry::Skew => ("skew", "its adjoint is the opposite on every parameter"),
    };
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
        let half = half_of(cx, piece);
        let proof = map_proof(&piece.proof, &at);
        potential.push(scaled(&half * &piece.coefficient, &proof.start));
        let statement = ClaimStatement::Equation { lhs: proof.start.clone(), rhs: proof.end().clone() };
        claims.push(tangent.argument.claim(statement, Reason::Rewriting(proof), &[]));
        let matrix = substitute(&piece.matrix, &at);
        let coefficient = half * &piece.coefficient;
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
        let rate = total(&env, &rate, shape);
        (
            Statement::Rate { quantity: expr, rate },
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
        hypotheses: vec!["gradient flow θ̇ = −∇L".into(), "wherever L is differentiable".into()],
        components: family.dimension.clone(),
        premises: vec![law_id(tangent.action, "gradient")],
        remarks: vec![],
        env,
    };
    let law = Law::new(draft, tangent.argument.conclude(conclusion));
    let balance = match rate.as_slice() {
        [single] if shape.is_scalar() => {
            Some(Balance { action: tangent.action, quantity, rate: single.clone(), law: law.clone() })
        }
        _ => None,
    };
    Ok(Some((law, balance)))
}

/// 1/2 for a summand of ξ linear in the parameters, 1 for a constant one: Q_A = ½⟨θ, S_A θ⟩ + ⟨b_A, θ⟩.
fn half_of(cx: &Context, piece: &Piece) -> Rational {
    let linear = cx.model.params.iter().any(|p| mentions(&piece.term, p.name));
    if linear { Rational::new(1.into(), 2.into()) } else { Rational::one() }
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
        let words = format!("θ̇ = −∇L in the gradient identity, for {}", family.range);
        let conclusion =
            tangent.argument.theorem(ClaimStatement::Conclusion, Theorem::GradientIdentity, words, &premises);
        let draft = Draft {
            id: law_id(tangent.action, "gradient-flow/constraint"),
            action: Some(tangent.action),
            dynamics: Some(Dynamics::GradientFlow),
            kind: Kind::Constraint,
            theorem: Theorem::GradientIdentity,
            statement: Statement::Equations { element: None, equations: vec![(lhs, rhs)] },
            hypotheses: vec!["gradient flow θ̇ = −∇L".into(), "wherever L is differentiable".into()],
            components: family.dimension.clone(),
            premises: vec![law_id(tangent.action, "gradient")],
            remarks: vec![format!(
                "for {} the generator is skew in θ, and a skew field is not a gradient: no first integral follows",
                family.range
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

/// Two actions with proportional rates have a conserved difference. Of all differences an independent set is kept, the
/// shortest first.
pub(super) fn differences(cx: &Context, actions: &[ActionLaws]) -> Vec<Law> {
    let balances: Vec<&Balance> = actions.iter().flat_map(|a| &a.rates).collect();
    // Consecutive actions of one class are enough: the other differences are sums of these.
    let mut candidates = Vec::new();
    for (i, balance) in balances.iter().copied().enumerate() {
        if let Some(previous) = balances[..i].iter().rev().copied().find(|b| b.rate.1 == balance.rate.1) {
            let scale = |b: &Balance, sign: i64| -> Vec<(Rational, Expr)> {
                b.quantity
                    .iter()
                    .map(|(c, t)| (c / &b.rate.0 * Rational::from_integer(sign.into()), t.clone()))
                    .collect()
            };
            candidates.push((previous, balance, collect([scale(previous, 1), scale(balance, -1)].concat())));
        }
    }
    candidates.sort_by_key(|(.., terms)| terms.len());
    let mut independent = Independent::default();
    let mut laws: Vec<Law> = Vec::new();
    for (previous, balance, mut terms) in candidates {
        if !independent.admit(&terms) {
            continue;
        }
        primitive(&mut terms, true);
        let env = Arc::new(cx.model.env.clone());
        let quantity = total(&env, &terms, Shape::SCALAR);
        let mut argument = super::Argument::default();
        let mut premises = Vec::new();
        for b in [previous, balance] {
            if let Statement::Rate { quantity, rate } = b.law.statement() {
                let statement = ClaimStatement::Equation { lhs: apply(Op::Diff, &[quantity]), rhs: rate.clone() };
                premises.push(argument.theorem(
                    statement,
                    Theorem::Conservation,
                    format!("{} says, with d the time derivative", b.law.id()),
                    &[],
                ));
            }
        }
        let conclusion = argument.theorem(
            ClaimStatement::Conclusion,
            Theorem::Conservation,
            "the two rates are proportional, so the difference is constant",
            &premises,
        );
        let draft = Draft {
            id: format!("{}-{}/gradient-flow/conserved", previous.action, balance.action),
            action: None,
            dynamics: Some(Dynamics::GradientFlow),
            kind: Kind::Conserved,
            theorem: Theorem::Conservation,
            statement: Statement::Conserved { quantity },
            hypotheses: vec!["gradient flow θ̇ = −∇L".into(), "wherever L is differentiable".into()],
            components: int(1),
            premises: vec![previous.law.id().to_string(), balance.law.id().to_string()],
            remarks: vec![],
            env,
        };
        laws.push(Law::new(draft, argument.conclude(conclusion)));
    }
    laws
}

/// Linear combinations of formulas, reduced against each other: each is zero on the leading formula of the others before it.
#[derive(Default)]
struct Independent {
    rows: Vec<Vec<(Rational, Expr)>>,
}

impl Independent {
    /// Whether a combination is not one of those admitted before; if so it is admitted.
    fn admit(&mut self, terms: &[(Rational, Expr)]) -> bool {
        let mut rest = terms.to_vec();
        for row in &self.rows {
            let Some((pivot, leading)) = row.first() else { continue };
            if let Some(c) = rest.iter().find(|(_, t)| t == leading).map(|(c, _)| c / pivot) {
                rest.extend(row.iter().map(|(d, t)| (-(&c * d), t.clone())));
                rest = collect(rest);
            }
        }
        let new = !rest.is_empty();
        if new {
            self.rows.push(rest);
        }
        new
    }
}
