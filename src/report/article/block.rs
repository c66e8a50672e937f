//! What an article consists of.

use crate::report::display::Display;
use crate::report::prose::Prose;
use crate::term::print::Line;

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
    /// Theorems in a list, numbered one after the other.
    Laws(Vec<Group>),
    /// Why the theorems of some labels hold.
    Argument {
        of: Vec<String>,
        body: Vec<Block>,
    },
    List(Vec<Prose>),
    /// How lemmas rest on each other, premises first.
    Graph(Vec<Node>),
    /// A drawing as SVG, and what it shows.
    #[cfg(feature = "cli")]
    Figure {
        svg: String,
        caption: Prose,
    },
    /// The sources with their keys.
    References(Vec<(String, Prose)>),
}

/// A lemma in a graph.
pub(in crate::report) struct Node {
    pub label: String,
    pub title: &'static str,
    /// How many laws are instances of it.
    pub laws: usize,
    /// The positions of those it rests on, all before it.
    pub rests: Vec<usize>,
}

/// Laws under one heading, with the hypotheses that all have.
pub(in crate::report) struct Group {
    pub heading: Prose,
    pub hypotheses: Prose,
    pub rows: Vec<Row>,
}

/// A law in a list.
pub(in crate::report) struct Row {
    pub label: String,
    /// What it states: formulas, each in pieces that fit into a line.
    pub stated: Vec<Vec<Line>>,
    /// What it is quantified by, and hypotheses of its own.
    pub words: Prose,
    /// Its action.
    pub action: String,
    /// How many laws it is, and of what it is an instance.
    pub aside: Prose,
    pub facts: Facts,
}

/// What a law is listed by.
pub(in crate::report) struct Facts {
    pub order: u8,
    /// The name of the dynamics; empty where it holds at every point.
    pub dynamics: &'static str,
    /// The law as a formula of LaTeX.
    pub tex: String,
    /// Its function of NumPy and of PyTorch.
    pub code: [String; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Claimed {
    Proposition,
    Lemma,
}

impl Claimed {
    pub fn name(self) -> &'static str {
        match self {
            Claimed::Proposition => "Proposition",
            Claimed::Lemma => "Lemma",
        }
    }
}
