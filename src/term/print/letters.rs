//! The letters that laws use, and how a name is written that is called by one.

use super::names::Name;
use super::symbols::{greek, latex_escape, without_serifs};
use super::token::{Group, Token};

/// The letters that statements, proofs and equations of motion use themselves: the loss, its Hessian, a quantity Q, the subspace or
/// direction V, the derivative S of ξ, a linear map K, a cotangent U, the Jacobian, the noise, the identity, e^x, time, the point θ, the
/// generator ξ, the hyper-parameters, and bounds. What a model calls by one of them is written otherwise.
pub const LETTERS: &[&str] =
    &["L", "H", "Q", "V", "S", "K", "U", "J", "N", "I", "Ω", "e", "t", "τ", "θ", "ξ", "λ", "γ", "η", "α", "β"];

/// A name, apart from the letters that laws use.
pub(super) fn apart(name: &str) -> Vec<Token> {
    let tokens = Name::new(name).tokens();
    match tokens.as_slice() {
        [Token::Symbol(letter)] if LETTERS.contains(&letter.as_str()) => as_spelled(name),
        _ => tokens,
    }
}

/// A name as it is spelled: a word upright, a letter without serifs.
pub(super) fn as_spelled(name: &str) -> Vec<Token> {
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        if let Some(plain) = without_serifs(letter) {
            return declared_as(&format!("\\mathsf{{{letter}}}"), vec![Token::Symbol(plain.to_string())]);
        }
        if let Some((_, command)) = greek(name) {
            return as_spelled(&command[1..]);
        }
    }
    declared_as(&format!("\\mathrm{{{}}}", latex_escape(name)), vec![Token::Symbol(name.to_string())])
}

/// A name that is written by its own LaTeX.
pub(super) fn declared_as(latex: &str, name: Vec<Token>) -> Vec<Token> {
    let mut out = vec![Token::Begin(Group::Declared(latex.to_string()))];
    out.extend(name);
    out.push(Token::End);
    out
}
