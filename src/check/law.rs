//! Every law of a model at one instance.

use super::motion::Motion;
use super::{
    Check, CheckError, TOLERANCE, attempt, damped, flattest, flow, identity, kernel, noise, sharpness, step, symmetric,
    transport,
};
use crate::eval::{Bindings, EvalError, concrete};
use crate::language::Model;
use crate::law::{Hyperparameters, Law, Statement, Structure};
use crate::numeric::{Instance, eigenvalues, stream};
use crate::term::{Op, Symbol};
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

/// The most entries of an element of a continuous group, which is inverted and multiplied in time of its size cubed, at most
/// a few times for each law.
const ELEMENT_ENTRIES: usize = 1 << 20;

/// The most entries of an element of a finite group, which is only multiplied with parameters.
const PERMUTATION_ENTRIES: usize = 1 << 22;

/// What a measurement found.
pub(super) struct Measured {
    pub residual: f64,
    pub remark: Option<String>,
}

impl<'a> Checker<'a> {
    /// Draws an instance at which the loss and its gradient are defined. `dims` overrides the model's default sizes.
    ///
    /// # Errors
    /// When there is none, or the sizes do not fit into memory.
    pub fn new(model: &'a Model, dims: &HashMap<Symbol, usize>, seed: u64) -> Result<Checker<'a>, CheckError> {
        Checker::at(model, dims, seed, &[])
    }

    /// The same with given values of some parameters and data.
    ///
    /// # Errors
    /// As for [`Checker::new`], or when a given value has another shape than the model declares.
    pub fn at(
        model: &'a Model,
        dims: &HashMap<Symbol, usize>,
        seed: u64,
        given: &[(Symbol, Mat<f64>)],
    ) -> Result<Checker<'a>, CheckError> {
        // A point where the gradient on a parameter vanishes, as behind dead ReLUs, would confirm anything; it is taken only
        // where every draw is such a point.
        let draw = |seed: u64, moving: bool| {
            let mut instance = Instance::new(model, dims, seed)?;
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

    /// Measures a law. A law that cannot be measured does not pass, and the remark says why.
    pub fn check(&self, law: &Law) -> Check {
        let measured = self.affordable(law).and_then(|()| self.measure(law));
        // What is beyond the machine, or the points at hand, is no failure of the law.
        let is_measured = !matches!(
            measured,
            Err(CheckError::Unmeasured(_) | CheckError::Eval(EvalError::TooLarge { .. } | EvalError::TooMuchWork(_)))
        );
        let Measured { residual, remark } = measured.unwrap_or_else(|error| Measured {
            residual: f64::INFINITY,
            remark: Some(format!("not measured: {error}")),
        });
        let passed = residual <= TOLERANCE;
        Check {
            law: law.id().to_string(),
            residual,
            tolerance: TOLERANCE,
            passed,
            measured: is_measured,
            seed: self.seed,
            remark,
        }
    }

    /// Whether the elements of the group that a law is measured with are matrices of a moderate size.
    fn affordable(&self, law: &Law) -> Result<(), CheckError> {
        let actions = match law.statement() {
            Statement::Equations { element: Some(_), .. } | Statement::Structure(_) => Vec::from_iter(law.action()),
            Statement::Kernel { generators, .. } => generators.iter().map(|g| g.action).collect(),
            _ => vec![],
        };
        for action in self.model.actions.iter().filter(|a| actions.contains(&a.name)) {
            let Some((shape, _)) = action.group.element() else { continue };
            let limit = if action.group.algebra().is_some() { ELEMENT_ENTRIES } else { PERMUTATION_ENTRIES };
            let (rows, cols) =
                (concrete(shape.rows, self.instance.sizes())?, concrete(shape.cols, self.instance.sizes())?);
            if rows.saturating_mul(cols) > limit {
                let what = format!("the elements of {} are {rows}×{cols} matrices at this size", action.group);
                return Err(CheckError::Unmeasured(what));
            }
        }
        Ok(())
    }

    fn measure(&self, law: &Law) -> Result<Measured, CheckError> {
        match law.statement() {
            Statement::Equations { element, equations } => identity::measure(self, law, element.as_ref(), equations),
            Statement::Conserved { quantity } => flow::measure(self, law, quantity, None),
            Statement::Rate { quantity, rate } => flow::measure(self, law, quantity, Some(rate)),
            Statement::Damped { quantity, friction, force } => damped::measure(self, law, quantity, friction, force),
            Statement::Step { quantity, factor, change } => step::measure(self, law, quantity, factor.as_ref(), change),
            Statement::Expected { quantity, continuous, change } => {
                noise::measure(self, law, quantity, *continuous, change)
            }
            Statement::Kernel { generators, .. } => kernel::measure(self, law, generators),
            Statement::Structure(structure) => match structure {
                Structure::Transport { adjoint, response } => transport::measure(self, law, adjoint, response),
                Structure::FixedSpace { conditions, found } => {
                    symmetric::fixed_space(self, law, conditions, found.as_deref())
                }
                Structure::Breaking { conditions, found } => {
                    symmetric::breaking(self, law, conditions, found.as_deref())
                }
                Structure::Multiplicities { cases } => symmetric::multiplicities(self, law, cases),
                Structure::Flattest { element, trace, response, condition } => {
                    flattest::measure(self, law, element, trace, response, condition.as_ref())
                }
                Structure::Sharpness { element, form, image, length, .. } => {
                    sharpness::measure(self, law, element, [form, image, length])
                }
                Structure::Alignment { factor, .. } => transport::alignment(self, law, factor),
                Structure::Third { element, derivative, response } => {
                    transport::third(self, law, element, derivative, response)
                }
            },
        }
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
                    let small = instance.dimension() <= kernel::FULL_SPECTRUM;
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

/// Checks every law at one instance.
///
/// # Errors
/// When no instance of the model can be evaluated.
pub fn check_all(
    model: &Model,
    laws: &[Law],
    dims: &HashMap<Symbol, usize>,
    seed: u64,
) -> Result<Vec<Check>, CheckError> {
    let checker = Checker::new(model, dims, seed)?;
    Ok(laws.iter().map(|law| checker.check(law)).collect())
}
