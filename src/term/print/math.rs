//! Formulas as mathematics, for Unicode and LaTeX alike: products by juxtaposition, signs and coefficients gathered,
//! scalar divisors as quotients. What the two write differently is a [`Script`].

use super::super::{Expr, FunctionRow, Op, Rational, Size, Symbol, Term, Typeset};
use super::layout::{Bracket, Level, Notate, Piece, Token, Written, bracketed, call, layout, list};
use super::monomial::{Monomial, divisor, operands};
use super::notation::Notation;
use super::scalar::scalars;
use super::source::Source;
use egg::{Id, Language};
use num_traits::One;

/// The marks of a script; each is complete in itself.
pub(super) struct Marks {
    pub minus: &'static str,
    pub transpose: &'static str,
    pub next: &'static str,
    pub hadamard: &'static str,
    pub prime: &'static str,
    pub differential: &'static str,
    pub pull_back: &'static str,
    pub loss_hessian: &'static str,
    pub nabla: &'static str,
    pub loss: &'static str,
}

/// How the parts of a formula are written.
pub(super) trait Script {
    const MARKS: Marks;

    /// A number that is not negative.
    fn number(value: &Rational) -> String;
    /// The superscript of a constant power, entry by entry if so.
    fn exponent(value: &Rational, elementwise: bool) -> String;
    /// The superscript of a power that is a formula.
    fn superscript(exponent: Id, elementwise: bool) -> Vec<Piece>;
    fn root(radicand: Id) -> Vec<Piece>;
    /// A quotient; `short` if both sides are small.
    fn quotient(numerator: Vec<Piece>, divisor: Vec<Piece>, short: bool) -> Vec<Piece>;
    /// A quotient of sizes; `several` factors in the divisor.
    fn small_quotient(numerator: Vec<Piece>, divisor: Vec<Piece>, several: bool) -> Vec<Piece>;
    /// A matrix or a size.
    fn symbol(notation: &Notation, name: Symbol) -> String;
    /// A function: upright if its name is a word.
    fn function(name: &str) -> String;
    /// A letter with an index: `G₁`.
    fn indexed(letter: &str, index: &str) -> String;
    /// A letter with a symbol as its index: `G_W₁`.
    fn at(letter: &str, symbol: &str) -> String;
    fn time_derivative(notation: &Notation, name: Symbol) -> String;
    fn generator(symbol: &str) -> String;
    /// The matrix of ones; `None` for a column.
    fn ones(rows: &str, cols: Option<&str>) -> String;
    /// A symbol that is to take a superscript.
    fn base(symbol: String) -> String;
    fn render(tokens: &[Token]) -> String;
}

/// Prints a formula.
pub(super) fn print<S: Script>(expr: &Expr, notation: &Notation) -> String {
    let scalar = scalars(expr, |name| notation.is_scalar(name));
    let math = Math { expr, notation, scalar, script: std::marker::PhantomData::<S> };
    S::render(&layout(&math, expr.root()))
}

struct Math<'a, S> {
    expr: &'a Expr,
    notation: &'a Notation,
    scalar: Vec<bool>,
    script: std::marker::PhantomData<S>,
}

impl<S: Script> Notate for Math<'_, S> {
    fn notate(&self, id: Id) -> Written {
        let marks = S::MARKS;
        let (op, args) = match &self.expr[id] {
            Term::Size(Size::Lit(n)) => return atom(n.to_string()),
            Term::Sym(name) | Term::Size(Size::Name(name)) => return atom(S::symbol(self.notation, *name)),
            Term::Fun(name) => return atom(S::function(name.as_str())),
            Term::Num(_) => return self.product(id),
            Term::Op(op, args) => (*op, args.as_slice()),
        };
        match op {
            Op::Add => (Level::Sum, self.sum(id)),
            Op::Mul => self.product(id),
            Op::Had => (Level::Product, self.hadamard(id)),
            Op::Pow if divisor(self.expr, &self.scalar, id).is_some() => self.product(id),
            Op::Pow | Op::HadPow => self.power(args[0], args[1], op == Op::HadPow),
            Op::Inv => (Level::Power, self.raised(args[0], S::exponent(&-Rational::one(), false))),
            Op::T => (Level::Power, self.raised(args[0], marks.transpose)),
            Op::Inner => (Level::Postfix, bracketed(Bracket::Angle, list(args))),
            Op::Norm2 => (Level::Power, self.norm2(args)),
            Op::Ones => self.ones(args),
            Op::Zeros => atom("0"),
            Op::Eye => atom("I"),
            Op::Apply => self.apply(args[0], args[1]),
            Op::Deriv => (Level::Postfix, vec![Piece::Node(args[0], Level::Postfix), Piece::text(marks.prime)]),
            Op::Diff => self.differential(args[0]),
            Op::Call(name) => (Level::Postfix, call(vec![Piece::text(S::function(name.as_str()))], args)),
            Op::Hess => (Level::Power, self.hessian(args)),
            Op::Vjp => (Level::Power, self.block(marks.pull_back, list(&args[1..2]), args[2])),
            Op::HessLoss => {
                let mut out = vec![Piece::text(marks.loss_hessian)];
                out.extend(bracketed(Bracket::Square, list(&args[1..])));
                (Level::Postfix, out)
            }
            Op::Grad | Op::Dot | Op::Next | Op::Err => self.quantity(op, args),
            Op::HessRows => (Level::Postfix, call(vec![Piece::text(S::function("H_row"))], args)),
            Op::HessCols => (Level::Postfix, call(vec![Piece::text(S::function("H_col"))], args)),
            Op::Tr
            | Op::Diag
            | Op::Diagvec
            | Op::Sum
            | Op::Softmax
            | Op::LogSoftmax
            | Op::LayerNorm
            | Op::RmsNorm
            | Op::Normalize
            | Op::BatchNorm
            | Op::Unfold
            | Op::Mse
            | Op::CrossEntropy
            | Op::Logistic
            | Op::Exponential
            | Op::Min
            | Op::Rows
            | Op::Cols => self.named(op, args),
        }
    }
}

fn atom(text: impl Into<std::borrow::Cow<'static, str>>) -> Written {
    (Level::Postfix, vec![Piece::text(text)])
}

impl<S: Script> Math<'_, S> {
    fn named(&self, op: Op, args: &[Id]) -> Written {
        (Level::Postfix, call(vec![Piece::text(S::function(op.name().unwrap_or_default()))], args))
    }

    /// The summands with their signs; a nested sum needs no brackets.
    fn sum(&self, id: Id) -> Vec<Piece> {
        let mut out = Vec::new();
        for id in operands(self.expr, Op::Add, id) {
            let (negative, pieces) = self.summand(id);
            out.push(Piece::text(match (out.is_empty(), negative) {
                (true, true) => S::MARKS.minus.to_string(),
                (true, false) => String::new(),
                (false, true) => format!(" {} ", S::MARKS.minus),
                (false, false) => " + ".to_string(),
            }));
            out.extend(pieces);
        }
        out
    }

    fn product(&self, id: Id) -> Written {
        match self.summand(id) {
            (true, mut pieces) => {
                pieces.insert(0, Piece::text(S::MARKS.minus));
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
    fn summand(&self, id: Id) -> (bool, Vec<Piece>) {
        let Monomial { negative, coefficient, factors, divisors } = Monomial::new(self.expr, &self.scalar, id);
        if factors == [id] {
            return (negative, vec![Piece::Node(id, Level::Product)]);
        }
        let mut out = Vec::new();
        let mut numerator = Vec::new();
        if factors.is_empty() || !coefficient.is_one() {
            // A fraction stands before the quotient and not in its numerator.
            let before = !coefficient.is_integer() && !factors.is_empty() && !divisors.is_empty();
            let target = if before { &mut out } else { &mut numerator };
            target.push(Piece::text(S::number(&coefficient)));
            if before {
                target.push(Piece::Token(Token::Juxtaposition));
            }
        }
        // A A is written A².
        for run in factors.chunk_by(|a, b| a == b && (self.scalar[usize::from(*a)] || self.is_name(*a))) {
            if !numerator.is_empty() {
                numerator.push(Piece::Token(Token::Juxtaposition));
            }
            match run {
                [factor] => numerator.push(Piece::Node(*factor, Level::Power)),
                _ => {
                    let times = Rational::from_integer(run.len().into());
                    numerator.extend(self.raised(run[0], S::exponent(&times, false)));
                }
            }
        }
        if divisors.is_empty() {
            out.extend(numerator);
        } else {
            let small = factors.len() <= 2 && factors.iter().all(|&f| self.is_small(f));
            out.extend(S::quotient(numerator, self.divisors(&divisors), small && divisors.len() == 1));
        }
        (negative, out)
    }

    fn divisors(&self, divisors: &[(Id, Rational)]) -> Vec<Piece> {
        let mut out = Vec::new();
        for (base, exponent) in divisors {
            if !out.is_empty() {
                out.push(Piece::Token(Token::Juxtaposition));
            }
            if exponent.is_one() {
                out.push(Piece::Node(*base, Level::Power));
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

    fn hadamard(&self, id: Id) -> Vec<Piece> {
        let mut out = Vec::new();
        for id in operands(self.expr, Op::Had, id) {
            if !out.is_empty() {
                out.push(Piece::text(S::MARKS.hadamard));
            }
            out.push(Piece::Node(id, Level::Power));
        }
        out
    }

    fn power(&self, base: Id, exponent: Id, elementwise: bool) -> Written {
        let pieces = match self.expr.num(exponent) {
            Some(q) => self.constant_power(base, q, elementwise),
            None => {
                let mut out = self.base(base);
                out.extend(S::superscript(exponent, elementwise));
                out
            }
        };
        (Level::Power, pieces)
    }

    fn constant_power(&self, base: Id, exponent: &Rational, elementwise: bool) -> Vec<Piece> {
        if *exponent == Rational::new(1.into(), 2.into()) && self.scalar[usize::from(base)] {
            return S::root(base);
        }
        self.raised(base, S::exponent(exponent, elementwise && !self.scalar[usize::from(base)]))
    }

    /// The base of a superscript.
    fn base(&self, id: Id) -> Vec<Piece> {
        match &self.expr[id] {
            Term::Sym(name) | Term::Size(Size::Name(name)) => {
                vec![Piece::text(S::base(S::symbol(self.notation, *name)))]
            }
            _ => vec![Piece::Node(id, Level::Postfix)],
        }
    }

    fn raised(&self, base: Id, superscript: impl Into<std::borrow::Cow<'static, str>>) -> Vec<Piece> {
        let mut out = self.base(base);
        out.push(Piece::text(superscript));
        out
    }

    fn norm2(&self, args: &[Id]) -> Vec<Piece> {
        let mut out = bracketed(Bracket::Norm, list(args));
        out.push(Piece::text(S::exponent(&Rational::from_integer(2.into()), false)));
        out
    }

    fn ones(&self, args: &[Id]) -> Written {
        let size = |id: Id| match &self.expr[id] {
            Term::Size(Size::Lit(n)) => Some(n.to_string()),
            Term::Size(Size::Name(name)) => Some(S::symbol(self.notation, *name)),
            _ => None,
        };
        let one = |id: Id| self.expr.is_one_size(id);
        match (size(args[0]), size(args[1])) {
            (Some(rows), Some(_)) if one(args[1]) => atom(S::ones(&rows, None)),
            (Some(_), Some(cols)) if one(args[0]) => {
                (Level::Power, vec![Piece::text(S::ones(&cols, None)), Piece::text(S::MARKS.transpose)])
            }
            (Some(rows), Some(cols)) => atom(S::ones(&rows, Some(&cols))),
            _ => self.named(Op::Ones, args),
        }
    }

    fn apply(&self, function: Id, argument: Id) -> Written {
        let scalar = self.scalar[usize::from(argument)];
        let typeset = match &self.expr[function] {
            Term::Fun(name) if scalar => FunctionRow::named(name.as_str()).map_or(Typeset::Name, |row| row.typeset),
            _ => Typeset::Name,
        };
        match typeset {
            Typeset::Root => (Level::Power, S::root(argument)),
            Typeset::Exponential => {
                let mut out = vec![Piece::text("e")];
                out.extend(S::superscript(argument, false));
                (Level::Power, out)
            }
            Typeset::Name => (Level::Postfix, call(vec![Piece::Node(function, Level::Postfix)], &[argument])),
        }
    }

    fn differential(&self, id: Id) -> Written {
        let d = S::MARKS.differential;
        match &self.expr[id] {
            Term::Sym(name) => (Level::Power, vec![Piece::text(format!("{d}{}", S::symbol(self.notation, *name)))]),
            _ => (Level::Postfix, call(vec![Piece::text(d)], &[id])),
        }
    }

    /// `H[ξ_A]` with the parameter as its index.
    fn hessian(&self, args: &[Id]) -> Vec<Piece> {
        let tangent = match &self.expr[args[1]] {
            Term::Sym(name) if self.notation.is_algebra(*name) => {
                vec![Piece::text(S::generator(&S::symbol(self.notation, *name)))]
            }
            _ => list(&args[1..]),
        };
        self.block("H", tangent, args[0])
    }

    /// `letter[argument]` with the parameter as its index.
    fn block(&self, letter: &'static str, argument: Vec<Piece>, param: Id) -> Vec<Piece> {
        let mut out = vec![Piece::text(letter)];
        out.extend(bracketed(Bracket::Square, argument));
        if let Term::Sym(name) = &self.expr[param] {
            out.push(Piece::text(S::at("", &S::symbol(self.notation, *name))));
        }
        out
    }

    fn quantity(&self, op: Op, args: &[Id]) -> Written {
        let Term::Sym(name) = self.expr[args[0]] else { return self.named(op, args) };
        let symbol = || S::symbol(self.notation, name);
        match op {
            Op::Next => (Level::Power, self.raised(args[0], S::MARKS.next)),
            Op::Dot => atom(S::time_derivative(self.notation, name)),
            Op::Err if self.notation.is_output(name) => atom("E"),
            Op::Err => atom(S::at("E", &symbol())),
            _ if self.notation.names_gradients() => match self.notation.gradient_index(name) {
                Some(index) => atom(S::indexed("G", &index)),
                None => atom(S::at("G", &symbol())),
            },
            _ => (Level::Product, vec![Piece::text(format!("{}{}", S::at(S::MARKS.nabla, &symbol()), S::MARKS.loss))]),
        }
    }
}

#[cfg(test)]
mod tests;
