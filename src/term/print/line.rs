//! A line of mathematics, built from formulas and signs, and what can be made of it.

use super::super::{Expr, Symbol};
use super::token::{Group, Token};
use super::{Bracket, Notation, count, fold, latex, literal, math, mathml, unicode, width};
use std::fmt;
use unicode_width::UnicodeWidthStr;

/// A line of mathematics: its tokens, which every format is written from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line(Vec<Token>);

/// Pieces of mathematics one after the other: lines, and mathematics written in Unicode.
macro_rules! line {
    ($($piece:expr),* $(,)?) => {{
        #[allow(unused_mut)]
        let mut line = $crate::term::print::Line::default();
        $(line.push($crate::term::print::Line::from($piece));)*
        line
    }};
}
pub(crate) use line;

impl Line {
    /// A formula in some notation.
    pub fn formula(expr: &Expr, notation: &Notation) -> Line {
        Line(math::tokens(expr, notation))
    }

    /// A number of laws, a formula in the sizes.
    pub fn count(expr: &Expr) -> Line {
        Line(count::tokens(expr))
    }

    /// A name by itself.
    pub fn name(name: Symbol) -> Line {
        Line(super::names::Name::new(name.as_str()).tokens())
    }

    /// The name of a matrix of a model, spelled where laws use the letter.
    pub fn declared(name: Symbol) -> Line {
        Line(super::letters::apart(name.as_str()))
    }

    /// A function by its name.
    pub fn function(name: &str) -> Line {
        Line(super::names::function(name))
    }

    /// Words among mathematics.
    pub fn words(words: &str) -> Line {
        Line(words.split_inclusive(' ').map(|word| Token::Words(word.to_string())).collect())
    }

    pub fn token(token: Token) -> Line {
        Line(vec![token])
    }

    pub fn tokens(&self) -> &[Token] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn push(&mut self, more: impl Into<Line>) {
        self.0.extend(more.into().0);
    }

    /// Followed by more.
    pub fn then(mut self, more: impl Into<Line>) -> Line {
        self.push(more);
        self
    }

    /// Lines with something between each two.
    pub fn joined(lines: impl IntoIterator<Item = Line>, between: impl Into<Line>) -> Line {
        let between = between.into();
        let mut out = Line::default();
        for (i, line) in lines.into_iter().enumerate() {
            if i > 0 {
                out.push(between.clone());
            }
            out.push(line);
        }
        out
    }

    /// As one group.
    pub fn grouped(self, group: Group) -> Line {
        let mut out = vec![Token::Begin(group)];
        out.extend(self.0);
        out.push(Token::End);
        Line(out)
    }

    /// Between brackets of a size.
    pub fn bracketed(self, bracket: Bracket, size: u8) -> Line {
        let mut out = vec![Token::Open(bracket, size)];
        out.extend(self.0);
        out.push(Token::Close(bracket, size));
        Line(out)
    }

    /// A quotient.
    pub fn over(self, style: Group, divisor: Line) -> Line {
        Line([self.0, vec![Token::Over], divisor.0].concat()).grouped(style)
    }

    /// In Unicode, for a terminal.
    pub fn unicode(&self) -> String {
        unicode::render(&self.0)
    }

    /// In LaTeX, for math mode with the commands of amsmath.
    pub fn latex(&self) -> String {
        latex::render(&self.0)
    }

    /// As a MathML element among text.
    pub fn mathml(&self) -> String {
        format!("<math>{}</math>", mathml::row(&self.0))
    }

    /// The points it is wide when typeset at 11 pt.
    pub fn points(&self) -> f64 {
        width::points(&self.0)
    }

    /// In lines of so many columns of a terminal, those after the first narrower by `hang`.
    pub fn folded(&self, columns: usize, hang: usize) -> Vec<Line> {
        let measure = |tokens: &[Token]| unicode::render(tokens).trim().width() as f64;
        let lines = fold::lines(&self.0, columns as f64, hang as f64, true, measure);
        lines.into_iter().map(|tokens| Line(tokens.to_vec())).collect()
    }

    /// In lines of so many points, those after the first narrower by `hang`.
    pub fn broken(&self, points: f64, hang: f64) -> Vec<Line> {
        let lines = fold::lines(&self.0, points, hang, false, width::points);
        lines.into_iter().map(|tokens| Line(tokens.to_vec())).collect()
    }

    /// Without spaces at its end.
    pub fn trimmed(mut self) -> Line {
        while matches!(self.0.last(), Some(Token::Space(_))) {
            self.0.pop();
        }
        self
    }

    /// The two sides of its only relation outside of brackets, an equality: the left one, and the right one with the sign.
    pub fn sides(&self) -> Option<(Line, Line)> {
        let at = fold::relation(&self.0)?;
        let (left, right) = self.0.split_at(at);
        Some((Line(left.to_vec()), Line(right.to_vec())))
    }
}

/// In Unicode.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.unicode())
    }
}

/// Mathematics that is written in Unicode.
impl From<&str> for Line {
    fn from(text: &str) -> Line {
        Line(literal::tokens(text))
    }
}

impl From<&Line> for Line {
    fn from(line: &Line) -> Line {
        line.clone()
    }
}

impl From<Token> for Line {
    fn from(token: Token) -> Line {
        Line(vec![token])
    }
}

/// Rows as a displayed MathML element: left and right sides, aligned where these meet.
pub fn mathml_display(rows: &[(Line, Line)]) -> String {
    let rows: Vec<(String, String)> =
        rows.iter().map(|(left, right)| (mathml::row(&left.0), mathml::row(&right.0))).collect();
    mathml::display(&rows)
}
