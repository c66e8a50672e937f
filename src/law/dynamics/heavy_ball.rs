//! The heavy ball θ̈ + γθ̇ = −∇L: with P_A = ⟨θ̇, ξ_A⟩, d/dt(e^{γt}P_A) = e^{γt}(⟨θ̇, S_Aθ̇⟩ − ⟨E, r_A⟩). For a skew S_A
//! the quadratic form vanishes and e^{γt}P_A is conserved by an invariance; for a self-adjoint one it is Q̈_A + γQ̇_A.

use super::*;
use crate::term::{add, mul};

/// Derives the law of the momentum along the generator.
pub(super) fn derive(scene: &Scene, tangent: &mut Tangent, out: &mut ActionLaws) {
    let broken = scene.portion.symmetry == Symmetry::SelfAdjoint && scene.motion != Motion::Translation;
    let name = match (scene.response.is_empty(), broken) {
        (true, true) => "heavy-ball/broken",
        (true, false) => "heavy-ball/conserved",
        (false, _) => "heavy-ball/rate",
    };
    record(out, tangent.action, name, momentum(scene, tangent, name, broken));
    if scene.motion == Motion::Translation && scene.response.is_empty() {
        let name = "heavy-ball/conserved-sum";
        record(out, tangent.action, name, second_integral(scene, tangent, name));
    }
}

fn momentum(scene: &Scene, tangent: &mut Tangent, name: &'static str, broken: bool) -> Result<Option<Law>, String> {
    let mut momentum = scene.paired(Filling::Quantity(Op::Dot))?;
    if momentum.is_empty() {
        return Ok(None);
    }
    let factor = primitive(&mut momentum, true);
    let mut rate = if broken { scene.quadratic(Filling::Quantity(Op::Dot))? } else { vec![] };
    rate.extend(scene.response.iter().cloned());
    let rate: Terms = collect(rate).into_iter().map(|(c, t)| (c / &factor, t)).collect();
    let growth = scene.hyper.growth(1, scene.hyper.friction);
    let quantity = mul(&growth, &scene.total(&momentum));
    let (kind, statement, words) = if rate.is_empty() {
        let words =
            "θ̈ = −γθ̇ − ∇L: ⟨∇L, ξ⟩ vanishes, and so does ⟨θ̇, Sθ̇⟩ for a skew S; the friction is undone by e^{γt}";
        (Kind::Conserved, Statement::Conserved { quantity }, words)
    } else {
        let rate = mul(&growth, &scene.total(&rate));
        let words =
            "θ̈ = −γθ̇ − ∇L: what remains of the rate of ⟨θ̇, ξ⟩ is ⟨θ̇, Sθ̇⟩ − ⟨∇L, ξ⟩; the friction is undone by e^{γt}";
        (Kind::Rate, Statement::Rate { quantity, rate }, words)
    };
    let remarks = if broken && scene.response.is_empty() {
        vec!["not conserved: Q̈ + γQ̇ = ⟨θ̇, Sθ̇⟩ for the Q that gradient flow conserves".into()]
    } else {
        vec![]
    };
    let premises = scene.premises(tangent, Filling::Quantity(Op::Dot));
    let dynamics = Dynamics::HeavyBall;
    let conclusion = Conclusion { dynamics, name, kind, statement, premises, words, remarks };
    Ok(Some(scene.law(tangent, conclusion)))
}

/// ⟨θ̇, b⟩ + γ⟨θ, b⟩, whose rate is ⟨θ̈ + γθ̇, b⟩ = −⟨∇L, b⟩ = 0.
fn second_integral(scene: &Scene, tangent: &mut Tangent, name: &'static str) -> Result<Option<Law>, String> {
    let mut momentum = scene.paired(Filling::Quantity(Op::Dot))?;
    let mut position = scene.paired(Filling::Position)?;
    if momentum.is_empty() || position.is_empty() {
        return Ok(None);
    }
    let factor = primitive(&mut momentum, true);
    position.iter_mut().for_each(|(c, _)| *c /= &factor);
    let weighted = mul(&sym(scene.hyper.friction), &scene.total(&position));
    let statement = Statement::Conserved { quantity: add(&scene.total(&momentum), &weighted) };
    let premises = scene.premises(tangent, Filling::Quantity(Op::Dot));
    let words = "its rate is ⟨θ̈ + γθ̇, b⟩ = −⟨∇L, b⟩, which vanishes";
    let (dynamics, kind, remarks) = (Dynamics::HeavyBall, Kind::Conserved, vec![]);
    let conclusion = Conclusion { dynamics, name, kind, statement, premises, words, remarks };
    Ok(Some(scene.law(tangent, conclusion)))
}
