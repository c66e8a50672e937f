//! An instance of a model, and what several measurements of laws at it share.

use super::member::Member;
use super::motion::Motion;
use super::representation::Found;
use super::shared::Shared;
use super::{CheckError, TOLERANCE, attempt};
use crate::eval::{Bindings, EvalError, mix};
use crate::kernel::Hyperparameters;
use crate::model::Model;
use crate::numeric::{Instance, Real, Rounded, eigenvalues, norm, rounding, stream};
use crate::term::{Op, Sizes, Symbol};
use faer::Mat;
use rand_chacha::ChaCha8Rng;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// An instance of a model with what several checks need. A law is measured in plain floats; where that does not confirm it, once
/// more in numbers that follow their rounding errors.
pub struct Checker<'a, M: Clone + 'static = Mat<f64>> {
    pub(super) model: &'a Model,
    pub(super) instance: Instance<M>,
    pub(super) seed: u64,
    pub(super) motions: Arc<HashMap<Symbol, Motion>>,
    pub(super) gradient: Vec<Arc<M>>,
    pub(super) bindings: Bindings<'static, M>,
    /// What was not drawn.
    given: Arc<[(Symbol, Mat<f64>)]>,
    planted: OnceLock<Option<Planted<M>>>,
    pub(super) shared: Shared<M>,
    /// What declared actions do to the coordinates of parameter space, by their names.
    moves: Arc<Mutex<HashMap<Symbol, Found>>>,
    /// The dimension of the span of all declared invariances.
    pub(super) explained: OnceLock<Option<usize>>,
}

/// The instance moved to a stationary point, and the eigenvalues of the Hessian there where it is small enough.
pub(super) struct Planted<M> {
    pub instance: Instance<M>,
    pub spectrum: Option<Spectrum>,
    norm: OnceLock<f64>,
}

/// Eigenvalues in ascending order, and how far rounding may have moved them.
pub(super) struct Spectrum {
    pub values: Vec<f64>,
    pub rounding: f64,
}

impl Spectrum {
    /// Of the Hessian of an instance.
    pub fn of<M: Real>(instance: &Instance<M>) -> Result<Spectrum, EvalError> {
        let columns = instance.hessian_columns()?;
        let rounding = columns.iter().map(|column| rounding(column)).fold(0.0, f64::hypot);
        Ok(Spectrum { values: eigenvalues(&instance.hessian_of(&columns))?, rounding })
    }

    /// ‖H‖.
    pub fn norm(&self) -> f64 {
        self.values.iter().fold(0.0, |norm, x| norm.max(x.abs()))
    }
}

impl<M> Planted<M> {
    /// ‖H‖: from the spectrum, or else as `measure` finds it, once.
    pub fn norm(&self, measure: impl FnOnce(&Instance<M>) -> Result<f64, EvalError>) -> Result<f64, EvalError> {
        match (&self.spectrum, self.norm.get()) {
            (Some(spectrum), _) => Ok(spectrum.norm()),
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

/// A gradient that is so small beside the largest of an instance is 0 but for rounding, which differs between machines.
const STILL: f64 = 1e-12;

/// In so many draws in a row a gradient vanishes by construction and not by chance.
const BY_CONSTRUCTION: u32 = 8;

/// The parameters on which the gradient of an instance vanishes.
fn still(instance: &Instance, bindings: &Bindings<Mat<f64>>) -> Vec<Symbol> {
    let names = instance.parameter_names();
    let size = |name: &Symbol| {
        let gradient = bindings.get(crate::eval::Key::Quantity(Op::Grad, *name));
        gradient.map_or(0.0, |g| g.norm_max())
    };
    let largest = names.iter().map(size).fold(0.0, f64::max);
    names.iter().copied().filter(|name| size(name) <= STILL * largest).collect()
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
        let draw = |seed: u64| {
            let mut instance = Instance::new(model, sizes, seed)?;
            for (name, value) in given {
                instance.set(*name, value.clone())?;
            }
            let (bindings, gradient) = instance.with_gradient()?;
            match gradient.iter().all(|g| g.norm_max().is_finite()) {
                true => Ok((instance, bindings, gradient)),
                false => Err(EvalError::Singular),
            }
        };
        // A point where the gradient on a parameter vanishes, as behind dead ReLUs, would confirm anything; it is taken only
        // where many draws are such points of the same parameters, as for biases of keys, or every draw is one.
        let (mut before, mut alike) = (vec![], 0);
        let moving = attempt(seed, |seed| {
            let drawn = draw(seed)?;
            let still = still(&drawn.0, &drawn.1);
            if still.is_empty() {
                return Ok(Some(drawn));
            }
            alike = if before == still { alike + 1 } else { 1 };
            before = still;
            if alike < BY_CONSTRUCTION { Err(EvalError::Singular) } else { Ok(None) }
        });
        let (seed, (instance, mut bindings, gradient)) = match moving {
            Ok((seed, Some(drawn))) => (seed, drawn),
            Ok((_, None)) | Err(_) => attempt(seed, draw)?,
        };
        bind_constants(model, &instance, &gradient, &mut bindings);
        let mut motions = HashMap::new();
        for action in &model.actions {
            match Motion::new(model, action, instance.sizes()) {
                Ok(Some(motion)) => _ = motions.insert(action.name, motion),
                // No law is measured that needs it.
                Ok(None) | Err(EvalError::TooLarge { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let (planted, explained, shared) = Default::default();
        let (motions, given, moves) = (motions.into(), given.into(), Default::default());
        Ok(Checker { model, instance, seed, motions, gradient, bindings, given, planted, shared, moves, explained })
    }

    /// Another instance in place of one at which a measurement meets a singular point.
    ///
    /// # Errors
    /// As for [`Checker::at`].
    pub(super) fn redrawn(&self, attempt: u64) -> Result<Checker<'a>, CheckError> {
        Checker::at(self.model, self.instance.sizes(), mix(self.seed, attempt), &self.given)
    }

    /// The same at another point: another instance of the model.
    ///
    /// # Errors
    /// Where the derivatives have no values.
    pub(super) fn moved(&self, instance: Instance) -> Result<Checker<'a>, EvalError> {
        let (mut bindings, gradient) = instance.with_gradient()?;
        bind_constants(self.model, &instance, &gradient, &mut bindings);
        let (model, seed, motions) = (self.model, self.seed, self.motions.clone());
        let (given, planted, explained) = (self.given.clone(), OnceLock::new(), self.explained.clone());
        let (moves, shared) = (self.moves.clone(), Shared::default());
        Ok(Checker { model, instance, seed, motions, gradient, bindings, given, planted, shared, moves, explained })
    }

    /// The same in numbers that follow their rounding errors.
    ///
    /// # Errors
    /// Where the derivatives have no values.
    pub(super) fn rounded(&self) -> Result<Checker<'a, Rounded>, EvalError> {
        let instance = self.instance.rounded();
        let (mut bindings, gradient) = instance.with_gradient()?;
        bind_constants(self.model, &instance, &gradient, &mut bindings);
        let (model, seed, motions) = (self.model, self.seed, self.motions.clone());
        let (given, planted, explained) = (self.given.clone(), OnceLock::new(), self.explained.clone());
        let (moves, shared) = (self.moves.clone(), Shared::default());
        Ok(Checker { model, instance, seed, motions, gradient, bindings, given, planted, shared, moves, explained })
    }
}

/// Binds −∇L as velocity, and numbers to the hyper-parameters.
fn bind_constants<M: Real>(model: &Model, instance: &Instance<M>, gradient: &[Arc<M>], at: &mut Bindings<'static, M>) {
    for (name, g) in instance.parameter_names().iter().zip(gradient) {
        at.bind_quantity(Op::Dot, *name, g.neg());
    }
    for (name, value) in Hyperparameters::of(model).values() {
        at.bind(name, Mat::full(1, 1, value).into());
    }
}

impl<M: Real> Checker<'_, M> {
    /// The instance the laws are checked at.
    pub fn instance(&self) -> &Instance<M> {
        &self.instance
    }

    /// The seed of the instance: the one asked for, or a later one when that could not be evaluated.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The motion of an action.
    pub(super) fn motion(&self, action: Symbol) -> Result<&Motion, CheckError> {
        self.motions.get(&action).ok_or_else(|| match self.model.action(action) {
            Some(declared) if declared.group.algebra().is_some() => {
                CheckError::Unmeasured(format!("the elements of {} are too large at this size", declared.group))
            }
            _ => CheckError::UnknownAction(action.to_string()),
        })
    }

    /// What a declared action does to the coordinates, shared by all that ask for it.
    pub(super) fn moves(&self, action: Symbol) -> Found {
        let mut known = self.moves.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(action).or_default().clone()
    }

    /// Gives up what the laws of an action share, where those of another are measured next.
    pub fn forget_action(&self) {
        self.shared.forget_action();
    }

    /// The random numbers of one purpose.
    pub(super) fn stream(&self, law: &Member, name: &str) -> ChaCha8Rng {
        stream(self.seed, &format!("{}/{name}", law.id()))
    }

    /// Whether ∇L vanishes at the instance, as at given parameters.
    pub(super) fn is_stationary(&self) -> bool {
        let size = self.instance.loss().map_or(0.0, |loss| loss.norm())
            / self.instance.theta().map(Real::norm).fold(0.0, f64::hypot).max(1.0);
        norm(self.gradient()) <= TOLERANCE * size
    }

    /// ∇L.
    pub(super) fn gradient(&self) -> impl Iterator<Item = &M> {
        self.gradient.iter().map(Arc::as_ref)
    }

    /// The stationary point: the instance with a target that makes it one, or the instance itself where it is one; `None` for an
    /// explicit loss elsewhere.
    pub(super) fn planted(&self) -> Result<Option<&Planted<M>>, EvalError> {
        if self.planted.get().is_none() {
            let still = || self.is_stationary().then(|| self.instance.clone());
            let planted = match self.instance.planted()?.or_else(still) {
                None => None,
                Some(instance) => {
                    let small = instance.dimension() <= FULL_SPECTRUM;
                    let spectrum = if small { Some(Spectrum::of(&instance)?) } else { None };
                    Some(Planted { instance, spectrum, norm: OnceLock::new() })
                }
            };
            return Ok(self.planted.get_or_init(|| planted).as_ref());
        }
        Ok(self.planted.get().and_then(Option::as_ref))
    }
}
