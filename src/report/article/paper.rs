//! What all parts of an article share.

use crate::Report;
use crate::report::display::Measure;
use crate::report::ledger::Ledger;
use crate::report::notations::Notations;

/// What is written about.
pub(super) struct Paper<'a> {
    pub report: &'a Report,
    pub ledger: Ledger<'a>,
    pub notations: Notations,
    /// Bookkeeping steps too.
    pub silent: bool,
    pub measure: Measure,
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
}
