//! One evaluator. A formula is lowered to a [`Tape`] of a few primitives, which is evaluated and differentiated in
//! reverse over any kind of [`Matrix`]: floats, a prime field, rationals, and truncated power [`Series`] over each.
//!
//! A Hessian product is reverse mode over one ε, a nested Lie bracket reverse mode over several; no derivative formula of
//! a composite function is written down anywhere.

mod arbitrary;
mod ball;
mod bindings;
mod call;
mod circle;
mod columnwise;
mod composed;
mod dense;
mod diagonals;
mod elementwise;
mod enclosed;
mod enclosure;
mod error;
mod expanded;
mod expansion;
mod exponential;
mod float;
mod gated;
mod gates;
mod held;
mod jet;
mod located;
mod lower;
mod matrix;
mod number;
mod pattern;
mod pieces;
mod prime;
mod probe;
mod rational;
mod reads;
mod residue;
mod resumed;
mod reverse;
mod roots;
mod scale;
mod series;
mod shifted;
mod smooth;
mod square;
mod tape;
mod tower;
mod windows;

pub use bindings::{Bindings, Key, Quantities};
pub use circle::DIVISIONS;
pub use dense::Dense;
pub use elementwise::{Elementwise, Exponent};
pub use enclosure::{Enclosed, Enclosure};
pub use error::EvalError;
pub use expansion::Expansion;
pub use float::Reals;
pub(crate) use float::summed;
pub use gated::{Gate, Gated};
pub use gates::Gates;
pub use held::Held;
pub use jet::{Constants, Jet};
pub use located::Located;
pub use matrix::{Matrix, Side};
pub use number::{Number, Oracle, Transcendental, below, mix, stream_of};
pub use pattern::Pattern;
pub use prime::{Checked, Prime, Residue, Rooted, Small};
pub use probe::Probe;
pub use rational::{RationalMatrix, Rationals};
pub use resumed::Resumed;
pub use roots::Roots;
pub use scale::{CANCELLED, Norms};
pub use series::Series;
pub use shifted::Lever;
pub use tape::{ENTRY_LIMIT, Tape, concrete};
pub use tower::{Climb, Generator, Pair, Plan, Reach, Step, Stop};

pub use crate::term::Sizes;

#[cfg(test)]
mod tests;
