//! Occurrences of a size at which an element acts together or not at all. Where all other sides are made such that the element fixes
//! them, it acts on the two that are left; if it changes the output acting on either alone, no symmetry acts on one without the
//! other.

use super::classes::classes;
use super::occurrence::{Occurrence, Side};
use super::trials::{Values, changed_after};
use crate::eval::{Dense, EvalError, Matrix, Side as Of};
use crate::exact::{Branch, Fields};
use crate::model::Model;
use petgraph::unionfind::UnionFind;
use rayon::prelude::*;
use std::collections::BTreeSet;

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

/// How many others an occurrence is tried with.
const PARTNERS: usize = 4;

impl Ties {
    /// Of all occurrences of a size. Those where an element never acts are left out.
    pub fn of(
        model: &Model,
        (fields, branches): (&Fields, &[Branch]),
        all: &[Occurrence],
        g: &Element,
        seed: u64,
    ) -> Result<Ties, EvalError> {
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
        let is_alive = |i: usize| {
            if moves_a_branch(branches, all, i, g, seed)? {
                return Ok(false);
            }
            let [moved] = changed_after(fields, seed, GLANCE, |point| project(&[i], point), [&acting(i)])?;
            Ok::<_, EvalError>(!moved)
        };
        let alive = (0..all.len()).into_par_iter().map(is_alive).collect::<Result<Vec<bool>, EvalError>>()?;
        let guessed = classes(model, all);
        let mut tied = UnionFind::<usize>::new(all.len());
        let partners = |i: usize| {
            let others: Vec<usize> =
                (0..all.len()).filter(|&j| j != i && alive[j] && guessed[j] == guessed[i]).collect();
            let before = others.iter().rev().find(|&&j| j < i);
            let next = others.iter().find(|&&j| j > i);
            [others.first(), others.last(), before, next].map(|partner| partner.copied())
        };
        let partners: Vec<_> = (0..all.len()).filter(|&i| alive[i]).map(|i| (i, partners(i))).collect();
        for k in 0..PARTNERS {
            // Of those that are tied already nothing is asked.
            let open = partners.iter().filter(|(_, of)| !of[..k].contains(&of[k]));
            let open = open.filter_map(|(i, of)| of[k].map(|partner| (*i, partner)));
            let open = open.filter(|&(i, partner)| !tied.equiv(i, partner));
            let open: BTreeSet<_> = open.map(|(i, partner)| (i.min(partner), i.max(partner))).collect();
            let open: Vec<_> = open.into_iter().collect();
            let are_tied = |&(i, partner): &(usize, usize)| {
                let apart = |point: &Values<f64>| project(&[i, partner], point);
                let [first, second] = changed_after(fields, seed, u64::MAX, apart, [&acting(i), &acting(partner)])?;
                Ok::<_, EvalError>(first && second)
            };
            let found = open.par_iter().map(are_tied).collect::<Result<Vec<bool>, EvalError>>()?;
            for (&(i, partner), _) in open.iter().zip(found).filter(|(_, tied)| *tied) {
                tied.union(i, partner);
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

/// Whether an element that acts at one occurrence moves the smallest branch that has it: then it moves the whole, at a point where the other
/// branches vanish, which it fixes as it does zero.
fn moves_a_branch(
    branches: &[Branch],
    all: &[Occurrence],
    i: usize,
    g: &Element,
    seed: u64,
) -> Result<bool, EvalError> {
    let having = branches.iter().filter(|branch| branch.parts.contains(&all[i].param));
    let Some(branch) = having.min_by_key(|branch| branch.parts.len()) else { return Ok(false) };
    let within = |at: &Occurrence| {
        let param = branch.parts.iter().position(|part| *part == at.param)?;
        Some(Occurrence { param, side: at.side })
    };
    let Some(own) = within(&all[i]) else { return Ok(false) };
    let fixed: Vec<Occurrence> = all.iter().filter_map(within).filter(|at| *at != own).collect();
    let project = |point: &Values<f64>| acted_on(point, &fixed, &g.onto_fixed);
    let [moved] = changed_after(&branch.fields, seed, GLANCE, project, [&|point| acted_on(point, &[own], &g.element)])?;
    Ok(moved)
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
