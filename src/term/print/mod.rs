//! Printing formulas: the language itself, Unicode, LaTeX and NumPy. A notation says how one node is written in terms of
//! its arguments ([`layout::Notate`]); the layout puts the brackets.

mod layout;
mod source;
mod text;

pub use text::{pattern, text};
