//! The quantities of a law that take an argument, measured on an instance.

use super::Instance;
use crate::eval::{EvalError, Quantities};
use crate::term::{Op, Symbol};
use faer::Mat;
use std::sync::{Mutex, PoisonError};

/// The generator A ↦ ξ_A(θ) of an action at the instance's parameters, in their order.
pub type Generator<'a> = &'a (dyn Fn(&Mat<f64>) -> Result<Vec<Mat<f64>>, EvalError> + Sync);

/// Answers `vjp(F, W)[Z]`, `hess_loss(F)[Z]`, and with a generator `hess(W)[A]`. A tangent is computed once for all the
/// blocks that are asked for.
pub struct InstanceQuantities<'a> {
    instance: &'a Instance,
    generator: Option<Generator<'a>>,
    known: Mutex<Vec<Known>>,
}

/// A tangent already computed: the operation, its argument, its blocks.
type Known = (Op, Mat<f64>, Vec<Mat<f64>>);

impl<'a> InstanceQuantities<'a> {
    pub fn new(instance: &'a Instance, generator: Option<Generator<'a>>) -> InstanceQuantities<'a> {
        InstanceQuantities { instance, generator, known: Mutex::default() }
    }

    fn block(
        &self,
        op: Op,
        name: Symbol,
        argument: &Mat<f64>,
        compute: impl FnOnce() -> Result<Vec<Mat<f64>>, EvalError>,
    ) -> Result<Mat<f64>, EvalError> {
        let position = self.instance.parameter_names().iter().position(|p| *p == name);
        let position = position.ok_or_else(|| EvalError::Unbound(name.to_string()))?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., blocks)) = known.iter().find(|(o, a, _)| *o == op && a == argument) {
            return Ok(blocks[position].clone());
        }
        let blocks = compute()?;
        let block = blocks[position].clone();
        known.push((op, argument.clone(), blocks));
        Ok(block)
    }
}

impl Quantities<Mat<f64>> for InstanceQuantities<'_> {
    fn quantity(&self, op: Op, names: &[Symbol], argument: &Mat<f64>) -> Result<Mat<f64>, EvalError> {
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
