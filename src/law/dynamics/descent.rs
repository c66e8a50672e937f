//! Gradient descent θ⁺ = θ − η∇L, exactly at every step size: Q_A is quadratic, so
//! Q_A(θ⁺) − Q_A(θ) = −η⟨E, r_A⟩ + (η²/2)⟨∇L, S_A∇L⟩; with weight decay θ⁺ = (1−ηλ)θ − η∇L.

use super::*;
use crate::term::{add, mul};

/// Derives the change in one step, without and with weight decay.
pub(super) fn derive(scene: &Scene, tangent: &mut Tangent, out: &mut ActionLaws) {
    let name = "gradient-descent/step";
    record(out, tangent.action, name, law(scene, tangent, name, false));
    let name = "gradient-descent/decayed-step";
    record(out, tangent.action, name, law(scene, tangent, name, true));
}

fn law(scene: &Scene, tangent: &mut Tangent, name: &'static str, decayed: bool) -> Result<Option<Law>, String> {
    if !scene.affine {
        return Err(NOT_QUADRATIC.into());
    }
    let power = match &scene.degree {
        Some(degree) if degree.is_zero() => 1,
        Some(_) => 2,
        None if decayed => {
            return Err("ξ_A has a linear and a constant part, whose potentials shrink by the factors (1−ηλ)² and 1−ηλ: no closed law of Q_A".into());
        }
        None => 2,
    };
    let mut quantity = scene.potential()?;
    if quantity.is_empty() {
        return Ok(None);
    }
    let factor = primitive(&mut quantity, true);
    let scaled =
        |terms: Terms, by: Rational| -> Terms { terms.into_iter().map(|(c, t)| (c * &by / &factor, t)).collect() };
    let quantity = scene.total(&quantity);
    let hyper = &scene.hyper;
    let quadratic = scaled(scene.quadratic(Filling::Quantity(Op::Grad))?, Rational::new(1.into(), 2.into()));
    let mut change: Option<Expr> = None;
    let response = scaled(scene.response.clone(), Rational::one());
    if !response.is_empty() {
        let mut by = hyper.steps(1);
        if decayed && power == 2 {
            by = mul(&by, &hyper.shrinkage(1));
        }
        change = Some(mul(&by, &scene.total(&response)));
    }
    if !quadratic.is_empty() {
        let second = mul(&hyper.steps(2), &scene.total(&quadratic));
        change = Some(change.map_or(second.clone(), |first| add(&first, &second)));
    }
    let change = change.unwrap_or_else(|| scene.total(&[]));
    let statement = Statement::Step { quantity, factor: decayed.then(|| hyper.shrinkage(power)), change };
    let premises = scene.premises(tangent, Filling::Quantity(Op::Grad));
    let words = "Q is quadratic with ∇Q = ξ, so its expansion ends after ½⟨∇L, S∇L⟩, and ⟨∇L, ξ⟩ is given by the gradient identity";
    let dynamics = Dynamics::GradientDescent;
    let remarks = vec![];
    let conclusion = Conclusion { dynamics, name, kind: Kind::Identity, statement, premises, words, remarks };
    Ok(Some(scene.law(tangent, conclusion)))
}
