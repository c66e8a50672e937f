//! The `.eqv` and `.rules` languages: text to checked [`Model`](crate::model::Model)s, formulas of laws and [`Rule`]s, and
//! every error of a text at once as [`Diagnostics`].
//!
//! The way of a text: `lexer` → tokens, `statement` and `syntax` → statements and syntax trees, `check`, `action` and
//! `lower` → a model whose names are known and whose shapes fit.

mod action;
mod call;
mod check;
mod checker;
mod cursor;
mod declaration;
mod diagnostic;
mod dynamics;
mod family;
mod format;
mod index;
mod law;
mod lexer;
mod lower;
mod member;
mod names;
mod neighbour;
mod packed;
mod parse;
mod plain;
mod potential;
mod print;
mod rule_text;
mod rules;
mod scope;
mod shorthand;
mod size;
mod source;
mod statement;
mod stopped;
mod syntax;
mod type_error;

pub use diagnostic::{Diagnostic, Diagnostics};
pub use format::format;
pub use law::parse_expr;
pub use names::nearest;
pub use rules::parse_rules;
pub use source::Span;
