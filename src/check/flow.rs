//! Quantities along a dynamics: dQ/dt = DQ[θ̇] by forward differentiation, one contribution for each parameter.

use super::CheckError;
use super::checker::{Checker, Measured};
use super::trajectory::{self, Trajectory};
use crate::eval::{Reals, Series, Tape};
use crate::kernel::Law;
use crate::numeric::Balance;
use crate::term::{Expr, Op};
use faer::Mat;
use std::collections::HashMap;

/// The residual of dQ/dt = rate, or of dQ/dt = 0.
pub(super) fn measure(
    checker: &Checker,
    law: &Law,
    quantity: &Expr,
    rate: Option<&Expr>,
) -> Result<Measured, CheckError> {
    let sizes = checker.instance.sizes();
    let Trajectory { bindings, velocity, env } = Trajectory::new(checker, law)?;
    let lower = |expr: &Expr| Tape::new(&trajectory::stated(expr), &env, sizes);
    let quantity = lower(&checker.model.inline(quantity))?;
    let mut balance = Balance::default();
    for name in quantity.symbols().filter(|name| velocity.contains_key(name)) {
        let moved = bindings.along(&[HashMap::from([(name, velocity[&name].clone())])])?;
        balance.add(1.0, quantity.eval(&moved, &Reals)?.into_coefficient(1));
    }
    let rate = rate.map(lower).transpose()?;
    if let Some(rate) = &rate {
        balance.add(-1.0, rate.eval(&bindings, &Reals)?);
    }
    let residual = balance.residual(|| {
        let moved = bindings.along(std::slice::from_ref(&velocity))?;
        // A parameter may move as fast as the whole of θ: one that does not move at all, up to rounding, is measured
        // against that.
        let speed = velocity.values().map(Mat::squared_norm_l2).sum::<f64>().sqrt();
        let norms = |x: &Series<Mat<f64>>| {
            let size = x.coefficient(0).map_or(0.0, Mat::norm_l2);
            [size, if x.coefficient(1).is_some() { speed } else { 0.0 }]
        };
        let mut scale = quantity.natural_scale(&moved, &Reals, norms, |_| 0.0)?[1];
        if let Some(rate) = &rate {
            let error =
                |op| if op == Op::Err { checker.instance.error_signal().map_or(0.0, |e| e.norm_l2()) } else { 0.0 };
            scale += rate.natural_scale(&bindings, &Reals, |x| [x.norm_l2(), 0.0], error)?[0];
        }
        Ok(scale)
    })?;
    Ok(Measured { residual, remark: None })
}
