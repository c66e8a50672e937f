//! Every row of the tables walked through every room: a row that is incomplete or untrue fails here.

mod dynamics;
mod facts;
mod functions;
mod operators;

/// What the language's reference says.
const REFERENCE: &str = include_str!("../../../docs/language.md");

/// The paragraph of the reference that begins with some words.
fn paragraph(start: &str) -> &'static str {
    let from = REFERENCE.find(start).unwrap_or_else(|| panic!("the reference has no paragraph `{start}`"));
    REFERENCE[from..].split("\n\n").next().unwrap_or_default()
}
