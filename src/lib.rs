//! equilaw derives the laws of motion of neural-network training from the symmetries of a model.

pub mod eval;
pub mod group;
pub mod language;
pub mod numeric;
pub mod term;
