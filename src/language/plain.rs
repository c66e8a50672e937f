//! Diagnostics as one plain text, without a terminal: for a web page, a notebook or a log.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::source::Span;
use unicode_width::UnicodeWidthStr;

impl Diagnostics {
    /// Every error: its place and message, the lines it is about with what is meant underlined, and the help.
    ///
    /// ```
    /// use equilaw::Model;
    ///
    /// let text = "model pair\nparam W : 2 x 3\nloss norm2(V)\naction turn : Q in O(2) { W -> Q * W }";
    /// let errors = Model::parse("pair.eqv", text).unwrap_err();
    /// assert_eq!(
    ///     errors.plain(),
    ///     "pair.eqv:3:12: unknown name `V`\n  loss norm2(V)\n             ^ not declared\n"
    /// );
    /// ```
    pub fn plain(&self) -> String {
        let errors: Vec<String> = self.errors().iter().map(one).collect();
        errors.join("\n")
    }
}

fn one(error: &Diagnostic) -> String {
    let mut out = format!("{}:{}:{}: {}\n", error.file(), error.line(), error.column(), error.message());
    for (i, (span, label)) in error.labels().iter().enumerate() {
        let (line, before, meant) = parts(error.source().text(), *span);
        // A tab stays a tab, so that the mark stands under what it marks.
        let indent: String =
            before.chars().map(|c| if c == '\t' { "\t".into() } else { " ".repeat(width(c)) }).collect();
        let mark = if i == 0 { "^" } else { "-" }.repeat(meant.width().max(1));
        out.push_str(&format!("  {line}\n  {}\n", format!("{indent}{mark} {label}").trim_end()));
    }
    if let Some(help) = error.help() {
        out.push_str(&format!("  {help}\n"));
    }
    out
}

fn width(c: char) -> usize {
    c.encode_utf8(&mut [0; 4]).width()
}

/// The line in which a span starts, what stands before the span there, and as much of the span as is in that line.
fn parts(text: &str, span: Span) -> (&str, &str, &str) {
    let first = text[..span.start].rfind('\n').map_or(0, |i| i + 1);
    let last = text[span.start..].find('\n').map_or(text.len(), |i| span.start + i);
    (&text[first..last], &text[first..span.start], &text[span.start..span.end.clamp(span.start, last)])
}
