//! Sizes in mathematics: `2dₖ + 1`.

use super::super::{Polynomial, Rational, Size};
use super::layout::{Level, Piece, Written};
use super::letters::apart;
use super::names::Name;
use super::token::{Group, Sign, Spacing, Token};

/// A formula of sizes as it stands among others.
pub(super) fn size_written(formula: &Polynomial) -> Written<Token> {
    let level = if formula.monomials().count() > 1 { Level::Sum } else { Level::Product };
    (level, tokens(formula, Spacing::Spaced).into_iter().map(Piece::Token).collect())
}

/// A size as an index, without spaces.
pub(super) fn size_tokens(size: Size) -> Vec<Token> {
    match size {
        Size::Lit(n) => vec![number(n)],
        Size::Name(name) => match name.as_str().strip_suffix(']').and_then(|name| name.split_once('[')) {
            Some((of, index)) => at_indices(apart(of), &[place(index)]),
            None => apart(name.as_str()),
        },
        Size::Formula(formula) => tokens(formula, Spacing::Tight),
    }
}

fn tokens(formula: &Polynomial, spacing: Spacing) -> Vec<Token> {
    let mut out = Vec::new();
    for (names, coefficient) in formula.monomials() {
        out.extend((!out.is_empty()).then_some(Token::Sign(Sign::Plus, spacing)));
        let mut factors: Vec<Vec<Token>> = Vec::new();
        if coefficient != 1 || names.is_empty() {
            factors.push(vec![number(coefficient.unsigned_abs())]);
        }
        for run in names.chunk_by(|a, b| a == b) {
            let mut factor = size_tokens(Size::Name(run[0]));
            if run.len() > 1 {
                factor.extend([Token::Begin(Group::Sup), number(run.len() as u64), Token::End]);
            }
            factors.push(factor);
        }
        out.extend(factors.join(&Token::Juxtaposition));
    }
    out
}

/// A symbol with indices in its subscript, behind one it has.
pub(super) fn at_indices(mut symbol: Vec<Token>, indices: &[Vec<Token>]) -> Vec<Token> {
    let comma = Token::Sign(Sign::Comma, Spacing::Tight);
    // The group that ends last is a subscript where it began as one.
    let mut open = Vec::new();
    let mut last = None;
    for token in &symbol {
        match token {
            Token::Begin(group) => open.push(group),
            Token::End => last = open.pop(),
            _ => last = None,
        }
    }
    if last == Some(&Group::Sub) {
        symbol.pop();
        symbol.push(comma.clone());
    } else {
        symbol.push(Token::Begin(Group::Sub));
    }
    symbol.push(Token::Begin(Group::Member));
    for (i, index) in indices.iter().enumerate() {
        symbol.extend((i > 0).then(|| comma.clone()));
        symbol.extend(index.iter().cloned());
    }
    symbol.extend([Token::End, Token::End]);
    symbol
}

fn number(n: u64) -> Token {
    Token::Number(Rational::from_integer(n.into()))
}

/// `l−1` behind the name of a family of sizes.
fn place(index: &str) -> Vec<Token> {
    let (name, sign, by) = match (index.split_once('-'), index.split_once('+')) {
        (Some((name, by)), _) => (name, Some(Sign::Minus), by),
        (_, Some((name, by))) => (name, Some(Sign::Plus), by),
        _ => (index, None, ""),
    };
    let mut out: Vec<Token> = match name.parse() {
        Ok(n) => vec![number(n)],
        // The last value of an index is a size; an index keeps its letter, which is a small one.
        Err(_) if name.starts_with(char::is_uppercase) => apart(name),
        Err(_) => Name::new(name).tokens(),
    };
    out.extend(sign.into_iter().flat_map(|sign| [Token::Sign(sign, Spacing::Tight), Token::Symbol(by.to_string())]));
    out
}
