//! Mathematics for a terminal: `½(‖W₁‖² − ‖W₂‖²)`.

use super::super::Rational;
use super::layout::Bracket;
use super::names::lowered;
use super::symbols::{self, is_subscript};
use super::token::{Class, Group, Space, Spacing, Token};
use std::borrow::Cow;

/// Tokens in Unicode. What a line has only one end of (it was broken inside) is written as far as it goes.
pub(super) fn render(tokens: &[Token]) -> String {
    let mut open: Vec<(&Group, Level)> = Vec::new();
    let mut level = Level::default();
    for token in tokens {
        match token {
            Token::Begin(group) => open.push((group, std::mem::take(&mut level))),
            Token::End => {
                if let Some((group, outer)) = open.pop() {
                    let inside = std::mem::replace(&mut level, outer).text();
                    level.close(group, inside);
                }
            }
            Token::Juxtaposition => level.items.push(Item::Juxtaposition),
            token => level.items.push(Item::Text(leaf(token), false)),
        }
    }
    while let Some((_, outer)) = open.pop() {
        let inside = std::mem::replace(&mut level, outer).text();
        level.items.push(Item::Text(inside.into(), false));
    }
    level.text()
}

/// What one group has so far.
#[derive(Default)]
struct Level {
    items: Vec<Item>,
}

enum Item {
    /// A text, and whether it belongs to what stands before it as an index does.
    Text(Cow<'static, str>, bool),
    Juxtaposition,
}

impl Level {
    fn close(&mut self, group: &Group, inside: String) {
        let (text, attached) = match group {
            Group::Unit | Group::Declared(_) | Group::Fraction | Group::Small | Group::Ratio => (inside, false),
            Group::Sub => (subscript(&inside), true),
            Group::At => (format!("_{inside}"), true),
            Group::Sup => (superscript(&inside), false),
            Group::Raised => (raised(&inside).unwrap_or_else(|| format!("^{inside}")), false),
            Group::On => (format!(" on {inside}"), false),
            Group::Root => (format!("√{inside}"), false),
            Group::Dot(n) => (dotted(&inside, *n), false),
        };
        // The sides of the quotient are spaced.
        let text = if *group == Group::Ratio { text.replacen(OVER, " / ", 1) } else { text.replace(OVER, "/") };
        self.items.push(Item::Text(text.into(), attached));
    }

    fn text(self) -> String {
        let mut out = String::new();
        // The last symbol with its index.
        let mut last = String::new();
        for (i, item) in self.items.iter().enumerate() {
            match item {
                Item::Juxtaposition => out.push_str(gap(&last, &self.unit(i + 1))),
                Item::Text(text, attached) => {
                    out.push_str(text);
                    if *attached {
                        last.push_str(text);
                    } else if !text.is_empty() {
                        last = text.to_string();
                    }
                }
            }
        }
        out
    }

    /// The symbol at a place with its index.
    fn unit(&self, at: usize) -> String {
        let mut out = String::new();
        for item in &self.items[at.min(self.items.len())..] {
            match item {
                Item::Text(text, attached) if out.is_empty() || *attached => out.push_str(text),
                _ => break,
            }
        }
        out
    }
}

/// Where the sides of a quotient meet, until its group says how it is written.
const OVER: &str = "\u{0}";

fn leaf(token: &Token) -> Cow<'static, str> {
    match token {
        Token::Symbol(text) | Token::Function(text) | Token::Words(text) => text.clone().into(),
        Token::Upright(text) | Token::Bold(text) => (*text).into(),
        Token::Number(value) => number(value).into(),
        Token::Sign(sign, spacing) => match (sign.class(), spacing) {
            (Class::Prefix, _) | (_, Spacing::Tight) => sign.unicode().into(),
            (Class::Punctuation, Spacing::Spaced) => format!("{} ", sign.unicode()).into(),
            (_, Spacing::Spaced) => format!(" {} ", sign.unicode()).into(),
        },
        Token::Because(_) => " = ".into(),
        Token::Prime(n) => match n {
            2 => "″".into(),
            n => "′".repeat(usize::from(*n)).into(),
        },
        Token::Space(Space::Word | Space::Thick) => " ".into(),
        Token::Space(Space::Quad | Space::Wide) => "  ".into(),
        Token::Open(bracket, _) => match bracket {
            Bracket::Round | Bracket::Linear => "(",
            Bracket::Square => "[",
            Bracket::Angle => "⟨",
            Bracket::Norm => "‖",
            Bracket::Brace => "{",
        }
        .into(),
        Token::Close(bracket, _) => match bracket {
            Bracket::Round | Bracket::Linear => ")",
            Bracket::Square => "]",
            Bracket::Angle => "⟩",
            Bracket::Norm => "‖",
            Bracket::Brace => "}",
        }
        .into(),
        Token::Over => OVER.into(),
        Token::Juxtaposition | Token::Begin(_) | Token::End => "".into(),
    }
}

/// A number that is not negative, a fraction as one character where there is one.
pub(super) fn number(value: &Rational) -> String {
    let text = value.to_string();
    FRACTIONS.iter().find(|(plain, _)| *plain == text).map_or(text, |(_, glyph)| glyph.to_string())
}

/// The number a fraction in one character is.
pub(super) fn fraction(c: char) -> Option<Rational> {
    FRACTIONS.iter().find(|(_, glyph)| glyph.starts_with(c)).and_then(|(plain, _)| plain.parse().ok())
}

/// `₁` where every character has a subscript form, `_Q` otherwise.
fn subscript(inside: &str) -> String {
    match lowered(inside) {
        Some(lowered) => lowered,
        None if inside.contains('×') => format!("_({inside})"),
        None => format!("_{inside}"),
    }
}

/// Numbers and marks are raised; a formula stands after a `^`.
fn superscript(inside: &str) -> String {
    let raise = |c: char| match c {
        'ᵀ' | '*' | '⊥' => Some(c),
        c if c.is_ascii_digit() || matches!(c, '−' | '+') => symbols::superscript(c),
        _ => None,
    };
    inside.chars().map(raise).collect::<Option<String>>().unwrap_or_else(|| format!("^{inside}"))
}

/// A text raised, where every character of it has a superscript.
fn raised(text: &str) -> Option<String> {
    text.chars().map(symbols::superscript).collect()
}

/// A letter with dots over it; of a word ∂ₜ says the same.
fn dotted(inside: &str, dots: u8) -> String {
    let mut chars = inside.chars();
    match chars.next() {
        Some(letter) if chars.clone().all(is_subscript) => {
            let dot = if dots == 1 { '\u{307}' } else { '\u{308}' };
            format!("{letter}{dot}{}", chars.as_str())
        }
        _ => format!("{}{inside}", "∂ₜ".repeat(usize::from(dots))),
    }
}

/// What stands between two factors so that they cannot be read as one.
fn gap(left: &str, right: &str) -> &'static str {
    let number = |c: Option<char>| c.is_some_and(char::is_numeric);
    let ends = left.chars().next_back();
    let begins = right.chars().next();
    if begins.is_some_and(|c| c.is_ascii_digit()) {
        let subscript = ends.is_some_and(is_subscript);
        if number(ends) && !subscript {
            return " · ";
        }
        if ends.is_some_and(char::is_alphabetic) && !subscript {
            return " ";
        }
    }
    if is_word(left) || is_word(right) { " " } else { "" }
}

/// Whether a token reads as more than one letter, so that a neighbour would run into it.
fn is_word(text: &str) -> bool {
    let letters = text.chars().filter(|&c| c.is_alphabetic() && !is_subscript(c)).count();
    letters > 1 || text.contains(['_', '/', '∂', '∇'])
}

const FRACTIONS: &[(&str, &str)] =
    &[("1/2", "½"), ("1/3", "⅓"), ("2/3", "⅔"), ("1/4", "¼"), ("3/4", "¾"), ("1/5", "⅕"), ("1/6", "⅙"), ("1/8", "⅛")];
