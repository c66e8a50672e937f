//! The equations of motion.

use crate::eval::EvalError;
use crate::model::{Dynamics, Hyperparameter, Model, Potential};
use crate::numeric::{Real, metric};
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

impl Coefficients {
    /// The number of a hyper-parameter.
    pub fn get(&self, number: Hyperparameter) -> f64 {
        match number {
            Hyperparameter::Decay => self.decay,
            Hyperparameter::Friction => self.friction,
            Hyperparameter::Step => self.step,
        }
    }
}

/// θ̇ on one parameter, for a dynamics of the first order; of a discrete dynamics, which has no velocity, −∇L, the
/// direction of a step. `None` for the heavy ball, whose velocity belongs to the state.
///
/// # Errors
/// When a potential of a mirror flow has no second derivative there.
pub fn velocity<M: Real>(
    dynamics: &Dynamics,
    coefficients: &Coefficients,
    potentials: &[(Symbol, Potential)],
    param: Symbol,
    theta: &M,
    gradient: &M,
) -> Result<Option<M>, EvalError> {
    Ok(Some(match dynamics {
        Dynamics::GradientFlow | Dynamics::GradientDescent | Dynamics::Sgd => gradient.neg(),
        Dynamics::WeightDecay => gradient.combined(-1.0, theta, -coefficients.decay),
        Dynamics::Mirror(_) => preconditioned(potentials, param, theta, gradient)?.neg(),
        Dynamics::HeavyBall => return Ok(None),
    }))
}

/// θ̈ = −γθ̇ − ∇L on one parameter.
pub fn acceleration<M: Real>(coefficients: &Coefficients, velocity: &M, gradient: &M) -> M {
    gradient.combined(-1.0, velocity, -coefficients.friction)
}

/// The potentials of a mirror flow, by parameter; none for another dynamics.
pub fn potentials(model: &Model, dynamics: &Dynamics) -> Vec<(Symbol, Potential)> {
    let Dynamics::Mirror(named) = dynamics else { return vec![] };
    named.iter().filter_map(|(param, name)| Some((*param, model.potential(*name)?))).collect()
}

/// (∇²ψ(θ))⁻¹ ∇L on one parameter, entry by entry since ψ is separable; a parameter without a potential rests on the
/// quadratic one.
fn preconditioned<M: Real>(
    potentials: &[(Symbol, Potential)],
    param: Symbol,
    theta: &M,
    gradient: &M,
) -> Result<M, EvalError> {
    let Some((_, potential)) = potentials.iter().find(|(name, _)| *name == param) else { return Ok(gradient.clone()) };
    let curvature = metric(potential, theta.value())?;
    let inverse = Mat::from_fn(theta.rows(), theta.cols(), |i, j| 1.0 / curvature[(i, j)]);
    Ok(gradient.hadamard(&inverse.into()))
}
