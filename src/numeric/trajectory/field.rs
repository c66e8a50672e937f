//! The equations of motion.

use crate::eval::Matrix;
use crate::language::Dynamics;
use crate::term::Symbol;
use faer::Mat;

/// The numbers of a dynamics.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coefficients {
    /// The weight decay λ.
    pub decay: f64,
    /// The friction γ of the heavy ball.
    pub friction: f64,
    /// The step size η.
    pub step: f64,
}

/// θ̇ on one parameter, for a dynamics of the first order; of a discrete dynamics, which has no velocity, −∇L, the
/// direction of a step. `None` for the heavy ball, whose velocity belongs to the state.
pub fn velocity(
    dynamics: &Dynamics,
    coefficients: &Coefficients,
    param: Symbol,
    theta: &Mat<f64>,
    gradient: &Mat<f64>,
) -> Option<Mat<f64>> {
    Some(match dynamics {
        Dynamics::GradientFlow | Dynamics::GradientDescent | Dynamics::Sgd => -gradient,
        Dynamics::WeightDecay => -(gradient + theta * faer::Scale(coefficients.decay)),
        Dynamics::Mirror(potentials) => -preconditioned(potentials, param, theta, gradient),
        Dynamics::HeavyBall => return None,
    })
}

/// θ̈ = −γθ̇ − ∇L on one parameter.
pub fn acceleration(coefficients: &Coefficients, velocity: &Mat<f64>, gradient: &Mat<f64>) -> Mat<f64> {
    -(gradient + velocity * faer::Scale(coefficients.friction))
}

/// (∇²ψ(θ))⁻¹ ∇L on one parameter, entry by entry since ψ is separable: ψ″(w) is 1/w for the entropy, 1 otherwise.
fn preconditioned(potentials: &[(Symbol, Symbol)], param: Symbol, theta: &Mat<f64>, gradient: &Mat<f64>) -> Mat<f64> {
    match potentials.iter().find(|(name, _)| *name == param) {
        Some((_, potential)) if potential.as_str() == "entropy" => theta.hadamard(gradient),
        _ => gradient.clone(),
    }
}
