//! The spectrum at a point, whole or in part.

use super::point::{Asked, Point, reach};
use super::predicted::{self, Bound, Flat, Groups};
use crate::check::CheckError;
use crate::check::checker::Checker;
use crate::eval::EvalError;
use crate::kernel::Law;
use crate::numeric::{Eigen, Instance, MOST, eigen, gaussian, largest, norm, stream};
use faer::Mat;

/// Up to this number of parameters the whole Hessian is formed.
pub const DENSE: usize = 2048;

/// Steps of the power iteration that tells the size of H.
const STEPS: usize = 4;

/// What was found.
#[derive(Clone, Debug)]
pub struct Spectral {
    pub point: Point,
    pub dimension: usize,
    /// In descending order: all of them, or those of largest magnitude.
    pub eigenvalues: Vec<f64>,
    /// ‖H‖, as far as it is known.
    pub norm: f64,
    /// What the laws say is flat, and what few data leave.
    pub flat: Option<Flat>,
    pub bounds: Vec<Bound>,
    pub groups: Option<Groups>,
    /// How much of ‖∇L‖² lies in the eigenvectors of so many largest eigenvalues; none where ∇L vanishes.
    pub alignment: Vec<(usize, f64)>,
}

impl Spectral {
    /// Whether all eigenvalues are known.
    pub fn is_complete(&self) -> bool {
        self.eigenvalues.len() == self.dimension
    }

    /// Whether everything that was predicted was found.
    pub fn is_clean(&self) -> bool {
        let groups = self.groups.as_ref().is_none_or(Groups::holds);
        groups
            && self.flat.as_ref().is_none_or(Flat::holds)
            && self.bounds.iter().all(|bound| bound.holds(&self.eigenvalues, self.norm, self.is_complete()))
    }
}

/// The spectrum at a point, and what the laws say of it.
///
/// # Errors
/// When the point has no Hessian, or there is no memory for what is asked.
pub fn spectrum(checker: &Checker<'_>, laws: &[Law], asked: &Asked) -> Result<Spectral, CheckError> {
    let (instance, point) = reach(checker, laws, asked)?;
    let checker = checker.moved(instance)?;
    let instance = checker.instance();
    let dimension = instance.dimension();
    let (found, hessian) = match dimension <= DENSE {
        true => {
            let hessian = instance.hessian()?;
            (eigen(&hessian)?, Some(hessian))
        }
        false => (partial(instance, asked.top)?, None),
    };
    let size = found.values.iter().fold(0.0f64, |size, x| size.max(x.abs()));
    let flat = predicted::flat(&checker, laws, &found.values, hessian.as_ref())?;
    let bounds = predicted::bounds(&checker, laws, &found)?;
    let groups = match asked.symmetric {
        Some(action) if hessian.is_some() => predicted::groups(&checker, laws, action, &found.values)?,
        _ => None,
    };
    Ok(Spectral {
        point,
        dimension,
        alignment: alignment(instance, &found)?,
        eigenvalues: found.values,
        norm: size,
        flat,
        bounds,
        groups,
    })
}

/// The eigenvalues of largest magnitude by Hessian products.
fn partial(instance: &Instance, top: usize) -> Result<Eigen, EvalError> {
    let dimension = instance.dimension();
    let product = |v: &[f64]| Ok(instance.flatten(&instance.hessian_product(&instance.unflatten(v)?)?));
    // A size to which errors are relative.
    let mut v = gaussian(dimension, 1, &mut stream(0, "‖H‖")).col_as_slice(0).to_vec();
    let mut size = 0.0f64;
    for _ in 0..STEPS {
        let length = v.iter().fold(0.0, |sum: f64, x| sum.hypot(*x));
        if length == 0.0 {
            break;
        }
        v.iter_mut().for_each(|x| *x /= length);
        v = product(&v)?;
        size = size.max(v.iter().fold(0.0, |sum: f64, x| sum.hypot(*x)));
    }
    if !size.is_finite() {
        return Err(EvalError::Overflow);
    }
    largest(dimension, top.clamp(1, MOST), size, &product)
}

/// How many eigenvectors the gradient is held against.
const LEADING: [usize; 3] = [1, 5, 20];

fn alignment(instance: &Instance, found: &Eigen) -> Result<Vec<(usize, f64)>, EvalError> {
    let gradient = instance.gradient()?;
    let length = norm(&gradient);
    let at_rest = length <= f64::EPSILON * norm(&instance.parameters()).max(1.0);
    if at_rest {
        return Ok(vec![]);
    }
    let g = instance.flatten(&gradient);
    let column = Mat::from_fn(g.len(), 1, |i, _| g[i] / length);
    let shares = found.vectors.transpose() * column;
    let counts = LEADING.into_iter().filter(|k| *k <= found.values.len());
    Ok(counts.map(|k| (k, (0..k).map(|i| shares[(i, 0)].powi(2)).sum())).collect())
}
