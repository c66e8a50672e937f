//! A report for a terminal: one screen for a small model.

mod checks;
mod legend;
mod library;
mod look;
mod page;
mod proof;
mod section;
mod table;

use super::completeness::{certificate_text, growth, summary};
use super::families::{self, Passage};
use super::formulas::Formulas;
use super::only::Only;
use super::outline::{Section, Topic, outline};
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

/// A report as text: what is conserved, whether that is all, why, and what else follows.
pub fn text(report: &Report, options: TextOptions) -> String {
    let mut page = Page::new(report, options);
    page.title();
    page.model();
    let sections = outline(report);
    if let Some(only) = options.only {
        return page.only(only, sections);
    }
    let (further, told): (Vec<&Section>, Vec<&Section>) =
        sections.iter().partition(|s| s.further && !options.all && !options.proof);
    let (conserved, others): (Vec<&Section>, Vec<&Section>) = told.iter().partition(|section| section.counted);
    if conserved.is_empty() && report.completeness.is_some() {
        page.heading("Conserved by gradient flow", "");
        page.completeness();
    }
    for section in conserved {
        page.section(section);
        page.completeness();
        page.sources(section);
    }
    page.actions();
    let mut chapter = None;
    for section in others {
        if options.all && chapter.replace(section.topic.chapter()) != Some(section.topic.chapter()) {
            page.chapter(section.topic.chapter());
        }
        page.section(section);
    }
    page.further(&further);
    page.missing();
    page.late();
    if options.proof {
        page.derivations(&sections);
    }
    page.legend(told.iter().flat_map(|section| &section.laws).map(|(_, law)| *law));
    page.checks(options.all);
    page.out
}

/// What a gallery shows of a report: the model, its first integrals and rates, and its actions.
pub(in crate::report) fn gist(report: &Report) -> String {
    let mut page = Page::new(report, TextOptions::default());
    page.title();
    page.model();
    let sections = outline(report);
    let told = |topic: Topic| sections.iter().filter(move |section| section.topic == topic);
    for section in told(Topic::Conserved) {
        page.section(section);
        if section.counted {
            page.completeness();
        }
        page.sources(section);
    }
    page.actions();
    told(Topic::Rate).for_each(|section| page.section(section));
    page.out
}

impl Page<'_> {
    /// The laws that are asked for.
    fn only(mut self, only: Only, mut sections: Vec<Section>) -> String {
        for section in &mut sections {
            let topic = section.topic;
            section.laws.retain(|(_, law)| only.holds(topic, law));
        }
        sections.retain(|section| !section.laws.is_empty());
        for section in &sections {
            self.section(section);
            if section.counted {
                self.completeness();
                self.sources(section);
            }
        }
        if sections.is_empty() {
            self.line("");
            self.aside("No law was derived of what --only asks for.", 0, Look::Aside);
        }
        self.late();
        if self.options.proof {
            self.derivations(&sections);
        }
        self.legend(sections.iter().flat_map(|section| &section.laws).map(|(_, law)| *law));
        self.checks(self.options.all);
        self.out
    }

    /// The laws that a short report only counts.
    fn further(&mut self, sections: &[&Section]) {
        let count: usize = sections.iter().map(|s| s.laws.len()).sum();
        if count == 0 {
            return;
        }
        let mut topics: Vec<(&str, usize)> = Vec::new();
        for section in sections {
            // The kinds of laws of one topic together.
            let heading = section.heading.split(':').next().unwrap_or_default();
            match topics.iter_mut().find(|(known, _)| *known == heading) {
                Some((_, count)) => *count += section.laws.len(),
                None => topics.push((heading, section.laws.len())),
            }
        }
        let topics: Vec<String> =
            topics.into_iter().map(|(heading, count)| format!("{} {count}", lowered(heading))).collect();
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
        // Long lines, as blocks have, are not broken for what they hold for: that stands below them.
        let room = self.options.width.saturating_sub(generality.width() + 4);
        let below =
            !model.repeats.is_empty() || lines.iter().any(|(depth, line)| 2 * depth + line.unicode().width() > room);
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
        if let Some(idle) = phrase::idle(model) {
            self.aside(&idle.unicode(), 2, Look::Aside);
        }
    }

    fn actions(&mut self) {
        if self.report.actions.is_empty() {
            return;
        }
        let found = if self.report.discovery.is_some() { "found: the model declares none" } else { "" };
        self.heading("Actions", found);
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
}

/// A heading inside a sentence; one that begins with a name or an abbreviation keeps its letters.
fn lowered(heading: &str) -> String {
    let name = heading.starts_with("Hessian") || heading.chars().take(2).all(char::is_uppercase);
    if name { heading.to_string() } else { heading.to_lowercase() }
}

/// What a reader should know about an action besides its row in the table.
fn action_remarks(report: &Report, action: &ActionReport) -> Vec<String> {
    match &action.status {
        Status::Proved(proved) => {
            let output = report.model.output.as_ref().filter(|_| proved.output_invariant == Some(true));
            let invariant = output.map(|output| format!("the output {} is invariant too", output.name));
            let domain = phrase::domain(report, action).map(|domain| domain.unicode());
            let assumed = Some(proved.assumed()).filter(|rules| !rules.is_empty());
            invariant.into_iter().chain(domain).chain(assumed.map(|rules| words::assuming(&rules).unicode())).collect()
        }
        _ => vec![phrase::status(action)],
    }
}
