//! Separable potentials of mirror flow: ψ, a function of one number, applied to every entry of a parameter.

use crate::term::{
    Expr, Facts, Op, Shape, Symbol, Term, add, apply, arguments, call_elementwise, int, mentions, mul, ratio, root,
    size, sub, sym,
};
use num_traits::One;

/// `potential quartic(x) = x^4 / 4`: a function of one number, applied to every entry of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Potential {
    pub name: Symbol,
    pub variable: Symbol,
    /// ψ as a formula in the variable.
    pub expr: Expr,
    /// Where ψ is defined: `POSITIVE`, or everywhere.
    pub domain: Facts,
}

impl Potential {
    /// The names of the potentials every model has: ψ(x) = x log x − x and ψ(x) = x²/2.
    pub const BUILTIN: [&'static str; 2] = ["entropy", "quadratic"];

    /// A potential every model has.
    pub fn builtin(name: &str) -> Option<Potential> {
        let x = sym("x".into());
        let (expr, domain) = match name {
            "entropy" => (sub(&mul(&x, &call_elementwise("log".into(), &x)), &x), Facts::POSITIVE),
            "quadratic" => (mul(&ratio(1, 2), &apply(Op::Pow, &[&x, &int(2)])), Facts::empty()),
            _ => return None,
        };
        Some(Potential { name: name.into(), variable: "x".into(), expr, domain })
    }

    /// Whether ψ is a multiple of x², so that mirror flow with it is gradient flow up to the unit of time.
    pub fn is_quadratic(&self) -> bool {
        self.name.as_str() == "quadratic"
    }

    /// ψ at every entry of a matrix of the given shape.
    pub fn at(&self, argument: &Expr, shape: Shape) -> Expr {
        entrywise(&self.expr, self.variable, argument, shape)
    }
}

/// A function of one variable at every entry of a matrix: products become elementwise, numbers matrices of ones.
fn entrywise(expr: &Expr, variable: Symbol, argument: &Expr, shape: Shape) -> Expr {
    let at = |e: &Expr| entrywise(e, variable, argument, shape);
    if !mentions(expr, variable) {
        return match root(expr) {
            _ if shape.is_scalar() => expr.clone(),
            Term::Num(value) if value.is_one() => apply(Op::Ones, &[&size(shape.rows), &size(shape.cols)]),
            _ => mul(expr, &apply(Op::Ones, &[&size(shape.rows), &size(shape.cols)])),
        };
    }
    match (root(expr), arguments(expr).as_slice()) {
        (Term::Sym(_), _) => argument.clone(),
        (Term::Op(Op::Add, _), [x, y]) => add(&at(x), &at(y)),
        (Term::Op(Op::Mul | Op::Had, _), [x, y]) => match (mentions(x, variable), mentions(y, variable)) {
            (true, false) => mul(y, &at(x)),
            (false, _) => mul(x, &at(y)),
            _ if shape.is_scalar() => mul(&at(x), &at(y)),
            _ => apply(Op::Had, &[&at(x), &at(y)]),
        },
        (Term::Op(Op::Pow | Op::HadPow, _), [x, exponent]) => {
            apply(if shape.is_scalar() { Op::Pow } else { Op::HadPow }, &[&at(x), exponent])
        }
        (Term::Op(Op::Apply, _), [function, x]) => apply(Op::Apply, &[function, &at(x)]),
        _ => expr.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_potential_is_taken_entry_by_entry() {
        let x = sym("x".into());
        let cube = add(&apply(Op::Pow, &[&x, &int(3)]), &int(2));
        let potential = Potential { name: "p".into(), variable: "x".into(), expr: cube, domain: Facts::empty() };
        let shape = Shape::column(crate::term::Size::Name("n".into()));
        let text = crate::term::print::text(&potential.at(&sym("w".into()), shape));
        assert_eq!(text, "w.^3 + 2 * ones(n)");
    }
}
