//! Mathematics for a terminal: `½(‖W₁‖² − ‖W₂‖²)`.

use super::super::Rational;
use super::layout::Bracket;
use super::names::lowered;
use super::symbols::{self, is_subscript};
use super::token::{Class, Group, Space, Spacing, Token};

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
            Token::Juxtaposition => level.0.push(Item::Juxtaposition),
            token => level.0.push(Item::Text(Text::of(leaf(token)), false)),
        }
    }
    while let Some((group, outer)) = open.pop() {
        let inside = std::mem::replace(&mut level, outer).text();
        level.close(group, inside);
    }
    // Only a spaced quotient is ever broken.
    level.text().whole.replace(OVER, SPACED)
}

/// A text with the symbols it begins and ends with, indices included.
struct Text {
    whole: String,
    first: String,
    last: String,
}

impl Text {
    /// One symbol.
    fn of(text: String) -> Text {
        Text { first: text.clone(), last: text.clone(), whole: text }
    }
}

/// What one group has so far.
#[derive(Default)]
struct Level(Vec<Item>);

enum Item {
    /// A text, and whether it belongs to what stands before it as an index does.
    Text(Text, bool),
    Juxtaposition,
}

impl Level {
    fn close(&mut self, group: &Group, inside: Text) {
        let attached = matches!(group, Group::Sub | Group::At);
        let text = match group {
            Group::Unit => Text::of(inside.whole),
            Group::Member => Text::of(format!("{MEMBER}{}", inside.whole)),
            Group::Declared(_) => inside,
            Group::Fraction | Group::Small => Text { whole: inside.whole.replacen(OVER, "/", 1), ..inside },
            Group::Ratio => Text { whole: inside.whole.replacen(OVER, SPACED, 1), ..inside },
            Group::Sub => Text::of(subscript(&inside.whole)),
            Group::At => Text::of(format!("_{}", inside.whole)),
            Group::Sup => match superscript(&inside.whole) {
                Some(raised) => Text::of(raised),
                None => Text { whole: format!("^{}", inside.whole), first: "^".into(), ..inside },
            },
            Group::Raised => match raised(&inside.whole) {
                Some(raised) => Text::of(raised),
                None => Text { whole: format!("^{}", inside.whole), first: "^".into(), ..inside },
            },
            Group::On => Text::of(format!(" on {}", inside.whole)),
            Group::Root => Text { whole: format!("√{}", inside.whole), first: "√".into(), ..inside },
            Group::Dot(n) => Text::of(dotted(&inside.whole, *n)),
        };
        self.0.push(Item::Text(text, attached));
    }

    fn text(self) -> Text {
        let mut out = Text { whole: String::new(), first: self.first(0), last: String::new() };
        for (i, item) in self.0.iter().enumerate() {
            match item {
                Item::Juxtaposition => out.whole.push_str(gap(&out.last, &self.first(i + 1))),
                Item::Text(text, attached) => {
                    out.whole.push_str(&text.whole);
                    if *attached {
                        out.last.push_str(&text.whole);
                    } else if !text.whole.is_empty() {
                        out.last.clone_from(&text.last);
                    }
                }
            }
        }
        out
    }

    /// The symbol at a place with its index.
    fn first(&self, at: usize) -> String {
        let mut out = String::new();
        for (i, item) in self.0.iter().enumerate().skip(at) {
            match item {
                Item::Text(text, _) if i == at => out.push_str(&text.first),
                Item::Text(text, true) => out.push_str(&text.whole),
                _ => break,
            }
        }
        out
    }
}

/// Where the indices of a member begin in its subscript.
const MEMBER: char = '\u{1}';

/// Where the sides of a quotient meet, until its group says how it is written.
const OVER: &str = "\u{0}";
const SPACED: &str = " / ";

fn leaf(token: &Token) -> String {
    match token {
        Token::Symbol(text) | Token::Function(text) | Token::Words(text) => text.clone(),
        Token::Upright(text) | Token::Bold(text) => (*text).into(),
        Token::Number(value) => number(value),
        Token::Sign(sign, spacing) => match (sign.class(), spacing) {
            (Class::Prefix, _) | (_, Spacing::Tight) => sign.unicode().into(),
            (Class::Punctuation, Spacing::Spaced) => format!("{} ", sign.unicode()),
            (_, Spacing::Spaced) => format!(" {} ", sign.unicode()),
        },
        Token::Because(_) => " = ".into(),
        Token::Prime(n) => match n {
            2 => "″".into(),
            n => "′".repeat(usize::from(*n)),
        },
        Token::Space(Space::Word | Space::Thick | Space::Item) => " ".into(),
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
        Token::Summation(indices) => {
            let indices: Vec<String> = indices.iter().map(|(index, _)| render(index)).collect();
            match indices.as_slice() {
                [one] if !one.contains('<') => format!("∑_{one}"),
                several => format!("∑_{{{}}}", several.join(",")),
            }
        }
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

/// `₁` where every character has a subscript form, `_Q` otherwise; the indices of a member in brackets.
fn subscript(inside: &str) -> String {
    if let Some((own, member)) = inside.split_once(MEMBER) {
        let own = own.trim_end_matches(',');
        let own = if own.is_empty() { String::new() } else { subscript(own) };
        return format!("{own}[{member}]");
    }
    match lowered(inside) {
        Some(lowered) => lowered,
        None if inside.contains('×') => format!("_({inside})"),
        None => format!("_{inside}"),
    }
}

/// Numbers and marks raised; a formula would stand after a `^`.
fn superscript(inside: &str) -> Option<String> {
    let raise = |c: char| match c {
        'ᵀ' | '*' | '⊥' => Some(c),
        c if c.is_ascii_digit() || matches!(c, '−' | '+') => symbols::superscript(c),
        _ => None,
    };
    inside.chars().map(raise).collect()
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
