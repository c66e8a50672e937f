//! An article set in LaTeX.

use super::article::{self, Article, Block, Claimed, Group, article};
use super::display::{Display, Row};
use super::phrase;
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

const PREAMBLE: &str = r"\documentclass[10pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage[a4paper,hmargin=20mm,top=14mm,bottom=18mm,footskip=8mm]{geometry}
\usepackage{amsmath,amssymb,amsthm}
\usepackage{microtype}
\usepackage[hidelinks]{hyperref}
\makeatletter
\renewcommand{\section}{\@startsection{section}{1}{\z@}{-8pt plus -4pt}{3pt}{\normalfont\large\bfseries}}
\makeatother
\newtheoremstyle{tight}{3pt plus 2pt}{2pt plus 1pt}{\itshape}{}{\bfseries}{.}{.5em}{}
\theoremstyle{tight}
\renewenvironment{proof}[1][\proofname]{\par\small\tightdisplays\pushQED{\qed}\noindent\textit{#1.}\enspace\ignorespaces}{\popQED\par\vskip 2pt plus 1pt}
\newtheorem{theorem}{Theorem}
\newtheorem{lemma}{Lemma}
\newtheorem{proposition}{Proposition}
\allowdisplaybreaks
\emergencystretch=5em
\raggedbottom
\newcommand{\tightdisplays}{\abovedisplayskip=3pt plus 2pt\belowdisplayskip=3pt plus 2pt\abovedisplayshortskip=1pt plus 2pt\belowdisplayshortskip=3pt plus 2pt}
\AtBeginDocument{\tightdisplays}
";

/// How laws are listed, each a theorem with what stands behind it at the right, and how their proofs begin.
const COMMANDS: &str = r"\providecommand{\lawgroup}[2]{\par\addpenalty{-300}\vskip 5pt plus 3pt\noindent\textbf{#1}\if\relax\detokenize{#2}\relax\else\quad{\small #2}\fi\par\nobreak\vskip 1pt}
\providecommand{\law}[4]{{\par\small\noindent\hangindent=3.2em\refstepcounter{theorem}\label{#1}\makebox[3.2em][l]{\bfseries\thetheorem}#3{\unskip\nobreak\hfil\penalty50\hskip1.5em\null\nobreak\hfil{\footnotesize #2#4}\parfillskip=0pt\finalhyphendemerits=0\par}}}
\providecommand{\lawproof}[1]{\textit{#1.}\ }
";

const FRAGMENT: &str = "% Needs amsmath, amssymb, amsthm and the environments theorem, lemma and proposition.\n";

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
            self.out.push_str(COMMANDS);
            self.out.push_str("\\begin{document}\n\\thispagestyle{plain}\n");
            self.out.push_str(&format!(
                "\\begin{{center}}\n{{\\Large {title}}}\\\\[4pt]\nDerived by \\textsf{{equilaw}}\n\\end{{center}}\n"
            ));
        } else {
            self.out.push_str(&format!("{FRAGMENT}{COMMANDS}\\section*{{{title}}}\n"));
        }
        match (article.summary.is_empty(), self.standalone) {
            (true, _) => {}
            (false, true) => {
                let summary = inline(&article.summary);
                self.out.push_str(&format!("\\begin{{quotation}}\n\\noindent\\small {summary}\n\\end{{quotation}}\n"));
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
                    // Proofs of laws follow each other in a paragraph.
                    | (Some(Block::Argument { .. }), Block::Argument { .. })
            );
            let argues = |block: &Block| matches!(block, Block::Argument { .. });
            match (before.is_some_and(argues), argues(block)) {
                (true, false) => self.out.push_str("\\par}\n"),
                (false, true) => self.out.push_str("\n{\\small\\rightskip=0pt plus 3em\n"),
                (true, true) | (false, false) => {}
            }
            if !goes_on {
                self.out.push('\n');
            }
            self.block(block);
            before = Some(block);
        }
        if matches!(before, Some(Block::Argument { .. })) {
            self.out.push_str("\\par}\n");
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
                    Claimed::Proposition => "proposition",
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
            Block::Laws(groups) => groups.iter().for_each(|group| self.group(group)),
            Block::Argument { of, body } => {
                let all: Vec<String> = of.iter().map(|label| format!("\\ref{{{label}}}")).collect();
                let noun = if all.len() > 1 { "Theorems" } else { "Theorem" };
                if !all.is_empty() {
                    self.out.push_str(&format!("\\lawproof{{{noun}~{}}}", phrase::enumerated(&all)));
                }
                self.blocks(body);
            }
            // The references say the same.
            Block::Graph(_) => {}
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

    fn group(&mut self, Group { heading, hypotheses, rows }: &Group) {
        self.out.push_str(&format!("\\lawgroup{{{}}}{{{}}}\n", inline(heading), inline(hypotheses)));
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
            self.out.push_str(&format!("\\law{{{label}}}{{\\emph{{{}}}}}{{{said}}}{{{after}}}\n", escape(action)));
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
