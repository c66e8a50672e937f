//! The heavy ball's law of second order: Q̈ = D²Q[θ̇, θ̇] + DQ[θ̈] by forward differentiation along the state's own motion.

use super::CheckError;
use super::checker::{Checker, Measured};
use super::member::Member;
use super::trajectory::{self, Trajectory};
use crate::eval::{Reals, Tape};
use crate::numeric::{Balance, Real};
use crate::term::{Expr, Symbol};
use std::collections::HashMap;
use std::sync::Arc;

/// The residual of Q̈ + γQ̇ = force, with θ̈ = −γθ̇ − ∇L.
pub(super) fn measure<M: Real>(
    checker: &Checker<M>,
    law: &Member,
    quantity: &Expr,
    friction: &Expr,
    force: &Expr,
) -> Result<Measured, CheckError> {
    let sizes = checker.instance.sizes();
    let Trajectory { bindings, velocity, env } = Trajectory::new(checker, law)?;
    let lower = |expr: &Expr| Tape::new(&trajectory::stated(expr), &env, sizes);
    let (quantity, force) = (lower(&checker.model.inline(quantity))?, lower(force)?);
    let friction = lower(friction)?.eval(&bindings, &Reals)?.number();
    let names = checker.instance.parameter_names();
    let along = |values: &dyn Fn(Symbol, usize) -> Option<Arc<M>>| -> HashMap<Symbol, Arc<M>> {
        names.iter().enumerate().filter_map(|(i, name)| Some((*name, values(*name, i)?))).collect()
    };
    let speed = along(&|name, _| velocity.get(&name).cloned());
    let acceleration =
        along(&|name, i| Some(Arc::new(velocity.get(&name)?.combined(-friction, &checker.gradient[i], -1.0))));
    let moved = bindings.along(&[speed.clone(), speed])?;
    let twice = quantity.eval(&moved, &Reals)?;
    let pushed = quantity.eval(&bindings.along(&[acceleration])?, &Reals)?;
    let mut balance = Balance::default();
    balance.add(friction, twice.clone().into_coefficient(1));
    balance.add(1.0, twice.into_coefficient(3));
    balance.add(1.0, pushed.into_coefficient(1));
    balance.add(-1.0, force.eval(&bindings, &Reals)?);
    Ok(Measured { residual: balance.residual()?, remark: None })
}
