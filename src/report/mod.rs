//! What is said about a model, in each format: pure functions from a [`Report`](crate::Report) to text.
//!
//! `outline` orders and numbers the laws, `formulas` writes their mathematics in Unicode or LaTeX, `phrase` holds the
//! words, `ledger` collects the claims of all derivations so that each is printed once, `fold` breaks long formulas, and
//! `article` composes what LaTeX and HTML set. One file per format.

mod article;
mod completeness;
mod discovery;
mod flow;
mod fold;
mod formulas;
mod html;
mod json;
mod latex;
mod ledger;
mod narrative;
mod numpy;
mod outline;
mod phrase;
mod structure;
mod symbols;
mod text;
mod view;
mod words;

#[cfg(test)]
mod tests;

pub use completeness::{CompletenessReport, sweep_json, sweep_text};
pub use discovery::DiscoveryReport;
pub use flow::FlowReport;
#[cfg(feature = "flow")]
pub use flow::PlotError;
pub use html::html;
pub use json::{Rejected, Verified, json, library_json, replay, reproductions_json};
pub use latex::{LatexOptions, latex};
pub use numpy::numpy;
pub use text::{TextOptions, checks, library_text, reproductions_text, text};
pub use view::{Law, Quantity, view};
