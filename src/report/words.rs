//! Hypotheses and remarks in words.

use crate::kernel::{Hypothesis, Law, Remark};
use crate::model::Dynamics;

/// The equation of motion, also with weight decay where the dynamics is the same with and without. Gradient flow, which
/// most laws are about, is called by its name too.
pub fn equation(dynamics: &Dynamics, decayed: bool) -> String {
    let (row, equation) = (dynamics.row(), dynamics.row().hypothesis(decayed));
    if *dynamics == Dynamics::GradientFlow { format!("{} {equation}", row.words) } else { equation }
}

/// What a law assumes, one sentence part for each.
pub fn hypotheses(law: &Law) -> Vec<String> {
    let all = law.hypotheses();
    let has = |h: &Hypothesis| all.contains(h);
    let order = all.iter().find_map(|h| match h {
        Hypothesis::Smooth(k) => Some(*k),
        _ => None,
    });
    let differentiable = match order {
        Some(1) | None => "differentiable",
        Some(2) => "twice differentiable",
        Some(_) => "three times differentiable",
    };
    let mut out = Vec::new();
    for hypothesis in all {
        match hypothesis {
            Hypothesis::Motion { dynamics, decayed } => {
                out.push(equation(dynamics, *decayed));
                if let Dynamics::Mirror(potentials) = dynamics {
                    let each: Vec<String> = potentials.iter().map(|(p, kind)| format!("{kind} on {p}")).collect();
                    out.push(format!("for ψ with {}", each.join(", ")));
                }
            }
            Hypothesis::Convex => out.push("where ψ is convex, ψ″ > 0".into()),
            Hypothesis::Stationary => {
                out.push(format!("at a stationary point, ∇L = 0, where L is {differentiable}"));
            }
            Hypothesis::SymmetricPoint => out.push(format!("at symmetric points where L is {differentiable}")),
            Hypothesis::FlattestPoint => out.push("where tr H is least on the orbit".into()),
            Hypothesis::PerSample { invariant: true } => {
                out.push("when each sample's loss is smooth and invariant".into());
            }
            Hypothesis::PerSample { invariant: false } => {
                out.push("when each sample's loss is smooth and equivariant as stated".into());
            }
            Hypothesis::Smooth(_) => {
                let told = has(&Hypothesis::Stationary)
                    || has(&Hypothesis::SymmetricPoint)
                    || all.iter().any(|h| matches!(h, Hypothesis::PerSample { .. }));
                let nonzero = if has(&Hypothesis::NonzeroGenerator) { " and ξ ≠ 0" } else { "" };
                if !told {
                    out.push(format!("wherever L is {differentiable}{nonzero}"));
                }
            }
            Hypothesis::NonzeroGenerator if order.is_some() => {}
            Hypothesis::NonzeroGenerator => out.push("wherever ξ ≠ 0".into()),
            Hypothesis::NonzeroFactor => out.push("for a factor that is not zero".into()),
        }
    }
    out
}

/// A remark.
pub fn remark(remark: &Remark) -> String {
    match remark {
        Remark::Skew { range, linear } => format!(
            "for {range} the generator is skew in θ{}, and a skew field is not a gradient: no first integral follows",
            if *linear { ", ⟨θ, ξ_A(θ)⟩ = 0" } else { "" }
        ),
        Remark::MixedDecay { affine: true } => {
            "not conserved: the linear and the constant part of ξ make parts of Q that decay at the different rates 2λ and λ, so no multiple of Q by a function of time is".into()
        }
        Remark::MixedDecay { affine: false } => "not conserved: parts of Q decay at different rates".into(),
        Remark::Equilibrium { response: false } => "the noise is in equilibrium where this vanishes".into(),
        Remark::Equilibrium { response: true } => "response and noise are in equilibrium where this vanishes".into(),
        Remark::DampedAndDriven => {
            "Q, which gradient flow conserves, is not conserved: its momentum is damped and driven".into()
        }
        Remark::Driven => "not conserved: ⟨θ̇, Dξ[θ̇]⟩ drives the momentum along ξ".into(),
        Remark::LossOnly => {
            "the invariance is of the loss, not of the output, so the Gauss–Newton matrix need not share the kernel".into()
        }
        Remark::ExactRank => {
            "the dimension is the exact rank of all these generators at the sizes of the instance".into()
        }
        Remark::SignsWithin { group } => {
            format!("by the matrices diag(±1) in place of the elements of {group}")
        }
        Remark::EvenLoss => "the loss is even, so ∇L(0) = 0".into(),
        Remark::EachCoordinate { origin } => {
            let origin = if *origin { "; for all together ∇L(0) = 0" } else { "" };
            format!("for each i, and so for any set of them{origin}")
        }
        Remark::AtMostEquations => "the number of equations is an upper bound".into(),
        Remark::Kept => "V is kept by gradient flow and gradient descent, by the heavy ball from a velocity in V, each with weight decay or without, by SGD where the loss of every batch is invariant, and by mirror flow where ψ(Pθ) = ψ(θ)".into(),
        Remark::Uncoupled => "where several i vanish their blocks are uncoupled; no eigenvalue has to be repeated".into(),
        Remark::AtMostDimension => "the dimension of V⊥ is an upper bound".into(),
        Remark::AtInstance => "they are found exactly at the instance of the check".into(),
    }
}
