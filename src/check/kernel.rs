//! T5: the kernel of the Hessian at a stationary point, and that of the Gauss–Newton matrix everywhere.

use super::checker::{Checker, Measured};
use super::independent::orbit_dimension;
use super::member::Member;
use super::motion::Motion;
use super::shared::Orbit;
use super::transport::one;
use super::{CheckError, TOLERANCE};
use crate::eval::{EvalError, Reals, Tape};
use crate::kernel::Generator;
use crate::model::Loss;
use crate::numeric::{Combination, Instance, Real, norm, nullity, rank, residual, rounding};
use crate::term::{Env, Facts, Symbol};
use std::borrow::Cow;

/// Steps of the power iteration that bounds ‖H‖ from below where the spectrum is not computed.
const POWER_STEPS: usize = 3;

/// The worst residual over the generators, each at a random element of its algebra, and the dimension of the kernel.
///
/// A dimension that the law states is held against the exact rank of its generators.
pub(super) fn measure<M: Real>(
    checker: &Checker<M>,
    law: &Member,
    generators: &[Generator],
) -> Result<Measured, CheckError> {
    let exact = law.independent();
    let dimension = law.dimension().and_then(|formula| checker.instance.sizes().count(formula));
    if let Some((stated, exact)) = dimension.zip(exact).filter(|(s, e)| s != e) {
        let remark = format!("the formula says {stated}, the exact rank is {exact}");
        return Ok(Measured { residual: 1.0, remark: Some(remark) });
    }
    let planted = checker.planted()?;
    let mut worst = 0.0f64;
    for generator in law.few(checker.model, generators, checker.seed) {
        let motion = checker.motion(generator.action)?;
        let orbit = checker.orbit(generator.action)?;
        let (a, xi) = (&orbit.a, &orbit.xi[..]);
        worst = worst.max(stated(checker, law, generator, motion, a, xi)?);
        if generator.output_invariant {
            let pushed = checker.instance.pushforward(xi)?;
            worst = worst.max(residual(pushed.norm(), output_scale(checker)? * norm(xi), pushed.rounding())?);
        }
        worst = worst.max(match planted {
            Some(planted) => {
                let size = planted.norm(|instance| hessian_norm(checker, instance))?;
                let image = planted.instance.hessian_product(xi)?;
                residual(norm(&image), size * norm(xi), rounding(&image))?
            }
            None => off_stationarity(checker, motion, &orbit)?,
        });
    }
    let Some(planted) = planted else {
        let remark = "measured away from stationary points, as H[ξ] = −(Dξ)*∇L";
        return Ok(Measured { residual: worst, remark: Some(remark.into()) });
    };
    let Some(spectrum) = &planted.spectrum else {
        let remark = "further flat directions were not counted at this size";
        return Ok(Measured { residual: worst, remark: Some(remark.into()) });
    };
    let found = nullity(&spectrum.values, TOLERANCE, spectrum.rounding);
    let span = |actions: Vec<Symbol>| orbit_dimension(checker.model, actions, checker.instance.sizes(), checker.seed);
    let here = rank_here(checker, generators)?;
    if here > found {
        let remark = format!("the kernel has dimension {found}, but the generators span {here}");
        return Ok(Measured { residual: f64::INFINITY, remark: Some(remark) });
    }
    // At given parameters the rank may be smaller than at most points.
    let special = match span(generators.iter().map(|g| g.action).collect()) {
        Some(generic) if generic > here => format!(", and {generic} at generic points"),
        _ => String::new(),
    };
    if !special.is_empty() || checker.model.loss != Loss::Any {
        let remark = format!("at this stationary point the generators span {here} of {found} flat directions{special}");
        return Ok(Measured { residual: worst, remark: Some(remark) });
    }
    let explained = match checker.explained.get() {
        Some(known) => known,
        None => {
            let found = span(invariances(checker));
            checker.explained.get_or_init(|| found)
        }
    };
    // There E = 0, so H = Jᵀℓ″J has at most as many dimensions as the output has entries.
    let output = planted.instance.output()?;
    let outputs = output.rows() * output.cols();
    let remark = explained.and_then(|rank| flat(found, rank, outputs, planted.instance.dimension()));
    Ok(Measured { residual: worst, remark })
}

/// The dimension of the span of the generators at the instance, all elements of their algebras together.
fn rank_here<M: Real>(checker: &Checker<M>, generators: &[Generator]) -> Result<usize, CheckError> {
    let mut rows = Vec::new();
    for generator in generators {
        let motion = checker.motion(generator.action)?;
        for a in motion.basis::<M>(checker.instance.sizes(), &Reals)? {
            rows.push(checker.instance.flatten(&motion.generator(&checker.bindings, &a, &Reals)?));
        }
    }
    Ok(rank(&rows, TOLERANCE)?)
}

/// What is flat beyond the orbits: what few data leave, and the rest.
fn flat(found: usize, explained: usize, outputs: usize, dimension: usize) -> Option<String> {
    let left = dimension.saturating_sub(outputs).max(explained);
    let few = left - explained;
    let rest = found.saturating_sub(left);
    let directions =
        |n: usize| if n == 1 { "1 further flat direction".into() } else { format!("{n} further flat directions") };
    let unexplained = format!("{} not explained by the declared actions", directions(rest));
    match (few, rest) {
        (0, 0) => None,
        (0, _) => Some(unexplained),
        _ => {
            let of = format!("{} left by few data, the {outputs} entries of the output", directions(few));
            Some(if rest == 0 { of } else { format!("{of}; {unexplained}") })
        }
    }
}

/// The continuous actions declared to leave the output and the loss alone, in the order of the model.
fn invariances<M: Clone>(checker: &Checker<M>) -> Vec<Symbol> {
    let actions = checker.model.actions.iter().filter(|a| a.output.is_none() && a.loss.is_none());
    actions.map(|a| a.name).filter(|name| checker.motions.contains_key(name)).collect()
}

/// The formulas a law gives for ξ_A against the differentiated map.
fn stated<M: Real>(
    checker: &Checker<M>,
    law: &Member,
    generator: &Generator,
    motion: &Motion,
    a: &M,
    xi: &[M],
) -> Result<f64, CheckError> {
    let mut env: Env = (**law.env()).clone();
    let symbol = generator.element.symbol;
    let shape = motion.group().algebra().ok_or(CheckError::Finite)?.shape;
    env.declare(symbol, shape, Facts::CONSTANT);
    let mut bindings = checker.instance.bindings();
    bindings.bind(symbol, a.clone());
    let (mut difference, mut rounding) = (0.0f64, 0.0f64);
    for (name, xi) in checker.instance.parameter_names().iter().zip(xi) {
        let (here, rounded) = match generator.components.iter().find(|(param, _)| param == name) {
            Some((_, value)) => Tape::new(value, &env, checker.instance.sizes())?.eval(&bindings, &Reals)?.apart(xi),
            None => (xi.norm(), xi.rounding()),
        };
        (difference, rounding) = (difference.hypot(here), rounding.hypot(rounded));
    }
    Ok(residual(difference, norm(xi), rounding)?)
}

/// A lower bound of ‖J‖.
fn output_scale<M: Real>(checker: &Checker<M>) -> Result<f64, CheckError> {
    let v = checker.direction();
    Ok(checker.instance.pushforward(v)?.norm() / norm(v))
}

/// A lower bound of ‖H‖ by power iteration.
fn hessian_norm<M: Real>(checker: &Checker<M>, instance: &Instance<M>) -> Result<f64, EvalError> {
    let mut v = Cow::Borrowed(checker.direction());
    let mut size = 0.0;
    for _ in 0..POWER_STEPS {
        let length = norm(&*v);
        if length == 0.0 {
            break;
        }
        let image = instance.hessian_product(&v)?;
        size = norm(&image) / length;
        v = Cow::Owned(image);
    }
    Ok(size)
}

/// H[ξ_A] + (Dξ_A)*∇L = 0, which holds at every point of an invariant loss.
fn off_stationarity<M: Real>(checker: &Checker<M>, motion: &Motion, orbit: &Orbit<M>) -> Result<f64, CheckError> {
    let mut balance = Combination::of(motion.adjoint(&checker.bindings, &orbit.a, checker.gradient(), &Reals)?);
    balance.add(&one(), orbit.image(checker)?);
    Ok(balance.residual()?)
}
