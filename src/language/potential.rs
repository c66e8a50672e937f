//! Separable potentials of mirror flow: ψ, a function of one number, applied to every entry of a parameter.

use super::check::Checker;
use super::cursor::Name;
use super::model::Potential;
use super::names::reserved;
use super::scope::{Entity, ModelScope, Place};
use super::syntax::Syntax;
use crate::term::{
    Domain, Env, Expr, FUNCTIONS, Facts, FunctionRow, Op, Rational, Shape, Slope, Symbol, Term, add, apply, arguments,
    call_elementwise, infer_expr, int, mentions, mul, ratio, root, size, sub, sym,
};
use num_traits::{One, Signed, ToPrimitive};

/// The elementwise functions whose first two derivatives the rules of the calculus know.
fn smooth() -> impl Iterator<Item = &'static FunctionRow> {
    FUNCTIONS.iter().filter(|row| row.slope == Slope::Rule)
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

/// The largest natural power; a larger one overflows at an ordinary argument.
const LARGEST_POWER: u64 = 64;

fn natural(value: &Rational) -> Option<u64> {
    (value.is_integer() && value.is_positive()).then(|| value.to_integer().to_u64()).flatten()
}

/// Why a formula is no potential.
enum Unfit {
    Operation(&'static str),
    Function(String),
    Power(Rational),
    Domain,
}

/// Checks that a formula is built from its variable, numbers, arithmetic and smooth elementwise functions, and that its
/// logarithms, roots and negative powers are of positive numbers where the variable has the given facts.
fn fit(expr: &Expr, variable: Symbol, domain: Facts) -> Result<(), Unfit> {
    let mut env = Env::default();
    env.declare(variable, Shape::SCALAR, domain);
    let data = infer_expr(&env, expr).map_err(|_| Unfit::Domain)?;
    let nodes = expr.as_ref();
    for node in nodes {
        match node {
            Term::Num(_) | Term::Sym(_) | Term::Fun(_) | Term::Op(Op::Add | Op::Mul | Op::Had, _) => {}
            Term::Op(Op::Pow | Op::HadPow, args) => {
                let Term::Num(exponent) = &nodes[usize::from(args[1])] else {
                    return Err(Unfit::Operation("such power"));
                };
                match natural(exponent) {
                    Some(n) if n > LARGEST_POWER => return Err(Unfit::Power(exponent.clone())),
                    Some(_) => {}
                    None if data[usize::from(args[0])].facts.contains(Facts::POSITIVE) => {}
                    None => return Err(Unfit::Domain),
                }
            }
            Term::Op(Op::Apply, args) => {
                let Term::Fun(name) = &nodes[usize::from(args[0])] else { return Err(Unfit::Operation("such call")) };
                let Some(row) = smooth().find(|row| row.name == name.as_str()) else {
                    return Err(Unfit::Function(name.to_string()));
                };
                let argument = &data[usize::from(args[1])];
                if row.domain == Domain::Positive && !argument.facts.contains(Facts::POSITIVE) {
                    return Err(Unfit::Domain);
                }
            }
            Term::Size(_) => return Err(Unfit::Operation("size")),
            Term::Op(..) => return Err(Unfit::Operation("operation on matrices")),
        }
    }
    Ok(())
}

impl Checker<'_> {
    /// Adds a `potential` statement to the model, or reports what is wrong with it.
    pub(super) fn potential(&mut self, name: &Name, variable: &Name, value: &Syntax) {
        if Potential::BUILTIN.contains(&name.text.as_str()) {
            let error = self.error(name.span, format!("`{}` is a potential every model has", name.text), "");
            return self.report(error.with_help("choose another name"));
        }
        let declared = self.declare(name, Entity::Potential);
        if let Some(what) = reserved(&variable.text) {
            let error = self.error(variable.span, format!("`{}` is {what}", variable.text), "choose another name");
            self.spoil(name);
            return self.report(error);
        }
        let symbol = Symbol::from(&variable.text);
        let names = std::mem::take(&mut self.names);
        let lower = |checker: &mut Self, facts: Facts| {
            let scope = ModelScope::new(&names, Place::Potential).with_element(&variable.text, Shape::SCALAR, facts);
            checker.lower(&scope, value)
        };
        // The variable is positive only where it has to be.
        let before = self.errors.len();
        let free = lower(self, Facts::empty()).map(|lowered| lowered.expr);
        let found = match free.as_ref().map(|expr| fit(expr, symbol, Facts::empty())) {
            Some(Ok(())) => free.map(|expr| (expr, Facts::empty())),
            _ => {
                self.errors.truncate(before);
                lower(self, Facts::POSITIVE).map(|lowered| (lowered.expr, Facts::POSITIVE))
            }
        };
        self.names = names;
        let Some((expr, domain)) = found else { return self.spoil(name) };
        let shape_error = |checker: &Self, message: String, label: &str| checker.error(value.span(), message, label);
        let error = match fit(&expr, symbol, domain) {
            Ok(()) if !mentions(&expr, symbol) => {
                Some(shape_error(self, format!("the potential does not depend on `{symbol}`"), "a constant"))
            }
            Ok(()) => None,
            Err(Unfit::Operation(what)) => Some(
                shape_error(self, format!("a potential has no {what}"), "not a function of one number")
                    .with_help("it is built from its variable, numbers, + - * / ^ and elementwise functions"),
            ),
            Err(Unfit::Function(f)) => Some(
                shape_error(self, format!("`{f}` has no known second derivative"), "not twice differentiable")
                    .with_help({
                        let names: Vec<&str> = smooth().map(|row| row.name).collect();
                        format!("the functions of a potential are {}", names.join(", "))
                    }),
            ),
            Err(Unfit::Power(q)) => {
                Some(shape_error(self, format!("the power {q} is too large"), &format!("at most {LARGEST_POWER}")))
            }
            Err(Unfit::Domain) => Some(
                shape_error(self, "the potential is not defined on a known domain".into(), "not known to be positive")
                    .with_help(format!(
                        "logarithms, roots and negative powers need a positive argument for every `{symbol}` > 0"
                    )),
            ),
        };
        match error {
            Some(error) => {
                self.spoil(name);
                self.report(error);
            }
            None if declared => {
                let name = Symbol::from(&name.text);
                self.model.potentials.push(Potential { name, variable: symbol, expr, domain });
            }
            None => {}
        }
    }
}

impl std::fmt::Display for Potential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}({}) = {}", self.name, self.variable, crate::term::print::text(&self.expr))
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
