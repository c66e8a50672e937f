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

/// For how many actions, the last ones asked for, what follows from an element is kept.
const ACTIONS: usize = 2;

/// What the laws at an instance have in common.
pub(super) struct Shared<M: 'static> {
    pub direction: OnceLock<Vec<M>>,
    pub image: Late<M>,
    pub orbits: Mutex<Kept<Orbit<M>>>,
    pub points: Mutex<Kept<Symmetric<M>>>,
    pub data: OnceLock<Result<DataSet<M>, CheckError>>,
}

/// What was asked for last, by actions.
pub(super) type Kept<T> = Vec<(Symbol, Arc<T>)>;

/// The value of an action, which is made where it is not kept.
pub(super) fn kept<T>(
    of: &Mutex<Kept<T>>,
    action: Symbol,
    make: impl FnOnce() -> Result<T, CheckError>,
) -> Result<Arc<T>, CheckError> {
    let mut known = of.lock().unwrap_or_else(PoisonError::into_inner);
    let found = match known.iter().position(|(name, _)| *name == action) {
        Some(at) => known.remove(at).1,
        None => Arc::new(make()?),
    };
    known.push((action, found.clone()));
    let old = known.len().saturating_sub(ACTIONS);
    known.drain(..old);
    Ok(found)
}

impl<M> Default for Shared<M> {
    fn default() -> Self {
        let (direction, image, data) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Shared { direction, image, orbits: Mutex::default(), points: Mutex::default(), data }
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
    /// ‖∇L‖, and how far ∇L is from the fixed space.
    pub slope: f64,
    pub away: f64,
    /// `H[V]` for the random tangent.
    pub image: Late<M>,
    /// ‖HP − PH‖ on it.
    pub commutator: OnceLock<Result<f64, CheckError>>,
}

/// A small data set: its samples, the gradient at each, and their mean.
pub(super) struct DataSet<M: 'static> {
    pub samples: Vec<Instance<M>>,
    pub gradients: Vec<Vec<M>>,
    pub mean: Vec<Arc<M>>,
}
