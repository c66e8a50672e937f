//! The hypotheses of a law as data: one object for each, with a `kind` that programs can ask for.

use crate::kernel::{Equation, Hypothesis};
use crate::term::print::text;
use serde::Serialize;

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Assumption {
    /// θ moves by this dynamics.
    Motion {
        dynamics: &'static str,
        equation: &'static str,
    },
    /// ψ″ > 0.
    ConvexPotential,
    /// ∇L = 0.
    StationaryPoint,
    /// θ is fixed by the group.
    SymmetricPoint,
    /// The image of θ lies in the domain.
    ImageInDomain,
    /// tr H is least on the orbit.
    FlattestPoint,
    /// L has so many derivatives.
    Differentiable {
        order: u8,
    },
    /// ∇L is locally Lipschitz.
    LipschitzGradient,
    /// The loss of every sample is invariant, or equivariant.
    EverySample {
        invariant: bool,
    },
    /// ξ ≠ 0.
    NonzeroGenerator,
    NonzeroFactor,
    /// A step of an induction: a value is moved so before it.
    Induction {
        action: String,
        value: String,
        image: Option<String>,
    },
    /// What stands in `stopgrad` is held constant by every derivative.
    StoppedValuesHeld,
    /// The normalizations have ε = 0.
    NoEpsilon,
    /// A rule of the user's own is true.
    Rule {
        name: String,
    },
}

pub fn assumption(hypothesis: &Hypothesis) -> Assumption {
    match hypothesis {
        Hypothesis::Motion { dynamics, equation } => {
            let equation = match equation {
                Equation::Plain => "plain",
                Equation::Decayed => "decayed",
                Equation::Noisy => "noisy",
                Equation::Diffusion => "diffusion",
            };
            Assumption::Motion { dynamics: dynamics.name(), equation }
        }
        Hypothesis::Convex => Assumption::ConvexPotential,
        Hypothesis::Stationary => Assumption::StationaryPoint,
        Hypothesis::SymmetricPoint => Assumption::SymmetricPoint,
        Hypothesis::InDomain => Assumption::ImageInDomain,
        Hypothesis::FlattestPoint => Assumption::FlattestPoint,
        Hypothesis::Smooth(order) => Assumption::Differentiable { order: *order },
        Hypothesis::Lipschitz => Assumption::LipschitzGradient,
        Hypothesis::PerSample { invariant } => Assumption::EverySample { invariant: *invariant },
        Hypothesis::NonzeroGenerator => Assumption::NonzeroGenerator,
        Hypothesis::NonzeroFactor => Assumption::NonzeroFactor,
        Hypothesis::Carried { action, before, image } => {
            Assumption::Induction { action: action.to_string(), value: before.to_string(), image: Some(text(image)) }
        }
        Hypothesis::Moved { action, moved } => {
            Assumption::Induction { action: action.to_string(), value: moved.name.to_string(), image: None }
        }
        Hypothesis::Held => Assumption::StoppedValuesHeld,
        Hypothesis::NoEpsilon => Assumption::NoEpsilon,
        Hypothesis::Rule(name) => Assumption::Rule { name: name.to_string() },
    }
}
