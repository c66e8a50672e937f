//! Stochastic gradient descent θ⁺ = θ − η(∇L + N), N of mean 0 and covariance Σ: the first-order term vanishes sample by
//! sample, so E[ΔQ_A] = (η²/2)(⟨∇L, S_A∇L⟩ + tr(S_AΣ)), where tr(S_AΣ) = E⟨N, S_A N⟩. In the Itô limit the drift of Q_A
//! is (η/2) tr(S_AΣ), which vanishes where the noise is balanced.

use super::*;
use crate::term::mul;

/// Derives the expected change in one step and the equilibrium of the noise.
pub(super) fn derive(scene: &Scene, tangent: &mut Tangent, out: &mut ActionLaws) {
    if !scene.response.is_empty() {
        return;
    }
    for (name, continuous) in [("sgd/step", false), ("sgd/equilibrium", true)] {
        record(out, tangent.action, name, law(scene, tangent, name, continuous));
    }
}

fn law(scene: &Scene, tangent: &mut Tangent, name: &'static str, continuous: bool) -> Result<Option<Law>, String> {
    let mut quantity = scene.potential()?;
    if quantity.is_empty() {
        return Ok(None);
    }
    let factor = primitive(&mut quantity, true) * Rational::from_integer(2.into());
    let halved = |terms: Terms| -> Terms { terms.into_iter().map(|(c, t)| (c / &factor, t)).collect() };
    let certain = halved(scene.quadratic(Filling::Quantity(Op::Grad))?);
    let noisy = halved(scene.quadratic(Filling::Noise)?);
    let hyper = &scene.hyper;
    let change = match (noisy.is_empty(), continuous) {
        (true, true) => return Ok(None),
        (true, false) => scene.total(&[]),
        (false, true) => mul(&hyper.steps(1), &scene.total(&noisy)),
        (false, false) => mul(&hyper.steps(2), &scene.total(&[certain, noisy].concat())),
    };
    let quantity = scene.total(&quantity);
    let premises = scene.premises(tangent, Filling::Quantity(Op::Grad));
    let (kind, words) = match continuous {
        true => (
            Kind::Equilibrium,
            "Itô's formula: half the second derivative of Q along the noise is all that remains of the drift",
        ),
        false => {
            (Kind::Identity, "Q is quadratic with ∇Q = ξ; the noise has mean 0, so its mixed terms vanish in the mean")
        }
    };
    let remarks = if continuous { vec!["the noise is in equilibrium where this vanishes".into()] } else { vec![] };
    let statement = Statement::Expected { quantity, continuous, change };
    let dynamics = Dynamics::Sgd;
    let conclusion = Conclusion { dynamics, name, kind, statement, premises, words, remarks };
    Ok(Some(scene.law(tangent, conclusion)))
}
