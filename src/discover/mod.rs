//! The symmetries of a model that nobody declared: found exactly at the sizes of an instance, then proposed as actions of
//! named groups and proved for all sizes by the rewriter.

mod beside;
mod candidate;
mod centre;
mod classes;
mod family;
mod finite;
mod graph;
mod occurrence;
mod packed;
mod ties;
mod translation;
mod trials;

use crate::eval::{EvalError, Number, Prime, mix};
use crate::exact::{
    Algebra, Branch, ExactError, Fields, Form, Independence, Layout, Letter, Sparse, SparseEchelon, Subspace, Unknown,
    Watch, symmetries_with,
};
use crate::group::GroupId;
use crate::law::{self, Context, Memo, ProvedAction, Unproved};
use crate::model::{Action, Dynamics, Model};
use crate::rewrite::{Interrupt, Limits, RuleBook};
use crate::term::print::text;
use crate::term::{Rational, Size, Sizes, Symbol, Term, add, sym};
use candidate::{Candidate, Finder, fresh};
use centre::Centres;
use family::Families;
use finite::{Containing, Tester};
use num_traits::One;
use occurrence::{Occurrence, Side};
use packed::Packed;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// What to look for, and how.
#[derive(Clone, Default)]
pub struct Options {
    pub sizes: Sizes,
    pub form: Form,
    pub seed: u64,
    pub limits: Limits,
    /// What searches for proofs have found.
    pub memo: Arc<Memo>,
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
    /// The model with the proved actions in place of those it declares.
    pub annotated: Model,
    /// The model that was looked at: of families so many members, each a parameter of its own.
    instance: Model,
    /// The parameters that are taken about a centre, in which the generators are linear.
    centres: Centres,
    /// The sizes at which it was looked at.
    pub sizes: Sizes,
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
    /// The dimension of its Lie algebra at the instance, that of all its members for an action of families; 0 for a finite group.
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
    pub fn describe(&self, index: usize) -> Vec<String> {
        let generator = self.algebra.basis.as_ref().and_then(|basis| basis.get(index));
        generator.map(|g| lines(&self.instance, &self.centres, &self.algebra.layout, g)).unwrap_or_default()
    }
}

/// Looks for symmetries of the output (of an explicit loss: of the loss), whatever actions the model declares. Of families a few
/// members are written out, and what is found is told of all. `watch` may end the exact computation, `cancelled` the searches for
/// proofs.
pub fn discover(
    model: &Model,
    book: &RuleBook,
    options: &Options,
    watch: Watch,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Discovery, ExactError> {
    let mut told = family::with_neighbours(model);
    told.actions.clear();
    let packed = Packed::of(&told);
    let unpacked = (!packed.is_empty()).then(|| family::with_neighbours(&packed.unpacked(&told)));
    let bare = unpacked.as_ref().unwrap_or(&told);
    let at = |sizes: &Sizes| {
        at_sizes((&told, &packed), bare, book, &Options { sizes: sizes.clone(), ..options.clone() }, watch, cancelled)
    };
    let instances = instances(bare, &options.sizes)?;
    let last = instances.last().unwrap_or(&options.sizes);
    match at(instances.first().unwrap_or(last)) {
        Err(ExactError::Eval(EvalError::NoSquareRoot { .. })) => at(last),
        done => done,
    }
}

/// Of how many square roots there may be members of families to be written out beside others.
const ROOTS: usize = 16;

/// How large sizes of data alone are where more have no square roots together.
const SAMPLES: usize = 2;

/// The sizes at which a model is looked at first, and those with fewer roots. Of families two members are written out, where that are too
/// many roots one block; what holds at these sizes and no others is not proved.
fn instances(model: &Model, sizes: &Sizes) -> Result<Vec<Sizes>, ExactError> {
    let written = |blocks: usize| {
        let sizes = family::instance(model, sizes, blocks);
        let roots = Fields::new(&*model.written_out(&sizes)?, &sizes)?.roots_of_a_field();
        Ok::<_, ExactError>((sizes, roots))
    };
    let mut out = Vec::new();
    if model.has_families() {
        let (many, roots) = written(2)?;
        out.extend((roots <= ROOTS).then_some(many));
        out.push(written(1)?.0);
    } else {
        out.push(sizes.clone());
    }
    let mut few = out[out.len() - 1].clone();
    let in_parameters = |name: Symbol| {
        let occurs = |size: Size| size.names().contains(&name);
        model.params.iter().any(|p| occurs(p.shape.rows) || occurs(p.shape.cols))
    };
    let of_data = |name: &Symbol| !in_parameters(*name) && model.ranges().all(|range| range != *name);
    model.dims.iter().map(|dim| dim.name).filter(of_data).for_each(|n| {
        few.set(n, few.get(n).map_or(SAMPLES, |now| now.min(SAMPLES)));
    });
    out.push(few);
    Ok(out)
}

/// At the sizes of the options, of a model without actions, whose packed parameters are unpacked.
fn at_sizes(
    (told, packed): (&Model, &Packed),
    model: &Model,
    book: &RuleBook,
    options: &Options,
    watch: Watch,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Discovery, ExactError> {
    let families = model.has_families().then(|| Families::new(model, &options.sizes)).transpose()?;
    let written = model.written_out(&options.sizes)?;
    // What is told of a packed matrix is told of no sum with it.
    let centres = |of: &Model| if packed.is_empty() { Centres::of(of) } else { Centres::default() };
    let own = centres(&written);
    let recentred = own.recentred(&written);
    let bare = &recentred;
    let branches = Branch::all(bare, &options.sizes)?;
    let algebra = symmetries_with((bare, &branches), &options.sizes, options.form, options.seed, watch)?;
    let mut search = Search {
        cx: Context::interrupted_by(Interrupt::when(cancelled), told, book, options.limits).recalling(&options.memo),
        written: &written,
        families: families.as_ref(),
        centres: if families.is_some() { Cow::Owned(centres(model)) } else { Cow::Borrowed(&own) },
        packed,
        explained: SparseEchelon::default(),
        idle: Vec::new(),
        proposals: Vec::new(),
        refused: Vec::new(),
        continuous: Vec::new(),
    };
    let fields = Fields::new(bare, &options.sizes)?.briefly();
    let tests = Tester::new(bare, (&fields, &branches), options.seed);
    let mut unexplained = Vec::new();
    let mut tangent = 0;
    if let Some(basis) = algebra.basis.as_ref() {
        let space = Subspace::new(basis.iter().filter_map(residues).collect());
        if !options.form.general {
            let finder =
                Finder { model: bare, layout: &algebra.layout, space: &space, equivariant: options.form.equivariant };
            let mut translations = Vec::new();
            for candidate in finder.translations() {
                match finder.idle(&candidate) {
                    Some(param) => search.set_aside(param, candidate, &space, &tests)?,
                    None => translations.push(candidate),
                }
            }
            let linear =
                [Finder::general_linear, Finder::orthogonal, Finder::stabilizer, Finder::torus, Finder::diagonal];
            // A separable potential asks for diagonal actions, which a larger group would hide.
            let mirrored =
                !model.dynamics.is_empty() && model.dynamics.iter().all(|d| matches!(d, Dynamics::Mirror(_)));
            let larger = if mirrored { linear.len() - 1 } else { 0 };
            let linear = linear.iter().skip(larger).flat_map(|stage| stage(&finder));
            for candidate in linear.chain(translations).chain(finder.scale()) {
                search.consider(candidate, &space, &tests)?;
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
    let finite = tests.all(&search.continuous, families.is_some())?;
    for action in finite.actions {
        search.propose(action, 0);
    }
    for action in families.iter().flat_map(Families::exchanges) {
        let exchanged = families.as_ref().map(|families| families.exchanged(&action)).unwrap_or_default();
        if tests.exchanged(&exchanged)? {
            search.tell(vec![action], 0);
        }
    }
    if search.cx.was_interrupted() {
        return Err(ExactError::Interrupted);
    }
    let late = search.cx.late();
    let proposals = search.proposals;
    let unrelated = algebra.unrelated || fields.independence().contains(&Independence::Undecided);
    let actions: Vec<Action> = proposals.iter().filter(|p| p.is_proved()).map(|p| p.action.clone()).collect();
    Ok(Discovery {
        annotated: Model { actions, ..told.clone() },
        instance: written.into_owned(),
        sizes: options.sizes.clone(),
        proposals,
        explained,
        unexplained,
        tangent,
        algebra,
        centres: own,
        unrelated,
        short: finite.short,
        late,
    })
}

/// The finite groups that move a parameter as a translation of it does.
const FINITE: &[GroupId] = &[GroupId::Permutation, GroupId::Sign, GroupId::Cyclic];

struct Search<'a> {
    cx: Context<'a>,
    /// The model that candidates are actions of.
    written: &'a Model,
    /// What they are told of, where these are members of families.
    families: Option<&'a Families<'a>>,
    centres: Cow<'a, Centres>,
    packed: &'a Packed,
    /// What proved actions explain, in coordinates of the algebra.
    explained: SparseEchelon<{ Prime::MODULUS }>,
    /// The parameters that the output does not depend on: what else acts on them alone says nothing more.
    idle: Vec<Symbol>,
    proposals: Vec<Proposal>,
    /// What was not proved.
    refused: Vec<Action>,
    /// Where groups act that contain finite ones of their size.
    continuous: Vec<Containing>,
}

impl Search<'_> {
    /// Proposes a translation of a parameter that the output does not depend on.
    fn set_aside(
        &mut self,
        param: usize,
        translation: Candidate,
        space: &Subspace<{ Prime::MODULUS }>,
        tests: &Tester,
    ) -> Result<(), EvalError> {
        if self.consider(translation, space, tests)? {
            let at = |side| Containing { finite: FINITE, at: vec![Occurrence { param, side }] };
            self.continuous.extend([Side::Rows, Side::Cols].map(at));
            self.idle.push(self.written.params[param].name);
        }
        Ok(())
    }

    /// Proposes a candidate all of whose generators are symmetries, unless proved actions explain them; whether it is proved.
    fn consider(
        &mut self,
        candidate: Candidate,
        space: &Subspace<{ Prime::MODULUS }>,
        tests: &Tester,
    ) -> Result<bool, EvalError> {
        let Candidate { mut action, generators } = candidate;
        let says_more = action.images.iter().any(|(name, _)| !self.idle.contains(name));
        if !says_more || !generators.iter().all(|g| space.contains(g)) {
            return Ok(false);
        }
        let generators: Vec<Sparse<Prime>> = generators.iter().map(|g| space.coordinates(g)).collect();
        if generators.iter().all(|g| self.explained.contains(g)) {
            return Ok(false);
        }
        let mut moved = None;
        if let Some(discovered) = action.group.group.discovered().filter(|d| !d.contains.is_empty()) {
            let at = acted_at(self.written, &action);
            match discovered.connected {
                // The generators say nothing of reflections.
                Some(connected) if !tests.reflected(&at)? => action.group = connected.of(&action.group.sizes),
                _ => moved = Some(Containing { finite: discovered.contains, at }),
            }
        }
        let proved = self.propose(action, generators.len());
        if proved {
            generators.iter().for_each(|g| {
                self.explained.insert(g);
            });
            self.continuous.extend(moved);
        }
        Ok(proved)
    }

    /// Tries to prove an action, one of members as one of their families; whether it is proved.
    fn propose(&mut self, action: Action, dimension: usize) -> bool {
        let accompanied = beside::accompanied(self.written, &self.idle, &action);
        let of_model = |action: Action| match self.families {
            Some(families) => families.told(&action),
            None => vec![action],
        };
        let statements = accompanied.into_iter().chain([action]).flat_map(of_model).collect();
        self.tell(statements, dimension)
    }

    /// Tries to prove an action of the model itself, of which there are several statements; whether one is proved.
    fn tell(&mut self, statements: Vec<Action>, dimension: usize) -> bool {
        let mut unproved = None;
        for action in statements {
            let action = self.centres.carried_back(&self.cx, action);
            let Some(action) = self.packed.told(self.cx.model(), action) else { continue };
            let same = |other: &Action| {
                (&other.group, &other.images, &other.indices) == (&action.group, &action.images, &action.indices)
            };
            if let Some(known) = self.proposals.iter_mut().find(|p| p.is_proved() && same(&p.action)) {
                known.dimension += dimension;
                return true;
            }
            if self.refused.iter().any(same) {
                continue;
            }
            let proposal = self.attempt(action, dimension);
            if proposal.is_proved() {
                self.proposals.push(proposal);
                return true;
            }
            self.refused.push(proposal.action.clone());
            unproved = unproved.or(Some(proposal));
        }
        self.proposals.extend(unproved);
        false
    }

    fn attempt(&self, mut action: Action, dimension: usize) -> Proposal {
        let base = action.name;
        let taken = |name: Symbol| self.proposals.iter().any(|p| p.action.name == name);
        let mut number = 2;
        while taken(action.name) {
            action.name = format!("{base}_{number}").into();
            number += 1;
        }
        let status = match self.cx.model().has_window(&action) {
            true => {
                let declared = self.cx.setting().declaring(&action);
                self.cx.within(&declared, |cx| law::action::prove(cx, &action))
            }
            false => law::action::prove(&self.cx, &action),
        };
        Proposal { action, status: status.map(Box::new), dimension }
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
        let named = |letter| fresh(model, &format!("{letter:?}"));
        let written = |letter| match letter {
            Letter::A => format!("{} * {name}", named(letter)),
            Letter::B => format!("{name} * {}", named(letter)),
            Letter::C => named(letter).to_string(),
        };
        let mut terms: Vec<String> = Vec::new();
        for letter in [Letter::A, Letter::B, Letter::C] {
            terms.extend(moved.iter().any(|(_, l, ..)| *l == letter).then(|| written(letter)));
        }
        let entry = |(_, letter, row, col, x): &(usize, Letter, usize, usize, &Rational)| {
            format!("{}[{},{}] = {x}", named(*letter), row + 1, col + 1)
        };
        let entries: Vec<String> = moved.iter().map(entry).collect();
        format!("{name} -> {}, {}", terms.join(" + "), entries.join(", "))
    };
    entries.chunk_by(|a, b| a.0 == b.0).map(|moved| of_part(moved[0].0, moved)).collect()
}
