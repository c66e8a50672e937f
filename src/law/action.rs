//! Proving a declared action: that the map is a group action, and that the output (or the loss) is equivariant.

use super::context::Context;
use super::missing::Obstacle;
use super::passage::transport;
use crate::kernel::{
    ActionKind, Inference, Judgement, Proved, Refusal, Rule, Side, composition_laws, derivation, group_laws,
    identity_laws, involution_laws, is_silent, target,
};
use crate::model::{Action, Model};
use crate::rewrite::Purpose;
use crate::term::{Env, Expr, Facts, Symbol, substitute, sym};
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
