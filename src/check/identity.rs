//! Identities between parameters, gradient and curvature, for a random element of the Lie algebra where they hold for all.

use super::CheckError;
use super::checker::{Checker, Measured};
use super::member::Member;
use super::motion::Motion;
use super::shared::Orbit;
use crate::eval::{Bindings, EvalError, Reals, Tape};
use crate::kernel::Element;
use crate::numeric::{Balance, InstanceQuantities, Real};
use crate::term::{Expr, Op, Rational, Symbol, scaled, summands};
use num_traits::ToPrimitive;
use std::sync::Arc;

/// The worst residual of the equations.
pub(super) fn measure<M: Real>(
    checker: &Checker<M>,
    law: &Member,
    element: Option<&Element>,
    equations: &[(Expr, Expr)],
) -> Result<Measured, CheckError> {
    let motion = law.action().map(|action| checker.motion(action)).transpose()?;
    let equations = equations
        .iter()
        .map(|(lhs, rhs)| Equation::new(checker, law, lhs, rhs))
        .collect::<Result<Vec<Equation>, EvalError>>()?;
    let mut bindings = checker.bindings.clone();
    let mut orbit = None;
    for name in elements(checker, &equations) {
        if let Some(found) = whole(checker, law, element, name)? {
            bindings.bind(name, found.a.clone());
            orbit = Some(found);
        } else {
            bindings.bind(name, value(checker, law, motion, name)?);
        }
    }
    let theta = &checker.bindings;
    let generator = |a: &M| match motion {
        Some(motion) => motion.generator(theta, a, &Reals),
        None => Err(EvalError::Unsupported("a generator of several actions together".into())),
    };
    let mut quantities = InstanceQuantities::new(&checker.instance, Some(&generator));
    if let Some(orbit) = orbit.as_deref().filter(|_| equations.iter().any(Equation::reads_hessian)) {
        quantities = quantities.knowing(&orbit.a, orbit.image(checker)?);
    }
    let bindings = bindings.with_quantities(&quantities);
    let mut residual = 0.0f64;
    for equation in &equations {
        residual = residual.max(equation.residual(&bindings)?);
    }
    Ok(Measured { residual, remark: None })
}

/// lhs − rhs as a list of summands, lowered.
struct Equation {
    terms: Vec<(f64, Tape)>,
}

impl Equation {
    fn new<M: Real>(checker: &Checker<M>, law: &Member, lhs: &Expr, rhs: &Expr) -> Result<Equation, EvalError> {
        let mut terms = Vec::new();
        for (sign, side) in [(1.0, lhs), (-1.0, rhs)] {
            for (coefficient, term) in summands(side) {
                let (number, term) = match coefficient.to_f64() {
                    Some(number) if number.is_finite() => (number, term),
                    _ => (1.0, scaled(Rational::clone(&coefficient), &term)),
                };
                terms.push((sign * number, Tape::new(&term, law.env(), checker.instance.sizes())?));
            }
        }
        Ok(Equation { terms })
    }

    fn reads_hessian(&self) -> bool {
        self.terms.iter().any(|(_, term)| term.asks(Op::Hess))
    }

    fn residual<M: Real>(&self, bindings: &Bindings<M>) -> Result<f64, CheckError> {
        let mut balance = Balance::default();
        for (coefficient, term) in &self.terms {
            balance.add(*coefficient, term.eval(bindings, &Reals)?);
        }
        Ok(balance.residual()?)
    }
}

/// The symbols of the equations that the model does not give a value: elements of the Lie algebra.
fn elements<M: Real>(checker: &Checker<M>, equations: &[Equation]) -> Vec<Symbol> {
    let mut names: Vec<Symbol> = Vec::new();
    for name in equations.iter().flat_map(|e| &e.terms).flat_map(|(_, term)| term.symbols()) {
        if checker.bindings.symbol(name).is_none() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What a law of a random element of the whole algebra shares with the others of its action.
fn whole<M: Real>(
    checker: &Checker<M>,
    law: &Member,
    element: Option<&Element>,
    name: Symbol,
) -> Result<Option<Arc<Orbit<M>>>, CheckError> {
    let Some(action) = law.action() else { return Ok(None) };
    let motion = checker.motion(action)?;
    let facts = law.env().symbol(name).ok_or_else(|| EvalError::Unbound(name.to_string()))?.facts;
    let algebra = motion.group().algebra().ok_or(CheckError::Finite)?;
    let unit = element.is_some_and(|element| element.unit);
    let is_whole = unit || motion.family(facts)?.facts == algebra.whole().facts;
    is_whole.then(|| checker.orbit(action)).transpose()
}

/// A random element of the part of the algebra that the facts of the symbol single out.
fn value<M: Real>(checker: &Checker<M>, law: &Member, motion: Option<&Motion>, name: Symbol) -> Result<M, CheckError> {
    let unbound = || EvalError::Unbound(name.to_string());
    let facts = law.env().symbol(name).ok_or_else(unbound)?.facts;
    match motion {
        Some(motion) => {
            motion.draw(&motion.family(facts)?, checker.instance.sizes(), &mut checker.stream(law, name.as_str()))
        }
        None => Err(unbound().into()),
    }
}
