//! The words of the language: keywords, names of functions, and which word was probably meant.

use crate::term::{FUNCTIONS, OPS, Op};

/// The words a statement starts with.
pub(super) const KEYWORDS: &[&str] = &[
    "model",
    "dim",
    "param",
    "data",
    "let",
    "output",
    "repeat",
    "loss",
    "action",
    "activation",
    "function",
    "potential",
    "dynamics",
];

/// Other words a name cannot be.
const RESERVED: &[&str] = &["in", "any", "scalar"];

/// Words for formulas that are written often, which no operator has.
const SHORTHANDS: &[&str] = &["vec", "avgpool", "lookup", "infonce", "dpo"];

/// Every word that is written `word(…)`.
pub(super) fn function_names() -> impl Iterator<Item = &'static str> {
    OPS.iter()
        .filter_map(|row| row.spelling.name())
        .chain(FUNCTIONS.iter().map(|row| row.name))
        .chain(["clip"])
        .chain(SHORTHANDS.iter().copied())
}

/// What somebody who writes a name of other libraries probably means.
pub(super) fn foreign(name: &str) -> Option<&'static str> {
    const STOPPED: &str = "did you mean `stopgrad(X)`, the value of X through which no gradient passes back?";
    const CONVOLUTION: &str = "a convolution with a window of k places is `W * stack(X * S, k)`, where \
                               `let S = taps(n, k)` says what the windows see";
    const MEANT: &[(&str, &str)] = &[
        ("norm", "`norm2(X)` is the square of the Frobenius norm: write it for `norm(X)^2`"),
        ("mean", "write `sum(X) / n` with the number of entries n"),
        ("transpose", "write `X'` for the transpose"),
        ("matmul", "write `X * Y` for the matrix product"),
        ("trace", "write `tr(X)` for the trace"),
        ("clamp", "write `clip(X, a, b)`"),
        ("maximum", "write `max(X, Y)`"),
        ("minimum", "write `min(X, Y)`"),
        ("flatten", "write `vec(X)`, the columns of X above each other"),
        ("conv", CONVOLUTION),
        ("conv1d", CONVOLUTION),
        ("conv2d", CONVOLUTION),
        ("stop_gradient", STOPPED),
        ("stop_grad", STOPPED),
        ("no_grad", STOPPED),
        ("detach", STOPPED),
        ("sg", STOPPED),
        ("lambda", "write the number itself, or declare it: `data lambda : scalar positive`"),
    ];
    MEANT.iter().find(|(word, _)| *word == name).map(|(_, help)| *help)
}

/// Why a matrix, a size or a group element cannot have this name. `d` can: it is a size in every other model, and the
/// differential `d(X)` is told from it by its parenthesis.
pub(super) fn reserved(name: &str) -> Option<&'static str> {
    if KEYWORDS.contains(&name) || RESERVED.contains(&name) {
        Some("a word of the language")
    } else if Op::constant(name).is_some() {
        Some("a number")
    } else if name != "d" && function_names().any(|function| function == name) {
        Some("a built-in function")
    } else {
        None
    }
}

/// The candidate nearest in spelling, when it is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .map(|candidate| {
            let distance = strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase());
            (distance, candidate)
        })
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.len().max(word.len()))
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_near_and_not_merely_as_short() {
        assert_eq!(nearest("hiden", ["hidden", "h", "output"]), Some("hidden"));
        assert_eq!(nearest("w1", ["W2", "W1"]), Some("W1"));
        assert_eq!(nearest("q", ["d", "h"]), None);
        assert_eq!(nearest("banana", ["relu", "tanh"]), None);
        assert_eq!(nearest("b", ["a1", "b1", "b2"]), Some("b1"));
    }

    #[test]
    fn a_size_may_be_called_d_but_not_tr() {
        assert_eq!(reserved("d"), None);
        assert!(["tr", "relu", "grad", "hess", "loss", "in"].iter().all(|name| reserved(name).is_some()));
    }
}
