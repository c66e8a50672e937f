//! The functions of the language in NumPy. What would write its argument twice is a `lambda`, so that nested calls stay
//! linear in size.

use super::super::Op;

/// What stands before and after the argument of a built-in elementwise function.
pub(super) fn elementwise(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "relu" => ("np.maximum(", ", 0)"),
        "leaky_relu" => ("(lambda z: np.maximum(z, 0.01 * z))(", ")"),
        "abs" => ("np.abs(", ")"),
        "square" => ("np.square(", ")"),
        "tanh" => ("np.tanh(", ")"),
        "sigmoid" => ("(lambda z: np.exp(-np.logaddexp(0, -z)))(", ")"),
        "silu" => ("(lambda z: z * np.exp(-np.logaddexp(0, -z)))(", ")"),
        "gelu" => ("(lambda z: 0.5 * z * (1 + np.vectorize(__import__('math').erf)(z / 2**0.5)))(", ")"),
        "softplus" => ("np.logaddexp(0, ", ")"),
        "exp" => ("np.exp(", ")"),
        "log" => ("np.log(", ")"),
        "sqrt" => ("np.sqrt(", ")"),
        "sin" => ("np.sin(", ")"),
        "cos" => ("np.cos(", ")"),
        _ => return None,
    })
}

/// The derivative of a built-in elementwise function.
pub(super) fn derivative(name: &str) -> Option<&'static str> {
    Some(match name {
        "relu" => "(lambda z: np.where(z > 0, 1.0, 0.0))",
        "leaky_relu" => "(lambda z: np.where(z > 0, 1.0, 0.01))",
        "abs" => "np.sign",
        "square" => "(lambda z: 2 * z)",
        "tanh" => "(lambda z: 1 - np.tanh(z)**2)",
        "sigmoid" => "(lambda z: np.exp(-np.logaddexp(0, z) - np.logaddexp(0, -z)))",
        "silu" => "(lambda z: np.exp(-np.logaddexp(0, -z)) * (1 + z * np.exp(-np.logaddexp(0, z))))",
        "gelu" => {
            "(lambda z: 0.5 * (1 + np.vectorize(__import__('math').erf)(z / 2**0.5)) \
             + z * np.exp(-z**2 / 2) / (2 * np.pi)**0.5)"
        }
        "softplus" => "(lambda z: np.exp(-np.logaddexp(0, -z)))",
        "exp" => "np.exp",
        "log" => "np.reciprocal",
        "sqrt" => "(lambda z: 0.5 / np.sqrt(z))",
        "sin" => "np.cos",
        "cos" => "(lambda z: -np.sin(z))",
        _ => return None,
    })
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

/// The words of Python that no parameter can be called, and the name of the library.
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "np",
];
