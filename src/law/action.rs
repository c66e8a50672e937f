//! Proving a declared action: that the map is a group action, and that the output (or the loss) is equivariant.

use super::context::{Context, end_of};
use super::missing::Obstacle;
use crate::kernel::{
    ActionKind, Given, Inference, Judgement, Origin, Proved, Refusal, Rule, Side, composition_laws, derivation,
    group_laws, identity_laws, images, involution_laws, is_silent, target,
};
use crate::model::{Action, Carried, Definition, Model};
use crate::rewrite::{Goal, Purpose};
use crate::term::{Env, Expr, Facts, Head, Symbol, mentions, substitute, sym, symbols};
use egg::Language;
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
    let moved = substitute(&model.inline(&sym(quantity)), &images(action));
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
    let shared = Arc::new(action.clone());
    let group = prove_group_laws(cx, &shared)?;
    let (kind, quantity, image) = target(cx.setting(), action);
    let unproved = |reason| Unproved { claim: about(kind).into(), reason };
    let carried = transport(cx, &shared, quantity, &image).map_err(unproved)?;
    let infer = |by, premises| cx.infer(by, premises).map_err(unproved);
    let steps = counted(cx, &carried);
    let claim = infer(Inference::Equivariance, vec![group, carried])?;
    let Judgement::Equivariance { kind, side, .. } = claim.judgement() else {
        return Err(unproved(Refusal("no equivariance was concluded").into()));
    };
    let (kind, side) = (*kind, *side);
    let output = match (kind, &cx.model().output) {
        (ActionKind::LossInvariance | ActionKind::LossEquivariance, Some(output)) => {
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
    let model = cx.model();
    let scope = cx.setting().of_action(action);
    let chain = model.definitions_for(&sym(quantity));
    let (last, lemmas) = chain.split_last().expect("the output or the loss is defined");
    let siblings = Siblings::among(lemmas);
    let mut moved_to = images(action);
    // What was carried, and as which.
    let mut carried: HashMap<Symbol, (usize, Proved)> = HashMap::new();
    let avoid: Vec<Symbol> = action.element.into_iter().collect();
    let carry = |definition: &Definition, chain: Proved, carried: &HashMap<Symbol, (usize, Proved)>| {
        let used: BTreeMap<usize, &Proved> =
            symbols(&definition.expr).filter_map(|name| carried.get(&name)).map(|(at, p)| (*at, p)).collect();
        let by = Inference::Transport { action: action.clone(), name: definition.name };
        cx.infer(by, std::iter::once(chain).chain(used.into_values().cloned()).collect())
    };
    for lemma in lemmas {
        // What the blocks before give is moved as what they take, by induction.
        if let Some(repeat) = model.repeats.iter().find(|r| r.carried.iter().any(|c| c.last == lemma.name)) {
            let images: Option<Vec<Expr>> = repeat
                .carried
                .iter()
                .map(|c| moved_to.get(&c.before).cloned().or_else(|| Some(sym(c.before))))
                .collect();
            let images = images.unwrap_or_default();
            let proofs = |c: &Carried| [c.first, c.after].map(|name| carried.get(&name).map(|(_, p)| p.clone()));
            let premises: Option<Vec<Proved>> = repeat.carried.iter().flat_map(proofs).collect();
            let premises = premises.ok_or(Refusal("a value that is carried on is not moved"))?;
            let by = Inference::Induction { action: action.clone(), last: lemma.name, images };
            let found = cx.infer(by, premises)?;
            if let Judgement::Transport { image, .. } = found.judgement() {
                moved_to.insert(lemma.name, image.clone());
            }
            carried.insert(lemma.name, (carried.len(), found));
            continue;
        }
        // The first definition of a block: what it takes is assumed to be moved as what the first block takes.
        for c in carried_into(model, lemma) {
            if carried.contains_key(&c.before) {
                continue;
            }
            if !carried.contains_key(&c.first) {
                let first = model.definition(c.first).ok_or(Refusal("what the first block takes has no definition"))?;
                let still = cx.prove(&scope, Purpose::Lemma, &[definition(&first)], &first.expr, &sym(first.name))?;
                let still = carry(&first, still, &carried)?;
                carried.insert(first.name, (carried.len(), still));
            }
            let image = moved_to.get(&c.first).cloned().unwrap_or_else(|| sym(c.first));
            let image = substitute(&image, &HashMap::from([(c.first, sym(c.before))]));
            let by = Inference::Carried { action: action.clone(), before: c.before, image: image.clone() };
            let assumed = cx.infer(by, vec![])?;
            moved_to.insert(c.before, image);
            carried.insert(c.before, (carried.len(), assumed));
        }
        let moved = substitute(&lemma.expr, &moved_to);
        // What a block gives has to be moved as what it takes.
        let given_on = model.repeats.iter().flat_map(|r| &r.carried).find(|c| c.after == lemma.name);
        if let Some(c) = given_on {
            let image = moved_to.get(&c.before).cloned().unwrap_or_else(|| sym(c.before));
            let wanted = substitute(&image, &HashMap::from([(c.before, sym(c.after))]));
            let given = [definition(lemma)];
            let proved = cx.prove(&scope, Purpose::Prove, &given, &moved, &wanted).or_else(|failure| {
                let chain: Vec<Given> = lemmas.iter().map(definition).collect();
                cx.prove(&scope, Purpose::Prove, &chain, &moved, &wanted).map_err(|_| failure)
            })?;
            moved_to.insert(lemma.name, wanted);
            carried.insert(lemma.name, (carried.len(), carry(lemma, proved, &carried)?));
            continue;
        }
        if moved == lemma.expr {
            // It stays where it is, because what it is made of does.
            if symbols(&lemma.expr).any(|name| carried.contains_key(&name)) {
                let still = cx.prove(&scope, Purpose::Lemma, &[definition(lemma)], &moved, &sym(lemma.name))?;
                carried.insert(lemma.name, (carried.len(), carry(lemma, still, &carried)?));
            }
            continue;
        }
        let given: Vec<Given> = std::iter::once(lemma).chain(siblings.of(lemma.name)).map(definition).collect();
        // Where no better form is found it becomes what its definition becomes.
        let found = cx.best(&scope, Purpose::Lemma, &given, &moved, &Goal::Avoiding(avoid.clone()));
        let found = match found {
            Ok(found) => found,
            Err(_) => cx.prove(&scope, Purpose::Lemma, &[], &moved, &moved)?,
        };
        moved_to.insert(lemma.name, end_of(&found).clone());
        carried.insert(lemma.name, (carried.len(), carry(lemma, found, &carried)?));
    }
    let moved = substitute(&last.expr, &moved_to);
    let proved = cx.prove(&scope, Purpose::Prove, &[definition(last)], &moved, image).or_else(|failure| {
        // The `let`s may hide a cancellation between them: try once more with every definition open.
        let given: Vec<Given> = lemmas.iter().chain([last]).map(definition).collect();
        cx.prove(&scope, Purpose::Prove, &given, &moved, image).map_err(|_| failure)
    });
    carry(last, proved?, &carried)
}

/// The values that blocks take which a definition reads, of this block or of one around it.
fn carried_into<'a>(model: &'a Model, definition: &Definition) -> Vec<&'a Carried> {
    let all = model.repeats.iter().flat_map(|repeat| &repeat.carried);
    all.filter(|c| mentions(&definition.expr, c.before)).collect()
}

/// The definitions that an exchange may take to one another: those with the same operators in the same order, at the same
/// number of definitions above parameters and data. One that another is made of is never exchanged with it.
struct Siblings<'a> {
    kinds: HashMap<Symbol, Kind>,
    groups: HashMap<Kind, Vec<&'a Definition>>,
}

/// How many definitions a definition is above parameters and data, and its operators.
type Kind = (usize, Vec<Head>);

impl<'a> Siblings<'a> {
    fn among(definitions: &'a [Definition]) -> Siblings<'a> {
        let mut kinds: HashMap<Symbol, Kind> = HashMap::new();
        let mut groups: HashMap<Kind, Vec<&Definition>> = HashMap::new();
        for definition in definitions {
            let below = symbols(&definition.expr).filter_map(|name| kinds.get(&name)).map(|(level, _)| level + 1).max();
            let kind = (below.unwrap_or(0), definition.expr.as_ref().iter().map(Language::discriminant).collect());
            groups.entry(Kind::clone(&kind)).or_default().push(definition);
            kinds.insert(definition.name, kind);
        }
        Siblings { kinds, groups }
    }

    /// The others that a definition may be exchanged with, in the order of the model.
    fn of(&self, name: Symbol) -> impl Iterator<Item = &'a Definition> {
        let group = self.kinds.get(&name).and_then(|kind| self.groups.get(kind));
        group.into_iter().flatten().copied().filter(move |other| other.name != name)
    }
}

/// The definition of a `let` as an equation.
fn definition(d: &Definition) -> Given {
    Given {
        name: Symbol::from(format!("definition of {}", d.name)),
        lhs: sym(d.name),
        rhs: d.expr.clone(),
        origin: Origin::Definition,
    }
}
