//! A report for a terminal: one screen for a small model.

mod checks;
mod library;
mod proof;
mod table;

use super::completeness::{certificate_text, summary};
use super::formulas::Formulas;
use super::outline::{Section, label, outline};
use super::{phrase, words};
use crate::complete::Count;
use crate::kernel::{Kind, Law, Statement};
use crate::term::print::Line;
use crate::term::sym;
use crate::{ActionReport, Report, Status};
use anstyle::{AnsiColor, Style};
pub use checks::checks;
pub use library::{library_text, reproductions_text};
pub(in crate::report) use table::Cell;
use table::{table, wrap};
use unicode_width::UnicodeWidthStr;

/// The widest number of laws that stands beside its law.
const BESIDE: usize = 26;
/// How many reasons for what was not derived a short report gives.
const MISSING: usize = 4;

/// How a report is set for a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOptions {
    /// Every step of every derivation.
    pub proof: bool,
    /// Every law; otherwise those on sharpness, orbits and dynamics that the model does not ask for are only counted.
    pub all: bool,
    pub color: bool,
    /// The columns of the terminal.
    pub width: usize,
}

impl Default for TextOptions {
    fn default() -> TextOptions {
        TextOptions { proof: false, all: false, color: false, width: 100 }
    }
}

/// What a piece of text is, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Look {
    Plain,
    Heading,
    /// Numbers of laws and claims.
    Number,
    /// What may be skipped: remarks, hypotheses, bookkeeping.
    Aside,
    Good,
    Bad,
    Doubtful,
}

impl Look {
    fn style(self) -> Style {
        match self {
            Look::Plain => Style::new(),
            Look::Heading => Style::new().bold(),
            Look::Number => AnsiColor::Cyan.on_default(),
            Look::Aside => Style::new().dimmed(),
            Look::Good => AnsiColor::Green.on_default(),
            Look::Bad => AnsiColor::Red.on_default().bold(),
            Look::Doubtful => AnsiColor::Yellow.on_default(),
        }
    }

    fn paint(self, text: &str) -> String {
        let style = self.style();
        if self == Look::Plain { text.to_string() } else { format!("{style}{text}{style:#}") }
    }
}

/// A report as text.
pub fn text(report: &Report, options: TextOptions) -> String {
    let mut page = Page { report, options, out: String::new() };
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
    if options.proof {
        page.derivations(&sections);
    }
    page.legend();
    page.checks();
    page.out
}

/// The text so far.
pub(in crate::report) struct Page<'a> {
    pub report: &'a Report,
    pub options: TextOptions,
    pub out: String,
}

impl Page<'_> {
    pub fn paint(&self, text: &str, look: Look) -> String {
        if self.options.color { look.paint(text) } else { text.to_string() }
    }

    pub fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    /// The laws that a short report only counts.
    fn further(&mut self, sections: &[&Section]) {
        let count: usize = sections.iter().map(|s| s.laws.len()).sum();
        if count == 0 {
            return;
        }
        let topics: Vec<String> =
            sections.iter().map(|s| format!("{} {}", s.heading.to_lowercase(), s.laws.len())).collect();
        self.line("");
        self.aside(&format!("and {count} more with --all: {}", topics.join(", ")), 0, Look::Aside);
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
        let heading = self.paint(heading, Look::Heading);
        let aside = if aside.is_empty() { String::new() } else { format!("   {}", self.paint(aside, Look::Aside)) };
        self.line("");
        self.line(&format!("{heading}{aside}"));
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

    fn model(&mut self) {
        let model = &self.report.model;
        let formulas = Formulas::of_model(model);
        let said = |name: Line, words: &str| name.then(Line::words(": ")).then(Line::words(words));
        let mut lines: Vec<Line> =
            (model.activations.iter()).map(|a| said(formulas.name(a.name), &phrase::property(&a.property))).collect();
        let any = "every differentiable function";
        lines.extend(model.functions.iter().map(|f| said(Line::words(f.name.as_str()), any)));
        let definitions = model.definitions();
        lines.extend(definitions.iter().map(|d| formulas.equation(&sym(d.name), &d.expr)));
        let generality = phrase::generality(self.report, |name| formulas.name(name).unicode());
        let last = lines.len().saturating_sub(1);
        let width = self.options.width.saturating_sub(generality.width() + 4).max(30);
        let rows: Vec<Vec<Cell>> = (lines.iter().enumerate())
            .map(|(i, line)| {
                let said = if i == last { generality.as_str() } else { "" };
                vec![Cell::formulas(std::slice::from_ref(line), width), Cell::new(said, Look::Aside)]
            })
            .collect();
        self.table(&rows);
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

    fn section(&mut self, section: &Section) {
        // A heading that names the dynamics need not be told again which it is.
        let hypotheses: Vec<String> = section.hypotheses.iter().map(|told| told.brief.unicode()).collect();
        self.heading(&section.heading, &hypotheses.join(", "));
        let names = section.laws.iter().map(|(_, law)| label(law).width()).max().unwrap_or(0);
        // A number of laws that is a long formula stands below the law and not beside it.
        let count = |law: &Law| law_count(self.report, law);
        let beside = |law: &Law| Some(count(law)).filter(|c| c.width() <= BESIDE).unwrap_or_default();
        let counts = section.laws.iter().map(|(_, law)| beside(law).width()).max().unwrap_or(0);
        let width = self.options.width.saturating_sub(2 + 5 + 2 + names + 2 + counts + 2).max(40);
        let shared = self.shared_remarks(section);
        // Remarks stand between rows, so the rows are laid out together and the remarks put in after.
        let mut rows = Vec::new();
        let mut notes: Vec<Vec<String>> = Vec::new();
        for (number, law) in &section.laws {
            let formulas = Formulas::of_law(&self.report.model, law);
            let stated = formulas.statement(law);
            let mut lines = stated.lines;
            let mut below: Vec<String> = section.own_hypotheses(law).iter().map(|told| told.words.unicode()).collect();
            if let Some(words) = stated.quantifier {
                let fits = |line: &&mut Line| line.unicode().width() + 3 + words.unicode().width() <= width;
                match lines.last_mut().filter(fits) {
                    Some(line) => line.push(Line::words("   ").then(words.line())),
                    None => below.insert(0, words.unicode()),
                }
            }
            below.extend(Some(count(law)).filter(|c| c.width() > BESIDE));
            below.extend(self.remarks(law).into_iter().filter(|r| !shared.iter().any(|(s, _)| s == r)));
            rows.push(vec![
                Cell::new(format!("({number})"), Look::Number),
                Cell::plain(label(law)),
                Cell::formulas(&lines, width),
                Cell::new(beside(law), Look::Aside),
            ]);
            notes.push(below);
        }
        let heights: Vec<usize> =
            rows.iter().map(|row| table(std::slice::from_ref(row), 2, 2, &|t, _| t.into()).len()).collect();
        let lines = table(&rows, 2, 2, &|text, look| self.paint(text, look));
        let numbers = section.laws.iter().map(|(n, _)| n.to_string().len() + 2).max().unwrap_or(0);
        let mut lines = lines.into_iter();
        for (height, below) in heights.into_iter().zip(notes) {
            for line in lines.by_ref().take(height) {
                self.line(&line);
            }
            for note in below {
                self.aside(&note, 2 + numbers + 2 + names + 2 + 2, Look::Aside);
            }
        }
        for (remark, told) in shared {
            let numbers: Vec<String> = told.iter().map(|n| format!("({n})")).collect();
            let of = if told.len() == section.laws.len() {
                String::new()
            } else {
                format!("{}: ", phrase::enumerated(&numbers))
            };
            self.aside(&format!("{of}{remark}"), 2, Look::Aside);
        }
    }

    fn remarks(&self, law: &Law) -> Vec<String> {
        let own = law.remarks().iter().map(|remark| words::remark(remark).unicode());
        phrase::everywhere(self.report, law).map(|said| said.unicode()).into_iter().chain(own).collect()
    }

    /// The remarks that several laws of a section have, with the numbers of these laws.
    fn shared_remarks(&self, section: &Section) -> Vec<(String, Vec<usize>)> {
        let mut all: Vec<(String, Vec<usize>)> = Vec::new();
        for (number, law) in &section.laws {
            for remark in self.remarks(law) {
                match all.iter_mut().find(|(known, _)| *known == remark) {
                    Some((_, numbers)) => numbers.push(*number),
                    None => all.push((remark, vec![*number])),
                }
            }
        }
        all.retain(|(_, numbers)| numbers.len() > 1);
        all
    }

    /// Whether these are all conserved quantities there are.
    fn completeness(&mut self) {
        let report = self.report;
        let Some(count) = &report.completeness else { return };
        self.aside(&summary(count).unicode(), 2, Look::Aside);
        for reason in report.model.remarks("Incomplete") {
            self.aside(reason, 4, Look::Aside);
        }
        if let (Count::Done(found), true) = (count, self.options.all) {
            for line in certificate_text(&found.certificate).lines() {
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
            let ids: Vec<String> = ids.iter().map(|id| id.to_string()).collect();
            self.aside(&ids.join(", "), 2, Look::Plain);
            self.aside(reason, 6, Look::Aside);
        }
        if told < groups.len() {
            let rest: usize = groups[told..].iter().map(|(_, ids)| ids.len()).sum();
            self.aside(&format!("and {rest} more with --all"), 2, Look::Aside);
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
        if let Some(param) = model.params.first() {
            words.push(formulas.partial(formulas.gradient(param.name), param.name).unicode());
        }
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

/// `35 parameters at d=4 h=5 k=3`, with the sizes that occur in a parameter.
fn parameters(report: &Report) -> String {
    let sizes: Vec<String> =
        phrase::parameter_sizes(report).into_iter().map(|(name, n)| format!("{name}={n}")).collect();
    let count = if report.size == 1 { "1 parameter".into() } else { format!("{} parameters", report.size) };
    if sizes.is_empty() { count } else { format!("{count} at {}", sizes.join(" ")) }
}

/// `h laws`, `h(h+1)/2 equations, 12 independent here`, `dim ker H ≥ h`.
fn law_count(report: &Report, law: &Law) -> String {
    let count = Line::count(law.components()).unicode();
    let one = count == "1";
    let noun = match law.kind() {
        Kind::Kernel => {
            let measured = law.independent();
            return match (law.statement(), measured) {
                (Statement::Kernel { dimension: Some(_), .. }, _) => format!("dim ker H ≥ {count}"),
                (_, Some(n)) => format!("dim ker H ≥ {n} at these sizes"),
                _ => "dim ker H ≥ rank of ξ".into(),
            };
        }
        Kind::Conserved | Kind::Rate => "law",
        Kind::Identity | Kind::Constraint | Kind::Subspace | Kind::Multiplicity | Kind::Bound | Kind::Equilibrium => {
            "equation"
        }
    };
    if law.order() > 1 || (one && law.kind() != Kind::Conserved) {
        return String::new();
    }
    let mut words = if one { format!("1 {noun}") } else { format!("{count} {noun}s") };
    if let Some(n) = phrase::fewer(report, law) {
        words.push_str(&format!(", {n} independent at these sizes"));
    }
    words
}

/// What a reader should know about an action besides its row in the table.
fn action_remarks(report: &Report, action: &ActionReport) -> Vec<String> {
    match &action.status {
        Status::Proved(proved) => match (proved.output_invariant, &report.model.output) {
            (Some(true), Some(output)) => vec![format!("the output {} is invariant too", output.name)],
            _ => vec![],
        },
        _ => vec![phrase::status(action)],
    }
}

/// Text without control characters, which a terminal would obey.
fn visible(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
