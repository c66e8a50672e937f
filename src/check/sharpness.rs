//! T7: the bounds on the spectrum for a random element of the algebra, and the best element by a generalized eigenproblem.

use super::CheckError;
use super::checker::{Checker, FULL_SPECTRUM, Measured, Spectrum};
use super::member::Member;
use super::motion::Motion;
use super::transport::{action_of, inner};
use crate::eval::{EvalError, Reals, Tape};
use crate::kernel::Element;
use crate::numeric::{InstanceQuantities, Real, eigenvalues, norm, residual};
use crate::term::Expr;
use faer::{Mat, Side};
use rayon::prelude::*;

/// By how much a bound is violated, relative to ‖H‖, and whether the formulas give the compression of H.
pub(super) fn measure<M: Real>(
    checker: &Checker<M>,
    law: &Member,
    element: &Element,
    formulas: [&Expr; 3],
) -> Result<Measured, CheckError> {
    let action = action_of(checker, law)?;
    let instance = &checker.instance;
    let motion = checker.motion(action.name)?;
    let orbit = checker.orbit(action.name)?;
    let (xi, hxi) = (&orbit.xi[..], orbit.image(checker)?);
    let theta = &checker.bindings;
    let generator = |a: &M| motion.generator(theta, a, &Reals);
    let quantities = InstanceQuantities::new(instance, Some(&generator)).knowing(&orbit.a, hxi);
    let mut bindings = theta.clone();
    bindings.bind(element.symbol, orbit.a.clone());
    let bindings = bindings.with_quantities(&quantities);
    let value =
        |x: &Expr| -> Result<M, EvalError> { Tape::new(x, law.env(), instance.sizes())?.eval(&bindings, &Reals) };
    let [form, image, length] = formulas.map(value);
    let (form, image, length) = (form?, image?, length?);
    // The stated numbers against H[ξ] itself.
    let apart = |x: &M, y: &M, size: f64| {
        let difference = x.sub(y);
        residual(difference.norm(), size, difference.rounding())
    };
    let (size, long) = (norm(hxi), norm(xi));
    let mut worst = apart(&form, &inner(xi, hxi), size * long)?;
    worst = worst.max(apart(&image, &inner(hxi, hxi), size * size)?);
    worst = worst.max(apart(&length, &inner(xi, xi), length.number())?);
    if instance.dimension() > FULL_SPECTRUM || length.number() == 0.0 {
        let remark = "the bounds follow from the measured α and β; the spectrum was not computed";
        return Ok(Measured { residual: worst, remark: Some(remark.into()) });
    }
    let spectrum = Spectrum::of(instance)?;
    let (Some(&least), Some(&most)) = (spectrum.values.first(), spectrum.values.last()) else {
        return Ok(Measured { residual: worst, remark: None });
    };
    let shortened = M::from(Mat::full(1, 1, 1.0 / length.number()));
    let (alpha, total) = (form.scale(&shortened), image.scale(&shortened));
    let variance = total.sub(&alpha.hadamard(&alpha));
    let bound = |violation: f64, size: f64, rounding: f64| residual(violation.max(0.0), size, rounding);
    // Of squares, which have no root to lose digits in, the violations are relative to ‖H‖².
    let (size, spread) = (spectrum.norm(), most - least);
    let linear = alpha.rounding() + spectrum.rounding;
    let squared = |x: &M| x.rounding() + spectrum.rounding * (size + spectrum.rounding);
    worst = worst.max(bound(alpha.number() - most, size, linear)?);
    worst = worst.max(bound(least - alpha.number(), size, linear)?);
    worst = worst.max(bound(total.number() - size * size, size * size, squared(&total))?);
    worst = worst.max(bound(4.0 * variance.number() - spread * spread, size * size, squared(&variance))?);
    let remark = best(checker, motion)?.map(|best| {
        // Rounding may leave −0.
        let best = if best.abs() < 5e-5 { 0.0 } else { best };
        format!("the best element gives λ_max ≥ {best:.4} where λ_max = {most:.4}")
    });
    Ok(Measured { residual: worst, remark })
}

/// max over A of ⟨ξ_A, H[ξ_A]⟩ / ‖ξ_A‖².
fn best<M: Real>(checker: &Checker<M>, motion: &Motion) -> Result<Option<f64>, CheckError> {
    Ok(Compression::of(checker, motion)?.and_then(|found| found.values.last().copied()))
}

/// H on the span of the generators of an action.
pub(super) struct Compression {
    /// Its eigenvalues, ascending, of which the first is at least λ_min and the last at most λ_max.
    pub values: Vec<f64>,
    /// An orthonormal basis of the span, in columns, and its image under H.
    pub basis: Mat<f64>,
    pub image: Mat<f64>,
}

/// Generators of squared length below this share of the largest do not add to their span.
const DEPENDENT: f64 = 1e-10;

impl Compression {
    /// `None` where the generators vanish.
    pub fn of<M: Real>(checker: &Checker<M>, motion: &Motion) -> Result<Option<Compression>, CheckError> {
        let mut tangents = Vec::new();
        for a in motion.basis::<M>(checker.instance.sizes(), &Reals)? {
            tangents.push(motion.generator(&checker.bindings, &a, &Reals)?);
        }
        Compression::on(checker, &tangents)
    }

    /// H on the span of some tangents.
    pub fn on<M: Real>(checker: &Checker<M>, tangents: &[Vec<M>]) -> Result<Option<Compression>, CheckError> {
        let instance = &checker.instance;
        let tangents: Vec<&Vec<M>> = tangents.iter().filter(|xi| norm(*xi) > 0.0).collect();
        if tangents.is_empty() {
            return Ok(None);
        }
        let image = |xi: &&Vec<M>| Ok(instance.flatten(&instance.hessian_product(xi)?));
        let images = tangents.par_iter().map(image).collect::<Result<Vec<_>, EvalError>>()?;
        let tangents: Vec<Vec<f64>> = tangents.iter().map(|xi| instance.flatten(xi)).collect();
        let columns = |of: &[Vec<f64>]| Mat::from_fn(instance.dimension(), of.len(), |i, k| of[k][i]);
        let (span, images) = (columns(&tangents), columns(&images));
        let gram = span.transpose() * &span;
        let failed = |_| EvalError::Unsupported("the eigenvalue iteration did not converge; the best element".into());
        let decomposition = gram.self_adjoint_eigen(Side::Lower).map_err(failed)?;
        let values: Vec<f64> = decomposition.S().column_vector().iter().copied().collect();
        let largest = values.iter().fold(0.0f64, |l, x| l.max(*x));
        let kept: Vec<usize> = (0..values.len()).filter(|&k| values[k] > DEPENDENT * largest).collect();
        if kept.is_empty() {
            return Ok(None);
        }
        let coordinates =
            Mat::from_fn(values.len(), kept.len(), |i, k| decomposition.U()[(i, kept[k])] / values[kept[k]].sqrt());
        let (basis, image) = (span * &coordinates, images * &coordinates);
        let compressed = basis.transpose() * &image;
        let compressed = (&compressed + compressed.transpose()) * faer::Scale(0.5);
        Ok(Some(Compression { values: eigenvalues(&compressed)?, basis, image }))
    }
}
