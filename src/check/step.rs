//! One step of a discrete dynamics, taken: Q at the next iterate against Q here and the change a law states.

use super::CheckError;
use super::checker::{Checker, Measured};
use crate::eval::{Reals, Tape};
use crate::kernel::{Hyperparameters, Law};
use crate::numeric::Balance;
use crate::term::{Expr, Op, mul, sym};
use faer::Mat;

/// The residual of Q(θ⁺) = factor · Q(θ) + change at θ⁺ = (1−ηλ)θ − η∇L, with λ = 0 where there is no factor.
pub(super) fn measure(
    checker: &Checker,
    law: &Law,
    quantity: &Expr,
    factor: Option<&Expr>,
    change: &Expr,
) -> Result<Measured, CheckError> {
    let sizes = checker.instance.sizes();
    let hyper = Hyperparameters::of(checker.model);
    let lower = |expr: &Expr| Tape::new(expr, law.env(), sizes);
    let number = |expr: &Expr| Ok::<f64, CheckError>(lower(expr)?.eval(&checker.bindings, &Reals)?[(0, 0)]);
    let step = number(&sym(hyper.step))?;
    let decay = if factor.is_some() { number(&sym(hyper.decay))? } else { 0.0 };
    let mut next = checker.bindings.clone();
    let parameters = checker.instance.parameters();
    for ((name, theta), g) in checker.instance.parameter_names().iter().zip(&parameters).zip(&checker.gradient) {
        next.bind(*name, theta * faer::Scale(1.0 - step * decay) - g * faer::Scale(step));
    }
    let (after, before) = (lower(quantity)?, factor.map_or_else(|| quantity.clone(), |f| mul(f, quantity)));
    let (before, change) = (lower(&before)?, lower(change)?);
    let mut balance = Balance::default();
    balance.add(1.0, after.eval(&next, &Reals)?);
    balance.add(-1.0, before.eval(&checker.bindings, &Reals)?);
    balance.add(-1.0, change.eval(&checker.bindings, &Reals)?);
    let residual = balance.residual(|| {
        let norms = |x: &Mat<f64>| [x.norm_l2(), 0.0];
        let signal =
            |op| if op == Op::Err { checker.instance.error_signal().map_or(0.0, |e| e.norm_l2()) } else { 0.0 };
        let here = before.natural_scale(&checker.bindings, &Reals, norms, signal)?[0];
        Ok(here + change.natural_scale(&checker.bindings, &Reals, norms, signal)?[0])
    })?;
    Ok(Measured { residual, remark: None })
}
