//! What went wrong, as a page shows it.

use equilaw::{Diagnostics, Error};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// Becomes JSON on its way to JavaScript.
#[derive(Serialize)]
pub struct Failure {
    /// All of it, as plain text.
    message: String,
    /// Where it is a text that is wrong: every error with its place.
    errors: Vec<Marked>,
}

#[derive(Serialize)]
struct Marked {
    message: String,
    label: String,
    help: Option<String>,
    /// From 1, in characters.
    line: usize,
    column: usize,
    /// In units of UTF-16, as JavaScript counts.
    start: usize,
    end: usize,
}

impl Failure {
    pub fn plain(message: String) -> Failure {
        Failure { message, errors: vec![] }
    }

    /// The errors of a text that is as editors hold it: without byte order mark, with `\n` line ends.
    pub fn of_text(text: &str, errors: &Diagnostics) -> Failure {
        let place = |byte: usize| {
            let before = text.char_indices().take_while(|(at, _)| *at < byte);
            before.map(|(_, c)| c.len_utf16()).sum()
        };
        let mark = |error: &equilaw::Diagnostic| Marked {
            message: error.message().into(),
            label: error.label().into(),
            help: error.help().map(String::from),
            line: error.line(),
            column: error.column(),
            start: place(error.span().start),
            end: place(error.span().end),
        };
        Failure { message: errors.plain(), errors: errors.errors().iter().map(mark).collect() }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::plain(error.to_string())
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> JsValue {
        // Strings and numbers always serialize.
        serde_json::to_string(&failure).unwrap_or_default().into()
    }
}
