//! An action on its way through the definitions of a model: what each goes to, and through blocks by induction over the values that they
//! carry on.

use super::context::{Context, end_of};
use super::growth::Growth;
use super::kept::Kept;
use super::missing::Obstacle;
use super::onward::Way;
use super::passed_on::passed_on;
use super::siblings::{Siblings, definition};
use crate::kernel::{Given, Inference, Judgement, Proved, Refusal, Scope, Turns, images, with_exponents};
use crate::model::{Action, Carried, Definition, Model, Repeat};
use crate::rewrite::{Goal, Purpose};
use crate::term::{
    Expr, Op, Symbol, apply, infer, int, is_zero, mentions, mul, neg, substitute, sym, symbols, transpose,
};
use std::collections::HashMap;
use std::sync::Arc;

/// Carries the action through the `let`s up to a quantity and proves that it goes to `image`.
pub(super) fn transport(
    cx: &Context,
    action: &Arc<Action>,
    quantity: Symbol,
    image: &Expr,
) -> Result<Proved, Obstacle> {
    // Where every map adds the same to all entries of a column, the stream of blocks is likely to be moved like that.
    let plain = || match Way::obvious(cx.model(), action) {
        Some(way) => passed_on(cx, action, quantity, image, way, true)
            .or_else(|_| passage(cx, action, quantity, image, Carry::Alike)),
        None => passage(cx, action, quantity, image, Carry::Growing),
    };
    plain().or_else(|failure| {
        // Where the first value is one that several maps leave as it is, as 0, the blocks decide which of them it is.
        if let Some(found) = first_images(cx, action, quantity)
            && let Ok(proved) = passage(cx, action, quantity, image, Carry::As(&found))
        {
            return Ok(proved);
        }
        let other = |map: &Map| passage(cx, action, quantity, image, Carry::By(map)).ok();
        if let Some(found) = maps(cx.model(), action).iter().find_map(other) {
            return Ok(found);
        }
        // Or it is moved in each block in another way, which what follows passes on.
        let onward = |way: &Way| passed_on(cx, action, quantity, image, *way, false).ok();
        Way::of(cx.model(), action).iter().find_map(onward).ok_or(failure)
    })
}

/// How values go that start at constants, as the first block says which makes them of these. It is proposed, not proved.
fn first_images(cx: &Context, action: &Arc<Action>, quantity: Symbol) -> Option<HashMap<Symbol, Expr>> {
    let (model, constants) = cx.model().first_blocks()?;
    let found = cx.within(&cx.setting().with_model(Arc::new(model)), |own| {
        let chain = own.model().definitions_for(&sym(quantity));
        let (_, lemmas) = chain.split_last()?;
        let mut passage = Passage::begin(own, action, lemmas, Carry::Alike).ok()?;
        let siblings = Siblings::among(lemmas);
        let mut found = HashMap::new();
        for lemma in lemmas {
            let carried = |which: fn(&Carried) -> Symbol| {
                own.model().repeats.iter().flat_map(|r| &r.carried).find(|c| which(c) == lemma.name)
            };
            if let Some(value) = carried(|c| c.last) {
                let image = found.get(&value.before).cloned().unwrap_or_else(|| passage.image(value.before));
                passage.moved_to.insert(value.last, renamed(&image, value.before, value.last));
                continue;
            }
            passage.lemma(lemma, &siblings).ok()?;
            let Some(value) = carried(|c| c.after).filter(|value| constants.contains(&value.before)) else { continue };
            let image = passage.image(value.after);
            let only = symbols(&image).all(|name| name == value.after || Some(name) == action.element);
            if only && mentions(&image, value.after) {
                found.insert(value.before, renamed(&image, value.after, value.before));
            }
        }
        Some(found)
    })?;
    (!found.is_empty()).then_some(found)
}

/// A formula with one name in place of another.
fn renamed(expr: &Expr, from: Symbol, to: Symbol) -> Expr {
    substitute(expr, &HashMap::from([(from, sym(to))]))
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
    let mut passage = Passage::begin(cx, action, lemmas, carry)?;
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
    /// As this says of what a block takes, where the first one does not say.
    As(&'a HashMap<Symbol, Expr>),
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
    /// The claims that say so.
    carried: Kept,
}

impl<'a, 'b> Passage<'a, 'b> {
    fn begin(
        cx: &'a Context<'b>,
        action: &'a Arc<Action>,
        lemmas: &'a [Definition],
        carry: Carry<'a>,
    ) -> Result<Passage<'a, 'b>, Obstacle> {
        let (scope, moved_to) = (cx.setting().of_action(action), images(cx.model(), action)?);
        Ok(Passage { cx, action, scope, lemmas, carry, moved_to, carried: Kept::default() })
    }

    /// The claim that a definition is carried by an equation.
    fn carry(&self, definition: &Definition, chain: Proved) -> Result<Proved, Obstacle> {
        self.carried.carry(self.cx, self.action, definition, chain)
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
            if symbols(&lemma.expr).any(|name| self.carried.has(name)) {
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
        self.carried.keep(lemma.name, claim);
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
        self.carried.keep(of.name, claim);
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
        if self.carried.has(value.before) {
            return Ok(());
        }
        if !self.carried.has(value.first) {
            let repeats = self.cx.model().repeats.clone();
            match self.cx.model().definition(value.first) {
                Some(first) if self.mapped(value, &first)? => {}
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
        self.carried.keep(value.before, assumed);
        Ok(())
    }

    /// The image of what a block takes.
    fn taken(&mut self, value: &Carried) -> Result<Expr, Obstacle> {
        let alike = renamed(&self.image(value.first), value.first, value.before);
        if !matches!(self.carry, Carry::Growing) {
            return Ok(alike);
        }
        let growth = Growth::of(self.cx, self.action, &self.scope);
        let Some(grown) = growth.and_then(|growth| growth.taken(value.before, &self.moved_to)) else {
            return Ok(alike);
        };
        Ok(grown)
    }

    /// Whether the definition of what the first block takes, which stays where it is, is also what a map makes of it.
    fn mapped(&mut self, value: &Carried, of: &Definition) -> Result<bool, Obstacle> {
        let image = match self.carry {
            Carry::By((left, right)) => {
                let from_left = left.as_ref().map_or_else(|| sym(of.name), |left| mul(left, &sym(of.name)));
                right.as_ref().map_or_else(|| from_left.clone(), |right| mul(&from_left, right))
            }
            Carry::As(found) => match found.get(&value.before) {
                Some(image) => renamed(image, value.before, of.name),
                None => return Ok(false),
            },
            Carry::Alike | Carry::Growing => return Ok(false),
        };
        let shape = |x: &Expr| infer(self.scope.env(), x).ok().map(|data| data.shape);
        if shape(&image).is_none() || shape(&image) != shape(&of.expr) {
            return Ok(false);
        }
        let equal = self.cx.prove(&self.scope, Purpose::Lemma, &[definition(of)], &of.expr, &image);
        let Ok(equal) = equal else { return Ok(false) };
        let claim = self.carry(of, equal)?;
        self.moved_to.insert(of.name, image);
        self.carried.keep(of.name, claim);
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
        self.carried.keep(value.after, claim);
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
        let proofs = |c: &Carried| [c.first, c.after].map(|name| self.carried.get(name).cloned());
        let premises: Option<Vec<Proved>> = repeat.carried.iter().flat_map(proofs).collect();
        let premises = premises.ok_or(Refusal("nothing says how a value that is carried on is moved"))?;
        let by = Inference::Induction { action: self.action.clone(), last, images };
        let found = self.cx.infer(by, premises)?;
        if let Judgement::Transport { image, .. } = found.judgement() {
            self.moved_to.insert(last, image.clone());
        }
        self.carried.keep(last, found);
        Ok(())
    }
}
