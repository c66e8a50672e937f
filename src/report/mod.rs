//! What is said about a model, in each format: pure functions from a [`Report`](crate::Report) to text.
//!
//! `outline` orders and numbers the laws, `formulas` writes their mathematics in Unicode or LaTeX, `phrase` holds the
//! words, and `ledger` collects the claims of all derivations so that each is printed once. One file per format.

mod completeness;
mod discovery;
mod flow;
mod formulas;
mod json;
mod latex;
mod ledger;
mod numpy;
mod outline;
mod phrase;
mod structure;
mod text;

#[cfg(test)]
mod tests;

pub use completeness::{CompletenessReport, sweep_json, sweep_text};
pub use discovery::DiscoveryReport;
pub use flow::{FlowReport, PlotError};
pub use json::{json, library_json, reproductions_json};
pub use latex::{LatexOptions, latex};
pub use numpy::numpy;
pub use text::{TextOptions, checks, library_text, reproductions_text, text};
