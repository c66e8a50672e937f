//! An article as one self-contained page: MathML for the formulas, nothing to load, and a script for filters and copies without which the
//! page reads as well.

#[cfg(feature = "cli")]
mod figures;
mod graph;

use super::article::{self, Article, Block, Claimed, Group, article};
use super::display::{Display, Measure, Row};
use super::phrase;
use super::prose::{Inline, Prose};
use crate::Report;
use crate::term::print::{Line, Space, Token, mathml_display, xml_text as escape};
use std::collections::HashMap;

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/page.js");

/// How a page came about and what it shows beside the article.
#[derive(Clone, Copy, Default)]
pub struct PageOptions<'a> {
    /// Bookkeeping steps too.
    pub proof: bool,
    /// The command that wrote it.
    pub command: Option<&'a str>,
    /// When it was written.
    pub date: Option<&'a str>,
    #[cfg(feature = "cli")]
    pub figures: Option<&'a crate::job::Figures>,
}

/// A report as a page; with `proof` it shows bookkeeping steps too.
pub fn html(report: &Report, proof: bool) -> String {
    page(report, PageOptions { proof, ..PageOptions::default() })
}

/// A report as a page.
pub fn page(report: &Report, options: PageOptions) -> String {
    let article = article(report, options.proof, Measure::PAGE);
    #[cfg(feature = "cli")]
    let article = figures::added(article, options.figures);
    let mut page = Page { out: String::new(), numbers: numbers(&article), section: 0 };
    page.article(&article, &written(options));
    page.out
}

/// By what a page was written. Without a date, the same model gives the same page on every day.
fn written(options: PageOptions) -> String {
    let by = format!("Derived by equilaw {}", env!("CARGO_PKG_VERSION"));
    let command = options.command.map(|command| format!(": <code>{}</code>", escape(command)));
    let date = options.date.map(|date| format!(", {}", escape(date)));
    by + &command.unwrap_or_default() + &date.unwrap_or_default()
}

/// The number of every label, counted as LaTeX counts them: theorems, lemmas, equations and sources each by themselves.
fn numbers(article: &Article) -> HashMap<String, usize> {
    #[derive(Default)]
    struct Counts {
        theorems: usize,
        propositions: usize,
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
                        Claimed::Proposition => &mut counts.propositions,
                        Claimed::Lemma => &mut counts.lemmas,
                    };
                    *counter += 1;
                    counts.of.insert(label.clone(), *counter);
                    count(body, counts);
                }
                Block::Proof(body) | Block::Argument { body, .. } => count(body, counts),
                Block::Laws(groups) => {
                    for row in groups.iter().flat_map(|group| &group.rows) {
                        counts.theorems += 1;
                        counts.of.insert(row.label.clone(), counts.theorems);
                    }
                }
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
    fn article(&mut self, article: &Article, written: &str) {
        let title = self.inline(&article.title);
        self.out.push_str("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        self.out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        self.out.push_str(&format!("<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"));
        self.out.push_str(&format!("<h1>{title}</h1>\n<p class=\"author\">{written}</p>\n"));
        if !article.summary.is_empty() {
            let summary = self.inline(&article.summary);
            self.out.push_str(&format!("<p class=\"summary\">{summary}</p>\n"));
        }
        self.contents(&article.blocks);
        self.blocks(&article.blocks, String::new());
        self.out.push_str(&format!("</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n"));
    }

    /// The sections, each with a link.
    fn contents(&mut self, blocks: &[Block]) {
        let titles = blocks.iter().filter_map(|block| match block {
            Block::Heading(title) => Some(self.inline(title)),
            _ => None,
        });
        let items: String = titles
            .enumerate()
            .map(|(i, title)| format!("<li><a href=\"#section:{}\">{title}</a></li>\n", i + 1))
            .collect();
        if !items.is_empty() {
            self.out
                .push_str(&format!("<nav class=\"contents\" aria-label=\"Contents\">\n<ol>\n{items}</ol>\n</nav>\n"));
        }
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
                let (n, title) = (self.section, self.inline(title));
                self.out.push_str(&format!("<h2 id=\"section:{n}\"><a href=\"#section:{n}\">{n} {title}</a></h2>\n"));
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
                let id = escape(label);
                let head = format!("<b><a href=\"#{id}\">{} {}{title}.</a></b> ", kind.name(), self.number(label));
                self.out.push_str(&format!("<div class=\"claim\" id=\"{id}\">\n"));
                self.blocks(body, head);
                self.out.push_str("</div>\n");
            }
            Block::Proof(body) => {
                self.out.push_str("<details class=\"proof\">\n<summary>Proof</summary>\n");
                self.blocks(body, String::new());
                self.out.push_str("</details>\n");
            }
            Block::Laws(groups) => {
                self.out.push_str("<div class=\"tools\" id=\"tools\"></div>\n<table class=\"laws\" id=\"laws\">\n<colgroup><col class=\"number\"><col><col class=\"about\"></colgroup>\n");
                groups.iter().for_each(|group| self.group(group));
                self.out.push_str("</table>\n");
            }
            Block::Argument { of, body } if of.is_empty() => self.blocks(body, String::new()),
            Block::Argument { of, body } => {
                let link = |label: &String| {
                    let (id, number) = (escape(label), self.number(label));
                    format!("<a id=\"proof:{id}\" href=\"#{id}\">{number}</a>")
                };
                let links = phrase::enumerated(&of.iter().map(link).collect::<Vec<_>>());
                let noun = if of.len() > 1 { "Theorems" } else { "Theorem" };
                self.out.push_str("<details class=\"proof\">\n");
                self.out.push_str(&format!("<summary>Proof of {noun}&nbsp;{links}</summary>\n"));
                self.blocks(body, String::new());
                self.out.push_str("</details>\n");
            }
            Block::Graph(nodes) => self.out.push_str(&graph::svg(nodes, &|label| self.number(label))),
            #[cfg(feature = "cli")]
            Block::Figure { svg, caption } => {
                let caption = self.inline(caption);
                self.out.push_str(&format!("<figure>\n{svg}\n<figcaption>{caption}</figcaption>\n</figure>\n"));
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

    fn group(&mut self, Group { heading, hypotheses, rows }: &Group) {
        let (heading, hypotheses) = (self.inline(heading), self.inline(hypotheses));
        self.out.push_str(&format!(
            "<tbody>\n<tr class=\"group\"><th colspan=\"3\" scope=\"rowgroup\">{heading} <small>{hypotheses}</small></th></tr>\n"
        ));
        for article::Row { label, stated, words, action, aside, facts } in rows {
            let (id, number) = (escape(label), self.number(label));
            let lines: Vec<String> = (stated.iter())
                .map(|pieces| pieces.iter().map(Line::mathml).collect::<Vec<_>>().join(" "))
                .map(|line| format!("<div class=\"stated\">{line}</div>"))
                .collect();
            let words = if words.is_empty() { String::new() } else { format!("<div>{}</div>", self.inline(words)) };
            let aside = if aside.is_empty() { String::new() } else { format!(", {}", self.inline(aside)) };
            let [numpy, torch] = facts.code.each_ref().map(|code| attribute(code));
            let line = format!(
                "<tr id=\"{id}\" data-number=\"{number}\" data-action=\"{}\" data-order=\"{}\" data-dynamics=\"{}\" \
                 data-tex=\"{}\" data-numpy=\"{numpy}\" data-torch=\"{torch}\">\
                 <th scope=\"row\"><a href=\"#{id}\">{number}</a></th><td>{}{words}</td>\
                 <td class=\"about\"><div class=\"stated\"><em>{}</em>{aside} · <a href=\"#proof:{id}\">proof</a></div></td></tr>\n",
                escape(action),
                facts.order,
                facts.dynamics,
                attribute(&facts.tex),
                lines.concat(),
                escape(action),
            );
            self.out.push_str(&line);
        }
        self.out.push_str("</tbody>\n");
    }

    fn inline(&self, prose: &Prose) -> String {
        let link = |label: &str, text: String| format!("<a href=\"#{}\">{text}</a>", escape(label));
        prose.html(|reference| match reference {
            Inline::Reference(what, label) => link(label, format!("{what}&nbsp;{}", self.number(label))),
            Inline::Equation(label) => link(label, format!("({})", self.number(label))),
            Inline::Citation(key) => link(key, format!("[{}]", self.number(key))),
            words => escape(&Prose(vec![words.clone()]).unicode()),
        })
    }

    fn number(&self, label: &str) -> String {
        self.numbers.get(label).map_or_else(|| "?".to_string(), usize::to_string)
    }
}

/// Text in the value of an attribute.
fn attribute(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("&#10;")
}

/// A display; a row that goes on is moved in.
fn mathml(display: &Display) -> String {
    let row = |row: &Row| {
        let hang = if row.continues { Line::token(Token::Space(Space::Wide)) } else { Line::default() };
        (row.left.clone(), hang.then(&row.right))
    };
    mathml_display(&display.rows.iter().map(row).collect::<Vec<_>>())
}
