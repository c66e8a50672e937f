//! T2 and T8: under a linear invariance P, ∇L(θ) = Pᵀ∇L(Pθ) and H(θ) = PᵀH(Pθ)P. Along an orbit
//! d/dt tr H(exp(tA)θ) = −2 tr(S_A H) for self-adjoint S_A, which vanishes at the flattest point.

use super::action::{ActionKind, ProvedAction};
use super::derivation::{ClaimStatement, Reason, Theorem};
use super::law::{Draft, Kind, Law, Statement};
use super::linear_map::LinearMap;
use super::structure::{Structure, entries, sum};
use super::{ActionLaws, Context, law_id};
use crate::group::Part;
use crate::term::Facts;

/// Derives the law of a linear invariance; the map, or why there is none.
pub(super) fn derive(cx: &Context, proved: &ProvedAction, out: &mut ActionLaws) -> Result<LinearMap, String> {
    if !matches!(proved.kind, ActionKind::Invariance | ActionKind::LossInvariance) {
        return Err("the action does not leave the loss invariant".into());
    }
    let action = &proved.action;
    let map = LinearMap::derive(cx, action)?;
    let mut argument = proved.argument.clone();
    let mut premises = vec![proved.conclusion];
    for proof in &map.proofs {
        let statement = ClaimStatement::Equation { lhs: proof.start.clone(), rhs: proof.end().clone() };
        premises.push(argument.claim(statement, Reason::Rewriting(proof.clone()), &[]));
    }
    let words =
        "these are the first and second derivative of L(Kθ) = L(θ), since K is linear and so its own derivative";
    let conclusion = argument.theorem(ClaimStatement::Conclusion, Theorem::Transport, words, &premises);
    let mut remarks = vec![];
    if let Some(algebra) = action.group.algebra() {
        let whole = algebra.whole().facts;
        let symmetric = algebra.families.iter().any(|f| f.part == Part::Symmetric);
        if whole.contains(Facts::DIAGONAL) && !whole.contains(Facts::ORTHOGONAL) {
            remarks.push(
                "the flattest point of an orbit has tr(S_A H) = 0: for a rescaling W ↦ D W, V ↦ V D⁻¹, the traces of the \
                 Hessian on each neuron's incoming and on its outgoing weights are equal"
                    .into(),
            );
        } else if symmetric || algebra.shape.is_scalar() {
            remarks.push("the flattest point of an orbit, least tr H, has tr(S_A H) = 0 for every symmetric A".into());
        }
    }
    let draft = Draft {
        id: law_id(action.name, "transport"),
        action: Some(action.name),
        dynamics: None,
        kind: Kind::Identity,
        theorem: Theorem::Transport,
        statement: Statement::Structure(Structure::Transport { adjoint: map.adjoint.clone() }),
        hypotheses: vec!["wherever L is twice differentiable".into()],
        components: sum(cx.model.params.iter().map(|p| entries(p.shape))),
        premises: vec![],
        remarks,
        env: map.env.clone(),
    };
    out.laws.push(Law::new(draft, argument.conclude(conclusion)));
    Ok(map)
}
