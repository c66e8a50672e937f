//! equilaw derives the laws of motion of neural-network training from the symmetries of a model.

pub mod group;
pub mod language;
pub mod law;
pub mod rewrite;
pub mod term;
