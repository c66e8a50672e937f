//! A random tangent of an instance, and for each action an element of its algebra, with the derivatives of L along them that laws are
//! measured with.

use super::CheckError;
use super::checker::Checker;
use super::motion::Motion;
use super::shared::{Orbit, kept, late};
use crate::eval::{EvalError, Reals};
use crate::numeric::{Real, gaussian, stream};
use crate::term::Symbol;
use faer::Mat;
use std::sync::{Arc, OnceLock};

/// A random tangent.
pub(super) fn random_tangent<M: Real>(checker: &Checker<M>, name: &str) -> Vec<M> {
    let mut rng = stream(checker.seed, name);
    let mut random = |like: &M| M::from(gaussian(like.rows(), like.cols(), &mut rng));
    checker.instance.theta().map(&mut random).collect()
}

impl<M: Real> Checker<'_, M> {
    /// V, a random tangent at the instance.
    pub(super) fn direction(&self) -> &[M] {
        self.shared.direction.get_or_init(|| random_tangent(self, "V"))
    }

    /// `H[V]`.
    pub(super) fn image(&self) -> Result<&[M], EvalError> {
        late(&self.shared.image, || self.instance.hessian_product(self.direction()))
    }

    /// An element of the algebra of an action with what follows from it: the number 1 for the basis of a one-dimensional algebra, else
    /// a random one.
    pub(super) fn orbit(&self, action: Symbol) -> Result<Arc<Orbit<M>>, CheckError> {
        kept(&self.shared.orbit, action, || Orbit::new(self, self.motion(action)?, action))
    }
}

impl<M: Real> Orbit<M> {
    fn new(checker: &Checker<M>, motion: &Motion, action: Symbol) -> Result<Orbit<M>, CheckError> {
        let algebra = motion.group().algebra().ok_or(CheckError::Finite)?;
        let a = match algebra.shape.is_scalar() {
            true => M::from(Mat::full(1, 1, 1.0)),
            false => {
                let rng = &mut stream(checker.seed, &format!("{action}/A"));
                motion.draw(algebra.whole(), checker.instance.sizes(), rng)?
            }
        };
        let xi = motion.generator(&checker.bindings, &a, &Reals)?;
        Ok(Orbit { a, xi, image: OnceLock::new(), along: OnceLock::new(), third: OnceLock::new() })
    }

    /// `H[ξ]`.
    pub fn image(&self, checker: &Checker<M>) -> Result<&[M], EvalError> {
        late(&self.image, || checker.instance.hessian_product(&self.xi))
    }

    /// S V = ξ(θ + V) − ξ(θ) for an affine ξ.
    pub fn linear_part(&self, checker: &Checker<M>, motion: &Motion, v: &[M]) -> Result<Vec<M>, EvalError> {
        let mut shifted = checker.instance.bindings();
        for ((name, x), v) in checker.instance.parameter_names().iter().zip(checker.instance.theta()).zip(v) {
            shifted.bind(*name, x.add(v));
        }
        let moved = motion.generator(&shifted, &self.a, &Reals)?;
        drop(shifted);
        Ok(moved.into_iter().zip(&self.xi).map(|(x, y)| x.combined(1.0, y, -1.0)).collect())
    }

    /// S V for the random tangent of the instance.
    pub fn along(&self, checker: &Checker<M>, motion: &Motion) -> Result<&[M], EvalError> {
        late(&self.along, || self.linear_part(checker, motion, checker.direction()))
    }

    /// D³L[ξ, V, ·] for the random tangent of the instance.
    pub fn third(&self, checker: &Checker<M>) -> Result<&[M], EvalError> {
        late(&self.third, || checker.instance.third_derivative(&self.xi, checker.direction()))
    }
}
