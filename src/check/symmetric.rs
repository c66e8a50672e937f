//! T10 to T12 at a random symmetric point, the average of the instance over the group.

use super::checker::{Checker, FULL_SPECTRUM, Measured, Spectrum};
use super::member::Member;
use super::representation::Representation;
use super::shared::{Slope, Symmetric, kept, late};
use super::transport::action_of;
use super::{CheckError, TOLERANCE};
use crate::eval::{EvalError, Probe, Reals, Tape, concrete};
use crate::exact::eigenvalue_multiplicities;
use crate::kernel::{Case, Condition, Form};
use crate::model::Action;
use crate::numeric::{Instance, Real, distance, eigenvalues, norm, relative, residual, rounding};
use crate::term::{Expr, Size, Symbol};
use faer::{Mat, Side};
use std::collections::HashMap;
use std::sync::Arc;

/// Up to this number of parameters the multiplicities are found exactly, in time of its cube, where the group permutes the
/// coordinates up to signs.
const EXACT: usize = 400;

const NOT_DIFFERENTIABLE: &str = "L is not differentiable at the symmetric points of the instance";

/// The instance moved to its average over the group.
pub(super) fn symmetric_point<M: Real>(checker: &Checker<M>, map: &Representation) -> Result<Instance<M>, CheckError> {
    let mut instance = checker.instance.clone();
    let theta: Vec<&Mat<f64>> = checker.instance.theta().map(Real::value).collect();
    instance.set_to(map.project(&theta)?.into_iter().map(M::from).collect())?;
    Ok(instance)
}

/// The projection of a tangent onto the fixed space, as if it were given.
pub(super) fn projected<M: Real>(map: &Representation, v: &[M]) -> Result<Vec<M>, EvalError> {
    Ok(map.project(&values(v))?.into_iter().map(M::from).collect())
}

fn values<M: Real>(v: &[M]) -> Vec<&Mat<f64>> {
    v.iter().map(Real::value).collect()
}

/// How far a tangent is from where it should be, of which `rounding` says how exactly that is known.
fn apart<M: Real>(u: &[M], v: &[M], rounding: f64) -> Result<f64, EvalError> {
    residual(crate::numeric::apart(u, v).0, norm(u) + norm(v), rounding)
}

/// The group the conditions describe the fixed space of.
pub(super) fn representation<M: Real>(
    checker: &Checker<M>,
    law: &Member,
    conditions: &[Condition],
    found: Option<&Action>,
) -> Result<Representation, CheckError> {
    let action = found.map_or_else(|| action_of(checker, law), Ok)?;
    let map = Representation::new(checker.model, action, &checker.instance)?;
    let map = if found.is_none() { map.sharing(checker.moves(action.name)) } else { map };
    Ok(if conditions.iter().any(Condition::is_of_coordinate) { map.single() } else { map })
}

impl<M: Real> Checker<'_, M> {
    /// The symmetric point of a declared group.
    fn symmetric(&self, action: Symbol, map: &Representation) -> Result<Arc<Symmetric<M>>, CheckError> {
        kept(&self.shared.point, action, || Symmetric::new(self, map))
    }
}

impl<M: Real> Symmetric<M> {
    /// The average of the instance over the group.
    fn new(checker: &Checker<M>, map: &Representation) -> Result<Symmetric<M>, CheckError> {
        let (smooth, slope, image, commutator) = Default::default();
        Ok(Symmetric { instance: symmetric_point(checker, map)?, smooth, slope, image, commutator })
    }

    /// The gradient there, where it is defined.
    fn slope(&self, map: &Representation) -> Result<Slope, CheckError> {
        let measure = || {
            let gradient = self.instance.gradient()?;
            let size = norm(&gradient);
            if !size.is_finite() {
                return Err(CheckError::Unmeasured(NOT_DIFFERENTIABLE.into()));
            }
            Ok(Slope { size, away: apart(&gradient, &projected(map, &gradient)?, rounding(&gradient))? })
        };
        self.slope.get_or_init(measure).clone()
    }

    fn image(&self, checker: &Checker<M>) -> Result<&[M], EvalError> {
        late(&self.image, || self.instance.hessian_product(checker.direction()))
    }

    /// ‖HP − PH‖ on a random tangent, for generators of the group.
    fn commutator(&self, checker: &Checker<M>, map: &Representation) -> Result<f64, CheckError> {
        let measure = || {
            let (v, hv) = (values(checker.direction()), self.image(checker)?);
            let mut worst = 0.0f64;
            for generator in 0..map.generator_count() {
                let moved: Vec<M> = map.image(generator, &v)?.into_iter().map(M::from).collect();
                let there = self.instance.hessian_product(&moved)?;
                drop(moved);
                let second: Vec<M> = map.image(generator, &values(hv))?.into_iter().map(M::from).collect();
                worst = worst.max(apart(&there, &second, rounding(&there).hypot(rounding(hv)))?);
            }
            Ok(worst)
        };
        self.commutator.get_or_init(measure).clone()
    }
}

/// The symmetric point of a law, shared with the others of its action where it is the fixed space of the declared group.
pub(super) fn point_of<M: Real>(
    checker: &Checker<M>,
    law: &Member,
    map: &Representation,
    conditions: &[Condition],
    found: Option<&Action>,
) -> Result<Arc<Symmetric<M>>, CheckError> {
    match law.action().filter(|_| found.is_none() && !conditions.iter().any(Condition::is_of_coordinate)) {
        Some(action) => checker.symmetric(action, map),
        None => Ok(Arc::new(Symmetric::new(checker, map)?)),
    }
}

/// The gradient stays in the fixed space, the Hessian commutes with generators of the group, and the conditions hold
/// there and are as many as stated.
pub(super) fn fixed_space<M: Real>(
    checker: &Checker<M>,
    law: &Member,
    conditions: &[Condition],
    found: Option<&Action>,
) -> Result<Measured, CheckError> {
    let map = representation(checker, law, conditions, found)?;
    let point = point_of(checker, law, &map, conditions, found)?;
    let instance = &point.instance;
    let mut worst = point.slope(&map)?.away.max(point.commutator(checker, &map)?);
    for condition in conditions {
        let Some(shape) = checker.model.param(condition.param).map(|p| p.shape) else { continue };
        if let (true, Some(w)) = (condition.is_of_coordinate(), instance.value(condition.param)) {
            let w = w.value();
            let line = if condition.form == Form::RowZero { w.row(0).norm_l2() } else { w.col(0).norm_l2() };
            let size = checker.instance.value(condition.param).map_or(line, Real::norm);
            worst = worst.max(residual(line, size, 0.0)?);
        }
        let Some((lhs, rhs)) = condition.equation(shape) else { continue };
        let value = |side: &Expr| Tape::new(side, law.env(), instance.sizes())?.eval(&instance.bindings(), &Reals);
        let (lhs, rhs) = (value(&lhs)?, value(&rhs)?);
        worst = worst.max(distance(&[lhs], &[rhs])?);
    }
    let shape = |c: &Condition| checker.model.param(c.param).map(|p| p.shape);
    let stated: Option<Vec<Expr>> = conditions.iter().map(|c| c.codimension(shape(c)?)).collect();
    if stated.is_some() && law.is_even() {
        let (dimension, fixed) = (instance.dimension() as u64, map.fixed_dimension()? as u64);
        // Of all members alike.
        let codimension = number(law.components(), checker)? / law.alike();
        if fixed.checked_add(codimension) != Some(dimension) {
            let remark = format!("the fixed space has dimension {fixed}, which {codimension} equations do not leave");
            return Ok(Measured { residual: f64::INFINITY, remark: Some(remark) });
        }
    }
    Ok(Measured { residual: worst, remark: None })
}

/// At a symmetric point the gradient lies in V, and H maps V and V⊥ to themselves; the least eigenvalue of H on V⊥.
pub(super) fn breaking<M: Real>(
    checker: &Checker<M>,
    law: &Member,
    conditions: &[Condition],
    found: Option<&Action>,
) -> Result<Measured, CheckError> {
    let map = representation(checker, law, conditions, found)?;
    let point = point_of(checker, law, &map, conditions, found)?;
    let (instance, slope) = (&point.instance, point.slope(&map)?);
    let inside = projected(&map, checker.direction())?;
    let within = instance.hessian_product(&inside)?;
    drop(inside);
    let mut worst = slope.away.max(apart(&within, &projected(&map, &within)?, rounding(&within))?);
    // H is linear: what is left of H[V] is the image of what is left of V.
    let across: Vec<M> = within.iter().zip(point.image(checker)?).map(|(w, v)| v.combined(1.0, w, -1.0)).collect();
    let size = norm(&within) + norm(&across);
    worst = worst.max(residual(norm(&projected(&map, &across)?), size, rounding(&across))?);
    let n = instance.dimension();
    if n > FULL_SPECTRUM {
        let remark = "the eigenvalues on V⊥ were not computed at this size";
        return Ok(Measured { residual: worst, remark: Some(remark.into()) });
    }
    // The projection onto V⊥, whose eigenvectors for 1 are a basis of it.
    let mut off = Mat::<f64>::identity(n, n);
    for k in 0..n {
        let projected = instance.flatten(&projected(&map, &instance.unit(k)?)?);
        for (i, x) in projected.into_iter().enumerate() {
            off[(i, k)] -= x;
        }
    }
    let failed = |_| EvalError::Unsupported("the eigenvalue iteration did not converge; the block off V".into());
    let decomposition = off.self_adjoint_eigen(Side::Lower).map_err(failed)?;
    let kept: Vec<usize> = (0..n).filter(|&k| decomposition.S().column_vector()[k] > 0.5).collect();
    if kept.is_empty() {
        return Ok(Measured { residual: worst, remark: Some("at the instance every point is fixed".into()) });
    }
    let basis = Mat::from_fn(n, kept.len(), |i, k| decomposition.U()[(i, kept[k])]);
    let block = basis.transpose() * instance.hessian_of(&instance.hessian_columns()?) * &basis;
    let block = (&block + block.transpose()) * faer::Scale(0.5);
    let least = eigenvalues(&block)?.first().copied().unwrap_or(0.0);
    let least = if least.abs() < 5e-5 { 0.0 } else { least };
    let stationary = slope.size <= TOLERANCE * norm(checker.gradient()).max(1.0);
    // Away from stationary points the sign of an eigenvalue decides nothing.
    let verdict = match stationary {
        true if least < 0.0 => Some("unstable"),
        true if least > 0.0 => Some("linearly stable"),
        true => Some("which decides nothing"),
        false => None,
    };
    let remark = verdict.map(|verdict| format!("the least eigenvalue on V⊥ is {least:.4}, {verdict}"));
    Ok(Measured { residual: worst, remark })
}

/// A number of laws at the instance.
fn number<M: Real>(formula: &Expr, checker: &Checker<M>) -> Result<u64, EvalError> {
    let whole = checker.instance.sizes().count(formula).and_then(|n| u64::try_from(n).ok());
    whole.ok_or_else(|| EvalError::Unsupported(format!("the number {}", crate::term::print::text(formula))))
}

/// A size at the instance.
fn value<M: Real>(checker: &Checker<M>, size: Size) -> Option<u64> {
    concrete(size, checker.instance.sizes()).ok().and_then(|n| u64::try_from(n).ok())
}

/// How often eigenvalues are repeated.
pub(super) struct Repeated {
    /// A multiplicity, and how many eigenvalues have it.
    pub classes: Vec<(usize, usize)>,
    remark: Option<String>,
}

/// `3 single, 2 in groups of 4`.
fn described(classes: &[(usize, usize)]) -> String {
    let class = |(k, count): &(usize, usize)| match k {
        1 => format!("{count} single"),
        _ => format!("{count} in groups of {k}"),
    };
    classes.iter().map(class).collect::<Vec<_>>().join(", ")
}

/// The multiplicities that a law states at the sizes of the instance, or that the commutant has where it states none; `Err` says
/// how the two contradict each other.
pub(super) fn repeated<M: Real>(
    checker: &Checker<M>,
    map: &Representation,
    cases: &[Case],
) -> Result<Result<Repeated, String>, CheckError> {
    let applies = |case: &&Case| case.when.is_none_or(|when| when.holds(|n| value(checker, n)) == Some(true));
    let classes = cases.iter().find(applies).map_or(&[][..], |case| &case.classes);
    let mut stated: HashMap<usize, usize> = HashMap::new();
    for class in classes {
        let value = |x: &Expr| {
            let overflow = || EvalError::Unsupported("a number of eigenvalues that large".into());
            number(x, checker).and_then(|n| usize::try_from(n).map_err(|_| overflow()))
        };
        let (count, multiplicity) = (value(&class.count)?, value(&class.multiplicity)?);
        if multiplicity > 0 && count > 0 {
            *stated.entry(multiplicity).or_default() += count;
        }
    }
    let mut stated: Vec<(usize, usize)> = stated.into_iter().collect();
    stated.sort_unstable();
    let found = exact(checker, map)?;
    Ok(match found {
        Some(found) if classes.is_empty() => {
            Ok(Repeated { remark: Some(format!("at the instance {}", described(&found))), classes: found })
        }
        Some(found) if found != stated => {
            Err(format!("the commutant has {}, not {}", described(&found), described(&stated)))
        }
        _ => Ok(Repeated { classes: stated, remark: None }),
    })
}

/// The eigenvalues of the Hessian at a symmetric point are repeated as stated, and as the commutant says exactly.
pub(super) fn multiplicities<M: Real>(
    checker: &Checker<M>,
    law: &Member,
    cases: &[Case],
    found: Option<&Action>,
) -> Result<Measured, CheckError> {
    let map = representation(checker, law, &[], found)?;
    let (predicted, remark) = match repeated(checker, &map, cases)? {
        Ok(Repeated { classes, remark }) => (classes, remark),
        Err(remark) => return Ok(Measured { residual: f64::INFINITY, remark: Some(remark) }),
    };
    let commuting = |remark: Option<String>, why: &str| {
        let remark = remark.or_else(|| Some(format!("measured as HP = PH; {why}")));
        let point = point_of(checker, law, &map, &[], found)?;
        point.slope(&map)?;
        Ok(Measured { residual: point.commutator(checker, &map)?, remark })
    };
    if checker.instance.dimension() > FULL_SPECTRUM || predicted.is_empty() {
        return commuting(remark, "the spectrum is large");
    }
    let instance = symmetric_point(checker, &map)?;
    let spectrum = Spectrum::of(&instance)?;
    match spread(&spectrum.values, spectrum.norm(), spectrum.rounding, &predicted) {
        Some(residual) if residual <= TOLERANCE => Ok(Measured { residual, remark }),
        // Beside a much larger one, eigenvalues that differ are as near to one another as those that are the same.
        Some(_) => commuting(remark, "the eigenvalues cannot be told apart"),
        None => {
            let remark = format!("the eigenvalues are not repeated as {}", described(&predicted));
            Ok(Measured { residual: f64::INFINITY, remark: Some(remark) })
        }
    }
}

/// The multiplicities of a generic matrix of the commutant: (multiplicity, how many eigenvalues have it).
fn exact<M: Real>(checker: &Checker<M>, map: &Representation) -> Result<Option<Vec<(usize, usize)>>, CheckError> {
    let dimension = checker.instance.dimension();
    if dimension <= EXACT
        && let Some(moves) = map.coordinate_moves()?
    {
        return Ok(Some(crate::exact::multiplicities(dimension, moves, checker.seed)));
    }
    if dimension > FULL_SPECTRUM {
        return Ok(None);
    }
    Ok(map.commuting(&Probe::new(checker.seed))?.map(eigenvalue_multiplicities))
}

/// The width of the widest cluster of eigenvalues, relative to the largest, when the clusters can be made up of the
/// predicted multiplicities.
pub(super) fn spread(values: &[f64], norm: f64, rounding: f64, predicted: &[(usize, usize)]) -> Option<f64> {
    let mut clusters: Vec<(usize, f64, f64)> = Vec::new();
    for &x in values {
        match clusters.last_mut() {
            Some((size, _, last)) if relative((x - *last).abs(), norm, rounding) <= TOLERANCE => {
                (*size, *last) = (*size + 1, x)
            }
            _ => clusters.push((1, x, x)),
        }
    }
    let width =
        clusters.iter().map(|(_, first, last)| relative((last - first).abs(), norm, rounding)).fold(0.0, f64::max);
    let mut room: Vec<usize> = clusters.iter().map(|(size, ..)| *size).collect();
    for &(multiplicity, count) in predicted.iter().rev() {
        for _ in 0..count {
            let tightest = room.iter_mut().filter(|size| **size >= multiplicity).min()?;
            *tightest -= multiplicity;
        }
    }
    room.iter().all(|left| *left == 0).then_some(width)
}
