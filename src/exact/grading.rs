//! Weights that sort the unknown entries of generators. Where positive factors t of entries of parameters, data and covector leave
//! ⟨w, F⟩ as it is, they carry fields to fields, hence symmetries to symmetries: the algebra is the sum of its parts on which t acts
//! by one character each, and these are solved for apart from each other. Here t is a torus for each size of the model, the same
//! powers at every row or column of that size, and one factor for each matrix as a whole.

use super::echelon::Echelon;
use super::fields::{Fields, Sensitivity};
use super::layout::{Layout, Letter, Unknown};
use crate::eval::{Dense, Matrix, Residue, mix};
use crate::term::Size;
use num_traits::Zero;
use std::collections::BTreeMap;

/// The weight of each entry of the parameters under a generic element of the torus.
pub struct Grading<const P: u64> {
    /// For each part the weights of its entries are those of their rows and columns, added.
    rows: Vec<Vec<Residue<P>>>,
    cols: Vec<Vec<Residue<P>>>,
}

/// A side of a matrix, or the matrix as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Rows,
    Cols,
    Whole,
}

/// What one factor may act on: places with the same size, or all matrices.
struct Torus {
    places: Vec<(usize, Side)>,
    /// How many factors there are, one for each row or column.
    count: usize,
}

/// The sums of G ∘ W over each row, over each column and over all entries, for each matrix W with the gradient G.
pub struct Traces<const P: u64> {
    rows: Vec<Vec<Residue<P>>>,
    cols: Vec<Vec<Residue<P>>>,
}

impl<const P: u64> Traces<P> {
    pub fn of(sensitivity: &Sensitivity<Dense<Residue<P>>>) -> Self {
        let pairs = || sensitivity.values.iter().zip(&sensitivity.gradients);
        let sum =
            |count: usize, of: &dyn Fn(usize) -> Residue<P>| (0..count).fold(Residue::zero(), |sum, i| sum + of(i));
        let at = |w: &Dense<Residue<P>>, g: &Dense<Residue<P>>, i: usize, j: usize| *w.get(i, j) * *g.get(i, j);
        let rows = pairs().map(|(w, g)| (0..w.rows()).map(|i| sum(w.cols(), &|j| at(w, g, i, j))).collect());
        let cols = pairs().map(|(w, g)| (0..w.cols()).map(|j| sum(w.rows(), &|i| at(w, g, i, j))).collect());
        Traces { rows: rows.collect(), cols: cols.collect() }
    }

    fn at(&self, (matrix, side): (usize, Side), i: usize) -> Residue<P> {
        match side {
            Side::Rows => self.rows[matrix][i],
            Side::Cols => self.cols[matrix][i],
            Side::Whole => self.rows[matrix].iter().fold(Residue::zero(), |sum, x| sum + *x),
        }
    }
}

/// The powers at which factors of each torus may act, as far as equations have told.
pub struct Powers<const P: u64> {
    tori: Vec<Torus>,
    equations: Vec<Echelon<P>>,
    seen: Vec<Traces<P>>,
}

impl<const P: u64> Powers<P> {
    pub fn new(fields: &Fields) -> Self {
        let mut tori: Vec<(Size, Torus)> = Vec::new();
        let mut whole = Torus { places: Vec::new(), count: 1 };
        for (i, (block, scalable)) in fields.matrices().enumerate().filter(|(_, (_, scalable))| *scalable) {
            debug_assert!(scalable);
            whole.places.push((i, Side::Whole));
            let sides = [(Side::Rows, block.shape.rows, block.rows), (Side::Cols, block.shape.cols, block.cols)];
            for (side, size, count) in sides.into_iter().filter(|(.., count)| *count > 1) {
                match tori.iter_mut().find(|(other, torus)| *other == size && torus.count == count) {
                    Some((_, torus)) => torus.places.push((i, side)),
                    None => tori.push((size, Torus { places: vec![(i, side)], count })),
                }
            }
        }
        let tori: Vec<Torus> = tori.into_iter().map(|(_, torus)| torus).chain([whole]).collect();
        let equations = tori.iter().map(|torus| Echelon::new(torus.places.len())).collect();
        Powers { tori, equations, seen: Vec::new() }
    }

    /// Takes notice of what must vanish; whether it tells anything new of the first factor of a torus.
    pub fn extend(&mut self, traces: Traces<P>) -> bool {
        let mut gained = false;
        for (torus, equations) in self.tori.iter().zip(&mut self.equations) {
            let equation: Vec<Residue<P>> = torus.places.iter().map(|&place| traces.at(place, 0)).collect();
            gained |= !equations.is_full() && equations.insert(&equation);
        }
        self.seen.push(traces);
        gained
    }

    /// The weights of the entries of parameters, where every factor acts with the powers found for the first.
    pub fn grading(&self, fields: &Fields, seed: u64) -> Grading<P> {
        let zeros = |count: usize| vec![Residue::zero(); count];
        let mut rows: Vec<Vec<Residue<P>>> = fields.matrices().map(|(block, _)| zeros(block.rows)).collect();
        let mut cols: Vec<Vec<Residue<P>>> = fields.matrices().map(|(block, _)| zeros(block.cols)).collect();
        let mut drawn = 0;
        for (torus, equations) in self.tori.iter().zip(&self.equations) {
            for powers in equations.nullspace().basis {
                let acting = || torus.places.iter().zip(&powers).filter(|(_, power)| !power.is_zero());
                for i in 0..torus.count {
                    let vanishes = |traces: &Traces<P>| {
                        let terms = acting().map(|(&place, &power)| power * traces.at(place, i));
                        terms.fold(Residue::zero(), |sum, x| sum + x).is_zero()
                    };
                    if !self.seen.iter().all(vanishes) {
                        continue;
                    }
                    drawn += 1;
                    let factor = Residue::<P>::new(mix(seed, drawn));
                    for (&(matrix, side), &power) in acting() {
                        let weight = factor * power;
                        match side {
                            Side::Rows => rows[matrix][i] = rows[matrix][i] + weight,
                            Side::Cols => cols[matrix][i] = cols[matrix][i] + weight,
                            Side::Whole => rows[matrix].iter_mut().for_each(|w| *w = *w + weight),
                        }
                    }
                }
            }
        }
        let parameters = fields.parameters().len();
        rows.truncate(parameters);
        cols.truncate(parameters);
        Grading { rows, cols }
    }
}

impl<const P: u64> Grading<P> {
    /// The indices of a layout by the weight of what they stand for, ascending.
    pub fn sorted(&self, layout: &Layout) -> Vec<Vec<usize>> {
        let whole = layout.form().general.then(|| self.flat());
        let (rows, cols) = match &whole {
            Some(column) => (std::slice::from_ref(column), &[vec![Residue::zero()]][..]),
            None => (&self.rows[..], &self.cols[..]),
        };
        let weight = |index: usize| match layout.unknown(index) {
            Unknown::Scale => Residue::zero(),
            Unknown::Entry { part, letter: Letter::A, row, col } => rows[part][col] - rows[part][row],
            Unknown::Entry { part, letter: Letter::B, row, col } => cols[part][row] - cols[part][col],
            Unknown::Entry { part, letter: Letter::C, row, col } => -(rows[part][row] + cols[part][col]),
        };
        let mut parts: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for index in 0..layout.width() {
            parts.entry(weight(index).residue()).or_default().push(index);
        }
        parts.into_values().collect()
    }

    /// The weights of all entries, parameter by parameter and row by row.
    fn flat(&self) -> Vec<Residue<P>> {
        let of = |(rows, cols): (&Vec<Residue<P>>, &Vec<Residue<P>>)| -> Vec<Residue<P>> {
            rows.iter().flat_map(|&r| cols.iter().map(move |&c| r + c)).collect()
        };
        self.rows.iter().zip(&self.cols).flat_map(of).collect()
    }
}
