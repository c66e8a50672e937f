//! Printing formulas.

use super::{Args, Expr, Op, Rational, Term};
use egg::Id;
use num_traits::{One, Signed};

/// The formula in the grammar of the language: it parses back to the same formula.
pub fn text(expr: &Expr) -> String {
    show(expr, expr.root(), 0)
}

const SUM: u8 = 1;
const PRODUCT: u8 = 2;
const UNARY: u8 = 3;
const POWER: u8 = 4;
const POSTFIX: u8 = 5;

fn show(expr: &Expr, id: Id, outer: u8) -> String {
    let (text, level) = match &expr[id] {
        Term::Num(value) => number(value),
        Term::Sym(name) | Term::Size(name) | Term::Fun(name) => (name.to_string(), POSTFIX + 1),
        Term::Op(op, args) => operator(expr, *op, args),
    };
    if level < outer { format!("({text})") } else { text }
}

fn number(value: &Rational) -> (String, u8) {
    let level = match (value.is_integer(), value.is_negative()) {
        (true, false) => POSTFIX + 1,
        (true, true) => UNARY,
        (false, _) => PRODUCT,
    };
    (value.to_string(), level)
}

fn operator(expr: &Expr, op: Op, args: &Args) -> (String, u8) {
    let show = |i: usize, outer: u8| show(expr, args[i], outer);
    match op {
        Op::Add => {
            let right = &expr[args[1]];
            let text = match right {
                Term::Num(c) if c.is_negative() => format!("{} - {}", show(0, SUM), -c),
                Term::Op(Op::Mul, inner) if matches!(&expr[inner[0]], Term::Num(c) if c.is_negative()) => {
                    let Term::Num(c) = &expr[inner[0]] else { unreachable!() };
                    let c = -c;
                    let rest = self::show(expr, inner[1], UNARY);
                    if c.is_one() {
                        format!("{} - {rest}", show(0, SUM))
                    } else {
                        format!("{} - {c} * {rest}", show(0, SUM))
                    }
                }
                _ => format!("{} + {}", show(0, SUM), show(1, PRODUCT)),
            };
            (text, SUM)
        }
        Op::Mul => (format!("{} * {}", show(0, PRODUCT), show(1, UNARY)), PRODUCT),
        Op::Had => (format!("{} .* {}", show(0, PRODUCT), show(1, UNARY)), PRODUCT),
        Op::Pow => (format!("{} ^ {}", show(0, POSTFIX), exponent(expr, args[1])), POWER),
        Op::HadPow => (format!("{} .^ {}", show(0, POSTFIX), exponent(expr, args[1])), POWER),
        Op::T => (format!("{}'", show(0, POSTFIX)), POSTFIX),
        Op::Apply => (format!("{}({})", show(0, 0), show(1, 0)), POSTFIX + 1),
        Op::Hess | Op::HessLoss => {
            (format!("{}({})[{}]", op.name().unwrap_or_default(), show(0, 0), show(1, 0)), POSTFIX + 1)
        }
        Op::Vjp => (format!("vjp({}, {})[{}]", show(0, 0), show(2, 0), show(1, 0)), POSTFIX + 1),
        Op::Call(name) => (call(name.as_str(), (0..args.len()).map(|i| show(i, 0))), POSTFIX + 1),
        op => (call(op.name().unwrap_or_default(), (0..args.len()).map(|i| show(i, 0))), POSTFIX + 1),
    }
}

fn exponent(expr: &Expr, id: Id) -> String {
    show(expr, id, POSTFIX + 1)
}

fn call(name: &str, args: impl Iterator<Item = String>) -> String {
    format!("{name}({})", args.collect::<Vec<_>>().join(", "))
}
