//! T7: the bounds on the spectrum for a random element of the algebra, and the best element by a generalized eigenproblem.

use super::CheckError;
use super::checker::{Checker, FULL_SPECTRUM, Measured, tangent_norm};
use super::kernel::{random_tangent, ratio};
use super::motion::Motion;
use super::transport::action_of;
use crate::eval::{EvalError, Reals, Tape};
use crate::kernel::{Element, Law};
use crate::numeric::{InstanceQuantities, eigenvalues};
use crate::term::Expr;
use faer::{Mat, Side};

/// By how much a bound is violated, relative to ‖H‖, and whether the formulas give the compression of H.
pub(super) fn measure(
    checker: &Checker,
    law: &Law,
    element: &Element,
    formulas: [&Expr; 3],
) -> Result<Measured, CheckError> {
    let action = action_of(checker, law)?;
    let instance = &checker.instance;
    let motion = checker.motion(action.name)?;
    let algebra = motion.group().algebra().ok_or(CheckError::Finite)?;
    let a = match element.unit {
        true => Mat::full(1, 1, 1.0),
        false => motion.draw(algebra.whole(), instance.sizes(), &mut checker.stream(law, "A"))?,
    };
    let theta = &checker.bindings;
    let generator = |a: &Mat<f64>| motion.generator(theta, a, &Reals);
    let quantities = InstanceQuantities::new(instance, Some(&generator));
    let mut bindings = theta.clone();
    bindings.bind(element.symbol, a.clone());
    let bindings = bindings.with_quantities(&quantities);
    let value = |x: &Expr| -> Result<f64, EvalError> {
        Ok(Tape::new(x, law.env(), instance.sizes())?.eval(&bindings, &Reals)?[(0, 0)])
    };
    let [form, image, length] = formulas.map(value);
    let (form, image, length) = (form?, image?, length?);
    // The stated numbers against H[ξ] itself.
    let xi = motion.generator(theta, &a, &Reals)?;
    let hxi = instance.hessian_product(&xi)?;
    let inner: f64 = instance.flatten(&xi).iter().zip(instance.flatten(&hxi)).map(|(x, y)| x * y).sum();
    // A random direction tells how large H[ξ] could be, where it nearly vanishes.
    let v = random_tangent(checker, &format!("{}/V", law.id()));
    let natural = 1e-3 * tangent_norm(&instance.hessian_product(&v)?) / tangent_norm(&v) * tangent_norm(&xi);
    let size = tangent_norm(&hxi).max(natural);
    let mut residual = ratio((form - inner).abs(), size * tangent_norm(&xi));
    residual = residual.max(ratio((image.max(0.0).sqrt() - tangent_norm(&hxi)).abs(), size));
    residual = residual.max(ratio((length - tangent_norm(&xi).powi(2)).abs(), length));
    if instance.dimension() > FULL_SPECTRUM || length == 0.0 {
        let remark = "the bounds follow from the measured α and β; the spectrum was not computed";
        return Ok(Measured { residual, remark: Some(remark.into()) });
    }
    let spectrum = eigenvalues(&instance.hessian()?)?;
    let (Some(&least), Some(&most)) = (spectrum.first(), spectrum.last()) else {
        return Ok(Measured { residual, remark: None });
    };
    let norm = most.abs().max(least.abs());
    let (alpha, total) = (form / length, image / length);
    let beta = (total - alpha * alpha).max(0.0).sqrt();
    let violations = [alpha - most, least - alpha, total.sqrt() - norm, 2.0 * beta - (most - least)];
    residual = violations.iter().fold(residual, |worst, v| worst.max(ratio(v.max(0.0), norm)));
    let remark = best(checker, motion)?.map(|best| {
        // Rounding may leave −0.
        let best = if best.abs() < 5e-5 { 0.0 } else { best };
        format!("the best element gives λ_max ≥ {best:.4} where λ_max = {most:.4}, slack {:.1e}", most - best)
    });
    Ok(Measured { residual, remark })
}

/// max over A of ⟨ξ_A, H[ξ_A]⟩ / ‖ξ_A‖².
fn best(checker: &Checker, motion: &Motion) -> Result<Option<f64>, CheckError> {
    let instance = &checker.instance;
    let mut tangents = Vec::new();
    for a in motion.basis::<Mat<f64>>(instance.sizes(), &Reals)? {
        let xi = motion.generator(&checker.bindings, &a, &Reals)?;
        tangents.push((instance.flatten(&xi), instance.flatten(&instance.hessian_product(&xi)?)));
    }
    let n = tangents.len();
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    let gram = Mat::from_fn(n, n, |i, j| dot(&tangents[i].0, &tangents[j].0));
    let form =
        Mat::from_fn(n, n, |i, j| 0.5 * (dot(&tangents[i].0, &tangents[j].1) + dot(&tangents[j].0, &tangents[i].1)));
    let failed = |_| EvalError::Unsupported("the eigenvalue iteration did not converge; the best element".into());
    let decomposition = gram.self_adjoint_eigen(Side::Lower).map_err(failed)?;
    let values: Vec<f64> = decomposition.S().column_vector().iter().copied().collect();
    let largest = values.iter().fold(0.0f64, |l, x| l.max(*x));
    // An orthonormal basis of the span of the generators.
    let kept: Vec<usize> = (0..n).filter(|&k| values[k] > 1e-10 * largest).collect();
    if kept.is_empty() {
        return Ok(None);
    }
    let basis = Mat::from_fn(n, kept.len(), |i, k| decomposition.U()[(i, kept[k])] / values[kept[k]].sqrt());
    let compressed = basis.transpose() * &form * &basis;
    let compressed = (&compressed + compressed.transpose()) * faer::Scale(0.5);
    Ok(eigenvalues(&compressed)?.last().copied())
}
