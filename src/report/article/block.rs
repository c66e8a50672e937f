//! What an article consists of.

use crate::report::display::Display;
use crate::report::prose::Prose;

/// A title, a summary, and what follows.
pub(in crate::report) struct Article {
    pub title: Prose,
    pub summary: Prose,
    pub blocks: Vec<Block>,
}

pub(in crate::report) enum Block {
    Heading(Prose),
    /// After a display it continues the sentence.
    Paragraph(Prose),
    Display(Display),
    Claim {
        kind: Claimed,
        title: Option<Prose>,
        label: String,
        body: Vec<Block>,
    },
    Proof(Vec<Block>),
    Remark(Prose),
    List(Vec<Prose>),
    /// The sources with their keys.
    References(Vec<(String, Prose)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Claimed {
    Theorem,
    Lemma,
}

impl Claimed {
    pub fn name(self) -> &'static str {
        match self {
            Claimed::Theorem => "Theorem",
            Claimed::Lemma => "Lemma",
        }
    }
}
