//! A generic symmetric matrix that commutes with a group of signed permutations: constant up to signs on the orbits of the
//! group on pairs of coordinates, and zero on an orbit that meets its own negative.

use super::multiplicity::eigenvalue_multiplicities;
use crate::eval::{Prime, mix};
use num_traits::Zero;

/// Where each coordinate goes and by which sign: twice the place, and one more for −1.
#[derive(Clone, Debug, PartialEq)]
pub struct Moves(Vec<u32>);

impl Moves {
    /// The most coordinates that are moved.
    pub const MOST: usize = 1 << 30;

    /// Where no coordinate goes anywhere.
    pub fn resting(n: usize) -> Moves {
        Moves((0..n as u32).map(|k| 2 * k).collect())
    }

    /// Sends coordinate j to another one, as it is or as its negative.
    pub fn send(&mut self, j: usize, to: usize, negative: bool) {
        self.0[j] = 2 * to as u32 + u32::from(negative);
    }

    fn rests(&self, j: usize) -> bool {
        self.0[j] == 2 * j as u32
    }

    /// The images of the coordinates in their order, each with whether it is negative.
    pub fn iter(&self) -> impl Iterator<Item = (usize, bool)> {
        self.0.iter().map(|at| ((at / 2) as usize, at % 2 == 1))
    }
}

/// How many eigenvalues of the matrix have each multiplicity, in ascending order. A coordinate at rest is a trivial representation of its own,
/// with one simple eigenvalue more, so that only the matrix of the others is looked at.
pub fn multiplicities(n: usize, moves: &[Moves], seed: u64) -> Vec<(usize, usize)> {
    let moving: Vec<usize> = (0..n).filter(|&j| !moves.iter().all(|moves| moves.rests(j))).collect();
    let among = |moves: &Moves| {
        let mut among = Moves::resting(moving.len());
        for (new, &j) in moving.iter().enumerate() {
            let (to, negative) = ((moves.0[j] / 2) as usize, moves.0[j] % 2 == 1);
            // What is moved to a coordinate at rest rests there.
            moving.binary_search(&to).into_iter().for_each(|to| among.send(new, to, negative));
        }
        among
    };
    let moves: Vec<Moves> = moves.iter().map(among).collect();
    let mut found = eigenvalue_multiplicities(commuting(moving.len(), &moves, seed));
    match (n - moving.len(), found.first_mut()) {
        (0, _) => {}
        (resting, Some((1, simple))) => *simple += resting,
        (resting, _) => found.insert(0, (1, resting)),
    }
    found
}

/// The matrix, with a pseudo-random entry for each orbit. `moves` are generators of the group.
fn commuting(n: usize, moves: &[Moves], seed: u64) -> Vec<Vec<Prime>> {
    let mut forest = Forest::new(n * n);
    for i in 0..n {
        for j in 0..i {
            forest.join(i * n + j, j * n + i, false);
        }
    }
    for moves in moves {
        for (i, (to_i, s)) in moves.iter().enumerate() {
            for (j, (to_j, t)) in moves.iter().enumerate() {
                forest.join(i * n + j, to_i * n + to_j, s != t);
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
    /// For each coordinate the first of its orbit, and whether it is the negative of that, as in [`Moves`].
    place: Moves,
    /// For the first coordinate of an orbit how many it has, but 0 where it meets its own negative.
    size: Vec<u32>,
}

impl Orbits {
    /// `moves` are generators of the group, as in [`commuting`].
    pub fn new(n: usize, moves: &[Moves]) -> Orbits {
        let mut forest = Forest::new(n);
        for moves in moves {
            for (j, (to, negative)) in moves.iter().enumerate() {
                forest.join(j, to, negative);
            }
        }
        let mut size = vec![0; n];
        for k in 0..n {
            let (root, negative) = forest.root(k);
            forest.parent.send(k, root, negative);
            size[root] += u32::from(!forest.zero[root]);
        }
        Orbits { place: forest.parent, size }
    }

    /// The dimension of the fixed space.
    pub fn dimension(&self) -> usize {
        self.size.iter().filter(|size| **size > 0).count()
    }

    /// The orthogonal projection of a vector onto the fixed space.
    pub fn average<'v>(&self, parts: impl Iterator<Item = &'v [f64]>) -> Vec<f64> {
        let signed = |x: f64, negative: bool| if negative { -x } else { x };
        // The sums stand in the places of the first coordinates.
        let mut out = vec![0.0; self.size.len()];
        let mut places = self.place.iter();
        for part in parts {
            part.iter().zip(&mut places).for_each(|(x, (root, negative))| out[root] += signed(*x, negative));
        }
        for (k, (root, negative)) in self.place.iter().enumerate() {
            // The first of an orbit comes before the others.
            out[k] = match (self.size[root], root == k) {
                (0, _) => 0.0,
                (size, true) => out[k] / f64::from(size),
                (_, false) => signed(out[root], negative),
            };
        }
        out
    }
}

/// Union-find in which an element is plus or minus its parent.
struct Forest {
    parent: Moves,
    /// Roots that are their own negatives.
    zero: Vec<bool>,
}

impl Forest {
    fn new(n: usize) -> Forest {
        Forest { parent: Moves::resting(n), zero: vec![false; n] }
    }

    fn above(&self, k: usize) -> (usize, bool) {
        let at = self.parent.0[k];
        ((at / 2) as usize, at % 2 == 1)
    }

    fn root(&mut self, k: usize) -> (usize, bool) {
        let (mut at, mut negative) = (k, false);
        loop {
            let (parent, sign) = self.above(at);
            if parent == at {
                return (at, negative);
            }
            // Every node on the way is moved up to its grandparent, so that ways stay short.
            let (above, further) = self.above(parent);
            self.parent.send(at, above, sign ^ further);
            negative ^= sign ^ further;
            at = above;
        }
    }

    fn join(&mut self, x: usize, y: usize, negative: bool) {
        let ((x, s), (y, t)) = (self.root(x), self.root(y));
        let negative = negative ^ s ^ t;
        if x == y {
            self.zero[x] |= negative;
        } else {
            // The smaller root stays, so the result does not depend on the order of the generators.
            let (low, high) = (x.min(y), x.max(y));
            self.parent.send(high, low, negative);
            self.zero[low] |= self.zero[high];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moves(images: &[(usize, i64)]) -> Moves {
        let mut moves = Moves::resting(images.len());
        images.iter().enumerate().for_each(|(j, (to, sign))| moves.send(j, *to, *sign < 0));
        moves
    }

    fn cycle(n: usize) -> Moves {
        moves(&(0..n).map(|i| ((i + 1) % n, 1)).collect::<Vec<_>>())
    }

    #[test]
    fn permutations_of_h_coordinates_leave_one_simple_eigenvalue_and_one_of_multiplicity_h_minus_1() {
        for h in 2..7 {
            let mut swap: Vec<(usize, i64)> = (0..h).map(|i| (i, 1)).collect();
            swap.swap(0, 1);
            let found = eigenvalue_multiplicities(commuting(h, &[cycle(h), moves(&swap)], 1));
            let expected = if h == 2 { vec![(1, 2)] } else { vec![(1, 1), (h - 1, 1)] };
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_projection_onto_the_fixed_space_averages_orbits_with_their_signs() {
        // 0 → −1 → 0 is an orbit, 2 is its own negative, 3 stays.
        let orbits = Orbits::new(4, &[moves(&[(1, -1), (0, -1), (2, -1), (3, 1)])]);
        assert_eq!(orbits.dimension(), 2);
        assert_eq!(orbits.average([&[1.0, 3.0][..], &[5.0, 7.0]].into_iter()), [-1.0, 1.0, 0.0, 7.0]);
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
            let signed = |which: u64| -> Moves {
                let mut to: Vec<usize> = (0..n).collect();
                to.sort_by_key(|k| mix(seed, 1000 * which + *k as u64));
                let sign = |k: usize| if mix(seed + which, k as u64).is_multiple_of(3) { -1 } else { 1 };
                moves(&to.into_iter().enumerate().map(|(k, to)| (to, sign(k))).collect::<Vec<_>>())
            };
            let generators: Vec<_> = (1..=1 + mix(seed, 1) % 2).map(signed).collect();
            let classes = eigenvalue_multiplicities(commuting(n, &generators, seed));
            assert_eq!(classes.iter().map(|(multiplicity, count)| multiplicity * count).sum::<usize>(), n);
        }
    }

    #[test]
    fn coordinates_at_rest_have_simple_eigenvalues() {
        for n in 2..6 {
            let among = |at: &dyn Fn(usize) -> (usize, i64)| moves(&(0..n + 4).map(at).collect::<Vec<_>>());
            let turn = among(&|j| if j == 0 || j > n { (j, 1) } else { (j % n + 1, 1) });
            let sign = among(&|j| (j, if j == n + 2 { -1 } else { 1 }));
            for generators in [vec![turn.clone()], vec![turn, sign], vec![]] {
                let whole = eigenvalue_multiplicities(commuting(n + 4, &generators, 1));
                assert_eq!(multiplicities(n + 4, &generators, 1), whole);
            }
        }
    }

    #[test]
    fn a_cycle_repeats_eigenvalues_in_pairs() {
        assert_eq!(eigenvalue_multiplicities(commuting(5, &[cycle(5)], 1)), [(1, 1), (2, 2)]);
        assert_eq!(eigenvalue_multiplicities(commuting(6, &[cycle(6)], 1)), [(1, 2), (2, 2)]);
    }

    #[test]
    fn a_sign_on_one_coordinate_clears_its_row() {
        let found = commuting(3, &[moves(&[(0, -1), (1, 1), (2, 1)])], 7);
        assert!(found[0][1].is_zero() && found[0][2].is_zero() && !found[1][2].is_zero() && !found[0][0].is_zero());
        assert_eq!(found[1][2], found[2][1]);
    }
}
