//! The symmetries of a model that nobody declared: found exactly at the sizes of an instance, then proposed as actions of
//! named groups and proved for all sizes by the rewriter.

mod candidate;
mod centre;
mod classes;
mod finite;
mod graph;
mod occurrence;
mod ties;
mod translation;
mod trials;

use crate::eval::{EvalError, Number, Prime, mix};
use crate::exact::{
    Algebra, ExactError, Fields, Form, Independence, Layout, Letter, Sparse, SparseEchelon, Subspace, Unknown, Watch,
    sample_sizes, symmetries,
};
use crate::law::{self, Context, ProvedAction, Unproved};
use crate::model::{Action, Model};
use crate::rewrite::{Interrupt, Limits, RuleBook};
use crate::term::print::text;
use crate::term::{Rational, Size, Sizes, Symbol, Term, add, sym};
use candidate::{Candidate, Finder};
use centre::Centres;
use finite::{Containing, Tester};
use num_traits::One;
use occurrence::{Occurrence, Side};
use std::time::Duration;

/// What to look for, and how.
pub struct Options {
    pub sizes: Sizes,
    pub form: Form,
    pub seed: u64,
    pub limits: Limits,
}

/// The symmetries of a model.
#[derive(Clone, Debug)]
pub struct Discovery {
    pub algebra: Algebra,
    pub proposals: Vec<Proposal>,
    /// The dimension of the subalgebra spanned by the proved actions.
    pub explained: usize,
    /// The numbers of basis vectors of the algebra that complete it.
    pub unexplained: Vec<usize>,
    /// How many of these move a random point along the orbits of the proved actions: multiples of explained generators by
    /// functions of the parameters.
    pub tangent: usize,
    /// The parameters that are taken about a centre, in which the generators are linear.
    centres: Centres,
    /// Whether values of functions were taken for unrelated that may be related: a symmetry that rests on a relation is missing
    /// then.
    pub unrelated: bool,
    /// The sizes that occur so often that finite groups were not tried at every set of occurrences.
    pub short: Vec<Size>,
    /// The limit of time that a search for a proof met, if one did.
    pub late: Option<Duration>,
}

/// An action that holds at the sizes of the instance.
#[derive(Clone, Debug)]
pub struct Proposal {
    pub action: Action,
    pub status: Result<Box<ProvedAction>, Unproved>,
    /// The dimension of its Lie algebra at the instance; 0 for a finite group.
    pub dimension: usize,
}

impl Proposal {
    pub fn is_proved(&self) -> bool {
        self.status.is_ok()
    }
}

impl Discovery {
    /// The proved actions.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.proposals.iter().filter(|p| p.is_proved()).map(|p| &p.action)
    }

    /// The unexplained generators, one line for each parameter they move.
    pub fn describe(&self, model: &Model, index: usize) -> Vec<String> {
        let generator = self.algebra.basis.as_ref().and_then(|basis| basis.get(index));
        generator.map(|g| lines(model, &self.centres, &self.algebra.layout, g)).unwrap_or_default()
    }
}

/// Looks for symmetries of the output (of an explicit loss: of the loss), whatever actions the model declares. `watch` may end
/// the exact computation, `cancelled` the searches for proofs.
pub fn discover(
    model: &Model,
    book: &RuleBook,
    options: &Options,
    watch: Watch,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Discovery, ExactError> {
    let mut bare = model.clone();
    bare.actions.clear();
    match at_sizes(&bare, book, options, watch, cancelled) {
        // Fewer samples need fewer roots; what holds for two and no more is not proved below.
        Err(ExactError::Eval(EvalError::NoSquareRoot { .. })) => {
            let mut sizes = options.sizes.clone();
            sample_sizes(&bare).for_each(|n| sizes.set(n, SAMPLES));
            at_sizes(&bare, book, &Options { sizes, ..*options }, watch, cancelled)
        }
        done => done,
    }
}

/// How many samples are drawn where more have no square roots together.
const SAMPLES: usize = 2;

/// At the sizes of the options, of a model without actions.
fn at_sizes(
    model: &Model,
    book: &RuleBook,
    options: &Options,
    watch: Watch,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Discovery, ExactError> {
    let centres = Centres::of(model);
    let recentred = centres.recentred(model);
    let bare = &recentred;
    let algebra = symmetries(bare, &options.sizes, options.form, options.seed, watch)?;
    let mut search = Search {
        cx: Context::interrupted_by(Interrupt::when(cancelled), model, book, options.limits),
        centres: &centres,
        explained: SparseEchelon::default(),
        proposals: Vec::new(),
        continuous: Vec::new(),
    };
    let fields = Fields::new(bare, &options.sizes)?.briefly();
    let tests = Tester::new(bare, &fields, options.seed);
    let mut unexplained = Vec::new();
    let mut tangent = 0;
    if let Some(basis) = algebra.basis.as_ref() {
        let space = Subspace::new(basis.iter().filter_map(residues).collect());
        if !options.form.general {
            let finder =
                Finder { model: bare, layout: &algebra.layout, space: &space, equivariant: options.form.equivariant };
            for stage in [
                Finder::general_linear,
                Finder::orthogonal,
                Finder::stabilizer,
                Finder::torus,
                Finder::diagonal,
                Finder::translations,
                Finder::scale,
            ] {
                for candidate in stage(&finder) {
                    search.consider(candidate, &space, &tests)?;
                }
            }
        }
        let mut all = search.explained.clone();
        unexplained.extend((0..space.dimension()).filter(|&i| all.insert(&vec![(i, Prime::one())])));
        if !unexplained.is_empty() {
            let point = algebra.layout.blocks(&fields.anywhere::<Prime>(mix(options.seed, 4))?.values);
            let value = |generator: &Sparse<Prime>| algebra.layout.at(generator, &point, false);
            let mut orbit = SparseEchelon::default();
            for coordinates in search.explained.rows() {
                orbit.insert(&value(&space.vector(coordinates)));
            }
            tangent = unexplained.iter().filter(|&&i| orbit.contains(&value(&space.basis()[i]))).count();
        }
    }
    let explained = search.explained.rank();
    let finite = tests.all(&search.continuous)?;
    for action in finite.actions {
        search.propose(action, 0);
    }
    if search.cx.was_interrupted() {
        return Err(ExactError::Interrupted);
    }
    let late = search.cx.late();
    let proposals = search.proposals;
    let unrelated = algebra.unrelated || fields.independence().contains(&Independence::Undecided);
    Ok(Discovery { proposals, explained, unexplained, tangent, algebra, centres, unrelated, short: finite.short, late })
}

struct Search<'a> {
    cx: Context<'a>,
    centres: &'a Centres,
    /// What proved actions explain, in coordinates of the algebra.
    explained: SparseEchelon<{ Prime::MODULUS }>,
    proposals: Vec<Proposal>,
    /// Where groups act that contain finite ones of their size.
    continuous: Vec<Containing>,
}

impl Search<'_> {
    /// Proposes a candidate all of whose generators are symmetries, unless proved actions explain them.
    fn consider(
        &mut self,
        candidate: Candidate,
        space: &Subspace<{ Prime::MODULUS }>,
        tests: &Tester,
    ) -> Result<(), EvalError> {
        let Candidate { mut action, generators } = candidate;
        if !generators.iter().all(|g| space.contains(g)) {
            return Ok(());
        }
        let generators: Vec<Sparse<Prime>> = generators.iter().map(|g| space.coordinates(g)).collect();
        if generators.iter().all(|g| self.explained.contains(g)) {
            return Ok(());
        }
        let mut moved = None;
        if let Some(discovered) = action.group.group.discovered().filter(|d| !d.contains.is_empty()) {
            let at = acted_at(self.cx.model(), &action);
            match discovered.connected {
                // The generators say nothing of reflections.
                Some(connected) if !tests.reflected(&at)? => action.group = connected.of(&action.group.sizes),
                _ => moved = Some(Containing { finite: discovered.contains, at }),
            }
        }
        if self.propose(action, generators.len()) {
            generators.iter().for_each(|g| {
                self.explained.insert(g);
            });
            self.continuous.extend(moved);
        }
        Ok(())
    }

    /// Tries to prove an action; whether it is proved.
    fn propose(&mut self, mut action: Action, dimension: usize) -> bool {
        let base = action.name;
        let taken = |name: Symbol| self.proposals.iter().any(|p| p.action.name == name);
        let mut number = 2;
        while taken(action.name) {
            action.name = format!("{base}_{number}").into();
            number += 1;
        }
        let action = self.centres.carried_back(&self.cx, action);
        let status = law::action::prove(&self.cx, &action).map(Box::new);
        let proved = status.is_ok();
        self.proposals.push(Proposal { action, status, dimension });
        proved
    }
}

/// Where the element of an action stands in the images of the parameters.
fn acted_at(model: &Model, action: &Action) -> Vec<Occurrence> {
    let mut out = Vec::new();
    for (param, variable) in model.params.iter().enumerate() {
        let Some((_, image)) = action.images.iter().find(|(name, _)| *name == variable.name) else { continue };
        let factors = crate::term::factors(image);
        let middle = factors.iter().position(|f| *crate::term::root(f) == Term::Sym(variable.name));
        let Some(middle) = middle else { continue };
        if middle > 0 {
            out.push(Occurrence { param, side: Side::Rows });
        }
        if middle + 1 < factors.len() {
            out.push(Occurrence { param, side: Side::Cols });
        }
    }
    out
}

/// A vector of the reduced basis of an algebra, before the index at which it is 1 and all others are 0.
fn residues(vector: &Sparse<Rational>) -> Option<(usize, Sparse<Prime>)> {
    let residue = |(i, x): &(usize, Rational)| (*i, Prime::from_rational(x).unwrap_or_default());
    // The equations' pivots come before the free index.
    vector.last().map(|(free, _)| (*free, vector.iter().map(residue).collect()))
}

/// `W1 -> A * W1, A[1,2] = 1, A[2,1] = -1`.
fn lines(model: &Model, centres: &Centres, layout: &Layout, generator: &Sparse<Rational>) -> Vec<String> {
    let entries = generator.iter().filter_map(|(index, x)| match layout.unknown(*index) {
        Unknown::Entry { part, letter, row, col } => Some((part, letter, row, col, x)),
        Unknown::Scale => None,
    });
    let entries: Vec<_> = entries.collect();
    let of_part = |part: usize, moved: &[(usize, Letter, usize, usize, &Rational)]| {
        let name = match model.params.get(part).map(|p| p.name) {
            Some(name) if layout.extents().len() == model.params.len() => match centres.shift(name) {
                Some(shift) => format!("({})", text(&add(&sym(name), shift))),
                None => name.to_string(),
            },
            _ => "θ".to_string(),
        };
        let written = |letter| match letter {
            Letter::A => format!("A * {name}"),
            Letter::B => format!("{name} * B"),
            Letter::C => "C".to_string(),
        };
        let mut terms: Vec<String> = Vec::new();
        for letter in [Letter::A, Letter::B, Letter::C] {
            terms.extend(moved.iter().any(|(_, l, ..)| *l == letter).then(|| written(letter)));
        }
        let entry = |(_, letter, row, col, x): &(usize, Letter, usize, usize, &Rational)| {
            format!("{letter:?}[{},{}] = {x}", row + 1, col + 1)
        };
        let entries: Vec<String> = moved.iter().map(entry).collect();
        format!("{name} -> {}, {}", terms.join(" + "), entries.join(", "))
    };
    entries.chunk_by(|a, b| a.0 == b.0).map(|moved| of_part(moved[0].0, moved)).collect()
}
