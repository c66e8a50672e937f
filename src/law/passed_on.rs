//! An action that moves what blocks carry on in another way from block to block, so that nothing at the end sees it.

use super::context::{Context, end_of};
use super::kept::Kept;
use super::missing::Obstacle;
use super::onward::{Read, Way};
use super::siblings::{Siblings, definition};
use crate::kernel::{Given, Inference, Moved, Onward, Proved, Refusal, Scope, images};
use crate::model::{Action, Carried, Definition, Model, Repeat};
use crate::rewrite::{Goal, Purpose};
use crate::term::{Expr, Symbol, infer, int, mentions, substitute, sym, symbols};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Carries an action to a quantity, with values that blocks carry on moved in one of the known ways. With `only` nothing else may
/// move in any other way, so that it soon ends where something does.
pub(super) fn passed_on(
    cx: &Context,
    action: &Arc<Action>,
    quantity: Symbol,
    image: &Expr,
    way: Way,
    only: bool,
) -> Result<Proved, Obstacle> {
    let chain = cx.model().definitions_for(&sym(quantity));
    let (last, lemmas) = chain.split_last().expect("the output or the loss is defined");
    let mut passage = Passage {
        cx,
        action,
        way,
        only,
        lemmas,
        scope: cx.setting().of_action(action),
        moving: action.element.into_iter().collect(),
        moved_to: images(cx.model(), action)?,
        carried: Kept::default(),
        blocks: vec![],
    };
    passage.begin()?;
    let siblings = Siblings::among(lemmas);
    for lemma in lemmas {
        passage.definition(lemma, &siblings)?;
    }
    passage.assume_read(last)?;
    let moved = substitute(&last.expr, &passage.moved_to);
    let proved = passage.prove(last, &moved, image)?;
    let mut claim = passage.carry(last, proved)?;
    for block in passage.blocks.iter().rev() {
        claim = passage.conclude(block, claim)?;
    }
    Ok(claim)
}

/// Blocks that move what they carry on.
struct Blocks {
    repeat: Repeat,
    maps: Vec<Onward>,
}

struct Passage<'a, 'b> {
    cx: &'a Context<'b>,
    action: &'a Arc<Action>,
    way: Way,
    only: bool,
    lemmas: &'a [Definition],
    scope: Scope,
    /// The group element, and by what values that are carried on are moved.
    moving: Vec<Symbol>,
    /// What each parameter and each definition goes to.
    moved_to: HashMap<Symbol, Expr>,
    /// The claims that say so.
    carried: Kept,
    blocks: Vec<Blocks>,
}

impl Passage<'_, '_> {
    /// Gives every value that the action may move in a block a symbol for by what it is moved.
    fn begin(&mut self) -> Result<(), Obstacle> {
        let model = self.cx.model();
        let moves = |repeat: &&Repeat| {
            let body = repeat.body.iter().chain(repeat.carried.iter().map(|c| &c.first));
            let own = body.filter_map(|name| model.definition(*name));
            let images = &self.action.images;
            let first = own.map(|d| model.inline(&d.expr));
            first.into_iter().any(|x| images.iter().any(|(param, _)| mentions(&x, *param)))
        };
        let repeats: Vec<Repeat> = model.repeats.iter().filter(moves).cloned().collect();
        for repeat in repeats {
            let range = model.index(repeat.index).map(|i| i.range.to_string()).unwrap_or_default();
            let mut maps = Vec::new();
            let moving = self.moving_values(&repeat);
            for carried in &repeat.carried {
                let own = self.scope.env().symbol(carried.before).ok_or(Refusal("a value has no meaning"))?.shape;
                let (shape, facts) = self.way.matrix(own);
                let by = self.fresh(model, "sigma");
                let last_by = self.fresh(model, &format!("sigma_{range}"));
                let image = match moving.contains(&carried.before) {
                    true => self.way.apply(own, &sym(carried.before), &sym(by)),
                    false => sym(carried.before),
                };
                let nothing = self.way.nothing(own);
                let map = Onward { image, by, last_by, shape, facts, first: nothing.clone(), after: nothing };
                for moved in [map.taken(carried), map.given(carried)] {
                    let scope = moved.scope(self.cx.setting(), self.action).ok_or(Refusal("a value has no meaning"))?;
                    self.scope = self.scope.joined(&scope).ok_or(Refusal("a symbol means two things"))?;
                }
                maps.push(map);
            }
            self.blocks.push(Blocks { repeat, maps });
        }
        match self.blocks.is_empty() {
            true => Err(Refusal("no block is moved").into()),
            false => Ok(()),
        }
    }

    /// The values that blocks carry on and that may move: those made of parameters that do, or of other such values.
    fn moving_values(&self, repeat: &Repeat) -> HashSet<Symbol> {
        let model = self.cx.model();
        let made_of = |name: Symbol| model.definition(name).map(|d| model.inline(&d.expr));
        let mut out: HashSet<Symbol> = HashSet::new();
        loop {
            let moves = |x: &Expr| {
                let params = self.action.images.iter().map(|(param, _)| *param);
                params.chain(out.iter().copied()).any(|name| mentions(x, name))
            };
            let values = repeat.carried.iter().filter(|c| !out.contains(&c.before));
            let found = values.filter(|c| [c.first, c.after].into_iter().filter_map(made_of).any(|x| moves(&x)));
            let found: Vec<Symbol> = found.map(|c| c.before).collect();
            if found.is_empty() {
                return out;
            }
            out.extend(found);
        }
    }

    /// A symbol that nothing has.
    fn fresh(&mut self, model: &Model, base: &str) -> Symbol {
        let known =
            |name: Symbol| model.is_taken(name) || self.scope.own(name).is_some() || self.moving.contains(&name);
        let numbered = (1..).map(|k| format!("{base}_{k}"));
        let mut names = std::iter::once(base.to_string()).chain(numbered).map(Symbol::from);
        let name = names.find(|name| !known(*name)).unwrap_or_else(|| base.into());
        self.moving.push(name);
        name
    }

    /// The value of blocks that move what they carry on, by what is carried.
    fn place(&self, which: impl Fn(&Carried) -> bool) -> Option<(usize, usize)> {
        let of = |blocks: &Blocks| blocks.repeat.carried.iter().position(&which);
        self.blocks.iter().enumerate().find_map(|(b, blocks)| Some((b, of(blocks)?)))
    }

    fn value(&self, (b, v): (usize, usize)) -> (Carried, Onward) {
        (self.blocks[b].repeat.carried[v].clone(), self.blocks[b].maps[v].clone())
    }

    fn definition(&mut self, of: &Definition, siblings: &Siblings) -> Result<(), Obstacle> {
        if let Some(place) = self.place(|c| c.last == of.name) {
            let (carried, map) = self.value(place);
            return self.suppose(map.given(&carried));
        }
        if let Some(place) = self.place(|c| c.after == of.name) {
            let (carried, map) = self.value(place);
            if map.image == sym(carried.before) {
                return self.still(of);
            }
            let by = self.moved(of, true)?.ok_or(Refusal("what a block gives is not moved as what it takes"))?;
            self.blocks[place.0].maps[place.1].after = by;
            return Ok(());
        }
        let carried = |which: fn(&Carried) -> Symbol| {
            let repeats = &self.cx.model().repeats;
            repeats.iter().find_map(|r| Some((r.clone(), r.carried.iter().find(|c| which(c) == of.name)?.clone())))
        };
        match (carried(|c| c.last), carried(|c| c.after)) {
            (Some((repeat, _)), _) => return self.untouched(&repeat, of.name),
            (None, Some(_)) => return self.still(of),
            (None, None) => {}
        }
        self.assume_read(of)?;
        if substitute(&of.expr, &self.moved_to) != of.expr && self.moved(of, false)?.is_some() {
            return Ok(());
        }
        self.lemma(of, siblings)
    }

    /// A value that blocks carry on is moved by an arbitrary one.
    fn suppose(&mut self, moved: Moved) -> Result<(), Obstacle> {
        let name = moved.name;
        self.moved_to.insert(name, moved.image.clone());
        let claim = self.cx.infer(Inference::Moved { action: self.action.clone(), moved }, vec![])?;
        self.carried.keep(name, claim);
        Ok(())
    }

    /// Assumes how the values that blocks take and a definition reads are moved.
    fn assume_read(&mut self, definition: &Definition) -> Result<(), Obstacle> {
        let repeats = self.cx.model().repeats.clone();
        for carried in repeats.iter().flat_map(|r| &r.carried).filter(|c| mentions(&definition.expr, c.before)) {
            if self.carried.has(carried.before) {
                continue;
            }
            match self.place(|c| c.before == carried.before) {
                Some(place) => {
                    let (carried, map) = self.value(place);
                    self.suppose(map.taken(&carried))?;
                }
                None => {
                    let (action, before) = (self.action.clone(), carried.before);
                    let claim = self.cx.infer(Inference::Carried { action, before, image: sym(before) }, vec![])?;
                    self.carried.keep(before, claim);
                }
            }
        }
        Ok(())
    }

    /// By what a definition is moved, in the way that is tried; none where it is not moved like that. What a block gives has to be.
    fn moved(&mut self, of: &Definition, given: bool) -> Result<Option<Expr>, Obstacle> {
        self.assume_read(of)?;
        let moved = substitute(&of.expr, &self.moved_to);
        let Ok(data) = infer(self.scope.env(), &of.expr) else { return Ok(None) };
        let read = |x: &Expr| self.way.read(self.scope.env(), of.name, x, &self.moving);
        let mut start = None;
        if self.way == Way::Scale && moved != of.expr {
            let avoid = Goal::Avoiding(self.moving.clone());
            let found = self.cx.best(&self.scope, Purpose::Lemma, &[definition(of)], &moved, &avoid);
            start = found.ok().map(|found| end_of(&found).clone());
        }
        let nothing = || Read { by: self.way.nothing(data.shape), whole: moved == of.expr };
        let found = match moved == of.expr {
            true => Some(nothing()),
            false => read(start.as_ref().unwrap_or(&moved)).or_else(|| given.then(nothing)),
        };
        let Some(Read { by, whole }) = found else { return Ok(None) };
        let wanted = self.way.apply(data.shape, &sym(of.name), &by);
        let proved = match given || whole {
            true => self.prove(of, &moved, &wanted).ok(),
            false => self.cx.prove(&self.scope, Purpose::Lemma, &[definition(of)], &moved, &wanted).ok(),
        };
        let Some(proved) = proved else { return Ok(None) };
        let claim = self.carry(of, proved)?;
        self.moved_to.insert(of.name, wanted);
        self.carried.keep(of.name, claim);
        Ok(Some(by))
    }

    /// What a definition becomes.
    fn lemma(&mut self, lemma: &Definition, siblings: &Siblings) -> Result<(), Obstacle> {
        let moved = substitute(&lemma.expr, &self.moved_to);
        if moved == lemma.expr {
            return match symbols(&lemma.expr).any(|name| self.carried.has(name)) {
                true => self.still(lemma),
                false => Ok(()),
            };
        }
        let given: Vec<Given> = std::iter::once(lemma).chain(siblings.of(lemma.name)).map(definition).collect();
        let avoid = Goal::Avoiding(self.moving.clone());
        let found = match self.cx.best(&self.scope, Purpose::Lemma, &given, &moved, &avoid) {
            Ok(found) => found,
            Err(_) => self.cx.prove(&self.scope, Purpose::Lemma, &[], &moved, &moved)?,
        };
        let image = end_of(&found).clone();
        if self.only && self.moving.iter().any(|symbol| mentions(&image, *symbol)) {
            return Err(Refusal("a definition is moved in another way").into());
        }
        self.moved_to.insert(lemma.name, image);
        let claim = self.carry(lemma, found)?;
        self.carried.keep(lemma.name, claim);
        Ok(())
    }

    /// A definition stays where it is.
    fn still(&mut self, of: &Definition) -> Result<(), Obstacle> {
        self.assume_read(of)?;
        let moved = substitute(&of.expr, &self.moved_to);
        let proved = self.prove(of, &moved, &sym(of.name))?;
        let claim = self.carry(of, proved)?;
        self.carried.keep(of.name, claim);
        Ok(())
    }

    /// What blocks carry on stays where it is.
    fn untouched(&mut self, repeat: &Repeat, last: Symbol) -> Result<(), Obstacle> {
        let mut premises = Vec::new();
        for carried in &repeat.carried {
            for name in [carried.first, carried.after] {
                if !self.carried.has(name) {
                    let of = self.cx.model().definition(name).ok_or(Refusal("what is carried has no definition"))?;
                    self.still(&of)?;
                }
                premises.extend(self.carried.get(name).cloned());
            }
        }
        let images = repeat.carried.iter().map(|c| sym(c.before)).collect();
        let found = self.cx.infer(Inference::Induction { action: self.action.clone(), last, images }, premises)?;
        self.carried.keep(last, found);
        Ok(())
    }

    /// Whatever follows from the last block's being moved follows.
    fn conclude(&self, blocks: &Blocks, claim: Proved) -> Result<Proved, Obstacle> {
        let mut maps = blocks.maps.clone();
        let mut premises = Vec::new();
        for (carried, map) in blocks.repeat.carried.iter().zip(&mut maps) {
            let first = self.first(carried, map)?;
            let after = self.carried.get(carried.after).ok_or(Refusal("nothing says what a block gives"))?;
            premises.extend([first, after.clone()]);
        }
        premises.push(claim);
        let (action, index) = (self.action.clone(), blocks.repeat.index);
        self.cx.infer(Inference::Onward { action, index, maps }, premises)
    }

    /// How what the first block takes is moved, if it is.
    fn first(&self, carried: &Carried, map: &mut Onward) -> Result<Proved, Obstacle> {
        let name = carried.first;
        if let Some(claim) = self.carried.get(name)
            && self.moved_to.contains_key(&name)
        {
            let shape = self.scope.env().symbol(name).ok_or(Refusal("a value has no meaning"))?.shape;
            let image = &self.moved_to[&name];
            let by = self.way.read(self.scope.env(), name, image, &self.moving);
            map.first = by.map_or_else(|| self.way.nothing(shape), |found| found.by);
            return Ok(claim.clone());
        }
        let of = self.cx.model().definition(name).ok_or(Refusal("what the first block takes has no definition"))?;
        let image = map.at(carried.before, name, &map.first);
        let proved = self.prove(&of, &of.expr, &image)?;
        self.carry(&of, proved)
    }

    /// That a definition goes to an image: by rules, or in normal form.
    fn prove(&self, of: &Definition, moved: &Expr, image: &Expr) -> Result<Proved, Obstacle> {
        let (cx, scope) = (self.cx, &self.scope);
        let own = [definition(of)];
        cx.prove(scope, Purpose::Prove, &own, moved, image)
            .or_else(|failure| {
                let named = cx.prove(scope, Purpose::Lemma, &own, &of.expr, &sym(of.name))?;
                cx.linear(scope, moved, image, &[(int(1), named)]).map_err(|_| failure)
            })
            .or_else(|failure| {
                let given: Vec<Given> = self.lemmas.iter().chain([of]).map(definition).collect();
                cx.prove(scope, Purpose::Prove, &given, moved, image).map_err(|_| failure)
            })
    }

    /// The claim that a definition is carried by an equation.
    fn carry(&self, of: &Definition, chain: Proved) -> Result<Proved, Obstacle> {
        self.carried.carry(self.cx, self.action, of, chain)
    }
}
