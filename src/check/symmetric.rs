//! T10 and T12 at a random symmetric point, the average of the instance over the group.

use super::kernel::{FULL_SPECTRUM, random_tangent, ratio};
use super::law::{Checker, Measured, tangent_norm};
use super::representation::Representation;
use super::transport::{action_of, distance};
use super::{CheckError, TOLERANCE};
use crate::eval::{EvalError, Probe, Reals, Tape, concrete};
use crate::exact::eigenvalue_multiplicities;
use crate::law::{Condition, Law, Multiplicity};
use crate::numeric::{Instance, eigenvalues};
use crate::term::{Env, Expr};
use faer::Mat;
use std::collections::HashMap;

/// The most evaluations of the map one exact computation may take.
const MAPS: usize = 20_000;

/// The instance moved to its average over the group.
fn symmetric_point(checker: &Checker, map: &Representation) -> Result<Instance, EvalError> {
    let mut instance = checker.instance.clone();
    instance.set_parameters(&map.project(&instance.parameters(), &Reals)?)?;
    Ok(instance)
}

/// The gradient stays in the fixed space, the Hessian commutes with generators of the group, and the conditions hold
/// there and are as many as stated.
pub(super) fn fixed_space(checker: &Checker, law: &Law, conditions: &[Condition]) -> Result<Measured, CheckError> {
    let action = action_of(checker, law)?;
    let map = Representation::new(checker.model, action, checker.instance.sizes())?;
    let instance = symmetric_point(checker, &map)?;
    let gradient = instance.gradient()?;
    let scale = tangent_norm(&checker.gradient);
    if !gradient.iter().all(Mat::is_all_finite) {
        let remark = "not measured: L is not differentiable at the symmetric points of the instance";
        return Ok(Measured { residual: f64::INFINITY, remark: Some(remark.into()) });
    }
    let mut residual = distance(&gradient, &map.project(&gradient, &Reals)?, scale);
    residual = residual.max(commutator(checker, law, &map, &instance)?);
    for condition in conditions {
        let Some(shape) = checker.model.param(condition.param).map(|p| p.shape) else { continue };
        let Some((lhs, rhs)) = condition.equation(shape) else { continue };
        let value = |side: &Expr| Tape::new(side, law.env(), instance.sizes())?.eval(&instance.bindings(), &Reals);
        let (lhs, rhs) = (value(&lhs)?, value(&rhs)?);
        let natural = checker.instance.value(condition.param).map_or(0.0, |w| w.norm_l2());
        residual = residual.max(distance(&[lhs], &[rhs], natural));
    }
    let shape = |c: &Condition| checker.model.param(c.param).map(|p| p.shape);
    let stated: Option<Vec<Expr>> = conditions.iter().map(|c| c.codimension(shape(c)?)).collect();
    let dimension = instance.dimension();
    if stated.is_some() && dimension.saturating_mul(map.order()) <= MAPS {
        // The trace of the projection is its rank.
        let mut trace = 0.0;
        for k in 0..dimension {
            let mut unit = vec![0.0; dimension];
            unit[k] = 1.0;
            trace += instance.flatten(&map.project(&instance.unflatten(&unit)?, &Reals)?)[k];
        }
        let codimension = number(law.components(), law.env(), checker)?;
        if (dimension as f64 - trace - codimension).abs() > 0.5 {
            let remark =
                format!("the fixed space has dimension {trace:.0}, which {codimension} equations do not leave");
            return Ok(Measured { residual: f64::INFINITY, remark: Some(remark) });
        }
    }
    Ok(Measured { residual, remark: None })
}

/// ‖HP − PH‖ on a random tangent, for generators of the group.
fn commutator(checker: &Checker, law: &Law, map: &Representation, instance: &Instance) -> Result<f64, CheckError> {
    let v = random_tangent(checker, &format!("{}/V", law.id()));
    let hv = instance.hessian_product(&v)?;
    let mut residual = 0.0f64;
    for g in map.generators::<Mat<f64>>() {
        let first = instance.hessian_product(&map.apply(g.as_ref(), &v, &Reals)?)?;
        let second = map.apply(g.as_ref(), &hv, &Reals)?;
        residual = residual.max(distance(&first, &second, 0.0));
    }
    Ok(residual)
}

/// A number of laws at the instance.
fn number(formula: &Expr, env: &Env, checker: &Checker) -> Result<f64, EvalError> {
    Ok(Tape::new(formula, env, checker.instance.sizes())?.eval(&checker.instance.bindings(), &Reals)?[(0, 0)])
}

/// The eigenvalues of the Hessian at a symmetric point are repeated as stated, and as the commutant says exactly.
pub(super) fn multiplicities(checker: &Checker, law: &Law, classes: &[Multiplicity]) -> Result<Measured, CheckError> {
    let action = action_of(checker, law)?;
    let map = Representation::new(checker.model, action, checker.instance.sizes())?;
    let mut stated: HashMap<usize, usize> = HashMap::new();
    for class in classes {
        let value = |x: &Expr| Ok::<usize, EvalError>(number(x, law.env(), checker)?.round() as usize);
        let (count, multiplicity) = (value(&class.count)?, value(&class.multiplicity)?);
        if multiplicity > 0 && count > 0 {
            *stated.entry(multiplicity).or_default() += count;
        }
    }
    let mut stated: Vec<(usize, usize)> = stated.into_iter().collect();
    stated.sort_unstable();
    let found = exact(checker, &map)?;
    let described = |classes: &[(usize, usize)]| {
        let class = |(k, count): &(usize, usize)| match k {
            1 => format!("{count} simple"),
            _ => format!("{count} of multiplicity {k}"),
        };
        classes.iter().map(class).collect::<Vec<_>>().join(", ")
    };
    let remark = match &found {
        Some(found) if classes.is_empty() => Some(format!("at the instance {}", described(found))),
        Some(found) if *found != stated => {
            let remark = format!("the commutant has {}, not {}", described(found), described(&stated));
            return Ok(Measured { residual: f64::INFINITY, remark: Some(remark) });
        }
        _ => None,
    };
    let predicted = if classes.is_empty() { found.unwrap_or_default() } else { stated };
    let instance = symmetric_point(checker, &map)?;
    if instance.dimension() > FULL_SPECTRUM || predicted.is_empty() {
        let remark = remark.or_else(|| Some("measured as HP = PH; the spectrum is large".into()));
        return Ok(Measured { residual: commutator(checker, law, &map, &instance)?, remark });
    }
    match spread(&eigenvalues(&instance.hessian()?)?, &predicted) {
        Some(residual) => Ok(Measured { residual, remark }),
        None => {
            let remark = format!("the eigenvalues are not repeated as {}", described(&predicted));
            Ok(Measured { residual: f64::INFINITY, remark: Some(remark) })
        }
    }
}

/// The multiplicities of a generic matrix of the commutant: (multiplicity, how many eigenvalues have it).
fn exact(checker: &Checker, map: &Representation) -> Result<Option<Vec<(usize, usize)>>, EvalError> {
    let sizes = checker.instance.sizes();
    let shapes = (checker.model.params.iter())
        .map(|p| Ok((concrete(p.shape.rows, sizes)?, concrete(p.shape.cols, sizes)?)))
        .collect::<Result<Vec<_>, EvalError>>()?;
    let dimension: usize = shapes.iter().map(|(r, c)| r * c).sum();
    if dimension > FULL_SPECTRUM || dimension.saturating_mul(map.order()) > MAPS {
        return Ok(None);
    }
    Ok(Some(eigenvalue_multiplicities(map.commuting(&shapes, &Probe::new(checker.seed))?)))
}

/// The width of the widest cluster of eigenvalues, relative to the largest, when the clusters can be made up of the
/// predicted multiplicities.
fn spread(values: &[f64], predicted: &[(usize, usize)]) -> Option<f64> {
    let norm = values.iter().fold(0.0f64, |norm, x| norm.max(x.abs()));
    let mut clusters: Vec<(usize, f64, f64)> = Vec::new();
    for &x in values {
        match clusters.last_mut() {
            Some((size, _, last)) if x - *last <= TOLERANCE * norm => (*size, *last) = (*size + 1, x),
            _ => clusters.push((1, x, x)),
        }
    }
    let width = clusters.iter().map(|(_, first, last)| ratio(last - first, norm)).fold(0.0, f64::max);
    let mut room: Vec<usize> = clusters.iter().map(|(size, ..)| *size).collect();
    for &(multiplicity, count) in predicted.iter().rev() {
        for _ in 0..count {
            let tightest = room.iter_mut().filter(|size| **size >= multiplicity).min()?;
            *tightest -= multiplicity;
        }
    }
    room.iter().all(|left| *left == 0).then_some(width)
}
