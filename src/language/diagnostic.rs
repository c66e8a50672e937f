//! What is wrong with a file: every error with its place, what was expected, and what was probably meant.

use super::source::{Source, Span};
#[cfg(feature = "cli")]
use miette::{GraphicalReportHandler, GraphicalTheme};
use miette::{LabeledSpan, SourceCode};
use std::fmt;
use std::sync::Arc;

/// The most errors [`Diagnostics::render`] shows before it only counts.
#[cfg(feature = "cli")]
const SHOWN: usize = 100;

/// How many bytes of the source are shown of what an error is about.
const FAR: usize = 2_000;

/// The most characters of a message.
const LONGEST: usize = 400;

/// A message without the end of a name that no terminal holds.
fn short(message: impl Into<String>) -> String {
    let message = message.into();
    match message.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message,
    }
}

/// One error in a source file.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    source: Arc<Source>,
    message: String,
    help: Option<String>,
    /// The underlined spans, the primary one first.
    labels: Vec<(Span, String)>,
}

impl Diagnostic {
    pub(super) fn new(
        source: &Arc<Source>,
        span: Span,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic { source: source.clone(), message: short(message), help: None, labels: vec![(span, short(label))] }
    }

    pub(super) fn with_help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(short(help));
        self
    }

    /// Says "did you mean …?" where a candidate is near.
    pub(super) fn meant(self, nearest: Option<&str>) -> Diagnostic {
        match nearest {
            Some(name) => self.with_help(format!("did you mean `{name}`?")),
            None => self,
        }
    }

    pub(super) fn also(mut self, span: Span, label: impl Into<String>) -> Diagnostic {
        self.labels.push((span, short(label)));
        self
    }

    /// What is wrong, in one line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What is wrong with the primary span, in a few words; it may be empty.
    pub fn label(&self) -> &str {
        &self.labels[0].1
    }

    /// What to write instead, where that can be said.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The name of the file.
    pub fn file(&self) -> &str {
        self.source.name()
    }

    /// The line of the primary span, from 1.
    pub fn line(&self) -> usize {
        self.source.position(self.span().start).0
    }

    /// The column of the primary span in characters, from 1.
    pub fn column(&self) -> usize {
        self.source.position(self.span().start).1
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    pub(super) fn labels(&self) -> &[(Span, String)] {
        &self.labels
    }

    /// The primary span in bytes of the source (without byte order mark and with `\n` line ends).
    pub fn span(&self) -> Span {
        self.labels[0].0
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Diagnostic {}

impl miette::Diagnostic for Diagnostic {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source.as_ref())
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let near = |span: &Span| span.start.abs_diff(self.span().start) <= FAR;
        Some(Box::new(self.labels.iter().filter(move |(span, _)| near(span)).enumerate().map(|(i, (span, label))| {
            let label = (!label.is_empty()).then(|| label.clone());
            let end = self.source.boundary(span.end.min(span.start.saturating_add(FAR)));
            let span = (span.start, end.max(span.start) - span.start);
            if i == 0 {
                LabeledSpan::new_primary_with_span(label, span)
            } else {
                LabeledSpan::new_with_span(label, span)
            }
        })))
    }
}

/// Every error of a file, in the order of the text; never empty.
#[derive(Clone, Debug)]
pub struct Diagnostics {
    errors: Vec<Diagnostic>,
}

impl Diagnostics {
    /// `value` unless there were errors.
    pub(super) fn unless<T>(value: T, mut errors: Vec<Diagnostic>) -> Result<T, Diagnostics> {
        if errors.is_empty() {
            return Ok(value);
        }
        errors.sort_by_key(|error| error.span().start);
        Err(Diagnostics { errors })
    }

    pub fn errors(&self) -> &[Diagnostic] {
        &self.errors
    }

    /// The errors as the command line shows them: place, the line with the span underlined, help. [`Diagnostics::plain`] needs
    /// no feature.
    #[cfg(feature = "cli")]
    pub fn render(&self, color: bool, width: usize) -> String {
        let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_width(width);
        let mut out = String::new();
        for (i, error) in self.errors.iter().take(SHOWN).enumerate() {
            if i > 0 {
                out.push('\n');
            }
            if handler.render_report(&mut out, error).is_err() {
                out.push_str(&line(error));
            }
        }
        if let Some(more) = self.errors.len().checked_sub(SHOWN).filter(|&more| more > 0) {
            out.push_str(&format!("\nand {more} more errors\n"));
        }
        out
    }
}

/// `file:line:column: message`.
fn line(error: &Diagnostic) -> String {
    format!("{}:{}:{}: {}\n", error.file(), error.line(), error.column(), error.message())
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: String = self.errors.iter().map(line).collect();
        f.write_str(lines.trim_end())
    }
}

impl std::error::Error for Diagnostics {}

impl miette::Diagnostic for Diagnostics {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        Some(Box::new(self.errors.iter().map(|error| error as &dyn miette::Diagnostic)))
    }
}
