//! Exact answers: ranks over finite fields, how many conservation laws there are, and which symmetries a model has.

mod assumption;
mod balanced;
mod batch;
mod block;
mod bracket;
mod branch;
mod closure;
mod commutant;
mod complemented;
mod completeness;
mod curve;
mod echelon;
mod enclosed;
mod epsilon;
mod families;
mod fields;
mod formal;
mod functions;
mod generators;
mod grading;
mod independent;
mod integrals;
mod layout;
mod lie_algebra;
mod markowitz;
mod method;
mod motion;
mod multiplicity;
mod novel;
mod numerical;
mod panels;
mod pivots;
mod placed;
mod places;
mod point;
mod polynomial;
mod proved;
mod recognize;
mod reconstruct;
mod region;
mod scalar;
mod span;
mod sparse;
mod sparse_fields;
mod start;
mod subspace;
mod summand;
mod sweep;
mod symmetry;
mod valuation;

pub use assumption::Assumption;
pub use block::Block;
pub use branch::Branch;
pub use closure::{Bounds, Closure, Field};
pub use commutant::{Moves, Orbits, multiplicities};
pub use completeness::{Arithmetic, Certificate, Completeness, Quantity, missing_laws};
pub use curve::{Curve, Followed};
pub use echelon::{Echelon, Nullspace};
pub use epsilon::Replaced;
pub use fields::{Fields, GradientField, REDRAWS, Tangent, Vector};
pub use functions::Independence;
pub use integrals::Integrals;
pub use layout::{Form, Layout, Letter, Unknown};
pub use lie_algebra::{LieAlgebra, Signature};
pub use markowitz::SparseRows;
pub use method::complete;
pub use motion::{Motion, Subject};
pub use multiplicity::eigenvalue_multiplicities;
pub use panels::Panels;
pub use point::Point;
pub use polynomial::Polynomial;
pub use reconstruct::{primitive, rational, rational_vector};
pub use region::{Choice, Origin, Region};
pub use scalar::Scalar;
pub use span::Span;
pub use sparse::{Sparse, SparseEchelon, combination};
pub use subspace::Subspace;
pub use sweep::{Fit, Sweep, sweep, tabulate};
pub use symmetry::{Algebra, Structure, symmetries, symmetries_with};

use crate::eval::EvalError;
use crate::model::SizeError;
use crate::term::Shape;
use thiserror::Error;

/// Why there is no exact answer.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ExactError {
    #[error(transparent)]
    Eval(#[from] EvalError),
    /// The families of the model are too many.
    #[error(transparent)]
    Size(#[from] SizeError),
    #[error("interrupted")]
    Interrupted,
    /// Singular values of floating-point vectors fall without a gap.
    #[error("the square roots of the model exist in no finite field together, and its floating rank is not clear")]
    NoGap,
    /// A law that was derived is contradicted by exact arithmetic: one of the two is wrong.
    #[error("the law `{law}` is proved, but exact arithmetic contradicts it: {how}")]
    Contradiction { law: String, how: String },
    /// Values of functions are not as independent as they are taken to be.
    #[error("values of functions are taken for independent that are not: the law `{law}` is proved")]
    Dependent { law: String },
    /// The question is too large to be answered exactly.
    #[error("{what}: {size} are more than the limit of {limit}")]
    TooLarge { what: &'static str, size: usize, limit: usize },
    /// The same of unknowns, with where they stand.
    #[error("{what}: {size} are more than the limit of {limit}")]
    TooManyUnknowns { what: &'static str, size: usize, limit: usize, among: Vec<Unknowns> },
}

/// How many unknown entries a generator A W + W B + C has on a parameter of a shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknowns {
    pub shape: Shape,
    /// In A, in B, and in C.
    pub left: usize,
    pub right: usize,
    pub shift: usize,
}

/// How far a closure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The depth of the brackets that are drawn.
    pub depth: usize,
    /// How many were drawn.
    pub drawn: u64,
    pub rank: usize,
    /// The largest rank possible.
    pub of: usize,
}

/// Is told about progress, and may end the work with [`ExactError::Interrupted`].
pub type Watch<'a> = &'a (dyn Fn(Progress) -> Result<(), ExactError> + Sync);

/// Watches nothing.
pub fn unwatched(_: Progress) -> Result<(), ExactError> {
    Ok(())
}
