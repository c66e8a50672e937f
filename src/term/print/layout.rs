//! From a tree of precedences to a line of tokens. The work list is explicit, so the depth of a formula is bounded by
//! memory and not by the call stack.

use egg::Id;
use std::borrow::Cow;

/// How tightly a piece of output binds, loosest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Level {
    Sum,
    /// A product or number with a leading minus sign: allowed where nothing stands before it.
    Signed,
    Product,
    Power,
    /// An atom, a call, or an atom with postfix operators.
    Postfix,
}

/// A part of how a node is written.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Text(Cow<'static, str>),
    /// An argument, bracketed if it binds less tightly than this.
    Node(Id, Level),
}

impl Piece {
    pub fn text(text: impl Into<Cow<'static, str>>) -> Piece {
        Piece::Text(text.into())
    }
}

/// What the output consists of once every node is expanded.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Text(Cow<'static, str>),
    Open,
    Close,
}

/// How a node is written in terms of its arguments.
pub(super) trait Notate {
    fn notate(&self, id: Id) -> (Level, Vec<Piece>);
}

/// The tokens of the formula rooted at `root`.
pub(super) fn layout(notation: &impl Notate, root: Id) -> Vec<Token> {
    enum Work {
        Piece(Piece),
        Close,
    }
    let mut out = Vec::new();
    let mut work = vec![Work::Piece(Piece::Node(root, Level::Sum))];
    while let Some(next) = work.pop() {
        match next {
            Work::Piece(Piece::Text(text)) => out.push(Token::Text(text)),
            Work::Piece(Piece::Node(id, minimum)) => {
                let (level, pieces) = notation.notate(id);
                if level < minimum {
                    out.push(Token::Open);
                    work.push(Work::Close);
                }
                work.extend(pieces.into_iter().rev().map(Work::Piece));
            }
            Work::Close => out.push(Token::Close),
        }
    }
    out
}

/// The tokens as they are, with round brackets.
pub(super) fn plain(tokens: &[Token]) -> String {
    tokens
        .iter()
        .map(|token| match token {
            Token::Text(text) => text.as_ref(),
            Token::Open => "(",
            Token::Close => ")",
        })
        .collect()
}
