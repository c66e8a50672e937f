//! Mirror flow d/dt ∇ψ(θ) = −∇L for a separable ψ with diagonal M = ∇²ψ: 1/W entry by entry for the entropy, 1 for the
//! quadratic potential. Where M ξ_A is the gradient of Q_A, dQ_A/dt = ⟨Mξ_A, θ̇⟩ = −⟨∇L, ξ_A⟩.

use super::*;
use crate::law::linear::isolate;
use crate::rewrite::{Given, Goal, Proof, Purpose, replay};
use crate::term::{inner, int, size};

/// Derives the law where the model declares a mirror flow.
pub(super) fn derive(scene: &Scene, tangent: &mut Tangent, out: &mut ActionLaws) {
    for dynamics in &scene.cx.model.dynamics {
        if let Dynamics::Mirror(potentials) = dynamics {
            let name = if scene.response.is_empty() { "mirror/conserved" } else { "mirror/rate" };
            record(out, tangent.action, name, law(scene, tangent, dynamics, potentials, name));
        }
    }
}

fn law(
    scene: &Scene,
    tangent: &mut Tangent,
    dynamics: &Dynamics,
    potentials: &[(Symbol, Symbol)],
    name: &'static str,
) -> Result<Option<Law>, String> {
    let entropic =
        |param: Symbol| potentials.iter().any(|(p, potential)| *p == param && potential.as_str() == "entropy");
    let mut premises = scene.premises(tangent, Filling::Position);
    let mut quantity: Terms = Vec::new();
    for component in tangent.generator.clone() {
        let param = component.param;
        if potentials.iter().all(|(p, _)| *p != param) {
            return Err(format!("the mirror flow names no potential for {param}, which the action moves"));
        }
        let (weight, form) = if entropic(param) {
            let (dual, proof) = dual(scene, param, &component.value)?;
            let statement = ClaimStatement::Equation { lhs: proof.start.clone(), rhs: dual.clone() };
            premises.push(tangent.argument.claim(statement, Reason::Rewriting(proof), &[]));
            (Rational::one(), dual)
        } else {
            if scene.cx.model.params.iter().any(|p| entropic(p.name) && mentions(&component.value, p.name)) {
                return Err(format!(
                    "M(θ)ξ_A is not curl-free: its part on {param} depends on a parameter with entropy"
                ));
            }
            let linear = scene.cx.model.params.iter().any(|p| mentions(&component.value, p.name));
            let half = if linear { Rational::new(1.into(), 2.into()) } else { Rational::one() };
            (half, component.value.clone())
        };
        for (c, term) in crate::law::tidy::tidy_summands(&scene.work, &form) {
            let (matrix, proof) = isolate(scene.cx, &scene.work, tangent, &inner(&sym(param), &term))?;
            let statement = ClaimStatement::Equation { lhs: proof.start.clone(), rhs: proof.end().clone() };
            premises.push(tangent.argument.claim(statement, Reason::Rewriting(proof), &[]));
            quantity.extend(project(scene.cx, &scene.work, &scene.portion.family, &(c * &weight), &matrix)?);
        }
    }
    let mut quantity = collect(quantity);
    if quantity.is_empty() {
        return Ok(None);
    }
    let factor = primitive(&mut quantity, true);
    let response: Terms = scene.response.iter().map(|(c, t)| (c / &factor, t.clone())).collect();
    let quantity = scene.total(&quantity);
    let (kind, statement, words) = if response.is_empty() {
        (Kind::Conserved, Statement::Conserved { quantity }, "∇Q = Mξ, so the rate of Q is −⟨∇L, ξ⟩, which vanishes")
    } else {
        let rate = scene.total(&response);
        (Kind::Rate, Statement::Rate { quantity, rate }, "∇Q = Mξ, so the rate of Q is −⟨∇L, ξ⟩")
    };
    let (dynamics, remarks) = (dynamics.clone(), vec![]);
    let conclusion = Conclusion { dynamics, name, kind, statement, premises, words, remarks };
    Ok(Some(scene.law(tangent, conclusion)))
}

/// M ξ_A on a parameter with entropy, 1/W ∘ ξ_A, which the rewriter has to free of the parameters: then it is constant.
fn dual(scene: &Scene, param: Symbol, value: &Expr) -> Result<(Expr, Proof), String> {
    let inverse = apply(Op::HadPow, &[&sym(param), &int(-1)]);
    let shape = scene.cx.model.param(param).map_or(Shape::SCALAR, |p| p.shape);
    let given = [Given {
        name: Symbol::from(format!("{param} is positive")),
        reason: format!("every entry of {param} is positive"),
        silent: false,
        lhs: apply(Op::Had, &[&sym(param), &inverse]),
        rhs: apply(Op::Ones, &[&size(shape.rows), &size(shape.cols)]),
    }];
    let start = apply(Op::Had, &[value, &inverse]);
    let search = scene.cx.search(scene.work.clone(), Purpose::Simplify, &given);
    let proof = search.best(&start, &Goal::Simplest).map_err(|stopped| stopped.to_string())?;
    replay(scene.cx.book, &scene.work, &given, &proof, proof.end()).map_err(|e| e.to_string())?;
    let dual = proof.end().clone();
    if scene.cx.model.params.iter().any(|p| mentions(&dual, p.name)) {
        return Err(format!(
            "M(θ)ξ_A is not proved curl-free: with entropy on {param} the action has to be diagonal there, for {} it is not",
            scene.portion.family.range
        ));
    }
    Ok((dual, proof))
}
