//! Stochastic gradient descent θ⁺ = θ − η(∇L + N) on mini-batches, N of mean 0 and covariance Σ: for an affine action
//! E[ΔQ_A] = −η⟨E, r_A⟩ + (η²/2)(⟨∇L, S_A∇L⟩ + tr(S_AΣ)), where tr(S_AΣ) = E⟨N, S_A N⟩. In the Itô limit the drift of Q_A
//! is −⟨E, r_A⟩ + (η/2) tr(Dξ_A Σ), for every curl-free action; for an invariance it vanishes where the noise is balanced.

use super::*;
use crate::law::potential::degree_in;
use crate::model::Model;
use crate::term::{add, mul};

/// Derives the expected change in one step and the drift in continuous time.
pub(super) fn derive(scene: &Scene, tangent: &mut Tangent, out: &mut ActionLaws) {
    let limit = if scene.response.is_empty() { "sgd/equilibrium" } else { "sgd/drift" };
    for (name, continuous) in [("sgd/step", false), (limit, true)] {
        record(out, tangent.action, name, law(scene, tangent, name, continuous));
    }
}

fn law(scene: &Scene, tangent: &mut Tangent, name: &'static str, continuous: bool) -> Result<Option<Law>, String> {
    // The same transformation has to act for every sample.
    let data = scene.cx.model.data.iter().find(|d| scene.forms.pieces.iter().any(|p| mentions(&p.term, d.name)));
    if let Some(data) = data {
        return Err(format!("the action depends on the data {}, which differ from sample to sample", data.name));
    }
    if !scene.affine && !continuous {
        return Err(NOT_QUADRATIC.into());
    }
    let loss = [Model::loss_symbol()];
    let affine_in_loss = |t: &Expr| degree_in(scene.cx, t, &loss).is_some_and(|k| k.is_zero() || k.is_one());
    if !scene.response.iter().all(|(_, t)| affine_in_loss(t)) {
        return Err(
            "the loss moves by a function of L that is not affine, whose mean over the samples is not its value \
                    at the mean"
                .into(),
        );
    }
    let mut quantity = scene.potential()?;
    if quantity.is_empty() {
        return Ok(None);
    }
    let factor = primitive(&mut quantity, true);
    let divided =
        |terms: Terms, by: i64| -> Terms { terms.into_iter().map(|(c, t)| (c / &factor / int_ratio(by), t)).collect() };
    let certain = if continuous { vec![] } else { divided(scene.quadratic(Filling::Quantity(Op::Grad))?, 2) };
    let noisy = divided(scene.quadratic(Filling::Noise)?, 2);
    let response = divided(scene.response.clone(), 1);
    let hyper = &scene.hyper;
    let calm = noisy.is_empty();
    let second: Terms = [certain, noisy].concat();
    if second.is_empty() && continuous && response.is_empty() {
        return Ok(None);
    }
    let mut change: Option<Expr> = None;
    if !response.is_empty() {
        let first = scene.total(&response);
        change = Some(if continuous { first } else { mul(&hyper.steps(1), &first) });
    }
    if !second.is_empty() {
        let second = mul(&hyper.steps(if continuous { 1 } else { 2 }), &scene.total(&second));
        change = Some(change.map_or(second.clone(), |first| add(&first, &second)));
    }
    let change = change.unwrap_or_else(|| scene.total(&[]));
    let quantity = scene.total(&quantity);
    let premises = scene.premises(tangent, Filling::Quantity(Op::Grad));
    let (kind, words) = match continuous {
        true => (
            Kind::Equilibrium,
            "Itô's formula: −⟨∇L, ξ⟩ and half the second derivative of Q along the noise are the drift",
        ),
        false => (
            Kind::Identity,
            "Q is quadratic with ∇Q = ξ; the noise has mean 0, so the terms of first order in it vanish in the mean",
        ),
    };
    let remarks = match (continuous && !calm, response.is_empty()) {
        (true, true) => vec!["the noise is in equilibrium where this vanishes".into()],
        (true, false) => vec!["response and noise are in equilibrium where this vanishes".into()],
        _ => vec![],
    };
    let statement = Statement::Expected { quantity, continuous, change };
    let dynamics = Dynamics::Sgd;
    let conclusion = Conclusion { dynamics, name, kind, statement, premises, words, remarks };
    Ok(Some(scene.law(tangent, conclusion)))
}

fn int_ratio(by: i64) -> Rational {
    Rational::from_integer(by.into())
}
