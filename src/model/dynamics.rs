//! The dynamics whose laws can be asked for, a row of [`DYNAMICS`] each.
//!
//! What a dynamics does to a parameter is in `numeric/trajectory/`, its laws in `law/dynamics/`; everything that only has
//! to know its name, its equation or its kind reads the row.

use crate::term::Symbol;

/// A `dynamics` statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Dynamics {
    GradientFlow,
    WeightDecay,
    HeavyBall,
    GradientDescent,
    Sgd,
    /// The potential of each parameter: `entropy`, `quadratic`, or the name of a declared separable potential.
    Mirror(Vec<(Symbol, Symbol)>),
}

/// What is known of a dynamics.
#[derive(Debug)]
pub struct DynamicsRow {
    /// The name in the language.
    pub name: &'static str,
    /// The dynamics of that name; none where the name alone does not say which.
    pub plain: Option<Dynamics>,
    /// Its name in a sentence.
    pub words: &'static str,
    /// Its name at the head of a section.
    pub heading: &'static str,
    /// The equation of motion.
    pub equation: &'static str,
    /// The equation of motion with weight decay, where the dynamics is the same with and without.
    pub decayed: Option<&'static str>,
    /// What a stochastic gradient makes of the equation.
    pub noise: Option<Noise>,
    pub hyperparameters: &'static [Hyperparameter],
    pub time: Time,
    pub order: Order,
    /// Whether a trajectory that starts on a symmetric subspace stays there.
    pub keeps_symmetry: bool,
}

/// A stochastic gradient Ĝ = ∇L + N, with N of mean 0 and covariance Σ.
#[derive(Debug)]
pub struct Noise {
    /// The equation of motion with N told apart.
    pub split: &'static str,
    /// The stochastic differential equation that it becomes for small steps, B being Brownian motion.
    pub diffusion: &'static str,
}

/// A number in an equation of motion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hyperparameter {
    /// The weight decay λ.
    Decay,
    /// The friction γ.
    Friction,
    /// The step size η.
    Step,
}

/// Whether a trajectory is a curve or a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    Continuous,
    Discrete,
}

/// The order of the equation of motion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// θ is the state.
    First,
    /// θ and its velocity are.
    Second,
}

static GRADIENT_FLOW: DynamicsRow = DynamicsRow {
    name: "gradient_flow",
    plain: Some(Dynamics::GradientFlow),
    words: "gradient flow",
    heading: "Gradient flow",
    equation: "θ̇ = −∇L",
    decayed: None,
    noise: None,
    hyperparameters: &[],
    time: Time::Continuous,
    order: Order::First,
    keeps_symmetry: true,
};

static WEIGHT_DECAY: DynamicsRow = DynamicsRow {
    name: "weight_decay",
    plain: Some(Dynamics::WeightDecay),
    words: "gradient flow with weight decay",
    heading: "Gradient flow with weight decay",
    equation: "θ̇ = −∇L − λθ",
    decayed: None,
    noise: None,
    hyperparameters: &[Hyperparameter::Decay],
    time: Time::Continuous,
    order: Order::First,
    keeps_symmetry: true,
};

static HEAVY_BALL: DynamicsRow = DynamicsRow {
    name: "heavy_ball",
    plain: Some(Dynamics::HeavyBall),
    words: "the heavy ball",
    heading: "Heavy ball",
    equation: "θ̈ + γθ̇ = −∇L",
    decayed: None,
    noise: None,
    hyperparameters: &[Hyperparameter::Friction],
    time: Time::Continuous,
    order: Order::Second,
    keeps_symmetry: true,
};

static GRADIENT_DESCENT: DynamicsRow = DynamicsRow {
    name: "gradient_descent",
    plain: Some(Dynamics::GradientDescent),
    words: "gradient descent",
    heading: "Gradient descent",
    equation: "θ⁺ = θ − η∇L",
    decayed: Some("θ⁺ = (1 − ηλ)θ − η∇L"),
    noise: None,
    hyperparameters: &[Hyperparameter::Step, Hyperparameter::Decay],
    time: Time::Discrete,
    order: Order::First,
    keeps_symmetry: true,
};

static SGD: DynamicsRow = DynamicsRow {
    name: "sgd",
    plain: Some(Dynamics::Sgd),
    words: "stochastic gradient descent",
    heading: "Stochastic gradient descent",
    equation: "θ⁺ = θ − ηĜ",
    decayed: None,
    noise: Some(Noise { split: "θ⁺ = θ − η(∇L + N)", diffusion: "dθ = −∇L dt + √(ηΣ) dB" }),
    hyperparameters: &[Hyperparameter::Step],
    time: Time::Discrete,
    order: Order::First,
    keeps_symmetry: false,
};

static MIRROR: DynamicsRow = DynamicsRow {
    name: "mirror",
    plain: None,
    words: "mirror flow",
    heading: "Mirror flow",
    equation: "d/dt ∇ψ(θ) = −∇L",
    decayed: None,
    noise: None,
    hyperparameters: &[],
    time: Time::Continuous,
    order: Order::First,
    keeps_symmetry: false,
};

/// Every dynamics.
pub static DYNAMICS: [&DynamicsRow; 6] = [&GRADIENT_FLOW, &WEIGHT_DECAY, &HEAVY_BALL, &GRADIENT_DESCENT, &SGD, &MIRROR];

impl Dynamics {
    /// What is known of the dynamics.
    pub fn row(&self) -> &'static DynamicsRow {
        match self {
            Dynamics::GradientFlow => &GRADIENT_FLOW,
            Dynamics::WeightDecay => &WEIGHT_DECAY,
            Dynamics::HeavyBall => &HEAVY_BALL,
            Dynamics::GradientDescent => &GRADIENT_DESCENT,
            Dynamics::Sgd => &SGD,
            Dynamics::Mirror(_) => &MIRROR,
        }
    }

    /// The names in the language.
    pub fn names() -> impl Iterator<Item = &'static str> {
        DYNAMICS.iter().map(|row| row.name)
    }

    /// The name in the language.
    pub fn name(&self) -> &'static str {
        self.row().name
    }
}

impl DynamicsRow {
    /// The row of a name in the language.
    pub fn named(name: &str) -> Option<&'static DynamicsRow> {
        DYNAMICS.into_iter().find(|row| row.name == name)
    }
}

impl Hyperparameter {
    /// How an equation of motion writes it.
    pub fn letter(self) -> &'static str {
        match self {
            Hyperparameter::Decay => "λ",
            Hyperparameter::Friction => "γ",
            Hyperparameter::Step => "η",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_that_of_its_dynamics() {
        for row in DYNAMICS {
            let found = DynamicsRow::named(row.name).expect("named");
            assert!(std::ptr::eq(found, row), "{}", row.name);
            match &row.plain {
                Some(dynamics) => assert!(std::ptr::eq(dynamics.row(), row), "{}", row.name),
                None => assert!(std::ptr::eq(Dynamics::Mirror(vec![]).row(), row), "{}", row.name),
            }
            let equation = row.decayed.unwrap_or(row.equation);
            for number in row.hyperparameters {
                assert!(equation.contains(number.letter()), "{equation} has no {}", number.letter());
            }
            // A discrete dynamics gives the next iterate, one of the second order an acceleration.
            assert_eq!(row.equation.contains('⁺'), row.time == Time::Discrete, "{equation}");
            assert_eq!(row.equation.contains("θ̈"), row.order == Order::Second, "{equation}");
        }
    }
}
