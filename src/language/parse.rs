//! `.eqv` text → [`Model`].

use super::check::check;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::lexer::{self, Comment, lex};
use super::packed::unpacked;
use super::source::{Source, Span};
use super::statement;
use crate::model::Model;
use std::sync::Arc;

impl Model {
    /// Reads and checks a model. `source_name` is the file name its errors show.
    ///
    /// # Errors
    /// Every error of the text, with its place.
    pub fn parse(source_name: &str, text: &str) -> Result<Model, Diagnostics> {
        let source = Arc::new(Source::new(source_name, text));
        let mut errors = Vec::new();
        let (tokens, comments) = lex(&source, &mut errors);
        let tokens = lexer::statements(&source, tokens);
        let (statements, broken) = statement::parse(&source, &tokens, &mut errors);
        if statements.is_empty() && broken.is_empty() {
            if errors.is_empty() {
                let error = Diagnostic::new(&source, Span::at(0), "the file states no model", "");
                errors.push(error.with_help("a model has at least `model`, `param`, `output` and `loss`"));
            }
            let model = check(&source, Vec::new(), statements, broken, &mut Vec::new());
            return Diagnostics::unless(model, errors);
        }
        let before = errors.len();
        let statements = unpacked(&source, statements, &mut errors);
        // What could not be read as a family would be wrong wherever it is used.
        if errors.len() > before {
            let model = check(&source, Vec::new(), Vec::new(), broken, &mut Vec::new());
            return Diagnostics::unless(model, errors);
        }
        let model = check(&source, header(&source, comments), statements, broken, &mut errors);
        Diagnostics::unless(model, errors)
    }
}

/// The comment lines the file starts with, up to the first line that is none.
fn header(source: &Source, comments: Vec<Comment>) -> Vec<String> {
    if !source.text().trim_start().starts_with('#') {
        return Vec::new();
    }
    let first = comments.first().map_or(0, |comment| comment.line);
    let lines = comments.into_iter().enumerate().take_while(|(i, comment)| comment.line == first + i);
    lines.map(|(_, comment)| comment.text).collect()
}
