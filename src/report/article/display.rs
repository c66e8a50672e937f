//! Displayed mathematics: chains of equalities with letters for their reasons, and long formulas broken into rows.

use super::{Block, Display, Inline, Prose};
use crate::report::fold::{self, points};
use crate::report::formulas::Formulas;
use crate::report::narrative::{Proof, Step};
use crate::term::{Expr, is_zero};

/// The points of mathematics that fit into a line of a page, with room for a number.
const LINE: f64 = 385.0;
/// What a continued line is moved in by.
const HANG: f64 = 24.0;
/// Rows of one display: more would not fit on what is left of a page.
const ROWS: usize = 18;

/// The reasons of one proof, each with its letter.
#[derive(Default)]
pub struct Reasons {
    reasons: Vec<String>,
    told: usize,
}

impl Reasons {
    /// `a` for the first reason, `z` for the 26th, then `aa`.
    fn letter(&mut self, reason: &str) -> String {
        let i = self.reasons.iter().position(|r| r == reason).unwrap_or_else(|| {
            self.reasons.push(reason.to_string());
            self.reasons.len() - 1
        });
        letter(i)
    }

    /// `Here (a) …; (b) ….`, what the letters that are new since the last time stand for.
    pub fn explained(&mut self) -> Option<Prose> {
        let new = self.reasons.iter().enumerate().skip(self.told);
        let each: Vec<Prose> =
            new.map(|(i, r)| Prose::text(format!("({}) ", letter(i))).join(Prose::words(r))).collect();
        self.told = self.reasons.len();
        let all = each.into_iter().reduce(|all, one| all.then("; ").join(one))?;
        Some(Prose::text("Here ").join(all).then("."))
    }
}

fn letter(i: usize) -> String {
    let last = char::from(b'a' + (i % 26) as u8);
    if i < 26 { last.to_string() } else { letter(i / 26 - 1) + &last.to_string() }
}

/// Equal formulas with the reasons of each equality.
pub struct Chain {
    start: String,
    links: Vec<Link>,
}

struct Link {
    /// The letters over the equality sign.
    letters: Vec<String>,
    formula: String,
}

/// A chain of equalities from the start of a proof to `end`, its silent steps folded into the next step that says
/// something unless `silent`; `None` if nothing changes on paper, or nothing is computed but zero.
pub fn chain(proof: &Proof, end: &Expr, formulas: &Formulas, silent: bool, reasons: &mut Reasons) -> Option<Chain> {
    if is_zero(&proof.start) || !changes(proof, end, formulas) {
        return None;
    }
    let start = formulas.formula(&proof.start);
    let mut links: Vec<Link> = Vec::new();
    let mut letters: Vec<String> = Vec::new();
    let append = |links: &mut Vec<Link>, letters: &mut Vec<String>, formula: String| {
        if formula != *links.last().map_or(&start, |l| &l.formula) {
            links.push(Link { letters: std::mem::take(letters), formula });
        }
    };
    let mut steps = proof.steps.iter().peekable();
    while let Some(step) = steps.next() {
        if !step.silent || silent {
            let letter = reasons.letter(&step.reason);
            if !letters.contains(&letter) {
                letters.push(letter);
            }
        }
        // A line is complete where the next step says something, or puts in a definition.
        let next = steps.peek();
        let complete = next.is_none_or(|n| silent || !n.silent || is_definition(n));
        if complete && (silent || !letters.is_empty() || is_definition(step)) {
            append(&mut links, &mut letters, formulas.formula(&step.term));
        }
    }
    // Bookkeeping at the end is a line without a reason.
    append(&mut links, &mut letters, formulas.formula(end));
    (!links.is_empty()).then_some(Chain { start, links })
}

/// Whether a proof changes anything on paper.
pub fn changes(proof: &Proof, end: &Expr, formulas: &Formulas) -> bool {
    let start = formulas.formula(&proof.start);
    formulas.formula(end) != start || proof.steps.iter().any(|s| !s.silent && formulas.formula(&s.term) != start)
}

impl Chain {
    /// The two ends with all reasons over one equality sign.
    pub fn briefly(self) -> Chain {
        let Chain { start, links } = self;
        let mut letters: Vec<String> = Vec::new();
        let mut end = start.clone();
        for link in links {
            letters.extend(link.letters.into_iter().filter(|l| !letters.contains(l)).collect::<Vec<_>>());
            end = link.formula;
        }
        Chain { start, links: vec![Link { letters, formula: end }] }
    }
}

/// Whether a step puts a name for what it stands for, or the other way round.
fn is_definition(step: &Step) -> bool {
    step.rule.as_str().starts_with("definition of ")
}

fn sign(letters: &[String]) -> String {
    if letters.is_empty() { "=".into() } else { format!("\\overset{{({})}}{{=}}", letters.join(",")) }
}

/// Chains one below the other, in displays that fit on a page; the last has the label.
pub fn chains(chains: &[Chain], label: Option<String>) -> Vec<Display> {
    if let [chain] = chains {
        let row: String = std::iter::once(chain.start.clone())
            .chain(chain.links.iter().map(|l| format!(" {} {}", sign(&l.letters), l.formula)))
            .collect();
        if points(&row) < LINE {
            return vec![Display { rows: vec![format!("{row}.")], label }];
        }
    }
    let mut displays: Vec<Vec<String>> = vec![vec![]];
    for (i, chain) in chains.iter().enumerate() {
        let mut rows = rows(chain);
        if let Some(row) = rows.last_mut() {
            row.push(if i + 1 == chains.len() { '.' } else { ',' });
        }
        for rows in rows.chunks(ROWS) {
            match displays.last_mut() {
                Some(display) if display.len() + rows.len() <= ROWS => display.extend_from_slice(rows),
                _ => displays.push(rows.to_vec()),
            }
        }
    }
    let last = displays.len() - 1;
    let display = |(i, rows)| Display { rows, label: label.clone().filter(|_| i == last) };
    displays.into_iter().enumerate().map(display).collect()
}

fn rows(chain: &Chain) -> Vec<String> {
    let mut rows = Vec::new();
    let mut open = Some(chain.start.clone());
    for link in &chain.links {
        let sign = sign(&link.letters);
        let taken = open.as_ref().map_or(0.0, |s| points(s)) + 20.0;
        let alone = open.is_some() && taken + points(&link.formula) > LINE;
        let before = match open.take() {
            Some(start) if alone => {
                rows.extend(broken("&", &start, LINE));
                "&".to_string()
            }
            Some(start) => format!("{start} &"),
            None => "&".to_string(),
        };
        rows.extend(broken(&format!("{before}{sign} "), &link.formula, LINE - if alone { 20.0 } else { taken }));
    }
    rows
}

/// An equation, or several one below the other, in a display; long sides are broken.
pub fn equation(lines: &[String], label: Option<String>, end: &str) -> Display {
    let mut rows = match lines {
        [line] if points(line) <= LINE => vec![line.clone()],
        [line] => split(line),
        lines => {
            let sides =
                lines.iter().filter_map(|line| relation(line).map(|at| (points(&line[..at]), points(&line[at..]))));
            let (left, right) = sides.fold((0.0f64, 0.0f64), |(l, r), (lhs, rhs)| (l.max(lhs), r.max(rhs)));
            // Relations stand below each other where no line gets too long by it.
            match left + right <= LINE {
                true => lines.iter().flat_map(|line| split(line)).collect(),
                false => lines.iter().flat_map(|line| broken("&", line, LINE)).collect(),
            }
        }
    };
    if let Some(row) = rows.last_mut() {
        row.push_str(end);
    }
    Display { rows, label }
}

/// `left &= first`, `&\quad + second`.
fn split(line: &str) -> Vec<String> {
    let Some(at) = relation(line) else { return broken("&", line, LINE) };
    let (lhs, rhs) = (&line[..at], &line[at + 3..]);
    let taken = points(lhs) + 20.0;
    if taken + points(rhs) <= LINE {
        return vec![format!("{lhs} &= {rhs}")];
    }
    if taken < LINE / 2.5 {
        return broken(&format!("{lhs} &= "), rhs, LINE - taken);
    }
    let mut rows = broken("&", lhs, LINE);
    rows.extend(broken("&\\quad = ", rhs, LINE - HANG));
    rows
}

/// The first ` = ` outside of all brackets, where it is the only relation of the line.
fn relation(line: &str) -> Option<usize> {
    let mut depth = 0i32;
    for (at, c) in line.char_indices() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            ' ' if depth == 0 && line[at..].starts_with(" = ") => return Some(at),
            // What stands after a comma is another statement.
            ',' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// A formula in rows; those after the first are moved in.
fn broken(before: &str, formula: &str, room: f64) -> Vec<String> {
    let lines = fold::latex(formula, room, HANG);
    let row = |(i, line): (usize, &str)| {
        if i == 0 { format!("{before}{line}") } else { format!("&\\qquad {{}}{line}") }
    };
    lines.into_iter().enumerate().map(row).collect()
}

/// The points of a formula that stays in its line of text.
const INLINE: f64 = 260.0;

/// Formulas too long for a line of text as displays; the punctuation behind them goes with them.
pub fn set_off(blocks: Vec<Block>) -> Vec<Block> {
    let each = |block| match block {
        Block::Paragraph(prose) => paragraph(prose),
        Block::Claim { kind, title, label, body } => vec![Block::Claim { kind, title, label, body: set_off(body) }],
        Block::Proof(body) => vec![Block::Proof(set_off(body))],
        block => vec![block],
    };
    blocks.into_iter().flat_map(each).collect()
}

fn paragraph(prose: Prose) -> Vec<Block> {
    let mut out = Vec::new();
    let mut line = Prose::default();
    let mut inlines = prose.0.into_iter().peekable();
    while let Some(inline) = inlines.next() {
        let Inline::Math(formula) = &inline else {
            line.0.push(inline);
            continue;
        };
        if points(formula) <= INLINE {
            line.0.push(inline);
            continue;
        }
        let mut end = String::new();
        if let Some(Inline::Text(after)) = inlines.peek_mut() {
            let mark = after.len() - after.trim_start_matches([',', '.', ';']).len();
            end = after.drain(..mark).collect();
            *after = after.trim_start().to_string();
        }
        if !line.is_empty() {
            out.push(Block::Paragraph(std::mem::take(&mut line)));
        }
        out.push(Block::Display(equation(std::slice::from_ref(formula), None, &end)));
    }
    if !line.is_empty() {
        out.push(Block::Paragraph(line));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_after_z() {
        assert_eq!([0, 25, 26, 27].map(letter), ["a", "z", "aa", "ab"]);
    }

    #[test]
    fn long_sides_are_broken_behind_the_relation() {
        let part = "\\operatorname{abcdefghijklmnop}(x + y)";
        let display = equation(&[format!("Q = {}", [part; 4].join(" + "))], None, ".");
        assert_eq!(display.rows.len(), 2);
        assert!(display.rows[0].starts_with("Q &= \\operatorname"));
        assert!(display.rows[1].starts_with("&\\qquad {}+ \\operatorname") && display.rows[1].ends_with('.'));
    }
}
