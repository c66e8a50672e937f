//! Mathematics as a line of tokens: what a formula consists of, whatever script it is written in.
//!
//! A line is flat, so that the depth of a formula is bounded by memory and not by the call stack: brackets and groups are
//! tokens that open and close. Every script and every measure is a function of the tokens; nothing reads rendered text.

use super::super::Rational;
use super::layout::{Bracket, Lexeme};

/// A part of a formula.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A letter, in italics; a word, upright; digits, as they are.
    Symbol(String),
    /// A letter that is upright: the d of a differential.
    Upright(&'static str),
    /// A bold letter or digit: the vector of ones.
    Bold(&'static str),
    /// The name of a function: `relu`.
    Function(String),
    /// A number that is not negative.
    Number(Rational),
    Sign(Sign, Spacing),
    /// An equality, with the letters of its reasons over the sign.
    Because(Vec<String>),
    /// So many primes: `φ′`.
    Prime(u8),
    /// Words among mathematics, with the spaces around them.
    Words(String),
    Space(Space),
    /// The sign of a sum over the values of indices, each with what it runs to where that is known.
    Summation(Vec<(Vec<Token>, Option<Vec<Token>>)>),
    /// A product without a sign.
    Juxtaposition,
    /// A bracket and how large it is, from 0.
    Open(Bracket, u8),
    Close(Bracket, u8),
    Begin(Group),
    /// What stands between the two sides of a fraction.
    Over,
    /// The end of the group that was opened last.
    End,
}

/// Tokens that belong together.
#[derive(Clone, Debug, PartialEq)]
pub enum Group {
    /// Read as one symbol: `dW`.
    Unit,
    /// A subscript.
    Sub,
    /// A subscript that is a symbol itself: `G_W₁`.
    At,
    /// The indices of a member of a family, inside of its subscript: `[l,i]` in text.
    Member,
    /// A superscript.
    Sup,
    /// A superscript that text raises if it can: `ℝᵈ`.
    Raised,
    /// The component on a parameter: `ξ on W`.
    On,
    /// A quotient, in text with a narrow slash; it ends a line in none of its sides.
    Fraction,
    /// A small quotient, such as one of sizes.
    Small,
    /// A quotient that text spaces: `image / ‖ξ‖²`.
    Ratio,
    Root,
    /// A time derivative, once or twice.
    Dot(u8),
    /// A name with its own LaTeX, which the tokens stand for where that is not understood.
    Declared(String),
}

/// How a sign stands between its neighbours. A sign before a term is tight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    Tight,
    Spaced,
}

/// The spaces of mathematics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// Between words, and after a comma.
    Word,
    /// After the comma of a tuple.
    Thick,
    /// Between the items of a list: in text a space, typeset a quad.
    Item,
    Quad,
    Wide,
}

/// What a sign does, which decides its space and where a line may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Before a term.
    Prefix,
    Sum,
    Product,
    Relation,
    Punctuation,
    /// A sign that is itself a symbol.
    Ordinary,
}

macro_rules! signs {
    ($($(#[$doc:meta])* $name:ident $unicode:literal $latex:literal $mathml:literal $class:ident;)*) => {
        /// The signs of mathematics.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Sign {
            $($(#[$doc])* $name,)*
        }

        impl Sign {
            pub const ALL: &'static [Sign] = &[$(Sign::$name),*];

            pub fn unicode(self) -> &'static str {
                match self { $(Sign::$name => $unicode,)* }
            }

            pub fn latex(self) -> &'static str {
                match self { $(Sign::$name => $latex,)* }
            }

            pub fn mathml(self) -> &'static str {
                match self { $(Sign::$name => $mathml,)* }
            }

            pub fn class(self) -> Class {
                match self { $(Sign::$name => Class::$class,)* }
            }
        }
    };
}

signs! {
    Plus "+" "+" "+" Sum;
    Minus "−" "-" "−" Sum;
    /// The minus before a term.
    Negative "−" "-" "−" Prefix;
    Times "×" "\\times" "×" Product;
    Circle "∘" "\\circ" "∘" Product;
    Dot "·" "\\cdot" "⋅" Product;
    Tensor "⊗" "\\otimes" "⊗" Product;
    DirectSum "⊕" "\\oplus" "⊕" Product;
    Without "∖" "\\setminus" "∖" Product;
    Slash "/" "/" "/" Ordinary;
    Equal "=" "=" "=" Relation;
    NotEqual "≠" "\\ne" "≠" Relation;
    AtLeast "≥" "\\ge" "≥" Relation;
    AtMost "≤" "\\le" "≤" Relation;
    Less "<" "<" "&lt;" Relation;
    Greater ">" ">" "&gt;" Relation;
    /// At least in the order of symmetric matrices.
    Semidefinite "≥" "\\succeq" "⪰" Relation;
    In "∈" "\\in" "∈" Relation;
    MapsTo "↦" "\\mapsto" "↦" Relation;
    To "→" "\\to" "→" Relation;
    Contains "⊇" "\\supseteq" "⊇" Relation;
    Isomorphic "≅" "\\cong" "≅" Relation;
    Approximately "≈" "\\approx" "≈" Relation;
    SuchThat ":" ":" ":" Relation;
    Comma "," "," "," Punctuation;
    Semicolon ";" ";" ";" Punctuation;
    Stop "." "." "." Punctuation;
    Transpose "ᵀ" "\\top" "⊤" Ordinary;
    Star "*" "*" "*" Ordinary;
    Ellipsis "…" "\\dots" "…" Ordinary;
    Perpendicular "⊥" "\\perp" "⊥" Ordinary;
}

impl Lexeme for Token {
    fn open(bracket: Bracket) -> Token {
        Token::Open(bracket, 0)
    }

    fn close(bracket: Bracket) -> Token {
        Token::Close(bracket, 0)
    }

    fn comma() -> Vec<Token> {
        vec![Token::Sign(Sign::Comma, Spacing::Tight), Token::Space(Space::Word)]
    }
}

/// How many brackets and groups of a line lie around each of its tokens; what opens and what closes lies outside. Brackets
/// that only some scripts write do not count.
pub(super) fn depths(tokens: &[Token]) -> Vec<(u32, u32)> {
    let (mut brackets, mut groups) = (0u32, 0u32);
    let depth = |token: &Token| {
        match token {
            Token::Close(bracket, _) if *bracket != Bracket::Linear => brackets = brackets.saturating_sub(1),
            Token::End => groups = groups.saturating_sub(1),
            _ => {}
        }
        let here = (brackets, groups);
        match token {
            Token::Open(bracket, _) if *bracket != Bracket::Linear => brackets += 1,
            Token::Begin(_) => groups += 1,
            _ => {}
        }
        here
    };
    tokens.iter().map(depth).collect()
}
