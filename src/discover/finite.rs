//! Finite symmetries: permutations, signs and cyclic shifts of each size, and exchanges of parameters, tested exactly.

use super::candidate::{fresh, named};
use super::graph::exchanges;
use super::occurrence::{Factor, Occurrence, Side, images, occurrences, sizes_of};
use crate::eval::{Dense, EvalError, Located, Matrix, Residue, mix};
use crate::exact::{Fields, GradientField, Point};
use crate::group::{Finite, GroupId};
use crate::model::{Action, Model};
use crate::term::{Size, sym};
use num_traits::{One, Zero};

/// The most occurrences of a size of which every subset is tried.
const OCCURRENCES: usize = 6;

/// At how many points and fields a map is tested; behind gates many draws see little of a network.
const TRIALS: u64 = 4;
const TRIALS_BEHIND_GATES: u64 = 16;

/// A real point of parameter space.
type Values<const P: u64> = Vec<Dense<Located<P>>>;

/// Tests finite maps of parameter space on random points and fields.
pub struct Tester<'a, const P: u64> {
    pub model: &'a Model,
    pub fields: &'a Fields,
    pub seed: u64,
}

/// An element that generates a group of n×n matrices together with its conjugates, or all of a cyclic one. `None` for a
/// group of which one element says too little.
fn generating<const P: u64>(group: Finite, n: usize) -> Option<Dense<Located<P>>> {
    let (zero, one) = (Located::zero(), Located::one());
    let entry = |hit: bool| if hit { one } else { zero };
    Some(match group {
        Finite::Permutations => Dense::from_fn(n, n, |i, j| {
            entry(match i {
                0 => j == 1,
                1 => j == 0,
                _ => i == j,
            })
        }),
        Finite::Shifts => Dense::from_fn(n, n, |i, j| entry((i + 1) % n == j)),
        Finite::Signs => Dense::from_fn(n, n, |i, j| if (i, j) == (0, 0) { -one } else { entry(i == j) }),
        Finite::SignedPermutations | Finite::Involution => return None,
    })
}

impl<const P: u64> Tester<'_, P> {
    /// Whether a map leaves the potential of random fields at random points as it is.
    fn invariant(&self, map: impl Fn(&Values<P>) -> Values<P>) -> Result<bool, EvalError> {
        let trials = if self.fields.is_piecewise() { TRIALS_BEHIND_GATES } else { TRIALS };
        for trial in 0..trials {
            let stream = mix(self.seed, trial);
            // Behind gates the seed is also how positive a point is: neighbours are not alike.
            let point: Point<Residue<P>> = self.fields.point(stream - stream % trials + trial)?;
            let (field, _) = self.fields.draw(&point, mix(stream, 1))?;
            let before = self.fields.at(&field, &point.values)?.0;
            match self.after(&field, &map(&point.drawn)) {
                Ok(after) if after == before => {}
                Ok(_) => return Ok(false),
                Err(error) if error.is_unlucky() => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// The potential of a field at another point.
    fn after(&self, field: &GradientField<Residue<P>>, point: &Values<P>) -> Result<Dense<Residue<P>>, EvalError> {
        let field = self.fields.seen_from(field, point)?;
        let residues = |x: &Dense<Located<P>>| Dense::from_fn(x.rows(), x.cols(), |i, j| x.get(i, j).residue());
        Ok(self.fields.at(&field, &point.iter().map(residues).collect::<Vec<_>>())?.0)
    }

    /// All finite symmetries. `continuous` are the sets of occurrences at which a group that contains them acts already.
    pub fn all(&self, continuous: &[Vec<Occurrence>]) -> Result<Vec<Action>, EvalError> {
        Ok([self.of_sizes(continuous)?, self.exchanges()?].concat())
    }

    /// Perm, Sign and Cyclic at occurrences of each size.
    fn of_sizes(&self, continuous: &[Vec<Occurrence>]) -> Result<Vec<Action>, EvalError> {
        let mut out = Vec::new();
        for size in sizes_of(self.model) {
            let all = occurrences(self.model, size);
            let mut permuted = continuous.to_vec();
            out.extend(self.of_size(GroupId::Permutation, size, &all, &mut permuted)?);
            let mut signed = continuous.to_vec();
            out.extend(self.of_size(GroupId::Sign, size, &all, &mut signed)?);
            out.extend(self.of_size(GroupId::Cyclic, size, &all, &mut permuted)?);
        }
        Ok(out)
    }

    fn of_size(
        &self,
        group: GroupId,
        size: Size,
        all: &[Occurrence],
        known: &mut Vec<Vec<Occurrence>>,
    ) -> Result<Vec<Action>, EvalError> {
        let Some(first) = all.first() else { return Ok(Vec::new()) };
        let block = &self.fields.parameters()[first.param];
        let n = if first.side == Side::Rows { block.rows } else { block.cols };
        // Two coordinates are shifted as they are exchanged.
        let least = if group == GroupId::Cyclic { 3 } else { 2 };
        let element = group.row().finite().and_then(|finite| generating(finite, n));
        let (Some(element), Some(discovered), true) = (element, group.row().discovered(), n >= least) else {
            return Ok(Vec::new());
        };
        let mut out = Vec::new();
        for subset in subsets(all) {
            if is_union(&subset, known) {
                continue;
            }
            if !self.invariant(|point| acted_on(point, &subset, &element))? {
                continue;
            }
            known.push(subset.clone());
            let side = subset[0].side;
            // Signs are their own transposes.
            let factor = |at: &Occurrence| match at.side == side || group == GroupId::Sign {
                true => Factor::Plain,
                false => Factor::Transpose,
            };
            let factors: Vec<_> = subset.iter().map(|at| (*at, factor(at))).collect();
            let element = fresh(&self.model.env, discovered.letter);
            let images = images(self.model, &sym(element), &factors);
            let (name, group) = (discovered.name(named(size)), group.of(&[size]));
            out.push(Action { name, group, element: Some(element), images, output: None, loss: None });
        }
        Ok(out)
    }

    /// Exchanges of parameters.
    fn exchanges(&self) -> Result<Vec<Action>, EvalError> {
        let params = &self.model.params;
        let mut found: Vec<Vec<usize>> = Vec::new();
        let mut out = Vec::new();
        for exchange in exchanges(self.model) {
            let extents = |i: usize| (self.fields.parameters()[i].rows, self.fields.parameters()[i].cols);
            let moved: Vec<usize> = (0..params.len()).filter(|&i| exchange[i] != i).collect();
            // A composition of exchanges that are known already.
            let known = |i: usize| found.iter().any(|other| other[i] == exchange[i]);
            if moved.iter().all(|&i| known(i)) || moved.iter().any(|&i| extents(i) != extents(exchange[i])) {
                continue;
            }
            let map = |point: &Values<P>| exchange.iter().map(|&j| point[j].clone()).collect::<Values<P>>();
            if !self.invariant(map)? {
                continue;
            }
            let first = moved.iter().find(|&&i| i < exchange[i]).map_or(0, |&i| i);
            let pair = format!("{}_{}", params[first].name, params[exchange[first]].name);
            let Some(discovered) = GroupId::Z2.row().discovered() else { continue };
            let name = discovered.name(Some(pair.as_str().into()));
            let images = moved.iter().map(|&i| (params[i].name, sym(params[exchange[i]].name))).collect();
            found.push(exchange);
            let group = GroupId::Z2.of(&[]);
            out.push(Action { name, group, element: None, images, output: None, loss: None });
        }
        Ok(out)
    }
}

/// The point with an orthogonal matrix acting at some occurrences: from the left on the first side, by its transpose
/// from the other.
fn acted_on<const P: u64>(point: &Values<P>, at: &[Occurrence], g: &Dense<Located<P>>) -> Values<P> {
    use crate::eval::Side::{Plain, Transposed};
    let mut out = point.clone();
    for occurrence in at {
        let x = &out[occurrence.param];
        out[occurrence.param] = match occurrence.side {
            Side::Rows => g.product(Plain, x, Plain),
            Side::Cols => x.product(Plain, g, Transposed),
        };
    }
    out
}

/// Every set of occurrences that is not empty, small ones first; only the whole set where there are too many.
fn subsets(all: &[Occurrence]) -> Vec<Vec<Occurrence>> {
    if all.len() > OCCURRENCES {
        return vec![all.to_vec()];
    }
    let subset = |set: usize| (0..all.len()).filter(|i| set >> i & 1 == 1).map(|i| all[i]).collect::<Vec<_>>();
    let mut out: Vec<Vec<Occurrence>> = (1..1usize << all.len()).map(subset).collect();
    out.sort_by_key(Vec::len);
    out
}

/// Whether a set is made of known ones.
fn is_union(set: &[Occurrence], known: &[Vec<Occurrence>]) -> bool {
    let inside = known.iter().filter(|other| other.iter().all(|at| set.contains(at)));
    let covered: Vec<&Occurrence> = inside.flatten().collect();
    set.iter().all(|at| covered.contains(&at))
}
