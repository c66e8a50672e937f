//! The heavy ball θ̈ + γθ̇ = −∇L: with P_A = ⟨θ̇, ξ_A⟩, d/dt(e^{γt}P_A) = e^{γt}(⟨θ̇, Dξ_A[θ̇]⟩ − ⟨E, r_A⟩). For a skew Dξ_A
//! the quadratic form vanishes and e^{γt}P_A is conserved by an invariance; where ξ_A is the gradient of Q_A, P_A is Q̇_A
//! and the law is Q̈_A + γQ̇_A = ⟨θ̇, Dξ_A[θ̇]⟩ − ⟨E, r_A⟩: what gradient flow conserves, the heavy ball does not.

use super::*;
use crate::term::{add, mul};

/// Derives the law of the momentum along the generator.
pub(super) fn derive(scene: &Scene, tangent: &mut Tangent, out: &mut ActionLaws) {
    let translation = scene.degree.as_ref().is_some_and(Rational::is_zero);
    let invariant = scene.response.is_empty();
    if scene.portion.symmetry == Symmetry::SelfAdjoint && !(translation && invariant) {
        let name = if invariant { "heavy-ball/broken" } else { "heavy-ball/rate" };
        // Without a closed form of Q there is still the law of its rate.
        let found = damped(scene, tangent, name).or_else(|_| momentum(scene, tangent, name).map(kept(out)));
        return record(out, tangent.action, name, found);
    }
    let name = match (invariant, scene.portion.symmetry) {
        (true, Symmetry::Neither) => "heavy-ball/broken",
        (true, _) => "heavy-ball/conserved",
        (false, _) => "heavy-ball/rate",
    };
    let found = momentum(scene, tangent, name).map(kept(out));
    record(out, tangent.action, name, found);
    if translation && invariant {
        let name = "heavy-ball/conserved-sum";
        record(out, tangent.action, name, second_integral(scene, tangent, name));
    }
}

type Found = Option<(Law, Option<Balance>)>;

/// Keeps the balance of a law for conserved differences.
fn kept(out: &mut ActionLaws) -> impl FnOnce(Found) -> Option<Law> {
    |found| {
        let (law, balance) = found?;
        out.rates.extend(balance);
        Some(law)
    }
}

/// Q̈ + γQ̇ = ⟨θ̇, Dξ[θ̇]⟩ − ⟨E, r⟩.
fn damped(scene: &Scene, tangent: &mut Tangent, name: &'static str) -> Result<Option<Law>, String> {
    let mut quantity = scene.potential()?;
    if quantity.is_empty() {
        return Ok(None);
    }
    let factor = primitive(&mut quantity, true);
    let mut force = scene.quadratic(Filling::Quantity(Op::Dot))?;
    force.extend(scene.response.iter().cloned());
    let force: Terms = collect(force).into_iter().map(|(c, t)| (c / &factor, t)).collect();
    let statement = Statement::Damped {
        quantity: scene.total(&quantity),
        friction: sym(scene.hyper.friction),
        force: scene.total(&force),
    };
    let words = "∇Q = ξ, so Q̇ = ⟨θ̇, ξ⟩ and Q̈ = ⟨θ̇, Dξ[θ̇]⟩ + ⟨θ̈, ξ⟩ with θ̈ = −γθ̇ − ∇L";
    let remarks = match scene.response.is_empty() {
        true => {
            vec!["Q, which gradient flow conserves, is not conserved: its momentum is damped and driven".to_string()]
        }
        false => vec![],
    };
    let premises = scene.premises(tangent, Filling::Quantity(Op::Dot));
    let dynamics = Dynamics::HeavyBall;
    let conclusion = Conclusion { dynamics, name, kind: Kind::Rate, statement, premises, words, remarks };
    Ok(Some(scene.law(tangent, conclusion)))
}

fn momentum(scene: &Scene, tangent: &mut Tangent, name: &'static str) -> Result<Found, String> {
    let mut momentum = scene.paired(Filling::Quantity(Op::Dot))?;
    if momentum.is_empty() {
        return Ok(None);
    }
    let factor = primitive(&mut momentum, true);
    let mut rate = match scene.portion.symmetry {
        Symmetry::Skew => vec![],
        Symmetry::SelfAdjoint | Symmetry::Neither => scene.quadratic(Filling::Quantity(Op::Dot))?,
    };
    let driven = !rate.is_empty();
    rate.extend(scene.response.iter().cloned());
    let rate: Terms = collect(rate).into_iter().map(|(c, t)| (c / &factor, t)).collect();
    let growth = scene.hyper.growth(&Rational::one(), scene.hyper.friction);
    let quantity = mul(&growth, &scene.total(&momentum));
    let (kind, statement, words) = if rate.is_empty() {
        let words =
            "θ̈ = −γθ̇ − ∇L: ⟨∇L, ξ⟩ vanishes, and so does ⟨θ̇, Sθ̇⟩ for a skew S; the friction is undone by e^{γt}";
        (Kind::Conserved, Statement::Conserved { quantity }, words)
    } else {
        let rate = mul(&growth, &scene.total(&rate));
        let words = "θ̈ = −γθ̇ − ∇L: what remains of the rate of ⟨θ̇, ξ⟩ is ⟨θ̇, Dξ[θ̇]⟩ − ⟨∇L, ξ⟩; the friction is undone by e^{γt}";
        (Kind::Rate, Statement::Rate { quantity, rate }, words)
    };
    let remarks = match driven && scene.response.is_empty() {
        true => vec!["not conserved: ⟨θ̇, Dξ[θ̇]⟩ drives the momentum along ξ".to_string()],
        false => vec![],
    };
    let premises = scene.premises(tangent, Filling::Quantity(Op::Dot));
    let conclusion = Conclusion { dynamics: Dynamics::HeavyBall, name, kind, statement, premises, words, remarks };
    let law = scene.law(tangent, conclusion);
    let balance = (!rate.is_empty() && !driven).then(|| Balance {
        action: tangent.action,
        growth: Some(growth),
        quantity: momentum,
        rate,
        shape: scene.shape,
        law: law.clone(),
    });
    Ok(Some((law, balance)))
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
