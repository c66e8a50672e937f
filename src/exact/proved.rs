//! Ranks of real matrices of which every entry is enclosed, proved from below.

use super::pivots::Elimination;
use crate::eval::{Enclosure, Number};
use faer::Mat;
use num_traits::Zero;
use rayon::prelude::*;

/// How many last pivots are given up one after the other, by powers of ten of their size.
const PIVOTS: [f64; 8] = [1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-7, 1e-5];

/// The same where a rank is not proved but guessed.
pub(super) const LIKELY: f64 = 1e-11;

/// How many weighted norms are tried, and the least weight.
const NORMS: usize = 6;
const LEAST_WEIGHT: f64 = 1e-6;

/// A bound of the factor by which sums of products of positive floats may be too small, and more than all roundings beside them.
pub(super) const GENEROUS: f64 = 1.01;

/// All real numbers within a distance of a float.
#[derive(Clone, Copy, Debug)]
pub(super) struct Near {
    pub float: f64,
    pub distance: f64,
}

impl<const N: usize> From<Enclosure<N>> for Near {
    fn from(x: Enclosure<N>) -> Near {
        let (float, distance) = x.near();
        Near { float, distance }
    }
}

/// How far from their floats numbers of a row are, relative to the largest of them.
pub(super) fn uncertainty(row: &[Near]) -> f64 {
    let most = |f: fn(&Near) -> f64| row.iter().map(f).fold(0.0, f64::max);
    let size = most(|x| x.float.abs());
    if size > 0.0 { most(|x| x.distance) / size } else { most(|x| x.distance) }
}

/// The numbers of a row that may differ from zero.
pub(super) fn entries(row: &[Near]) -> Vec<(usize, Near)> {
    row.iter().copied().enumerate().filter(|(_, x)| x.float != 0.0 || x.distance != 0.0).collect()
}

/// Whether Σ xᵢyᵢ is surely not zero.
pub(super) fn surely_meet(x: &[Near], y: &[(usize, Near)]) -> bool {
    let (mut sum, mut size, mut distance) = (0.0, 0.0, 0.0);
    for (x, y) in y.iter().map(|(i, y)| (&x[*i], y)) {
        sum += x.float * y.float;
        size += (x.float * y.float).abs();
        distance += x.float.abs() * y.distance + y.float.abs() * x.distance + x.distance * y.distance;
    }
    let rounding = (y.len() as f64 + 4.0) * f64::EPSILON * size;
    // Not for NaN.
    sum.abs() > (rounding + distance) * GENEROUS + f64::MIN_POSITIVE
}

/// A number that the rank of every real matrix with such rows is not below.
///
/// *Method.* Elimination in floating point with full pivoting proposes r rows and r columns: a square matrix B, of which the floats B₀ are
/// the middles and every entry is within Δ. For the approximate inverse R of B₀, any matrix at all, ‖I − R B‖ < 1 in any norm shows that B is
/// regular (Rump 1983, "Solving algebraic problems with high accuracy"). Entry by entry |I − R B| ≤ E = |I − R B₀| + |R| Δ, and a product of
/// floats of inner dimension r is wrong by at most γ |R| |B₀| for γ = r u/(1 − r u), in whichever order it is summed (Higham 2002, chapter 3).
/// In the norm maxᵢ |xᵢ|/wᵢ, w > 0, that of I − R B is at most maxᵢ (E w)ᵢ/wᵢ, which for good w comes close to the largest eigenvalue of E
/// (Collatz 1942).
pub(super) fn proved_rank(rows: &[Vec<Near>], width: usize) -> usize {
    let scaled = Scaled::of(rows, width);
    let Some(order) = scaled.elimination() else { return 0 };
    let entry = |i: usize, j: usize| scaled.rows[order.rows[i]][order.columns[j]];
    Block::leading(&order.ranks(&PIVOTS), entry).map_or(0, |block| block.rank())
}

/// The rank of real rows as floats see it.
pub(super) fn likely_rank(rows: &[Vec<Near>], width: usize) -> usize {
    rank_in_floats(rows, (width, LIKELY))
}

/// How many pivots are larger than a part of the first.
pub(super) fn rank_in_floats(rows: &[Vec<Near>], (width, part): (usize, f64)) -> usize {
    Scaled::of(rows, width).elimination().map_or(0, |elimination| elimination.rank(part))
}

/// A square block of enclosed numbers that is regular, and an approximate inverse of its floats.
pub(super) struct Block {
    inverse: Mat<f64>,
    /// More than the norm of I − R B for the inverse R, and less than 1.
    wrong: f64,
    /// By how much the norm may differ from ‖·‖_∞: the largest weight over the smallest.
    spread: f64,
}

impl Block {
    /// `None` where it is not seen that every matrix of some numbers is regular.
    fn of(n: usize, entry: impl Fn(usize, usize) -> Near) -> Option<Block> {
        use faer::linalg::solvers::DenseSolveCore;
        let floats = Mat::from_fn(n, n, |i, j| entry(i, j).float);
        let inverse = floats.partial_piv_lu().inverse();
        if !inverse.is_all_finite() {
            return None;
        }
        let rounding = (n as f64 + 4.0) * f64::EPSILON;
        let wrong = Mat::from_fn(n, n, |i, j| entry(i, j).distance + rounding * floats[(i, j)].abs());
        let size = Mat::from_fn(n, n, |i, j| inverse[(i, j)].abs());
        let (product, error) = (&inverse * &floats, &size * &wrong);
        let bound = Mat::from_fn(n, n, |i, j| {
            (product[(i, j)] - f64::from(u8::from(i == j))).abs() + error[(i, j)] + f64::EPSILON
        });
        let mut weights = Mat::from_fn(n, 1, |_, _| 1.0);
        for _ in 0..NORMS {
            let image = &bound * &weights;
            let ratio = |i: usize| image[(i, 0)] * GENEROUS / weights[(i, 0)];
            let wrong = (0..n).map(ratio).fold(0.0, f64::max);
            // Not for NaN.
            if (0..n).all(|i| ratio(i) < 1.0) {
                let most = weights.norm_max();
                let least = (0..n).map(|i| weights[(i, 0)]).fold(f64::INFINITY, f64::min);
                return Some(Block { inverse, wrong, spread: most / least * GENEROUS });
            }
            let most = image.norm_max();
            if !most.is_normal() {
                return None;
            }
            weights = Mat::from_fn(n, 1, |i, _| image[(i, 0)] / most + LEAST_WEIGHT);
        }
        None
    }

    /// The first of some leading blocks that is seen to be regular.
    pub fn leading(ranks: &[usize], entry: impl Fn(usize, usize) -> Near) -> Option<Block> {
        ranks.iter().filter(|rank| **rank > 0).find_map(|rank| Block::of(*rank, &entry))
    }

    pub fn rank(&self) -> usize {
        self.inverse.nrows()
    }

    /// More than ‖B⁻¹‖_∞ = ‖(R B)⁻¹ R‖_∞, and ‖(R B)⁻¹‖ ≤ 1/(1 − ‖I − R B‖) in the weighted norm.
    pub fn inverse_at_most(&self) -> f64 {
        let n = self.rank();
        let of_row = |i: usize| (0..n).map(|j| self.inverse[(i, j)].abs()).sum::<f64>();
        (0..n).map(of_row).fold(0.0, f64::max) * GENEROUS * self.spread / (1.0 - self.wrong)
    }

    /// How often about the rows of the block stand in the first entries of some rows.
    pub fn multiples<const N: usize>(&self, rows: &[Vec<Enclosure<N>>]) -> Vec<Vec<f64>> {
        let n = self.rank();
        let multiples = Mat::from_fn(rows.len(), n, |i, j| rows[i][j].middle()) * &self.inverse;
        (0..rows.len()).map(|i| (0..n).map(|j| multiples[(i, j)]).collect()).collect()
    }
}

/// The same by elimination of the enclosed numbers themselves, with the largest pivot that is known not to be zero: it needs digits in number
/// of the rows, and finds what is too small for floats.
pub(super) fn eliminated_rank<const N: usize>(mut rows: Vec<Vec<Enclosure<N>>>) -> usize {
    let mut rank = 0;
    loop {
        let largest = |(i, row): (usize, &Vec<Enclosure<N>>)| {
            let entries = row.iter().enumerate().map(|(j, x)| (x.near(), j));
            let known = entries.filter(|((float, distance), _)| float.abs() > *distance);
            known.map(|((float, _), j)| (float.abs(), i, j)).max_by(|a, b| a.0.total_cmp(&b.0))
        };
        let pivots: Vec<_> = rows.par_iter().enumerate().filter_map(largest).collect();
        let best = pivots.into_iter().max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let Some((_, place, column)) = best else { return rank };
        let pivot = rows.swap_remove(place);
        let Ok(reciprocal) = pivot[column].reciprocal() else { return rank };
        rows.par_iter_mut().filter(|row| !row[column].is_zero()).for_each(|row| {
            let factor = row[column] * reciprocal;
            for (j, (x, p)) in row.iter_mut().zip(&pivot).enumerate() {
                *x = if j == column { Enclosure::ZERO } else { *x - factor * *p };
            }
        });
        rank += 1;
    }
}

/// The rows and columns that have an entry known not to be zero, times powers of two that bring their largest such entries next to 1.
pub(super) struct Scaled {
    rows: Vec<Vec<Near>>,
    /// Which rows they are, and the exponents of their factors.
    places: Vec<(usize, i32)>,
    columns: Vec<(usize, i32)>,
}

impl Scaled {
    pub fn of(rows: &[Vec<Near>], width: usize) -> Scaled {
        let exponent = |most: f64| -(most.log2().floor() as i32);
        let known = |most: f64, x: &Near| if x.float.abs() > x.distance { most.max(x.float.abs()) } else { most };
        let moderate = |most: f64| most > 1e-100 && most < 1e100;
        // What becomes too small for a float is off by less than the smallest normal one.
        let times = |x: &Near, exponent: i32| Near {
            float: x.float * 2f64.powi(exponent),
            distance: x.distance * 2f64.powi(exponent) * (1.0 + f64::EPSILON) + f64::MIN_POSITIVE,
        };
        let places = rows.iter().enumerate().filter(|(_, row)| row.iter().all(|x| x.distance < 1e100));
        let places = places.map(|(i, row)| (i, row.iter().fold(0.0, known))).filter(|(_, most)| moderate(*most));
        let places: Vec<(usize, i32)> = places.map(|(i, most)| (i, exponent(most))).collect();
        let evened = |(i, exponent): &(usize, i32)| rows[*i].iter().map(|x| times(x, *exponent)).collect();
        let rows: Vec<Vec<Near>> = places.iter().map(evened).collect();
        let columns = (0..width).map(|j| (j, rows.iter().fold(0.0, |most: f64, row| known(most, &row[j]))));
        let columns = columns.filter(|(_, most)| moderate(*most)).map(|(j, most)| (j, exponent(most)));
        let columns: Vec<(usize, i32)> = columns.collect();
        let evened = |row: &Vec<Near>| columns.iter().map(|(j, exponent)| times(&row[*j], *exponent)).collect();
        Scaled { rows: rows.iter().map(evened).collect(), places, columns }
    }

    /// The order in which floats eliminate; `None` where nothing is known not to be zero.
    pub fn elimination(&self) -> Option<Elimination> {
        let (height, width) = (self.rows.len(), self.columns.len());
        (height > 0 && width > 0).then(|| Elimination::of(Mat::from_fn(height, width, |i, j| self.rows[i][j].float)))
    }

    /// Which row a row is.
    pub fn origin(&self, row: usize) -> usize {
        self.places[row].0
    }

    /// The same row of other enclosures, in an order of the columns.
    pub fn enclosed<const N: usize>(
        &self,
        row: usize,
        columns: &[usize],
        entries: &[Enclosure<N>],
    ) -> Vec<Enclosure<N>> {
        let of = |column: &usize| {
            let (column, exponent) = self.columns[*column];
            entries[column].scaled(i64::from(exponent + self.places[row].1))
        };
        columns.iter().map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::mix;
    use crate::term::Rational;
    use proptest::prelude::*;

    type Number128 = Enclosure<2>;

    fn number(seed: u64, i: usize, j: usize) -> Number128 {
        let n = (mix(mix(seed, i as u64), j as u64) % 2001) as i64 - 1000;
        Enclosure::from_rational(&Rational::new(n.into(), 999.into())).expect("a number")
    }

    /// Combinations of so many rows.
    fn combined(seed: u64, count: usize, rank: usize, width: usize) -> Vec<Vec<Number128>> {
        let entry = |i: usize, j: usize| {
            (0..rank).fold(Number128::zero(), |sum, k| sum + number(seed, i, 1000 + k) * number(seed, k, j))
        };
        (0..count).map(|i| (0..width).map(|j| entry(i, j)).collect()).collect()
    }

    fn rows(seed: u64, count: usize, rank: usize, width: usize) -> Vec<Vec<Near>> {
        let near = |row: Vec<Number128>| row.into_iter().map(Near::from).collect();
        combined(seed, count, rank, width).into_iter().map(near).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(80))]
        #[test]
        fn the_rank_of_combinations_is_never_more_than_their_number(seed: u64, count in 0usize..40, rank in 0usize..30, width in 1usize..40) {
            let found = proved_rank(&rows(seed, count, rank, width), width);
            prop_assert_eq!(found, rank.min(count).min(width));
            prop_assert_eq!(eliminated_rank(combined(seed, count, rank, width)), found);
        }

        /// Rows and columns of very different sizes.
        #[test]
        fn powers_of_two_do_not_matter(seed: u64, rank in 1usize..12) {
            let size = |i: usize| 2f64.powi((mix(seed, i as u64) % 100) as i32 - 50);
            let rows = rows(seed, 20, rank, 15);
            let scaled = |(i, row): (usize, &Vec<Near>)| -> Vec<Near> {
                let times = |x: &Near, factor: f64| Near { float: x.float * factor, distance: x.distance * factor };
                row.iter().enumerate().map(|(j, x)| times(x, size(i) * size(100 + j))).collect()
            };
            prop_assert_eq!(proved_rank(&rows.iter().enumerate().map(scaled).collect::<Vec<_>>(), 15), rank);
        }
    }

    /// A number that may be zero, however small the others of its row and column are.
    #[test]
    fn what_is_not_known_hides_nothing() {
        let (known, vague) = (Near { float: 1.0, distance: 1e-16 }, Near { float: 1e-40, distance: 1e-36 });
        let zero = Near { float: 0.0, distance: 0.0 };
        let rows = [vec![known, vague, zero], vec![zero, vague, known], vec![vague, vague, vague]];
        assert_eq!(proved_rank(&rows, 3), 2);
    }

    /// diag(1, ε) in other coordinates, and the same without ε.
    #[test]
    fn elimination_finds_what_is_too_small_for_floats() {
        let row = |x: i64, tiny: i64| {
            let (x, tiny) = (Number128::from_integer(x), Number128::from_integer(tiny).scaled(-80));
            vec![x * number(1, 0, 0) + tiny * number(1, 1, 0), x * number(1, 0, 1) + tiny * number(1, 1, 1)]
        };
        let near = |rows: &[Vec<Number128>]| -> Vec<Vec<Near>> {
            rows.iter().map(|row| row.iter().copied().map(Near::from).collect()).collect()
        };
        let (two, one) = (vec![row(3, 1), row(1, 2)], vec![row(3, 3), row(1, 1)]);
        assert_eq!((proved_rank(&near(&two), 2), eliminated_rank(two)), (1, 2));
        assert_eq!((proved_rank(&near(&one), 2), eliminated_rank(one)), (1, 1));
    }

    #[test]
    fn what_may_be_singular_has_no_full_rank() {
        let wide = |float: f64| Near { float, distance: 0.6 };
        let zero = Near { float: 0.0, distance: 0.0 };
        assert!(Block::of(3, |i, j| if i == j { wide(1.0) } else { zero }).is_some());
        // diag(1 ± 0.6) beside ± 0.6 may have determinant 0.
        assert!(Block::of(2, |i, j| wide(if i == j { 1.0 } else { 0.0 })).is_none());
        assert_eq!(proved_rank(&[vec![wide(0.0), wide(0.0)]], 2), 0);
        assert_eq!(proved_rank(&[vec![wide(f64::NAN)]], 1), 0);
        assert_eq!(proved_rank(&[], 2), 0);
        let one = Near { float: 1.0, distance: 0.4 };
        assert!(surely_meet(&[one, zero], &entries(&[one, one])) && !surely_meet(&[one], &entries(&[wide(0.5)])));
        assert!(!surely_meet(&[one, zero], &entries(&[zero, one])));
    }
}
