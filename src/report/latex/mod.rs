//! A report as LaTeX: definitions, lemmas and theorems with their proofs, cross-referenced along the derivations.

mod display;
mod proof;
mod setting;
mod symbols;
mod theorem;
mod words;

use super::completeness::{certificate_text, summary};
use super::ledger::Ledger;
use super::outline::outline;
use crate::Report;
use crate::complete::Count;
pub(super) use words::around;
use words::words;

/// What is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LatexOptions {
    /// A whole document instead of a fragment to be included in one.
    pub standalone: bool,
    /// Bookkeeping steps too.
    pub proof: bool,
}

const PREAMBLE: &str = r"\documentclass[11pt]{article}
\usepackage[margin=28mm]{geometry}
\usepackage{amsmath,amssymb,amsthm}
\usepackage{microtype}
\newtheorem{theorem}{Theorem}
\newtheorem{lemma}{Lemma}
\theoremstyle{remark}\newtheorem*{remark}{Remark}
\allowdisplaybreaks
\emergencystretch=2em
\begin{document}
";

const FRAGMENT: &str = "% Needs amsmath, amssymb, amsthm and the environments theorem, lemma and remark.\n";

/// A report as a LaTeX document or fragment.
pub fn latex(report: &Report, options: LatexOptions) -> String {
    let laws: Vec<_> = outline(report).into_iter().flat_map(|s| s.laws).collect();
    // Laws are proved in the order they were derived in, which is the order of their premises.
    let ordered = report.laws.iter().filter_map(|law| laws.iter().find(|(_, l)| l.id() == law.id()).copied());
    let paper = Paper { report, options, ledger: Ledger::new(report, ordered) };
    let mut out = String::from(if options.standalone { PREAMBLE } else { FRAGMENT });
    out.push_str(&paper.setting());
    for action in &report.actions {
        out.push_str(&paper.action(action));
        for chapter in paper.ledger.chapters.iter().filter(|c| c.is_about(action.action.name)) {
            out.push_str(&paper.law(chapter));
        }
    }
    let joint: String = paper.ledger.chapters.iter().filter(|c| c.is_joint()).map(|c| paper.law(c)).collect();
    if !joint.is_empty() {
        out.push_str("\n\\subsection*{Several actions together}\n");
        out.push_str(&joint);
    }
    out.push_str(&paper.not_derived());
    out.push_str(&paper.completeness());
    out.push_str(&paper.checks());
    if options.standalone {
        out.push_str("\\end{document}\n");
    }
    out
}

/// What is being written about.
struct Paper<'a> {
    report: &'a Report,
    options: LatexOptions,
    ledger: Ledger<'a>,
}

impl Paper<'_> {
    /// A label that is the same in every run and that LaTeX accepts.
    fn label(&self, kind: &str, id: &str) -> String {
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() || matches!(c, '/' | '-') { c.to_string() } else { format!(".{:x}", c as u32) }
        };
        let clean = |text: &str| text.chars().map(plain).collect::<String>();
        format!("{kind}:{}:{}", clean(self.report.model.name.as_str()), clean(id))
    }

    fn not_derived(&self) -> String {
        if self.report.missing.is_empty() {
            return String::new();
        }
        let item =
            |m: &crate::law::Missing| format!("\\item \\texttt{{{}}}: {}.\n", words::escape(&m.id), words(&m.reason));
        let items: String = self.report.missing.iter().map(item).collect();
        format!("\n\\subsection*{{Not derived}}\n\\begin{{itemize}}\n{items}\\end{{itemize}}\n")
    }

    fn completeness(&self) -> String {
        let Some(count) = &self.report.completeness else { return String::new() };
        let mut sentences = vec![summary(count)];
        sentences.extend(self.report.model.remarks("Incomplete").map(String::from));
        if let Count::Done(found) = count {
            sentences.extend(certificate_text(&found.certificate).lines().map(String::from));
        }
        let sentences = sentences.iter();
        let sentences = sentences.map(|s| format!("{}.", words(s.trim().trim_end_matches('.'))));
        format!("\n\\paragraph{{All laws of gradient flow.}} {}\n", sentences.collect::<Vec<_>>().join("\n"))
    }

    fn checks(&self) -> String {
        if self.report.checks.is_empty() {
            return String::new();
        }
        let verdict = words::escape(&super::phrase::checks(self.report));
        format!("\n\\paragraph{{Numeric checks.}} {verdict}.\n")
    }
}
