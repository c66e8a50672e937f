//! The built-in elementwise functions, one row each: all that is known of a function outside the rules.
//!
//! A function that is a power, or linear on either side of zero, or solves an equation that is here already, or is written
//! in other functions by a [`Formula`], is added by its row alone. A new [`Equation`] has no value yet: the compiler then asks for its recurrence in `eval/elementwise.rs`.

use super::Formula;

/// A built-in elementwise function.
#[derive(Clone, Copy, Debug)]
pub struct FunctionRow {
    /// The name in the language, in Unicode and in LaTeX.
    pub name: &'static str,
    /// Value and derivatives, over every kind of number.
    pub definition: Definition,
    pub parity: Parity,
    pub positivity: Positivity,
    pub domain: Domain,
    pub slope: Slope,
    pub typeset: Typeset,
    pub python: Python,
}

/// How the value and the derivatives of a function come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Definition {
    /// `x^q` for q = n/d: algebraic, over every kind of number.
    Power(i64, i64),
    /// `x` for x > 0 and `slope·x` for x < 0: algebraic once the sign is known, with a kink at zero.
    Piecewise { slope: (i64, i64) },
    /// Transcendental: a value is computed over floats and drawn at random in a finite field, and the derivatives follow
    /// from the value by a differential equation.
    Solution(Equation),
    /// Written in other functions; `slant` is the c with f(−x) = f(x) − cx, and 0 where there is none.
    Composed { formula: Formula, slant: (i64, i64) },
}

/// The differential equation of a transcendental function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Equation {
    /// f′ = f.
    Exp,
    /// f′ = 1/x.
    Log,
    /// f′ = 1 − f².
    Tanh,
    /// f′ = f − f².
    Sigmoid,
    /// f′ = σ, the sigmoid.
    Softplus,
    /// f″ = −f, f′ = cos.
    Sin,
    /// f″ = −f, f′ = −sin.
    Cos,
    /// f = xσ with σ′ = σ − σ².
    Silu,
    /// f = xΦ with Φ′ = φ, φ′ = −xφ.
    Gelu,
}

/// The parity of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Parity {
    /// f(−x) = −f(x).
    Odd,
    /// f(−x) = f(x).
    Even,
    Neither,
}

/// Where a function is known to be positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Positivity {
    /// Nowhere.
    Unknown,
    /// At positive arguments.
    OnPositive,
    /// At positive arguments, and nowhere negative.
    Nonnegative,
    Everywhere,
}

/// Where a function is defined. Over a finite field one that is not defined at every real number is not defined at every
/// residue either: a root need not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    Real,
    /// Positive numbers.
    Positive,
}

/// What the rules say of the derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slope {
    /// The rule `deriv-NAME` of `rules/calculus.rules` writes f′ in functions that have such a rule themselves, so that ψ″
    /// of a potential made of it is found.
    Rule,
    /// f′ stays `deriv(f)`.
    Opaque,
}

/// How mathematics writes the function of a scalar; of a matrix it is always `f(X)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typeset {
    /// f(x).
    Name,
    /// √x.
    Root,
    /// e^x.
    Exponential,
}

/// The function in NumPy. What would write its argument twice is a `lambda`, so that nested calls stay linear in size.
#[derive(Clone, Copy, Debug)]
pub struct Python {
    /// What stands before and after the argument.
    pub value: (&'static str, &'static str),
    /// A function: the derivative.
    pub derivative: &'static str,
}

/// The built-in elementwise functions.
pub static FUNCTIONS: &[FunctionRow] = &[
    FunctionRow {
        name: "relu",
        definition: Definition::Piecewise { slope: (0, 1) },
        parity: Parity::Neither,
        positivity: Positivity::Nonnegative,
        domain: Domain::Real,
        slope: Slope::Opaque,
        typeset: Typeset::Name,
        python: Python { value: ("np.maximum(", ", 0)"), derivative: "(lambda z: np.where(z > 0, 1.0, 0.0))" },
    },
    FunctionRow {
        name: "leaky_relu",
        definition: Definition::Piecewise { slope: (1, 100) },
        parity: Parity::Neither,
        positivity: Positivity::OnPositive,
        domain: Domain::Real,
        slope: Slope::Opaque,
        typeset: Typeset::Name,
        python: Python {
            value: ("(lambda z: np.maximum(z, 0.01 * z))(", ")"),
            derivative: "(lambda z: np.where(z > 0, 1.0, 0.01))",
        },
    },
    FunctionRow {
        name: "abs",
        definition: Definition::Piecewise { slope: (-1, 1) },
        parity: Parity::Even,
        positivity: Positivity::Nonnegative,
        domain: Domain::Real,
        slope: Slope::Opaque,
        typeset: Typeset::Name,
        python: Python { value: ("np.abs(", ")"), derivative: "np.sign" },
    },
    FunctionRow {
        name: "square",
        definition: Definition::Power(2, 1),
        parity: Parity::Even,
        positivity: Positivity::Nonnegative,
        domain: Domain::Real,
        slope: Slope::Rule,
        typeset: Typeset::Name,
        python: Python { value: ("np.square(", ")"), derivative: "(lambda z: 2 * z)" },
    },
    FunctionRow {
        name: "tanh",
        definition: Definition::Solution(Equation::Tanh),
        parity: Parity::Odd,
        positivity: Positivity::OnPositive,
        domain: Domain::Real,
        slope: Slope::Rule,
        typeset: Typeset::Name,
        python: Python { value: ("np.tanh(", ")"), derivative: "(lambda z: 1 - np.tanh(z)**2)" },
    },
    FunctionRow {
        name: "sigmoid",
        definition: Definition::Solution(Equation::Sigmoid),
        parity: Parity::Neither,
        positivity: Positivity::Everywhere,
        domain: Domain::Real,
        slope: Slope::Rule,
        typeset: Typeset::Name,
        python: Python {
            value: ("(lambda z: np.exp(-np.logaddexp(0, -z)))(", ")"),
            derivative: "(lambda z: np.exp(-np.logaddexp(0, z) - np.logaddexp(0, -z)))",
        },
    },
    FunctionRow {
        name: "silu",
        definition: Definition::Solution(Equation::Silu),
        parity: Parity::Neither,
        positivity: Positivity::OnPositive,
        domain: Domain::Real,
        slope: Slope::Opaque,
        typeset: Typeset::Name,
        python: Python {
            value: ("(lambda z: z * np.exp(-np.logaddexp(0, -z)))(", ")"),
            derivative: "(lambda z: np.exp(-np.logaddexp(0, -z)) * (1 + z * np.exp(-np.logaddexp(0, z))))",
        },
    },
    FunctionRow {
        name: "gelu",
        definition: Definition::Solution(Equation::Gelu),
        parity: Parity::Neither,
        positivity: Positivity::OnPositive,
        domain: Domain::Real,
        slope: Slope::Opaque,
        typeset: Typeset::Name,
        python: Python {
            value: ("(lambda z: 0.5 * z * (1 + np.vectorize(__import__('math').erf)(z / 2**0.5)))(", ")"),
            derivative: "(lambda z: 0.5 * (1 + np.vectorize(__import__('math').erf)(z / 2**0.5)) \
                         + z * np.exp(-z**2 / 2) / (2 * np.pi)**0.5)",
        },
    },
    FunctionRow {
        name: "relu6",
        definition: Definition::Composed { formula: Formula::RELU6, slant: (0, 1) },
        parity: Parity::Neither,
        positivity: Positivity::Nonnegative,
        domain: Domain::Real,
        slope: Slope::Opaque,
        typeset: Typeset::Name,
        python: Python {
            value: ("np.clip(", ", 0, 6)"),
            derivative: "(lambda z: np.where((z > 0) & (z < 6), 1.0, 0.0))",
        },
    },
    FunctionRow {
        name: "hardtanh",
        definition: Definition::Composed { formula: Formula::HARDTANH, slant: (0, 1) },
        parity: Parity::Odd,
        positivity: Positivity::OnPositive,
        domain: Domain::Real,
        slope: Slope::Opaque,
        typeset: Typeset::Name,
        python: Python { value: ("np.clip(", ", -1, 1)"), derivative: "(lambda z: np.where(np.abs(z) < 1, 1.0, 0.0))" },
    },
    FunctionRow {
        name: "hardsigmoid",
        definition: Definition::Composed { formula: Formula::HARDSIGMOID, slant: (0, 1) },
        parity: Parity::Neither,
        positivity: Positivity::Nonnegative,
        domain: Domain::Real,
        slope: Slope::Opaque,
        typeset: Typeset::Name,
        python: Python {
            value: ("(lambda z: np.clip(z / 6 + 0.5, 0, 1))(", ")"),
            derivative: "(lambda z: np.where(np.abs(z) < 3, 1 / 6, 0.0))",
        },
    },
    FunctionRow {
        name: "hardswish",
        definition: Definition::Composed { formula: Formula::HARDSWISH, slant: (1, 1) },
        parity: Parity::Neither,
        positivity: Positivity::OnPositive,
        domain: Domain::Real,
        slope: Slope::Opaque,
        typeset: Typeset::Name,
        python: Python {
            value: ("(lambda z: z * np.clip(z / 6 + 0.5, 0, 1))(", ")"),
            derivative: "(lambda z: np.where(np.abs(z) < 3, z / 3 + 0.5, np.where(z > 0, 1.0, 0.0)))",
        },
    },
    FunctionRow {
        name: "elu",
        definition: Definition::Composed { formula: Formula::ELU, slant: (0, 1) },
        parity: Parity::Neither,
        positivity: Positivity::OnPositive,
        domain: Domain::Real,
        slope: Slope::Opaque,
        typeset: Typeset::Name,
        python: Python {
            value: ("(lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))))(", ")"),
            derivative: "(lambda z: np.exp(np.minimum(z, 0)))",
        },
    },
    FunctionRow {
        name: "selu",
        definition: Definition::Composed { formula: Formula::SELU, slant: (0, 1) },
        parity: Parity::Neither,
        positivity: Positivity::OnPositive,
        domain: Domain::Real,
        slope: Slope::Opaque,
        typeset: Typeset::Name,
        python: Python {
            value: (
                "(lambda z: 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(np.minimum(z, 0))))(",
                ")",
            ),
            derivative: "(lambda z: 1.0507009873554805 * np.where(z > 0, 1.0, 1.6732632423543772 * np.exp(np.minimum(z, 0))))",
        },
    },
    FunctionRow {
        name: "mish",
        definition: Definition::Composed { formula: Formula::MISH, slant: (0, 1) },
        parity: Parity::Neither,
        positivity: Positivity::OnPositive,
        domain: Domain::Real,
        slope: Slope::Opaque,
        typeset: Typeset::Name,
        python: Python {
            value: ("(lambda z: z * np.tanh(np.logaddexp(0, z)))(", ")"),
            derivative: "(lambda z: (lambda t: t + z * (1 - t**2) * np.exp(-np.logaddexp(0, -z)))(np.tanh(np.logaddexp(0, z))))",
        },
    },
    FunctionRow {
        name: "quick_gelu",
        definition: Definition::Composed { formula: Formula::QUICK_GELU, slant: (1, 1) },
        parity: Parity::Neither,
        positivity: Positivity::OnPositive,
        domain: Domain::Real,
        slope: Slope::Opaque,
        typeset: Typeset::Name,
        python: Python {
            value: ("(lambda z: z * np.exp(-np.logaddexp(0, -1.702 * z)))(", ")"),
            derivative: "(lambda z: np.exp(-np.logaddexp(0, -1.702 * z)) * (1 + 1.702 * z * np.exp(-np.logaddexp(0, 1.702 * z))))",
        },
    },
    FunctionRow {
        name: "softplus",
        definition: Definition::Solution(Equation::Softplus),
        parity: Parity::Neither,
        positivity: Positivity::Everywhere,
        domain: Domain::Real,
        slope: Slope::Rule,
        typeset: Typeset::Name,
        python: Python { value: ("np.logaddexp(0, ", ")"), derivative: "(lambda z: np.exp(-np.logaddexp(0, -z)))" },
    },
    FunctionRow {
        name: "exp",
        definition: Definition::Solution(Equation::Exp),
        parity: Parity::Neither,
        positivity: Positivity::Everywhere,
        domain: Domain::Real,
        slope: Slope::Rule,
        typeset: Typeset::Exponential,
        python: Python { value: ("np.exp(", ")"), derivative: "np.exp" },
    },
    FunctionRow {
        name: "log",
        definition: Definition::Solution(Equation::Log),
        parity: Parity::Neither,
        positivity: Positivity::Unknown,
        domain: Domain::Positive,
        slope: Slope::Rule,
        typeset: Typeset::Name,
        python: Python { value: ("np.log(", ")"), derivative: "np.reciprocal" },
    },
    FunctionRow {
        name: "sqrt",
        definition: Definition::Power(1, 2),
        parity: Parity::Neither,
        positivity: Positivity::Nonnegative,
        domain: Domain::Positive,
        slope: Slope::Rule,
        typeset: Typeset::Root,
        python: Python { value: ("np.sqrt(", ")"), derivative: "(lambda z: 0.5 / np.sqrt(z))" },
    },
    FunctionRow {
        name: "sin",
        definition: Definition::Solution(Equation::Sin),
        parity: Parity::Odd,
        positivity: Positivity::Unknown,
        domain: Domain::Real,
        slope: Slope::Rule,
        typeset: Typeset::Name,
        python: Python { value: ("np.sin(", ")"), derivative: "np.cos" },
    },
    FunctionRow {
        name: "cos",
        definition: Definition::Solution(Equation::Cos),
        parity: Parity::Even,
        positivity: Positivity::Unknown,
        domain: Domain::Real,
        slope: Slope::Rule,
        typeset: Typeset::Name,
        python: Python { value: ("np.cos(", ")"), derivative: "(lambda z: -np.sin(z))" },
    },
];
