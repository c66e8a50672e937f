//! A generic symmetric matrix that commutes with a group of signed permutations: constant up to signs on the orbits of the
//! group on pairs of coordinates, and zero on an orbit that meets its own negative.

use crate::eval::{Prime, mix};
use num_traits::Zero;

/// The matrix, with a pseudo-random entry for each orbit. `moves` are generators of the group: coordinate j goes to the given
/// coordinate by the given sign.
pub fn commuting(n: usize, moves: &[Vec<(usize, i64)>], seed: u64) -> Vec<Vec<Prime>> {
    let mut forest = Forest { parent: (0..n * n).map(|k| (k, false)).collect(), zero: vec![false; n * n] };
    for i in 0..n {
        for j in 0..i {
            forest.join(i * n + j, j * n + i, false);
        }
    }
    for signed in moves {
        for (i, &(to_i, s)) in signed.iter().enumerate() {
            for (j, &(to_j, t)) in signed.iter().enumerate() {
                forest.join(i * n + j, to_i * n + to_j, s * t < 0);
            }
        }
    }
    let mut entry = |i: usize, j: usize| {
        let (root, negative) = forest.root(i * n + j);
        let value = Prime::new(mix(seed, root as u64));
        match (forest.zero[root], negative) {
            (true, _) => Prime::zero(),
            (false, true) => Prime::zero() - value,
            (false, false) => value,
        }
    };
    (0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect()
}

/// The orbits of a group of signed permutations on the coordinates. The vectors it fixes are constant up to signs on each
/// orbit, and zero on one that meets its own negative.
pub struct Orbits {
    /// For each coordinate the first of its orbit, and whether it is the negative of that; `None` on an orbit of zeros.
    place: Vec<Option<(usize, bool)>>,
}

impl Orbits {
    /// `moves` are generators of the group, as in [`commuting`].
    pub fn new(n: usize, moves: &[Vec<(usize, i64)>]) -> Orbits {
        let mut forest = Forest { parent: (0..n).map(|k| (k, false)).collect(), zero: vec![false; n] };
        for signed in moves {
            for (j, &(to, sign)) in signed.iter().enumerate() {
                forest.join(j, to, sign < 0);
            }
        }
        let place = |k: usize| {
            let (root, negative) = forest.root(k);
            (!forest.zero[root]).then_some((root, negative))
        };
        Orbits { place: (0..n).map(place).collect() }
    }

    /// The dimension of the fixed space.
    pub fn dimension(&self) -> usize {
        self.place.iter().enumerate().filter(|(k, place)| place.is_some_and(|(root, _)| root == *k)).count()
    }

    /// The orthogonal projection of a vector onto the fixed space.
    pub fn average(&self, v: impl Iterator<Item = f64>) -> Vec<f64> {
        let signed = |x: f64, negative: bool| if negative { -x } else { x };
        let mut sums = vec![(0.0, 0u32); self.place.len()];
        for (x, place) in v.zip(&self.place) {
            if let Some((root, negative)) = place {
                sums[*root].0 += signed(x, *negative);
                sums[*root].1 += 1;
            }
        }
        let mean = |(root, negative): (usize, bool)| signed(sums[root].0 / f64::from(sums[root].1), negative);
        self.place.iter().map(|place| place.map_or(0.0, mean)).collect()
    }
}

/// Union-find in which an element is plus or minus its parent.
struct Forest {
    parent: Vec<(usize, bool)>,
    /// Roots that are their own negatives.
    zero: Vec<bool>,
}

impl Forest {
    fn root(&mut self, k: usize) -> (usize, bool) {
        let (mut at, mut negative) = (k, false);
        while self.parent[at].0 != at {
            // Every node on the way is moved up to its grandparent, so that ways stay short.
            let (parent, sign) = self.parent[at];
            let (above, further) = self.parent[parent];
            self.parent[at] = (above, sign ^ further);
            negative ^= sign ^ further;
            at = above;
        }
        (at, negative)
    }

    fn join(&mut self, x: usize, y: usize, negative: bool) {
        let ((x, s), (y, t)) = (self.root(x), self.root(y));
        let negative = negative ^ s ^ t;
        if x == y {
            self.zero[x] |= negative;
        } else {
            // The smaller root stays, so the result does not depend on the order of the generators.
            let (low, high) = (x.min(y), x.max(y));
            self.parent[high] = (low, negative);
            self.zero[low] |= self.zero[high];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::eigenvalue_multiplicities;

    fn cycle(n: usize) -> Vec<(usize, i64)> {
        (0..n).map(|i| ((i + 1) % n, 1)).collect()
    }

    #[test]
    fn permutations_of_h_coordinates_leave_one_simple_eigenvalue_and_one_of_multiplicity_h_minus_1() {
        for h in 2..7 {
            let mut swap: Vec<(usize, i64)> = (0..h).map(|i| (i, 1)).collect();
            swap.swap(0, 1);
            let found = eigenvalue_multiplicities(commuting(h, &[cycle(h), swap], 1));
            let expected = if h == 2 { vec![(1, 2)] } else { vec![(1, 1), (h - 1, 1)] };
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_projection_onto_the_fixed_space_averages_orbits_with_their_signs() {
        // 0 → −1 → 0 is an orbit, 2 is its own negative, 3 stays.
        let orbits = Orbits::new(4, &[vec![(1, -1), (0, -1), (2, -1), (3, 1)]]);
        assert_eq!(orbits.dimension(), 2);
        assert_eq!(orbits.average([1.0, 3.0, 5.0, 7.0].into_iter()), [-1.0, 1.0, 0.0, 7.0]);
    }

    #[test]
    fn orbits_of_a_long_cycle_are_found_in_linear_time() {
        let n = 1 << 20;
        let orbits = Orbits::new(n, &[cycle(n)]);
        assert_eq!(orbits.dimension(), 1);
    }

    #[test]
    fn the_multiplicities_add_up_to_the_number_of_coordinates() {
        for seed in 0..40 {
            let n = 2 + (mix(seed, 0) % 9) as usize;
            let signed = |which: u64| -> Vec<(usize, i64)> {
                let mut to: Vec<usize> = (0..n).collect();
                to.sort_by_key(|k| mix(seed, 1000 * which + *k as u64));
                let sign = |k: usize| if mix(seed + which, k as u64).is_multiple_of(3) { -1 } else { 1 };
                to.into_iter().enumerate().map(|(k, to)| (to, sign(k))).collect()
            };
            let moves: Vec<_> = (1..=1 + mix(seed, 1) % 2).map(signed).collect();
            let classes = eigenvalue_multiplicities(commuting(n, &moves, seed));
            assert_eq!(classes.iter().map(|(multiplicity, count)| multiplicity * count).sum::<usize>(), n);
        }
    }

    #[test]
    fn a_cycle_repeats_eigenvalues_in_pairs() {
        assert_eq!(eigenvalue_multiplicities(commuting(5, &[cycle(5)], 1)), [(1, 1), (2, 2)]);
        assert_eq!(eigenvalue_multiplicities(commuting(6, &[cycle(6)], 1)), [(1, 2), (2, 2)]);
    }

    #[test]
    fn a_sign_on_one_coordinate_clears_its_row() {
        let found = commuting(3, &[vec![(0, -1), (1, 1), (2, 1)]], 7);
        assert!(found[0][1].is_zero() && found[0][2].is_zero() && !found[1][2].is_zero() && !found[0][0].is_zero());
        assert_eq!(found[1][2], found[2][1]);
    }
}
