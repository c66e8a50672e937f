//! What the laws at one instance have in common, made once for all of them: a random tangent with its image under the Hessian, for each action
//! an element of its algebra or a symmetric point with what follows from it, and a small data set. Each is made by the file of its laws,
//! without waiting for other threads.

use super::CheckError;
use crate::eval::EvalError;
use crate::numeric::Instance;
use crate::term::Symbol;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A tangent that is computed when it is first asked for.
pub(super) type Late<M> = OnceLock<Result<Vec<M>, EvalError>>;

/// What the laws at an instance have in common.
pub(super) struct Shared<M: 'static> {
    pub direction: OnceLock<Vec<M>>,
    pub image: Late<M>,
    pub orbit: Mutex<Kept<Orbit<M>>>,
    pub point: Mutex<Kept<Symmetric<M>>>,
    pub data: OnceLock<Result<DataSet<M>, CheckError>>,
}

/// What follows from an element of the action that was asked for last.
pub(super) type Kept<T> = Option<(Symbol, Arc<T>)>;

/// The value of an action, which is made where it is not kept.
pub(super) fn kept<T>(
    of: &Mutex<Kept<T>>,
    action: Symbol,
    make: impl FnOnce() -> Result<T, CheckError>,
) -> Result<Arc<T>, CheckError> {
    let mut known = of.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, found)) = known.as_ref().filter(|(name, _)| *name == action) {
        return Ok(found.clone());
    }
    // That of another action takes as much memory.
    *known = None;
    let made = Arc::new(make()?);
    *known = Some((action, made.clone()));
    Ok(made)
}

impl<M> Shared<M> {
    /// Gives up what follows from an element of an action.
    pub fn forget_action(&self) {
        *self.orbit.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.point.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl<M> Default for Shared<M> {
    fn default() -> Self {
        let (direction, image, data) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Shared { direction, image, orbit: Mutex::default(), point: Mutex::default(), data }
    }
}

/// The tangent, computed where it is asked for first.
pub(super) fn late<M>(of: &Late<M>, compute: impl FnOnce() -> Result<Vec<M>, EvalError>) -> Result<&[M], EvalError> {
    of.get_or_init(compute).as_deref().map_err(Clone::clone)
}

/// An element of an algebra, ξ there, and what is derived from them where it is asked for.
pub(super) struct Orbit<M> {
    pub a: M,
    pub xi: Vec<M>,
    pub image: Late<M>,
    pub along: Late<M>,
    pub third: Late<M>,
}

/// A symmetric point of a group: the average of the instance over it.
pub(super) struct Symmetric<M> {
    pub instance: Instance<M>,
    /// Whether L is certainly smooth there.
    pub smooth: OnceLock<bool>,
    pub slope: OnceLock<Result<Slope, CheckError>>,
    /// `H[V]` for the random tangent.
    pub image: Late<M>,
    /// ‖HP − PH‖ on it.
    pub commutator: OnceLock<Result<f64, CheckError>>,
}

/// ∇L at a symmetric point.
#[derive(Clone, Copy)]
pub(super) struct Slope {
    /// ‖∇L‖.
    pub size: f64,
    /// How far it is from the fixed space.
    pub away: f64,
}

/// A small data set: its samples, the gradient at each, and their mean.
pub(super) struct DataSet<M: 'static> {
    pub samples: Vec<Instance<M>>,
    pub gradients: Vec<Vec<Arc<M>>>,
    pub mean: Vec<Arc<M>>,
}
