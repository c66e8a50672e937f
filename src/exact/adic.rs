//! Ranks over the field ℚ_p of p-adic numbers, of vectors of which only the first digits are known.

use super::span::{PARALLEL, Span};
use crate::eval::{Number, Residue};
use num_traits::Zero;
use rayon::prelude::*;

/// How many products of two residues below 2⁶¹ fit into 128 bits together with a residue.
const DELAY: usize = 63;

/// A growing list of vectors of p-adic integers, each independent of those before it: whatever the digits beyond those that are
/// known are. P = pⁿ for n known digits.
#[derive(Clone, Debug)]
pub struct Padic<const P: u64> {
    width: usize,
    rows: Vec<Row<P>>,
    /// The vectors themselves.
    vectors: Vec<Vec<Residue<P>>>,
}

/// A vector of p-adic integers of which one entry, the pivot, is 1. True are its entries modulo p to the power of its precision.
#[derive(Clone, Debug)]
struct Row<const P: u64> {
    entries: Vec<Residue<P>>,
    pivot: usize,
    precision: u32,
}

/// What is left of a vector, true modulo p to the power of its precision.
struct Rest<const P: u64> {
    entries: Vec<Residue<P>>,
    precision: u32,
}

impl<const P: u64> Rest<P> {
    fn of(vector: &[Residue<P>]) -> Self {
        Rest { entries: vector.to_vec(), precision: Residue::<P>::DIGITS }
    }

    /// Less combinations of rows that are zero at their pivots afterwards.
    ///
    /// With the true rows rᵢ, whose pivots are 1, and true entries the vector less Σ cᵢ rᵢ is zero at their pivots. Here a factor c is
    /// known modulo p^m, a row modulo p^n: what is subtracted is true modulo p^min(m, n + v) for the valuation v of c. A digit
    /// of the rest below its precision that is not zero is therefore one of the true rest.
    fn reduce(&mut self, rows: &[Row<P>]) {
        let mut sums: Vec<u128> = self.entries.iter().map(|x| x.residue().into()).collect();
        let mut pending = 0;
        for row in rows {
            let factor = Residue::<P>::reduce(sums[row.pivot]);
            let valuation = factor.valuation();
            if valuation >= self.precision {
                continue;
            }
            self.precision = self.precision.min(valuation + row.precision);
            if pending == DELAY {
                pending = 0;
                sums.iter_mut().for_each(|sum| *sum = Residue::<P>::reduce(*sum).residue().into());
            }
            pending += 1;
            let factor = u128::from((-factor).residue());
            for (sum, x) in sums.iter_mut().zip(&row.entries) {
                *sum += factor * u128::from(x.residue());
            }
        }
        self.entries = sums.into_iter().map(Residue::reduce).collect();
    }

    /// The rest divided by the entry that is divisible by p the least often, if any is known not to be zero.
    fn into_row(self) -> Option<Row<P>> {
        let valuations = self.entries.iter().map(|x| x.valuation()).enumerate();
        let (pivot, shift) = valuations.min_by_key(|(_, valuation)| *valuation)?;
        if shift >= self.precision {
            return None;
        }
        let scale = self.entries[pivot].shifted(shift).reciprocal().ok()?;
        let entries = self.entries.iter().map(|x| x.shifted(shift) * scale).collect();
        Some(Row { entries, pivot, precision: self.precision - shift })
    }
}

impl<const P: u64> Padic<P> {
    /// Adds what is left of a vector, if it is known to be independent of the others; whether it is.
    fn insert(&mut self, vector: &[Residue<P>], rest: Rest<P>) -> bool {
        let Some(row) = rest.into_row() else { return false };
        self.rows.push(row);
        self.vectors.push(vector.to_vec());
        true
    }
}

impl<const P: u64> Span<P> for Padic<P> {
    fn zero(width: usize) -> Self {
        Padic { width, rows: Vec::new(), vectors: Vec::new() }
    }

    fn batch(&self) -> u64 {
        if self.width < PARALLEL { 1 } else { 32 }
    }

    fn width(&self) -> usize {
        self.width
    }

    fn rank(&self) -> usize {
        self.rows.len()
    }

    /// A batch is reduced by the present rows on all cores; what is left, by the few that it adds itself.
    fn extend(&mut self, vectors: &[Vec<Residue<P>>]) -> Vec<bool> {
        let present = self.rows.len();
        let reduced = |vector: &Vec<Residue<P>>| {
            let mut rest = Rest::of(vector);
            rest.reduce(&self.rows);
            rest
        };
        let rests: Vec<Rest<P>> = match vectors {
            [one] => vec![reduced(one)],
            many => many.par_iter().map(reduced).collect(),
        };
        let mut added = Vec::with_capacity(vectors.len());
        for (vector, mut rest) in vectors.iter().zip(rests) {
            rest.reduce(&self.rows[present..]);
            added.push(self.insert(vector, rest));
        }
        added
    }

    fn is_orthogonal(&self, vector: &[Residue<P>]) -> bool {
        self.vectors.iter().all(|other| Residue::dot(other, vector).is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Adic, mix};
    use proptest::prelude::*;

    const P: u64 = Adic::MODULUS;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        /// Vectors that agree up to multiples of p, and combinations of them.
        #[test]
        fn the_rank_is_that_over_the_rational_numbers(seed: u64, width in 1usize..30, rank in 0usize..12, more in 0usize..6) {
            let rank = rank.min(width);
            let small = |i: usize, j: usize| Residue::<P>::from_integer((mix(mix(seed, i as u64), j as u64) % 19) as i64 - 9);
            let p = Residue::<P>::new(Adic::BASE);
            // The identity in other coordinates, its rows more and more alike.
            let entry = |i: usize, j: usize| if j < rank { Residue::new(u64::from(i == j)) } else { small(i, j) };
            let basis: Vec<Vec<_>> = (0..rank)
                .map(|i| (0..width).map(|j| entry(0, j) + if i % 3 == 0 { entry(i, j) } else { entry(i, j) * p }).collect())
                .collect();
            let combination = |k: usize| -> Vec<Residue<P>> {
                (0..width).map(|j| (0..rank).fold(Residue::zero(), |sum, i| sum + basis[i][j] * small(100 + k, i))).collect()
            };
            let mut span = Padic::<P>::zero(width);
            let vectors: Vec<_> = (0..more).map(combination).chain(basis.iter().cloned()).chain((0..more).map(combination)).collect();
            for two in vectors.chunks(2) {
                span.extend(two);
            }
            prop_assert_eq!(span.rank(), rank);
        }
    }

    #[test]
    fn what_is_zero_as_far_as_it_is_known_adds_no_rank() {
        let row = |x: u64, y: u64| vec![Residue::<P>::new(x), Residue::new(y)];
        let mut span = Padic::<P>::zero(2);
        let last = Adic::BASE.pow(Adic::DIGITS - 1);
        let vectors = [row(Adic::BASE, 1), row(Adic::BASE, 1 + Adic::BASE), row(0, 0)];
        assert_eq!(span.extend(&vectors), [true, true, false]);
        // Their determinant is a multiple of p⁶, which is not known.
        let mut span = Padic::<P>::zero(2);
        assert_eq!(span.extend(&[row(Adic::BASE, 1), row(Adic::BASE, 1 + last)]), [true, false]);
        // Divided by p the first digits of these agree, and the last are not known.
        let mut span = Padic::<P>::zero(2);
        assert_eq!(span.extend(&[row(Adic::BASE, Adic::BASE), row(1, 1 + last)]), [true, false]);
        assert!(!span.is_orthogonal(&row(1, 1)));
        assert!(span.is_orthogonal(&row(1, P - 1)));
    }
}
