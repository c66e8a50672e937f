//! Gradient flow with weight decay, θ̇ = −∇L − λθ: dQ_A/dt = −⟨E, r_A⟩ − λ⟨θ, ξ_A⟩, and ⟨θ, ξ_A⟩ is 2Q_A for a linear
//! action and Q_A for a translation, so that e^{2λt}Q_A or e^{λt}Q_A is conserved by an invariance.

use super::*;
use crate::term::{int, mul, neg};

/// Derives dQ/dt = −kλQ + response.
pub(super) fn derive(scene: &Scene, tangent: &mut Tangent, out: &mut ActionLaws) {
    let name = if scene.response.is_empty() { "weight-decay/conserved" } else { "weight-decay/rate" };
    record(out, tangent.action, name, law(scene, tangent, name));
}

fn law(scene: &Scene, tangent: &mut Tangent, name: &'static str) -> Result<Option<Law>, String> {
    let times = match scene.motion {
        Motion::Linear => 2,
        Motion::Translation => 1,
        Motion::Mixed => {
            return Err("ξ_A has a linear and a constant part, whose potentials decay at the rates 2λ and λ: no multiple of Q_A by a function of time is conserved".into());
        }
    };
    let mut quantity = scene.potential()?;
    if quantity.is_empty() {
        return Ok(None);
    }
    let factor = primitive(&mut quantity, true);
    let response: Terms = scene.response.iter().map(|(c, t)| (c / &factor, t.clone())).collect();
    let quantity = scene.total(&quantity);
    let rate = mul(&int(times), &sym(scene.hyper.decay));
    let (kind, statement, words) = if response.is_empty() {
        let growth = scene.hyper.growth(times, scene.hyper.decay);
        let statement = Statement::Conserved { quantity: mul(&growth, &quantity) };
        (Kind::Conserved, statement, "∇Q = ξ, so the decay shrinks Q at a fixed rate and the rest −⟨∇L, ξ⟩ vanishes")
    } else {
        let rate = if times == 1 { sym(scene.hyper.decay) } else { rate };
        let rate = crate::term::add(&neg(&mul(&rate, &quantity)), &scene.total(&response));
        let statement = Statement::Rate { quantity, rate };
        (Kind::Rate, statement, "∇Q = ξ, so the decay shrinks Q at a fixed rate and the rest is −⟨∇L, ξ⟩")
    };
    let premises = scene.premises(tangent, Filling::Position);
    let (dynamics, remarks) = (Dynamics::WeightDecay, vec![]);
    let conclusion = Conclusion { dynamics, name, kind, statement, premises, words, remarks };
    Ok(Some(scene.law(tangent, conclusion)))
}
