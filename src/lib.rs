//! equilaw derives the laws of motion of neural-network training from the symmetries of a model.

pub mod check;
pub mod cli;
pub mod complete;
mod derive;
pub mod discover;
pub mod eval;
pub mod exact;
pub mod group;
pub mod language;
pub mod law;
pub mod numeric;
pub mod report;
pub mod rewrite;
pub mod term;

pub use derive::{ActionReport, DeriveError, Options, Report, Status, derive};
