//! What the laws at one instance are measured with, made once for all of them: a random tangent with its image under the Hessian, and for
//! each action an element of its algebra with what follows from it. Nothing here waits for other threads while it holds a lock.

use super::CheckError;
use super::checker::Checker;
use super::motion::Motion;
use super::noise::DataSet;
use super::representation::Representation;
use super::symmetric::Symmetric;
use crate::eval::{EvalError, Reals};
use crate::numeric::{Real, gaussian, stream};
use crate::term::Symbol;
use faer::Mat;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A tangent that is computed when it is first asked for.
type Late<M> = OnceLock<Result<Vec<M>, EvalError>>;

/// For how many actions, the last ones asked for, what follows from an element is kept.
const ACTIONS: usize = 2;

/// What the laws at an instance have in common.
pub(super) struct Shared<M: 'static> {
    direction: OnceLock<Vec<M>>,
    image: Late<M>,
    orbits: Mutex<Kept<Orbit<M>>>,
    points: Mutex<Kept<Symmetric<M>>>,
    data: OnceLock<Result<DataSet<M>, CheckError>>,
}

/// What was asked for last, by actions.
type Kept<T> = Vec<(Symbol, Arc<T>)>;

/// The value of an action, which is made where it is not kept.
fn kept<T>(
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
        kept(&self.shared.orbits, action, || Orbit::new(self, self.motion(action)?, action))
    }

    /// A small data set at the parameters of the instance.
    pub(super) fn data_set(&self) -> Result<&DataSet<M>, CheckError> {
        self.shared.data.get_or_init(|| DataSet::new(self)).as_ref().map_err(Clone::clone)
    }

    /// The symmetric point of a declared group.
    pub(super) fn symmetric(&self, action: Symbol, map: &Representation) -> Result<Arc<Symmetric<M>>, CheckError> {
        kept(&self.shared.points, action, || Symmetric::new(self, map))
    }
}

fn late<M>(of: &Late<M>, compute: impl FnOnce() -> Result<Vec<M>, EvalError>) -> Result<&[M], EvalError> {
    of.get_or_init(compute).as_deref().map_err(Clone::clone)
}

/// An element of an algebra, ξ there, and what is derived from them where it is asked for.
pub(super) struct Orbit<M> {
    pub a: M,
    pub xi: Vec<M>,
    image: Late<M>,
    along: Late<M>,
    third: Late<M>,
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
