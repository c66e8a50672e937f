//! Sizes as they are written: `d`, `4`, `H*d_k`, `2*(d + 1)`.

use super::cursor::{Cursor, Name, Parsed};
use super::lexer::Kind;
use super::member::{self, MemberIndex};
use super::source::Span;
use crate::term::{Polynomial, Size};

/// How deep brackets in a size may nest.
const MAX_NESTING: usize = 20;
/// The most names and numbers of a size, and the largest power.
const MAX_PARTS: usize = 100;
const MAX_POWER: u32 = 8;

/// A size as written: its names and numbers, and after each what is done with what stands before.
#[derive(Clone, Debug)]
pub(super) struct SizeSyntax {
    steps: Vec<Step>,
    pub span: Span,
}

/// A name or a number, and the indices behind it.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub name: Name,
    pub indices: Vec<MemberIndex>,
}

#[derive(Clone, Debug)]
enum Step {
    Part(Part),
    Add,
    Times,
    Power(u32),
}

/// A size from the next token on, or from a name that has been read.
pub(super) fn size(cursor: &mut Cursor<'_>, first: Option<Name>) -> Parsed<SizeSyntax> {
    let start = first.as_ref().map_or(cursor.peek().span, |name| name.span);
    let mut parser = Parser { cursor, steps: Vec::new(), nesting: 0, less: false };
    parser.sum(first)?;
    let span = start.to(parser.cursor.last_span());
    Ok(SizeSyntax { steps: parser.steps, span })
}

/// A size that less of may follow, `L-1`.
pub(super) fn range(cursor: &mut Cursor<'_>) -> Parsed<SizeSyntax> {
    let start = cursor.peek().span;
    let mut parser = Parser { cursor, steps: Vec::new(), nesting: 0, less: true };
    parser.sum(None)?;
    let span = start.to(parser.cursor.last_span());
    Ok(SizeSyntax { steps: parser.steps, span })
}

struct Parser<'p, 'a> {
    cursor: &'p mut Cursor<'a>,
    steps: Vec<Step>,
    nesting: usize,
    /// Whether a minus ends the size.
    less: bool,
}

impl Parser<'_, '_> {
    fn sum(&mut self, first: Option<Name>) -> Parsed<()> {
        self.product(first)?;
        loop {
            if self.cursor.eat("+").is_some() {
                self.product(None)?;
                self.steps.push(Step::Add);
            } else if self.less && self.nesting == 0 && self.cursor.at_symbol("-") {
                return Ok(());
            } else if self.cursor.at_symbol("-") || self.cursor.at_symbol("/") {
                let error = self.cursor.unexpected("`+`, `*` or the end of the size");
                let help = "a size is a sum of products: declare what is left as a size of its own, `d = k + r`";
                return Err(error.with_help(help).into());
            } else {
                return Ok(());
            }
        }
    }

    fn product(&mut self, first: Option<Name>) -> Parsed<()> {
        self.power(first)?;
        while self.cursor.eat("*").is_some() {
            self.power(None)?;
            self.steps.push(Step::Times);
        }
        Ok(())
    }

    fn power(&mut self, first: Option<Name>) -> Parsed<()> {
        match first {
            Some(name) => self.member(name, self.cursor.at_symbol("["))?,
            None => self.part()?,
        }
        if self.cursor.eat("^").is_some() {
            let span = self.cursor.peek().span;
            let power = self.cursor.peek_text().parse().ok().filter(|n| (1..=MAX_POWER).contains(n));
            let Some(power) = power else {
                let message = format!("the power of a size is an integer from 1 to {MAX_POWER}");
                return Err(self.cursor.error(span, message, "not such an integer").into());
            };
            self.cursor.advance();
            self.steps.push(Step::Power(power));
        }
        Ok(())
    }

    /// One of a family of sizes, `d[l-1]`.
    fn member(&mut self, name: Name, indexed: bool) -> Parsed<()> {
        let indices = if indexed { member::member(self.cursor)? } else { vec![] };
        let span = name.span.to(self.cursor.last_span());
        self.steps.push(Step::Part(Part { name: Name { span, ..name }, indices }));
        Ok(())
    }

    fn part(&mut self) -> Parsed<()> {
        if self.steps.len() > MAX_PARTS || self.nesting > MAX_NESTING {
            return Err(self.cursor.error(self.cursor.peek().span, "this size is too long", "here").into());
        }
        match self.cursor.peek().kind {
            Kind::Symbol(open @ ("(" | "[")) if open == "[" || is_tuple(self.cursor) => {
                Err(tuple(self.cursor, open).into())
            }
            Kind::Symbol("(") => {
                let open = self.cursor.advance().span;
                self.nesting += 1;
                self.sum(None)?;
                self.nesting -= 1;
                self.cursor.close(")", open)?;
                Ok(())
            }
            Kind::Name | Kind::Number => {
                let text = self.cursor.peek_text().to_string();
                let name = Name { text, span: self.cursor.advance().span };
                self.member(name, self.cursor.at_symbol("["))
            }
            _ => {
                let error = self.cursor.unexpected("a size");
                Err(error
                    .with_help("a size is a declared `dim` or a positive integer, or a sum of products of these")
                    .into())
            }
        }
    }
}

/// Whether what stands in the bracket that opens here is no size: two names side by side, or separated by a comma.
fn is_tuple(cursor: &Cursor<'_>) -> bool {
    let words = |kind: Kind| matches!(kind, Kind::Name | Kind::Number);
    let ahead: Vec<Kind> = cursor.ahead().take_while(|kind| !matches!(kind, Kind::Break | Kind::End)).collect();
    let inside: Vec<Kind> = ahead.into_iter().skip(1).take_while(|kind| *kind != Kind::Symbol(")")).collect();
    inside.is_empty()
        || inside.contains(&Kind::Symbol(","))
        || inside.windows(2).any(|two| two.iter().all(|k| words(*k)))
}

/// A shape in brackets, as other languages write it.
fn tuple(cursor: &mut Cursor<'_>, open: &str) -> super::diagnostic::Diagnostic {
    let error = cursor.unexpected("a size");
    let close = if open == "(" { ")" } else { "]" };
    let mut words = Vec::new();
    while !cursor.at_break() && !cursor.at_symbol(close) && words.len() < 3 {
        let token = cursor.advance();
        words.extend(matches!(token.kind, Kind::Name | Kind::Number).then(|| cursor.source.slice(token.span)));
    }
    match words[..] {
        [rows, cols] => error.with_help(format!("write `{rows} x {cols}`")),
        [rows] => error.with_help(format!("write `{rows}`")),
        _ => error.with_help("a shape is written `m x n`, `n` or `scalar`"),
    }
}

impl SizeSyntax {
    /// A product of names and numbers.
    pub fn product(factors: Vec<Name>, span: Span) -> SizeSyntax {
        let mut steps = Vec::new();
        for (i, name) in factors.into_iter().enumerate() {
            steps.push(Step::Part(Part { name, indices: vec![] }));
            steps.extend((i > 0).then_some(Step::Times));
        }
        SizeSyntax { steps, span }
    }

    /// The names and numbers in it, in order.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.steps.iter().filter_map(|step| if let Step::Part(part) = step { Some(part) } else { None })
    }

    /// The size, given those that its names and numbers stand for; `None` where it is out of range.
    pub fn value(&self, parts: &[Size]) -> Option<Size> {
        if let (1, [size]) = (self.steps.len(), parts) {
            return Some(*size);
        }
        let mut parts = parts.iter();
        let mut stack: Vec<Polynomial> = Vec::new();
        for step in &self.steps {
            let value = match step {
                Step::Part(_) => parts.next()?.polynomial()?,
                Step::Power(n) => {
                    let base = stack.pop()?;
                    (1..*n).try_fold(base.clone(), |x, _| x.times(&base))?
                }
                Step::Add | Step::Times => {
                    let (y, x) = (stack.pop()?, stack.pop()?);
                    if matches!(step, Step::Add) { x.plus(&y)? } else { x.times(&y)? }
                }
            };
            stack.push(value);
        }
        stack.pop()?.size()
    }
}
