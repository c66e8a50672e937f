//! Printing formulas: the language itself and code, and mathematics, which is one line of tokens for every script.
//!
//! A notation says how one node is written in terms of its arguments (`layout::Notate`); the layout puts the brackets.
//! `math` and `count` make a [`Line`] of a formula, `literal` one of mathematics written in Unicode; `unicode`, `latex` and
//! `mathml` write it, `width` measures and `fold` breaks it.

mod code;
mod count;
mod fold;
mod latex;
mod layout;
mod letters;
mod like_terms;
mod line;
mod literal;
mod math;
mod mathml;
mod monomial;
mod names;
mod notation;
mod numpy;
mod numpy_functions;
mod python_names;
mod scalar;
mod size;
mod source;
mod symbols;
mod text;
mod token;
mod torch;
mod unicode;
mod width;

#[cfg(test)]
mod tests;

pub use layout::Bracket;
pub use letters::LETTERS;
pub(crate) use line::line;
pub use line::{Line, mathml_display};
pub use notation::Notation;
pub use numpy::{Extent, NumPy, numpy, python};
pub use python_names::PythonNames;
pub use symbols::{is_mathematical, latex_text, xml_text};
pub use text::{model_text, pattern, text};
pub use token::{Class, Group, Sign, Space, Spacing, Token};
pub use torch::{Library, TORCH_HELPERS};
