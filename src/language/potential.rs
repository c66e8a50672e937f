//! Checking a `potential` statement.

use super::checker::Checker;
use super::cursor::Name;
use super::names::reserved;
use super::scope::{Entity, ModelScope, Place};
use super::syntax::Syntax;
use crate::model::Potential;
use crate::term::{
    Domain, Env, Expr, FUNCTIONS, Facts, FunctionRow, Op, Rational, Shape, Slope, Symbol, SymbolInfo, Term, infer_expr,
    mentions,
};
use num_traits::{Signed, ToPrimitive};

/// The elementwise functions whose first two derivatives the rules of the calculus know.
fn smooth() -> impl Iterator<Item = &'static FunctionRow> {
    FUNCTIONS.iter().filter(|row| row.slope == Slope::Rule)
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
                    Some(n) if n > LARGEST_POWER => return Err(Unfit::Power(Rational::clone(exponent))),
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
            let scope = ModelScope::new(&names, Place::Potential)
                .with_element(&variable.text, SymbolInfo::new(Shape::SCALAR, facts));
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
