//! A report as an article: definitions, lemmas and theorems with their proofs, cross-referenced along the derivations.
//! `latex` and `html` set it.

mod block;
mod paper;
mod proof;
mod set_off;
mod setting;
mod theorem;
mod theory;

use super::completeness::{certificate_text, growth};
use super::display::Measure;
use super::formulas::Formulas;
use super::ledger::{Chapter, Ledger, Subject};
use super::notations::Notations;
use super::outline::outline;
use super::phrase;
use super::prose::{Inline, Prose, prose};
use crate::Report;
use crate::job::Count;
use crate::kernel::{ActionKind, Law, Theorem};
use crate::term::Symbol;
use crate::term::print::line;
pub(super) use block::{Article, Block, Claimed, Group, Node, Row};
use paper::Paper;
pub use theory::lemma;

/// The article of a report; with `silent` it shows the bookkeeping of the proofs too. Formulas are as wide as the measure allows.
pub(super) fn article(report: &Report, silent: bool, measure: Measure) -> Article {
    let sections = outline(report);
    let numbers: Vec<(usize, &Law)> = sections.iter().flat_map(|s| s.laws.iter().copied()).collect();
    let ordered = reading_order(&report.laws);
    let numbered = ordered.into_iter().filter_map(|law| numbers.iter().find(|(_, l)| l.id() == law.id()).copied());
    let paper =
        Paper { report, ledger: Ledger::new(report, numbered), notations: Notations::default(), silent, measure };
    let sources = paper.sources();
    let mut blocks = paper.setting(&sources);
    if !sections.is_empty() {
        blocks.push(Block::Heading(Prose::text("The laws")));
        blocks.push(Block::Paragraph(
            "Each is an instance of the lemma named beside it, and is proved in the section of its action.".into(),
        ));
        blocks.push(paper.list(&sections));
    }
    blocks.extend(paper.theory());
    for action in &report.actions {
        blocks.extend(paper.action(action));
        let name = action.action.name;
        let chapters: Vec<&Chapter> = paper.ledger.chapters.iter().filter(|c| c.is_about(name)).collect();
        blocks.extend(paper.lead(name, &chapters));
        blocks.extend(paper.arguments(&chapters));
    }
    let joint: Vec<&Chapter> = paper.ledger.chapters.iter().filter(|c| c.is_joint()).collect();
    if !joint.is_empty() {
        blocks.push(Block::Heading(Prose::text("Several actions together")));
        blocks.extend(paper.arguments(&joint));
    }
    blocks.extend(paper.counted());
    blocks.extend(paper.not_derived());
    blocks.extend(paper.checks());
    if !sources.is_empty() {
        blocks.push(Block::References(sources));
    }
    let model = &report.model;
    let title = model.title.clone().unwrap_or_else(|| model.name.to_string());
    Article { title: Prose::text(title), summary: paper.summary(), blocks: set_off::set_off(blocks, measure) }
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
    /// What the proofs of all laws of an action rest on.
    fn lead(&self, action: Symbol, chapters: &[&Chapter]) -> Option<Block> {
        if chapters.is_empty() || self.silent {
            return None;
        }
        let of =
            |chapter: &&Chapter| matches!(chapter.subject, Subject::Action(proved) if proved.action.name == action);
        let lemma = self.ledger.chapters.iter().find(of).and_then(|chapter| self.transported(chapter));
        let rest = Prose::enumerated(lemma.into_iter().chain(self.generator_of(action)).collect());
        let body = vec![Block::Paragraph(prose!["What follows of this action rests on ", rest, "."])];
        Some(Block::Argument { of: vec![], body })
    }

    /// How many laws there are, as a proposition with its certificate.
    fn counted(&self) -> Vec<Block> {
        let report = self.report;
        let Some(count) = &report.completeness else { return vec![] };
        let mut out = vec![Block::Heading(Prose::text("How many laws there are"))];
        let Count::Done(found) = count else {
            out.push(Block::Paragraph(super::completeness::summary(count).sentence().then(".")));
            return out;
        };
        let losses = match report.model.loss {
            crate::model::Loss::Any => "for every data set and every loss",
            crate::model::Loss::Explicit(_) => "for every data set",
        };
        let formulas = Formulas::of_model(&report.model);
        let size = |(name, n): &(String, u64)| {
            let name = formulas.size(crate::term::Size::Name(name.as_str().into()));
            Prose::math(line![name, " = ", n.to_string().as_str()])
        };
        let sizes: Vec<Prose> = report.dims.iter().map(size).collect();
        let at = if sizes.is_empty() {
            Prose::default()
        } else {
            Prose::text("At ").join(Prose::enumerated(sizes)).then(", ")
        };
        let supposed = super::completeness::assumed(found);
        let assuming = match supposed.is_empty() {
            true => String::new(),
            false => format!(", assuming {}", phrase::enumerated(&supposed)),
        };
        let (most, known) = (found.laws_at_most, found.laws_known);
        let quantities = if most == 1 { "quantity is" } else { "quantities are" };
        let differ = super::completeness::differ(found);
        let all = match (most == known, differ) {
            (true, true) => "; these are all that hold in every region",
            (true, false) => "; these are all",
            (false, _) => "",
        };
        let regions = super::completeness::regions(found).map_or(String::new(), |said| format!(" ({said})"));
        let place = if differ { "in every region of the parameters" } else { "near every generic point" };
        let said = format!(
            "at most {most} analytic and functionally independent {quantities} conserved by gradient flow {place} {losses}{regions}\
             {assuming}. The laws above give {known} of them{all}.",
        );
        let label = self.label("count", "completeness");
        let body = vec![Block::Paragraph(at.join(Prose::text(said)).sentence())];
        out.push(Block::Claim { kind: Claimed::Proposition, title: None, label, body });
        let dimension = found.coordinates.saturating_sub(most);
        let mut why = Prose::text(format!(
            "What is conserved for all data and losses is constant along the gradient fields of all of them, hence along the Lie algebra that these \
             generate. Its dimension at a generic point is at least {dimension}, of {} coordinates: so many of its brackets are linearly independent{}.",
            found.coordinates,
            if found.is_exact() { ", by an exact rank" } else { ", by a floating rank" }
        ));
        for line in certificate_text(found).lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            why = why.join(Prose::text(words.join(" ").trim_end_matches('.')).sentence().then("."));
        }
        if let Some(larger) = &report.larger {
            why = why.join(growth(found, larger).sentence().then("."));
        }
        for sentence in report.model.remarks("Incomplete") {
            why = why.join(Prose::marked(sentence.trim().trim_end_matches('.')).sentence().then("."));
        }
        out.push(Block::Proof(vec![Block::Paragraph(why)]));
        out
    }

    /// What is proved, in a few lines.
    fn summary(&self) -> Prose {
        let proved = self.report.actions.iter().filter(|a| matches!(a.status, crate::Status::Proved(_)));
        let formulas = Formulas::of_model(&self.report.model);
        let several = if proved.clone().count() > 1 { "actions" } else { "action" };
        let mut groups: Vec<Prose> = Vec::new();
        for group in proved.map(|a| Prose::math(formulas.group(&a.action))) {
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        if groups.is_empty() {
            return Prose::default();
        }
        let kinds = self.report.actions.iter().filter_map(|a| match &a.status {
            crate::Status::Proved(proved) => Some(proved.kind),
            _ => None,
        });
        let all_invariant = kinds.into_iter().all(|k| matches!(k, ActionKind::Invariance | ActionKind::LossInvariance));
        let what = if all_invariant { "invariant" } else { "invariant or equivariant" };
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
            |(i, text): (usize, String)| (self.label("source", &(i + 1).to_string()), Prose::coded(&quoted(&text)));
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
