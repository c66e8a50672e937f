//! Formulas as tokens: products by juxtaposition, signs and coefficients gathered, scalar divisors as quotients.

use super::super::{Expr, FunctionRow, Op, Rational, Size, Symbol, Term, Typeset};
use super::layout::{Bracket, Level, Notate, Piece, Written, bracketed, call, layout, list};
use super::monomial::{Monomial, divisor, operands};
use super::names::{Name, function};
use super::notation::Notation;
use super::scalar::scalars;
use super::size::{size_tokens, size_written};
use super::source::Source;
use super::token::{Group, Sign, Space, Spacing, Token};
use egg::{Id, Language};
use num_traits::{One, Signed};

type Pieces = Vec<Piece<Token>>;

/// The indices of a sum, none for a plain term, and what is summed: whether it is negative, and the node.
type Gathered = (Vec<Symbol>, Vec<(bool, Id)>);

/// The tokens of a formula.
pub(super) fn tokens(expr: &Expr, notation: &Notation) -> Vec<Token> {
    let scalar = scalars(expr, |name| notation.is_scalar(name));
    let mut out = layout(&Formula { expr, notation, scalar }, expr.root());
    size_brackets(&mut out);
    out
}

impl From<Token> for Piece<Token> {
    fn from(token: Token) -> Piece<Token> {
        Piece::Token(token)
    }
}

/// Some tokens as pieces.
pub(super) fn pieces(tokens: impl IntoIterator<Item = Token>) -> Pieces {
    tokens.into_iter().map(Piece::Token).collect()
}

/// Pieces as a group.
pub(super) fn group(group: Group, inside: Pieces) -> Pieces {
    let mut out = vec![Piece::Token(Token::Begin(group))];
    out.extend(inside);
    out.push(Piece::Token(Token::End));
    out
}

/// `numerator / divisor` as a group.
pub(super) fn fraction(style: Group, numerator: Pieces, divisor: Pieces) -> Pieces {
    let mut inside = numerator;
    inside.push(Piece::Token(Token::Over));
    inside.extend(divisor);
    group(style, inside)
}

/// A sign between two terms.
pub(super) fn spaced(sign: Sign) -> Piece<Token> {
    Piece::Token(Token::Sign(sign, Spacing::Spaced))
}

/// A sign that stands close to what is around it.
pub(super) fn tight(sign: Sign) -> Piece<Token> {
    Piece::Token(Token::Sign(sign, Spacing::Tight))
}

/// A superscript that is a number, entry by entry if so.
pub(super) fn exponent(value: &Rational, elementwise: bool) -> Pieces {
    let number = Token::Number(value.abs());
    let mut inside: Pieces = Vec::new();
    if elementwise {
        inside.push(tight(Sign::Circle));
    }
    if value.is_negative() {
        inside.push(tight(Sign::Negative));
    }
    let long = super::unicode::number(&value.abs()).chars().count() > 1;
    inside.push(Piece::Token(number));
    let raised = value.is_integer() && !elementwise;
    if !raised && (value.is_negative() || long) {
        inside = bracketed(Bracket::Linear, inside);
    }
    group(Group::Sup, inside)
}

/// A superscript that is a formula.
pub(super) fn superscript(exponent: Id, elementwise: bool) -> Pieces {
    let mut inside: Pieces = Vec::new();
    if elementwise {
        inside.push(tight(Sign::Circle));
    }
    inside.push(Piece::Node(exponent, Level::Postfix, Bracket::Linear));
    group(Group::Sup, inside)
}

/// Gives each bracket the size that the brackets inside it ask for.
pub(super) fn size_brackets(tokens: &mut [Token]) {
    // The open brackets and the depth found inside them so far.
    let mut open: Vec<(usize, u8)> = Vec::new();
    for i in 0..tokens.len() {
        match &tokens[i] {
            Token::Open(bracket, _) if *bracket != Bracket::Linear => open.push((i, 0)),
            Token::Close(bracket, _) if *bracket != Bracket::Linear => {
                let Some((start, depth)) = open.pop() else { continue };
                for at in [start, i] {
                    if let Token::Open(_, size) | Token::Close(_, size) = &mut tokens[at] {
                        *size = depth.min(3);
                    }
                }
                if let Some((_, outer)) = open.last_mut() {
                    *outer = (*outer).max(depth.saturating_add(1));
                }
            }
            _ => {}
        }
    }
}

struct Formula<'a> {
    expr: &'a Expr,
    notation: &'a Notation,
    scalar: Vec<bool>,
}

impl Notate for Formula<'_> {
    type Token = Token;

    fn notate(&self, id: Id) -> Written<Token> {
        let (op, args) = match &self.expr[id] {
            Term::Size(Size::Lit(n)) => return atom([number(*n)]),
            Term::Sym(name) | Term::Size(Size::Name(name)) => return atom(self.notation.symbol(*name)),
            Term::Size(Size::Formula(formula)) => return size_written(formula),
            Term::Fun(name) => return atom(function(name.as_str())),
            Term::Num(_) => return self.product(id),
            Term::Op(op, args) => (*op, args.as_slice()),
        };
        match op {
            Op::Add => (Level::Sum, self.sum(id)),
            Op::Mul => self.product(id),
            Op::Had => (Level::Product, self.hadamard(id)),
            Op::Kron => (Level::Product, self.kronecker(args)),
            Op::Pow if divisor(self.expr, &self.scalar, id).is_some() => self.product(id),
            Op::Pow | Op::HadPow => self.power(args[0], args[1], op == Op::HadPow),
            Op::Inv => (Level::Power, self.raised(args[0], exponent(&-Rational::one(), false))),
            Op::T => (Level::Power, self.raised(args[0], transpose())),
            Op::Inner => (Level::Postfix, bracketed(Bracket::Angle, list(args))),
            Op::Norm2 => (Level::Power, self.norm2(args)),
            Op::Over => self.over(id),
            Op::Last => (Level::Postfix, call(pieces(function("last")), args)),
            Op::Relabelled => match (&self.expr[args[0]], &self.expr[args[1]], &self.expr[args[2]]) {
                (Term::Sym(index), Term::Sym(p), Term::Sym(name)) => atom(self.notation.relabelled(*name, *index, *p)),
                _ => self.named(op, args),
            },
            Op::Pi => atom([letter("π")]),
            Op::Ones => self.ones(args),
            Op::Zeros => atom([number(0)]),
            Op::Eye => atom([letter("I")]),
            Op::Select => self.select(args),
            Op::Concat => self.concat(id),
            Op::Turn => atom([letter("Ω")]),
            Op::Signature => (Level::Postfix, self.signature(args)),
            Op::Apply => self.apply(args[0], args[1]),
            Op::Deriv => (Level::Postfix, vec![Piece::node(args[0], Level::Postfix), Token::Prime(1).into()]),
            Op::Diff => self.differential(args[0]),
            Op::Call(name) => (Level::Postfix, call(pieces(function(name.as_str())), args)),
            Op::Hess => (Level::Power, self.hessian(args)),
            Op::Vjp => (Level::Power, self.block([pieces([letter("J")]), star()].concat(), list(&args[1..2]), args[2])),
            Op::HessLoss => {
                let mut out = pieces([letter("ℓ"), Token::Prime(2)]);
                out.extend(bracketed(Bracket::Square, list(&args[1..])));
                (Level::Postfix, out)
            }
            Op::Grad | Op::Dot | Op::Next | Op::Err => self.quantity(op, args),
            Op::HessRows => (Level::Postfix, call(pieces(function("H_row")), args)),
            Op::HessCols => (Level::Postfix, call(pieces(function("H_col")), args)),
            Op::Tr
            | Op::Det
            | Op::Diag
            | Op::Diagvec
            | Op::Sum
            | Op::Softmax
            | Op::LogSoftmax
            | Op::LayerNorm
            | Op::RmsNorm
            | Op::Normalize
            | Op::BatchNorm
            | Op::LayerNormEps
            | Op::RmsNormEps
            | Op::NormalizeEps
            | Op::BatchNormEps
            | Op::GroupNorm
            | Op::GroupNormEps
            | Op::Unfold
            | Op::Stack
            | Op::MaxPool
            | Op::OneHot
            | Op::TopK
            | Op::StopGrad
            | Op::Taps
            | Op::PlaneTaps
            | Op::Tril
            | Op::Mse
            | Op::CrossEntropy
            | Op::Logistic
            | Op::Exponential
            | Op::Hinge
            | Op::Huber
            | Op::Min
            | Op::Max
            | Op::Rows
            | Op::Cols => self.named(op, args),
        }
    }
}

fn atom(tokens: impl IntoIterator<Item = Token>) -> Written<Token> {
    (Level::Postfix, pieces(tokens))
}

fn letter(letter: &str) -> Token {
    Token::Symbol(letter.to_string())
}

fn number(n: u64) -> Token {
    Token::Number(Rational::from_integer(n.into()))
}

fn transpose() -> Pieces {
    group(Group::Sup, vec![tight(Sign::Transpose)])
}

fn star() -> Pieces {
    group(Group::Sup, vec![tight(Sign::Star)])
}

/// A term behind others, with its sign.
fn signed(out: &mut Pieces, negative: bool, term: Pieces) {
    match (out.is_empty(), negative) {
        (true, true) => out.push(tight(Sign::Negative)),
        (true, false) => {}
        (false, true) => out.push(spaced(Sign::Minus)),
        (false, false) => out.push(spaced(Sign::Plus)),
    }
    out.extend(term);
}

/// Tokens with a symbol as their subscript.
fn at(base: Pieces, symbol: Vec<Token>) -> Pieces {
    [base, group(Group::At, pieces(symbol))].concat()
}

impl Formula<'_> {
    /// The indices of a sum over members and of the sums right inside of it, and what is summed.
    fn summed(&self, id: Id) -> Option<(Vec<Symbol>, Id)> {
        let (mut indices, mut body) = (Vec::new(), id);
        while let Some((Op::Over, args)) = self.expr.op(body) {
            let Term::Sym(index) = self.expr[args[0]] else { break };
            indices.push(index);
            body = args[1];
        }
        (!indices.is_empty()).then_some((indices, body))
    }

    /// ∑ with its indices.
    fn summation(&self, indices: &[Symbol]) -> Pieces {
        let sign = indices.iter().map(|index| self.notation.index_range(*index)).collect();
        vec![Token::Summation(sign).into(), Piece::Token(Token::Juxtaposition)]
    }

    /// ∑ᵢ X.
    fn over(&self, id: Id) -> Written<Token> {
        let Some((indices, body)) = self.summed(id) else {
            return (Level::Postfix, call(pieces(function("over")), self.expr[id].children()));
        };
        let mut out = self.summation(&indices);
        out.push(Piece::node(body, Level::Product));
        (Level::Product, out)
    }

    /// The summands with their signs, those of sums over the same indices under one sign.
    fn gathered(&self, id: Id) -> Vec<Gathered> {
        let mut out: Vec<Gathered> = Vec::new();
        for id in operands(self.expr, Op::Add, id) {
            let Monomial { negative, coefficient, factors, divisors } = Monomial::new(self.expr, &self.scalar, id);
            let summed = match factors[..] {
                [one] if coefficient.is_one() && divisors.is_empty() => self.summed(one),
                _ => None,
            };
            match summed {
                None => out.push((vec![], vec![(negative, id)])),
                Some((indices, body)) => match out.iter_mut().find(|(known, _)| *known == indices) {
                    Some((_, all)) => all.push((negative, body)),
                    None => out.push((indices, vec![(negative, body)])),
                },
            }
        }
        out
    }

    fn named(&self, op: Op, args: &[Id]) -> Written<Token> {
        (Level::Postfix, call(pieces(function(op.name().unwrap_or_default())), args))
    }

    /// The summands with their signs; a nested sum needs no brackets.
    fn sum(&self, id: Id) -> Pieces {
        let mut out = Vec::new();
        for (indices, terms) in self.gathered(id) {
            match terms[..] {
                [(negative, body)] if !indices.is_empty() => {
                    let mut pieces = self.summation(&indices);
                    pieces.push(Piece::node(body, Level::Product));
                    signed(&mut out, negative, pieces);
                }
                [(_, id)] => {
                    let (negative, pieces) = self.summand(id);
                    signed(&mut out, negative, pieces);
                }
                _ => {
                    let outside = terms.iter().all(|(negative, _)| *negative);
                    let mut inside = Vec::new();
                    for (negative, body) in terms {
                        for id in operands(self.expr, Op::Add, body) {
                            let (own, pieces) = self.summand(id);
                            signed(&mut inside, own != (negative != outside), pieces);
                        }
                    }
                    let pieces = [self.summation(&indices), bracketed(Bracket::Round, inside)].concat();
                    signed(&mut out, outside, pieces);
                }
            }
        }
        out
    }

    fn product(&self, id: Id) -> Written<Token> {
        match self.summand(id) {
            (true, mut pieces) => {
                pieces.insert(0, tight(Sign::Negative));
                (Level::Signed, pieces)
            }
            (false, pieces) => {
                let level = match self.expr.num(id) {
                    Some(value) if value.is_integer() => Level::Postfix,
                    _ => Level::Product,
                };
                (level, pieces)
            }
        }
    }

    /// Whether a node is negative, and how its absolute value is written: coefficient, factors, scalar divisors.
    fn summand(&self, id: Id) -> (bool, Pieces) {
        let Monomial { negative, coefficient, factors, divisors } = Monomial::new(self.expr, &self.scalar, id);
        if factors == [id] {
            return (negative, vec![Piece::node(id, Level::Product)]);
        }
        let mut out = Vec::new();
        let mut numerator = Vec::new();
        if factors.is_empty() || !coefficient.is_one() {
            // A fraction stands before the quotient and not in its numerator.
            let before = !coefficient.is_integer() && !factors.is_empty() && !divisors.is_empty();
            let target = if before { &mut out } else { &mut numerator };
            target.push(Token::Number(coefficient.clone()).into());
            if before {
                target.push(Piece::Token(Token::Juxtaposition));
            }
        }
        // A A is written A², rows of the identity are written as an index of what they select.
        let mut rest = factors.as_slice();
        while let Some(&first) = rest.first() {
            if !numerator.is_empty() {
                numerator.push(Piece::Token(Token::Juxtaposition));
            }
            if let Some((written, used)) = self.selected(rest) {
                numerator.extend(written);
                rest = &rest[used..];
                continue;
            }
            let power = self.scalar[usize::from(first)] || self.is_name(first);
            let used = if power { rest.iter().take_while(|id| **id == first).count() } else { 1 };
            let (run, others) = rest.split_at(used);
            rest = others;
            match run {
                [factor] => numerator.push(Piece::node(*factor, Level::Power)),
                _ => {
                    let times = Rational::from_integer(run.len().into());
                    numerator.extend(self.raised(run[0], exponent(&times, false)));
                }
            }
        }
        if divisors.is_empty() {
            out.extend(numerator);
        } else {
            let small = factors.len() <= 2 && factors.iter().all(|&f| self.is_small(f));
            let divisor = self.divisors(&divisors);
            if small && divisors.len() == 1 {
                out.extend(fraction(Group::Fraction, numerator, divisor));
            } else {
                out.extend(numerator);
                out.push(tight(Sign::Slash));
                out.extend(divisor);
            }
        }
        (negative, out)
    }

    fn divisors(&self, divisors: &[(Id, Rational)]) -> Pieces {
        let mut out = Vec::new();
        for (base, exponent) in divisors {
            if !out.is_empty() {
                out.push(Piece::Token(Token::Juxtaposition));
            }
            if exponent.is_one() {
                out.push(Piece::node(*base, Level::Power));
            } else {
                out.extend(self.constant_power(*base, exponent, false));
            }
        }
        if divisors.len() > 1 { bracketed(Bracket::Round, out) } else { out }
    }

    /// Whether a factor is a name or its transpose.
    fn is_name(&self, id: Id) -> bool {
        let name = |id: Id| matches!(self.expr[id], Term::Sym(_));
        name(id) || matches!(self.expr.op(id), Some((Op::T, args)) if name(args[0]))
    }

    /// Whether a factor is a name or one operator on names.
    fn is_small(&self, id: Id) -> bool {
        let leaf = |id: Id| self.expr[id].children().is_empty();
        leaf(id)
            || match self.expr.op(id) {
                Some((Op::Pow | Op::T | Op::Norm2 | Op::Tr | Op::Grad | Op::Dot | Op::Next | Op::Err, args)) => {
                    args.iter().all(|&c| leaf(c))
                }
                _ => false,
            }
    }

    fn hadamard(&self, id: Id) -> Pieces {
        let mut out = Vec::new();
        for id in operands(self.expr, Op::Had, id) {
            if !out.is_empty() {
                out.push(spaced(Sign::Circle));
            }
            out.push(Piece::node(id, Level::Power));
        }
        out
    }

    fn kronecker(&self, args: &[Id]) -> Pieces {
        let factor = |id: Id| {
            let level = if matches!(self.expr.op(id), Some((Op::Mul, _))) { Level::Product } else { Level::Power };
            Piece::node(id, level)
        };
        vec![factor(args[0]), spaced(Sign::Tensor), factor(args[1])]
    }

    fn power(&self, base: Id, exponent: Id, elementwise: bool) -> Written<Token> {
        let pieces = match self.expr.num(exponent) {
            Some(q) => self.constant_power(base, q, elementwise),
            None => self.raised(base, superscript(exponent, elementwise)),
        };
        (Level::Power, pieces)
    }

    fn constant_power(&self, base: Id, power: &Rational, elementwise: bool) -> Pieces {
        if *power == Rational::new(1.into(), 2.into()) && self.scalar[usize::from(base)] {
            return root(base);
        }
        self.raised(base, exponent(power, elementwise && !self.scalar[usize::from(base)]))
    }

    fn raised(&self, base: Id, superscript: Pieces) -> Pieces {
        let mut out = vec![Piece::node(base, Level::Postfix)];
        out.extend(superscript);
        out
    }

    fn norm2(&self, args: &[Id]) -> Pieces {
        let mut out = bracketed(Bracket::Norm, list(args));
        out.extend(exponent(&Rational::from_integer(2.into()), false));
        out
    }

    fn ones(&self, args: &[Id]) -> Written<Token> {
        let size = |id: Id| match &self.expr[id] {
            Term::Size(Size::Lit(n)) => Some(vec![number(*n)]),
            Term::Size(Size::Name(name)) => Some(self.notation.symbol(*name)),
            Term::Size(size @ Size::Formula(_)) => Some(size_tokens(*size)),
            _ => None,
        };
        let one = |id: Id| self.expr.is_one_size(id);
        let ones = |index: Vec<Token>| {
            let mut out = pieces([Token::Bold("1")]);
            out.extend(group(Group::Sub, pieces(index)));
            out
        };
        match (size(args[0]), size(args[1])) {
            (Some(rows), Some(_)) if one(args[1]) => (Level::Postfix, ones(rows)),
            (Some(_), Some(cols)) if one(args[0]) => (Level::Power, [ones(cols), transpose()].concat()),
            (Some(rows), Some(cols)) => {
                let index = [rows, vec![Token::Sign(Sign::Times, Spacing::Tight)], cols].concat();
                (Level::Postfix, ones(index))
            }
            _ => self.named(Op::Ones, args),
        }
    }

    /// I with its signature as an index.
    fn signature(&self, args: &[Id]) -> Pieces {
        let mut index = self.place(args[0]);
        index.push(tight(Sign::Comma));
        index.extend(self.place(args[1]));
        let mut out = pieces([letter("I")]);
        out.extend(group(Group::Sub, index));
        out
    }

    /// `I[a:b]`.
    fn select(&self, args: &[Id]) -> Written<Token> {
        let mut out = pieces([letter("I")]);
        out.extend(self.index(Some([args[0], args[1]]), None));
        (Level::Postfix, out)
    }

    /// `[a:b]`, of columns `[:, a:b]`.
    fn index(&self, rows: Option<[Id; 2]>, cols: Option<[Id; 2]>) -> Pieces {
        let range = |places: Option<[Id; 2]>| {
            let colon = vec![Token::Sign(Sign::SuchThat, Spacing::Tight).into()];
            match places {
                Some([from, to]) => [self.place(from), colon, self.place(to)].concat(),
                None => colon,
            }
        };
        let mut inside = range(rows);
        if cols.is_some() {
            inside.push(Token::Sign(Sign::Comma, Spacing::Tight).into());
            inside.extend(range(cols));
        }
        bracketed(Bracket::Square, inside)
    }

    /// A size in an index, without spaces.
    fn place(&self, id: Id) -> Pieces {
        let Term::Size(size) = &self.expr[id] else { return vec![Piece::node(id, Level::Sum)] };
        pieces(size_tokens(*size))
    }

    /// The rows that a factor selects, and whether it stands transposed.
    fn selection(&self, id: Id) -> Option<([Id; 2], bool)> {
        match self.expr.op(id)? {
            (Op::Select, args) => Some(([args[0], args[1]], false)),
            (Op::T, args) => match self.expr.op(args[0])? {
                (Op::Select, args) => Some(([args[0], args[1]], true)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The first of some factors with its rows and columns as an index, `W[a:b]`, and how many factors that takes.
    fn selected(&self, factors: &[Id]) -> Option<(Pieces, usize)> {
        let rows = self.selection(factors[0]).filter(|(_, transposed)| !transposed).map(|(places, _)| places);
        let start = usize::from(rows.is_some());
        let base =
            *factors.get(start).filter(|id| self.selection(**id).is_none() && !self.scalar[usize::from(**id)])?;
        let after = factors.get(start + 1).and_then(|id| self.selection(*id));
        let cols = after.filter(|(_, transposed)| *transposed).map(|(places, _)| places);
        if rows.is_none() && cols.is_none() {
            return None;
        }
        let used = start + 1 + usize::from(cols.is_some());
        // Rows of Xᵀ are columns of X.
        let (base, flipped) = match self.expr.op(base) {
            Some((Op::T, args)) => (args[0], true),
            _ => (base, false),
        };
        let mut out = vec![Piece::node(base, Level::Postfix)];
        out.extend(if flipped { self.index(cols, rows) } else { self.index(rows, cols) });
        out.extend(if flipped { transpose() } else { vec![] });
        Some((out, used))
    }

    /// `[X; Y]`.
    fn concat(&self, id: Id) -> Written<Token> {
        let mut out = Vec::new();
        for block in operands(self.expr, Op::Concat, id) {
            if !out.is_empty() {
                out.push(Token::Sign(Sign::Semicolon, Spacing::Tight).into());
                out.push(Token::Space(Space::Word).into());
            }
            out.push(Piece::node(block, Level::Sum));
        }
        (Level::Postfix, bracketed(Bracket::Square, out))
    }

    fn apply(&self, function: Id, argument: Id) -> Written<Token> {
        let scalar = self.scalar[usize::from(argument)];
        let typeset = match &self.expr[function] {
            Term::Fun(name) if scalar => FunctionRow::named(name.as_str()).map_or(Typeset::Name, |row| row.typeset),
            _ => Typeset::Name,
        };
        match typeset {
            Typeset::Root => (Level::Power, root(argument)),
            Typeset::Exponential => {
                let mut out = pieces([letter("e")]);
                out.extend(superscript(argument, false));
                (Level::Power, out)
            }
            Typeset::Name => (Level::Postfix, call(vec![Piece::node(function, Level::Postfix)], &[argument])),
        }
    }

    fn differential(&self, id: Id) -> Written<Token> {
        let d = Token::Upright("d");
        match &self.expr[id] {
            Term::Sym(name) => {
                let all = [vec![d], self.notation.symbol(*name)].concat();
                (Level::Power, group(Group::Unit, pieces(all)))
            }
            _ => (Level::Postfix, call(pieces([d]), &[id])),
        }
    }

    /// `H[ξ_A]` with the parameter as its index.
    fn hessian(&self, args: &[Id]) -> Pieces {
        let tangent = match &self.expr[args[1]] {
            Term::Sym(name) if self.notation.is_algebra(*name) => {
                at(pieces([letter("ξ")]), self.notation.symbol(*name))
            }
            _ => list(&args[1..]),
        };
        self.block(pieces([letter("H")]), tangent, args[0])
    }

    /// `letter[argument]` with the parameter as its index.
    fn block(&self, letter: Pieces, argument: Pieces, param: Id) -> Pieces {
        let mut out = letter;
        out.extend(bracketed(Bracket::Square, argument));
        if let Term::Sym(name) = &self.expr[param] {
            out = at(out, self.notation.symbol(*name));
        }
        out
    }

    fn quantity(&self, op: Op, args: &[Id]) -> Written<Token> {
        let Term::Sym(name) = self.expr[args[0]] else { return self.named(op, args) };
        let symbol = || self.notation.symbol(name);
        match op {
            Op::Next => (Level::Power, self.raised(args[0], group(Group::Sup, vec![tight(Sign::Plus)]))),
            Op::Dot => atom(self.notation.time_derivative(name)),
            Op::Err if self.notation.is_output(name) => atom([letter("E")]),
            Op::Err => (Level::Postfix, at(pieces([letter("E")]), symbol())),
            _ if self.notation.names_gradients() => match self.notation.gradient_index(name) {
                Some(index) => atom(self.notation.member(name, Name::indexed("G", &index).tokens())),
                None => (Level::Postfix, at(pieces([letter("G")]), symbol())),
            },
            _ => {
                let mut all = at(pieces([letter("∇")]), symbol());
                all.extend(pieces([letter("L")]));
                (Level::Product, group(Group::Unit, all))
            }
        }
    }
}

/// A root, of which text brackets what is under it.
fn root(radicand: Id) -> Pieces {
    group(Group::Root, vec![Piece::Node(radicand, Level::Postfix, Bracket::Linear)])
}

#[cfg(test)]
pub(super) mod tests;
