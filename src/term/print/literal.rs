//! Mathematics written in Unicode, as the tokens it stands for: `‖H‖ ≥ √(α²+β²)`. What is spaced stays spaced.

use super::super::Rational;
use super::layout::Bracket;
use super::symbols::{is_subscript, raised, unlowered};
use super::token::{Group, Sign, Space, Spacing, Token};
use super::unicode::fraction;

/// The tokens of mathematics in Unicode. Letters stand for themselves, three small letters and more for a function.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut reader = Reader { chars: text.chars().collect(), at: 0, out: Vec::new(), norm: false };
    while reader.at < reader.chars.len() {
        reader.read();
    }
    reader.out
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    out: Vec<Token>,
    /// Whether a norm is open.
    norm: bool,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    /// The characters from here that satisfy a condition, which are read.
    fn run(&mut self, belongs: impl Fn(char) -> bool) -> Vec<char> {
        let run: Vec<char> = self.chars[self.at..].iter().copied().take_while(|c| belongs(*c)).collect();
        self.at += run.len();
        run
    }

    fn group(&mut self, group: Group, inside: Vec<Token>) {
        self.out.push(Token::Begin(group));
        self.out.extend(inside);
        self.out.push(Token::End);
    }

    fn read(&mut self) {
        let Some(c) = self.peek(0) else { return };
        if c == ' ' {
            return self.space();
        }
        if let Some(dots) = self.peek(1).and_then(|mark| ['\u{307}', '\u{308}'].iter().position(|m| *m == mark)) {
            self.at += 2;
            return self.group(Group::Dot(dots as u8 + 1), vec![Token::Symbol(c.to_string())]);
        }
        if let Some(value) = fraction(c) {
            self.at += 1;
            return self.out.push(Token::Number(value));
        }
        if raised(c).is_some() {
            let run = self.run(|c| raised(c).is_some());
            let plain: String = run.into_iter().filter_map(raised).collect();
            let mut inside = tokens(&plain);
            for token in &mut inside {
                if *token == Token::Symbol("T".into()) {
                    *token = tight(Sign::Transpose);
                }
            }
            return self.group(Group::Sup, inside);
        }
        if is_subscript(c) {
            let run = self.run(is_subscript);
            let plain: String = run.into_iter().filter_map(unlowered).collect();
            return self.group(Group::Sub, vec![Token::Symbol(plain)]);
        }
        if c.is_ascii_digit() {
            let digits: String = self.run(|c| c.is_ascii_digit()).into_iter().collect();
            return self.out.extend(digits.parse().ok().map(|n| Token::Number(Rational::from_integer(n))));
        }
        if c.is_ascii_lowercase() {
            let word: String = self.run(|c| c.is_ascii_lowercase()).into_iter().collect();
            return match word.len() {
                3.. => self.out.push(Token::Function(word)),
                2 if word == "tr" => self.out.push(Token::Function(word)),
                _ => self.out.extend(word.chars().map(|c| Token::Symbol(c.to_string()))),
            };
        }
        self.at += 1;
        match c {
            '_' => self.index(),
            '^' => self.power(),
            '*' => self.group(Group::Sup, vec![tight(Sign::Star)]),
            '⊥' => self.group(Group::Sup, vec![tight(Sign::Perpendicular)]),
            '\'' => self.group(Group::Sup, vec![tight(Sign::Transpose)]),
            '′' => self.out.push(Token::Prime(1)),
            '″' => self.out.push(Token::Prime(2)),
            '√' => self.root(),
            '‖' => {
                self.norm = !self.norm;
                self.out.push(if self.norm { Token::Open(Bracket::Norm, 0) } else { Token::Close(Bracket::Norm, 0) });
            }
            c => match (opening(c), closing(c), sign_of(c)) {
                (Some(bracket), ..) => self.out.push(Token::Open(bracket, 0)),
                (_, Some(bracket), _) => self.out.push(Token::Close(bracket, 0)),
                (_, _, Some(Sign::Minus)) if self.at_start() => self.out.push(tight(Sign::Negative)),
                (_, _, Some(sign)) => self.out.push(tight(sign)),
                _ => self.out.push(Token::Symbol(c.to_string())),
            },
        }
    }

    /// Whether a minus here stands before a term.
    fn at_start(&self) -> bool {
        matches!(self.out.last(), None | Some(Token::Open(..) | Token::Sign(..) | Token::Space(_) | Token::Begin(_)))
    }

    /// Spaces, with the sign that stands between two of them.
    fn space(&mut self) {
        let count = self.run(|c| c == ' ').len();
        let sign = self.peek(0).and_then(sign_of).filter(|sign| !is_punctuation(*sign));
        match (sign, self.peek(1)) {
            (Some(sign), Some(' ') | None) if count == 1 => {
                self.at += 2;
                self.out.push(Token::Sign(sign, Spacing::Spaced));
            }
            _ => self.out.push(Token::Space(if count > 1 { Space::Quad } else { Space::Word })),
        }
    }

    /// What follows a `_`: a group, or a symbol with its own index.
    fn index(&mut self) {
        let inside = self.bracketed().map(|(_, inside)| inside).unwrap_or_else(|| {
            self.run(|c| c.is_alphanumeric() || is_subscript(c) || matches!(c, '⊥')).into_iter().collect()
        });
        let word = inside.chars().count() > 1 && inside.chars().all(|c| c.is_ascii_alphabetic());
        let inside = if word { vec![Token::Symbol(inside)] } else { tokens(&inside) };
        self.group(Group::At, inside);
    }

    /// What follows a `^`: a group or one character.
    fn power(&mut self) {
        let (brackets, inside) = self.bracketed().unwrap_or_else(|| {
            let one = self.peek(0).into_iter().collect();
            self.at += 1;
            (false, one)
        });
        let inside = tokens(&inside);
        let inside = if brackets { linear(inside) } else { inside };
        self.group(Group::Sup, inside);
    }

    fn root(&mut self) {
        let (_, inside) = self.bracketed().unwrap_or_else(|| {
            let one = self.peek(0).into_iter().collect();
            self.at += 1;
            (false, one)
        });
        let inside = tokens(&inside);
        let inside = if inside.len() > 1 { linear(inside) } else { inside };
        self.group(Group::Root, inside);
    }

    /// What stands between brackets that open here; whether they are of the script and not of the formula.
    fn bracketed(&mut self) -> Option<(bool, String)> {
        let (open, close) = match self.peek(0)? {
            '(' => ('(', ')'),
            '{' => ('{', '}'),
            _ => return None,
        };
        let mut depth = 0;
        let length = self.chars[self.at..].iter().position(|c| {
            depth += i32::from(*c == open) - i32::from(*c == close);
            depth == 0
        })?;
        let inside: String = self.chars[self.at + 1..self.at + length].iter().collect();
        self.at += length + 1;
        let long = inside.chars().count() > 1;
        Some((long, inside))
    }
}

fn linear(inside: Vec<Token>) -> Vec<Token> {
    let mut out = vec![Token::Open(Bracket::Linear, 0)];
    out.extend(inside);
    out.push(Token::Close(Bracket::Linear, 0));
    out
}

fn tight(sign: Sign) -> Token {
    Token::Sign(sign, Spacing::Tight)
}

fn is_punctuation(sign: Sign) -> bool {
    sign.class() == super::token::Class::Punctuation
}

fn sign_of(c: char) -> Option<Sign> {
    if c == '-' {
        return Some(Sign::Minus);
    }
    let marks = [Sign::Negative, Sign::Semidefinite, Sign::Transpose, Sign::Star, Sign::Perpendicular];
    Sign::ALL.iter().copied().filter(|sign| !marks.contains(sign)).find(|sign| sign.unicode().starts_with(c))
}

fn opening(c: char) -> Option<Bracket> {
    match c {
        '(' => Some(Bracket::Round),
        '[' => Some(Bracket::Square),
        '{' => Some(Bracket::Brace),
        '⟨' => Some(Bracket::Angle),
        _ => None,
    }
}

fn closing(c: char) -> Option<Bracket> {
    match c {
        ')' => Some(Bracket::Round),
        ']' => Some(Bracket::Square),
        '}' => Some(Bracket::Brace),
        '⟩' => Some(Bracket::Angle),
        _ => None,
    }
}
