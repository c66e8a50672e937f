//! A report for a terminal: one screen for a small model.

mod checks;
mod library;
mod look;
mod page;
mod proof;
mod section;
mod table;

use super::completeness::{certificate_text, growth, summary};
use super::families::{self, Passage};
use super::formulas::Formulas;
use super::outline::{Section, outline};
use super::phrase;
use super::words;
use crate::job::Count;
use crate::term::print::{Line, line};
use crate::{ActionReport, Report, Status};
pub use checks::checks;
pub use library::{library_text, reproductions_text};
pub(in crate::report) use look::Look;
pub(in crate::report) use page::Page;
pub use page::TextOptions;
pub(in crate::report) use section::law_count;
pub(in crate::report) use table::Cell;
use unicode_width::UnicodeWidthStr;

/// How many reasons for what was not derived a short report gives.
const MISSING: usize = 4;

/// A report as text.
pub fn text(report: &Report, options: TextOptions) -> String {
    let mut page = Page::new(report, options);
    page.title();
    page.model();
    page.actions();
    let sections = outline(report);
    let (further, told): (Vec<&Section>, Vec<&Section>) =
        sections.iter().partition(|s| s.further && !options.all && !options.proof);
    if !told.iter().any(|section| section.counted) && report.completeness.is_some() {
        page.heading("Conserved by gradient flow", "");
        page.completeness();
    }
    for section in told {
        page.section(section);
        if section.counted {
            page.completeness();
        }
    }
    page.further(&further);
    page.missing();
    page.late();
    if options.proof {
        page.derivations(&sections);
    }
    page.legend();
    page.checks();
    page.out
}

impl Page<'_> {
    /// The laws that a short report only counts.
    fn further(&mut self, sections: &[&Section]) {
        let count: usize = sections.iter().map(|s| s.laws.len()).sum();
        if count == 0 {
            return;
        }
        let topics: Vec<String> =
            sections.iter().map(|s| format!("{} {}", lowered(&s.heading), s.laws.len())).collect();
        self.line("");
        self.aside(&format!("and {count} more with --all: {}", topics.join(", ")), 0, Look::Aside);
    }

    fn model(&mut self) {
        let model = &self.report.model;
        let formulas = Formulas::of_model(model);
        let said = |name: Line, words: &str| name.then(Line::words(": ")).then(Line::words(words));
        let any = "every differentiable function";
        let activations = model.activations.iter().map(|a| said(formulas.name(a.name), &phrase::property(&a.property)));
        let functions = model.functions.iter().map(|f| said(Line::words(f.name.as_str()), any));
        // Every line with the number of blocks around it.
        let mut lines: Vec<(usize, Line)> = activations.chain(functions).map(|line| (0, line)).collect();
        for Passage { around, begun, lines: rows } in families::passages(model, &formulas) {
            let outside = around.len() - begun;
            if begun > 0 {
                lines.push((outside, line![Line::words("for "), families::ranges(&around[outside..]), ":"]));
            }
            lines.extend(rows.into_iter().map(|row| (around.len(), row)));
        }
        let generality = phrase::generality(self.report, |name| formulas.name(name).unicode());
        let last = lines.len().saturating_sub(1);
        // Blocks have long lines: what they hold for stands below them.
        let below = !model.repeats.is_empty();
        let beside = if below { 0 } else { generality.width() + 4 };
        let width = self.options.width.saturating_sub(beside).max(30);
        let rows: Vec<Vec<Cell>> = (lines.iter().enumerate())
            .map(|(i, (depth, line))| {
                let said = if i == last && !below { generality.as_str() } else { "" };
                let cell = Cell::formulas(std::slice::from_ref(line), width - 2 * (*depth).min(4)).indented(2 * depth);
                vec![cell, Cell::new(said, Look::Aside)]
            })
            .collect();
        self.table(&rows);
        if below {
            self.aside(&generality, 2, Look::Aside);
        }
    }

    fn actions(&mut self) {
        if self.report.actions.is_empty() {
            return;
        }
        self.heading("Actions", "");
        let rows: Vec<Vec<Cell>> = self.report.actions.iter().map(|action| self.action(action)).collect();
        self.table(&rows);
        for action in &self.report.actions {
            for remark in action_remarks(self.report, action) {
                self.aside(&format!("{}: {remark}", action.action.name), 4, Look::Aside);
            }
        }
    }

    fn action(&self, report: &ActionReport) -> Vec<Cell> {
        let model = &self.report.model;
        let action = &report.action;
        let formulas = Formulas::new(model, &model.action_env(action));
        let (name, image) = formulas.effect(action, phrase::concerns_loss(model, report));
        let effect = image.unwrap_or_else(|| name.then(Line::words(" invariant")));
        // Maps are kept whole: a line breaks after a comma only.
        let mut maps: Vec<String> = Vec::new();
        for image in formulas.images(action).iter().map(Line::unicode) {
            match maps.last_mut() {
                Some(line) if line.width() + image.width() + 3 <= self.options.width / 3 => {
                    line.push_str(",  ");
                    line.push_str(&image);
                }
                Some(line) => {
                    line.push(',');
                    maps.push(image);
                }
                None => maps.push(image),
            }
        }
        let look = match report.status {
            Status::Proved(_) => Look::Good,
            Status::Refuted(_) => Look::Bad,
            Status::Unproved(_) => Look::Doubtful,
        };
        let status = match report.status {
            Status::Proved(_) => phrase::status(report),
            Status::Refuted(_) => "REFUTED".into(),
            Status::Unproved(_) => "not proved".into(),
        };
        vec![
            Cell::plain(action.name.as_str()),
            Cell::plain(formulas.membership(action).unicode()),
            Cell::lines(&maps, usize::MAX, Look::Plain),
            Cell::plain(effect.unicode()),
            Cell::new(status, look),
        ]
    }

    /// Whether these are all conserved quantities there are.
    fn completeness(&mut self) {
        let report = self.report;
        let Some(count) = &report.completeness else { return };
        self.aside(&summary(count).unicode(), 2, Look::Aside);
        if let (Count::Done(found), Some(larger)) = (count, &report.larger) {
            self.aside(&growth(found, larger).unicode(), 2, Look::Aside);
        }
        for reason in report.model.remarks("Incomplete") {
            self.aside(reason, 4, Look::Aside);
        }
        if let (Count::Done(found), true) = (count, self.options.all) {
            for line in certificate_text(found).lines() {
                self.aside(line, 4, Look::Aside);
            }
        }
    }

    fn missing(&mut self) {
        if self.report.missing.is_empty() {
            return;
        }
        let groups = phrase::missing(&self.report.missing);
        let told = if self.options.all || self.options.proof { groups.len() } else { MISSING.min(groups.len()) };
        self.heading("Not derived", "and why");
        for (reason, ids) in &groups[..told] {
            self.aside(&ids.join(", "), 2, Look::Plain);
            self.aside(&reason.unicode(), 6, Look::Aside);
        }
        if told < groups.len() {
            let rest: usize = groups[told..].iter().map(|(_, ids)| ids.len()).sum();
            self.aside(&format!("and {rest} more with --all"), 2, Look::Aside);
        }
    }

    /// That a search was cut short by time.
    fn late(&mut self) {
        if let Some(limit) = self.report.late {
            self.line("");
            self.aside(&phrase::late(limit), 0, Look::Doubtful);
        }
    }

    /// What the letters mean.
    fn legend(&mut self) {
        if self.report.laws.is_empty() {
            return;
        }
        let model = &self.report.model;
        let formulas = Formulas::of_model(model);
        let mut words: Vec<String> = Vec::new();
        // How the gradient of a member is written need not be how that of another parameter is.
        let member = model.params.iter().find(|p| !p.indices.is_empty());
        let first = model.params.first();
        for param in first.into_iter().chain(member.filter(|_| first.is_none_or(|first| first.indices.is_empty()))) {
            words.push(formulas.partial(formulas.gradient(param.name), param.name).unicode());
        }
        words.extend((!model.indices.is_empty()).then(|| families::ranges(&model.indices).unicode()));
        if let Some(output) = model.output.as_ref().filter(|_| self.report.laws.iter().any(phrase::mentions_error)) {
            words.push(formulas.partial(formulas.error(output.name), output.name).unicode());
        }
        if self.report.laws.iter().any(|law| law.order() > 1) {
            words.push("ξ_A = d/dt exp(tA)·θ at t = 0".into());
            words.push("H[·] the Hessian of L".into());
        }
        self.out.push('\n');
        self.aside(&format!("where {}", words.join(", ")), 0, Look::Aside);
    }
}

/// A heading inside a sentence; one that begins with an abbreviation keeps its letters.
fn lowered(heading: &str) -> String {
    match heading.chars().take(2).all(char::is_uppercase) {
        true => heading.to_string(),
        false => heading.to_lowercase(),
    }
}

/// What a reader should know about an action besides its row in the table.
fn action_remarks(report: &Report, action: &ActionReport) -> Vec<String> {
    match &action.status {
        Status::Proved(proved) => {
            let output = report.model.output.as_ref().filter(|_| proved.output_invariant == Some(true));
            let invariant = output.map(|output| format!("the output {} is invariant too", output.name));
            let assumed = Some(proved.assumed()).filter(|rules| !rules.is_empty());
            invariant.into_iter().chain(assumed.map(|rules| words::assuming(&rules).unicode())).collect()
        }
        _ => vec![phrase::status(action)],
    }
}
