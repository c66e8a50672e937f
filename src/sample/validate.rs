//! Whether a given matrix has its facts: the inverse of the sampler.

use super::number::{Sampled, determinant};
use crate::eval::{Dense, Matrix, Side};
use crate::term::Facts;

/// The first of the given facts that a matrix does not have, up to the rounding of single precision where numbers are
/// rounded.
pub fn broken<T: Sampled>(x: &Dense<T>, facts: Facts) -> Option<Facts> {
    let declared = facts.iter().filter(|fact| *fact != Facts::CONSTANT);
    declared.into_iter().find(|fact| !has(x, *fact))
}

/// Whether a matrix has one fact.
fn has<T: Sampled>(x: &Dense<T>, fact: Facts) -> bool {
    let (rows, cols) = (x.rows(), x.cols());
    let size = T::size(x);
    let square = rows == cols;
    let all = |holds: &dyn Fn(usize, usize) -> bool| (0..rows).all(|i| (0..cols).all(|j| holds(i, j)));
    let is = |i: usize, j: usize, value: &T| x.get(i, j).is_near(value, size);
    let is_zero = |i: usize, j: usize| is(i, j, &T::zero());
    let diagonal = || square && all(&|i, j| i == j || is_zero(i, j));
    let one = T::one();
    match fact {
        Facts::POSITIVE => all(&|i, j| x.get(i, j).may_be_positive()),
        Facts::NONNEGATIVE => all(&|i, j| x.get(i, j).is_zero() || x.get(i, j).may_be_positive()),
        Facts::SYMMETRIC => square && all(&|i, j| is(i, j, x.get(j, i))),
        Facts::SKEW => square && all(&|i, j| is(i, j, &-x.get(j, i).clone())),
        Facts::DIAGONAL => diagonal(),
        Facts::POSITIVE_DIAGONAL => diagonal() && (0..rows).all(|i| x.get(i, i).may_be_positive()),
        Facts::ORTHOGONAL => square && is_orthogonal(x),
        Facts::ROTATION => square && is_orthogonal(x) && determinant(x).is_near(&one, ROTATED),
        Facts::INVERTIBLE => square && T::is_invertible(x),
        Facts::FIXES_ONES => square && sums_to(x, &one),
        Facts::CENTRED => square && sums_to(x, &T::zero()),
        Facts::PLANES => square && rows % 2 == 0 && are_planes(x, size),
        Facts::PERMUTATION => square && is_orthogonal(x) && all(&|i, j| is_zero(i, j) || is(i, j, &one)),
        Facts::SIGNED_PERMUTATION => {
            let minus = -T::one();
            square && is_orthogonal(x) && all(&|i, j| is_zero(i, j) || is(i, j, &one) || is(i, j, &minus))
        }
        _ => true,
    }
}

/// Whether every row and every column has that sum.
fn sums_to<T: Sampled>(x: &Dense<T>, value: &T) -> bool {
    let n = x.rows();
    let size = T::size(x) * n as f64;
    let sum = |entry: &dyn Fn(usize) -> T| (0..n).fold(T::zero(), |sum, k| sum + entry(k)).is_near(value, size);
    (0..n).all(|i| sum(&|k| x.get(i, k).clone()) && sum(&|k| x.get(k, i).clone()))
}

/// Whether it is block diagonal of 2×2 blocks a I + b J.
fn are_planes<T: Sampled>(x: &Dense<T>, size: f64) -> bool {
    let n = x.rows();
    let fits = |i: usize, j: usize| {
        let entry = x.get(i, j);
        match (i / 2 == j / 2, i == j) {
            (false, _) => entry.is_near(&T::zero(), size),
            (_, true) => entry.is_near(x.get(i ^ 1, i ^ 1), size),
            (_, false) => entry.is_near(&-x.get(j, i).clone(), size),
        }
    };
    (0..n).all(|i| (0..n).all(|j| fits(i, j)))
}

/// The determinant of a matrix of rounded numbers is a sum of products of them.
const ROTATED: f64 = 99.0;

fn is_orthogonal<T: Sampled>(x: &Dense<T>) -> bool {
    /// The entries of XXᵀ are sums of products of rounded numbers.
    const SIZE: f64 = 9.0;
    let gram = x.product(Side::Plain, x, Side::Transposed);
    let identity: Dense<T> = Dense::identity(x.rows());
    gram.entries().iter().zip(identity.entries()).all(|(a, b)| a.is_near(b, SIZE))
}
