//! The value of a formula in the sizes: how many laws there are at an instance.

use super::{Expr, Op, Rational, Size, Term};
use egg::Language;
use num_traits::{ToPrimitive, Zero};

/// The number a formula in sizes and constants has; `None` where it mentions anything else, or a size without a value.
pub(super) fn count_value(formula: &Expr, size: &dyn Fn(Size) -> Option<u64>) -> Option<Rational> {
    let mut values: Vec<Option<Rational>> = Vec::with_capacity(formula.len());
    for node in formula.as_ref() {
        let of = |i: usize| values[usize::from(node.children()[i])].clone();
        let value = match node {
            Term::Num(q) => Some(Rational::clone(q)),
            Term::Size(n) => size(*n).map(|n| Rational::from_integer(n.into())),
            Term::Op(Op::Add, _) => of(0).zip(of(1)).map(|(a, b)| a + b),
            Term::Op(Op::Mul, _) => of(0).zip(of(1)).map(|(a, b)| a * b),
            Term::Op(Op::Min, _) => of(0).zip(of(1)).map(|(a, b)| a.min(b)),
            Term::Op(Op::Max, _) => of(0).zip(of(1)).map(|(a, b)| a.max(b)),
            Term::Op(Op::Pow, _) => of(0).zip(of(1)).and_then(|(base, exponent)| power(&base, &exponent)),
            _ => None,
        };
        values.push(value);
    }
    values.pop().flatten()
}

/// An integer power of a rational number; `None` for others, and for exponents no count of laws has.
fn power(base: &Rational, exponent: &Rational) -> Option<Rational> {
    let n = exponent.is_integer().then(|| exponent.to_integer().to_i32()).flatten().filter(|n| n.abs() <= 16)?;
    (n >= 0 || !base.is_zero()).then(|| base.pow(n))
}
