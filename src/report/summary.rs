//! What a short report says, as a fragment of HTML for pages of others: the model's actions, its laws under their headings, formulas as MathML. It has
//! classes and no style.

use super::completeness::{growth, summary as count};
use super::formulas::Formulas;
use super::notations::Notations;
use super::outline::{Section, label, outline};
use super::prose::Prose;
use super::text::law_count;
use super::{phrase, words};
use crate::job::Count;
use crate::kernel::Law;
use crate::term::print::{Line, xml_text as escape};
use crate::{ActionReport, Report, Status};

/// The points after which a formula goes on in the next line, and by how many that is narrower: what a phone has.
const WIDTH: f64 = 250.0;
const HANG: f64 = 0.0;

/// The fragment; with `all` the laws too that a short report only counts.
pub fn summary(report: &Report, all: bool) -> String {
    let mut out = String::new();
    actions(report, &mut out);
    let notations = Notations::default();
    let sections = outline(report);
    let (further, told): (Vec<&Section>, Vec<&Section>) = sections.iter().partition(|s| s.further && !all);
    if !told.iter().any(|section| section.counted) && report.completeness.is_some() {
        out.push_str(&format!(
            "<section class=\"laws\">\n<h2>Conserved by gradient flow</h2>\n{}</section>\n",
            counted(report)
        ));
    }
    for section in told {
        laws(report, &notations, section, &mut out);
    }
    let rest: usize = further.iter().map(|section| section.laws.len()).sum();
    if rest > 0 {
        let topics: Vec<String> = further.iter().map(|s| format!("{} ({})", s.heading, s.laws.len())).collect();
        out.push_str(&format!("<p class=\"further\">{rest} more: {}</p>\n", escape(&topics.join(", "))));
    }
    missing(report, &mut out);
    if let Some(limit) = report.late {
        out.push_str(&format!("<p class=\"late\">{}</p>\n", escape(&phrase::late(limit))));
    }
    if !report.checks.is_empty() {
        out.push_str(&format!("<p class=\"checks\">Checks: {}</p>\n", escape(&phrase::checks(report))));
    }
    out
}

fn actions(report: &Report, out: &mut String) {
    if report.actions.is_empty() {
        return;
    }
    let heading = if report.discovery.is_some() { "Symmetries that were found" } else { "Actions" };
    out.push_str(&format!("<section class=\"actions\">\n<h2>{heading}</h2>\n<ul>\n"));
    for action in &report.actions {
        out.push_str(&one_action(report, action));
    }
    out.push_str("</ul>\n</section>\n");
}

fn one_action(report: &Report, action: &ActionReport) -> String {
    let model = &report.model;
    let formulas = Formulas::new(model, &model.action_env(&action.action));
    let (name, image) = formulas.effect(&action.action, phrase::concerns_loss(model, action));
    let effect = image.unwrap_or_else(|| name.then(Line::words(" invariant")));
    let verdict = match action.status {
        Status::Proved(_) => "proved",
        Status::Refuted(_) => "refuted",
        Status::Unproved(_) => "unproved",
    };
    let mut moves = vec![formulas.membership(&action.action)];
    moves.extend(formulas.images(&action.action));
    moves.push(effect);
    let moves: Vec<String> =
        moves.iter().map(|line| format!("<span class=\"move\">{}</span>", line.mathml())).collect();
    format!(
        "<li class=\"{verdict}\"><span class=\"name\">{}</span> <span class=\"moves\">{}</span> <span class=\"status\">{}</span></li>\n",
        escape(action.action.name.as_str()),
        moves.join(" "),
        escape(&phrase::status(action))
    )
}

fn laws(report: &Report, notations: &Notations, section: &Section, out: &mut String) {
    out.push_str(&format!("<section class=\"laws\">\n<h2>{}</h2>\n", escape(&section.heading)));
    let assumed: Vec<String> = section.hypotheses.iter().map(|told| inline(&told.brief)).collect();
    if !assumed.is_empty() {
        out.push_str(&format!("<p class=\"assumed\">{}</p>\n", assumed.join(", ")));
    }
    if section.counted {
        out.push_str(&counted(report));
    }
    out.push_str("<ol>\n");
    for (number, law) in &section.laws {
        let formulas = notations.of(law);
        let stated = formulas.statement(law);
        let mut lines: Vec<String> =
            stated.lines.iter().flat_map(|line| line.broken(WIDTH, HANG)).map(|line| line.trimmed().mathml()).collect();
        if let (Some(words), Some(last)) = (stated.quantifier, lines.last_mut()) {
            last.push_str(&format!(" <span class=\"quantifier\">{}</span>", inline(&words)));
        }
        let lines: Vec<String> = lines.iter().map(|line| format!("<div class=\"formula\">{line}</div>")).collect();
        let mut notes: Vec<String> = section.own_hypotheses(law).iter().map(|told| inline(&told.words)).collect();
        notes.extend(remarks(report, law).iter().map(inline));
        let notes: String = notes.iter().map(|note| format!("<li>{note}</li>")).collect();
        let notes = if notes.is_empty() { notes } else { format!("<ul class=\"notes\">{notes}</ul>") };
        out.push_str(&format!(
            "<li data-law=\"{}\"><span class=\"name\">({number}) {}</span> {} <span class=\"count\">{}</span>{notes}</li>\n",
            escape(law.id()),
            escape(&label(law)),
            lines.join(""),
            escape(&law_count(report, law))
        ));
    }
    out.push_str("</ol>\n</section>\n");
}

fn remarks(report: &Report, law: &Law) -> Vec<Prose> {
    phrase::everywhere(report, law)
        .into_iter()
        .chain(law.remarks().iter().map(|remark| words::remark(law, remark)))
        .collect()
}

/// Whether the laws of gradient flow are all there are.
fn counted(report: &Report) -> String {
    let Some(found) = &report.completeness else { return String::new() };
    let class = match found {
        Count::Done(found) if found.complete() => "counted complete",
        _ => "counted",
    };
    let mut out = format!("<p class=\"{class}\">{}</p>\n", inline(&count(found)));
    if let (Count::Done(found), Some(larger)) = (found, &report.larger) {
        out.push_str(&format!("<p class=\"counted\">{}</p>\n", inline(&growth(found, larger))));
    }
    for reason in report.model.remarks("Incomplete") {
        out.push_str(&format!("<p class=\"counted\">{}</p>\n", escape(reason)));
    }
    out
}

fn missing(report: &Report, out: &mut String) {
    if report.missing.is_empty() {
        return;
    }
    out.push_str("<section class=\"missing\">\n<h2>Not derived, and why</h2>\n<dl>\n");
    for (reason, ids) in phrase::missing(&report.missing) {
        out.push_str(&format!("<dt>{}</dt><dd>{}</dd>\n", escape(&ids.join(", ")), inline(&reason)));
    }
    out.push_str("</dl>\n</section>\n");
}

/// Words that refer to nothing of an article.
pub(super) fn inline(prose: &Prose) -> String {
    prose.html(|reference| escape(&Prose(vec![reference.clone()]).unicode()))
}
