//! A shape that does not fit, told in the user's terms: both shapes, where each comes from, and what would fit.

use super::diagnostic::Diagnostic;
use super::source::{Source, Span};
use crate::term::{Argument, Op, Shape, TypeError};
use std::sync::Arc;

/// The diagnostic of a type error of the operator at `span` applied to the operands at `arguments`.
pub(super) fn explain(source: &Arc<Source>, span: Span, arguments: &[Span], error: &TypeError) -> Diagnostic {
    match *error {
        TypeError::Mismatch { op, left, right } => mismatch(source, span, arguments, op, left, right),
        TypeError::Wants { op, wanted, got } => {
            let positive = op.places(|argument| argument == Argument::Positive).next();
            let place = arguments.get(positive.unwrap_or(0)).copied().unwrap_or(span);
            let message = format!("`{op}` needs {wanted}");
            if positive.is_some() && got.is_scalar() {
                let error = Diagnostic::new(source, place, message, "not known to be positive");
                return error.with_help("a number such as `1e-5`, or declare it: `data e : scalar positive fixed`");
            }
            Diagnostic::new(source, place, message, format!("this is `{got}`"))
        }
        _ => Diagnostic::new(source, span, error.to_string(), ""),
    }
}

fn mismatch(source: &Arc<Source>, span: Span, arguments: &[Span], op: Op, left: Shape, right: Shape) -> Diagnostic {
    let message = match op {
        Op::Add => format!("cannot add `{left}` and `{right}`"),
        Op::Mul => format!("cannot multiply `{left}` by `{right}`"),
        Op::Had => format!("`.*` cannot combine `{left}` with `{right}`"),
        op => format!("`{op}` needs two equal shapes, got `{left}` and `{right}`"),
    };
    let error = match *arguments {
        [x, y] => Diagnostic::new(source, x, message, format!("`{left}`")).also(y, format!("`{right}`")),
        _ => Diagnostic::new(source, span, message, ""),
    };
    // A vector of gains before a matrix.
    if let (Op::Mul, [x, _], true) = (op, arguments, left.rows == right.rows && left.cols == Shape::SCALAR.cols) {
        let help = format!("`diag({}) * …` multiplies every row by its entry", source.slice(*x));
        return error.with_help(help);
    }
    match fitting(op, left, right) {
        Some(help) => error.with_help(help),
        None => error,
    }
}

fn fitting(op: Op, left: Shape, right: Shape) -> Option<String> {
    if op == Op::Mul {
        let sizes = format!("the inner sizes `{}` and `{}` differ", left.cols, right.rows);
        let transposed = if left.cols == right.cols {
            "; the right factor transposed would fit"
        } else if left.rows == right.rows {
            "; the left factor transposed would fit"
        } else if right.cols == left.rows {
            "; in the other order they fit"
        } else {
            ""
        };
        return Some(format!("{sizes}{transposed}"));
    }
    if left == right.transposed() {
        return Some("transposing one of them would fit: `X'`".to_string());
    }
    let spread = |column: Shape, to: Shape| column.rows == to.rows && column.cols == Shape::SCALAR.cols;
    if op == Op::Add && (spread(left, right) || spread(right, left)) {
        let columns = if spread(left, right) { right.cols } else { left.cols };
        return Some(format!("a column is added to every column by `b * ones(1, {columns})`"));
    }
    let scalar = left.is_scalar() || right.is_scalar();
    (op == Op::Add && scalar).then(|| "a scalar is added to every entry by `s * ones(m, n)`".to_string())
}
