//! T5: the kernel of the Hessian at a stationary point, and that of the Gauss–Newton matrix everywhere.

use super::checker::{Checker, Measured, tangent_norm};
use super::independent::orbit_dimension;
use super::motion::Motion;
use super::{CheckError, TOLERANCE};
use crate::eval::{EvalError, Reals, Sizes, Tape};
use crate::kernel::{Generator, Law, Statement};
use crate::numeric::{Balance, Instance, gaussian, nullity, stream};
use crate::term::{Env, Facts, Symbol};
use faer::Mat;

/// Steps of the power iteration that bounds ‖H‖ from below where the spectrum is not computed.
const POWER_STEPS: usize = 8;

/// The worst residual over the generators, each at a random element of its algebra, and the dimension of the kernel.
///
/// A dimension that the law states is held against the exact rank of its generators.
pub(super) fn measure(checker: &Checker, law: &Law, generators: &[Generator]) -> Result<Measured, CheckError> {
    let exact = law.independent();
    if let Some((stated, exact)) = dimension(law, checker.instance.sizes()).zip(exact).filter(|(s, e)| s != e) {
        let remark = format!("the formula says {stated}, the exact rank is {exact}");
        return Ok(Measured { residual: 1.0, remark: Some(remark) });
    }
    let planted = checker.planted()?;
    let mut residual = 0.0f64;
    for generator in generators {
        let motion = checker.motion(generator.action)?;
        let family = motion.family(motion.group().algebra().ok_or(CheckError::Finite)?.whole().facts)?;
        let a = match generator.element.unit {
            true => Mat::full(1, 1, 1.0),
            false => {
                let stream = &mut checker.stream(law, generator.action.as_str());
                motion.draw(&family, checker.instance.sizes(), stream)?
            }
        };
        let xi = motion.generator(&checker.bindings, &a, &Reals)?;
        residual = residual.max(stated(checker, law, generator, motion, &a, &xi)?);
        if generator.output_invariant {
            let pushed = checker.instance.pushforward(&xi)?.norm_l2();
            residual = residual.max(ratio(pushed, output_scale(checker)? * tangent_norm(&xi)));
        }
        residual = residual.max(match planted {
            Some(planted) => {
                let norm = planted.norm(|instance| hessian_norm(checker, instance))?;
                ratio(tangent_norm(&planted.instance.hessian_product(&xi)?), norm * tangent_norm(&xi))
            }
            None => off_stationarity(checker, motion, &a, &xi)?,
        });
    }
    let Some(planted) = planted else {
        let remark = "measured away from stationary points, as H[ξ] = −(Dξ)*∇L";
        return Ok(Measured { residual, remark: Some(remark.into()) });
    };
    let Some(spectrum) = &planted.spectrum else { return Ok(Measured { residual, remark: None }) };
    let found = nullity(spectrum, TOLERANCE);
    let span = |actions: Vec<Symbol>| orbit_dimension(checker.model, actions, checker.instance.sizes(), checker.seed);
    if let Some(rank) = span(generators.iter().map(|g| g.action).collect()).filter(|rank| *rank > found) {
        let remark = format!("the kernel has dimension {found}, but the generators span {rank}");
        return Ok(Measured { residual: f64::INFINITY, remark: Some(remark) });
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
    let outputs = output.nrows() * output.ncols();
    let remark = explained.and_then(|rank| flat(found, rank, outputs, planted.instance.dimension()));
    Ok(Measured { residual, remark })
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

/// The dimension the law states, at concrete sizes.
fn dimension(law: &Law, sizes: &Sizes) -> Option<usize> {
    let Statement::Kernel { dimension: Some(formula), .. } = law.statement() else { return None };
    sizes.count(formula)
}

/// The continuous actions declared to leave the output and the loss alone, in the order of the model.
fn invariances(checker: &Checker) -> Vec<Symbol> {
    let actions = checker.model.actions.iter().filter(|a| a.output.is_none() && a.loss.is_none());
    actions.map(|a| a.name).filter(|name| checker.motions.contains_key(name)).collect()
}

/// A quotient in which nothing out of nothing counts as zero.
pub(super) fn ratio(value: f64, scale: f64) -> f64 {
    if value == 0.0 { 0.0 } else { value / scale }
}

/// The formulas a law gives for ξ_A against the differentiated map.
fn stated(
    checker: &Checker,
    law: &Law,
    generator: &Generator,
    motion: &Motion,
    a: &Mat<f64>,
    xi: &[Mat<f64>],
) -> Result<f64, CheckError> {
    let mut env: Env = (**law.env()).clone();
    let symbol = generator.element.symbol;
    let shape = motion.group().algebra().ok_or(CheckError::Finite)?.shape;
    env.declare(symbol, shape, Facts::CONSTANT);
    let mut bindings = checker.instance.bindings();
    bindings.bind(symbol, a.clone());
    let mut difference = Vec::new();
    for (name, xi) in checker.instance.parameter_names().iter().zip(xi) {
        difference.push(match generator.components.iter().find(|(param, _)| param == name) {
            Some((_, value)) => Tape::new(value, &env, checker.instance.sizes())?.eval(&bindings, &Reals)? - xi,
            None => xi.clone(),
        });
    }
    Ok(ratio(tangent_norm(&difference), tangent_norm(xi)))
}

/// A lower bound of ‖J‖.
fn output_scale(checker: &Checker) -> Result<f64, CheckError> {
    let v = random_tangent(checker, "J");
    Ok(checker.instance.pushforward(&v)?.norm_l2() / tangent_norm(&v))
}

pub(super) fn random_tangent(checker: &Checker, name: &str) -> Vec<Mat<f64>> {
    let mut rng = stream(checker.seed, name);
    let random = |like: &Mat<f64>| gaussian(like.nrows(), like.ncols(), &mut rng);
    checker.instance.parameters().iter().map(random).collect()
}

/// A lower bound of ‖H‖ by power iteration.
fn hessian_norm(checker: &Checker, instance: &Instance) -> Result<f64, EvalError> {
    let mut v = random_tangent(checker, "H");
    let mut norm = 0.0;
    for _ in 0..POWER_STEPS {
        let length = tangent_norm(&v);
        if length == 0.0 {
            break;
        }
        v.iter_mut().for_each(|v| *v *= faer::Scale(1.0 / length));
        v = instance.hessian_product(&v)?;
        norm = tangent_norm(&v);
    }
    Ok(norm)
}

/// H[ξ_A] + (Dξ_A)*∇L = 0, which holds at every point of an invariant loss.
fn off_stationarity(checker: &Checker, motion: &Motion, a: &Mat<f64>, xi: &[Mat<f64>]) -> Result<f64, CheckError> {
    let instance = &checker.instance;
    let column = |v: &[Mat<f64>]| {
        let entries = instance.flatten(v);
        Mat::from_fn(entries.len(), 1, |i, _| entries[i])
    };
    let mut balance = Balance::default();
    balance.add(1.0, column(&instance.hessian_product(xi)?));
    balance.add(1.0, column(&motion.adjoint(&checker.bindings, a, &checker.gradient, &Reals)?));
    Ok(balance.residual(|| Ok(hessian_norm(checker, instance)? * tangent_norm(xi)))?)
}
