//! Quantities along a dynamics: dQ/dt = DQ[θ̇] by forward differentiation, one contribution for each parameter.

use super::CheckError;
use super::checker::{Checker, Measured};
use super::member::Member;
use super::trajectory::{self, Trajectory};
use crate::eval::{Reals, Tape};
use crate::numeric::{Balance, Real};
use crate::term::Expr;
use std::collections::HashMap;

/// The residual of dQ/dt = rate, or of dQ/dt = 0.
pub(super) fn measure<M: Real>(
    checker: &Checker<M>,
    law: &Member,
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
    if let Some(rate) = rate {
        balance.add(-1.0, lower(rate)?.eval(&bindings, &Reals)?);
    }
    Ok(Measured { residual: balance.residual()?, remark: None })
}
