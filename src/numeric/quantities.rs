//! The quantities of a law that take an argument, measured on an instance.

use super::Instance;
use crate::eval::{EvalError, Quantities};
use crate::term::{Op, Symbol};
use faer::Mat;

/// The generator A ↦ ξ_A(θ) of an action at the instance's parameters, in their order.
pub type Generator<'a> = &'a (dyn Fn(&Mat<f64>) -> Result<Vec<Mat<f64>>, EvalError> + Sync);

/// Answers `vjp(F, W)[Z]`, `hess_loss(F)[Z]`, and with a generator `hess(W)[A]`.
#[derive(Clone, Copy)]
pub struct InstanceQuantities<'a> {
    pub instance: &'a Instance,
    pub generator: Option<Generator<'a>>,
}

impl InstanceQuantities<'_> {
    fn block(&self, name: Symbol, mut tangent: Vec<Mat<f64>>) -> Result<Mat<f64>, EvalError> {
        let position = self.instance.parameter_names().iter().position(|p| *p == name);
        Ok(tangent.swap_remove(position.ok_or_else(|| EvalError::Unbound(name.to_string()))?))
    }
}

impl Quantities<Mat<f64>> for InstanceQuantities<'_> {
    fn quantity(&self, op: Op, names: &[Symbol], argument: &Mat<f64>) -> Result<Mat<f64>, EvalError> {
        match (op, names, self.generator) {
            (Op::Vjp, [_, block], _) => self.block(*block, self.instance.pullback(argument)?),
            (Op::HessLoss, [_], _) => self.instance.loss_hessian(argument),
            (Op::Hess, [block], Some(generator)) => {
                self.block(*block, self.instance.hessian_product(&generator(argument)?)?)
            }
            _ => Err(EvalError::Unsupported(format!("{} without a generator", op.name().unwrap_or("a quantity")))),
        }
    }
}
