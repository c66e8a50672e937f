//! How many: a number of laws as a formula in the sizes, `h(h+1)/2`.

use super::super::{Builder, Expr, Op, Rational, Size, Term, expanded};
use super::layout::{Bracket, Level, Notate, Piece, Written, bracketed, call, layout};
use super::like_terms::{BELOW, collected};
use super::math::{exponent, fraction, pieces, size_brackets, spaced, superscript, tight};
use super::monomial::{Monomial, divisor, operands};
use super::names::{Name, function};
use super::scalar::scalars;
use super::size::{size_tokens, size_written};
use super::token::{Group, Sign, Spacing, Token};
use egg::{Id, Language};
use num_traits::{One, ToPrimitive};

type Pieces = Vec<Piece<Token>>;

/// The tokens of a formula in the sizes.
pub(super) fn tokens(expr: &Expr) -> Vec<Token> {
    let expr = &collected(&folded(expr));
    let mut out = layout(&Count { expr, scalar: scalars(expr, |_| true) }, expr.root());
    size_brackets(&mut out);
    out
}

/// The formula with sums, products and powers of numbers carried out: `2² − 1` is 3.
fn folded(expr: &Expr) -> Expr {
    let mut builder = Builder::default();
    let mut ids: Vec<Id> = Vec::with_capacity(expr.len());
    for node in expr.as_ref() {
        if let Term::Size(size @ Size::Formula(_)) = node {
            ids.push(builder.copy(&expanded(*size)));
            continue;
        }
        let node = node.clone().map_children(|child| ids[usize::from(child)]);
        let value = |id: Id| match &builder.nodes()[usize::from(id)] {
            Term::Num(value) => Some(Rational::clone(value)),
            Term::Size(Size::Lit(n)) => Some(Rational::from_integer((*n).into())),
            _ => None,
        };
        let known = match &node {
            Term::Op(op @ (Op::Add | Op::Mul | Op::Pow), args) if args.len() == 2 => {
                value(args[0]).zip(value(args[1])).and_then(|(x, y)| match op {
                    Op::Add => Some(x + y),
                    Op::Mul => Some(x * y),
                    _ => y.to_i32().filter(|k| y.is_integer() && (0..=2).contains(k)).map(|k| x.pow(k)),
                })
            }
            _ => None,
        };
        ids.push(builder.add(known.map_or(node, Term::num)));
    }
    ids.last().map_or_else(|| expr.clone(), |root| builder.finish(*root))
}

struct Count<'a> {
    expr: &'a Expr,
    scalar: Vec<bool>,
}

impl Notate for Count<'_> {
    type Token = Token;

    fn notate(&self, id: Id) -> Written<Token> {
        let expr = self.expr;
        match &expr[id] {
            Term::Size(Size::Lit(n)) => (Level::Postfix, vec![whole((*n).into())]),
            Term::Size(size @ Size::Name(_)) => (Level::Postfix, pieces(size_tokens(*size))),
            Term::Sym(name) => (Level::Postfix, pieces(Name::new(name.as_str()).tokens())),
            Term::Size(Size::Formula(formula)) => size_written(formula),
            Term::Op(Op::Add, _) => (Level::Sum, self.sum(id)),
            Term::Op(Op::Pow, args) if !self.is_divisor(id) => {
                let mut out = vec![Piece::node(args[0], Level::Postfix)];
                match &expr[args[1]] {
                    Term::Num(q) => out.extend(exponent(q, false)),
                    _ => out.extend(superscript(args[1], false)),
                }
                (Level::Power, out)
            }
            Term::Num(_) | Term::Op(Op::Mul | Op::Pow, _) => match self.summand(id) {
                (false, pieces) => (Level::Product, pieces),
                (true, mut pieces) => {
                    pieces.insert(0, tight(Sign::Negative));
                    (Level::Signed, pieces)
                }
            },
            Term::Fun(name) => (Level::Postfix, pieces(function(name.as_str()))),
            Term::Op(Op::Over, args) => {
                let index = match &expr[args[0]] {
                    Term::Sym(name) => index(name.as_str()),
                    _ => vec![],
                };
                let sign = Token::Summation(vec![(index, None)]);
                (
                    Level::Product,
                    vec![sign.into(), Piece::Token(Token::Juxtaposition), Piece::node(args[1], Level::Product)],
                )
            }
            Term::Op(op, args) => {
                let name = op.name().unwrap_or_default();
                (Level::Postfix, call(pieces(function(name)), args))
            }
        }
    }
}

impl Count<'_> {
    fn is_divisor(&self, id: Id) -> bool {
        divisor(self.expr, &self.scalar, id).is_some()
    }

    /// The whole formula is spaced, a sum inside it is not.
    fn sum(&self, id: Id) -> Pieces {
        let sign = if id == self.expr.root() { spaced } else { tight };
        let mut out = Vec::new();
        for id in operands(self.expr, Op::Add, id) {
            let (negative, pieces) = self.summand(id);
            match (out.is_empty(), negative) {
                (true, true) => out.push(tight(Sign::Negative)),
                (true, false) => {}
                (false, true) => out.push(sign(Sign::Minus)),
                (false, false) => out.push(sign(Sign::Plus)),
            }
            out.extend(pieces);
        }
        out
    }

    /// The factors; the same one several times is a power.
    fn factors<'f>(&self, factors: &'f [Id]) -> impl Iterator<Item = Pieces> + 'f {
        factors.chunk_by(|a, b| a == b).map(|run| match run {
            [one] => vec![Piece::node(*one, Level::Power)],
            _ => {
                let mut out = vec![Piece::node(run[0], Level::Postfix)];
                out.extend(exponent(&Rational::from_integer(run.len().into()), false));
                out
            }
        })
    }

    fn summand(&self, id: Id) -> (bool, Pieces) {
        let Monomial { negative, coefficient, factors, divisors } = Monomial::new(self.expr, &self.scalar, id);
        if factors == [id] {
            return (negative, vec![Piece::node(id, Level::Product)]);
        }
        let number = |n: &num_bigint::BigInt| (!n.is_one()).then(|| whole(n.clone()));
        let numerator = product(number(coefficient.numer()), self.factors(&factors));
        let powers = divisors.iter().map(|(base, q)| {
            let mut out = vec![Piece::node(*base, Level::Postfix)];
            if !q.is_one() {
                out.extend(exponent(q, false));
            }
            out
        });
        let several = divisors.len() + usize::from(!coefficient.denom().is_one()) > 1;
        let divisor = product(number(coefficient.denom()), powers);
        let numerator = if numerator.is_empty() { vec![whole(1.into())] } else { numerator };
        if divisor.is_empty() {
            (negative, numerator)
        } else {
            let divisor = if several { bracketed(Bracket::Linear, divisor) } else { divisor };
            (negative, fraction(Group::Small, numerator, divisor))
        }
    }
}

/// An index of a sum: `l`, `l<L`.
fn index(name: &str) -> Vec<Token> {
    let (name, end) = name.split_once(BELOW).map_or((name, None), |(name, end)| (name, Some(end)));
    let mut out = Name::new(name).tokens();
    if let Some(end) = end {
        out.push(Token::Sign(Sign::Less, Spacing::Tight));
        out.extend(size_tokens(Size::Name(end.into())));
    }
    out
}

fn whole(n: num_bigint::BigInt) -> Piece<Token> {
    Token::Number(Rational::from_integer(n)).into()
}

fn product(number: Option<Piece<Token>>, factors: impl Iterator<Item = Pieces>) -> Pieces {
    let mut out = Vec::from_iter(number);
    for factor in factors {
        if !out.is_empty() {
            out.push(Piece::Token(Token::Juxtaposition));
        }
        out.extend(factor);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::*;

    #[test]
    fn numbers_of_laws_print_as_one_fraction() {
        let h = size(Size::Name("h".into()));
        let r = size(Size::Name("r".into()));
        let check = |expr: &Expr, unicode: &str, latex: &str| {
            let tokens = tokens(expr);
            assert_eq!(super::super::unicode::render(&tokens), unicode);
            assert_eq!(super::super::latex::render(&tokens), latex);
        };
        let triangle = |h: &Expr| mul(&ratio(1, 2), &mul(h, &add(h, &int(1))));
        let square = |h: &Expr| apply(Op::Pow, &[h, &int(2)]);
        check(&triangle(&h), "h(h+1)/2", "\\tfrac{h (h+1)}{2}");
        check(&sub(&square(&h), &int(1)), "h² − 1", "h^{2} - 1");
        check(&sub(&triangle(&h), &triangle(&r)), "h(h+1)/2 − r(r+1)/2", "\\tfrac{h (h+1)}{2} - \\tfrac{r (r+1)}{2}");
        check(&sub(&square(&h), &square(&sub(&h, &r))), "h² − (h−r)²", "h^{2} - (h-r)^{2}");
        let gap = sub(&h, &r);
        check(&mul(&gap, &gap), "(h−r)²", "(h-r)^{2}");
        check(&mul(&int(2), &h), "2h", "2 h");
        check(&int(6), "6", "6");
        check(&mul(&int(2), &int(3)), "6", "6");
        check(&h, "h", "h");
    }
}
