//! Mathematics for a terminal: `½(‖W₁‖² − ‖W₂‖²)`.

use super::super::{Expr, Rational, Symbol};
use super::layout::{Bracket, Level, Piece, Token, bracketed};
use super::math::{Marks, Script, print};
use super::names::{Name, is_subscript, unicode_base, unicode_subscript};
use super::notation::Notation;
use egg::Id;
use num_traits::Signed;

/// A formula in Unicode.
pub fn unicode(expr: &Expr, notation: &Notation) -> String {
    print::<Unicode>(expr, notation)
}

pub(super) struct Unicode;

impl Script for Unicode {
    const MARKS: Marks = Marks {
        minus: "−",
        transpose: "ᵀ",
        next: "⁺",
        hadamard: " ∘ ",
        prime: "′",
        differential: "d",
        pull_back: "J*",
        loss_hessian: "ℓ″",
        nabla: "∇",
        loss: "L",
    };

    fn number(value: &Rational) -> String {
        let text = value.to_string();
        FRACTIONS.iter().find(|(plain, _)| *plain == text).map_or(text, |(_, glyph)| glyph.to_string())
    }

    fn exponent(value: &Rational, elementwise: bool) -> String {
        if value.is_integer() && !elementwise {
            return value.to_string().chars().map(superscript).collect();
        }
        let circle = if elementwise { "∘" } else { "" };
        let number = Unicode::number(&value.abs());
        if value.is_negative() {
            format!("^({circle}−{number})")
        } else if number.chars().count() > 1 {
            format!("^({circle}{number})")
        } else {
            format!("^{circle}{number}")
        }
    }

    fn superscript(exponent: Id, elementwise: bool) -> Vec<Piece> {
        vec![Piece::text(if elementwise { "^∘" } else { "^" }), Piece::Node(exponent, Level::Postfix)]
    }

    fn root(radicand: Id) -> Vec<Piece> {
        vec![Piece::text("√"), Piece::Node(radicand, Level::Postfix)]
    }

    fn quotient(mut numerator: Vec<Piece>, divisor: Vec<Piece>, _short: bool) -> Vec<Piece> {
        numerator.push(Piece::text("/"));
        numerator.extend(divisor);
        numerator
    }

    fn small_quotient(numerator: Vec<Piece>, divisor: Vec<Piece>, several: bool) -> Vec<Piece> {
        let divisor = if several { bracketed(Bracket::Round, divisor) } else { divisor };
        Unicode::quotient(numerator, divisor, true)
    }

    fn symbol(_: &Notation, name: Symbol) -> String {
        Name::new(name.as_str()).unicode()
    }

    fn function(name: &str) -> String {
        let parts = Name::new(name);
        if parts.is_symbol() { parts.unicode() } else { name.to_string() }
    }

    fn indexed(letter: &str, index: &str) -> String {
        format!("{letter}{}", unicode_subscript(index))
    }

    fn at(letter: &str, symbol: &str) -> String {
        format!("{letter}_{symbol}")
    }

    fn time_derivative(_: &Notation, name: Symbol) -> String {
        let name = Name::new(name.as_str());
        if name.is_symbol() {
            format!("{}\u{307}{}", unicode_base(&name.base), unicode_subscript(&name.subscript))
        } else {
            format!("∂ₜ{}", name.unicode())
        }
    }

    fn generator(symbol: &str) -> String {
        format!("ξ_{symbol}")
    }

    fn ones(rows: &str, cols: Option<&str>) -> String {
        match cols {
            None => format!("1{}", unicode_subscript(rows)),
            Some(cols) => match unicode_subscript(&format!("{rows}x{cols}")) {
                plain if plain.starts_with('_') => format!("1_({rows}×{cols})"),
                lowered => format!("1{lowered}"),
            },
        }
    }

    fn base(symbol: String) -> String {
        symbol
    }

    fn render(tokens: &[Token]) -> String {
        let mut out = String::new();
        let mut last = "";
        for (i, token) in tokens.iter().enumerate() {
            let text = match token {
                Token::Text(text) => text.as_ref(),
                Token::Open(Bracket::Round) => "(",
                Token::Close(Bracket::Round) => ")",
                Token::Open(Bracket::Square) => "[",
                Token::Close(Bracket::Square) => "]",
                Token::Open(Bracket::Angle) => "⟨",
                Token::Close(Bracket::Angle) => "⟩",
                Token::Open(Bracket::Norm) | Token::Close(Bracket::Norm) => "‖",
                Token::Juxtaposition => match tokens.get(i + 1) {
                    Some(Token::Text(next)) => gap(last, next),
                    _ if is_word(last) => " ",
                    _ => "",
                },
            };
            out.push_str(text);
            if !text.is_empty() {
                last = text;
            }
        }
        out
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

fn superscript(c: char) -> char {
    match c {
        '-' => '⁻',
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        other => other,
    }
}

const FRACTIONS: &[(&str, &str)] =
    &[("1/2", "½"), ("1/3", "⅓"), ("2/3", "⅔"), ("1/4", "¼"), ("3/4", "¾"), ("1/5", "⅕"), ("1/6", "⅙"), ("1/8", "⅛")];
