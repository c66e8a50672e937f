//! Identities between parameters, gradient and curvature, for a random element of the Lie algebra where they hold for all.

use super::CheckError;
use super::checker::{Checker, Measured, tangent_norm};
use super::motion::Motion;
use crate::eval::{Bindings, EvalError, Reals, Tape};
use crate::kernel::{Element, Law};
use crate::numeric::{Balance, InstanceQuantities, gaussian};
use crate::term::{Expr, Op, Rational, Symbol, scaled, summands};
use faer::Mat;
use num_traits::ToPrimitive;
use std::cell::OnceCell;

/// The worst residual of the equations.
pub(super) fn measure(
    checker: &Checker,
    law: &Law,
    element: Option<&Element>,
    equations: &[(Expr, Expr)],
) -> Result<Measured, CheckError> {
    let motion = law.action().map(|action| checker.motion(action)).transpose()?;
    let equations = equations
        .iter()
        .map(|(lhs, rhs)| Equation::new(checker, law, lhs, rhs))
        .collect::<Result<Vec<Equation>, EvalError>>()?;
    let mut bindings = checker.bindings.clone();
    let mut largest = 0.0f64;
    for name in elements(checker, &equations) {
        let a = value(checker, law, element, motion, name)?;
        if let Some(motion) = motion {
            largest = largest.max(tangent_norm(&motion.generator(&checker.bindings, &a, &Reals)?));
        }
        bindings.bind(name, a);
    }
    let theta = &checker.bindings;
    let generator = |a: &Mat<f64>| match motion {
        Some(motion) => motion.generator(theta, a, &Reals),
        None => Err(EvalError::Unsupported("a generator of several actions together".into())),
    };
    let quantities = InstanceQuantities::new(&checker.instance, Some(&generator));
    let bindings = bindings.with_quantities(&quantities);
    let scales = OnceCell::new();
    let mut residual = 0.0f64;
    for equation in &equations {
        residual = residual.max(equation.residual(&bindings, || match scales.get() {
            Some(scales) => Ok(*scales),
            None => Scales::measure(checker, law, largest).map(|measured| *scales.get_or_init(|| measured)),
        })?);
    }
    Ok(Measured { residual, remark: None })
}

/// lhs − rhs as a list of summands, lowered.
struct Equation {
    terms: Vec<(f64, Tape)>,
}

impl Equation {
    fn new(checker: &Checker, law: &Law, lhs: &Expr, rhs: &Expr) -> Result<Equation, EvalError> {
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

    fn residual(
        &self,
        bindings: &Bindings<Mat<f64>>,
        scales: impl FnOnce() -> Result<Scales, EvalError>,
    ) -> Result<f64, CheckError> {
        let mut balance = Balance::default();
        for (coefficient, term) in &self.terms {
            balance.add(*coefficient, term.eval(bindings, &Reals)?);
        }
        let natural = || {
            let scales = scales()?;
            let scale = |(coefficient, term): &(f64, Tape)| {
                let norms = |x: &Mat<f64>| [x.norm_l2(), 0.0];
                Ok(coefficient.abs() * term.natural_scale(bindings, &Reals, norms, |op| scales.of(op))?[0])
            };
            self.terms.iter().map(scale).sum()
        };
        Ok(balance.residual(natural)?)
    }
}

/// The symbols of the equations that the model does not give a value: elements of the Lie algebra.
fn elements(checker: &Checker, equations: &[Equation]) -> Vec<Symbol> {
    let mut names: Vec<Symbol> = Vec::new();
    for name in equations.iter().flat_map(|e| &e.terms).flat_map(|(_, term)| term.symbols()) {
        if checker.bindings.symbol(name).is_none() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The number 1 for the basis of a one-dimensional algebra, else a random element of the part of the algebra that the
/// facts of the symbol single out.
fn value(
    checker: &Checker,
    law: &Law,
    element: Option<&Element>,
    motion: Option<&Motion>,
    name: Symbol,
) -> Result<Mat<f64>, CheckError> {
    let unbound = || EvalError::Unbound(name.to_string());
    let facts = law.env().symbol(name).ok_or_else(unbound)?.facts;
    let unit = element.is_some_and(|element| element.unit);
    match motion {
        Some(_) if unit => Ok(Mat::full(1, 1, 1.0)),
        Some(motion) => {
            motion.draw(&motion.family(facts)?, checker.instance.sizes(), &mut checker.stream(law, name.as_str()))
        }
        None => Err(unbound().into()),
    }
}

/// How large the quantities of the trajectory could be at the instance.
#[derive(Clone, Copy)]
struct Scales {
    gradient: f64,
    error: f64,
    /// ‖H‖ ‖ξ_A‖ for the largest of the elements drawn.
    hessian: f64,
    pullback: f64,
    curvature: f64,
}

impl Scales {
    fn measure(checker: &Checker, law: &Law, largest: f64) -> Result<Scales, EvalError> {
        let instance = &checker.instance;
        let mut rng = checker.stream(law, "scale");
        let mut random = |like: &Mat<f64>| gaussian(like.nrows(), like.ncols(), &mut rng);
        let v: Vec<Mat<f64>> = instance.parameters().iter().map(&mut random).collect();
        let hessian = tangent_norm(&instance.hessian_product(&v)?) / tangent_norm(&v) * largest;
        let (mut error, mut pullback, mut curvature) = (0.0, 0.0, 0.0);
        if let Ok(output) = instance.output() {
            let signal = instance.error_signal()?;
            error = signal.norm_l2();
            pullback = tangent_norm(&instance.pullback(&signal)?).max(tangent_norm(&instance.pullback(&output)?));
            curvature = instance.loss_hessian(&output)?.norm_l2();
        }
        Ok(Scales { gradient: tangent_norm(&checker.gradient), error, hessian, pullback, curvature })
    }

    fn of(&self, op: Op) -> f64 {
        match op {
            Op::Grad | Op::Dot => self.gradient,
            Op::Err => self.error,
            Op::Hess => self.hessian,
            Op::Vjp => self.pullback,
            Op::HessLoss => self.curvature,
            _ => 0.0,
        }
    }
}
