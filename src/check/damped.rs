//! The heavy ball's law of second order: Q̈ = D²Q[θ̇, θ̇] + DQ[θ̈] by forward differentiation along the state's own motion.

use super::CheckError;
use super::checker::{Checker, Measured};
use super::trajectory::{self, Trajectory};
use crate::eval::{Reals, Tape};
use crate::kernel::Law;
use crate::numeric::Balance;
use crate::term::{Expr, Op, Symbol};
use faer::Mat;
use std::collections::HashMap;

/// The residual of Q̈ + γQ̇ = force, with θ̈ = −γθ̇ − ∇L.
pub(super) fn measure(
    checker: &Checker,
    law: &Law,
    quantity: &Expr,
    friction: &Expr,
    force: &Expr,
) -> Result<Measured, CheckError> {
    let sizes = checker.instance.sizes();
    let Trajectory { bindings, velocity, env } = Trajectory::new(checker, law)?;
    let lower = |expr: &Expr| Tape::new(&trajectory::stated(expr), &env, sizes);
    let (quantity, force) = (lower(&checker.model.inline(quantity))?, lower(force)?);
    let friction = lower(friction)?.eval(&bindings, &Reals)?[(0, 0)];
    let names = checker.instance.parameter_names();
    let along = |values: &dyn Fn(Symbol, usize) -> Option<Mat<f64>>| -> HashMap<Symbol, Mat<f64>> {
        names.iter().enumerate().filter_map(|(i, name)| Some((*name, values(*name, i)?))).collect()
    };
    let speed = along(&|name, _| velocity.get(&name).cloned());
    let acceleration = along(&|name, i| Some(-(&checker.gradient[i] + velocity.get(&name)? * faer::Scale(friction))));
    let moved = bindings.along(&[speed.clone(), speed])?;
    let twice = quantity.eval(&moved, &Reals)?;
    let pushed = quantity.eval(&bindings.along(&[acceleration])?, &Reals)?;
    let mut balance = Balance::default();
    balance.add(friction, twice.clone().into_coefficient(1));
    balance.add(1.0, twice.into_coefficient(3));
    balance.add(1.0, pushed.into_coefficient(1));
    balance.add(-1.0, force.eval(&bindings, &Reals)?);
    let residual = balance.residual(|| {
        let norms = |x: &Mat<f64>| [x.norm_l2(), 0.0];
        let signal =
            |op| if op == Op::Err { checker.instance.error_signal().map_or(0.0, |e| e.norm_l2()) } else { 0.0 };
        Ok(quantity.natural_scale(&bindings, &Reals, norms, signal)?[0]
            + force.natural_scale(&bindings, &Reals, norms, signal)?[0])
    })?;
    Ok(Measured { residual, remark: None })
}
