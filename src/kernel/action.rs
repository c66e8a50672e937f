//! T0: what a group action is, and how it is carried through the definitions of a model.

use super::algebra::{equation, usable};
use super::claim::{ActionKind, Conclusion, Judgement, Proved, Refusal};
use super::hypothesis::Hypothesis;
use super::inference::Side;
use super::members::{indices, over, takes};
use super::scope::{Setting, second_element};
use super::turn::Turns;
use crate::group::Finite;
use crate::model::{Action, Definition, Loss, Model};
use crate::term::{Expr, Op, Symbol, Term, add, apply, infer, mentions, substitute, sym, symbols};
use std::collections::HashMap;
use std::sync::Arc;

/// The maps of an action: of the parameters, and of the output or the loss where their images are declared.
fn maps(model: &Model, action: &Action) -> Vec<(Symbol, Expr)> {
    let mut maps = action.images.clone();
    if let (Some(image), Some(output)) = (&action.output, &model.output) {
        maps.push((output.name, image.clone()));
    }
    if let Some(image) = &action.loss {
        maps.push((Model::loss_symbol(), image.clone()));
    }
    maps
}

/// That the identity element acts trivially, map by map; none for a group without a named element.
pub fn identity_laws(model: &Model, action: &Action) -> Option<Vec<(Expr, Expr)>> {
    let at_identity = HashMap::from([(action.element?, action.group.identity())]);
    let maps = maps(model, action);
    Some(maps.iter().map(|(name, image)| (substitute(image, &at_identity), sym(*name))).collect())
}

/// K_{gh} against K_g∘K_h (left) or K_h∘K_g (right), map by map.
pub fn composition_laws(model: &Model, action: &Action, side: Side) -> Option<Vec<(Expr, Expr)>> {
    let g = action.element?;
    let h = second_element(model, g);
    let product = HashMap::from([(g, action.group.group.compose(&sym(g), &sym(h)))]);
    let by_h = HashMap::from([(g, sym(h))]);
    let (outer, inner) = match side {
        Side::Left => (HashMap::new(), by_h),
        Side::Right => (by_h, HashMap::new()),
    };
    let maps = maps(model, action);
    let inner: HashMap<Symbol, Expr> = maps.iter().map(|(name, image)| (*name, substitute(image, &inner))).collect();
    let sides =
        |(_, image): &(Symbol, Expr)| (substitute(image, &product), substitute(&substitute(image, &outer), &inner));
    Some(maps.iter().map(sides).collect())
}

/// That a map is its own inverse, for a group without a named element.
pub fn involution_laws(model: &Model, action: &Action) -> Vec<(Expr, Expr)> {
    let maps = maps(model, action);
    let once: HashMap<Symbol, Expr> = maps.iter().cloned().collect();
    maps.iter().map(|(name, image)| (substitute(image, &once), sym(*name))).collect()
}

/// The equations that make a map a group action on that side.
pub fn group_laws(model: &Model, action: &Action, side: Side) -> Vec<(Expr, Expr)> {
    match (identity_laws(model, action), composition_laws(model, action, side)) {
        (Some(identity), Some(composition)) => identity.into_iter().chain(composition).collect(),
        _ => involution_laws(model, action),
    }
}

/// What is claimed about an action: which quantity goes to what.
pub fn target(setting: &Setting, action: &Action) -> (ActionKind, Symbol, Expr) {
    let model = setting.model();
    let loss = Model::loss_symbol();
    match (&model.loss, &action.loss, &action.output, &model.output) {
        (Loss::Explicit(_), Some(image), _, _) => (ActionKind::LossEquivariance, loss, image.clone()),
        (_, _, Some(image), Some(f)) if setting.output_of_loss().is_some() => {
            (ActionKind::Equivariance, f.name, image.clone())
        }
        (_, _, Some(image), Some(f)) => (ActionKind::OutputEquivariance, f.name, image.clone()),
        (Loss::Any, _, None, Some(f)) => (ActionKind::Invariance, f.name, sym(f.name)),
        _ => (ActionKind::LossInvariance, loss, sym(loss)),
    }
}

pub(super) fn group_action(
    setting: &Setting,
    action: &Arc<Action>,
    side: Side,
    premises: &[Proved],
) -> Result<Conclusion, Refusal> {
    let model = setting.model();
    let params: Vec<Symbol> = model.params.iter().map(|p| p.name).collect();
    let mut moved: Vec<Symbol> = action.images.iter().map(|(name, _)| *name).collect();
    moved.sort_by_key(|name| name.as_str());
    let once = moved.windows(2).all(|pair| pair[0] != pair[1]);
    let named = action.element.is_some() == action.group.element().is_some();
    let fresh = action.element.is_none_or(|g| model.env.symbol(g).is_none());
    if !once || !named || !fresh || !moved.iter().all(|name| params.contains(name)) {
        return Err(Refusal("the action is no map of the parameters by an element of its group"));
    }
    // What moves with θ is no constant of a generator or of a rate, as other data are.
    if maps(model, action).iter().any(|(_, image)| symbols(image).any(|name| model.is_stopped(name))) {
        return Err(Refusal("the action depends on what stands in stopgrad, which does not stay what it is"));
    }
    if !setting.admits(action) {
        return Err(Refusal("the action moves what an arbitrary value may depend on"));
    }
    let scope = setting.of_action(action);
    // What is moved by an element of its own has to be there as often, or is shifted, and the image of one for all is one for all.
    for (name, image) in maps(model, action) {
        let own = model.env.symbol(name).map(|info| info.indices).ok_or(Refusal("what is moved has no meaning"))?;
        let param = params.contains(&name);
        let element = model.env.indices_of(&action.indices);
        let shifted = || action.element.is_some() && Action::displacement(name, &image).is_some();
        let admitted = match param && !own.contains(element) {
            true if shifted() => own.union(element),
            true => return Err(SHARED),
            false => own,
        };
        if !admitted.contains(indices(scope.env(), &image)?) {
            return Err(SHARED);
        }
    }
    // What is proved of all members together holds of one where the others may be moved by the identity.
    if action.element.is_none() && action.indices.iter().any(|index| gathered(model, *index)) {
        return Err(Refusal(
            "one member is moved by a map without an element; with one it is `s in Sign(1) { W[i] -> s * W[i] }`",
        ));
    }
    if let Some(index) = action.exchanged() {
        let own =
            |(name, image): &(Symbol, Expr)| exchange(action, index).is_some_and(|p| *image == at(index, p, *name));
        let range = model.index(index).map(|i| i.range);
        let permutes =
            action.group.group.finite() == Some(Finite::Permutations) && action.group.sizes.first().copied() == range;
        if !permutes || action.output.is_some() || action.loss.is_some() || !action.images.iter().all(own) {
            return Err(Refusal("an exchange of members moves anything else"));
        }
        // The identity exchanges nothing, and one exchange after the other is their product.
        return match premises {
            [] => Ok(Conclusion::new(scope, Judgement::GroupAction { action: action.clone(), side })),
            _ => Err(Refusal("an exchange of members rests on nothing else")),
        };
    }
    let wanted = group_laws(model, action, side);
    if wanted.len() != premises.len() {
        return Err(Refusal("a group action is one where identity and products act as such on every map"));
    }
    for (premise, (lhs, rhs)) in premises.iter().zip(&wanted) {
        let (along, l, r) = equation(premise)?;
        usable(premise, &[l, r], &scope)?;
        if !along.is_empty() || l != lhs || r != rhs {
            return Err(Refusal("a defining equation of the action is not the one proved"));
        }
    }
    Ok(Conclusion::new(scope, Judgement::GroupAction { action: action.clone(), side }))
}

const SHARED: Refusal = Refusal("what is one for all members is moved by the element of one, and not shifted");

/// Whether what depends on an index is added up, or carried on along it.
fn gathered(model: &Model, index: Symbol) -> bool {
    let carried = model.repeats.iter().any(|r| r.index == index && !r.carried.is_empty());
    let bound = |definition: &Definition| {
        let nodes = &definition.expr;
        let over =
            |node: &Term| matches!(node, Term::Op(Op::Over | Op::Last, args) if nodes[args[0]] == Term::Sym(index));
        nodes.as_ref().iter().any(over)
    };
    carried || model.definitions().iter().any(bound)
}

/// The images of the parameters where every member is moved by an element of its own: what the members share is shifted by the sum
/// of what each of them shifts it by. Where the elements but one are the identity it is the image by that one, as the identity
/// shifts nothing.
pub fn images(model: &Model, action: &Action) -> Result<HashMap<Symbol, Expr>, Refusal> {
    let all = |(name, image): &(Symbol, Expr)| {
        let shared = model.param(*name).map(|param| action.shared(param)).unwrap_or_default();
        if shared.is_empty() {
            return Ok((*name, image.clone()));
        }
        let by = Action::displacement(*name, image).ok_or(SHARED)?;
        Ok((*name, add(&sym(*name), &over(&shared, &by))))
    };
    action.images.iter().map(all).collect()
}

/// From what its definition becomes when everything in it is moved; premises are that equation, and how the definitions it
/// mentions are carried.
pub(super) fn transport(
    setting: &Setting,
    action: &Arc<Action>,
    name: Symbol,
    premises: &[Proved],
) -> Result<Conclusion, Refusal> {
    let model = setting.model();
    let definition = model.definition(name).ok_or(Refusal("what is carried has no definition"))?;
    let (Some((chain, carried)), mut scope) = (premises.split_first(), setting.of_action(action)) else {
        return Err(Refusal("nothing says what the definition becomes"));
    };
    let mut images = images(model, action)?;
    for premise in carried {
        match premise.judgement() {
            Judgement::Transport { action: other, name, image } if **other == **action => {
                images.insert(*name, image.clone());
            }
            _ => return Err(Refusal("a premise does not carry a definition under this action")),
        }
        // The values by which what blocks carry on is moved.
        scope = scope.joined(premise.scope()).ok_or(Refusal("two premises mean something else by one symbol"))?;
    }
    // A definition that is not carried has to stay where it is: nothing it is made of moves, and it reads nothing that a block
    // takes.
    let moves = |definition: &Expr| {
        let inlined = model.inline(definition);
        action.images.iter().any(|(param, _)| mentions(&inlined, *param)) || takes(model, &inlined)
    };
    let unknown = symbols(&definition.expr).filter(|name| model.carrying(*name).is_some());
    if unknown.into_iter().any(|name| !images.contains_key(&name)) {
        return Err(Refusal("nothing says how what a block takes is moved"));
    }
    let left = symbols(&definition.expr).filter(|name| !images.contains_key(name));
    if left.filter_map(|name| model.definition(name)).any(|d| moves(&d.expr)) {
        return Err(Refusal("a definition that moves is not carried"));
    }
    let (along, lhs, rhs) = equation(chain)?;
    usable(chain, &[lhs, rhs], &scope)?;
    if !along.is_empty() || *lhs != substitute(&definition.expr, &images) {
        return Err(Refusal("the chain does not start at the moved definition"));
    }
    Ok(Conclusion::new(scope, Judgement::Transport { action: action.clone(), name, image: rhs.clone() }))
}

/// The permutation of an exchange of members.
fn exchange(action: &Action, index: Symbol) -> Option<Symbol> {
    action.element.filter(|_| !action.indices.contains(&index))
}

/// `W[p(i)]`.
fn at(index: Symbol, p: Symbol, name: Symbol) -> Expr {
    apply(Op::Relabelled, &[&sym(index), &sym(p), &sym(name)])
}

/// Where every family of an index is exchanged alike, a value that does not depend on the index stays where it is: each
/// definition that depends on it is exchanged alike, and each that does not sums over it.
pub(super) fn relabelling(
    setting: &Setting,
    action: &Arc<Action>,
    name: Symbol,
    premises: &[Proved],
) -> Result<Conclusion, Refusal> {
    let model = setting.model();
    let index = action.exchanged().ok_or(Refusal("the action exchanges no members"))?;
    let has = |indices: &[Symbol]| indices.contains(&index);
    let all = model.params.iter().filter(|p| has(&p.indices)).all(|p| action.images.iter().any(|(q, _)| *q == p.name));
    let data = model.data.iter().any(|d| has(&d.indices));
    let carried = model.repeats.iter().any(|r| r.index == index && !r.carried.is_empty());
    // The index itself stands nowhere but where it is summed over.
    let shown = |definition: &Definition| {
        let nodes = definition.expr.as_ref();
        let allowed = |op: &Op, place: usize| *op == Op::Over && place == 0;
        nodes.iter().any(|node| match node {
            Term::Op(op, args) => {
                let index = |id: &egg::Id| nodes[usize::from(*id)] == Term::Sym(index);
                args.iter().enumerate().any(|(place, id)| index(id) && !allowed(op, place))
            }
            _ => definition.expr == sym(index),
        })
    };
    let own = model.env.symbol(name).ok_or(Refusal("what is carried has no meaning"))?.indices;
    let bound = model.env.index(index).ok_or(Refusal("the index is not declared"))?;
    if !premises.is_empty() || !all || data || carried || own.contains(bound) || model.definitions().iter().any(shown) {
        return Err(Refusal("not every family of the index is exchanged alike, or the order of its values matters"));
    }
    let judgement = Judgement::Transport { action: action.clone(), name, image: sym(name) };
    Ok(Conclusion::new(setting.of_action(action), judgement))
}

/// That the value which a block takes goes to an image in terms of it, data and the group element: assumed.
pub(super) fn carried(
    setting: &Setting,
    action: &Arc<Action>,
    before: Symbol,
    image: &Expr,
    premises: &[Proved],
) -> Result<Conclusion, Refusal> {
    let model = setting.model();
    let (repeat, carried) = model.carrying(before).ok_or(Refusal("no block takes that value"))?;
    let scope = setting.of_action(action);
    let info = |name: Symbol| scope.env().symbol(name).cloned().ok_or(Refusal("what is carried has no meaning"));
    let (own, first) = (info(before)?, info(carried.first)?);
    let data = infer(scope.env(), image).map_err(|_| Refusal("the image has no shape"))?;
    let known =
        |name: &Symbol| *name == before || action.element == Some(*name) || model.data.iter().any(|d| d.name == *name);
    // With the first value in its place it has to be the same for all blocks.
    let turns = Turns { model, env: scope.env(), repeat };
    let at_first = turns.first(carried, image).ok_or(UNTURNED)?;
    let plain = symbols(image).all(|name| known(&name) || scope.env().index(name).is_some());
    if !premises.is_empty()
        || !plain
        || data.shape != own.shape
        || !first.indices.contains(indices(scope.env(), &at_first)?)
    {
        return Err(Refusal("the image is not one for all blocks in terms of what they take"));
    }
    let judgement = Judgement::Transport { action: action.clone(), name: before, image: image.clone() };
    let assumed = Hypothesis::Carried { action: action.name, before, image: image.clone() };
    Ok(Conclusion::new(scope, judgement).assuming([assumed]))
}

const UNTURNED: Refusal = Refusal("the image has no meaning at another block");

/// By induction over the blocks. Premises, for every value that a block carries on: how the first one is moved, and how what
/// a block gives is moved where what it takes is moved alike, with the exponents of the next block.
pub(super) fn induction(
    setting: &Setting,
    action: &Arc<Action>,
    last: Symbol,
    images: &[Expr],
    premises: &[Proved],
) -> Result<Conclusion, Refusal> {
    let model = setting.model();
    let of = |repeat: &&crate::model::Repeat| repeat.carried.iter().any(|c| c.last == last);
    let repeat = model.repeats.iter().find(of).ok_or(Refusal("no block gives that value"))?;
    if images.len() != repeat.carried.len() || premises.len() != 2 * images.len() {
        return Err(Refusal("an induction needs a base and a step for every value that is carried on"));
    }
    let (mut discharged, mut found) = (Vec::new(), None);
    let scope = setting.of_action(action);
    let turns = Turns { model, env: scope.env(), repeat };
    for ((carried, image), pair) in repeat.carried.iter().zip(images).zip(premises.chunks(2)) {
        let wanted = [(carried.first, turns.first(carried, image)), (carried.after, turns.after(carried, image))];
        for (premise, (name, wanted)) in pair.iter().zip(wanted) {
            match premise.judgement() {
                Judgement::Transport { action: other, name: moved, image }
                    if **other == **action && *moved == name && Some(image) == wanted.as_ref() => {}
                _ => return Err(Refusal("a base or a step is not as the induction says")),
            }
        }
        discharged.push(Hypothesis::Carried { action: action.name, before: carried.before, image: image.clone() });
        if carried.last == last {
            found = Some(turns.last(carried, image).ok_or(UNTURNED)?);
        }
    }
    let image = found.ok_or(Refusal("no block gives that value"))?;
    let judgement = Judgement::Transport { action: action.clone(), name: last, image };
    // The base may rest on the step of an outer induction, but not on that of this one.
    let within = premises.iter().step_by(2).any(|p| discharged.iter().any(|h| p.hypotheses().as_slice().contains(h)));
    if within {
        return Err(Refusal("the base assumes what is to be proved"));
    }
    let mut conclusion = Conclusion::new(scope, judgement);
    conclusion.discharged = discharged;
    Ok(conclusion)
}

pub(super) fn equivariance(setting: &Setting, premises: &[Proved]) -> Result<Conclusion, Refusal> {
    let [group, transport] = premises else { return Err(Refusal("an equivariance is a group action and a transport")) };
    let (Judgement::GroupAction { action, side }, Judgement::Transport { action: other, name, image }) =
        (group.judgement(), transport.judgement())
    else {
        return Err(Refusal("an equivariance is a group action and a transport"));
    };
    if transport.hypotheses().are_within_a_step() {
        return Err(Refusal("the step of an induction is no conclusion"));
    }
    let (kind, quantity, wanted) = target(setting, action);
    if **other != **action || *name != quantity || *image != wanted {
        return Err(Refusal("output or loss do not go where the action says"));
    }
    let judgement = Judgement::Equivariance { action: action.clone(), kind, side: *side };
    Ok(Conclusion::new(group.scope().clone(), judgement))
}
