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

/// What the output consists of once every node is written out.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Text(Cow<'static, str>),
    Open(Bracket),
    Close(Bracket),
    /// A product without a sign.
    Juxtaposition,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bracket {
    Round,
    Square,
    Angle,
    Norm,
}

/// A part of how a node is written.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Token(Token),
    /// An argument, bracketed if it binds less tightly than this.
    Node(Id, Level),
}

impl Piece {
    pub fn text(text: impl Into<Cow<'static, str>>) -> Piece {
        Piece::Token(Token::Text(text.into()))
    }
}

/// How a node is written, and how tightly that binds.
pub(super) type Written = (Level, Vec<Piece>);

/// How a node is written in terms of its arguments.
pub(super) trait Notate {
    fn notate(&self, id: Id) -> Written;
}

/// The tokens of the formula rooted at `root`.
pub(super) fn layout(notation: &impl Notate, root: Id) -> Vec<Token> {
    let mut out = Vec::new();
    let mut work = vec![Piece::Node(root, Level::Sum)];
    while let Some(piece) = work.pop() {
        match piece {
            Piece::Token(token) => out.push(token),
            Piece::Node(id, minimum) => {
                let (level, pieces) = notation.notate(id);
                let pieces = if level < minimum { bracketed(Bracket::Round, pieces) } else { pieces };
                work.extend(pieces.into_iter().rev());
            }
        }
    }
    out
}

/// The pieces between brackets.
pub(super) fn bracketed(bracket: Bracket, mut pieces: Vec<Piece>) -> Vec<Piece> {
    pieces.insert(0, Piece::Token(Token::Open(bracket)));
    pieces.push(Piece::Token(Token::Close(bracket)));
    pieces
}

/// `head(x, y, …)`.
pub(super) fn call(head: Vec<Piece>, args: &[Id]) -> Vec<Piece> {
    let mut out = head;
    out.extend(bracketed(Bracket::Round, list(args)));
    out
}

/// `x, y, …`.
pub(super) fn list(args: &[Id]) -> Vec<Piece> {
    let mut out = Vec::new();
    for (i, &arg) in args.iter().enumerate() {
        if i > 0 {
            out.push(Piece::text(", "));
        }
        out.push(Piece::Node(arg, Level::Sum));
    }
    out
}

/// The tokens as code.
pub(super) fn code(tokens: &[Token]) -> String {
    tokens
        .iter()
        .map(|token| match token {
            Token::Text(text) => text.as_ref(),
            Token::Open(Bracket::Square) => "[",
            Token::Close(Bracket::Square) => "]",
            Token::Open(_) => "(",
            Token::Close(_) => ")",
            Token::Juxtaposition => " * ",
        })
        .collect()
}
