//! The quantities of a law that take an argument, measured on an instance.

use super::{Instance, Real};
use crate::eval::{EvalError, Quantities};
use crate::term::{Op, Symbol};
use std::sync::{Mutex, PoisonError};

/// The generator A ↦ ξ_A(θ) of an action at the instance's parameters, in their order.
pub type Generator<'a, M> = &'a (dyn Fn(&M) -> Result<Vec<M>, EvalError> + Sync);

/// Answers `vjp(F, W)[Z]`, `hess_loss(F)[Z]`, and with a generator `hess(W)[A]`. A tangent is computed once for all the
/// blocks that are asked for.
pub struct InstanceQuantities<'a, M> {
    instance: &'a Instance<M>,
    generator: Option<Generator<'a, M>>,
    /// An element whose `H[ξ]` is known.
    given: Option<(&'a M, &'a [M])>,
    known: Mutex<Vec<Known<M>>>,
}

/// A tangent already computed: the operation, its argument, its blocks.
type Known<M> = (Op, M, Vec<M>);

impl<'a, M: Real> InstanceQuantities<'a, M> {
    pub fn new(instance: &'a Instance<M>, generator: Option<Generator<'a, M>>) -> InstanceQuantities<'a, M> {
        InstanceQuantities { instance, generator, given: None, known: Mutex::default() }
    }

    /// The same with `H[ξ_A]` for one A.
    pub fn knowing(self, a: &'a M, image: &'a [M]) -> Self {
        InstanceQuantities { given: Some((a, image)), ..self }
    }

    fn block(
        &self,
        op: Op,
        name: Symbol,
        argument: &M,
        compute: impl FnOnce() -> Result<Vec<M>, EvalError>,
    ) -> Result<M, EvalError> {
        let position = self.instance.parameter_names().iter().position(|p| *p == name);
        let position = position.ok_or_else(|| EvalError::Unbound(name.to_string()))?;
        if let Some((_, blocks)) = self.given.filter(|(a, _)| op == Op::Hess && a.value() == argument.value()) {
            return Ok(blocks[position].clone());
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., blocks)) = known.iter().find(|(o, a, _)| *o == op && a.value() == argument.value()) {
            return Ok(blocks[position].clone());
        }
        let blocks = compute()?;
        let block = blocks[position].clone();
        known.push((op, argument.clone(), blocks));
        Ok(block)
    }
}

impl<M: Real> Quantities<M> for InstanceQuantities<'_, M> {
    fn quantity(&self, op: Op, names: &[Symbol], argument: &M) -> Result<M, EvalError> {
        match (op, names, self.generator) {
            (Op::Vjp, [_, block], _) => self.block(op, *block, argument, || self.instance.pullback(argument)),
            (Op::HessLoss, [_], _) => self.instance.loss_hessian(argument),
            (Op::Hess, [block], Some(generator)) => {
                self.block(op, *block, argument, || self.instance.hessian_product(&generator(argument)?))
            }
            _ => Err(EvalError::Unsupported(format!("{} without a generator", op.name().unwrap_or("a quantity")))),
        }
    }
}
