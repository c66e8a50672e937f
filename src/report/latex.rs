//! An article set in LaTeX.

use super::article::{Article, Block, Claimed, article};
use super::display::{Display, Row};
use super::prose::{Inline, Prose};
use crate::Report;
use crate::term::print::latex_text as escape;

/// What is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LatexOptions {
    /// A whole document instead of a fragment to be included in one.
    pub standalone: bool,
    /// Bookkeeping steps too.
    pub proof: bool,
}

const PREAMBLE: &str = r"\documentclass[11pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage[a4paper,margin=28mm]{geometry}
\usepackage{amsmath,amssymb,amsthm}
\usepackage{microtype}
\usepackage[hidelinks]{hyperref}
\newtheorem{theorem}{Theorem}
\newtheorem{lemma}{Lemma}
\theoremstyle{remark}\newtheorem*{remark}{Remark}
\allowdisplaybreaks
\emergencystretch=5em
\hbadness=10000
";

const FRAGMENT: &str = "% Needs amsmath, amssymb, amsthm and the environments theorem, lemma and remark.\n";

/// A report as a LaTeX document or fragment.
pub fn latex(report: &Report, options: LatexOptions) -> String {
    let article = article(report, options.proof);
    let mut page = Page { out: String::new(), standalone: options.standalone };
    page.article(&article);
    page.out
}

struct Page {
    out: String,
    standalone: bool,
}

impl Page {
    fn article(&mut self, article: &Article) {
        let title = inline(&article.title);
        if self.standalone {
            self.out.push_str(PREAMBLE);
            self.out.push_str(&format!("\\title{{{title}}}\n\\author{{Derived by \\textsf{{equilaw}}}}\n\\date{{}}\n"));
            self.out.push_str("\\begin{document}\n\\maketitle\n");
        } else {
            self.out.push_str(&format!("{FRAGMENT}\\section*{{{title}}}\n"));
        }
        match (article.summary.is_empty(), self.standalone) {
            (true, _) => {}
            (false, true) => {
                let summary = inline(&article.summary);
                self.out.push_str(&format!("\\begin{{abstract}}\n\\noindent {summary}\n\\end{{abstract}}\n"));
            }
            (false, false) => self.out.push_str(&format!("{}\n", inline(&article.summary))),
        }
        // A paragraph goes on through a display and after it.
        let mut before: Option<&Block> = None;
        for block in &article.blocks {
            let goes_on = matches!(
                (before, block),
                (Some(Block::Paragraph(_) | Block::Display(_)), Block::Display(_))
                    | (Some(Block::Display(_) | Block::Heading(_)), Block::Paragraph(_))
            );
            if !goes_on {
                self.out.push('\n');
            }
            self.block(block);
            before = Some(block);
        }
        if self.standalone {
            self.out.push_str("\\end{document}\n");
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(title) => {
                let command = if self.standalone { "section" } else { "subsection*" };
                self.out.push_str(&format!("\\{command}{{{}}}\n", inline(title)));
            }
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
                    Claimed::Theorem => "theorem",
                    Claimed::Lemma => "lemma",
                };
                let title = title.as_ref().map_or(String::new(), |t| format!("[{}]", inline(t)));
                self.out.push_str(&format!("\\begin{{{name}}}{title}\\label{{{label}}}\n"));
                self.blocks(body);
                self.out.push_str(&format!("\\end{{{name}}}\n"));
            }
            Block::Proof(body) => {
                self.out.push_str("\\begin{proof}\n");
                self.blocks(body);
                // The mark of the end stands in the display that a proof ends with.
                if matches!(body.last(), Some(Block::Display(_))) {
                    let at = self.out.rfind("\n\\end{equation").unwrap_or(self.out.len());
                    self.out.insert_str(at, "\\qedhere");
                }
                self.out.push_str("\\end{proof}\n");
            }
            Block::Remark(prose) => {
                self.out.push_str(&format!("\\begin{{remark}}\n{}\n\\end{{remark}}\n", inline(prose)));
            }
            Block::List(items) => {
                self.out.push_str("\\begin{itemize}\n");
                for item in items {
                    self.out.push_str(&format!("\\item {}\n", inline(item)));
                }
                self.out.push_str("\\end{itemize}\n");
            }
            Block::References(sources) => {
                self.out.push_str("\\begin{thebibliography}{9}\n");
                for (key, source) in sources {
                    self.out.push_str(&format!("\\bibitem{{{key}}} {}\n", inline(source)));
                }
                self.out.push_str("\\end{thebibliography}\n");
            }
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
        Inline::Citation(key) => format!("\\cite{{{key}}}"),
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
