//! What is said about a model, in each format: pure functions from a [`Report`](crate::Report) to text.
//!
//! `outline` orders and numbers the laws, `formulas`, `statement` and `structure` write their mathematics as lines of
//! tokens, `prose` mixes these with words, `phrase` holds the words, `ledger` collects the claims of all derivations so that
//! each is printed once, and `article` composes what LaTeX and HTML set. One file per format. `plain` reads what still comes
//! as plain text.

mod article;
mod completeness;
mod conclusion;
mod definitions;
mod discovery;
mod display;
mod families;
mod flow;
mod formulas;
mod html;
mod json;
mod latex;
mod ledger;
mod letters;
mod literature;
mod meaning;
mod members;
mod narrative;
mod notations;
mod obstacle;
mod only;
mod outline;
mod phrase;
mod prose;
mod python;
mod range;
mod site;
mod spectrum;
mod statement;
mod structure;
mod summary;
mod text;
mod view;
mod words;

pub use article::lemma;
pub use completeness::{CompletenessReport, sweep_json, sweep_text};
pub use definitions::defined;
pub use discovery::DiscoveryReport;
pub use flow::FlowReport;
#[cfg(feature = "flow")]
pub use flow::PlotError;
pub use formulas::Formulas;
#[cfg(feature = "cli")]
pub use html::PageOptions;
pub use html::html;
#[cfg(feature = "cli")]
pub use html::page;
#[cfg(feature = "cli")]
pub use json::SCHEMA;
pub use json::{Rejected, Verified, json, library_json, replay, reproductions_json};
pub use latex::{LatexOptions, latex};
pub use literature::{known, known_from};
pub use meaning::sentence;
pub use obstacle::reason;
pub use only::Only;
pub use phrase::late;
pub use python::{numpy, torch};
pub use site::{gallery, site};
pub use spectrum::SpectrumReport;
pub use structure::equations;
pub use summary::summary;
pub use text::{TextOptions, checks, library_text, reproductions_text, text};
pub use view::{Law, Missing, Quantity, missing, view};
