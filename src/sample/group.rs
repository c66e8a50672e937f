//! Random elements of groups and of their Lie algebras.

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
    if !matches!(family.projection, Projection::TraceFree(_) | Projection::SymmetricTraceFree(_)) {
        return Ok(x);
    }
    let mean = x.diagonal_of().reduce(1, 1).scale(&Dense::constant(1, 1, &Rational::new(1.into(), rows.into()))?);
    Ok(x.sub(&Dense::identity(rows).scale(&mean)))
}

fn extent(shape: Shape, sizes: &Sizes) -> Result<(usize, usize), EvalError> {
    let (rows, cols) = (concrete(shape.rows, sizes)?, concrete(shape.cols, sizes)?);
    let (entries, limit) = (rows.saturating_mul(cols), ENTRY_LIMIT);
    if entries > limit { Err(EvalError::TooLarge { entries, limit }) } else { Ok((rows, cols)) }
}
