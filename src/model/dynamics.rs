//! The dynamics whose laws can be asked for.

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

impl Dynamics {
    /// The names in the language.
    pub const NAMES: [&'static str; 6] =
        ["gradient_flow", "weight_decay", "heavy_ball", "gradient_descent", "sgd", "mirror"];

    /// The name in the language.
    pub fn name(&self) -> &'static str {
        match self {
            Dynamics::GradientFlow => "gradient_flow",
            Dynamics::WeightDecay => "weight_decay",
            Dynamics::HeavyBall => "heavy_ball",
            Dynamics::GradientDescent => "gradient_descent",
            Dynamics::Sgd => "sgd",
            Dynamics::Mirror(_) => "mirror",
        }
    }
}
