//! Formulas of laws: the expressions of a model and the quantities of a training trajectory.

use super::cursor::Cursor;
use super::diagnostic::Diagnostics;
use super::lexer::{lex_law, statements};
use super::lower::{Lowered, Meaning, Scope, lower};
use super::source::Source;
use super::syntax::expression;
use crate::model::Dim;
use crate::term::{Dialect, Env, Expr, Symbol};
use std::sync::Arc;

struct LawScope<'a> {
    env: &'a Env,
    dims: &'a [Dim],
}

impl Scope for LawScope<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Law
    }

    fn env(&self) -> Option<&Env> {
        Some(self.env)
    }

    fn meaning(&self, name: &str) -> Meaning {
        let symbol = Symbol::from(name);
        if self.env.symbol(symbol).is_some() {
            Meaning::Matrix
        } else if self.dims.iter().any(|dim| dim.name == symbol) {
            Meaning::Size
        } else if self.env.call(symbol).is_some() {
            Meaning::Declared
        } else if self.env.function(symbol).is_some() {
            Meaning::Elementwise
        } else {
            Meaning::Unknown { help: None }
        }
    }

    fn known(&self) -> Vec<String> {
        let dims = self.dims.iter().map(|dim| dim.name);
        self.env.names().into_iter().chain(dims).map(|name| name.to_string()).collect()
    }
}

/// Reads a formula as a law states it, `grad(W1) * W1'`; symbols are those of `env`, sizes those of `dims`.
///
/// # Errors
/// Every error of the text, with its place.
pub fn parse_expr(env: &Env, dims: &[Dim], text: &str) -> Result<Expr, Diagnostics> {
    let source = Arc::new(Source::new("expression", text));
    let mut errors = Vec::new();
    let tokens = lex_law(&source, &mut errors);
    if !errors.is_empty() {
        return Diagnostics::unless(Expr::default(), errors);
    }
    let tokens = statements(&source, tokens);
    let mut cursor = Cursor::new(&source, &tokens);
    cursor.skip_breaks();
    let parsed = expression(&mut cursor).and_then(|syntax| {
        cursor.skip_breaks();
        if cursor.at_end() {
            Ok(syntax)
        } else {
            Err(cursor.unexpected("an operator or the end of the expression").into())
        }
    });
    let expr = match parsed {
        Ok(syntax) => lower(&source, &LawScope { env, dims }, &syntax, &mut errors).map(|Lowered { expr, .. }| expr),
        Err(error) => {
            errors.push(*error);
            None
        }
    };
    Diagnostics::unless(expr.unwrap_or_default(), errors)
}
