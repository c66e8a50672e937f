//! Displayed mathematics: chains of equalities with letters for their reasons, and long formulas broken into rows.

use super::formulas::Formulas;
use super::narrative::{Proof, Step};
use super::prose::Prose;
use crate::term::print::{Line, Sign, Space, Spacing, Token, line};
use crate::term::{Expr, is_zero};

/// How wide formulas may be, in points.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// A row of a display, with room for a number.
    pub display: f64,
    /// A line of the list of laws.
    pub listed: f64,
    /// A formula that stays in its line of text.
    pub inline: f64,
}

impl Measure {
    /// On a page of its own, whose lines have 483 points.
    pub const PAGE: Measure = Measure { display: 385.0, listed: 440.0, inline: 260.0 };
    /// In the lines of any paper; those of `article` have 345 points, those of `amsart` 360.
    pub const COLUMN: Measure = Measure { display: 275.0, listed: 295.0, inline: 185.0 };
}

/// What a continued line is moved in by.
const HANG: f64 = 24.0;
/// Rows of one display: more would not fit on what is left of a page.
const ROWS: usize = 18;

/// A displayed formula. It is numbered if it has a label.
pub struct Display {
    pub rows: Vec<Row>,
    pub label: Option<String>,
}

/// A row of a display. The rows are aligned where their sides meet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    pub left: Line,
    pub right: Line,
    /// Whether it goes on with what the row before has begun, moved in.
    pub continues: bool,
}

impl Row {
    fn right(right: Line) -> Row {
        Row { right, ..Row::default() }
    }
}

/// The reasons of one proof, each with its letter.
#[derive(Default)]
pub struct Reasons {
    reasons: Vec<Prose>,
    told: usize,
}

impl Reasons {
    /// `a` for the first reason, `z` for the 26th, then `aa`.
    fn letter(&mut self, reason: &Prose) -> String {
        let i = self.reasons.iter().position(|r| r == reason).unwrap_or_else(|| {
            self.reasons.push(reason.clone());
            self.reasons.len() - 1
        });
        letter(i)
    }

    /// `Here (a) …; (b) ….`, what the letters that are new since the last time stand for.
    pub fn explained(&mut self) -> Option<Prose> {
        let new = self.reasons.iter().enumerate().skip(self.told);
        let each: Vec<Prose> = new.map(|(i, r)| Prose::text(format!("({}) ", letter(i))).join(r.clone())).collect();
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
    start: Line,
    links: Vec<Link>,
}

struct Link {
    /// The letters over the equality sign.
    letters: Vec<String>,
    formula: Line,
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
    let append = |links: &mut Vec<Link>, letters: &mut Vec<String>, formula: Line| {
        if formula != *links.last().map_or(&start, |l| &l.formula) {
            links.push(Link { letters: std::mem::take(letters), formula });
        }
    };
    let told = if silent { proof.steps.iter().collect() } else { direct(proof, &start, formulas) };
    let mut steps = told.into_iter().peekable();
    while let Some(step) = steps.next() {
        if !step.silent || silent {
            let letter = reasons.letter(&step.reason);
            if !letters.contains(&letter) {
                letters.push(letter);
            }
        }
        // A line is complete where the next step says something, or puts in a definition.
        let next = steps.peek();
        let complete = next.is_none_or(|n| silent || !n.silent || n.definition);
        if complete && (silent || !letters.is_empty() || step.definition) {
            append(&mut links, &mut letters, formulas.formula(&step.term));
        }
    }
    // Bookkeeping at the end is a line without a reason.
    append(&mut links, &mut letters, formulas.formula(end));
    (!links.is_empty()).then_some(Chain { start, links })
}

/// The steps of a proof without detours, which come back to what was on paper before.
fn direct<'p>(proof: &'p Proof, start: &Line, formulas: &Formulas) -> Vec<&'p Step> {
    let formula = |step: &Step| formulas.formula(&step.term);
    let written: Vec<Line> = std::iter::once(start.clone()).chain(proof.steps.iter().map(formula)).collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < proof.steps.len() {
        // The step that leaves this line for the last time.
        at = written.iter().rposition(|line| *line == written[at]).unwrap_or(at);
        out.extend(proof.steps.get(at));
        at += 1;
    }
    out
}

/// Whether a proof changes anything on paper.
pub fn changes(proof: &Proof, end: &Expr, formulas: &Formulas) -> bool {
    let start = formulas.formula(&proof.start);
    formulas.formula(end) != start || proof.steps.iter().any(|s| !s.silent && formulas.formula(&s.term) != start)
}

impl Chain {
    /// In a line, without its reasons.
    pub fn line(&self) -> Line {
        self.links.iter().fold(self.start.clone(), |line, link| line![line, " = ", &link.formula])
    }

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

/// The sign of an equality with the letters of its reasons.
fn because(letters: &[String]) -> Line {
    Line::token(Token::Because(letters.to_vec()))
}

/// The mark at the end of a statement.
fn mark(sign: Sign) -> Line {
    Line::token(Token::Sign(sign, Spacing::Tight))
}

/// Chains one below the other, in displays that fit on a page; the last has the label.
pub fn chains(chains: &[Chain], label: Option<String>, measure: Measure) -> Vec<Display> {
    let width = measure.display;
    if let [chain] = chains {
        let links = chain.links.iter().map(|l| line![because(&l.letters), &l.formula]);
        let row = links.fold(chain.start.clone(), Line::then);
        if row.points() < width {
            return vec![Display { rows: vec![Row::right(row.then(mark(Sign::Stop)))], label }];
        }
    }
    let mut displays: Vec<Vec<Row>> = vec![vec![]];
    for (i, chain) in chains.iter().enumerate() {
        let mut rows = rows(chain, width);
        if let Some(row) = rows.last_mut() {
            row.right.push(mark(if i + 1 == chains.len() { Sign::Stop } else { Sign::Comma }));
        }
        for rows in rows.chunks(ROWS) {
            match displays.last_mut() {
                Some(display) if display.len() + rows.len() <= ROWS && fit_together(display, rows, width) => {
                    display.extend_from_slice(rows);
                }
                _ => displays.push(rows.to_vec()),
            }
        }
    }
    let last = displays.len() - 1;
    let display = |(i, rows)| Display { rows, label: label.clone().filter(|_| i == last) };
    displays.into_iter().enumerate().map(display).collect()
}

/// Whether rows may be aligned with those before them: all right sides begin where the widest left side ends.
fn fit_together(before: &[Row], rows: &[Row], width: f64) -> bool {
    let widest = |side: fn(&Row) -> &Line| before.iter().chain(rows).map(|row| side(row).points()).fold(0.0, f64::max);
    before.is_empty() || widest(|row| &row.left) + widest(|row| &row.right) <= width
}

/// A chain in rows; its start stands above them where some right side has no room beside it.
fn rows(chain: &Chain, width: f64) -> Vec<Row> {
    let rights: Vec<Line> = chain.links.iter().map(|link| line![because(&link.letters), &link.formula]).collect();
    let taken = chain.start.points();
    let alone = rights.iter().any(|right| taken + right.points() > width);
    let (mut rows, mut left, room) = match alone {
        true => (broken(Line::default(), &chain.start, width), Line::default(), width),
        false => (vec![], chain.start.clone(), width - taken),
    };
    rows.extend(rights.iter().flat_map(|right| broken(std::mem::take(&mut left), right, room)));
    rows
}

/// An equation, or several one below the other, in a display; long sides are broken.
pub fn equation(lines: &[Line], label: Option<String>, end: Option<Sign>, measure: Measure) -> Display {
    let width = measure.display;
    let mut rows = match lines {
        [line] if line.points() <= width => vec![Row::right(line.clone())],
        [line] => split(line, width),
        lines => {
            let sides = lines.iter().filter_map(Line::sides).map(|(left, right)| (left.points(), right.points()));
            let (left, right) = sides.fold((0.0f64, 0.0f64), |(l, r), (lhs, rhs)| (l.max(lhs), r.max(rhs)));
            // Relations stand below each other where no line gets too long by it.
            match left + right <= width {
                true => lines.iter().flat_map(|line| split(line, width)).collect(),
                false => lines.iter().flat_map(|line| broken(Line::default(), line, width)).collect(),
            }
        }
    };
    if let (Some(row), Some(end)) = (rows.last_mut(), end) {
        row.right.push(mark(end));
    }
    Display { rows, label }
}

/// An equation in rows: its left side, and its right side below itself where it is long.
fn split(line: &Line, width: f64) -> Vec<Row> {
    let Some((left, right)) = line.sides() else { return broken(Line::default(), line, width) };
    let taken = left.points();
    if taken + right.points() <= width || taken < width / 2.5 {
        return broken(left, &right, width - taken);
    }
    let mut rows = broken(Line::default(), &left, width);
    let moved = |mut row: Row| {
        if !row.continues {
            row.right = Line::token(Token::Space(Space::Quad)).then(row.right);
        }
        row
    };
    rows.extend(broken(Line::default(), &right, width - HANG).into_iter().map(moved));
    rows
}

/// What stands right of `left` in rows; those after the first go on.
fn broken(left: Line, right: &Line, room: f64) -> Vec<Row> {
    let lines = right.broken(room, HANG).into_iter().enumerate();
    let mut rows: Vec<Row> =
        lines.map(|(i, right)| Row { left: Line::default(), right: right.trimmed(), continues: i > 0 }).collect();
    rows[0].left = left;
    rows
}

#[cfg(test)]
mod tests {
    use super::{Line, Measure, Sign, equation, letter, line};

    #[test]
    fn letters_go_on_after_z() {
        assert_eq!([0, 25, 26, 27].map(letter), ["a", "z", "aa", "ab"]);
    }

    #[test]
    fn long_sides_are_broken_behind_the_relation() {
        let part = || Line::from("abcdefghijklmnop(x + y)");
        let sum = Line::joined([part(), part(), part(), part()], " + ");
        let display = equation(&[line!["Q = ", sum]], None, Some(Sign::Stop), Measure::PAGE);
        assert_eq!(display.rows.len(), 2);
        let [first, last] = &display.rows[..] else { panic!("two rows") };
        assert_eq!((first.left.latex().as_str(), first.continues), ("Q", false));
        assert!(first.right.latex().starts_with("= \\operatorname"), "{}", first.right.latex());
        assert!(last.right.latex().starts_with("+ \\operatorname") && last.right.latex().ends_with('.'));
        assert!(last.left.is_empty() && last.continues);
    }
}
