//! A report for a library user: plain data, and every format.

use crate::job::{ActionReport, Report, Status};
use crate::report::{self, LatexOptions, Law, Missing, TextOptions};

impl Report {
    /// The laws of the proved actions, action by action, then those of several actions together.
    pub fn laws(&self) -> impl Iterator<Item = Law> {
        self.laws.iter().map(report::view)
    }

    /// The law of an id.
    pub fn law(&self, id: &str) -> Option<Law> {
        self.laws.iter().find(|law| law.id() == id).map(report::view)
    }

    /// The laws that an action suggests but that are not stated, each with the reason.
    pub fn missing(&self) -> impl Iterator<Item = Missing> {
        self.missing.iter().map(report::missing)
    }

    /// The report for a terminal.
    pub fn text(&self, options: TextOptions) -> String {
        report::text(self, options)
    }

    /// The report as an article in LaTeX.
    pub fn latex(&self, options: LatexOptions) -> String {
        report::latex(self, options)
    }

    /// The report as a page of HTML; `proof` shows every step of every derivation.
    pub fn html(&self, proof: bool) -> String {
        report::html(self, proof)
    }

    /// What a short report says, or with `all` every law, as a fragment of HTML for a page of one's own: formulas as MathML, with classes and without
    /// style.
    pub fn summary(&self, all: bool) -> String {
        report::summary(self, all)
    }

    /// The report as JSON, with every derivation; the format is stable, and described in `docs/json.md`.
    pub fn json(&self) -> String {
        report::json(self)
    }

    /// The laws as a Python module of NumPy functions.
    pub fn numpy(&self) -> String {
        report::numpy(self)
    }

    /// The laws as a Python module of functions of PyTorch tensors.
    pub fn torch(&self) -> String {
        report::torch(self)
    }
}

/// What became of an action.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// It was proved, by this many rewriting steps that replay.
    Proved { steps: usize },
    /// Concrete numbers contradict the claim.
    Refuted { claim: String, seed: u64, residual: f64 },
    /// It holds at random numbers, but the claim was not proved.
    Unproved { claim: String, reason: String },
}

impl ActionReport {
    /// The name of the action.
    pub fn name(&self) -> &str {
        self.action.name.as_str()
    }

    /// Its group: `GL(h)`.
    pub fn group(&self) -> String {
        self.action.group.to_string()
    }

    pub fn verdict(&self) -> Verdict {
        match &self.status {
            Status::Proved(proved) => Verdict::Proved { steps: proved.steps },
            Status::Refuted(example) => {
                Verdict::Refuted { claim: example.claim.clone(), seed: example.seed, residual: example.residual }
            }
            Status::Unproved(gap) => {
                Verdict::Unproved { claim: gap.claim.clone(), reason: report::reason(&gap.reason) }
            }
        }
    }
}
