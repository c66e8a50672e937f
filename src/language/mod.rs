//! The `.eqv` and `.rules` languages.

mod model;

pub use model::*;
