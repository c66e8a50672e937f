//! What all parts of an article share.

use crate::Report;
use crate::report::ledger::{Chapter, Ledger};
use crate::report::plain::with_references;
use crate::report::prose::{Inline, Prose};

/// What is written about.
pub(super) struct Paper<'a> {
    pub report: &'a Report,
    pub ledger: Ledger<'a>,
    /// Bookkeeping steps too.
    pub silent: bool,
}

impl Paper<'_> {
    /// A label that is the same in every run and that LaTeX accepts.
    pub fn label(&self, kind: &str, id: &str) -> String {
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() || matches!(c, '/' | '-') { c.to_string() } else { format!(".{:x}", c as u32) }
        };
        let clean = |text: &str| text.chars().map(plain).collect::<String>();
        format!("{kind}:{}:{}", clean(self.report.model.name.as_str()), clean(id))
    }

    /// A sentence of a derivation; the id of a law in it becomes a reference.
    pub fn say(&self, sentence: &str) -> Prose {
        let laws = || self.ledger.chapters.iter().filter_map(Chapter::law);
        with_references(sentence, |id| {
            let known = laws().any(|law| law.id() == id);
            known.then(|| Inline::Reference("Theorem", self.label("law", id)))
        })
    }
}
