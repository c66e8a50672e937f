//! Gradient flow with weight decay, θ̇ = −∇L − λθ: dQ_A/dt = −⟨E, r_A⟩ − λ⟨θ, ξ_A⟩, and ⟨θ, ξ_A⟩ is (k+1)Q_A for a field of
//! degree k – 2Q_A for a linear action, Q_A for a translation – so that e^{(k+1)λt}Q_A is conserved by an invariance.

use super::*;
use crate::term::mul;

/// Derives dQ/dt = −(k+1)λQ + response.
pub(super) fn derive(scene: &Scene, tangent: &mut Tangent, out: &mut ActionLaws) {
    let name = match (scene.response.is_empty(), &scene.degree) {
        (true, Some(_)) => "weight-decay/conserved",
        _ => "weight-decay/rate",
    };
    let law = law(scene, tangent, name).map(|found| {
        found.map(|(law, balance)| {
            out.rates.extend(balance);
            law
        })
    });
    record(out, tangent.action, name, law);
}

fn law(scene: &Scene, tangent: &mut Tangent, name: &'static str) -> Result<Option<(Law, Option<Balance>)>, String> {
    let mut quantity = scene.potential()?;
    if quantity.is_empty() {
        return Ok(None);
    }
    let factor = primitive(&mut quantity, true);
    let scaled = |terms: Terms| -> Terms { terms.into_iter().map(|(c, t)| (c / &factor, t)).collect() };
    let response = scaled(scene.response.clone());
    let stated = scene.total(&quantity);
    let decay = sym(scene.hyper.decay);
    let (kind, statement, words, remarks) = match &scene.degree {
        Some(degree) => {
            let times = degree + Rational::one();
            if response.is_empty() {
                let growth = scene.hyper.growth(&times, scene.hyper.decay);
                let statement = Statement::Conserved { quantity: mul(&growth, &stated) };
                let words = "∇Q = ξ, so the decay shrinks Q at a fixed rate and the rest −⟨∇L, ξ⟩ vanishes";
                (Kind::Conserved, statement, words, vec![])
            } else {
                let shrinking = mul(&crate::term::scaled(-times, &decay), &stated);
                let statement = scene.rate(stated, shrinking, &response);
                let words = "∇Q = ξ, so the decay shrinks Q at a fixed rate and the rest is −⟨∇L, ξ⟩";
                (Kind::Rate, statement, words, vec![])
            }
        }
        // The parts of Q of different degrees decay at different rates.
        None => {
            let paired: Terms = scaled(scene.paired(Filling::Position)?);
            let shrinking = mul(&crate::term::scaled(-Rational::one(), &decay), &scene.total(&paired));
            let statement = scene.rate(stated, shrinking, &response);
            let words = "∇Q = ξ, so its rate is −λ⟨θ, ξ⟩ − ⟨∇L, ξ⟩";
            let remark = "not conserved: the linear and the constant part of ξ make parts of Q that decay at the different rates \
                          2λ and λ, so no multiple of Q by a function of time is";
            let remark = if scene.affine { remark } else { "not conserved: parts of Q decay at different rates" };
            (Kind::Rate, statement, words, vec![remark.to_string()])
        }
    };
    let premises = scene.premises(tangent, Filling::Position);
    let conclusion = Conclusion { dynamics: Dynamics::WeightDecay, name, kind, statement, premises, words, remarks };
    let law = scene.law(tangent, conclusion);
    let balance = match &scene.degree {
        Some(degree) if !response.is_empty() => {
            let growth = scene.hyper.growth(&(degree + Rational::one()), scene.hyper.decay);
            let (action, growth, shape) = (tangent.action, Some(growth), scene.shape);
            Some(Balance { action, growth, quantity, rate: response, shape, law: law.clone() })
        }
        _ => None,
    };
    Ok(Some((law, balance)))
}
