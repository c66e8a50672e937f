//! T2 and T8: where L(Kθ) = C(L(θ)) for a linear K, Kᵀ∇L(Kθ) = C′∇L(θ) and KᵀH(Kθ)K = C′H(θ) + C″∇L∇Lᵀ; C is the identity
//! for an invariance.

use super::action::{ActionKind, ProvedAction};
use super::derivation::{ClaimStatement, Reason, Theorem};
use super::flattest::derivatives;
use super::law::{Draft, Kind, Law, Statement};
use super::linear_map::LinearMap;
use super::structure::{Slopes, Structure, entries, sum};
use super::{ActionLaws, Context, law_id};
use crate::term::Env;
use std::sync::Arc;

/// Derives the law of a linear action on the loss; the map, or why there is none.
pub(super) fn derive(cx: &Context, proved: &ProvedAction, out: &mut ActionLaws) -> Result<LinearMap, String> {
    let action = &proved.action;
    let response = |env: &Arc<Env>| match (proved.kind, &action.loss) {
        (ActionKind::Invariance | ActionKind::LossInvariance, _) => Ok(Slopes::of_invariance(1)),
        (ActionKind::LossEquivariance, Some(c)) => derivatives(cx, env, c),
        _ => Err("the loss is not a function of the loss at the image".to_string()),
    };
    let map = LinearMap::derive(cx, action)?;
    let response = response(&map.env)?;
    let mut argument = proved.argument.clone();
    let mut premises = vec![proved.conclusion];
    for proof in &map.proofs {
        let statement = ClaimStatement::Equation { lhs: proof.start.clone(), rhs: proof.end().clone() };
        premises.push(argument.claim(statement, Reason::Rewriting(proof.clone()), &[]));
    }
    let words = match proved.kind {
        ActionKind::LossEquivariance => {
            "these are the first and second derivative of L(Kθ) = C(L(θ)), since K is linear and so its own derivative"
        }
        _ => "these are the first and second derivative of L(Kθ) = L(θ), since K is linear and so its own derivative",
    };
    let conclusion = argument.theorem(ClaimStatement::Conclusion, Theorem::Transport, words, &premises);
    let draft = Draft {
        id: law_id(action.name, "transport"),
        action: Some(action.name),
        dynamics: None,
        kind: Kind::Identity,
        theorem: Theorem::Transport,
        statement: Statement::Structure(Structure::Transport { adjoint: map.adjoint.clone(), response }),
        hypotheses: vec!["wherever L is twice differentiable".into()],
        components: sum(cx.model.params.iter().map(|p| entries(p.shape))),
        premises: vec![],
        remarks: vec![],
        env: map.env.clone(),
    };
    out.laws.push(Law::new(draft, argument.conclude(conclusion)));
    Ok(map)
}
