//! What a library user sees of a model, of rules and of a report beyond the jobs: plain data and the formats.

mod complete;
mod discover;
mod flow;
mod model;
mod report;
mod rules;

pub use crate::kernel::Kind as LawKind;
pub use report::Verdict;
