//! A product opened up: its coefficient, its factors in order, and the scalars it is divided by.

use super::super::{Expr, Op, Rational, Size, Term};
use super::source::Source;
use egg::Id;
use num_traits::{One, Signed};

/// `± coefficient · factors / divisors`.
pub(super) struct Monomial {
    pub negative: bool,
    /// Not negative.
    pub coefficient: Rational,
    pub factors: Vec<Id>,
    /// The base and the exponent q > 0 of each divisor `s ^ q`.
    pub divisors: Vec<(Id, Rational)>,
}

impl Monomial {
    /// Opens up a node, given which nodes are scalars.
    pub fn new(expr: &Expr, scalar: &[bool], id: Id) -> Monomial {
        let (mut coefficient, mut factors, mut divisors) = (Rational::one(), Vec::new(), Vec::new());
        let mut rest = vec![id];
        while let Some(id) = rest.pop() {
            match &expr[id] {
                Term::Op(Op::Mul, args) => rest.extend([args[1], args[0]]),
                Term::Num(value) => coefficient *= &**value,
                Term::Size(Size::Lit(n)) => coefficient *= Rational::from_integer((*n).into()),
                _ => match divisor(expr, scalar, id) {
                    Some(divisor) => divisors.push(divisor),
                    None => factors.push(id),
                },
            }
        }
        Monomial { negative: coefficient.is_negative(), coefficient: coefficient.abs(), factors, divisors }
    }
}

/// The base and the exponent q > 0 of a factor `s ^ -q` with a scalar s.
pub(super) fn divisor(expr: &Expr, scalar: &[bool], id: Id) -> Option<(Id, Rational)> {
    match expr.op(id) {
        Some((Op::Pow, args)) if scalar[usize::from(args[0])] => {
            let exponent = expr.num(args[1]).filter(|q| q.is_negative())?;
            Some((args[0], -exponent))
        }
        _ => None,
    }
}

/// The leaves of a tree of one associative operator, in order.
pub(super) fn operands(expr: &Expr, op: Op, id: Id) -> Vec<Id> {
    let mut out = Vec::new();
    let mut rest = vec![id];
    while let Some(id) = rest.pop() {
        match expr.op(id) {
            Some((found, args)) if found == op => rest.extend([args[1], args[0]]),
            _ => out.push(id),
        }
    }
    out
}
