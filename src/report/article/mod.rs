//! A report as an article: definitions, lemmas and theorems with their proofs, cross-referenced along the derivations.
//! `latex` and `html` set it.

mod block;
mod paper;
mod proof;
mod set_off;
mod setting;
mod theorem;

use super::completeness::{certificate_text, growth};
use super::formulas::Formulas;
use super::ledger::Ledger;
use super::notations::Notations;
use super::outline::outline;
use super::phrase;
use super::prose::{Inline, Prose};
use crate::Report;
use crate::job::Count;
use crate::kernel::{ActionKind, Law, Theorem};
pub(super) use block::{Article, Block, Claimed};
use paper::Paper;

/// The article of a report; with `silent` it shows the bookkeeping of the proofs too.
pub(super) fn article(report: &Report, silent: bool) -> Article {
    let numbers: Vec<(usize, &Law)> = outline(report).into_iter().flat_map(|s| s.laws).collect();
    let ordered = reading_order(&report.laws);
    let numbered = ordered.into_iter().filter_map(|law| numbers.iter().find(|(_, l)| l.id() == law.id()).copied());
    let paper = Paper { report, ledger: Ledger::new(report, numbered), notations: Notations::default(), silent };
    let sources = paper.sources();
    let mut blocks = paper.setting(&sources);
    for action in &report.actions {
        blocks.extend(paper.action(action));
        for chapter in paper.ledger.chapters.iter().filter(|c| c.is_about(action.action.name)) {
            blocks.extend(paper.law(chapter));
        }
    }
    let joint: Vec<Block> =
        paper.ledger.chapters.iter().filter(|c| c.is_joint()).flat_map(|chapter| paper.law(chapter)).collect();
    if !joint.is_empty() {
        blocks.push(Block::Heading(Prose::text("Several actions together")));
        blocks.extend(joint);
    }
    if let Some(count) = &report.completeness {
        blocks.push(Block::Heading(Prose::text("How many laws there are")));
        let counted = super::completeness::summary(count).then(".");
        let lead = Prose::text("Conserved by gradient flow, at the sizes of the instance: ");
        let mut said = lead.join(counted);
        if let (Count::Done(found), Some(larger)) = (count, &report.larger) {
            said = said.join(growth(found, larger).sentence().then("."));
        }
        let certificate = match count {
            Count::Done(found) => certificate_text(found),
            Count::Postponed | Count::Failed(_) => String::new(),
        };
        for sentence in report.model.remarks("Incomplete") {
            said = said.join(Prose::marked(sentence.trim().trim_end_matches('.')).sentence().then("."));
        }
        for line in certificate.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            said = said.join(Prose::text(words.join(" ").trim_end_matches('.')).sentence().then("."));
        }
        blocks.push(Block::Paragraph(said));
    }
    blocks.extend(paper.not_derived());
    blocks.extend(paper.checks());
    if !sources.is_empty() {
        blocks.push(Block::References(sources));
    }
    let model = &report.model;
    let title = model.title.clone().unwrap_or_else(|| model.name.to_string());
    Article { title: Prose::text(title), summary: paper.summary(), blocks: set_off::set_off(blocks) }
}

/// The laws as they are read: premises first, and of a continuous action the transport along its orbit last, since
/// nothing else rests on it.
fn reading_order(laws: &[Law]) -> Vec<&Law> {
    let is_aside = |law: &&Law| {
        law.theorem() == Theorem::Transport && !laws.iter().any(|l| l.premises().iter().any(|p| p == law.id()))
    };
    let (aside, first): (Vec<&Law>, Vec<&Law>) = laws.iter().partition(is_aside);
    first.into_iter().chain(aside).collect()
}

impl Paper<'_> {
    /// What is proved, in a few lines.
    fn summary(&self) -> Prose {
        let proved = self.report.actions.iter().filter(|a| matches!(a.status, crate::Status::Proved(_)));
        let formulas = Formulas::of_model(&self.report.model);
        let groups: Vec<Prose> = proved.map(|a| Prose::math(formulas.group(&a.action))).collect();
        if groups.is_empty() {
            return Prose::default();
        }
        let kinds = self.report.actions.iter().filter_map(|a| match &a.status {
            crate::Status::Proved(proved) => Some(proved.kind),
            _ => None,
        });
        let all_invariant = kinds.into_iter().all(|k| matches!(k, ActionKind::Invariance | ActionKind::LossInvariance));
        let what = if all_invariant { "invariant" } else { "invariant or equivariant" };
        let several = if groups.len() > 1 { "actions" } else { "action" };
        let sizes: Vec<Prose> = (self.report.model.dims.iter())
            .map(|d| Prose::math(formulas.size(crate::term::Size::Name(d.name))))
            .collect();
        let sizes = if sizes.is_empty() {
            Prose::default()
        } else {
            Prose::text(", for all sizes ").join(Prose::enumerated(sizes))
        };
        Prose::text(format!("The model is {what} under the {several} of "))
            .join(Prose::enumerated(groups))
            .then(". We prove this, and what follows for the gradient of the loss, for training and for the Hessian")
            .join(sizes)
            .then(".")
    }

    /// The lines of the file's header that begin with `Source:`, with their keys.
    fn sources(&self) -> Vec<(String, Prose)> {
        let all = phrase::sources(&self.report.model);
        let entry =
            |(i, text): (usize, String)| (self.label("source", &(i + 1).to_string()), Prose::text(quoted(&text)));
        all.into_iter().enumerate().map(entry).collect()
    }

    /// What was not derived, one item for each reason.
    fn not_derived(&self) -> Vec<Block> {
        let groups = phrase::missing(&self.report.missing);
        if groups.is_empty() {
            return vec![];
        }
        let item = |(reason, ids): (Prose, Vec<String>)| {
            let ids = ids.into_iter().map(|id| Prose(vec![Inline::Code(id)])).collect();
            Prose::enumerated(ids).then(": ").join(reason).then(".")
        };
        vec![
            Block::Heading(Prose::text("What does not follow")),
            Block::Paragraph(Prose::text(
                "The following statements are suggested by the actions but were not derived.",
            )),
            Block::List(groups.into_iter().map(item).collect()),
        ]
    }

    fn checks(&self) -> Vec<Block> {
        if self.report.checks.is_empty() {
            return vec![];
        }
        let verdict = format!("{}.", phrase::checks(self.report));
        let lead =
            "Each law was also measured at random parameters and data, by automatic differentiation of the model: ";
        vec![
            Block::Heading(Prose::text("Numerical checks")),
            Block::Paragraph(Prose::text(lead).join(Prose::text(verdict))),
        ]
    }
}

/// Straight quotation marks opened and closed in turn.
fn quoted(text: &str) -> String {
    let mut open = false;
    let turn = |c: char| match c {
        '"' => {
            open = !open;
            if open { '“' } else { '”' }
        }
        c => c,
    };
    text.chars().map(turn).collect()
}
