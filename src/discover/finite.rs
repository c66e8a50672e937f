//! Finite symmetries: permutations, signs and cyclic shifts of each size, and exchanges of parameters, tested exactly.

use super::candidate::{fresh, named};
use super::graph::exchanges;
use super::occurrence::{Factor, Occurrence, Side, images, occurrences, sizes_of};
use super::ties::{Element, Ties, acted_on};
use super::trials::Trials;
use crate::eval::{Dense, EvalError, Matrix, Number, Prime, Rooted};
use crate::exact::{Branch, Fields};
use crate::group::{Finite, GroupId};
use crate::model::{Action, Model};
use crate::term::{Facts, Size, Symbol, neg, sym};
use rayon::prelude::*;
use std::sync::OnceLock;

/// The most sets of occurrences of a size, and of parameters whose signs change, that are tried.
const SETS: usize = 4096;

/// The most parameters whose signs are changed together.
const FLIPPED: usize = 12;

/// A finite map of parameter space, over any numbers.
trait Map {
    fn on<T: Number>(&self, point: &[Dense<T>]) -> Vec<Dense<T>>;
}

/// The same element acting at some occurrences.
struct Acting<'a> {
    group: Finite,
    at: &'a [Occurrence],
    n: usize,
}

impl Map for Acting<'_> {
    fn on<T: Number>(&self, point: &[Dense<T>]) -> Vec<Dense<T>> {
        generating(self.group, self.n).map_or_else(|| point.to_vec(), |element| acted_on(point, self.at, &element))
    }
}

/// The signs of some parameters changed.
struct Flipped<'a>(&'a [usize]);

impl Map for Flipped<'_> {
    fn on<T: Number>(&self, point: &[Dense<T>]) -> Vec<Dense<T>> {
        let flipped = |(i, x): (usize, &Dense<T>)| if self.0.contains(&i) { x.neg() } else { x.clone() };
        point.iter().enumerate().map(flipped).collect()
    }
}

/// For each parameter the number of the one it goes to.
struct Exchanged<'a>(&'a [usize]);

impl Map for Exchanged<'_> {
    fn on<T: Number>(&self, point: &[Dense<T>]) -> Vec<Dense<T>> {
        self.0.iter().map(|&j| point[j].clone()).collect()
    }
}

/// Tests finite maps of parameter space on random points and fields.
pub struct Tester<'a> {
    model: &'a Model,
    fields: &'a Fields,
    branches: &'a [Branch],
    seed: u64,
    floats: Trials<'a, f64>,
    exact: OnceLock<Exact<'a>>,
}

/// Trials over whatever field the model has its roots in.
enum Exact<'a> {
    Prime(Trials<'a, Prime>),
    Rooted(Trials<'a, Rooted>),
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

/// An element that generates a group of n×n matrices together with its conjugates, or all of a cyclic one. `None` for a
/// group of which one element says too little.
fn generating<T: Number>(group: Finite, n: usize) -> Option<Dense<T>> {
    let entry = |hit: bool| if hit { T::one() } else { T::zero() };
    Some(match group {
        Finite::Permutations => Dense::from_fn(n, n, |i, j| {
            entry(match i {
                0 => j == 1,
                1 => j == 0,
                _ => i == j,
            })
        }),
        Finite::Shifts => Dense::from_fn(n, n, |i, j| entry((i + 1) % n == j)),
        Finite::Signs => Dense::from_fn(n, n, |i, j| if (i, j) == (0, 0) { -T::one() } else { entry(i == j) }),
        Finite::SignedPermutations | Finite::Involution => return None,
    })
}

/// A matrix p onto what a generating element g fixes: g p = p.
fn onto_fixed(group: Finite, n: usize) -> Option<Dense<f64>> {
    let entry = |hit: bool| if hit { 1.0 } else { 0.0 };
    Some(match group {
        Finite::Permutations => Dense::from_fn(n, n, |i, j| entry(if i == 1 { j == 0 } else { i == j })),
        Finite::Shifts => Dense::from_fn(n, n, |_, j| entry(j == 0)),
        Finite::Signs => Dense::from_fn(n, n, |i, j| entry(i == j && i > 0)),
        Finite::SignedPermutations | Finite::Involution => return None,
    })
}

impl<'a> Tester<'a> {
    pub fn new(model: &'a Model, (fields, branches): (&'a Fields, &'a [Branch]), seed: u64) -> Self {
        Tester { model, fields, branches, seed, floats: Trials::some(fields, seed), exact: OnceLock::new() }
    }

    /// All symmetries that are looked for but those that act as elements of a continuous group; of members of families without
    /// exchanges of parameters.
    pub fn all(&self, continuous: &[Containing], members: bool) -> Result<Found, EvalError> {
        let mut found = self.of_sizes(continuous)?;
        if !members {
            found.actions.extend(self.exchanges()?);
        }
        found.actions.extend(self.flips()?);
        Ok(found)
    }

    /// Whether exchanging parameters is a symmetry, each pair told from both sides.
    pub fn exchanged(&self, pairs: &[(Symbol, Symbol)]) -> Result<bool, EvalError> {
        let params = &self.model.params;
        let at = |name: Symbol| params.iter().position(|p| p.name == name);
        let mut images: Vec<usize> = (0..params.len()).collect();
        for (from, to) in pairs {
            let (Some(from), Some(to)) = (at(*from), at(*to)) else { return Ok(false) };
            images[from] = to;
        }
        Ok(!pairs.is_empty() && self.invariant(&Exchanged(&images))?)
    }

    /// Whether diag(−1, 1, …, 1) at some occurrences of one size is a symmetry.
    pub fn reflected(&self, at: &[Occurrence]) -> Result<bool, EvalError> {
        let Some(first) = at.first() else { return Ok(true) };
        self.invariant(&Acting { group: Finite::Signs, at, n: self.extent(*first) })
    }

    /// Whether a map leaves the potential of random fields at random points as it is.
    fn invariant(&self, map: &impl Map) -> Result<bool, EvalError> {
        if self.floats.changed(|point| map.on(point))? {
            return Ok(false);
        }
        let exact = match self.exact.get() {
            Some(exact) => exact,
            None => {
                let drawn = self.exactly()?;
                self.exact.get_or_init(|| drawn)
            }
        };
        match exact {
            Exact::Prime(trials) => trials.invariant(|point| map.on(point)),
            Exact::Rooted(trials) => trials.invariant(|point| map.on(point)),
        }
    }

    fn exactly(&self) -> Result<Exact<'a>, EvalError> {
        match Trials::new(self.fields, self.seed) {
            Err(EvalError::Irrational(_)) => Ok(Exact::Rooted(Trials::new(self.fields, self.seed)?)),
            trials => Ok(Exact::Prime(trials?)),
        }
    }

    /// Whether a parameter has positive entries only, which a change of signs leaves.
    fn is_positive(&self, param: usize) -> bool {
        self.model.params[param].facts.contains(Facts::POSITIVE)
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
            let mut permuted = within(GroupId::Permutation);
            let mut short = self.of_size(GroupId::Permutation, size, &all, &mut permuted, &mut found.actions)?;
            let mut signed = within(GroupId::Sign);
            let of_any_sign: Vec<Occurrence> = all.iter().copied().filter(|at| !self.is_positive(at.param)).collect();
            short |= self.of_size(GroupId::Sign, size, &of_any_sign, &mut signed, &mut found.actions)?;
            short |= self.of_size(GroupId::Cyclic, size, &all, &mut permuted, &mut found.actions)?;
            if short {
                found.short.push(size);
            }
        }
        Ok(found)
    }

    /// Sign changes of whole parameters of which one at least is a number: what no group of a size contains.
    fn flips(&self) -> Result<Vec<Action>, EvalError> {
        let params = &self.model.params;
        let of_any_sign = || (0..params.len()).filter(|&i| !self.is_positive(i));
        let numbers = || of_any_sign().filter(|&i| params[i].shape.is_scalar());
        if numbers().next().is_none() {
            return Ok(Vec::new());
        }
        let mut candidates: Vec<usize> =
            numbers().chain(of_any_sign().filter(|&i| !params[i].shape.is_scalar())).collect();
        candidates.truncate(FLIPPED);
        let mut known: Vec<Vec<usize>> = Vec::new();
        let mut out = Vec::new();
        for mut set in subsets(&candidates).0 {
            set.sort_unstable();
            if !set.iter().any(|&i| params[i].shape.is_scalar()) || is_union(&set, &known) {
                continue;
            }
            if !self.invariant(&Flipped(&set))? {
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

    /// One group at occurrences of a size; whether not every set of them was tried.
    fn of_size(
        &self,
        group: GroupId,
        size: Size,
        all: &[Occurrence],
        known: &mut Vec<Vec<Occurrence>>,
        actions: &mut Vec<Action>,
    ) -> Result<bool, EvalError> {
        let Some(first) = all.first() else { return Ok(false) };
        let n = self.extent(*first);
        // Two coordinates are shifted as they are exchanged.
        let least = if group == GroupId::Cyclic { 3 } else { 2 };
        let (Some(finite), Some(discovered), true) = (group.row().finite(), group.row().discovered(), n >= least)
        else {
            return Ok(false);
        };
        let (Some(element), Some(onto_fixed)) = (generating(finite, n), onto_fixed(finite, n)) else {
            return Ok(false);
        };
        let of = (self.fields, self.branches);
        let ties = Ties::of(self.model, of, all, &Element { element, onto_fixed }, self.seed)?;
        let mut sets: Vec<Vec<Occurrence>> = Vec::new();
        let mut rest: Vec<Vec<Occurrence>> = Vec::new();
        // No two of these share an occurrence.
        let is_new =
            |set: &Vec<Occurrence>| Ok(!is_union(set, known) && self.invariant(&Acting { group: finite, at: set, n })?);
        let found = ties.sets.par_iter().map(is_new).collect::<Result<Vec<bool>, EvalError>>()?;
        for (set, found) in ties.sets.into_iter().zip(found) {
            if found {
                known.push(set.clone());
                sets.push(set);
            } else if !is_union(&set, known) {
                rest.push(set);
            }
        }
        let (unions, short) = subsets(&(0..rest.len()).collect::<Vec<_>>());
        let mut unions: Vec<Vec<Occurrence>> = unions
            .into_iter()
            .filter(|union| union.len() > 1)
            .map(|union| {
                let mut set: Vec<Occurrence> = union.iter().flat_map(|&i| rest[i].iter().copied()).collect();
                set.sort_unstable();
                set
            })
            .collect();
        unions.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        for set in unions {
            if !is_union(&set, known) && self.invariant(&Acting { group: finite, at: &set, n })? {
                known.push(set.clone());
                sets.push(set);
            }
        }
        sets.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        for set in sets {
            let side = set[0].side;
            // Signs are their own transposes.
            let factor = |at: &Occurrence| match at.side == side || group == GroupId::Sign {
                true => Factor::Plain,
                false => Factor::Transpose,
            };
            let factors: Vec<_> = set.iter().map(|at| (*at, factor(at))).collect();
            let element = fresh(self.model, discovered.letter);
            let images = images(self.model, &sym(element), &factors);
            let (name, group) = (discovered.name(named(size)), group.of(&[size]));
            actions.push(Action {
                name,
                group,
                element: Some(element),
                images,
                output: None,
                loss: None,
                indices: vec![],
            });
        }
        Ok(short)
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
            if !self.invariant(&Exchanged(&exchange))? {
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
