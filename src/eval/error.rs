//! Why a formula has no value.

use crate::term::{Empty, TypeError};
use thiserror::Error;

/// Why a formula could not be evaluated.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum EvalError {
    #[error("`{0}` has no value")]
    Unbound(String),
    #[error("there is no size `{0}`, or it is not a positive number")]
    UnknownSize(String),
    #[error("`{name}` is {got_rows} x {got_cols}, expected {rows} x {cols}")]
    Shape { name: String, rows: usize, cols: usize, got_rows: usize, got_cols: usize },
    #[error(transparent)]
    Type(#[from] TypeError),
    /// A matrix cannot have its declared facts at its size.
    #[error(transparent)]
    Empty(#[from] Box<Empty>),
    #[error("only a scalar has a gradient, this is {rows} x {cols}")]
    NotScalar { rows: usize, cols: usize },
    /// An inverse or reciprocal of something singular.
    #[error("division by zero or a singular matrix")]
    Singular,
    #[error("the logarithm of a number that is not positive")]
    Logarithm,
    /// A value that is not finite although nothing was divided by zero.
    #[error("the numbers are too large for floating point")]
    Overflow,
    #[error("two arguments of a function agree by accident in this field of numbers")]
    Coincidence,
    /// The number has no root of the wanted order here; another draw may have one.
    #[error("a root does not exist in this field of numbers")]
    NoSquareRoot {
        /// The node of a tape that is the root.
        at: Option<usize>,
    },
    /// A constant of the model itself, e.g. 1/√d, is irrational here; no other draw helps.
    #[error("the constant {0} is not a number of this field")]
    Irrational(String),
    /// The sign of the argument of a piecewise function is not known here; another draw may have one.
    #[error("the sign of a pre-activation is not decided")]
    Undecided,
    #[error("{0} cannot be evaluated here")]
    Unsupported(String),
    #[error(
        "the matrices of one evaluation have {entries} entries, more than the limit of {limit}: choose smaller sizes"
    )]
    TooLarge { entries: usize, limit: usize },
    /// No memory for the vectors of so many eigenvalues.
    #[error("{}", too_many_eigenvalues(*count, *dimension, *most))]
    TooManyEigenvalues { count: usize, dimension: usize, most: usize },
    /// A computation whose number of steps is bounded would take more.
    #[error("too much work: {0}")]
    TooMuchWork(String),
}

fn too_many_eigenvalues(count: usize, dimension: usize, most: usize) -> String {
    let instead = if most == 0 { "choose smaller sizes".into() } else { format!("ask for at most {most}") };
    format!("{count} eigenvalues of {dimension} parameters take more than 1 GiB: {instead}")
}

impl EvalError {
    /// There is no root.
    pub const ROOTLESS: EvalError = EvalError::NoSquareRoot { at: None };

    /// The same error, met at a node of a tape.
    pub(super) fn met_at(self, node: usize) -> EvalError {
        match self {
            EvalError::NoSquareRoot { at: None } => EvalError::NoSquareRoot { at: Some(node) },
            error => error,
        }
    }

    /// Whether the formula has no value at this point, where it may have one at another.
    pub fn is_undefined(&self) -> bool {
        use EvalError::{Logarithm, NoSquareRoot, Overflow, Singular, Undecided};
        matches!(self, Singular | Logarithm | NoSquareRoot { .. } | Overflow | Undecided)
    }

    /// Whether another draw of the numbers may have a value.
    pub fn is_unlucky(&self) -> bool {
        use EvalError::{Coincidence, Logarithm, NoSquareRoot, Singular, Undecided};
        matches!(self, NoSquareRoot { .. } | Singular | Logarithm | Coincidence | Undecided)
    }
}
