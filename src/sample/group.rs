//! Random elements of groups and of their Lie algebras.

use super::build::{halved, signs};
use super::number::cayley;
use super::{Sampled, matrix};
use crate::eval::{Dense, ENTRY_LIMIT, EvalError, Matrix, Sizes, concrete};
use crate::group::{Draw, Family, GroupInstance, Projection};
use crate::term::{Empty, Rational, Shape};
use rand::Rng;

/// A random element of a group; `None` when the action names no element.
///
/// # Errors
/// When a size is not known, or the element would not fit into memory.
pub fn element<T: Sampled>(
    group: &GroupInstance,
    sizes: &Sizes,
    rng: &mut impl Rng,
) -> Result<Option<Dense<T>>, EvalError> {
    let Some((shape, facts)) = group.element() else { return Ok(None) };
    let (rows, cols) = extent(shape, sizes)?;
    Ok(Some(match group.group.draw() {
        Draw::Facts => {
            let name = group.to_string().as_str().into();
            let empty = |why| Box::new(Empty { name, facts, shape, extent: (rows, cols), why });
            matrix(rows, cols, facts, rng).map_err(empty)?
        }
        Draw::Cyclic => {
            let shift = rng.random_range(0..rows);
            Dense::from_fn(rows, rows, |i, j| if (j + shift) % rows == i { T::one() } else { T::zero() })
        }
        Draw::UnitDeterminant => T::unimodular(rows, rng),
        Draw::Isometry => isometry(concrete(group.sizes[0], sizes)?, rows, rng),
    }))
}

/// A random element of a family of a group's Lie algebra.
///
/// # Errors
/// As for [`element`], and for a finite group.
pub fn algebra_element<T: Sampled>(
    group: &GroupInstance,
    family: &Family,
    sizes: &Sizes,
    rng: &mut impl Rng,
) -> Result<Dense<T>, EvalError> {
    let finite = || EvalError::Unsupported(format!("the Lie algebra of the finite group {group}"));
    let shape = group.algebra().ok_or_else(finite)?.shape;
    let (rows, cols) = extent(shape, sizes)?;
    let name = group.to_string().as_str().into();
    let empty = |why| Box::new(Empty { name, facts: family.facts, shape, extent: (rows, cols), why });
    let x: Dense<T> = matrix(rows, cols, family.facts, rng).map_err(empty)?;
    match family.projection {
        Projection::TraceFree(_) | Projection::SymmetricTraceFree(_) => {}
        Projection::FormSkew(p, _) | Projection::Mixing(p, _) | Projection::Parting(p, _) => {
            return Ok(form_skew(&x, concrete(p, sizes)?));
        }
        _ => return Ok(x),
    }
    let mean = x.diagonal_of().reduce(1, 1).scale(&Dense::constant(1, 1, &Rational::new(1.into(), rows.into()))?);
    Ok(x.sub(&Dense::identity(rows).scale(&mean)))
}

/// (A − J Aᵀ J)/2 with J = I_{p,q}, for which J times it is skew; of a symmetric or skew A it keeps that.
fn form_skew<T: Sampled>(a: &Dense<T>, p: usize) -> Dense<T> {
    let turned = |i: usize, j: usize| if (i < p) == (j < p) { a.get(j, i).clone() } else { -a.get(j, i).clone() };
    halved(&a.sub(&Dense::from_fn(a.rows(), a.cols(), turned)))
}

/// A matrix that leaves the form I_{p,q}: diag(±1) times Cayley's map of an infinitesimal one, which is taken small so that it is
/// well conditioned.
fn isometry<T: Sampled>(p: usize, n: usize, rng: &mut impl Rng) -> Dense<T> {
    let q = cayley(n, rng, |k: &Dense<T>| {
        halved(&halved(&Dense::from_fn(n, n, |i, j| if i < p { k.get(i, j).clone() } else { -k.get(i, j).clone() })))
    });
    let signs: Dense<T> = signs(n, 1, rng);
    Dense::from_fn(n, n, |i, j| signs.get(i, 0).clone() * q.get(i, j).clone())
}

fn extent(shape: Shape, sizes: &Sizes) -> Result<(usize, usize), EvalError> {
    let (rows, cols) = (concrete(shape.rows, sizes)?, concrete(shape.cols, sizes)?);
    let (entries, limit) = (rows.saturating_mul(cols), ENTRY_LIMIT);
    if entries > limit { Err(EvalError::TooLarge { entries, limit }) } else { Ok((rows, cols)) }
}
