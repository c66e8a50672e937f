//! How wide a formula is when it is typeset.

use super::layout::Bracket;
use super::token::{Class, Group, Space, Token};

/// Roughly how wide tokens are, in points at 11 pt.
pub(super) fn points(tokens: &[Token]) -> f64 {
    let mut open: Vec<Frame> = Vec::new();
    let mut here = Frame { scale: 1.0, width: 0.0, over: None, drawn: 0.0 };
    for token in tokens {
        match token {
            Token::Begin(group) => {
                let (scale, drawn) = match group {
                    Group::Sub | Group::At | Group::Sup | Group::Raised => (0.72, 0.0),
                    Group::On => (0.72, 3.0),
                    Group::Small => (0.72, 2.4),
                    Group::Fraction | Group::Ratio => (1.0, 2.4),
                    Group::Root => (1.0, 9.5),
                    Group::Unit | Group::Member | Group::Dot(_) | Group::Declared(_) => (1.0, 0.0),
                };
                let inside = Frame { scale: here.scale * scale, width: 0.0, over: None, drawn: here.scale * drawn };
                open.push(std::mem::replace(&mut here, inside));
            }
            Token::Over => here.over = Some(std::mem::take(&mut here.width)),
            Token::End => {
                if let Some(outer) = open.pop() {
                    let inside = std::mem::replace(&mut here, outer);
                    here.width += inside.total();
                }
            }
            token => here.width += here.scale * leaf(token),
        }
    }
    while let Some(outer) = open.pop() {
        let inside = std::mem::replace(&mut here, outer);
        here.width += inside.total();
    }
    here.total()
}

/// What a group has so far.
struct Frame {
    scale: f64,
    width: f64,
    /// The width of a numerator.
    over: Option<f64>,
    /// What the group itself draws.
    drawn: f64,
}

impl Frame {
    fn total(&self) -> f64 {
        self.width.max(self.over.unwrap_or(0.0)) + self.drawn
    }
}

fn leaf(token: &Token) -> f64 {
    match token {
        Token::Symbol(text) if text.chars().nth(1).is_some() => text.chars().map(upright).sum(),
        Token::Symbol(text) => text.chars().map(italic).sum(),
        Token::Upright(text) => text.chars().map(upright).sum(),
        Token::Bold(text) => text.chars().map(|c| 1.15 * upright(c)).sum(),
        Token::Function(name) => 4.0 + name.chars().map(upright).sum::<f64>(),
        Token::Words(text) => text.chars().map(upright).sum(),
        Token::Number(value) if value.is_integer() => value.to_string().chars().map(upright).sum(),
        Token::Number(value) => {
            let digits = value.numer().to_string().len().max(value.denom().to_string().len());
            2.4 + 0.72 * 5.5 * digits as f64
        }
        Token::Sign(sign, _) => match sign.class() {
            Class::Prefix => 8.5,
            Class::Sum | Class::Product | Class::Relation => 14.0,
            Class::Punctuation => 4.6,
            Class::Ordinary => 6.0,
        },
        Token::Because(letters) => 14.0f64.max(9.0 + 8.0 * letters.len() as f64),
        Token::Prime(n) => 3.0 * f64::from(*n),
        Token::Space(Space::Word) => 0.0,
        Token::Space(Space::Thick) => 3.0,
        Token::Space(Space::Item | Space::Quad) => 11.0,
        Token::Space(Space::Wide) => 22.0,
        Token::Summation(indices) => 20.0 * indices.len() as f64,
        Token::Juxtaposition => 0.0,
        Token::Open(Bracket::Linear, _) | Token::Close(Bracket::Linear, _) => 0.0,
        Token::Open(_, size) | Token::Close(_, size) => 4.6 + f64::from((*size).min(3)),
        Token::Begin(_) | Token::Over | Token::End => 0.0,
    }
}

fn italic(c: char) -> f64 {
    match c {
        'a'..='z' => 5.7,
        'M' | 'W' => 10.5,
        'A'..='Z' => 8.8,
        '0'..='9' => 5.5,
        '∇' | 'Δ' => 9.0,
        _ => 6.8,
    }
}

fn upright(c: char) -> f64 {
    match c {
        ' ' => 3.3,
        'a'..='z' => 5.2,
        'A'..='Z' => 8.8,
        _ => 5.5,
    }
}
