//! How many: a number of laws as a formula in the sizes, `h(h+1)/2`.

use super::super::{Expr, Op, Rational, Size, Term};
use super::latex::Latex;
use super::layout::{Level, Notate, Piece, Token, Written, layout};
use super::math::Script;
use super::monomial::{Monomial, operands};
use super::notation::Notation;
use super::scalar::scalars;
use super::unicode::Unicode;
use egg::Id;
use num_traits::One;
use std::marker::PhantomData;

/// A formula in the sizes, in Unicode and in LaTeX: `h(h+1)/2` and `\tfrac{h(h+1)}{2}`.
pub fn count(expr: &Expr) -> (String, String) {
    (print::<Unicode>(expr), print::<Latex>(expr))
}

fn print<S: Script>(expr: &Expr) -> String {
    let count = Count { expr, scalar: scalars(expr, |_| true), script: PhantomData::<S> };
    S::render(&layout(&count, expr.root()))
}

struct Count<'a, S> {
    expr: &'a Expr,
    scalar: Vec<bool>,
    script: PhantomData<S>,
}

impl<S: Script> Notate for Count<'_, S> {
    fn notate(&self, id: Id) -> Written {
        let expr = self.expr;
        match &expr[id] {
            Term::Size(Size::Lit(n)) => (Level::Postfix, vec![Piece::text(n.to_string())]),
            Term::Size(Size::Name(name)) | Term::Sym(name) => {
                (Level::Postfix, vec![Piece::text(S::symbol(&Notation::default(), *name))])
            }
            Term::Op(Op::Add, _) => (Level::Sum, self.sum(id)),
            Term::Op(Op::Pow, args) if !self.is_divisor(id) => {
                let mut out = vec![Piece::Node(args[0], Level::Postfix)];
                match &expr[args[1]] {
                    Term::Num(q) => out.push(Piece::text(S::exponent(q, false))),
                    _ => out.extend(S::superscript(args[1], false)),
                }
                (Level::Power, out)
            }
            Term::Num(_) | Term::Op(Op::Mul | Op::Pow, _) => match self.summand(id) {
                (false, pieces) => (Level::Product, pieces),
                (true, mut pieces) => {
                    pieces.insert(0, Piece::text(S::MARKS.minus));
                    (Level::Signed, pieces)
                }
            },
            Term::Fun(name) => (Level::Postfix, vec![Piece::text(S::function(name.as_str()))]),
            Term::Op(op, args) => {
                let name = op.name().unwrap_or_default();
                (Level::Postfix, super::layout::call(vec![Piece::text(S::function(name))], args))
            }
        }
    }
}

impl<S: Script> Count<'_, S> {
    fn is_divisor(&self, id: Id) -> bool {
        super::monomial::divisor(self.expr, &self.scalar, id).is_some()
    }

    /// The whole formula is spaced, a sum inside it is not.
    fn sum(&self, id: Id) -> Vec<Piece> {
        let space = if id == self.expr.root() { " " } else { "" };
        let mut out = Vec::new();
        for id in operands(self.expr, Op::Add, id) {
            let (negative, pieces) = self.summand(id);
            let sign = if negative { S::MARKS.minus } else { "+" };
            match (out.is_empty(), negative) {
                (true, true) => out.push(Piece::text(sign)),
                (true, false) => {}
                (false, _) => out.push(Piece::text(format!("{space}{sign}{space}"))),
            }
            out.extend(pieces);
        }
        out
    }

    /// The factors; the same one several times is a power.
    fn factors<'f>(&self, factors: &'f [Id]) -> impl Iterator<Item = Vec<Piece>> + 'f {
        factors.chunk_by(|a, b| a == b).map(|run| match run {
            [one] => vec![Piece::Node(*one, Level::Power)],
            _ => vec![
                Piece::Node(run[0], Level::Postfix),
                Piece::text(S::exponent(&Rational::from_integer(run.len().into()), false)),
            ],
        })
    }

    fn summand(&self, id: Id) -> (bool, Vec<Piece>) {
        let Monomial { negative, coefficient, factors, divisors } = Monomial::new(self.expr, &self.scalar, id);
        if factors == [id] {
            return (negative, vec![Piece::Node(id, Level::Product)]);
        }
        let number = |n: &num_bigint::BigInt| (!n.is_one()).then(|| Piece::text(n.to_string()));
        let numerator = product(number(coefficient.numer()), self.factors(&factors));
        let powers = divisors.iter().map(|(base, q)| {
            let mut out = vec![Piece::Node(*base, Level::Postfix)];
            if !q.is_one() {
                out.push(Piece::text(S::exponent(q, false)));
            }
            out
        });
        let several = divisors.len() + usize::from(!coefficient.denom().is_one()) > 1;
        let divisor = product(number(coefficient.denom()), powers);
        let numerator = if numerator.is_empty() { vec![Piece::text("1")] } else { numerator };
        if divisor.is_empty() {
            (negative, numerator)
        } else {
            (negative, S::small_quotient(numerator, divisor, several))
        }
    }
}

fn product(number: Option<Piece>, factors: impl Iterator<Item = Vec<Piece>>) -> Vec<Piece> {
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
            assert_eq!(count(expr), (unicode.to_string(), latex.to_string()));
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
