//! One sampler: a random matrix with given facts, over floats, rationals or a prime field. Every set of matrices that facts
//! describe is drawn from as a whole – each signature of a symmetric orthogonal matrix, each cycle type of a permutation – so
//! that what holds of the draws holds of the set. Beside it the inverse: whether a given matrix has its facts.

mod build;
mod complex;
mod exact;
mod float;
mod group;
mod number;
mod ones;
mod validate;

#[cfg(test)]
mod tests;

pub use build::signs;
pub use group::{algebra_element, element};
pub use number::{Sampled, halvings};
pub use validate::broken;

use crate::eval::{Dense, EvalError, Matrix, Sizes, concrete, mix, stream_of};
use crate::term::{Emptiness, Empty, Entries, Facts, Matrices, Shape, Symbol, Symmetry};
use build::{centred, conjugated, diagonal, filled, halved, involution, monomial, pairing, shuffled, sign, skew};
use number::regular;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The random numbers of one name: neither the order nor the presence of other declarations changes them.
pub fn stream(seed: u64, name: &str) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(mix(stream_of(name), seed))
}

/// A random matrix with the given facts.
///
/// # Errors
/// Why there is no such matrix of this extent.
pub fn matrix<T: Sampled>(rows: usize, cols: usize, facts: Facts, rng: &mut impl Rng) -> Result<Dense<T>, Emptiness> {
    let set = Matrices::of(facts, rows, cols)?;
    if facts.contains(Facts::INTEGER) {
        // Of elements of groups and of what rules ask for; nothing but a sign is known of them besides.
        let least =
            if facts.contains(Facts::POSITIVE) { 1 } else { -3 * i64::from(!facts.contains(Facts::NONNEGATIVE)) };
        return Ok(filled(rows, cols, || T::from_integer(rng.random_range(least..=3))));
    }
    if !facts.contains(Facts::ROTATION) {
        return Ok(from(set, rows, cols, rng));
    }
    // By construction, since where numbers are enclosed a determinant is not seen to be 1.
    Ok(match set {
        Matrices::Orthogonal => T::rotation(rows, rng),
        Matrices::OrthogonalFixingOnes => ones::rotation(rows, rng),
        Matrices::Reflections => {
            let turned = 2 * rng.random_range(0..=rows / 2);
            let signs = Dense::from_fn(rows, rows, |i, j| match (i == j, i < turned) {
                (false, _) => T::zero(),
                (true, false) => T::one(),
                (true, true) => -T::one(),
            });
            conjugated(&signs, &T::orthogonal(rows, rng))
        }
        Matrices::ReflectionsFixingOnes => {
            let turned = 2 * rng.random_range(0..=(rows - 1) / 2);
            conjugated(&ones::reflection(turned, rows), &ones::orthogonal(rows, rng))
        }
        // The determinant is the square of the Pfaffian, or a product of a² + b².
        Matrices::ComplexStructures | Matrices::Planes { .. } => from(set, rows, cols, rng),
        // What is left has one entry ±1 in each column, and as many of determinant 1 as of −1 or only those.
        _ => loop {
            let x: Dense<T> = from(set, rows, cols, rng);
            if build::is_even(&x) {
                break x;
            }
        },
    })
}

/// A random matrix for a declared name, at concrete sizes.
///
/// # Errors
/// When the name cannot have its facts at these sizes, or a size is not known.
pub fn declared<T: Sampled>(
    name: Symbol,
    shape: Shape,
    facts: Facts,
    sizes: &Sizes,
    rng: &mut impl Rng,
) -> Result<Dense<T>, EvalError> {
    let (rows, cols) = (concrete(shape.rows, sizes)?, concrete(shape.cols, sizes)?);
    let empty = |why| Box::new(Empty { name, facts, shape, extent: (rows, cols), why }).into();
    matrix(rows, cols, facts, rng).map_err(empty)
}

/// A random matrix of which nothing is known.
pub fn plain<T: Sampled>(rows: usize, cols: usize, rng: &mut impl Rng) -> Dense<T> {
    filled(rows, cols, || T::any(rng))
}

/// A random element of a set of matrices.
fn from<T: Sampled>(set: Matrices, rows: usize, cols: usize, rng: &mut impl Rng) -> Dense<T> {
    let n = rows;
    match set {
        Matrices::Zero => Dense::zeros(n, n),
        Matrices::Identity => Dense::identity(n),
        Matrices::Permutations => monomial(&shuffled(n, rng), |_| T::one()),
        Matrices::Involutions => monomial(&involution(n, rng), |_| T::one()),
        Matrices::Signs => diagonal(n, || sign(rng)),
        Matrices::SignedPermutations => monomial(&shuffled(n, rng), |_| sign(rng)),
        Matrices::SignedInvolutions => {
            let (images, signs) = (involution(n, rng), signs::<T>(n, 1, rng));
            // Both entries of an exchange have one sign.
            monomial(&images, |j| signs.get(j.min(images[j]), 0).clone())
        }
        Matrices::SignedPairings => {
            let (images, signs) = (pairing(n, n / 2, rng), signs::<T>(n, 1, rng));
            let turned = |j: usize| match images[j] {
                i if i < j => -signs.get(i, 0).clone(),
                _ => signs.get(j, 0).clone(),
            };
            monomial(&images, turned)
        }
        Matrices::Orthogonal => T::orthogonal(n, rng),
        Matrices::Reflections => {
            let q = T::orthogonal(n, rng);
            conjugated(&diagonal(n, || sign(rng)), &q)
        }
        Matrices::ComplexStructures => {
            let quarter = |i: usize, j: usize| match (i % 2, j) {
                (0, _) if j == i + 1 => -T::one(),
                (1, _) if j + 1 == i => T::one(),
                _ => T::zero(),
            };
            conjugated(&Dense::from_fn(n, n, quarter), &T::orthogonal(n, rng))
        }
        Matrices::OrthogonalFixingOnes => ones::orthogonal(n, rng),
        Matrices::ReflectionsFixingOnes => {
            let reference = ones::reflection(rng.random_range(0..n), n);
            conjugated(&reference, &ones::orthogonal(n, rng))
        }
        Matrices::FixingOnes { symmetric, entries, invertible } => {
            regular(invertible, || ones::fixing(n, symmetric, entries, rng))
        }
        Matrices::Centred { symmetry } => {
            let x = centred(&filled(n, n, || T::any(rng)));
            match symmetry {
                Symmetry::Any => x,
                Symmetry::Symmetric => halved(&x.add(&x.transpose())),
                Symmetry::Skew => halved(&x.sub(&x.transpose())),
            }
        }
        Matrices::Planes { numbers, invertible } => regular(invertible, || complex::planes(n, numbers, rng)),
        Matrices::PositiveDiagonal => diagonal(n, || T::scaling(rng)),
        Matrices::Diagonal { nonnegative: true, .. } => diagonal(n, || number::nonnegative(rng)),
        Matrices::Diagonal { nonnegative: false, invertible } => regular(invertible, || diagonal(n, || T::any(rng))),
        Matrices::Skew { invertible } => regular(invertible, || skew(n, || T::any(rng))),
        Matrices::Symmetric { entries: Entries::Any, invertible } => regular(invertible, || {
            let x = filled(n, n, || T::any(rng));
            halved(&x.add(&x.transpose()))
        }),
        Matrices::Symmetric { entries, invertible } => regular(invertible, || {
            let x: Dense<T> = filled(n, n, || number::entry(entries, rng));
            Dense::from_fn(n, n, |i, j| x.get(i.min(j), i.max(j)).clone())
        }),
        Matrices::All { entries: Entries::Any, invertible: true } => T::invertible(n, rng),
        Matrices::All { entries: Entries::Any, invertible: false } => plain(rows, cols, rng),
        Matrices::All { entries, invertible } => {
            regular(invertible, || filled(rows, cols, || number::entry(entries, rng)))
        }
    }
}
