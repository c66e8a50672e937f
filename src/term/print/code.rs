//! Lines of code: text, and the names in it.

use super::layout::{Bracket, Lexeme, Piece};
use std::borrow::Cow;

/// What a line of code consists of.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Code {
    Text(Cow<'static, str>),
    /// A name that has to be given for the code to run.
    Name(String),
    Open(Bracket),
    Close(Bracket),
}

impl Lexeme for Code {
    fn open(bracket: Bracket) -> Code {
        Code::Open(bracket)
    }

    fn close(bracket: Bracket) -> Code {
        Code::Close(bracket)
    }

    fn comma() -> Vec<Code> {
        vec![Code::Text(", ".into())]
    }
}

impl Piece<Code> {
    pub fn text(text: impl Into<Cow<'static, str>>) -> Piece<Code> {
        Piece::Token(Code::Text(text.into()))
    }

    pub fn name(name: String) -> Piece<Code> {
        Piece::Token(Code::Name(name))
    }
}

/// The tokens as code.
pub(super) fn code(tokens: &[Code]) -> String {
    let text = |token: &Code| match token {
        Code::Text(text) => text.to_string(),
        Code::Name(name) => name.clone(),
        Code::Open(Bracket::Square) => "[".into(),
        Code::Close(Bracket::Square) => "]".into(),
        Code::Open(_) => "(".into(),
        Code::Close(_) => ")".into(),
    };
    tokens.iter().map(text).collect()
}

/// The names in the order they occur in, each once.
pub(super) fn names(tokens: &[Code]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for token in tokens {
        if let Code::Name(name) = token
            && !out.contains(name)
        {
            out.push(name.clone());
        }
    }
    out
}
