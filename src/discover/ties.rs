//! Occurrences of a size at which an element acts together or not at all. Where all other sides are made such that the element fixes
//! them, it acts on the two that are left; if it changes the output acting on either alone, no symmetry acts on one without the
//! other.

use super::classes::classes;
use super::occurrence::{Occurrence, Side};
use super::trials::{Values, changed_after};
use crate::eval::{Dense, EvalError, Matrix, Side as Of};
use crate::exact::Fields;
use crate::model::Model;
use petgraph::unionfind::UnionFind;

/// Sets of occurrences that no symmetry takes apart.
pub struct Ties {
    pub sets: Vec<Vec<Occurrence>>,
}

/// An element g of a group of n×n matrices, and a matrix p onto what it fixes: g p = p.
pub struct Element {
    pub element: Dense<f64>,
    pub onto_fixed: Dense<f64>,
}

/// At how many points an occurrence is looked at alone: it is told from others later, if not here.
const GLANCE: u64 = 2;

/// The most tests for one set.
const PARTNERS: usize = 4;

impl Ties {
    /// Of all occurrences of a size. Those where an element never acts are left out.
    pub fn of(model: &Model, fields: &Fields, all: &[Occurrence], g: &Element, seed: u64) -> Result<Ties, EvalError> {
        let apart = || all.iter().map(|at| vec![*at]).collect();
        // A matrix with facts may lose them when a side of it is projected.
        if all.len() < 3 || all.iter().any(|at| !model.params[at.param].facts.is_empty()) {
            return Ok(Ties { sets: apart() });
        }
        let project = |free: &[usize], point: &Values<f64>| {
            let fixed: Vec<Occurrence> =
                all.iter().enumerate().filter(|(i, _)| !free.contains(i)).map(|(_, at)| *at).collect();
            acted_on(point, &fixed, &g.onto_fixed)
        };
        let acting = |i: usize| move |point: &Values<f64>| acted_on(point, &[all[i]], &g.element);
        let mut alive = vec![true; all.len()];
        for (i, alive) in alive.iter_mut().enumerate() {
            let [moved] = changed_after(fields, seed, GLANCE, |point| project(&[i], point), [&acting(i)])?;
            *alive = !moved;
        }
        let guessed = classes(model, all);
        let mut tied = UnionFind::<usize>::new(all.len());
        for i in (0..all.len()).filter(|&i| alive[i]) {
            let others: Vec<usize> =
                (0..all.len()).filter(|&j| j != i && alive[j] && guessed[j] == guessed[i]).collect();
            let before = others.iter().rev().find(|&&j| j < i);
            let partners = [others.first(), others.last(), before, others.iter().find(|&&j| j > i)];
            let mut tried: Vec<usize> = Vec::with_capacity(PARTNERS);
            for &partner in partners.into_iter().flatten() {
                if tried.contains(&partner) || tied.equiv(i, partner) {
                    continue;
                }
                tried.push(partner);
                let apart = |point: &Values<f64>| project(&[i, partner], point);
                let [first, second] = changed_after(fields, seed, u64::MAX, apart, [&acting(i), &acting(partner)])?;
                if first && second {
                    tied.union(i, partner);
                }
            }
        }
        let mut sets: Vec<Vec<Occurrence>> = Vec::new();
        let mut roots: Vec<usize> = Vec::new();
        for (i, at) in all.iter().enumerate().filter(|(i, _)| alive[*i]) {
            let root = tied.find(i);
            match roots.iter().position(|r| *r == root) {
                Some(k) => sets[k].push(*at),
                None => {
                    roots.push(root);
                    sets.push(vec![*at]);
                }
            }
        }
        Ok(Ties { sets })
    }
}

/// The point with a matrix acting at some occurrences: from the left on the first side, its transpose from the right on the
/// other.
pub fn acted_on<T: crate::eval::Number>(point: &[Dense<T>], at: &[Occurrence], g: &Dense<T>) -> Vec<Dense<T>> {
    let mut out = point.to_vec();
    for occurrence in at {
        let x = &out[occurrence.param];
        out[occurrence.param] = match occurrence.side {
            Side::Rows => g.product(Of::Plain, x, Of::Plain),
            Side::Cols => x.product(Of::Plain, g, Of::Transposed),
        };
    }
    out
}
