//! What all parts of a text share: lines, asides, tables, headings.

use super::look::Look;
use super::table::{Cell, table, wrap};
use crate::Report;
use crate::report::notations::Notations;
use crate::report::only::Only;
use crate::report::phrase;
use unicode_width::UnicodeWidthStr;

/// How a report is set for a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOptions {
    /// Every derivation, without the steps that print the same before and after.
    pub proof: bool,
    /// With `proof`: those steps too.
    pub bookkeeping: bool,
    /// Only the laws of one topic, dynamics or action, all of them.
    pub only: Option<Only>,
    /// Every law; otherwise those on sharpness, orbits and dynamics that the model does not ask for are only counted.
    pub all: bool,
    pub color: bool,
    /// The columns of the terminal.
    pub width: usize,
}

impl Default for TextOptions {
    fn default() -> TextOptions {
        TextOptions { proof: false, bookkeeping: false, only: None, all: false, color: false, width: 100 }
    }
}

/// The text so far.
pub(in crate::report) struct Page<'a> {
    pub report: &'a Report,
    pub options: TextOptions,
    pub notations: Notations,
    /// The conditions of the sections so far.
    pub told: Vec<String>,
    pub out: String,
}

impl<'a> Page<'a> {
    pub fn new(report: &'a Report, options: TextOptions) -> Page<'a> {
        Page { report, options, notations: Notations::default(), told: vec![], out: String::new() }
    }

    pub fn paint(&self, text: &str, look: Look) -> String {
        if self.options.color { look.paint(text) } else { text.to_string() }
    }

    pub fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    pub fn aside(&mut self, text: &str, indent: usize, look: Look) {
        let width = self.options.width.saturating_sub(indent).max(20);
        for line in wrap(text, width, "") {
            let line = format!("{}{}", " ".repeat(indent), self.paint(&line, look));
            self.line(&line);
        }
    }

    pub fn table(&mut self, rows: &[Vec<Cell>]) {
        for line in table(rows, 2, 2, &|text, look| self.paint(text, look)) {
            self.line(&line);
        }
    }

    pub fn heading(&mut self, heading: &str, aside: &str) {
        let painted = self.paint(heading, Look::Heading);
        self.line("");
        if heading.width() + 3 + aside.width() > self.options.width {
            self.line(&painted);
            return self.aside(aside, 4, Look::Aside);
        }
        let aside = if aside.is_empty() { String::new() } else { format!("   {}", self.paint(aside, Look::Aside)) };
        self.line(&format!("{painted}{aside}"));
    }

    /// A heading above headings.
    pub fn chapter(&mut self, heading: &str) {
        let rule = "─".repeat(self.options.width.saturating_sub(heading.width() + 4).clamp(3, 40));
        let line = self.paint(&format!("── {heading} {rule}"), Look::Heading);
        self.line("");
        self.line(&line);
    }

    pub fn title(&mut self) {
        let model = &self.report.model;
        let title = match &model.title {
            Some(title) => format!("{} · {}", model.name, visible(title)),
            None => model.name.to_string(),
        };
        let size = parameters(self.report);
        let gap = self.options.width.saturating_sub(title.width() + size.width()).max(3);
        let line =
            format!("{}{}{}", self.paint(&title, Look::Heading), " ".repeat(gap), self.paint(&size, Look::Aside));
        self.line(&line);
    }
}

/// `35 parameters at d=4 h=5 k=3`, with the sizes that occur in a parameter.
fn parameters(report: &Report) -> String {
    let sizes: Vec<String> =
        phrase::parameter_sizes(report).into_iter().map(|(name, n)| format!("{name}={n}")).collect();
    let count = if report.size == 1 { "1 parameter".into() } else { format!("{} parameters", report.size) };
    if sizes.is_empty() { count } else { format!("{count} at {}", sizes.join(" ")) }
}

/// Text without control characters, which a terminal would obey.
fn visible(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
