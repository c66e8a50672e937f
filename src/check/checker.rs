//! An instance of a model, and what several measurements of laws at it share.

use super::motion::Motion;
use super::{CheckError, attempt};
use crate::eval::{Bindings, EvalError};
use crate::kernel::{Hyperparameters, Law};
use crate::model::Model;
use crate::numeric::{Instance, eigenvalues, stream};
use crate::term::{Op, Sizes, Symbol};
use faer::Mat;
use rand_chacha::ChaCha8Rng;
use std::collections::HashMap;
use std::sync::OnceLock;

/// An instance of a model with what several checks need.
pub struct Checker<'a> {
    pub(super) model: &'a Model,
    pub(super) instance: Instance,
    pub(super) seed: u64,
    pub(super) motions: HashMap<Symbol, Motion>,
    pub(super) gradient: Vec<Mat<f64>>,
    pub(super) bindings: Bindings<'static, Mat<f64>>,
    planted: OnceLock<Option<Planted>>,
    /// The dimension of the span of all declared invariances.
    pub(super) explained: OnceLock<Option<usize>>,
}

/// The instance moved to a stationary point, and the eigenvalues of the Hessian there where it is small enough.
pub(super) struct Planted {
    pub instance: Instance,
    pub spectrum: Option<Vec<f64>>,
    norm: OnceLock<f64>,
}

impl Planted {
    /// ‖H‖: from the spectrum, or else as `measure` finds it, once.
    pub fn norm(&self, measure: impl FnOnce(&Instance) -> Result<f64, EvalError>) -> Result<f64, EvalError> {
        match (&self.spectrum, self.norm.get()) {
            (Some(values), _) => Ok(values.iter().fold(0.0, |norm, x| norm.max(x.abs()))),
            (None, Some(norm)) => Ok(*norm),
            (None, None) => measure(&self.instance).map(|norm| *self.norm.get_or_init(|| norm)),
        }
    }
}

/// Up to this number of parameters the whole spectrum of the Hessian is computed.
pub(super) const FULL_SPECTRUM: usize = 160;

/// What a measurement found.
pub(super) struct Measured {
    pub residual: f64,
    pub remark: Option<String>,
}

impl<'a> Checker<'a> {
    /// Draws an instance at which the loss and its gradient are defined.
    ///
    /// # Errors
    /// When there is none, or the sizes do not fit into memory.
    pub fn new(model: &'a Model, sizes: &Sizes, seed: u64) -> Result<Checker<'a>, CheckError> {
        Checker::at(model, sizes, seed, &[])
    }

    /// The same with given values of some parameters and data.
    ///
    /// # Errors
    /// As for [`Checker::new`], or when a given value has another shape than the model declares.
    pub fn at(
        model: &'a Model,
        sizes: &Sizes,
        seed: u64,
        given: &[(Symbol, Mat<f64>)],
    ) -> Result<Checker<'a>, CheckError> {
        // A point where the gradient on a parameter vanishes, as behind dead ReLUs, would confirm anything; it is taken only
        // where every draw is such a point.
        let draw = |seed: u64, moving: bool| {
            let mut instance = Instance::new(model, sizes, seed)?;
            for (name, value) in given {
                instance.set(*name, value.clone())?;
            }
            let bindings = instance.bindings_with_gradient()?;
            let finite = |name: &Symbol| {
                let gradient = bindings.get(crate::eval::Key::Quantity(Op::Grad, *name));
                gradient.is_some_and(|g| g.norm_max().is_finite())
            };
            let still = |name: &Symbol| {
                let gradient = bindings.get(crate::eval::Key::Quantity(Op::Grad, *name));
                gradient.is_some_and(|g| g.norm_max() == 0.0)
            };
            let names = instance.parameter_names();
            if !names.iter().all(finite) || moving && names.iter().any(still) {
                return Err(EvalError::Singular);
            }
            Ok((instance, bindings))
        };
        let (seed, (instance, mut bindings)) =
            attempt(seed, |seed| draw(seed, true)).or_else(|_| attempt(seed, |seed| draw(seed, false)))?;
        let gradient = instance.gradient()?;
        for (name, g) in instance.parameter_names().iter().zip(&gradient) {
            bindings.bind_quantity(Op::Dot, *name, -g);
        }
        for (name, value) in Hyperparameters::of(model).values() {
            bindings.bind(name, Mat::full(1, 1, value));
        }
        let mut motions = HashMap::new();
        for action in &model.actions {
            match Motion::new(model, action, instance.sizes()) {
                Ok(Some(motion)) => _ = motions.insert(action.name, motion),
                // No law is measured that needs it.
                Ok(None) | Err(EvalError::TooLarge { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let (planted, explained) = Default::default();
        Ok(Checker { model, instance, seed, motions, gradient, bindings, planted, explained })
    }

    /// The instance the laws are checked at.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// The seed of the instance: the one asked for, or a later one when that could not be evaluated.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The motion of an action.
    pub(super) fn motion(&self, action: Symbol) -> Result<&Motion, CheckError> {
        self.motions.get(&action).ok_or_else(|| match self.model.actions.iter().find(|a| a.name == action) {
            Some(declared) if declared.group.algebra().is_some() => {
                CheckError::Unmeasured(format!("the elements of {} are too large at this size", declared.group))
            }
            _ => CheckError::UnknownAction(action.to_string()),
        })
    }

    /// The random numbers of one purpose.
    pub(super) fn stream(&self, law: &Law, name: &str) -> ChaCha8Rng {
        stream(self.seed, &format!("{}/{name}", law.id()))
    }

    /// The stationary point; `None` for an explicit loss.
    pub(super) fn planted(&self) -> Result<Option<&Planted>, EvalError> {
        if self.planted.get().is_none() {
            let planted = match self.instance.planted()? {
                None => None,
                Some(instance) => {
                    let small = instance.dimension() <= FULL_SPECTRUM;
                    let spectrum = if small { Some(eigenvalues(&instance.hessian()?)?) } else { None };
                    Some(Planted { instance, spectrum, norm: OnceLock::new() })
                }
            };
            return Ok(self.planted.get_or_init(|| planted).as_ref());
        }
        Ok(self.planted.get().and_then(Option::as_ref))
    }
}

/// The norm of a tangent, ‖V‖² = Σ ‖Vᵢ‖².
pub(super) fn tangent_norm(v: &[Mat<f64>]) -> f64 {
    v.iter().map(Mat::squared_norm_l2).sum::<f64>().sqrt()
}
