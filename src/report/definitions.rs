//! What the functions and operators of a model are, for a reader who does not know their names.

use super::prose::{Prose, prose};
use crate::model::{Loss, Model};
use crate::term::print::{Bracket, Line, Token, line};
use crate::term::{FUNCTIONS, FunctionRow, Op, Term};
use std::collections::BTreeSet;

/// A built-in elementwise function at a number x: its name, a formula where there is one, and what is to be said behind it.
const VALUES: &[(&str, &str, &str)] = &[
    ("relu", "max(x, 0)", ""),
    ("leaky_relu", "max(x, x/100)", ""),
    ("abs", "max(x, −x)", ""),
    ("square", "x²", ""),
    ("tanh", "(e^(x) − e^(−x))/(e^(x) + e^(−x))", ""),
    ("sigmoid", "1/(1 + e^(−x))", ""),
    ("silu", "x/(1 + e^(−x))", ""),
    ("gelu", "x Φ(x)", ", where `Φ` is the distribution function of the standard normal distribution"),
    ("relu6", "min(max(x, 0), 6)", ""),
    ("hardtanh", "min(max(x, −1), 1)", ""),
    ("hardsigmoid", "min(max(x/6 + 1/2, 0), 1)", ""),
    ("hardswish", "x min(max(x/6 + 1/2, 0), 1)", ""),
    ("elu", "max(x, 0) + e^(min(x, 0)) − 1", ""),
    (
        "selu",
        "λ (max(x, 0) + α (e^(min(x, 0)) − 1))",
        ", where `λ` is 1.0507009873554805 and `α` is 1.6732632423543772",
    ),
    ("mish", "x tanh(log(1 + e^(x)))", ""),
    ("quick_gelu", "x/(1 + e^(−c x))", ", where `c` is 1.702"),
    ("softplus", "log(1 + e^(x))", ""),
    ("exp", "e^(x)", ""),
    ("log", "", " is the natural logarithm of `x`"),
    // Its sign says what it is.
    ("sqrt", "", ""),
    ("sin", "", " is the sine of `x`"),
    ("cos", "", " is the cosine of `x`"),
];

/// An operator in a sentence; of those that mathematics writes without a name, and of those of laws alone, nothing.
fn operator(op: Op) -> Option<&'static str> {
    Some(match op {
        Op::Softmax => "The softmax divides the exponentials of the entries of a column by their sum.",
        Op::LogSoftmax => {
            "The logsoftmax of a column is each entry minus the logarithm of the sum of the exponentials of all."
        }
        Op::LayerNorm => {
            "The layernorm of a column is the column minus its mean, divided by its standard deviation, with `ε = 0`."
        }
        Op::LayerNormEps => {
            "The layernorm of a column is the column minus its mean, divided by the root of its variance plus `ε`."
        }
        Op::RmsNorm => "The rmsnorm divides a column by the root of its mean square, with `ε = 0`.",
        Op::RmsNormEps => "The rmsnorm divides a column by the root of its mean square plus `ε`.",
        Op::Normalize => "To normalize a column is to divide it by its norm.",
        Op::NormalizeEps => "To normalize a column is to divide it by the root of its squared norm plus `ε`.",
        Op::BatchNorm => {
            "The batchnorm of a row is the row minus its mean, divided by its standard deviation, with `ε = 0`."
        }
        Op::BatchNormEps => {
            "The batchnorm of a row is the row minus its mean, divided by the root of its variance plus `ε`."
        }
        Op::GroupNorm => {
            "The groupnorm cuts the rows into blocks of equally many, and of each block is the block minus the mean of its entries, divided by their \
             standard deviation, with `ε = 0`."
        }
        Op::GroupNormEps => {
            "The groupnorm cuts the rows into blocks of equally many, and of each block is the block minus the mean of its entries, divided by the root \
             of their variance plus `ε`."
        }
        Op::Mse => {
            "The mse of two matrices is the squared norm of their difference, divided by twice the number of columns."
        }
        Op::CrossEntropy => {
            "The cross entropy of `F` and `Y` is the sum of `−Y∘log(P)` over the entries, divided by the number of columns; a column of `P` is the \
             exponentials of a column of `F` divided by their sum."
        }
        Op::Logistic => {
            "The logistic loss of `F` and `Y` is the sum of `log(1 + e^(−YF))` over the entries, divided by the number of columns."
        }
        Op::Exponential => {
            "The exponential loss of `F` and `Y` is the sum of `e^(−YF)` over the entries, divided by the number of columns."
        }
        Op::Hinge => {
            "The hinge loss of `F` and `Y` is the sum of the positive parts of `1 − YF` over the entries, divided by the number of columns."
        }
        Op::Huber => {
            "The huber loss of two matrices is the sum over the entries `r` of their difference of `r²/2` where `|r| ≤ 1` and of `|r| − 1/2` beyond, \
             divided by the number of columns."
        }
        Op::Unfold => {
            "The columns of unfold are the windows of a signal: below each other what the places of a window see, `0` beyond the ends."
        }
        Op::Stack => "To stack is to cut the columns into blocks of equally many and to write these below each other.",
        Op::Concat => "To concat is to write the rows of one matrix above those of another.",
        Op::MaxPool => "The maxpool of blocks of columns is at each place the largest of their entries.",
        Op::OneHot => "The onehot of a column is `1` where its largest entry stands, and `0` elsewhere.",
        Op::TopK => "The topk of a column is `1` where its `k` largest entries stand, and `0` elsewhere.",
        Op::Taps | Op::PlaneTaps => {
            "The product of a signal with taps is what the places of windows see of it, tap by tap, `0` beyond the ends."
        }
        Op::Tril => "The tril of a square matrix has its entries on and below the diagonal, and `0` above.",
        Op::Det => "The det of a square matrix is its determinant.",
        Op::Turn => "The matrix `Ω` is a quarter turn of each plane of two consecutive coordinates.",
        Op::Signature => {
            "The signature `I` with two sizes as its index is the diagonal matrix of as many entries `1`, and then as many entries `−1`, as these say."
        }
        Op::Min | Op::Max => "The min and max of matrices are taken entry by entry.",
        Op::Add
        | Op::Mul
        | Op::Had
        | Op::Pow
        | Op::HadPow
        | Op::T
        | Op::Inv
        | Op::Tr
        | Op::Diag
        | Op::Diagvec
        | Op::Inner
        | Op::Norm2
        | Op::Sum
        | Op::Over
        | Op::Last
        | Op::Relabelled
        | Op::Pi
        | Op::Ones
        | Op::Zeros
        | Op::Eye
        | Op::Select
        | Op::Apply
        | Op::Deriv
        | Op::Kron
        | Op::StopGrad
        | Op::Call(_)
        | Op::Diff
        | Op::Grad
        | Op::Dot
        | Op::Next
        | Op::Err
        | Op::Hess
        | Op::Vjp
        | Op::HessLoss
        | Op::HessRows
        | Op::HessCols
        | Op::Rows
        | Op::Cols => return None,
    })
}

/// The definitions of all functions and operators that a model uses, a sentence each.
pub(super) fn definitions(model: &Model) -> Vec<Prose> {
    let loss = if let Loss::Explicit(loss) = &model.loss { Some(loss.clone()) } else { None };
    let formulas: Vec<_> = model.definitions().into_iter().map(|d| d.expr).chain(loss).collect();
    let nodes = || formulas.iter().flat_map(|formula| formula.as_ref().iter());
    let applied: BTreeSet<&str> = nodes()
        .filter_map(|node| match node {
            Term::Fun(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    // In the order of the tables, which depends on no name.
    let functions: Vec<Prose> =
        FUNCTIONS.iter().filter(|row| applied.contains(row.name)).filter_map(function).collect();
    let mut out = Vec::new();
    if !functions.is_empty() {
        out.push(prose!["Entry by entry, ", Prose::enumerated(functions), "."]);
    }
    let used: BTreeSet<Op> = nodes()
        .filter_map(|node| match node {
            Term::Op(op, _) => Some(*op),
            _ => None,
        })
        .collect();
    for said in used.into_iter().filter_map(operator) {
        let said = Prose::marked(said);
        if !out.contains(&said) {
            out.push(said);
        }
    }
    out
}

/// `relu(x) = max(x, 0)`.
fn function(row: &FunctionRow) -> Option<Prose> {
    let of = line![Line::token(Token::Function(row.name.into())), Line::from("x").bracketed(Bracket::Round, 0)];
    let (_, value, words) =
        VALUES.iter().find(|(name, value, words)| *name == row.name && !(value.is_empty() && words.is_empty()))?;
    let equation = if value.is_empty() { of } else { line![of, " = ", Line::from(*value)] };
    Some(Prose::math(equation).glue(Prose::marked(words)))
}

/// What articles say of a built-in function at x: a formula in Unicode, where there is one, and words behind it.
pub fn defined(name: &str) -> Option<(&'static str, &'static str)> {
    VALUES.iter().find(|(known, ..)| *known == name).map(|(_, value, words)| (*value, *words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_has_its_definition() {
        let said: Vec<&str> = VALUES.iter().map(|(name, ..)| *name).collect();
        let known: Vec<&str> = FUNCTIONS.iter().map(|row| row.name).collect();
        assert_eq!(said, known);
        let silent: Vec<&str> =
            VALUES.iter().filter(|row| row.1.is_empty() && row.2.is_empty()).map(|row| row.0).collect();
        assert_eq!(silent, ["sqrt"]);
    }
}
