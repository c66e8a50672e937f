//! The functions of the language in NumPy. What would write its argument twice is a `lambda`, so that nested calls stay
//! linear in size.

use super::super::FunctionRow;

/// What stands before and after the argument of a built-in elementwise function.
pub(super) fn elementwise(name: &str) -> Option<(&'static str, &'static str)> {
    FunctionRow::named(name).map(|row| row.python.value)
}

/// The derivative of a built-in elementwise function.
pub(super) fn derivative(name: &str) -> Option<&'static str> {
    FunctionRow::named(name).map(|row| row.python.derivative)
}

/// A name as a Python identifier.
pub fn identifier(name: &str) -> String {
    let mut out: String = name.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if !out.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        out.insert(0, '_');
    }
    if KEYWORDS.contains(&out.as_str()) {
        out.push('_');
    }
    out
}

/// The words of Python that no parameter can be called, and the names of the libraries.
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "np", "torch",
];
