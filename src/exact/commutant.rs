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
            negative ^= self.parent[at].1;
            at = self.parent[at].0;
        }
        self.parent[k] = (at, negative);
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
