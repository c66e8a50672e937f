//! An article set in LaTeX.

use super::article::{self, Article, Block, Claimed, Group, article};
use super::display::{Display, Measure, Row};
use super::phrase;
use super::prose::{Inline, Prose};
use crate::Report;
use crate::term::print::latex_text as escape;

/// What is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LatexOptions {
    /// A whole document instead of a fragment to be included in one, which needs [`LatexOptions::style`].
    pub standalone: bool,
    /// Bookkeeping steps too.
    pub proof: bool,
}

impl LatexOptions {
    /// The style that a paper needs which inputs fragments: the file `equilaw.sty`.
    pub fn style() -> String {
        let version = env!("CARGO_PKG_VERSION");
        let head = format!(
            "\\NeedsTeXFormat{{LaTeX2e}}\n\\ProvidesPackage{{equilaw}}[{version} what fragments of equilaw are set with]\n"
        );
        head + STYLE
    }
}

/// What a fragment is set with.
const STYLE: &str = include_str!("latex/style.tex");
/// What a document adds to it.
const PAGE: &str = include_str!("latex/page.tex");

/// A report as a LaTeX document or fragment.
pub fn latex(report: &Report, options: LatexOptions) -> String {
    let measure = if options.standalone { Measure::PAGE } else { Measure::COLUMN };
    let mut page = Page { out: String::new() };
    page.article(&article(report, options.proof, measure));
    let body = page.out;
    if options.standalone {
        let preamble = format!("\\documentclass[10pt]{{article}}\n\\makeatletter\n{STYLE}\n{PAGE}\\makeatother\n");
        format!("{preamble}\\begin{{document}}\n{body}\\end{{document}}\n")
    } else {
        format!("% Needs \\usepackage{{equilaw}}, which `equilaw style -o equilaw.sty` writes.\n{body}")
    }
}

/// The end of the arguments for laws.
const ARGUED: &str = "\\end{equilawarguments}\n";

struct Page {
    out: String,
}

impl Page {
    fn article(&mut self, article: &Article) {
        self.out.push_str(&format!("\\begin{{equilaw}}{{{}}}\n", inline(&article.title)));
        if !article.summary.is_empty() {
            self.out.push_str(&format!("\\equilawsummary{{{}}}\n", inline(&article.summary)));
        }
        // A paragraph goes on through a display and after it.
        let mut before: Option<&Block> = None;
        for block in &article.blocks {
            let goes_on = matches!(
                (before, block),
                (Some(Block::Paragraph(_) | Block::Display(_)), Block::Display(_))
                    | (Some(Block::Display(_) | Block::Heading(_)), Block::Paragraph(_))
                    // Proofs of laws follow each other in a paragraph.
                    | (Some(Block::Argument { .. }), Block::Argument { .. })
            );
            let argues = |block: &Block| matches!(block, Block::Argument { .. });
            match (before.is_some_and(argues), argues(block)) {
                (true, false) => self.out.push_str(ARGUED),
                (false, true) => self.out.push_str("\n\\begin{equilawarguments}\n"),
                (true, true) | (false, false) => {}
            }
            if !goes_on {
                self.out.push('\n');
            }
            self.block(block);
            before = Some(block);
        }
        if matches!(before, Some(Block::Argument { .. })) {
            self.out.push_str(ARGUED);
        }
        self.out.push_str("\\end{equilaw}\n");
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(title) => self.out.push_str(&format!("\\equilawheading{{{}}}\n", inline(title))),
            Block::Paragraph(prose) => self.out.push_str(&format!("{}\n", inline(prose))),
            Block::Display(display) => {
                let (name, label) = match &display.label {
                    Some(label) => ("equation", format!("\\label{{{label}}}")),
                    None => ("equation*", String::new()),
                };
                self.out.push_str(&format!("\\begin{{{name}}}{label}\n{}\n\\end{{{name}}}\n", body(display)));
            }
            Block::Claim { kind, title, label, body } => {
                let name = match kind {
                    Claimed::Proposition => "proposition",
                    Claimed::Lemma => "lemma",
                };
                let title = title.as_ref().map_or(String::new(), |t| format!("[{}]", inline(t)));
                self.out.push_str(&format!("\\begin{{{name}}}{title}\\label{{{label}}}\n"));
                self.blocks(body);
                self.out.push_str(&format!("\\end{{{name}}}\n"));
            }
            Block::Proof(body) => {
                self.out.push_str("\\begin{equilawproof}\n");
                self.blocks(body);
                // The mark of the end stands in the display that a proof ends with.
                if matches!(body.last(), Some(Block::Display(_))) {
                    let at = self.out.rfind("\n\\end{equation").unwrap_or(self.out.len());
                    self.out.insert_str(at, "\\qedhere");
                }
                self.out.push_str("\\end{equilawproof}\n");
            }
            Block::Laws(groups) => groups.iter().for_each(|group| self.group(group)),
            Block::Argument { of, body } => {
                let all: Vec<String> = of.iter().map(|label| format!("\\ref{{{label}}}")).collect();
                let noun = if all.len() > 1 { "Theorems" } else { "Theorem" };
                if !all.is_empty() {
                    self.out.push_str(&format!("\\equilawargument{{{noun}~{}}}", phrase::enumerated(&all)));
                }
                self.blocks(body);
            }
            // The references say the same.
            Block::Graph(_) => {}
            // A page alone has figures.
            #[cfg(feature = "cli")]
            Block::Figure { .. } => {}
            Block::List(items) => {
                self.out.push_str("\\begin{itemize}\n");
                for item in items {
                    self.out.push_str(&format!("\\item {}\n", inline(item)));
                }
                self.out.push_str("\\end{itemize}\n");
            }
            Block::References(sources) => {
                self.out.push_str("\\begin{equilawsources}\n");
                for (key, source) in sources {
                    self.out.push_str(&format!("\\equilawsource{{{key}}} {}\n", inline(source)));
                }
                self.out.push_str("\\end{equilawsources}\n");
            }
        }
    }

    fn group(&mut self, Group { heading, hypotheses, rows }: &Group) {
        self.out.push_str(&format!("\\equilawgroup{{{}}}{{{}}}\n", inline(heading), inline(hypotheses)));
        for article::Row { label, stated, words, action, aside, .. } in rows {
            let pieces = |line: &Vec<crate::term::print::Line>| {
                line.iter()
                    .map(|piece| format!("${}$", piece.latex()))
                    .collect::<Vec<_>>()
                    .join("\\newline\\hspace*{1.5em}")
            };
            let mut said = stated.iter().map(pieces).collect::<Vec<_>>().join("\\newline ");
            if !words.is_empty() {
                said.push_str(&format!(" {}", inline(words)));
            }
            let after = if aside.is_empty() { String::new() } else { format!(", {}", inline(aside)) };
            self.out.push_str(&format!("\\equilawlaw{{{label}}}{{{}}}{{{said}}}{{{after}}}\n", escape(action)));
        }
    }

    fn blocks(&mut self, blocks: &[Block]) {
        blocks.iter().for_each(|block| self.block(block));
    }
}

/// Running text.
pub(super) fn inline(prose: &Prose) -> String {
    let one = |inline: &Inline| match inline {
        Inline::Text(text) => escape(text),
        Inline::Math(formula) => format!("${}$", formula.latex()),
        Inline::Code(text) => format!("\\texttt{{{}}}", breakable(&escape(text))),
        Inline::Emphasis(text) => format!("\\emph{{{}}}", escape(text)),
        Inline::Strong(text) => format!("\\textbf{{{}}}", escape(text)),
        Inline::Reference(what, label) => format!("{what}~\\ref{{{label}}}"),
        Inline::Equation(label) => format!("\\eqref{{{label}}}"),
        Inline::Citation(key) => format!("\\equilawcite{{{key}}}"),
    };
    prose.0.iter().map(one).collect()
}

/// Lets a long name of code go on in the next line.
fn breakable(code: &str) -> String {
    code.replace('/', "/\\allowbreak{}").replace("\\_", "\\_\\allowbreak{}").replace('-', "-\\allowbreak{}")
}

/// A display for math mode; more than one row is aligned where the sides meet.
fn body(display: &Display) -> String {
    match display.rows.as_slice() {
        [row] if row.left.is_empty() && !row.continues => row.right.latex(),
        rows => {
            let row = |row: &Row| {
                let left = row.left.latex();
                let space = if left.is_empty() { "" } else { " " };
                let hang = if row.continues { "\\qquad {}" } else { "" };
                format!("{left}{space}&{hang}{}", row.right.latex())
            };
            let rows: Vec<String> = rows.iter().map(row).collect();
            format!("\\begin{{aligned}}\n{}\n\\end{{aligned}}", rows.join("\\\\\n"))
        }
    }
}
