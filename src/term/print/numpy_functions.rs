//! The functions of the language in NumPy. What would write its argument twice is a `lambda`, so that nested calls stay
//! linear in size.

use super::super::{FunctionRow, Op};

/// What stands before and after the argument of a built-in elementwise function.
pub(super) fn elementwise(name: &str) -> Option<(&'static str, &'static str)> {
    FunctionRow::named(name).map(|row| row.python.value)
}

/// The derivative of a built-in elementwise function.
pub(super) fn derivative(name: &str) -> Option<&'static str> {
    FunctionRow::named(name).map(|row| row.python.derivative)
}

/// A function of whole columns (or rows, for `batchnorm`).
pub(super) fn columnwise(op: Op) -> Option<&'static str> {
    Some(match op {
        Op::Softmax => {
            "(lambda z: (lambda e: e / e.sum(axis=0, keepdims=True))(np.exp(z - z.max(axis=0, keepdims=True))))"
        }
        Op::LogSoftmax => "(lambda z: z - np.logaddexp.reduce(z, axis=0, keepdims=True))",
        Op::LayerNorm => "(lambda z: (z - z.mean(axis=0, keepdims=True)) / z.std(axis=0, keepdims=True))",
        Op::RmsNorm => "(lambda z: z / np.sqrt((z**2).mean(axis=0, keepdims=True)))",
        Op::Normalize => "(lambda z: z / np.sqrt((z**2).sum(axis=0, keepdims=True)))",
        Op::BatchNorm => "(lambda z: (z - z.mean(axis=1, keepdims=True)) / z.std(axis=1, keepdims=True))",
        _ => return None,
    })
}

/// The columns around each column, stacked, of a matrix and a number of rows.
pub(super) const UNFOLD: &str = "(lambda z, p: (lambda c, n, k: np.vstack([np.pad(z, ((0, 0), (k, k)))\
[:, k + t - (k - 1) // 2:][:, :n] for t in range(k)])[:p])(z.shape[0], z.shape[1], -(-p // z.shape[0])))";

/// A name as a Python identifier.
pub(super) fn identifier(name: &str) -> String {
    let mut out: String = name.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if !out.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        out.insert(0, '_');
    }
    if KEYWORDS.contains(&out.as_str()) {
        out.push('_');
    }
    out
}

/// The words of Python that no parameter can be called, and the name of the library.
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "np",
];
