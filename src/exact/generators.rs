//! All infinitesimal symmetries of one form: the generators W ↦ A W + W B + C on each parameter under which every field's
//! potential is invariant. Each random point and field gives one linear equation for A, B and C (T1), in each weight of a torus;
//! the solutions over 𝔽_p are lifted to the rationals.

use super::block::Block;
use super::branch::Branch;
use super::echelon::Echelon;
use super::fields::{Fields, REDRAWS, Sensitivity};
use super::grading::{Powers, Traces};
use super::layout::{Layout, Letter, Unknown};
use super::places::LEANINGS;
use super::reconstruct::rational_vector;
use super::span::Span;
use super::sparse::{Sparse, SparseNullspace, combination, in_reduced_form, solutions};
use super::{ExactError, Progress, Unknowns, Watch};
use crate::eval::{Dense, Matrix, Number, Residue, mix};
use crate::term::Rational;
use num_traits::Zero;
use rayon::prelude::*;

/// The most unknowns that are solved for together, and all of them.
const TOGETHER: usize = 2000;
const UNKNOWNS: usize = 250_000;

/// Up to how many unknowns the two fields are asked side by side; with more each has work for all cores.
const SIDE_BY_SIDE: usize = 2000;

/// The most entries of generators of an algebra.
const GENERATORS: usize = 2000;

/// How many places in a row must tell nothing new.
const PATIENCE: usize = 12;
const PATIENCE_BEHIND_GATES: usize = 36;

/// From how many unknowns that are solved for together on equations are made and reduced in batches, on all cores, and of how many places.
const BATCHED: usize = 500;
const BATCH: usize = 32;

/// How many places are asked for weights at once, and for a few equations.
const AT_ONCE: usize = 4;

/// How many covectors are drawn at a place that is not easily found.
const COVECTORS: usize = 8;

/// How many times fewer unknowns branches must have to be looked at first.
const SMALLER: usize = 3;

/// Generators as vectors over the rationals.
pub type RationalVectors = Vec<Sparse<Rational>>;

/// Some indices of a layout of one weight, and the equations in them.
struct Weight<const P: u64> {
    indices: Vec<usize>,
    unknowns: Vec<Unknown>,
    /// A basis of what branches leave, by positions among the indices; `None` where all is left.
    left: Option<Vec<Sparse<Residue<P>>>>,
    /// In the unknowns, or in coordinates of what is left.
    equations: Echelon<P>,
}

/// What an equation is made from: matrices, their gradients, and both transposed.
struct Equation<const P: u64> {
    potential: Residue<P>,
    rows: Vec<(Dense<Residue<P>>, Dense<Residue<P>>)>,
    cols: Vec<(Dense<Residue<P>>, Dense<Residue<P>>)>,
}

impl<const P: u64> Equation<P> {
    fn new(layout: &Layout, parameters: usize, at: &Sensitivity<Dense<Residue<P>>>) -> Self {
        let values = layout.blocks(&at.values[..parameters]);
        let rows: Vec<_> = values.into_iter().zip(layout.blocks(&at.gradients[..parameters])).collect();
        let cols = rows.iter().map(|(w, g)| (w.transpose(), g.transpose())).collect();
        Equation { potential: *at.potential.get(0, 0), rows, cols }
    }

    fn coefficients(&self, unknowns: &[Unknown]) -> Vec<Residue<P>> {
        unknowns.iter().map(|&x| self.coefficient(x)).collect()
    }

    /// The coefficient of an unknown in ⟨G, A W + W B + C⟩ − s·(potential).
    fn coefficient(&self, unknown: Unknown) -> Residue<P> {
        let line = |x: &Dense<Residue<P>>, i: usize| i * x.cols()..(i + 1) * x.cols();
        let dot = |(w, g): &(Dense<Residue<P>>, Dense<Residue<P>>), of_w: usize, of_g: usize| {
            Residue::dot(&w.entries()[line(w, of_w)], &g.entries()[line(g, of_g)])
        };
        match unknown {
            Unknown::Entry { part, letter: Letter::A, row, col } => dot(&self.rows[part], col, row),
            Unknown::Entry { part, letter: Letter::B, row, col } => dot(&self.cols[part], row, col),
            Unknown::Entry { part, letter: Letter::C, row, col } => *self.rows[part].1.get(row, col),
            Unknown::Scale => -self.potential,
        }
    }
}

impl<const P: u64> Weight<P> {
    fn new(layout: &Layout, indices: Vec<usize>) -> Self {
        let unknowns = indices.iter().map(|&i| layout.unknown(i)).collect();
        Weight { equations: Echelon::new(indices.len()), unknowns, left: None, indices }
    }

    /// How many unknowns are solved for together.
    fn width(&self) -> usize {
        self.equations.width()
    }

    /// Asks the branches first.
    fn seen_in_branches(&mut self, branches: &[Branch], layout: &Layout, seeds: (u64, u64)) -> Result<(), ExactError> {
        if self.indices.len() < BATCHED {
            return Ok(());
        }
        let most = self.indices.len() / SMALLER;
        let within = branches.iter().filter_map(|branch| Within::new(branch, layout, self));
        let within: Vec<Within> = within.filter(|within| within.places.len() <= most).collect();
        if within.len() < 2 {
            return Ok(());
        }
        let equations = within.par_iter().map(|within| within.equations::<P>(seeds));
        let equations = equations.collect::<Result<Vec<_>, ExactError>>()?.concat();
        let left = solutions(self.indices.len(), &equations);
        self.equations = Echelon::new(left.len());
        self.left = Some(left);
        Ok(())
    }

    /// An equation in the unknowns, or in coordinates of what is left.
    fn row(&self, equation: &Equation<P>) -> Vec<Residue<P>> {
        let coefficients = equation.coefficients(&self.unknowns);
        let along = |vector: &Sparse<Residue<P>>| {
            vector.iter().fold(Residue::zero(), |sum, (place, x)| sum + coefficients[*place] * *x)
        };
        match &self.left {
            Some(left) => left.iter().map(along).collect(),
            None => coefficients,
        }
    }

    /// As many unknowns as the equations leave dimensions, by which these are told apart.
    fn free(&self) -> impl Iterator<Item = Unknown> {
        let place = |k: usize| self.left.as_ref().map_or(Some(k), |left| left[k].first().map(|(place, _)| *place));
        self.equations.free().filter_map(move |k| Some(self.unknowns[place(k)?]))
    }

    /// What the equations leave, in reduced form, by indices of the layout.
    fn solved(&self) -> SparseNullspace<P> {
        let solved = self.equations.nullspace();
        let sparse = |vector: Vec<Residue<P>>| -> Sparse<Residue<P>> {
            vector.into_iter().enumerate().filter(|(_, x)| !x.is_zero()).collect()
        };
        let found = match &self.left {
            None => solved.free.into_iter().zip(solved.basis.into_iter().map(sparse)).collect(),
            Some(left) => {
                let vector = |along| combination(sparse(along).into_iter().map(|(k, x)| (x, &left[k])));
                in_reduced_form(solved.basis.into_iter().map(vector))
            }
        };
        let at_indices = |(free, vector): (usize, Sparse<Residue<P>>)| {
            (self.indices[free], vector.into_iter().map(|(place, x)| (self.indices[place], x)).collect())
        };
        found.into_iter().map(at_indices).collect()
    }

    /// For each equation whether it tells something new.
    fn extend(&mut self, equations: &[&Equation<P>]) -> Vec<bool> {
        if self.equations.is_full() {
            return vec![false; equations.len()];
        }
        let rows: Vec<Vec<Residue<P>>> = equations.par_iter().map(|equation| self.row(equation)).collect();
        match self.width() {
            BATCHED.. => self.equations.extend(&rows),
            _ => rows.iter().map(|row| self.equations.insert(row)).collect(),
        }
    }
}

/// The unknowns of one weight that a branch has.
struct Within<'a> {
    branch: &'a Branch,
    layout: Layout,
    unknowns: Vec<Unknown>,
    /// Where they stand among the indices of the weight.
    places: Vec<usize>,
}

impl<'a> Within<'a> {
    /// `None` where equations of the branch have unknowns that it does not have.
    fn new<const P: u64>(branch: &'a Branch, whole: &Layout, weight: &Weight<P>) -> Option<Self> {
        let (mut unknowns, mut places) = (Vec::new(), Vec::new());
        for (place, &unknown) in weight.unknowns.iter().enumerate() {
            let own = match unknown {
                Unknown::Scale => Some(unknown),
                Unknown::Entry { part, letter: Letter::C, .. } if branch.vanishing.contains(&part) => return None,
                Unknown::Entry { part, letter, row, col } => {
                    let part = branch.parts.iter().position(|own| *own == part);
                    part.map(|part| Unknown::Entry { part, letter, row, col })
                }
            };
            if let Some(own) = own {
                unknowns.push(own);
                places.push(place);
            }
        }
        Some(Within { branch, layout: Layout::new(&branch.fields, whole.form()), unknowns, places })
    }

    /// What the branch says, by positions among the indices of the weight; nothing where it is not defined.
    fn equations<const P: u64>(&self, (seed, near): (u64, u64)) -> Result<Vec<Sparse<Residue<P>>>, ExactError> {
        let fields = &self.branch.fields;
        let places = Places { fields, layout: &self.layout, seed, near, made: Vec::new() };
        let mut equations: Echelon<P> = Echelon::new(self.unknowns.len());
        let (mut misses, mut number) = (0, 0);
        while misses < fields.patience_of_generators() && !equations.is_full() {
            let drawn = match places.draw(number) {
                Err(ExactError::Eval(error)) if error.is_unlucky() => return Ok(vec![]),
                drawn => drawn?,
            };
            let mut gained = false;
            for equation in places.of(drawn).0 {
                gained |= equations.insert(&equation.coefficients(&self.unknowns));
            }
            misses = if gained { 0 } else { misses + 1 };
            number += 1;
        }
        let placed = |(_, row): (usize, Vec<Residue<P>>)| {
            self.places.iter().copied().zip(row).filter(|(_, x)| !x.is_zero()).collect()
        };
        Ok(equations.reduced().into_iter().map(placed).collect())
    }
}

impl Fields {
    /// On which parameters unknowns stand; nothing where a generator is one on all of them.
    fn among(&self, unknowns: impl Iterator<Item = Unknown>) -> Vec<Unknowns> {
        let none = |block: &Block| Unknowns { shape: block.shape, left: 0, right: 0, shift: 0 };
        let mut among: Vec<Unknowns> = self.parameters().iter().map(none).collect();
        for unknown in unknowns {
            let Unknown::Entry { part, letter, .. } = unknown else { continue };
            let Some(on) = among.get_mut(part) else { continue };
            match letter {
                Letter::A => on.left += 1,
                Letter::B => on.right += 1,
                Letter::C => on.shift += 1,
            }
        }
        among
    }

    /// How many places in a row must tell nothing new of generators.
    fn patience_of_generators(&self) -> usize {
        self.rare() + if self.is_piecewise() { PATIENCE_BEHIND_GATES } else { PATIENCE }
    }

    /// The generators modulo p in reduced form. Where many unknowns are solved for together, what single branches say of them comes first.
    pub fn symmetries<const P: u64>(
        &self,
        (layout, branches): (&Layout, &[Branch]),
        (seed, near): (u64, u64),
        watch: Watch,
    ) -> Result<SparseNullspace<P>, ExactError> {
        if layout.width() > UNKNOWNS {
            let (what, size, limit) = ("unknown entries of a generator", layout.width(), UNKNOWNS);
            let among = self.among((0..size).map(|i| layout.unknown(i)));
            return Err(ExactError::TooManyUnknowns { what, size, limit, among });
        }
        let patience = self.patience_of_generators();
        let mut places = Places { fields: self, layout, seed, near, made: Vec::new() };
        let mut powers = Powers::new(self);
        let (mut misses, mut drawn) = (0, 0);
        while misses < patience {
            for traces in places.traces(AT_ONCE)? {
                if misses == patience {
                    break;
                }
                let mut gained = false;
                for traces in traces {
                    gained |= powers.extend(traces);
                }
                misses = if gained { 0 } else { misses + 1 };
            }
            drawn += AT_ONCE;
            if drawn % 64 == 0 {
                watch(Progress { depth: 1, drawn: drawn as u64, rank: 0, of: layout.width() })?;
            }
        }
        let sorted = powers.grading(self, mix(seed, 2)).sorted(layout);
        let mut weights: Vec<Weight<P>> = sorted.into_iter().map(|indices| Weight::new(layout, indices)).collect();
        for weight in &mut weights {
            weight.seen_in_branches(branches, layout, (seed, near))?;
        }
        let largest = weights.iter().map(Weight::width).max().unwrap_or_default();
        if largest > TOGETHER {
            let (what, size, limit) =
                ("unknown entries of a generator that are solved for together", largest, TOGETHER);
            let weight = weights.iter().find(|weight| weight.width() == largest);
            let among = self.among(weight.into_iter().flat_map(|weight| weight.unknowns.iter().copied()));
            return Err(ExactError::TooManyUnknowns { what, size, limit, among });
        }
        let (mut misses, mut drawn) = (0, 0);
        let places_at_once = if largest < BATCHED { AT_ONCE } else { BATCH };
        while misses < patience && !weights.iter().all(|w| w.equations.is_full()) {
            places.make_up_to(drawn + places_at_once)?;
            let made = &places.made[drawn..drawn + places_at_once];
            let equations: Vec<&Equation<P>> = made.iter().flatten().collect();
            let news: Vec<Vec<bool>> = weights.par_iter_mut().with_min_len(64).map(|w| w.extend(&equations)).collect();
            let mut first = 0;
            for place in made {
                let gained = news.iter().any(|new| new[first..first + place.len()].contains(&true));
                misses = if gained { 0 } else { misses + 1 };
                first += place.len();
            }
            drawn += places_at_once;
            if drawn % 64 == 0 {
                let rank = weights.iter().map(|w| w.equations.rank()).sum();
                watch(Progress { depth: 1, drawn: drawn as u64, rank, of: layout.width() })?;
            }
        }
        let dimension: usize = weights.iter().map(|w| w.width() - w.equations.rank()).sum();
        if dimension > GENERATORS {
            let (what, size, limit) = ("dimensions of the algebra", dimension, GENERATORS);
            let among = self.among(weights.iter().flat_map(Weight::free));
            return Err(ExactError::TooManyUnknowns { what, size, limit, among });
        }
        let mut out: SparseNullspace<P> =
            weights.iter().filter(|w| !w.equations.is_full()).flat_map(Weight::solved).collect();
        out.sort_by_key(|(free, _)| *free);
        Ok(out)
    }

    /// The generators over the rationals, as vectors in reduced form, found modulo P and checked modulo Q. `None` when
    /// they are not rational (or a draw was degenerate).
    pub fn rational_symmetries<const P: u64, const Q: u64>(
        &self,
        of: (&Layout, &[Branch]),
        seed: u64,
        watch: Watch,
    ) -> Result<(SparseNullspace<P>, Option<RationalVectors>), ExactError> {
        let found = || self.symmetries::<P>(of, (seed, seed), watch);
        let check = || self.symmetries::<Q>(of, (mix(seed, 1), seed), watch);
        let (found, check) = match of.0.width() <= SIDE_BY_SIDE {
            true => {
                // Where roots are missing in the first field nothing is asked of the second.
                Places::<P> { fields: self, layout: of.0, seed, near: seed, made: Vec::new() }.draw(0)?;
                let (found, check) = rayon::join(found, check);
                (found?, check?)
            }
            false => (found()?, check()?),
        };
        let same = found.iter().map(|(free, _)| free).eq(check.iter().map(|(free, _)| free));
        let lifted = found.iter().zip(&check).map(|((_, x), (_, y))| lifted(x, y)).collect();
        Ok((found, if same { lifted } else { None }))
    }
}

/// The rational vector with these residues modulo P, if it has the residues `check` modulo Q as well.
fn lifted<const P: u64, const Q: u64>(x: &Sparse<Residue<P>>, check: &Sparse<Residue<Q>>) -> Option<Sparse<Rational>> {
    let indices = |(i, _): &(usize, _)| *i;
    if !x.iter().map(indices).eq(check.iter().map(|(i, _)| *i)) {
        return None;
    }
    let (values, checks): (Vec<_>, Vec<_>) = x.iter().zip(check).map(|((_, x), (_, y))| (*x, *y)).unzip();
    Some(x.iter().map(indices).zip(rational_vector(&values, &checks)?).collect())
}

/// The equations of random points and fields, each made once.
struct Places<'a, const P: u64> {
    fields: &'a Fields,
    layout: &'a Layout,
    seed: u64,
    /// The seed of the regions that points lie in.
    near: u64,
    made: Vec<Vec<Equation<P>>>,
}

impl<const P: u64> Places<'_, P> {
    fn draw(&self, number: usize) -> Result<Vec<Sensitivity<Dense<Residue<P>>>>, ExactError> {
        let stream = mix(self.seed, number as u64);
        // Every leaning comes in turn.
        let point = mix(stream, 0);
        let point = point - point % LEANINGS + number as u64 % LEANINGS;
        let more = if self.fields.has_roots() { self.fields.outputs().min(COVECTORS) - 1 } else { 0 };
        let covectors = || (0..more as u64).map(|k| mix(stream, 2 + k));
        let region = self.fields.neighbourhood(self.near, number as u64);
        let made = |point: &_, field: &_| self.fields.sensitivities(point, field, covectors());
        let (.., made) = self.fields.placed((point, mix(stream, 1)), REDRAWS, region, |drawn| drawn, made)?;
        Ok(made)
    }

    /// What each of the next places says of weights.
    fn traces(&mut self, count: usize) -> Result<Vec<Vec<Traces<P>>>, ExactError> {
        let next = self.made.len();
        let drawn = (next..next + count).into_par_iter().map(|number| Ok(self.of(self.draw(number)?)));
        let (made, traces): (Vec<_>, Vec<_>) = drawn.collect::<Result<Vec<_>, ExactError>>()?.into_iter().unzip();
        self.made.extend(made);
        Ok(traces)
    }

    /// The equations of so many places.
    fn make_up_to(&mut self, count: usize) -> Result<(), ExactError> {
        let made = (self.made.len()..count).into_par_iter().map(|number| Ok(self.of(self.draw(number)?).0));
        let made = made.collect::<Result<Vec<_>, ExactError>>()?;
        self.made.extend(made);
        Ok(())
    }

    /// The equations of what was drawn at a place, and what it says of weights.
    fn of(&self, drawn: Vec<Sensitivity<Dense<Residue<P>>>>) -> (Vec<Equation<P>>, Vec<Traces<P>>) {
        let parameters = self.fields.parameters().len();
        let equations = drawn.iter().map(|at| Equation::new(self.layout, parameters, at)).collect();
        (equations, drawn.iter().map(Traces::of).collect())
    }
}
