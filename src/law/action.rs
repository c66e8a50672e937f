//! Proving a declared action: that the map is a group action, and that the output (or the loss) is equivariant.

use super::Context;
use super::derivation::{Argument, ClaimId, ClaimStatement, Reason};
use crate::model::{Action, Definition, Loss, Model};
use crate::rewrite::{Given, Goal, Outcome, Proof, Purpose, Search, Stopped, replay};
use crate::term::{Env, Expr, Facts, Symbol, mentions, substitute, sym};
use egg::Language;
use std::collections::HashMap;
use std::sync::Arc;

/// What an action is found to be.
#[derive(Clone, Debug)]
pub struct ProvedAction {
    pub action: Action,
    pub kind: ActionKind,
    /// K_{gh} = K_g∘K_h (left) or K_h∘K_g (right); an abelian action is both, and called left.
    pub side: Side,
    /// The claims that it is a group action: at the identity, and of products; or that it is an involution.
    pub group_laws: GroupLawClaims,
    /// The chains that prove identity and composition, and then the transport of each `let`, the output and the loss.
    pub argument: Argument,
    /// The claim that the output or the loss is equivariant.
    pub conclusion: ClaimId,
    /// For a claim about the loss only: whether the output itself is invariant.
    pub output_invariant: Option<bool>,
    /// The number of rewriting steps, silent ones not counted.
    pub steps: usize,
}

/// The claims of identity and composition, one for each map; an involution has only the latter.
#[derive(Clone, Debug, Default)]
pub struct GroupLawClaims {
    pub identity: Vec<ClaimId>,
    pub composition: Vec<ClaimId>,
}

/// What kind of equivariance was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    Invariance,
    Equivariance,
    LossInvariance,
    LossEquivariance,
}

impl ActionKind {
    /// The name in the JSON output.
    pub fn name(self) -> &'static str {
        match self {
            ActionKind::Invariance | ActionKind::LossInvariance => "invariance",
            ActionKind::Equivariance => "equivariance",
            ActionKind::LossEquivariance => "loss-equivariance",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

/// A claim about an action that the rewriter did not prove.
#[derive(Clone, Debug, PartialEq)]
pub struct Unproved {
    /// Which claim: identity, composition, or equivariance of what.
    pub claim: String,
    pub reason: Failure,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The search ended.
    Search(Stopped),
    /// The e-graph found a proof that does not replay; a bug, so nothing is claimed.
    Replay(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Search(stopped) => write!(f, "{stopped}"),
            Failure::Replay(error) => write!(f, "the proof found does not replay: {error}"),
        }
    }
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

/// Whether the parameters enter the loss through the output alone, L = ℓ(F). Otherwise, as with a penalty on the weights,
/// a claim about the output says nothing about the loss, and the claim is about the loss.
fn loss_factors(model: &Model) -> bool {
    let Loss::Explicit(loss) = &model.loss else { return true };
    let mut reached = loss.clone();
    for definition in model.lets.iter().rev() {
        if mentions(&reached, definition.name) {
            reached = substitute(&reached, &HashMap::from([(definition.name, definition.expr.clone())]));
        }
    }
    model.params.iter().all(|p| !mentions(&reached, p.name))
}

/// What is claimed about an action: which quantity goes to what.
pub(super) fn target(model: &Model, action: &Action) -> (ActionKind, Expr, Expr) {
    let loss = sym(Model::loss_symbol());
    let output = model.output.as_ref().map(|o| sym(o.name));
    match (&model.loss, &action.loss, &action.output, output) {
        (Loss::Explicit(_), Some(image), _, _) => (ActionKind::LossEquivariance, loss, image.clone()),
        (_, _, Some(image), Some(f)) if loss_factors(model) => (ActionKind::Equivariance, f, image.clone()),
        (Loss::Any, _, None, Some(f)) => (ActionKind::Invariance, f.clone(), f),
        _ => (ActionKind::LossInvariance, loss.clone(), loss),
    }
}

/// The claims of an action for a numeric test: identity, composition in one of the two orders (or involution), and
/// equivariance.
pub fn claims(model: &Model, action: &Action) -> Vec<NumericClaim> {
    let laws = GroupLaws::new(model, action);
    let mut all = Vec::new();
    if let Some(identity) = laws.identity() {
        all.push(NumericClaim { claim: "the identity element acts trivially", alternatives: vec![identity] });
    }
    let orders: Vec<_> = [Side::Left, Side::Right].into_iter().filter_map(|side| laws.composition(side)).collect();
    all.push(if orders.is_empty() {
        NumericClaim { claim: "the map is an involution", alternatives: vec![laws.involution()] }
    } else {
        NumericClaim { claim: "the action respects composition", alternatives: orders }
    });
    let (kind, quantity, image) = target(model, action);
    let claim = match kind {
        ActionKind::Invariance | ActionKind::Equivariance => "the output is equivariant",
        ActionKind::LossInvariance | ActionKind::LossEquivariance => "the loss is equivariant",
    };
    let moved = substitute(&model.inline(&quantity), &images(action));
    all.push(NumericClaim { claim, alternatives: vec![vec![(moved, model.inline(&image))]] });
    all
}

/// The images of the parameters.
pub(super) fn images(action: &Action) -> HashMap<Symbol, Expr> {
    action.images.iter().cloned().collect()
}

/// The defining equations of a group action.
struct GroupLaws<'a> {
    action: &'a Action,
    /// Second element.
    other: Option<Symbol>,
    /// The maps that must compose: parameters, and the output or loss where its image is declared.
    maps: Vec<(Symbol, Expr)>,
}

impl<'a> GroupLaws<'a> {
    fn new(model: &Model, action: &'a Action) -> GroupLaws<'a> {
        let mut maps = action.images.clone();
        if let (Some(image), Some(output)) = (&action.output, &model.output) {
            maps.push((output.name, image.clone()));
        }
        if let Some(image) = &action.loss {
            maps.push((Model::loss_symbol(), image.clone()));
        }
        let other = action.element.map(second_element);
        GroupLaws { action, other, maps }
    }

    fn identity(&self) -> Option<Vec<(Expr, Expr)>> {
        let element = self.action.element?;
        let at_identity = HashMap::from([(element, self.action.group.identity())]);
        Some(self.maps.iter().map(|(name, image)| (substitute(image, &at_identity), sym(*name))).collect())
    }

    /// K_{gh} against K_g∘K_h (left) or K_h∘K_g (right).
    fn composition(&self, side: Side) -> Option<Vec<(Expr, Expr)>> {
        let (g, h) = (self.action.element?, self.other?);
        let product = HashMap::from([(g, self.action.group.group.compose(&sym(g), &sym(h)))]);
        let by_h = HashMap::from([(g, sym(h))]);
        let (outer, inner) = match side {
            Side::Left => (HashMap::new(), by_h),
            Side::Right => (by_h, HashMap::new()),
        };
        let inner: HashMap<Symbol, Expr> =
            self.maps.iter().map(|(name, image)| (*name, substitute(image, &inner))).collect();
        Some(
            self.maps
                .iter()
                .map(|(_, image)| (substitute(image, &product), substitute(&substitute(image, &outer), &inner)))
                .collect(),
        )
    }

    fn involution(&self) -> Vec<(Expr, Expr)> {
        let once: HashMap<Symbol, Expr> = self.maps.iter().cloned().collect();
        self.maps.iter().map(|(name, image)| (substitute(image, &once), sym(*name))).collect()
    }
}

/// The name of a second group element beside `g`.
pub fn second_element(g: Symbol) -> Symbol {
    Symbol::from(format!("{g}_2"))
}

/// The environment of an action with a second group element.
pub fn two_element_env(model: &Model, action: &Action) -> Env {
    let mut env = model.action_env(action);
    if let (Some(g), Some((shape, facts))) = (action.element, action.group.element()) {
        env.declare(second_element(g), shape, facts | Facts::CONSTANT);
    }
    env
}

/// Proves an action, or says which claim it could not prove.
pub fn prove(cx: &Context, action: &Action) -> Result<ProvedAction, Unproved> {
    let env = Arc::new(two_element_env(cx.model, action));
    let mut argument = Argument::default();
    let laws = GroupLaws::new(cx.model, action);
    let (side, group_laws) = prove_group_laws(cx, &env, &laws, &mut argument)?;
    let (kind, quantity, image) = target(cx.model, action);
    let conclusion = transport(cx, &env, action, &quantity, &image, &mut argument)?;
    let output_invariant = match (kind, &cx.model.output) {
        (ActionKind::LossInvariance | ActionKind::LossEquivariance, Some(output)) => {
            let f = sym(output.name);
            Some(transport(cx, &env, action, &f, &f, &mut Argument::default()).is_ok())
        }
        _ => None,
    };
    let steps = argument
        .conclude(conclusion)
        .claims()
        .iter()
        .map(|(claim, _)| match &claim.reason {
            Reason::Rewriting(proof) => proof.steps.iter().filter(|s| !s.silent).count(),
            _ => 0,
        })
        .sum();
    Ok(ProvedAction { action: action.clone(), kind, side, group_laws, argument, conclusion, output_invariant, steps })
}

fn prove_group_laws(
    cx: &Context,
    env: &Arc<Env>,
    laws: &GroupLaws,
    argument: &mut Argument,
) -> Result<(Side, GroupLawClaims), Unproved> {
    let mut prove_all = |claim: &str, equations: &[(Expr, Expr)]| -> Result<Vec<ClaimId>, Unproved> {
        let mut proofs = Vec::new();
        for (lhs, rhs) in equations {
            proofs
                .push(prove_equal(cx, env, &[], lhs, rhs).map_err(|reason| Unproved { claim: claim.into(), reason })?);
        }
        let claims = equations.iter().zip(proofs).map(|((lhs, rhs), proof)| {
            let statement = ClaimStatement::Equation { lhs: lhs.clone(), rhs: rhs.clone() };
            argument.claim(statement, Reason::Rewriting(proof), &[])
        });
        Ok(claims.collect())
    };
    let identity = match laws.identity() {
        Some(identity) => prove_all("the identity element acts trivially", &identity)?,
        None => vec![],
    };
    let (side, composition) = match (laws.composition(Side::Left), laws.composition(Side::Right)) {
        (Some(left), Some(right)) => match prove_all("the action respects composition", &left) {
            Ok(claims) => (Side::Left, claims),
            Err(failure) => match prove_all("the action respects composition", &right) {
                Ok(claims) => (Side::Right, claims),
                Err(_) => return Err(failure),
            },
        },
        _ => (Side::Left, prove_all("the map is an involution", &laws.involution())?),
    };
    Ok((side, GroupLawClaims { identity, composition }))
}

/// Carries the action through the `let`s up to `quantity` and proves that it goes to `image`.
fn transport(
    cx: &Context,
    env: &Arc<Env>,
    action: &Action,
    quantity: &Expr,
    image: &Expr,
    argument: &mut Argument,
) -> Result<ClaimId, Unproved> {
    let model = cx.model;
    let chain = model.definitions_for(quantity);
    let (last, lemmas) = chain.split_last().expect("the output or the loss is defined");
    let mut images = images(action);
    let mut premises = Vec::new();
    let avoid: Vec<Symbol> = action.element.into_iter().collect();
    for lemma in lemmas {
        let moved = substitute(&lemma.expr, &images);
        if moved == lemma.expr {
            continue;
        }
        let mut given = vec![definition(lemma)];
        given.extend(
            lemmas.iter().filter(|other| other.name != lemma.name && alike(&other.expr, &lemma.expr)).map(definition),
        );
        let search = cx.search(env.clone(), Purpose::Lemma, &given);
        let Ok(proof) = search.best(&moved, &Goal::Avoiding(avoid.clone())) else {
            images.insert(lemma.name, moved);
            continue;
        };
        if replay(cx.book, env, &given, &proof, proof.end()).is_err() {
            images.insert(lemma.name, moved);
            continue;
        }
        let value = proof.end().clone();
        images.insert(lemma.name, value.clone());
        let used: Vec<ClaimId> =
            premises.iter().filter(|(name, _)| mentions(&lemma.expr, *name)).map(|(_, id)| *id).collect();
        let statement = ClaimStatement::Transport { name: lemma.name, image: value };
        premises.push((lemma.name, argument.claim(statement, Reason::Rewriting(proof), &used)));
    }
    let moved = substitute(&last.expr, &images);
    let given = [definition(last)];
    let proof = prove_equal(cx, env, &given, &moved, image).or_else(|failure| {
        // The `let`s may hide a cancellation between them: try once more with every definition open.
        let mut given: Vec<Given> = lemmas.iter().map(definition).collect();
        given.push(definition(last));
        prove_equal(cx, env, &given, &moved, image).map_err(|_| failure)
    });
    let claim = if last.name == Model::loss_symbol() { "the loss is equivariant" } else { "the output is equivariant" };
    let proof = proof.map_err(|reason| Unproved { claim: claim.into(), reason })?;
    let used: Vec<ClaimId> =
        premises.iter().filter(|(name, _)| mentions(&last.expr, *name)).map(|(_, id)| *id).collect();
    let statement = ClaimStatement::Transport { name: last.name, image: image.clone() };
    Ok(argument.claim(statement, Reason::Rewriting(proof), &used))
}

/// The definition of a `let` as an equation.
fn definition(d: &Definition) -> Given {
    Given {
        name: Symbol::from(format!("definition of {}", d.name)),
        reason: format!("definition of {}", d.name),
        silent: true,
        lhs: sym(d.name),
        rhs: d.expr.clone(),
    }
}

/// Whether two formulas have the same operators in the same order, so that an exchange may take one to the other.
fn alike(a: &Expr, b: &Expr) -> bool {
    a.len() == b.len() && a.as_ref().iter().zip(b.as_ref()).all(|(x, y)| x.discriminant() == y.discriminant())
}

/// Proves an equality and replays the proof.
pub(super) fn prove_equal(
    cx: &Context,
    env: &Arc<Env>,
    given: &[Given],
    lhs: &Expr,
    rhs: &Expr,
) -> Result<Proof, Failure> {
    let search: Search = cx.search(env.clone(), Purpose::Prove, given);
    match search.prove(lhs, rhs) {
        Outcome::Proved(proof) => match replay(cx.book, env, given, &proof, rhs) {
            Ok(()) => Ok(proof),
            Err(error) => Err(Failure::Replay(error.to_string())),
        },
        Outcome::NotProved(stopped) => Err(Failure::Search(stopped)),
    }
}
