//! The eigenvalues of largest magnitude of a symmetric operator that is known by its products.
//!
//! A space grows by the residuals of a block of Ritz vectors and starts anew from the best of them (Liu, 1978; Stathopoulos and Saad, 1998). The block has
//! more vectors than eigenvalues are asked for: a space that grows from one vector has one vector of each eigenspace, and does not see that an
//! eigenvalue is repeated, as those of Hessians with symmetries are.

use super::spectrum::{Eigen, eigen};
use super::{gaussian, stream};
use crate::eval::EvalError;
use faer::{Mat, MatRef};
use rayon::prelude::*;

/// A symmetric operator applied to a vector.
pub type Product<'a> = &'a (dyn Fn(&[f64]) -> Result<Vec<f64>, EvalError> + Sync);

/// How many vectors more than eigenvalues a block has.
const SPARE: usize = 4;

/// How many blocks a space has at least, and at most where there is memory, and how many are kept where it starts anew.
const BLOCKS: (usize, usize) = (3, 6);
const KEPT: usize = 2;

/// The most numbers of a space with its image.
const NUMBERS: usize = 1 << 27;

/// How many blocks of products are made at most.
const PRODUCTS: usize = 256;

/// How exactly eigenvalues are found, relative to the norm of the operator.
const EXACT: f64 = 1e-9;

/// What is left of a vector outside of a space, as a part of it, is no direction of its own.
const NOTHING: f64 = 1e-10;

/// How many eigenvalues are asked for at most.
pub const MOST: usize = 64;

/// Of a symmetric operator of about the norm `size` the eigenvalues of largest magnitude, each as often as it is repeated: as many of `count` as
/// were found up to 10⁻⁹ of that.
///
/// # Errors
/// Those of products, and where there is no memory for a space, or the operator is too small for one.
pub fn largest(dimension: usize, count: usize, size: f64, product: Product<'_>) -> Result<Eigen, EvalError> {
    let (block, room) = (count + SPARE, NUMBERS / (2 * dimension).max(1));
    if room < BLOCKS.0 * block {
        let most = (room / BLOCKS.0).saturating_sub(SPARE);
        return Err(EvalError::TooManyEigenvalues { count, dimension, most });
    }
    let width = room.min(BLOCKS.1 * block);
    if width >= dimension {
        return Err(EvalError::Unsupported("a part of a spectrum that small".into()));
    }
    if size == 0.0 {
        return Ok(Eigen { values: vec![], vectors: Mat::zeros(dimension, 0) });
    }
    let mut space = Space::with_room(dimension, width);
    let mut new = gaussian(dimension, block, &mut stream(0, "the first vectors of a space"));
    let mut blocks = 0;
    loop {
        space.extend(new, product)?;
        blocks += 1;
        let (values, coordinates) = space.ritz()?;
        let some = block.min(values.len());
        let residuals = space.residuals(&values, coordinates.subcols(0, some));
        let open: Vec<usize> = (0..some).filter(|k| residuals.col(*k).norm_l2() > EXACT * size).collect();
        let found = open.first().map_or(some, |first| *first).min(count);
        if found == count || open.is_empty() || blocks == PRODUCTS {
            return Ok(space.eigen(&values[..found], coordinates.subcols(0, found)));
        }
        if space.width() + open.len() > width {
            let kept = (KEPT * block).min(values.len());
            space.turn(&values[..kept], coordinates.subcols(0, kept));
        }
        new = Mat::from_fn(dimension, open.len(), |i, k| residuals[(i, open[k])]);
    }
}

/// An orthonormal basis, its image under an operator, and the products of both.
struct Space {
    basis: Mat<f64>,
    image: Mat<f64>,
    products: Mat<f64>,
}

impl Space {
    fn with_room(dimension: usize, width: usize) -> Space {
        let empty = || {
            let mut empty = Mat::with_capacity(dimension, width);
            empty.resize_with(dimension, 0, |_, _| 0.0);
            empty
        };
        Space { basis: empty(), image: empty(), products: Mat::zeros(0, 0) }
    }

    fn width(&self) -> usize {
        self.basis.ncols()
    }

    /// Adds directions.
    fn extend(&mut self, mut new: Mat<f64>, product: Product<'_>) -> Result<(), EvalError> {
        let before = self.width();
        for k in 0..new.ncols() {
            let length = new.col(k).norm_l2();
            // Twice is enough (Kahan; Parlett, 1980).
            for _ in 0..2 {
                let along = self.basis.transpose() * new.col(k);
                let outside = new.col(k) - &self.basis * along;
                new.col_mut(k).copy_from(outside);
            }
            let left = new.col(k).norm_l2();
            if left > NOTHING * length {
                let unit = new.col(k) * faer::Scale(1.0 / left);
                self.basis.resize_with(self.basis.nrows(), self.width() + 1, |i, _| unit[i]);
            }
        }
        let added: Vec<Vec<f64>> = (before..self.width())
            .into_par_iter()
            .map(|k| product(self.basis.col_as_slice(k)))
            .collect::<Result<_, EvalError>>()?;
        let dimension = self.basis.nrows();
        self.image.resize_with(dimension, self.width(), |i, k| added[k - before][i]);
        let products = self.basis.transpose() * self.image.subcols(before, added.len());
        self.products.resize_with(self.width(), self.width(), |i, j| {
            if j >= before { products[(i, j - before)] } else { products[(j, i - before)] }
        });
        Ok(())
    }

    /// The Ritz values, of largest magnitude first, and their vectors in coordinates.
    fn ritz(&self) -> Result<(Vec<f64>, Mat<f64>), EvalError> {
        let symmetric = (&self.products + self.products.transpose()) * faer::Scale(0.5);
        let Eigen { values, vectors } = eigen(&symmetric)?;
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&i, &j| values[j].abs().total_cmp(&values[i].abs()));
        let vectors = Mat::from_fn(vectors.nrows(), order.len(), |i, k| vectors[(i, order[k])]);
        Ok((order.into_iter().map(|k| values[k]).collect(), vectors))
    }

    /// H x − λ x.
    fn residuals(&self, values: &[f64], coordinates: MatRef<'_, f64>) -> Mat<f64> {
        let (vectors, mut images) = (&self.basis * coordinates, &self.image * coordinates);
        for (k, value) in values.iter().enumerate().take(coordinates.ncols()) {
            let column = images.col(k) - vectors.col(k) * faer::Scale(*value);
            images.col_mut(k).copy_from(column);
        }
        images
    }

    /// Goes over to the space of some Ritz vectors.
    fn turn(&mut self, values: &[f64], coordinates: MatRef<'_, f64>) {
        let (dimension, count) = (self.basis.nrows(), values.len());
        for part in [&mut self.basis, &mut self.image] {
            let turned = &*part * coordinates;
            part.truncate(dimension, count);
            part.copy_from(turned);
        }
        self.products = Mat::from_fn(count, count, |i, j| if i == j { values[i] } else { 0.0 });
    }

    fn eigen(&self, values: &[f64], coordinates: MatRef<'_, f64>) -> Eigen {
        Eigen::sorted(values, (&self.basis * coordinates).as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Q diag(λ) Qᵀ for a reflection Q.
    fn product(values: Vec<f64>) -> impl Fn(&[f64]) -> Result<Vec<f64>, EvalError> + Sync {
        let normal = gaussian(values.len(), 1, &mut stream(1, "normal"));
        let square = normal.norm_l2().powi(2);
        let reflected = move |v: &[f64]| -> Vec<f64> {
            let along = 2.0 * (0..v.len()).map(|i| normal[(i, 0)] * v[i]).sum::<f64>() / square;
            (0..v.len()).map(|i| v[i] - along * normal[(i, 0)]).collect()
        };
        move |v| {
            let turned = reflected(v);
            Ok(reflected(&turned.iter().zip(&values).map(|(x, value)| x * value).collect::<Vec<_>>()))
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Repeated ones, ones of both signs, and an operator of low rank.
        #[test]
        fn the_largest_eigenvalues_are_found_as_often_as_they_are_repeated(
            heads in prop::collection::vec((-4.0..4.0f64, 1usize..40), 1..8), count in 1usize..12, tail in 0.0..0.5f64
        ) {
            let dimension = 600;
            let mut values: Vec<f64> = heads.iter().flat_map(|(value, times)| vec![*value; *times]).collect();
            values.resize_with(dimension, Default::default);
            for (k, value) in values.iter_mut().enumerate().filter(|(_, value)| **value == 0.0) {
                *value = tail * (k as f64).sin();
            }
            let mut expected = values.clone();
            expected.sort_by(|x, y| y.abs().total_cmp(&x.abs()));
            let size = expected[0].abs();
            let found = largest(dimension, count, size, &product(values)).unwrap();
            let mut sorted = found.values.clone();
            sorted.sort_by(|x, y| y.abs().total_cmp(&x.abs()));
            for (x, y) in sorted.iter().zip(&expected) {
                prop_assert!((x.abs() - y.abs()).abs() <= 1e-7 * size, "{x} for {y}");
            }
            let gram = found.vectors.transpose() * &found.vectors - Mat::<f64>::identity(sorted.len(), sorted.len());
            prop_assert!(gram.norm_max() < 1e-8);
            // A gap makes that all are found.
            if tail < 0.2 && heads.iter().all(|(value, _)| value.abs() > 0.5) && heads.iter().map(|(_, times)| times).sum::<usize>() >= count {
                prop_assert_eq!(sorted.len(), count);
            }
        }
    }

    #[test]
    fn an_operator_of_rank_one_has_one_eigenvalue_and_zeros() {
        let mut values = vec![0.0; 500];
        values[17] = -3.0;
        let found = largest(500, 5, 3.0, &product(values)).unwrap();
        assert!(found.values.len() == 5 && (found.values[4] + 3.0).abs() < 1e-9, "{:?}", found.values);
        assert!(found.values[..4].iter().all(|x| x.abs() < 1e-9));
    }
}
