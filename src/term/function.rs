//! Elementwise functions: the built-in ones and the declared activations, with the properties a proof may use.

use super::{Facts, Rational};
use num_traits::One;

/// The properties of an elementwise function that a rule's condition may ask for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Function {
    /// `f(c x) = c^k f(x)` for every c > 0.
    pub homogeneous: Option<Rational>,
    /// `f(-x) = -f(x)`.
    pub odd: bool,
    /// `f(-x) = f(x)`.
    pub even: bool,
    /// Positive on positive entries.
    pub preserves_positive: bool,
    /// Positive everywhere.
    pub positive: bool,
}

impl Function {
    /// The names of the built-in elementwise functions.
    pub const BUILTIN: &'static [&'static str] = &[
        "relu",
        "leaky_relu",
        "abs",
        "square",
        "tanh",
        "sigmoid",
        "silu",
        "gelu",
        "softplus",
        "exp",
        "log",
        "sqrt",
        "sin",
        "cos",
    ];

    /// The properties of a built-in function.
    pub fn builtin(name: &str) -> Option<Function> {
        let homogeneous = |num: i64, den: i64| Some(Rational::new(num.into(), den.into()));
        let plain = Function::default();
        Some(match name {
            "relu" | "leaky_relu" => Function { homogeneous: Some(Rational::one()), preserves_positive: true, ..plain },
            "abs" => Function { homogeneous: homogeneous(1, 1), even: true, preserves_positive: true, ..plain },
            "square" => Function { homogeneous: homogeneous(2, 1), even: true, preserves_positive: true, ..plain },
            "sqrt" => Function { homogeneous: homogeneous(1, 2), preserves_positive: true, ..plain },
            "tanh" => Function { odd: true, preserves_positive: true, ..plain },
            "sin" => Function { odd: true, ..plain },
            "cos" => Function { even: true, ..plain },
            "exp" | "sigmoid" | "softplus" => Function { positive: true, preserves_positive: true, ..plain },
            "silu" | "gelu" => Function { preserves_positive: true, ..plain },
            "log" => plain,
            _ => return None,
        })
    }

    /// The properties of the derivative f′: homogeneous of one degree less, odd and even exchanged.
    pub fn derivative(&self) -> Function {
        Function {
            homogeneous: self.homogeneous.as_ref().map(|k| k - Rational::one()),
            odd: self.even,
            even: self.odd,
            preserves_positive: false,
            positive: false,
        }
    }

    /// The facts of `f(X)` entry by entry.
    pub fn image(&self, argument: Facts) -> Facts {
        let mut facts = argument & Facts::CONSTANT;
        if self.positive || (self.preserves_positive && argument.contains(Facts::POSITIVE)) {
            facts |= Facts::POSITIVE;
        }
        facts
    }
}
