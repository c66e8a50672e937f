//! Displayed mathematics: chains of equalities with letters for their reasons, and sums broken into lines.

use crate::report::formulas::Formulas;
use crate::rewrite::{Proof, Step};
use crate::term::{Expr, is_zero};

/// How many characters of mathematics fit into a line of a page.
const LINE: usize = 62;

/// The reasons of one proof, each with its letter.
#[derive(Default)]
pub struct Reasons {
    reasons: Vec<String>,
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

    /// `(a) …; (b) ….`, what the letters stand for.
    pub fn explained(&self) -> Option<String> {
        let each = self.reasons.iter().enumerate().map(|(i, r)| format!("({}) {}", letter(i), super::words(r)));
        let all = each.collect::<Vec<_>>().join("; ");
        (!all.is_empty()).then(|| format!("Here {all}."))
    }
}

fn letter(i: usize) -> String {
    let last = char::from(b'a' + (i % 26) as u8);
    if i < 26 { last.to_string() } else { letter(i / 26 - 1) + &last.to_string() }
}

/// A line of a chain: the letters over its equality sign, and what stands after it.
struct Line {
    letters: Vec<String>,
    formula: String,
}

/// A chain of equalities from the start of a proof to `end`, its silent steps folded into the next step that says
/// something unless `silent`; `None` if nothing changes on paper, or nothing is computed but zero.
pub fn chain(proof: &Proof, end: &Expr, formulas: &Formulas, silent: bool, reasons: &mut Reasons) -> Option<String> {
    let start = formulas.formula(&proof.start);
    let mut lines: Vec<Line> = Vec::new();
    let mut letters: Vec<String> = Vec::new();
    let append = |lines: &mut Vec<Line>, letters: &mut Vec<String>, formula: String| {
        if formula != *lines.last().map_or(&start, |l| &l.formula) {
            lines.push(Line { letters: std::mem::take(letters), formula });
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
            append(&mut lines, &mut letters, formulas.formula(&step.term));
        }
    }
    // Bookkeeping at the end is a line without a reason.
    append(&mut lines, &mut letters, formulas.formula(end));
    if lines.is_empty() || is_zero(&proof.start) {
        return None;
    }
    let total = width(&start) + lines.iter().map(|l| width(&l.formula) + 1).sum::<usize>();
    if total < LINE {
        let rows: String = lines.iter().map(|l| format!(" {} {}", sign(&l.letters), l.formula)).collect();
        return Some(format!("\\[\n{start}{rows}.\n\\]\n"));
    }
    let rows: Vec<String> =
        lines.iter().map(|l| format!("  &{} {}", sign(&l.letters), broken(&l.formula, "&"))).collect();
    let start = if width(&start) > LINE { broken(&format!("&{start}"), "&") + "\\\\" } else { start };
    Some(format!("\\begin{{align*}}\n{start}\n{}.\n\\end{{align*}}\n", rows.join("\\\\\n")))
}

/// Whether a step puts a name for what it stands for, or the other way round.
fn is_definition(step: &Step) -> bool {
    step.rule.as_str().starts_with("definition of ")
}

fn sign(letters: &[String]) -> String {
    if letters.is_empty() { "=".into() } else { format!("\\overset{{({})}}{{=}}", letters.join(",")) }
}

/// Equations as a display, with a label and the punctuation after it; long sides are broken.
pub fn equation(lines: &[String], label: Option<&str>, end: &str) -> String {
    let (name, label) = match label {
        Some(label) => ("equation", format!("\\label{{{label}}}")),
        None => ("equation*", String::new()),
    };
    let long = lines.len() > 1 || lines.iter().any(|l| width(l) > LINE);
    let body = if !long {
        lines.join("")
    } else {
        let rows: Vec<String> = lines.iter().map(|line| split(line)).collect();
        format!("\\begin{{aligned}}\n{}\n\\end{{aligned}}", rows.join("\\\\\n"))
    };
    format!("\\begin{{{name}}}{label}\n{body}{end}\n\\end{{{name}}}\n")
}

/// `lhs &= first \\ &\quad + …`.
fn split(line: &str) -> String {
    match top_level(line, &[" = "]).first() {
        Some(&at) => {
            let (lhs, rhs) = (&line[..at], &line[at + 3..]);
            if width(lhs) > LINE {
                format!("{}\\\\\n&= {}", broken(&format!("&{lhs}"), "&"), broken(rhs, "&"))
            } else {
                format!("{lhs} &= {}", broken(rhs, "&"))
            }
        }
        None => broken(&format!("&{line}"), "&"),
    }
}

/// A sum broken before its top-level signs, and a list after its commas, where it is too long.
fn broken(formula: &str, align: &str) -> String {
    if width(formula) <= LINE {
        return formula.to_string();
    }
    let mut out = String::new();
    let (mut start, mut line) = (0, 0);
    let breaks = top_level(formula, &[" + ", " - ", ",\\; ", ",\\quad "]);
    for (i, &at) in breaks.iter().enumerate() {
        let next = breaks.get(i + 1).copied().unwrap_or(formula.len());
        line += width(&formula[start..at]);
        out.push_str(&formula[start..at]);
        start = at;
        if line + width(&formula[at..next]) > LINE {
            let comma = formula[at..].starts_with(',');
            if comma {
                out.push(',');
                start = at + formula[at..].find(' ').map_or(1, |s| s + 1);
            }
            out.push_str(&format!("\\\\\n  {align}\\quad {}", if comma { "" } else { "{}" }));
            line = 2;
        }
    }
    out.push_str(&formula[start..]);
    out
}

/// Where some marks stand outside of all brackets.
fn top_level(formula: &str, marks: &[&str]) -> Vec<usize> {
    let mut depth = 0i32;
    let mut out = Vec::new();
    let mut rest = formula;
    while let Some(c) = rest.chars().next() {
        let at = formula.len() - rest.len();
        let opens = ["{", "(", "[", "\\langle", "\\lVert"].iter().any(|b| rest.starts_with(b));
        let closes = ["}", ")", "]", "\\rangle", "\\rVert"].iter().any(|b| rest.starts_with(b));
        depth += i32::from(opens) - i32::from(closes);
        if depth == 0 && at > 0 && marks.iter().any(|m| rest.starts_with(m)) {
            out.push(at);
        }
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// Roughly how wide a formula is, in characters.
fn width(latex: &str) -> usize {
    let mut count = 0;
    let mut rest = latex;
    while let Some(c) = rest.chars().next() {
        let mut taken = c.len_utf8();
        match c {
            '\\' => {
                let name: String = rest[1..].chars().take_while(char::is_ascii_alphabetic).collect();
                taken += name.len();
                let silent = [
                    "bigl",
                    "bigr",
                    "Bigl",
                    "Bigr",
                    "biggl",
                    "biggr",
                    "operatorname",
                    "mathrm",
                    "text",
                    "dot",
                    "mathbf",
                ];
                if !silent.contains(&name.as_str()) && !name.is_empty() {
                    count += 1;
                }
            }
            '{' | '}' | '^' | '_' | ' ' => {}
            _ => count += 1,
        }
        rest = &rest[taken..];
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sums_break_before_signs_outside_of_brackets() {
        let part = "\\operatorname{abcdefghijklmnop}(x + y)";
        let sum = [part; 4].join(" + ");
        let broken = broken(&sum, "&");
        assert_eq!(broken.matches("\\\\\n").count(), 1);
        assert!(broken.contains("(x + y)\\\\\n  &\\quad {} + \\operatorname"));
    }

    #[test]
    fn letters_go_on_after_z() {
        assert_eq!([0, 25, 26, 27].map(letter), ["a", "z", "aa", "ab"]);
    }
}
