//! The theorem library for a terminal: what is in it, and what became of its reproduction.

use super::look::Look;
use super::table::{Cell, table, wrap};
use crate::job::Count;
use crate::job::{Origin, Reproduction, Theorem};
use crate::report::completeness::summary;
use crate::report::phrase;
use std::fmt::Write;

/// Every theorem with its title and its sources.
pub fn library_text(library: &[Theorem], color: bool, width: usize) -> String {
    let paint = |text: &str, look: Look| if color { look.paint(text) } else { text.to_string() };
    let mut out = String::new();
    for (origin, heading) in [
        (Origin::Literature, "Theorems of the literature"),
        (Origin::New, "Models of which we know no complete list of laws elsewhere; the sources state the model"),
    ] {
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "{}", paint(heading, Look::Heading));
        for theorem in library.iter().filter(|t| t.origin == origin) {
            let _ = writeln!(out, "  {}  {}", paint(theorem.name(), Look::Number), theorem.title());
            for line in theorem.sources().iter().flat_map(|source| wrap(source, width.saturating_sub(6).max(40), "  "))
            {
                let _ = writeln!(out, "      {}", paint(&line, Look::Aside));
            }
        }
    }
    out
}

/// A line for each theorem, and one for all together.
pub fn reproductions_text(reproductions: &[Reproduction], color: bool, width: usize) -> String {
    let paint = |text: &str, look: Look| if color { look.paint(text) } else { text.to_string() };
    let mut out = String::new();
    for line in table(&reproductions.iter().map(row).collect::<Vec<_>>(), 0, 2, &paint) {
        let _ = writeln!(out, "{line}");
    }
    let incomplete: Vec<_> =
        reproductions.iter().filter_map(|r| Some((r.theorem.name(), r.theorem.incomplete()?))).collect();
    if !incomplete.is_empty() {
        out.push('\n');
    }
    for (name, reason) in incomplete {
        for line in wrap(&format!("{name}: {reason}"), width, "  ") {
            let _ = writeln!(out, "{}", paint(&line, Look::Aside));
        }
    }
    let good = reproductions.iter().filter(|r| r.is_as_expected()).count();
    let look = if good == reproductions.len() { Look::Good } else { Look::Bad };
    let laws: usize = reproductions.iter().map(|r| r.report.laws.len()).sum();
    let verdict = format!("{good} of {} theorems reproduced, {}", reproductions.len(), phrase::counted(laws, "law"));
    let _ = writeln!(out, "\n{}", paint(&verdict, look));
    out
}

fn row(reproduction: &Reproduction) -> Vec<Cell> {
    let report = &reproduction.report;
    let look = |good: bool| if good { Look::Good } else { Look::Bad };
    let (proved, actions) = (reproduction.proved(), report.actions.len());
    let passed = report.checks.iter().filter(|c| c.passed).count();
    let checks = match report.checks.len() {
        0 => "not checked".to_string(),
        n => format!("{passed} of {n} checks passed"),
    };
    let (complete, complete_look) = match &report.completeness {
        None => ("no claim on gradient flow".to_string(), Look::Aside),
        Some(count @ (Count::Postponed | Count::Failed(_))) => (summary(count).unicode(), Look::Bad),
        Some(Count::Done(found)) if found.complete() => (
            format!("complete {} of {}", found.laws_known, found.laws_at_most),
            look(reproduction.theorem.incomplete().is_none()),
        ),
        Some(Count::Done(found)) => {
            let known = format!("{} of {} known", found.laws_known, found.laws_at_most);
            (known, if reproduction.theorem.incomplete().is_some() { Look::Doubtful } else { Look::Bad })
        }
    };
    vec![
        Cell::new(reproduction.theorem.name(), Look::Number),
        Cell::new(format!("{proved} of {} proved", phrase::counted(actions, "action")), look(proved == actions)),
        Cell::plain(phrase::counted(report.laws.len(), "law")),
        Cell::new(checks, look(passed == report.checks.len())),
        Cell::new(complete, complete_look),
        Cell::new(if reproduction.is_as_expected() { "" } else { "NOT AS EXPECTED" }, Look::Bad),
    ]
}
