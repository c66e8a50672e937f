//! Which fields are worth enclosing: behind gates most data add nothing to the span of some hundreds, and floats tell them apart.

use super::fields::Fields;
use super::point::Point;
use super::scalar::Scalar;
use crate::eval::EvalError;
use faer::Mat;
use rayon::prelude::*;

/// The largest number of parameters: the complement of a span takes a singular value decomposition.
const LARGEST: usize = 2_000;

/// About how many multiplications the fields that are looked at may take, and how many they are at most.
const WORK: u64 = 1 << 36;
const DRAWS: u64 = 1 << 15;

/// How many are looked at together, and how many of these in a row may have nothing new.
const BATCH: u64 = 512;
const PATIENCE: u64 = 4;

/// Of which part of the largest singular value on a direction counts as spanned, and which part of a row must be new.
const SPANNED: f64 = 1e-11;
const NEW: f64 = 1e-8;

impl Fields {
    /// The numbers of gradient fields, from some number on, that floats see to be outside of the span of some fields and of each other, at
    /// most as many as these leave room for beside the gradients of conserved quantities.
    pub(super) fn novel<T: Scalar>(
        &self,
        (at, seed, from): (&Point<f64>, u64, u64),
        fields: &[Vec<f64>],
        laws: &[Vec<f64>],
    ) -> Result<Vec<u64>, EvalError> {
        let d = self.dimension();
        let mut novelty = match d <= LARGEST {
            true => Novelty::of(fields, laws, d),
            false => return Ok(Vec::new()),
        };
        let (mut number, mut found, mut idle) = (from, Vec::new(), 0);
        let draws = (WORK / self.multiplications().max(1)).min(DRAWS);
        while novelty.room() > 0 && number < from + draws && idle < PATIENCE {
            let row = |number| self.number_in_floats::<T>(at, seed, number);
            let batch = (number..number + BATCH).into_par_iter().map(row).collect::<Result<Vec<_>, EvalError>>()?;
            let batch = (number..).zip(&batch).filter_map(|(number, row)| Some((number, row.as_ref()?)));
            let coordinates: Vec<_> =
                batch.collect::<Vec<_>>().into_par_iter().map(|(n, x)| (n, novelty.seen(x))).collect();
            let before = found.len();
            found.extend(coordinates.into_iter().filter_map(|(number, x)| novelty.adds(x).then_some(number)));
            number += BATCH;
            idle = if found.len() > before { 0 } else { idle + 1 };
        }
        Ok(found)
    }
}

/// The complement of a span.
struct Novelty {
    /// What the coordinates are multiplied by, so that those of all sizes count.
    factors: Vec<f64>,
    /// An orthonormal basis of the complement.
    complement: Vec<Vec<f64>>,
    /// Orthonormal vectors of what has been added, in that basis.
    added: Vec<Vec<f64>>,
}

impl Novelty {
    fn of(fields: &[Vec<f64>], laws: &[Vec<f64>], d: usize) -> Novelty {
        let sized = |row: &Vec<f64>| norm(row) > 0.0 && norm(row).is_finite();
        let fields: Vec<Vec<f64>> = fields.iter().filter(|row| sized(row)).map(|row| unit(row.clone())).collect();
        let most = |j: usize| fields.iter().fold(0.0, |most: f64, row| most.max(row[j].abs()));
        let factors: Vec<f64> = (0..d).map(|j| if most(j) > 0.0 { 1.0 / most(j) } else { 1.0 }).collect();
        // What is orthogonal to fields is that to the same fields in other units in the inverse ones.
        let inverse: Vec<f64> = factors.iter().map(|x| 1.0 / x).collect();
        let rows = fields.iter().map(|row| unit(times(row, &factors)));
        let rows: Vec<Vec<f64>> = rows.chain(laws.iter().map(|row| unit(times(row, &inverse)))).collect();
        let matrix = Mat::from_fn(rows.len().max(d), d, |i, j| rows.get(i).map_or(0.0, |row| row[j]));
        let complement = match matrix.svd() {
            Ok(svd) => {
                let (values, basis) = (svd.S().column_vector(), svd.V());
                let is_left = |k: &usize| values[*k] <= SPANNED * values[0];
                (0..d).filter(is_left).map(|k| (0..d).map(|j| basis[(j, k)]).collect()).collect()
            }
            Err(_) => Vec::new(),
        };
        Novelty { factors, complement, added: Vec::new() }
    }

    fn room(&self) -> usize {
        self.complement.len() - self.added.len()
    }

    /// A row of length 1 in the complement.
    fn seen(&self, row: &[f64]) -> Vec<f64> {
        let row = unit(times(row, &self.factors));
        self.complement.iter().map(|basis| basis.iter().zip(&row).map(|(a, b)| a * b).sum()).collect()
    }

    /// Whether what is seen of a row is new; it is then added.
    fn adds(&mut self, mut seen: Vec<f64>) -> bool {
        for added in self.added.iter().chain(&self.added) {
            let along: f64 = added.iter().zip(&seen).map(|(a, b)| a * b).sum();
            seen.iter_mut().zip(added).for_each(|(x, a)| *x -= along * a);
        }
        // Not for NaN.
        let is_new = norm(&seen) > NEW && self.room() > 0;
        if is_new {
            self.added.push(unit(seen));
        }
        is_new
    }
}

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn times(x: &[f64], factors: &[f64]) -> Vec<f64> {
    x.iter().zip(factors).map(|(x, factor)| x * factor).collect()
}

fn unit(mut x: Vec<f64>) -> Vec<f64> {
    let norm = norm(&x);
    x.iter_mut().for_each(|x| *x /= norm);
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spanned_is_not_new_whatever_the_units() {
        let fields = [vec![1.0, 0.0, 1e6, 0.0], vec![0.0, 1.0, 0.0, 0.0]];
        let laws = [vec![1e6, 0.0, -1.0, 0.0]];
        let mut novelty = Novelty::of(&fields, &laws, 4);
        assert_eq!(novelty.room(), 1);
        let sum = novelty.seen(&[2.0, 3.0, 2e6, 0.0]);
        assert!(!novelty.adds(sum));
        let new = novelty.seen(&[1.0, 0.0, 1e6, 1.0]);
        assert!(novelty.adds(new.clone()));
        assert!(!novelty.adds(new));
        assert_eq!(novelty.room(), 0);
    }
}
