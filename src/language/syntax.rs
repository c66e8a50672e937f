//! Tokens → the syntax tree of an expression. The tree is an arena in which arguments stand before what uses them, so
//! every later pass is a loop and no expression, however deep, costs stack.

use super::cursor::{Cursor, Name, Parsed};
use super::diagnostic::Diagnostic;
use super::index::{self, IndexSyntax};
use super::lexer::Kind;
use super::member::{self, MemberIndex};
use super::source::Span;
use crate::term::{OPS, Rational, Spelling};
use num_bigint::BigInt;

/// How deep brackets may nest.
const MAX_NESTING: usize = 200;
/// How deep operations may nest, a sum of n terms counting as n. Later stages may recurse over formulas.
const MAX_DEPTH: usize = 1000;
/// The most digits a number may have.
const MAX_DIGITS: usize = 60;

pub(super) type NodeId = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Sub,
    Mul,
    Had,
    Div,
    Pow,
    HadPow,
    HadDiv,
}

#[derive(Clone, Debug)]
pub(super) enum NodeKind {
    Number(Rational),
    Name(String),
    /// `?name`, with the question mark.
    Variable(String),
    /// `W[l, i]`.
    Member(Name, Vec<MemberIndex>),
    /// `sum(i in 1..H) X`.
    Over(IndexSyntax, NodeId),
    Negate(NodeId),
    Transpose(NodeId),
    Binary(Binary, NodeId, NodeId),
    /// `a..b`, an argument of `rows` and `cols`.
    Range(NodeId, NodeId),
    /// `callee(args)`, and what follows the parenthesis; the callee may be a pattern variable.
    Call {
        callee: Name,
        args: Vec<NodeId>,
        then: Then,
    },
}

impl NodeKind {
    /// The nodes it is made of.
    pub fn arguments_mut(&mut self) -> Vec<&mut NodeId> {
        match self {
            NodeKind::Number(_) | NodeKind::Name(_) | NodeKind::Variable(_) | NodeKind::Member(..) => vec![],
            NodeKind::Negate(x) | NodeKind::Transpose(x) | NodeKind::Over(_, x) => vec![x],
            NodeKind::Binary(_, x, y) | NodeKind::Range(x, y) => vec![x, y],
            NodeKind::Call { args, then: Then::Nothing, .. } => args.iter_mut().collect(),
            NodeKind::Call { args, then: Then::Bracket(x) | Then::Applied(x), .. } => {
                args.iter_mut().chain([x]).collect()
            }
        }
    }
}

/// What follows `callee(args)`.
#[derive(Clone, Debug)]
pub(super) enum Then {
    Nothing,
    /// `callee(args)[Z]`.
    Bracket(NodeId),
    /// `callee(args)(X)`.
    Applied(NodeId),
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub kind: NodeKind,
    pub span: Span,
    depth: usize,
}

/// An expression; the last node is the root.
#[derive(Clone, Debug, Default)]
pub(super) struct Syntax {
    pub nodes: Vec<Node>,
}

impl Syntax {
    pub fn span(&self) -> Span {
        self.nodes.last().map_or(Span::at(0), |node| node.span)
    }

    /// Adds a node to an expression that was read before, and is as deep as it was.
    pub fn put(&mut self, kind: NodeKind, span: Span) -> NodeId {
        self.nodes.push(Node { kind, span, depth: 0 });
        self.nodes.len() - 1
    }

    /// Leaves out what the root does not use.
    pub fn prune(&mut self) {
        let mut used = vec![false; self.nodes.len()];
        used.iter_mut().rev().take(1).for_each(|root| *root = true);
        for (at, node) in self.nodes.iter_mut().enumerate().rev() {
            if used[at] {
                node.kind.arguments_mut().into_iter().for_each(|id| used[*id] = true);
            }
        }
        let mut moved = vec![0; self.nodes.len()];
        let mut kept = Vec::new();
        for (at, mut node) in std::mem::take(&mut self.nodes).into_iter().enumerate().filter(|(at, _)| used[*at]) {
            node.kind.arguments_mut().into_iter().for_each(|id| *id = moved[*id]);
            moved[at] = kept.len();
            kept.push(node);
        }
        self.nodes = kept;
    }
}

/// An expression from the next token on.
pub(super) fn expression(cursor: &mut Cursor<'_>) -> Parsed<Syntax> {
    let mut parser = Parser { cursor, syntax: Syntax::default(), nesting: 0 };
    parser.sum()?;
    Ok(parser.syntax)
}

struct Parser<'p, 'a> {
    cursor: &'p mut Cursor<'a>,
    syntax: Syntax,
    nesting: usize,
}

impl Parser<'_, '_> {
    fn push(&mut self, mut kind: NodeKind, span: Span) -> Parsed<NodeId> {
        let below = kind.arguments_mut().into_iter().map(|id| self.syntax.nodes[*id].depth).max().unwrap_or(0);
        if below >= MAX_DEPTH {
            let message = format!("this formula is more than {MAX_DEPTH} operations deep");
            let error = self.cursor.error(self.cursor.last_span(), message, "here");
            return Err(error.with_help("split it with `let`").into());
        }
        self.syntax.nodes.push(Node { kind, span, depth: below + 1 });
        Ok(self.syntax.nodes.len() - 1)
    }

    fn span(&self, id: NodeId) -> Span {
        self.syntax.nodes[id].span
    }

    fn binary(&mut self, op: Binary, left: NodeId, right: NodeId) -> Parsed<NodeId> {
        let span = self.span(left).to(self.cursor.last_span());
        self.push(NodeKind::Binary(op, left, right), span)
    }

    /// Parses what stands in a bracket that has just been opened, counting the nesting.
    fn nested<T>(&mut self, inside: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            let message = format!("brackets nest more than {MAX_NESTING} deep");
            return Err(self.cursor.error(self.cursor.last_span(), message, "here").into());
        }
        let value = inside(self);
        self.nesting -= 1;
        value
    }

    fn sum(&mut self) -> Parsed<NodeId> {
        let mut left = self.product()?;
        loop {
            let op = match self.cursor.peek().kind {
                Kind::Symbol("+") => Binary::Add,
                Kind::Symbol("-") => Binary::Sub,
                _ => return Ok(left),
            };
            self.cursor.advance();
            let right = self.product()?;
            left = self.binary(op, left, right)?;
        }
    }

    fn product(&mut self) -> Parsed<NodeId> {
        let mut left = self.signed()?;
        loop {
            let op = match self.cursor.peek().kind {
                Kind::Symbol("*") => Binary::Mul,
                Kind::Symbol(".*") => Binary::Had,
                Kind::Symbol("./") => Binary::HadDiv,
                Kind::Symbol("/") => Binary::Div,
                _ => return Ok(left),
            };
            self.cursor.advance();
            let right = self.signed()?;
            left = self.binary(op, left, right)?;
        }
    }

    fn signed(&mut self) -> Parsed<NodeId> {
        self.negated(Self::power)
    }

    fn negated(&mut self, operand: impl FnOnce(&mut Self) -> Parsed<NodeId>) -> Parsed<NodeId> {
        let mut signs = Vec::new();
        while let Some(sign) = self.cursor.eat("-") {
            signs.push(sign);
        }
        let mut id = operand(self)?;
        for sign in signs.into_iter().rev() {
            let span = sign.to(self.span(id));
            id = self.push(NodeKind::Negate(id), span)?;
        }
        Ok(id)
    }

    fn power(&mut self) -> Parsed<NodeId> {
        let base = self.postfix()?;
        let op = match self.cursor.peek().kind {
            Kind::Symbol("^") => Binary::Pow,
            Kind::Symbol(".^") => Binary::HadPow,
            _ => return Ok(base),
        };
        self.cursor.advance();
        let exponent = self.negated(Self::primary)?;
        if self.cursor.at_symbol("'") || self.cursor.at_symbol("^") || self.cursor.at_symbol(".^") {
            let symbol = self.cursor.peek_text();
            let message = format!("`{symbol}` after a power needs parentheses");
            let error = self.cursor.error(self.cursor.peek().span, message, "ambiguous");
            let written = if symbol == "'" { "(X ^ q)'".to_string() } else { format!("(X ^ q) {symbol} r") };
            return Err(error.with_help(format!("write `{written}`")).into());
        }
        self.binary(op, base, exponent)
    }

    fn postfix(&mut self) -> Parsed<NodeId> {
        let mut id = self.primary()?;
        while let Some(quote) = self.cursor.eat("'") {
            let span = self.span(id).to(quote);
            id = self.push(NodeKind::Transpose(id), span)?;
        }
        Ok(id)
    }

    fn primary(&mut self) -> Parsed<NodeId> {
        let token = self.cursor.peek();
        let text = self.cursor.peek_text();
        match token.kind {
            Kind::Number => {
                let value = number(text).ok_or_else(|| self.too_long(token.span))?;
                self.cursor.advance();
                self.push(NodeKind::Number(value), token.span)
            }
            Kind::Name | Kind::Variable => {
                self.cursor.advance();
                let callee = Name { text: text.to_string(), span: token.span };
                if text == "sum" && self.cursor.at_symbol("(") && self.cursor.peek_third_text() == "in" {
                    return self.over(token.span);
                }
                if let Some(open) = self.cursor.eat("(") {
                    self.nested(|parser| parser.call(callee, open))
                } else if token.kind == Kind::Variable {
                    self.push(NodeKind::Variable(callee.text), token.span)
                } else if self.cursor.at_symbol("[") {
                    let indices = member::member(self.cursor)?;
                    let span = token.span.to(self.cursor.last_span());
                    self.push(NodeKind::Member(callee, indices), span)
                } else {
                    self.push(NodeKind::Name(callee.text), token.span)
                }
            }
            Kind::Symbol("(") => {
                let open = self.cursor.advance().span;
                let id = self.nested(Self::sum)?;
                let close = self.cursor.close(")", open)?;
                // The parentheses belong to what an error about the operand underlines.
                self.syntax.nodes[id].span = open.to(close);
                Ok(id)
            }
            Kind::Symbol(twice @ ("*" | "/")) if self.cursor.follows(twice) => {
                let help = if twice == "*" { "write `^` for a power: `X ^ 2`" } else { "a comment starts with `#`" };
                Err(self.cursor.unexpected("an expression").with_help(help).into())
            }
            Kind::Symbol("+") => {
                Err(self.cursor.unexpected("an expression").with_help("`+` stands between two terms").into())
            }
            _ => Err(self.cursor.unexpected("an expression").into()),
        }
    }

    /// `sum(i in 1..H) X` from its parenthesis on; the product that follows is what is summed.
    fn over(&mut self, word: Span) -> Parsed<NodeId> {
        let open = self.cursor.expect("(", "`(`")?;
        let index = index::index(self.cursor)?;
        if let Some((_, span)) = index.less {
            let error = self.cursor.error(span, "a sum over members is over all of them", "not to the last one");
            return Err(error.with_help("write `sum(i in 1..H) …`").into());
        }
        self.cursor.close(")", open)?;
        let body = self.nested(Self::product)?;
        let span = word.to(self.cursor.last_span());
        self.push(NodeKind::Over(index, body), span)
    }

    /// The arguments of a call whose parenthesis has been opened, and what follows them.
    fn call(&mut self, callee: Name, open: Span) -> Parsed<NodeId> {
        let mut args = Vec::new();
        if !self.cursor.at_symbol(")") {
            args.push(self.argument()?);
            while self.cursor.eat(",").is_some() {
                args.push(self.argument()?);
            }
        }
        self.cursor.close(")", open).map_err(|error| match self.cursor.at_symbol("=") {
            true => Box::new(error.with_help("no argument has a name; a function of columns acts on each column")),
            false => error,
        })?;
        let then = if let Some(open) = self.cursor.eat("[") {
            let id = self.sum()?;
            self.cursor.close("]", open)?;
            Then::Bracket(id)
        } else if let Some(open) = self.cursor.eat("(") {
            let id = self.sum()?;
            self.cursor.close(")", open)?;
            Then::Applied(id)
        } else {
            Then::Nothing
        };
        let span = callee.span.to(self.cursor.last_span());
        let bracketed = || OPS.iter().any(|row| matches!(row.spelling, Spelling::Bracket(name) if name == callee.text));
        if matches!(then, Then::Bracket(_)) && !bracketed() {
            let message = format!("`{}` takes no argument in `[ ]`", callee.text);
            return Err(self.cursor.error(span, message, "no such operator").into());
        }
        self.push(NodeKind::Call { callee, args, then }, span)
    }

    /// An argument of a call: an expression, or the rows `a..b`.
    fn argument(&mut self) -> Parsed<NodeId> {
        let from = self.sum()?;
        if self.cursor.eat("..").is_none() {
            return Ok(from);
        }
        let to = self.sum()?;
        let span = self.span(from).to(self.cursor.last_span());
        self.push(NodeKind::Range(from, to), span)
    }

    fn too_long(&self, span: Span) -> Diagnostic {
        self.cursor.error(span, format!("a number has at most {MAX_DIGITS} digits"), "too long")
    }
}

/// The exact value of `2` or `0.25`.
pub(super) fn number(text: &str) -> Option<Rational> {
    let (text, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let power: i32 = power.parse().ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.len() + fraction.len() + usize::try_from(power.unsigned_abs()).ok()?;
    let numerator: BigInt =
        if digits <= MAX_DIGITS { format!("{whole}{fraction}").parse().ok()? } else { return None };
    let denominator = BigInt::from(10).pow(u32::try_from(fraction.len()).ok()?);
    Some(Rational::new(numerator, denominator) * Rational::from_integer(10.into()).pow(power))
}
