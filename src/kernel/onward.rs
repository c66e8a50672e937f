//! Induction over blocks with an image that differs from block to block: what a block takes is moved by a value of its own, of
//! which only the shape is known, and what the last block gives is read by what does not see that value.

use super::claim::{Conclusion, Judgement, Proved, Refusal};
use super::hypothesis::Hypothesis;
use super::moved::{Moved, Onward};
use super::scope::Setting;
use crate::model::Action;
use crate::term::{Symbol, infer, mentions, symbols};
use std::sync::Arc;

/// That a value which blocks carry on goes to ρ(value, s): assumed, for an arbitrary s.
pub(super) fn moved(
    setting: &Setting,
    action: &Arc<Action>,
    moved: &Moved,
    premises: &[Proved],
) -> Result<Conclusion, Refusal> {
    let model = setting.model();
    let carried = model.repeats.iter().flat_map(|repeat| &repeat.carried);
    let known = carried.into_iter().any(|c| [c.before, c.last].contains(&moved.name));
    let plain = setting.of_action(action);
    let fresh = plain.env().symbol(moved.by).is_none() && !model.is_taken(moved.by);
    let scope = moved.scope(setting, action).ok_or(Refusal("what is carried has no meaning"))?;
    let own = scope.env().symbol(moved.name).cloned().ok_or(Refusal("what is carried has no meaning"))?;
    let data = infer(scope.env(), &moved.image).map_err(|_| Refusal("the image has no shape"))?;
    let only = symbols(&moved.image).all(|name| name == moved.name || name == moved.by);
    if !premises.is_empty() || !known || !fresh || !only || data.shape != own.shape {
        return Err(Refusal("no block takes or gives that value, or its image is not one by an arbitrary value"));
    }
    let judgement = Judgement::Transport { action: action.clone(), name: moved.name, image: moved.image.clone() };
    let assumed = Hypothesis::Moved { action: action.name, moved: moved.clone() };
    Ok(Conclusion::new(scope, judgement).assuming([assumed]))
}

/// By induction over the blocks there is an s for what each of them takes and for what the last one gives. Premises, for every
/// value that a block carries on: ρ(first, s) with the first s, and for every s of what a block takes ρ with the s of what it gives;
/// then what holds for every s of what the last block gives, and is therefore true.
pub(super) fn onward(
    setting: &Setting,
    action: &Arc<Action>,
    index: Symbol,
    maps: &[Onward],
    premises: &[Proved],
) -> Result<Conclusion, Refusal> {
    let model = setting.model();
    let repeat = model.repeats.iter().find(|r| r.index == index && !r.carried.is_empty());
    let repeat = repeat.ok_or(Refusal("no blocks carry a value on along that index"))?;
    let Some((conclusion, pairs)) = premises.split_last() else { return Err(Refusal("nothing is concluded")) };
    if maps.len() != repeat.carried.len() || pairs.len() != 2 * maps.len() {
        return Err(Refusal("an induction needs a base and a step for every value that is carried on"));
    }
    let Judgement::Transport { action: other, name, image } = conclusion.judgement() else {
        return Err(Refusal("nothing is concluded"));
    };
    if **other != **action {
        return Err(Refusal("the conclusion is about another action"));
    }
    let hypothesis = |moved: Moved| Hypothesis::Moved { action: action.name, moved };
    let taken: Vec<Hypothesis> = repeat.carried.iter().zip(maps).map(|(c, map)| hypothesis(map.taken(c))).collect();
    let given: Vec<Hypothesis> = repeat.carried.iter().zip(maps).map(|(c, map)| hypothesis(map.given(c))).collect();
    let assumes = |p: &Proved, any: &[Hypothesis]| p.hypotheses().as_slice().iter().any(|h| any.contains(h));
    for ((carried, map), pair) in repeat.carried.iter().zip(maps).zip(pairs.chunks(2)) {
        let values = [(carried.first, &map.first), (carried.after, &map.after)];
        for (premise, (value, by)) in pair.iter().zip(values) {
            let image = map.at(carried.before, value, by);
            match premise.judgement() {
                Judgement::Transport { action: other, name, image: found }
                    if **other == **action && *name == value && *found == image => {}
                _ => return Err(Refusal("a base or a step is not as the induction says")),
            }
            // It is what the next block takes that is moved by it.
            if !map.admits(by, premise.scope(), value) || !map.admits(by, premise.scope(), carried.before) {
                return Err(Refusal("a value is moved by what is no value of that kind"));
            }
        }
        if assumes(&pair[0], &taken) || assumes(&pair[0], &given) || assumes(&pair[1], &given) {
            return Err(Refusal("a base or a step assumes what is to be proved"));
        }
    }
    // Nothing that remains may tell one s from another.
    let gone: Vec<Symbol> = maps.iter().flat_map(|map| [map.by, map.last_by]).collect();
    let discharged: Vec<Hypothesis> = taken.into_iter().chain(given).collect();
    let remaining = premises.iter().flat_map(|p| p.hypotheses().as_slice()).filter(|h| !discharged.contains(h));
    let kept = |h: &Hypothesis| matches!(h, Hypothesis::Moved { moved, .. } if gone.contains(&moved.by));
    if gone.iter().any(|by| mentions(image, *by)) || remaining.into_iter().any(kept) {
        return Err(Refusal("the conclusion depends on how a value that is carried on is moved"));
    }
    let judgement = Judgement::Transport { action: action.clone(), name: *name, image: image.clone() };
    let mut out = Conclusion::new(conclusion.scope().without(&gone), judgement);
    out.discharged = discharged;
    Ok(out)
}
