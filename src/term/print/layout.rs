//! From a tree of precedences to a line of tokens. The work list is explicit, so the depth of a formula is bounded by
//! memory and not by the call stack.

use egg::Id;

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

/// The kinds of brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bracket {
    Round,
    Square,
    Angle,
    Norm,
    Brace,
    /// Round, where what stands between is written in a line; no bracket where it is raised, under a root or in a fraction.
    Linear,
}

/// What the lines of a notation consist of.
pub(super) trait Lexeme: Clone {
    fn open(bracket: Bracket) -> Self;
    fn close(bracket: Bracket) -> Self;
    /// What stands between the arguments of a call.
    fn comma() -> Vec<Self>;
}

/// A part of how a node is written.
#[derive(Clone, Debug)]
pub(super) enum Piece<T> {
    Token(T),
    /// An argument, bracketed if it binds less tightly than this.
    Node(Id, Level, Bracket),
}

impl<T> Piece<T> {
    pub fn node(id: Id, minimum: Level) -> Piece<T> {
        Piece::Node(id, minimum, Bracket::Round)
    }
}

/// How a node is written, and how tightly that binds.
pub(super) type Written<T> = (Level, Vec<Piece<T>>);

/// How a node is written in terms of its arguments.
pub(super) trait Notate {
    type Token: Lexeme;

    fn notate(&self, id: Id) -> Written<Self::Token>;
}

/// The tokens of the formula rooted at `root`.
pub(super) fn layout<N: Notate>(notation: &N, root: Id) -> Vec<N::Token> {
    let mut out = Vec::new();
    let mut work = vec![Piece::node(root, Level::Sum)];
    while let Some(piece) = work.pop() {
        match piece {
            Piece::Token(token) => out.push(token),
            Piece::Node(id, minimum, bracket) => {
                let (level, pieces) = notation.notate(id);
                let pieces = if level < minimum { bracketed(bracket, pieces) } else { pieces };
                work.extend(pieces.into_iter().rev());
            }
        }
    }
    out
}

/// The pieces between brackets.
pub(super) fn bracketed<T: Lexeme>(bracket: Bracket, mut pieces: Vec<Piece<T>>) -> Vec<Piece<T>> {
    pieces.insert(0, Piece::Token(T::open(bracket)));
    pieces.push(Piece::Token(T::close(bracket)));
    pieces
}

/// `head(x, y, …)`.
pub(super) fn call<T: Lexeme>(head: Vec<Piece<T>>, args: &[Id]) -> Vec<Piece<T>> {
    let mut out = head;
    out.extend(bracketed(Bracket::Round, list(args)));
    out
}

/// `x, y, …`.
pub(super) fn list<T: Lexeme>(args: &[Id]) -> Vec<Piece<T>> {
    let mut out = Vec::new();
    for (i, &arg) in args.iter().enumerate() {
        if i > 0 {
            out.extend(T::comma().into_iter().map(Piece::Token));
        }
        out.push(Piece::node(arg, Level::Sum));
    }
    out
}
