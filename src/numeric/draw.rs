//! Random matrices that have the facts asked of them.

use crate::eval::{EvalError, Sizes, concrete, mix, stream_of};
use crate::group::{Draw, Family, GroupInstance};
use crate::term::{Facts, Shape};
use faer::Mat;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// The random numbers of one name: neither the order nor the presence of other declarations changes them.
pub fn stream(seed: u64, name: &str) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(mix(stream_of(name), seed))
}

/// A random matrix with the given facts; without any, independent N(0, 1) entries.
pub fn draw(rows: usize, cols: usize, facts: Facts, rng: &mut impl Rng) -> Mat<f64> {
    let has = |fact| rows == cols && facts.contains(fact);
    if has(Facts::PERMUTATION) {
        permutation(rows, rng, false)
    } else if has(Facts::SIGNED_PERMUTATION | Facts::DIAGONAL) || has(Facts::ORTHOGONAL | Facts::DIAGONAL) {
        diagonal(rows, || sign(rng))
    } else if has(Facts::SIGNED_PERMUTATION) {
        permutation(rows, rng, true)
    } else if has(Facts::ORTHOGONAL | Facts::SYMMETRIC) {
        let q = orthogonal(rows, rng);
        &q * diagonal(rows, || sign(rng)) * q.transpose()
    } else if has(Facts::ORTHOGONAL) {
        orthogonal(rows, rng)
    } else if has(Facts::POSITIVE_DIAGONAL) {
        diagonal(rows, || (0.5 * normal(rng)).exp())
    } else if has(Facts::DIAGONAL) {
        diagonal(rows, || normal(rng))
    } else if has(Facts::SKEW) {
        let x = normals(rows, cols, rng);
        (&x - x.transpose()) * faer::Scale(0.5)
    } else {
        let x = if has(Facts::INVERTIBLE) && !facts.contains(Facts::POSITIVE) && !has(Facts::SYMMETRIC) {
            invertible(rows, rng)
        } else {
            normals(rows, cols, rng)
        };
        let x = if has(Facts::SYMMETRIC) { (&x + x.transpose()) * faer::Scale(0.5) } else { x };
        if facts.contains(Facts::POSITIVE) { map(&x, |x| x.abs() + 0.1) } else { x }
    }
}

/// A random element of a group; `None` when the action names no element.
pub fn draw_group_element(
    group: &GroupInstance,
    sizes: &Sizes,
    rng: &mut impl Rng,
) -> Result<Option<Mat<f64>>, EvalError> {
    let Some((shape, facts)) = group.element() else { return Ok(None) };
    let (rows, cols) = extent(shape, sizes)?;
    Ok(Some(match group.group.draw() {
        Draw::Facts => draw(rows, cols, facts.closed(shape.is_scalar()), rng),
        Draw::Cyclic => {
            let shift = rng.random_range(0..rows);
            Mat::from_fn(rows, rows, |i, j| if (j + shift) % rows == i { 1.0 } else { 0.0 })
        }
        Draw::UnitDeterminant => {
            let mut g = invertible(rows, rng);
            let determinant = g.determinant();
            g *= faer::Scale(determinant.abs().powf(-1.0 / rows as f64));
            positively_oriented(g, determinant)
        }
        Draw::Rotation => {
            let g = orthogonal(rows, rng);
            let determinant = g.determinant();
            positively_oriented(g, determinant)
        }
    }))
}

/// A random element of a family of a group's Lie algebra.
pub fn draw_algebra_element(
    group: &GroupInstance,
    family: &Family,
    sizes: &Sizes,
    rng: &mut impl Rng,
) -> Result<Mat<f64>, EvalError> {
    let finite = || EvalError::Unsupported(format!("the Lie algebra of the finite group {group}"));
    let (rows, cols) = extent(group.algebra().ok_or_else(finite)?.shape, sizes)?;
    let x = draw(rows, cols, family.facts, rng);
    if group.group.draw() != Draw::UnitDeterminant {
        return Ok(x);
    }
    let mean = (0..rows).map(|i| x[(i, i)]).sum::<f64>() / rows as f64;
    Ok(x - Mat::<f64>::identity(rows, rows) * faer::Scale(mean))
}

fn extent(shape: Shape, sizes: &Sizes) -> Result<(usize, usize), EvalError> {
    let (rows, cols) = (concrete(shape.rows, sizes)?, concrete(shape.cols, sizes)?);
    let entries = rows.saturating_mul(cols);
    let limit = crate::eval::ENTRY_LIMIT;
    if entries > limit { Err(EvalError::TooLarge { entries, limit }) } else { Ok((rows, cols)) }
}

fn normal(rng: &mut impl Rng) -> f64 {
    rng.sample(StandardNormal)
}

fn sign(rng: &mut impl Rng) -> f64 {
    if rng.random() { 1.0 } else { -1.0 }
}

fn normals(rows: usize, cols: usize, rng: &mut impl Rng) -> Mat<f64> {
    Mat::from_fn(rows, cols, |_, _| normal(rng))
}

pub(super) fn map(x: &Mat<f64>, f: impl Fn(f64) -> f64) -> Mat<f64> {
    Mat::from_fn(x.nrows(), x.ncols(), |i, j| f(x[(i, j)]))
}

fn diagonal(n: usize, mut entry: impl FnMut() -> f64) -> Mat<f64> {
    let mut out = Mat::zeros(n, n);
    for i in 0..n {
        out[(i, i)] = entry();
    }
    out
}

fn permutation(n: usize, rng: &mut impl Rng, signed: bool) -> Mat<f64> {
    let mut images: Vec<usize> = (0..n).collect();
    images.shuffle(rng);
    let mut out = Mat::zeros(n, n);
    for (j, &i) in images.iter().enumerate() {
        out[(i, j)] = if signed { sign(rng) } else { 1.0 };
    }
    out
}

/// Haar distributed: Q of a Gaussian matrix with the signs of R's diagonal moved into it.
fn orthogonal(n: usize, rng: &mut impl Rng) -> Mat<f64> {
    let qr = normals(n, n, rng).qr();
    let mut q = qr.compute_thin_Q();
    for j in 0..n {
        if qr.thin_R()[(j, j)] < 0.0 {
            q.col_as_slice_mut(j).iter_mut().for_each(|x| *x = -*x);
        }
    }
    q
}

/// Well conditioned, on either side of determinant zero: two rotations or reflections around a positive diagonal.
fn invertible(n: usize, rng: &mut impl Rng) -> Mat<f64> {
    let (left, right) = (orthogonal(n, rng), orthogonal(n, rng));
    left * diagonal(n, || (0.4 * normal(rng)).exp()) * right
}

fn positively_oriented(mut g: Mat<f64>, determinant: f64) -> Mat<f64> {
    if determinant < 0.0 && g.ncols() > 0 {
        g.col_as_slice_mut(0).iter_mut().for_each(|x| *x = -*x);
    }
    g
}
