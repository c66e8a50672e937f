//! Finite symmetries: permutations, signs and cyclic shifts of each size, and exchanges of parameters, tested exactly.

use super::candidate::{fresh, named};
use super::graph::exchanges;
use super::occurrence::{Factor, Occurrence, Side, images, occurrences, sizes_of};
use crate::eval::{Dense, EvalError, Located, Matrix, Prime, Residue, Rooted, mix};
use crate::exact::{Fields, GradientField, Place};
use crate::group::{Finite, GroupId};
use crate::model::{Action, Model};
use crate::term::{Size, neg, sym};
use num_traits::{One, Zero};

/// The most sets of occurrences of a size, and of parameters whose signs change, that are tried.
const SETS: usize = 4096;

/// The most parameters whose signs are changed together.
const FLIPPED: usize = 12;

/// On how many points a map is tested; behind gates many draws see little of a network.
const TRIALS: u64 = 4;
const TRIALS_BEHIND_GATES: u64 = 16;

/// A real point of parameter space.
type Values<const P: u64> = Vec<Dense<Located<P>>>;

/// A point, a field, and the potential of the field there.
struct Trial<const P: u64> {
    point: Values<P>,
    field: GradientField<Residue<P>>,
    potential: Dense<Residue<P>>,
}

/// Tests finite maps of parameter space on random points and fields.
struct Tester<'a, const P: u64> {
    model: &'a Model,
    fields: &'a Fields,
    trials: Vec<Trial<P>>,
}

/// Where a continuous group acts, and the finite groups it contains.
pub struct Containing {
    pub finite: &'static [GroupId],
    pub at: Vec<Occurrence>,
}

/// The finite symmetries that were found, and for which sizes not every set of occurrences was tried.
#[derive(Default)]
pub struct Found {
    pub actions: Vec<Action>,
    pub short: Vec<Size>,
}

/// Which finite maps are symmetries, over whatever field the model has its roots in.
pub trait FiniteSymmetries {
    /// All that are looked for but those that act as elements of a continuous group.
    fn all(&self, continuous: &[Containing]) -> Result<Found, EvalError>;

    /// Whether diag(−1, 1, …, 1) at some occurrences of one size is a symmetry.
    fn reflected(&self, at: &[Occurrence]) -> Result<bool, EvalError>;
}

/// The tests of a model.
pub fn tests<'a>(model: &'a Model, fields: &'a Fields, seed: u64) -> Result<Box<dyn FiniteSymmetries + 'a>, EvalError> {
    match Tester::<{ Prime::MODULUS }>::new(model, fields, seed) {
        Err(EvalError::Irrational(_)) => Ok(Box::new(Tester::<{ Rooted::MODULUS }>::new(model, fields, seed)?)),
        tester => Ok(Box::new(tester?)),
    }
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

impl<const P: u64> FiniteSymmetries for Tester<'_, P> {
    fn all(&self, continuous: &[Containing]) -> Result<Found, EvalError> {
        let mut found = self.of_sizes(continuous)?;
        found.actions.extend(self.exchanges()?);
        found.actions.extend(self.flips()?);
        Ok(found)
    }

    fn reflected(&self, at: &[Occurrence]) -> Result<bool, EvalError> {
        let Some(first) = at.first() else { return Ok(true) };
        let element = generating(Finite::Signs, self.extent(*first));
        element.map_or(Ok(false), |element| self.invariant(|point| acted_on(point, at, &element)))
    }
}

impl<'a, const P: u64> Tester<'a, P> {
    fn new(model: &'a Model, fields: &'a Fields, seed: u64) -> Result<Self, EvalError> {
        let trials = if fields.is_piecewise() { TRIALS_BEHIND_GATES } else { TRIALS };
        let trial = |trial: u64| {
            let stream = mix(seed, trial);
            // Behind gates the seed is also how positive a point is: neighbours are not alike.
            let Place { point, field, potential, .. }: Place<Residue<P>> =
                fields.place(stream - stream % trials + trial, mix(stream, 1))?;
            Ok(Trial { point: point.drawn, field, potential })
        };
        Ok(Tester { model, fields, trials: (0..trials).map(trial).collect::<Result<_, EvalError>>()? })
    }

    /// Whether a map leaves the potential of random fields at random points as it is.
    fn invariant(&self, map: impl Fn(&Values<P>) -> Values<P>) -> Result<bool, EvalError> {
        for Trial { point, field, potential } in &self.trials {
            match self.after(field, &map(point)) {
                Ok(after) if after == *potential => {}
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

    /// The number of rows or columns at an occurrence.
    fn extent(&self, at: Occurrence) -> usize {
        let block = &self.fields.parameters()[at.param];
        if at.side == Side::Rows { block.rows } else { block.cols }
    }

    /// Perm, Sign and Cyclic at occurrences of each size.
    fn of_sizes(&self, continuous: &[Containing]) -> Result<Found, EvalError> {
        let mut found = Found::default();
        let within = |group: GroupId| {
            let containing = continuous.iter().filter(|c| c.finite.contains(&group));
            containing.map(|c| c.at.clone()).collect::<Vec<_>>()
        };
        for size in sizes_of(self.model) {
            let all = occurrences(self.model, size);
            let (sets, short) = subsets(&all);
            if short {
                found.short.push(size);
            }
            let mut permuted = within(GroupId::Permutation);
            found.actions.extend(self.of_size(GroupId::Permutation, size, &sets, &mut permuted)?);
            let mut signed = within(GroupId::Sign);
            found.actions.extend(self.of_size(GroupId::Sign, size, &sets, &mut signed)?);
            found.actions.extend(self.of_size(GroupId::Cyclic, size, &sets, &mut permuted)?);
        }
        Ok(found)
    }

    /// Sign changes of whole parameters of which one at least is a number: what no group of a size contains.
    fn flips(&self) -> Result<Vec<Action>, EvalError> {
        let params = &self.model.params;
        let numbers = || (0..params.len()).filter(|&i| params[i].shape.is_scalar());
        if numbers().next().is_none() {
            return Ok(Vec::new());
        }
        let mut candidates: Vec<usize> =
            numbers().chain((0..params.len()).filter(|&i| !params[i].shape.is_scalar())).collect();
        candidates.truncate(FLIPPED);
        let mut known: Vec<Vec<usize>> = Vec::new();
        let mut out = Vec::new();
        for mut set in subsets(&candidates).0 {
            set.sort_unstable();
            if !set.iter().any(|&i| params[i].shape.is_scalar()) || is_union(&set, &known) {
                continue;
            }
            let map = |point: &Values<P>| {
                let flipped = |(i, x): (usize, &Dense<Located<P>>)| match set.contains(&i) {
                    true => Dense::from_fn(x.rows(), x.cols(), |k, l| -*x.get(k, l)),
                    false => x.clone(),
                };
                point.iter().enumerate().map(flipped).collect::<Values<P>>()
            };
            if !self.invariant(map)? {
                continue;
            }
            let names: Vec<String> = set.iter().map(|&i| params[i].name.to_string()).collect();
            let images = set.iter().map(|&i| (params[i].name, neg(&sym(params[i].name)))).collect();
            let name = format!("flip_{}", names.join("_")).as_str().into();
            known.push(set);
            out.push(Action {
                name,
                group: GroupId::Z2.of(&[]),
                element: None,
                images,
                output: None,
                loss: None,
                indices: vec![],
            });
        }
        Ok(out)
    }

    fn of_size(
        &self,
        group: GroupId,
        size: Size,
        sets: &[Vec<Occurrence>],
        known: &mut Vec<Vec<Occurrence>>,
    ) -> Result<Vec<Action>, EvalError> {
        let Some(first) = sets.first().and_then(|set| set.first()) else { return Ok(Vec::new()) };
        let n = self.extent(*first);
        // Two coordinates are shifted as they are exchanged.
        let least = if group == GroupId::Cyclic { 3 } else { 2 };
        let element = group.row().finite().and_then(|finite| generating(finite, n));
        let (Some(element), Some(discovered), true) = (element, group.row().discovered(), n >= least) else {
            return Ok(Vec::new());
        };
        let mut out = Vec::new();
        for subset in sets {
            if is_union(subset, known) {
                continue;
            }
            if !self.invariant(|point| acted_on(point, subset, &element))? {
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
            let element = fresh(self.model, discovered.letter);
            let images = images(self.model, &sym(element), &factors);
            let (name, group) = (discovered.name(named(size)), group.of(&[size]));
            out.push(Action { name, group, element: Some(element), images, output: None, loss: None, indices: vec![] });
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
            out.push(Action { name, group, element: None, images, output: None, loss: None, indices: vec![] });
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

/// The sets of some things that are not empty, small ones first and all of them last; and whether some are left out, because
/// there are too many.
fn subsets<T: Copy>(of: &[T]) -> (Vec<Vec<T>>, bool) {
    let n = of.len();
    let mut out: Vec<Vec<usize>> = Vec::new();
    // Those of one size, the last of `out`.
    let mut last: Vec<Vec<usize>> = vec![vec![]];
    for _ in 0..n {
        let longer = |set: &Vec<usize>| {
            let from = set.last().map_or(0, |i| i + 1);
            (from..n).map(|i| set.iter().copied().chain([i]).collect()).collect::<Vec<Vec<usize>>>()
        };
        last = last.iter().flat_map(longer).take(SETS - out.len().min(SETS)).collect();
        out.extend(last.iter().cloned());
    }
    let whole = n == 0 || out.last().is_some_and(|set| set.len() == n);
    let short = n >= usize::BITS as usize || out.len() + 1 < 1 << n;
    let things = |set: Vec<usize>| set.into_iter().map(|i| of[i]).collect();
    (out.into_iter().map(things).chain((!whole).then(|| of.to_vec())).collect(), short)
}

/// Whether a set is made of known ones.
fn is_union<T: PartialEq>(set: &[T], known: &[Vec<T>]) -> bool {
    let inside = known.iter().filter(|other| other.iter().all(|at| set.contains(at)));
    let covered: Vec<&T> = inside.flatten().collect();
    set.iter().all(|at| covered.contains(&at))
}
