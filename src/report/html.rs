//! An article as one self-contained page: MathML for the formulas, no script, nothing to load.

use super::article::{Article, Block, Claimed, article};
use super::display::{Display, Row};
use super::prose::{Inline, Prose};
use crate::Report;
use crate::term::print::{Line, Space, Token, mathml_display, xml_text as escape};
use std::collections::HashMap;

const STYLE: &str = "\
:root { color-scheme: light dark; }
body { max-width: 46rem; margin: 3rem auto; padding: 0 1.25rem; font: 1.06rem/1.55 'Latin Modern Roman', 'STIX Two Text', Georgia, serif; }
h1 { font-weight: normal; text-align: center; margin-bottom: .2em; }
.author, .summary { text-align: center; }
.summary { margin: 1.5em 3em 2.5em; font-size: .95em; text-align: justify; }
h2 { margin-top: 2.2em; font-size: 1.25rem; }
h3 { margin-top: 1.6em; font-size: 1.08rem; }
p, li { text-align: justify; hyphens: auto; }
.claim { font-style: italic; margin-top: 1.4em; }
.claim > p:first-child > b, .remark > b, math { font-style: normal; }
.proof { margin: .4em 0 1em; }
.proof > p:last-child::after { content: ' □'; float: right; }
.remark { margin: .8em 0; }
.equation { display: flex; align-items: center; margin: .45em 0; padding: .25em 0; overflow: auto hidden; break-inside: avoid; }
.equation > math { flex: 1; }
.equation > a { padding-left: 1em; color: inherit; text-decoration: none; font-style: normal; }
mtable.aligned > mtr > mtd { padding: .25em 0; text-align: left; }
mtable.aligned > mtr > mtd:first-child { text-align: right; text-align: -moz-right; text-align: -webkit-right; }
math { font-family: 'Latin Modern Math', 'STIX Two Math', math; }
a { color: inherit; text-decoration-color: #8888; }
code { font-size: .9em; }
@media print { body { max-width: none; margin: 0; font-size: 10.5pt; } a { text-decoration: none; } h2, h3 { break-after: avoid; } }
";

/// A report as a page; with `proof` it shows bookkeeping steps too.
pub fn html(report: &Report, proof: bool) -> String {
    let article = article(report, proof);
    let mut page = Page { out: String::new(), numbers: numbers(&article), section: 0 };
    page.article(&article);
    page.out
}

/// The number of every label, counted as LaTeX counts them: theorems, lemmas, equations and sources each by themselves.
fn numbers(article: &Article) -> HashMap<String, usize> {
    #[derive(Default)]
    struct Counts {
        theorems: usize,
        lemmas: usize,
        equations: usize,
        of: HashMap<String, usize>,
    }
    fn count(blocks: &[Block], counts: &mut Counts) {
        for block in blocks {
            match block {
                Block::Display(Display { label: Some(label), .. }) => {
                    counts.equations += 1;
                    counts.of.insert(label.clone(), counts.equations);
                }
                Block::Claim { kind, label, body, .. } => {
                    let counter = match kind {
                        Claimed::Theorem => &mut counts.theorems,
                        Claimed::Lemma => &mut counts.lemmas,
                    };
                    *counter += 1;
                    counts.of.insert(label.clone(), *counter);
                    count(body, counts);
                }
                Block::Proof(body) => count(body, counts),
                Block::References(sources) => {
                    counts.of.extend(sources.iter().enumerate().map(|(i, (key, _))| (key.clone(), i + 1)));
                }
                _ => {}
            }
        }
    }
    let mut counts = Counts::default();
    count(&article.blocks, &mut counts);
    counts.of
}

struct Page {
    out: String,
    numbers: HashMap<String, usize>,
    section: usize,
}

impl Page {
    fn article(&mut self, article: &Article) {
        let title = self.inline(&article.title);
        self.out.push_str("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        self.out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        self.out.push_str(&format!("<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"));
        self.out.push_str(&format!("<h1>{title}</h1>\n<p class=\"author\">Derived by equilaw</p>\n"));
        if !article.summary.is_empty() {
            let summary = self.inline(&article.summary);
            self.out.push_str(&format!("<p class=\"summary\">{summary}</p>\n"));
        }
        self.blocks(&article.blocks, String::new());
        self.out.push_str("</body>\n</html>\n");
    }

    /// Blocks; the first paragraph begins with `head`.
    fn blocks(&mut self, blocks: &[Block], mut head: String) {
        for block in blocks {
            if let Block::Paragraph(prose) = block {
                let text = self.inline(prose);
                self.out.push_str(&format!("<p>{}{text}</p>\n", std::mem::take(&mut head)));
                continue;
            }
            if !head.is_empty() {
                self.out.push_str(&format!("<p>{}</p>\n", std::mem::take(&mut head)));
            }
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(_) => self.blocks(std::slice::from_ref(block), String::new()),
            Block::Heading(title) => {
                self.section += 1;
                let line = format!("<h2>{} {}</h2>\n", self.section, self.inline(title));
                self.out.push_str(&line);
            }
            Block::Display(display) => {
                let formula = mathml(display);
                let line = match &display.label {
                    Some(label) => {
                        let id = escape(label);
                        format!(
                            "<div class=\"equation\" id=\"{id}\">{formula}<a href=\"#{id}\">({})</a></div>\n",
                            self.number(label)
                        )
                    }
                    None => format!("<div class=\"equation\">{formula}</div>\n"),
                };
                self.out.push_str(&line);
            }
            Block::Claim { kind, title, label, body } => {
                let title = title.as_ref().map_or(String::new(), |t| format!(" ({})", self.inline(t)));
                let head = format!("<b>{} {}{title}.</b> ", kind.name(), self.number(label));
                self.out.push_str(&format!("<div class=\"claim\" id=\"{}\">\n", escape(label)));
                self.blocks(body, head);
                self.out.push_str("</div>\n");
            }
            Block::Proof(body) => {
                self.out.push_str("<div class=\"proof\">\n");
                self.blocks(body, "<i>Proof.</i> ".into());
                self.out.push_str("</div>\n");
            }
            Block::Remark(prose) => {
                let line = format!("<p class=\"remark\"><i>Remark.</i> {}</p>\n", self.inline(prose));
                self.out.push_str(&line);
            }
            Block::List(items) => {
                self.out.push_str("<ul>\n");
                for item in items {
                    let line = format!("<li>{}</li>\n", self.inline(item));
                    self.out.push_str(&line);
                }
                self.out.push_str("</ul>\n");
            }
            Block::References(sources) => {
                self.out.push_str("<h2>References</h2>\n<ol>\n");
                for (key, source) in sources {
                    let line = format!("<li id=\"{}\">{}</li>\n", escape(key), self.inline(source));
                    self.out.push_str(&line);
                }
                self.out.push_str("</ol>\n");
            }
        }
    }

    fn inline(&self, prose: &Prose) -> String {
        let link = |label: &str, text: String| format!("<a href=\"#{}\">{text}</a>", escape(label));
        let one = |inline: &Inline| match inline {
            Inline::Text(text) => escape(text),
            Inline::Math(formula) => formula.mathml(),
            Inline::Code(text) => format!("<code>{}</code>", escape(text)),
            Inline::Emphasis(text) => format!("<em>{}</em>", escape(text)),
            Inline::Strong(text) => format!("<strong>{}</strong>", escape(text)),
            Inline::Reference(what, label) => link(label, format!("{what}&nbsp;{}", self.number(label))),
            Inline::Equation(label) => link(label, format!("({})", self.number(label))),
            Inline::Citation(key) => link(key, format!("[{}]", self.number(key))),
        };
        prose.0.iter().map(one).collect()
    }

    fn number(&self, label: &str) -> String {
        self.numbers.get(label).map_or_else(|| "?".to_string(), usize::to_string)
    }
}

/// A display; a row that goes on is moved in.
fn mathml(display: &Display) -> String {
    let row = |row: &Row| {
        let hang = if row.continues { Line::token(Token::Space(Space::Wide)) } else { Line::default() };
        (row.left.clone(), hang.then(&row.right))
    };
    mathml_display(&display.rows.iter().map(row).collect::<Vec<_>>())
}
