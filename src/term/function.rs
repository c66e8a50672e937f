//! Elementwise functions: the built-in ones, a row of [`FUNCTIONS`] each, and the declared activations; and the properties
//! a proof may use.

mod formula;
mod table;

pub use formula::Formula;
pub use table::{Definition, Domain, Equation, FUNCTIONS, FunctionRow, Parity, Positivity, Slope, Typeset};

use super::{Facts, Rational};
use num_traits::{One, Zero};

/// The properties of an elementwise function that a rule's condition may ask for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Function {
    /// `f(c x) = c^k f(x)` for every c > 0.
    pub homogeneous: Option<Rational>,
    /// `f(-x) = f(x) - c x`.
    pub slant: Option<Rational>,
    /// `f(-x) = -f(x)`.
    pub odd: bool,
    /// `f(-x) = f(x)`.
    pub even: bool,
    /// Positive on positive entries.
    pub preserves_positive: bool,
    /// Positive everywhere.
    pub positive: bool,
    /// Nowhere negative.
    pub nonnegative: bool,
}

impl Function {
    /// The properties of a built-in function.
    pub fn builtin(name: &str) -> Option<Function> {
        FunctionRow::named(name).map(FunctionRow::properties)
    }

    /// The properties of the derivative f′: homogeneous of one degree less, odd and even exchanged. An even function that is
    /// homogeneous of degree 1 is a multiple of |x|, whose derivative is odd but for 0, where it has none.
    pub fn derivative(&self) -> Function {
        let kink = self.homogeneous.as_ref().is_some_and(Rational::is_one);
        Function {
            homogeneous: self.homogeneous.as_ref().map(|k| k - Rational::one()),
            slant: None,
            odd: self.even && !kink,
            even: self.odd,
            preserves_positive: false,
            positive: false,
            nonnegative: false,
        }
    }

    /// The facts of `f(X)` entry by entry.
    pub fn image(&self, argument: Facts) -> Facts {
        let mut facts = argument & Facts::CONSTANT;
        if self.positive || (self.preserves_positive && argument.contains(Facts::POSITIVE)) {
            facts |= Facts::POSITIVE;
        }
        // A function that is positive at positive arguments is not negative at 0, where it is continuous.
        if self.nonnegative || (self.preserves_positive && argument.contains(Facts::NONNEGATIVE)) {
            facts |= Facts::NONNEGATIVE;
        }
        facts
    }
}

impl FunctionRow {
    /// The row of a built-in function.
    pub fn named(name: &str) -> Option<&'static FunctionRow> {
        FUNCTIONS.iter().find(|row| row.name == name)
    }

    /// The properties a proof may use.
    pub fn properties(&self) -> Function {
        let rational = |(n, d): (i64, i64)| Rational::new(n.into(), d.into());
        Function {
            homogeneous: self.definition.degree().map(rational),
            slant: self.definition.slant().map(rational).filter(|c| !c.is_zero()),
            odd: self.parity == Parity::Odd,
            even: self.parity == Parity::Even,
            preserves_positive: self.positivity != Positivity::Unknown,
            positive: self.positivity == Positivity::Everywhere,
            nonnegative: matches!(self.positivity, Positivity::Nonnegative | Positivity::Everywhere),
        }
    }

    /// Whether the value follows from the argument by no algebra, so that exact arithmetic draws it at random.
    pub fn is_transcendental(&self) -> bool {
        match self.definition {
            Definition::Solution(_) => true,
            Definition::Power(..) | Definition::Piecewise { .. } => false,
            Definition::Composed { formula, .. } => formula.any(&of(FunctionRow::is_transcendental)),
        }
    }

    /// Whether a derivative jumps, so that one draw of signs sees only part of a network.
    pub fn is_piecewise(&self) -> bool {
        match self.definition {
            Definition::Piecewise { .. } => true,
            Definition::Power(..) | Definition::Solution(_) => false,
            Definition::Composed { formula, .. } => formula.any(&of(FunctionRow::is_piecewise)),
        }
    }
}

/// Whether the built-in function of a name is of some kind.
fn of(kind: impl Fn(&FunctionRow) -> bool) -> impl Fn(&'static str) -> bool {
    move |name| FunctionRow::named(name).is_some_and(&kind)
}

impl Definition {
    /// The degree of positive homogeneity. A solution of a differential equation in the table has none.
    pub fn degree(self) -> Option<(i64, i64)> {
        match self {
            Definition::Power(n, d) => Some((n, d)),
            Definition::Piecewise { .. } => Some((1, 1)),
            Definition::Solution(_) | Definition::Composed { .. } => None,
        }
    }

    /// c with f(−x) = f(x) − cx: f is even but for the line cx/2.
    pub fn slant(self) -> Option<(i64, i64)> {
        match self {
            Definition::Piecewise { slope: (n, d) } => Some((n + d, d)),
            Definition::Composed { slant, .. } => Some(slant),
            Definition::Solution(Equation::Silu | Equation::Gelu | Equation::Softplus) => Some((1, 1)),
            Definition::Power(..) | Definition::Solution(_) => None,
        }
    }
}
