//! Proving a declared action: that the map is a group action, and that the output (or the loss) is equivariant.

use super::context::{Context, end_of};
use super::growth::Growth;
use super::missing::Obstacle;
use super::onward::Way;
use super::passed_on::passed_on;
use super::siblings::{Siblings, definition};
use crate::kernel::{
    ActionKind, Given, Inference, Judgement, Proved, Refusal, Rule, Scope, Side, Turns, composition_laws, derivation,
    group_laws, identity_laws, images, involution_laws, is_silent, target, with_exponents,
};
use crate::model::{Action, Carried, Definition, Model, Repeat};
use crate::rewrite::{Goal, Purpose};
use crate::term::{
    Env, Expr, Facts, Op, Symbol, apply, infer, int, is_zero, mentions, mul, neg, substitute, sym, symbols, transpose,
};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What an action is found to be.
#[derive(Clone, Debug)]
pub struct ProvedAction {
    pub action: Action,
    pub kind: ActionKind,
    pub side: Side,
    /// The claim that it is a group action under which output or loss are equivariant.
    pub claim: Proved,
    /// For a claim about the loss only: whether the output itself is invariant.
    pub output_invariant: Option<bool>,
    /// That the output is invariant, where that is not the claim itself.
    pub(super) output: Option<Proved>,
    /// The number of rewriting steps of the equivariance, silent ones not counted.
    pub steps: usize,
}

impl ProvedAction {
    /// The rules of the user's own that what is proved of it assumes.
    pub fn assumed(&self) -> Vec<&Rule> {
        let mut out: Vec<&Rule> = Vec::new();
        for claim in std::iter::once(&self.claim).chain(&self.output) {
            let rules = claim.setting().rules();
            for rule in claim.hypotheses().rules().filter_map(|name| rules.get(name)) {
                if out.iter().all(|known| known.name != rule.name) {
                    out.push(rule);
                }
            }
        }
        out
    }
}

/// A claim about an action that the rewriter did not prove.
#[derive(Clone, Debug, PartialEq)]
pub struct Unproved {
    /// Which claim: identity, composition, or equivariance of what.
    pub claim: String,
    pub reason: Obstacle,
}

/// A claim whose truth at random numbers refutes or supports an action; see [`claims`].
#[derive(Clone, Debug, PartialEq)]
pub struct NumericClaim {
    /// Which claim, in words.
    pub claim: &'static str,
    /// Sets of equations between formulas in parameters, data and group elements. The claim is that the equations of
    /// one of the sets hold at every point.
    pub alternatives: Vec<Vec<(Expr, Expr)>>,
}

const IDENTITY: &str = "the identity element acts trivially";
const COMPOSITION: &str = "the action respects composition";
const INVOLUTION: &str = "the map is an involution";

/// The claim about the output or the loss, in words.
fn about(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::Invariance | ActionKind::Equivariance | ActionKind::OutputEquivariance => {
            "the output is equivariant"
        }
        ActionKind::LossInvariance | ActionKind::LossEquivariance => "the loss is equivariant",
    }
}

/// The claims of an action for a numeric test: identity, composition in one of the two orders (or involution), and
/// equivariance.
pub fn claims(model: &Model, action: &Action) -> Vec<NumericClaim> {
    let mut all = Vec::new();
    if let Some(identity) = identity_laws(model, action) {
        all.push(NumericClaim { claim: IDENTITY, alternatives: vec![identity] });
    }
    let orders: Vec<_> =
        [Side::Left, Side::Right].into_iter().filter_map(|side| composition_laws(model, action, side)).collect();
    all.push(if orders.is_empty() {
        NumericClaim { claim: INVOLUTION, alternatives: vec![involution_laws(model, action)] }
    } else {
        NumericClaim { claim: COMPOSITION, alternatives: orders }
    });
    let (kind, quantity, image) = target_of(model, action);
    let moved = substitute(&model.inline(&sym(quantity)), &action.images.iter().cloned().collect());
    all.push(NumericClaim { claim: about(kind), alternatives: vec![vec![(moved, model.inline(&image))]] });
    all
}

/// What is claimed about an action of a model.
fn target_of(model: &Model, action: &Action) -> (ActionKind, Symbol, Expr) {
    target(&crate::kernel::Setting::new(Arc::new(model.clone()), Arc::default()), action)
}

/// The name of a second group element beside `g`.
pub use crate::kernel::second_element;

/// The environment of an action with a second group element.
pub fn two_element_env(model: &Model, action: &Action) -> Env {
    let mut env = model.action_env(action);
    if let (Some(g), Some((shape, facts))) = (action.element, action.group.element()) {
        env.declare(second_element(model, g), shape, facts | Facts::CONSTANT);
    }
    env
}

/// Whether two images of a parameter are the same for every element of the group.
pub fn same_image(cx: &Context, action: &Action, image: &Expr, other: &Expr) -> bool {
    let scope = cx.setting().of_action(action);
    cx.prove(&scope, Purpose::Prove, &[], image, other).is_ok()
}

/// Proves an action, or says which claim it could not prove.
pub fn prove(cx: &Context, action: &Action) -> Result<ProvedAction, Unproved> {
    if !cx.model().has_window(action) {
        return prove_here(cx, action);
    }
    let (kind, ..) = target(cx.setting(), action);
    let around = cx.setting().around(action);
    let around = around.map_err(|reason| Unproved { claim: about(kind).into(), reason: reason.into() })?;
    cx.within(&around, |own| prove_here(own, action))
}

/// Proves an action of the members at hand.
fn prove_here(cx: &Context, action: &Action) -> Result<ProvedAction, Unproved> {
    let shared = Arc::new(action.clone());
    let (kind, quantity, image) = target(cx.setting(), action);
    let unproved = |reason| Unproved { claim: about(kind).into(), reason };
    let exchanges = action.exchanged().is_some();
    let group = match exchanges {
        true => {
            cx.infer(Inference::GroupAction { action: shared.clone(), side: Side::Left }, vec![]).map_err(unproved)?
        }
        false => prove_group_laws(cx, &shared)?,
    };
    let carried = match exchanges {
        true => cx.infer(Inference::Relabelling { action: shared.clone(), name: quantity }, vec![]),
        false => transport(cx, &shared, quantity, &image),
    };
    let carried = carried.map_err(unproved)?;
    let infer = |by, premises| cx.infer(by, premises).map_err(unproved);
    let steps = counted(cx, &carried);
    let claim = infer(Inference::Equivariance, vec![group, carried])?;
    let Judgement::Equivariance { kind, side, .. } = claim.judgement() else {
        return Err(unproved(Refusal("no equivariance was concluded").into()));
    };
    let (kind, side) = (*kind, *side);
    let output = match (kind, &cx.model().output) {
        (ActionKind::LossInvariance | ActionKind::LossEquivariance, Some(output)) if !exchanges => {
            Some(transport(cx, &shared, output.name, &sym(output.name)).ok())
        }
        _ => None,
    };
    let output_invariant = output.as_ref().map(Option::is_some);
    Ok(ProvedAction { action: action.clone(), kind, side, claim, output_invariant, output: output.flatten(), steps })
}

/// The rewriting steps a claim rests on, silent ones not counted.
fn counted(cx: &Context, claim: &Proved) -> usize {
    let all = derivation(claim);
    let chains = all.iter().filter_map(|c| match c.by() {
        Inference::Rewriting(checked) => Some(checked.clone()),
        _ => None,
    });
    chains.map(|c| c.steps().iter().filter(|s| !is_silent(cx.setting().rules(), &s.by)).count()).sum()
}

fn prove_group_laws(cx: &Context, action: &Arc<Action>) -> Result<Proved, Unproved> {
    let model = cx.model();
    let scope = cx.setting().of_action(action);
    let prove_all = |claim: &str, equations: &[(Expr, Expr)]| -> Result<Vec<Proved>, Unproved> {
        let one = |(lhs, rhs): &(Expr, Expr)| {
            let proved = cx.prove(&scope, Purpose::Prove, &[], lhs, rhs);
            proved.map_err(|reason| Unproved { claim: claim.into(), reason })
        };
        equations.iter().map(one).collect()
    };
    let conclude = |side: Side, premises: Vec<Proved>, claim: &str| {
        let group = cx.infer(Inference::GroupAction { action: action.clone(), side }, premises);
        group.map_err(|reason| Unproved { claim: claim.into(), reason })
    };
    let Some(identity) = identity_laws(model, action) else {
        let premises = prove_all(INVOLUTION, &group_laws(model, action, Side::Left))?;
        return conclude(Side::Left, premises, INVOLUTION);
    };
    let identity = prove_all(IDENTITY, &identity)?;
    let on = |side: Side| {
        let composition = prove_all(COMPOSITION, &composition_laws(model, action, side).unwrap_or_default())?;
        conclude(side, identity.iter().cloned().chain(composition).collect(), COMPOSITION)
    };
    on(Side::Left).or_else(|failure| on(Side::Right).map_err(|_| failure))
}

/// Carries the action through the `let`s up to a quantity and proves that it goes to `image`.
fn transport(cx: &Context, action: &Arc<Action>, quantity: Symbol, image: &Expr) -> Result<Proved, Obstacle> {
    // Where every map adds the same to all entries of a column, the stream of blocks is likely to be moved like that.
    let plain = || match Way::obvious(cx.model(), action) {
        Some(way) => passed_on(cx, action, quantity, image, way, true)
            .or_else(|_| passage(cx, action, quantity, image, Carry::Alike)),
        None => passage(cx, action, quantity, image, Carry::Growing),
    };
    plain().or_else(|failure| {
        // Where the first value is one that several maps leave as it is, as 0, the blocks decide which of them it is.
        let other = |map: &Map| passage(cx, action, quantity, image, Carry::By(map)).ok();
        if let Some(found) = maps(cx.model(), action).iter().find_map(other) {
            return Ok(found);
        }
        // Or it is moved in each block in another way, which what follows passes on.
        let onward = |way: &Way| passed_on(cx, action, quantity, image, *way, false).ok();
        Way::of(cx.model(), action).iter().find_map(onward).ok_or(failure)
    })
}

/// How an element acts on what a block takes: from the left, from the right.
type Map = (Option<Expr>, Option<Expr>);

/// The ways in which the element of an action may act on a value that is carried on; none in a model without blocks.
fn maps(model: &Model, action: &Action) -> Vec<Map> {
    let (Some(g), Some((shape, _)), false) = (action.element, action.group.element(), model.repeats.is_empty()) else {
        return vec![];
    };
    let g = sym(g);
    if !shape.is_square() {
        return vec![];
    }
    if shape.is_scalar() {
        return vec![(Some(g), None)];
    }
    let inverse = apply(Op::Inv, &[&g]);
    let forms = [g.clone(), inverse.clone(), transpose(&g), transpose(&inverse)];
    let left = forms.iter().map(|x| (Some(x.clone()), None));
    let right = forms.iter().map(|x| (None, Some(x.clone())));
    let both = [(g.clone(), inverse), (g.clone(), transpose(&g))].map(|(x, y)| (Some(x), Some(y)));
    left.chain(right).chain(both).collect()
}

fn passage(
    cx: &Context,
    action: &Arc<Action>,
    quantity: Symbol,
    image: &Expr,
    carry: Carry,
) -> Result<Proved, Obstacle> {
    let chain = cx.model().definitions_for(&sym(quantity));
    let (last, lemmas) = chain.split_last().expect("the output or the loss is defined");
    let scope = cx.setting().of_action(action);
    let moved_to = images(cx.model(), action)?;
    let mut passage = Passage { cx, action, scope, lemmas, carry, moved_to, carried: HashMap::new() };
    let siblings = Siblings::among(lemmas);
    for lemma in lemmas {
        let repeats = &cx.model().repeats;
        let carried = |which: fn(&Carried) -> Symbol| {
            repeats.iter().find_map(|r| Some((r, r.carried.iter().find(|c| which(c) == lemma.name)?)))
        };
        match (carried(|c| c.last), carried(|c| c.after)) {
            (Some((repeat, _)), _) => passage.induction(repeat, lemma.name)?,
            (None, Some((_, value))) => passage.step(lemma, value)?,
            (None, None) => passage.lemma(lemma, &siblings)?,
        }
    }
    passage.assume_read(last)?;
    let moved = substitute(&last.expr, &passage.moved_to);
    let proved = passage.prove(last, &moved, image)?;
    passage.carry(last, proved)
}

/// How a value that is carried on is moved from block to block.
#[derive(Clone, Copy)]
enum Carry<'a> {
    /// As the first one is.
    Alike,
    /// As the first one is, by a power of a number that may grow.
    Growing,
    /// By this map, where the first one does not say.
    By(&'a Map),
}

/// An action on its way through the definitions.
struct Passage<'a, 'b> {
    cx: &'a Context<'b>,
    action: &'a Arc<Action>,
    scope: Scope,
    lemmas: &'a [Definition],
    carry: Carry<'a>,
    /// What each parameter and each definition goes to.
    moved_to: HashMap<Symbol, Expr>,
    /// The claims that say so, and as which they were found.
    carried: HashMap<Symbol, (usize, Proved)>,
}

impl Passage<'_, '_> {
    /// The claim that a definition is carried by an equation.
    fn carry(&self, definition: &Definition, chain: Proved) -> Result<Proved, Obstacle> {
        let used: BTreeMap<usize, &Proved> =
            symbols(&definition.expr).filter_map(|name| self.carried.get(&name)).map(|(at, p)| (*at, p)).collect();
        let by = Inference::Transport { action: self.action.clone(), name: definition.name };
        self.cx.infer(by, std::iter::once(chain).chain(used.into_values().cloned()).collect())
    }

    fn keep(&mut self, name: Symbol, claim: Proved) {
        self.carried.insert(name, (self.carried.len(), claim));
    }

    fn image(&self, name: Symbol) -> Expr {
        self.moved_to.get(&name).cloned().unwrap_or_else(|| sym(name))
    }

    /// What a definition becomes.
    fn lemma(&mut self, lemma: &Definition, siblings: &Siblings) -> Result<(), Obstacle> {
        self.assume_read(lemma)?;
        let moved = substitute(&lemma.expr, &self.moved_to);
        if moved == lemma.expr {
            // It stays where it is, because what it is made of does.
            if symbols(&lemma.expr).any(|name| self.carried.contains_key(&name)) {
                self.still(lemma)?;
            }
            return Ok(());
        }
        let given: Vec<Given> = std::iter::once(lemma).chain(siblings.of(lemma.name)).map(definition).collect();
        let avoid = Goal::Avoiding(self.action.element.into_iter().collect());
        // Where no better form is found it becomes what its definition becomes.
        let found = match self.cx.best(&self.scope, Purpose::Lemma, &given, &moved, &avoid) {
            Ok(found) => found,
            Err(_) => self.cx.prove(&self.scope, Purpose::Lemma, &[], &moved, &moved)?,
        };
        let found = self.cancelled(lemma, &moved, &found, &avoid).unwrap_or(found);
        let found = self.opposite(lemma, &moved, &found).unwrap_or(found);
        let found = self.cx.reworded(found.clone(), &with_exponents(self.scope.env(), end_of(&found))).unwrap_or(found);
        self.moved_to.insert(lemma.name, end_of(&found).clone());
        let claim = self.carry(lemma, found)?;
        self.keep(lemma.name, claim);
        Ok(())
    }

    /// Where a translation is left in the form of a definition: one without it, found with the `let`s open that the definition reads. What
    /// a translation adds is often 0 by the definition of what it is multiplied with, as 1ᵀN is of a normalized N.
    fn cancelled(&self, of: &Definition, moved: &Expr, form: &Proved, avoid: &Goal) -> Option<Proved> {
        let element = self.action.element.filter(|_| is_zero(&self.action.group.identity()))?;
        if !mentions(end_of(form), element) {
            return None;
        }
        let read = self.lemmas.iter().filter(|known| mentions(&of.expr, known.name) && known.name != of.name);
        let given: Vec<Given> = read.chain([of]).map(definition).collect();
        let found = self.cx.best(&self.scope, Purpose::Lemma, &given, moved, avoid).ok()?;
        (given.len() > 1 && !mentions(end_of(&found), element)).then_some(found)
    }

    /// Where one map is its own inverse, that a definition becomes minus itself, from a form that it becomes.
    fn opposite(&self, of: &Definition, moved: &Expr, form: &Proved) -> Option<Proved> {
        let opposite = neg(&sym(of.name));
        if self.action.element.is_some() || mentions(end_of(form), of.name) {
            return None;
        }
        let named = self.cx.prove(&self.scope, Purpose::Lemma, &[definition(of)], &of.expr, &sym(of.name)).ok()?;
        let by = [(int(1), form.clone()), (int(-1), named)];
        self.cx.linear(&self.scope, moved, &opposite, &by).ok()
    }

    fn still(&mut self, of: &Definition) -> Result<(), Obstacle> {
        let equal = self.cx.prove(&self.scope, Purpose::Lemma, &[definition(of)], &of.expr, &sym(of.name))?;
        let claim = self.carry(of, equal)?;
        self.keep(of.name, claim);
        Ok(())
    }

    /// That a definition goes to an image.
    fn prove(&self, of: &Definition, moved: &Expr, image: &Expr) -> Result<Proved, Obstacle> {
        self.cx.prove(&self.scope, Purpose::Prove, &[definition(of)], moved, image).or_else(|failure| {
            // The `let`s may hide a cancellation between them: try once more with every definition open.
            let given: Vec<Given> = self.lemmas.iter().chain([of]).map(definition).collect();
            self.cx.prove(&self.scope, Purpose::Prove, &given, moved, image).map_err(|_| failure)
        })
    }

    /// Assumes of the values that blocks take and a definition reads that they are moved as what the first block takes.
    fn assume_read(&mut self, definition: &Definition) -> Result<(), Obstacle> {
        let repeats = self.cx.model().repeats.clone();
        let mut read = repeats.iter().flat_map(|r| &r.carried).filter(|c| mentions(&definition.expr, c.before));
        read.try_for_each(|c| self.assume(c))
    }

    fn assume(&mut self, value: &Carried) -> Result<(), Obstacle> {
        if self.carried.contains_key(&value.before) {
            return Ok(());
        }
        if !self.carried.contains_key(&value.first) {
            let repeats = self.cx.model().repeats.clone();
            match self.cx.model().definition(value.first) {
                Some(first) if self.mapped(&first)? => {}
                Some(first) => self.still(&first)?,
                // What the block around this one takes.
                None => {
                    let outer = repeats.iter().flat_map(|r| &r.carried).find(|c| c.before == value.first);
                    self.assume(outer.ok_or(Refusal("what the first block takes has no definition"))?)?;
                }
            }
        }
        let image = self.taken(value)?;
        let by = Inference::Carried { action: self.action.clone(), before: value.before, image: image.clone() };
        let assumed = self.cx.infer(by, vec![])?;
        self.moved_to.insert(value.before, image);
        self.keep(value.before, assumed);
        Ok(())
    }

    /// The image of what a block takes.
    fn taken(&mut self, value: &Carried) -> Result<Expr, Obstacle> {
        let alike = substitute(&self.image(value.first), &HashMap::from([(value.first, sym(value.before))]));
        if !matches!(self.carry, Carry::Growing) {
            return Ok(alike);
        }
        let growth = Growth::of(self.cx, self.action, &self.scope);
        let Some(grown) = growth.and_then(|growth| growth.taken(value.before, &self.moved_to)) else {
            return Ok(alike);
        };
        Ok(grown)
    }

    /// Whether a definition that stays where it is is also what the map makes of it.
    fn mapped(&mut self, of: &Definition) -> Result<bool, Obstacle> {
        let Carry::By((left, right)) = self.carry else { return Ok(false) };
        let mut image = sym(of.name);
        if let Some(left) = left {
            image = mul(left, &image);
        }
        if let Some(right) = right {
            image = mul(&image, right);
        }
        let shape = |x: &Expr| infer(self.scope.env(), x).ok().map(|data| data.shape);
        if shape(&image).is_none() || shape(&image) != shape(&of.expr) {
            return Ok(false);
        }
        let equal = self.cx.prove(&self.scope, Purpose::Lemma, &[definition(of)], &of.expr, &image);
        let Ok(equal) = equal else { return Ok(false) };
        let claim = self.carry(of, equal)?;
        self.moved_to.insert(of.name, image);
        self.keep(of.name, claim);
        Ok(true)
    }

    /// What a block gives is moved as what it takes.
    fn step(&mut self, given: &Definition, value: &Carried) -> Result<(), Obstacle> {
        self.assume(value)?;
        self.assume_read(given)?;
        let moved = substitute(&given.expr, &self.moved_to);
        let taken = self.image(value.before);
        let wanted = self.turns(value, |turns| turns.after(value, &taken))?;
        let proved = self.prove(given, &moved, &wanted)?;
        self.moved_to.insert(value.after, wanted);
        let claim = self.carry(given, proved)?;
        self.keep(value.after, claim);
        Ok(())
    }

    /// What is said of another block than the current one.
    fn turns<T>(&self, value: &Carried, of: impl FnOnce(&Turns) -> Option<T>) -> Result<T, Obstacle> {
        let model = self.cx.model();
        let (repeat, _) = model.carrying(value.before).ok_or(Refusal("no block takes that value"))?;
        let found = of(&Turns { model, env: self.scope.env(), repeat });
        Ok(found.ok_or(Refusal("the image has no meaning at another block"))?)
    }

    /// What the last block gives is moved as what the first one takes.
    fn induction(&mut self, repeat: &Repeat, last: Symbol) -> Result<(), Obstacle> {
        let images = repeat.carried.iter().map(|c| self.image(c.before)).collect();
        let proofs = |c: &Carried| [c.first, c.after].map(|name| self.carried.get(&name).map(|(_, p)| p.clone()));
        let premises: Option<Vec<Proved>> = repeat.carried.iter().flat_map(proofs).collect();
        let premises = premises.ok_or(Refusal("nothing says how a value that is carried on is moved"))?;
        let by = Inference::Induction { action: self.action.clone(), last, images };
        let found = self.cx.infer(by, premises)?;
        if let Judgement::Transport { image, .. } = found.judgement() {
            self.moved_to.insert(last, image.clone());
        }
        self.keep(last, found);
        Ok(())
    }
}
