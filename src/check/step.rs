//! One step of a discrete dynamics, taken: Q at the next iterate against Q here and the change a law states.

use super::CheckError;
use super::checker::{Checker, Measured};
use super::member::Member;
use crate::eval::{Reals, Tape};
use crate::kernel::Hyperparameters;
use crate::numeric::{Balance, Real};
use crate::term::{Expr, mul, sym};

/// The residual of Q(θ⁺) = factor · Q(θ) + change at θ⁺ = (1−ηλ)θ − η∇L, with λ = 0 where there is no factor.
pub(super) fn measure<M: Real>(
    checker: &Checker<M>,
    law: &Member,
    quantity: &Expr,
    factor: Option<&Expr>,
    change: &Expr,
) -> Result<Measured, CheckError> {
    let sizes = checker.instance.sizes();
    let hyper = Hyperparameters::of(checker.model);
    let lower = |expr: &Expr| Tape::new(expr, law.env(), sizes);
    let number = |expr: &Expr| Ok::<f64, CheckError>(lower(expr)?.eval(&checker.bindings, &Reals)?.number());
    let step = number(&sym(hyper.step))?;
    let decay = if factor.is_some() { number(&sym(hyper.decay))? } else { 0.0 };
    let mut next = checker.bindings.clone();
    let names = checker.instance.parameter_names().iter();
    for ((name, theta), g) in names.zip(checker.instance.theta()).zip(&checker.gradient) {
        next.bind(*name, theta.combined(1.0 - step * decay, g, -step));
    }
    let (after, before) = (lower(quantity)?, factor.map_or_else(|| quantity.clone(), |f| mul(f, quantity)));
    let (before, change) = (lower(&before)?, lower(change)?);
    let mut balance = Balance::default();
    balance.add(1.0, after.eval(&next, &Reals)?);
    balance.add(-1.0, before.eval(&checker.bindings, &Reals)?);
    balance.add(-1.0, change.eval(&checker.bindings, &Reals)?);
    Ok(Measured { residual: balance.residual()?, remark: None })
}
