//! The tower of exponentials and logarithms that a formula climbs.
//!
//! Every function of the table that solves a differential equation is algebraic in pairs (z, e^z), in pairs (log u, u) and
//! in points (cos z, sin z); its values follow from theirs. Over 𝔽_p these values are drawn, and a draw must satisfy every
//! algebraic relation that the functions satisfy. By the theorem of Ax (1971) there are no others than those that follow
//! from ℚ-linear relations, modulo constants, between the first members of the pairs. A [`Plan`] states these relations;
//! [`Climb`] draws one value for each element of a basis and computes the others.

mod climb;
mod pair;
mod plan;
mod reach;

pub use climb::{Climb, Generator, Stop};
pub use pair::Pair;
pub use plan::{Plan, Step};
pub use reach::Reach;
