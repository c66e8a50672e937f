//! T8 along an orbit: the derivative of tr H along ξ by third derivatives, against −2 tr(S H) with the whole Hessian, and that
//! against the stated formula in partial traces.

use super::CheckError;
use super::checker::{Checker, FULL_SPECTRUM, Measured, tangent_norm};
use super::kernel::{random_tangent, ratio};
use super::transport::{Orbit, inner, slopes};
use crate::eval::{Bindings, EvalError, Reals, Tape};
use crate::kernel::{Element, Law, Slopes};
use crate::numeric::Instance;
use crate::term::{Expr, Op, Symbol};
use faer::Mat;

/// The residuals of d/dt tr H = −2 tr(S H) + c′ tr H + c″‖∇L‖², of the formula for tr(S H), and of the condition, whose sides
/// differ by what the formula contracts A with.
pub(super) fn measure(
    checker: &Checker,
    law: &Law,
    element: &Element,
    trace: &Expr,
    response: &Slopes,
    condition: Option<&(Expr, Expr)>,
) -> Result<Measured, CheckError> {
    let instance = &checker.instance;
    let orbit = Orbit::new(checker, law, element)?;
    let mut at = checker.bindings.clone();
    at.bind(element.symbol, orbit.a.clone());
    let (first, second) = slopes(law, response, &at, instance.sizes())?;
    if instance.dimension() > FULL_SPECTRUM {
        // One summand of the trace: D³L[ξ, V, V] = −2⟨S V, H V⟩ + ….
        let v = random_tangent(checker, &format!("{}/V", law.id()));
        let (hv, sv) = (instance.hessian_product(&v)?, orbit.linear_part(checker, &v)?);
        let along = inner(&checker.gradient, &v);
        let expected = -2.0 * inner(&sv, &hv) + first * inner(&v, &hv) + second * along * along;
        let third = instance.third_derivative(&orbit.xi, &v)?;
        let scale = tangent_norm(&third) * tangent_norm(&v) + tangent_norm(&sv) * tangent_norm(&hv);
        let remark = "measured as D³L[ξ, V, V] = −2⟨SV, HV⟩; the traces were not summed at this size";
        return Ok(Measured {
            residual: ratio((inner(&third, &v) - expected).abs(), scale),
            remark: Some(remark.into()),
        });
    }
    let hessian = instance.hessian()?;
    let (mut change, mut contracted, mut scale) = (0.0, 0.0, 0.0f64);
    for k in 0..instance.dimension() {
        let mut unit = vec![0.0; instance.dimension()];
        unit[k] = 1.0;
        let unit = instance.unflatten(&unit)?;
        let third = instance.third_derivative(&orbit.xi, &unit)?;
        change += instance.flatten(&third)[k];
        let column: Vec<f64> = (0..instance.dimension()).map(|i| hessian[(i, k)]).collect();
        let moved = orbit.linear_part(checker, &instance.unflatten(&column)?)?;
        contracted += instance.flatten(&moved)[k];
        scale += tangent_norm(&third) + tangent_norm(&moved);
    }
    let total: f64 = (0..instance.dimension()).map(|k| hessian[(k, k)]).sum();
    let norm = tangent_norm(&checker.gradient);
    let expected = -2.0 * contracted + first * total + second * norm * norm;
    let mut residual = ratio((change - expected).abs(), scale);
    let traced = partial_traces(instance, &hessian);
    for (name, rows, cols) in traced {
        at.bind_quantity(Op::HessRows, name, rows);
        at.bind_quantity(Op::HessCols, name, cols);
    }
    let value = |x: &Expr, at: &Bindings<Mat<f64>>| -> Result<Mat<f64>, EvalError> {
        Tape::new(x, law.env(), instance.sizes())?.eval(at, &Reals)
    };
    let stated = value(trace, &at)?[(0, 0)];
    residual = residual.max(ratio((stated - contracted).abs(), scale));
    if let Some((lhs, rhs)) = condition {
        // The trace is a multiple of ⟨lhs − rhs, A⟩ for every A: compared at two elements.
        let difference: Mat<f64> = value(lhs, &at)? - value(rhs, &at)?;
        let other = match element.unit {
            true => orbit.a.clone(),
            false => {
                let algebra = orbit.motion.group().algebra().ok_or(CheckError::Finite)?;
                orbit.motion.draw(algebra.whole(), instance.sizes(), &mut checker.stream(law, "B"))?
            }
        };
        let paired = [paired(&difference, &orbit.a), paired(&difference, &other)];
        at.bind(element.symbol, other);
        let traces = [stated, value(trace, &at)?[(0, 0)]];
        let cross = (traces[0] * paired[1] - traces[1] * paired[0]).abs();
        residual = residual.max(ratio(cross, scale * (paired[0].abs() + paired[1].abs())));
    }
    Ok(Measured { residual, remark: None })
}

/// ⟨D, A⟩ for a matrix, for the diagonal of one as a column, and for the number of a one-dimensional algebra.
fn paired(difference: &Mat<f64>, a: &Mat<f64>) -> f64 {
    match (difference.nrows(), difference.ncols()) == (a.nrows(), a.ncols()) {
        true => (0..a.nrows()).flat_map(|i| (0..a.ncols()).map(move |j| (i, j))).map(|at| difference[at] * a[at]).sum(),
        false => (0..a.nrows().min(difference.nrows())).map(|i| difference[(i, 0)] * a[(i, i)]).sum(),
    }
}

/// H_row and H_col of every parameter.
fn partial_traces(instance: &Instance, hessian: &Mat<f64>) -> Vec<(Symbol, Mat<f64>, Mat<f64>)> {
    let mut start = 0;
    let block = |(name, value): (&Symbol, &Mat<f64>)| {
        let (m, n) = (value.nrows(), value.ncols());
        let at = |i: usize, k: usize, j: usize, l: usize| hessian[(start + i * n + k, start + j * n + l)];
        let rows = Mat::from_fn(m, m, |i, j| (0..n).map(|k| at(i, k, j, k)).sum());
        let cols = Mat::from_fn(n, n, |k, l| (0..m).map(|i| at(i, k, i, l)).sum());
        start += m * n;
        (*name, rows, cols)
    };
    let parameters = instance.parameters();
    instance.parameter_names().iter().zip(&parameters).map(block).collect()
}
