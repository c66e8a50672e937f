//! Printing formulas: the language itself, Unicode, LaTeX and NumPy. A notation says how one node is written in terms of
//! its arguments (`layout::Notate`); the layout puts the brackets.

mod count;
mod latex;
mod layout;
mod math;
mod monomial;
mod names;
mod notation;
mod numpy;
mod numpy_functions;
mod scalar;
mod source;
mod text;
mod unicode;

pub use count::count;
pub use latex::latex;
pub use notation::Notation;
pub use numpy::numpy;
pub use text::{pattern, text};
pub use unicode::unicode;
