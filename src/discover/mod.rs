//! The symmetries of a model that nobody declared: found exactly at the sizes of an instance, then proposed as actions of
//! named groups and proved for all sizes by the rewriter.

mod candidate;
mod centre;
mod finite;
mod graph;
mod occurrence;
mod translation;

use crate::eval::{Dense, EvalError, Matrix, Number, Prime, mix};
use crate::exact::{
    Algebra, Echelon, ExactError, Fields, Form, Generator, Part, Subspace, Watch, sample_sizes, symmetries,
};
use crate::law::{self, Context, ProvedAction, Unproved};
use crate::model::{Action, Model};
use crate::rewrite::{Interrupt, Limits, RuleBook};
use crate::term::print::text;
use crate::term::{Rational, Size, Sizes, Symbol, Term, add, sym};
use candidate::{Candidate, Finder};
use centre::Centres;
use finite::{Containing, FiniteSymmetries};
use num_traits::Zero;
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
        generator.map(|g| lines(model, &self.centres, g)).unwrap_or_default()
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
        explained: Echelon::new(algebra.layout.width()),
        proposals: Vec::new(),
        continuous: Vec::new(),
    };
    let fields = Fields::new(bare, &options.sizes)?;
    let tests = finite::tests(bare, &fields, options.seed)?;
    let mut unexplained = Vec::new();
    let mut tangent = 0;
    if let Some(basis) = algebra.basis.as_ref() {
        let vectors: Vec<Vec<Prime>> = basis.iter().map(|g| algebra.layout.vector(&residues(g))).collect();
        if !options.form.general {
            let space = Subspace::new(algebra.layout.width(), &vectors);
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
                    search.consider(candidate, &space, &*tests)?;
                }
            }
        }
        let mut all = search.explained.clone();
        unexplained.extend((0..vectors.len()).filter(|&i| all.insert(&vectors[i])));
        let point = algebra.layout.blocks(&fields.anywhere::<Prime>(mix(options.seed, 4))?.values);
        let value = |generator: &[Prime]| -> Vec<Prime> {
            let value = algebra.layout.generator(generator).at(&point);
            value.iter().flat_map(|block| block.entries().iter().copied()).collect()
        };
        let values: Vec<Vec<Prime>> = search.explained.reduced().iter().map(|(_, g)| value(g)).collect();
        let orbit = Echelon::spanned_by(fields.dimension(), values.iter().map(Vec::as_slice));
        tangent = unexplained.iter().filter(|&&i| orbit.contains(&value(&vectors[i]))).count();
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
    Ok(Discovery { proposals, explained, unexplained, tangent, algebra, centres, short: finite.short, late })
}

struct Search<'a> {
    cx: Context<'a>,
    centres: &'a Centres,
    explained: Echelon<{ Prime::MODULUS }>,
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
        tests: &dyn FiniteSymmetries,
    ) -> Result<(), EvalError> {
        let Candidate { mut action, generators } = candidate;
        let new = generators.iter().any(|g| !self.explained.contains(g));
        if !new || !generators.iter().all(|g| space.contains(g)) {
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

fn residues(generator: &Generator<Rational>) -> Generator<Prime> {
    let residue = |x: &Dense<Rational>| {
        Dense::from_fn(x.rows(), x.cols(), |i, j| Prime::from_rational(x.get(i, j)).unwrap_or_default())
    };
    let part = |p: &Part<Rational>| Part { a: residue(&p.a), b: residue(&p.b), c: residue(&p.c) };
    Generator {
        parts: generator.parts.iter().map(part).collect(),
        scale: Prime::from_rational(&generator.scale).unwrap_or_default(),
    }
}

/// `W1 -> A * W1, A[1,2] = 1, A[2,1] = -1`.
fn lines(model: &Model, centres: &Centres, generator: &Generator<Rational>) -> Vec<String> {
    let mut out = Vec::new();
    for (i, part) in generator.parts.iter().enumerate() {
        let name = match model.params.get(i).map(|p| p.name) {
            Some(name) if generator.parts.len() == model.params.len() => match centres.shift(name) {
                Some(shift) => format!("({})", text(&add(&sym(name), shift))),
                None => name.to_string(),
            },
            _ => "θ".to_string(),
        };
        let mut terms = Vec::new();
        let mut entries = Vec::new();
        for (matrix, letter, term) in [
            (&part.a, "A", format!("A * {name}")),
            (&part.b, "B", format!("{name} * B")),
            (&part.c, "C", "C".to_string()),
        ] {
            let before = entries.len();
            for k in 0..matrix.rows() {
                for l in 0..matrix.cols() {
                    let x = matrix.get(k, l);
                    if !x.is_zero() {
                        entries.push(format!("{letter}[{},{}] = {x}", k + 1, l + 1));
                    }
                }
            }
            if entries.len() > before {
                terms.push(term);
            }
        }
        if !terms.is_empty() {
            out.push(format!("{name} -> {}, {}", terms.join(" + "), entries.join(", ")));
        }
    }
    out
}
