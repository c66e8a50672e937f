//! The blocks in which an action moves members beside each other, written out: `W[l]` and `W[l+1]` of blocks l and l + 1, `W[1]` of the
//! first one, `W[L]` of the last. What comes before is an arbitrary value, what comes after an arbitrary function of what they give.

use super::{Action, Carried, Definition, FunctionDeclaration, Loss, Model, Repeat, Variable};
use crate::term::{
    At, Builder, Expr, Facts, Indices, Neighbour, Op, Shape, Signature, Size, Symbol, Term, apply, mentions, sym,
    symbols,
};
use std::collections::{HashMap, HashSet};

/// Why the blocks are not written out.
pub(crate) type NoWindow = &'static str;

/// Which of the blocks are written out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    First,
    Last(Size),
    /// Block l and so many after it.
    Generic(u64),
}

impl Place {
    fn at(self, step: u64) -> At {
        match self {
            Place::First => At::Number(1),
            Place::Last(range) => At::Last { range, before: 0 },
            Place::Generic(_) => At::After(i64::try_from(step).unwrap_or(i64::MAX)),
        }
    }

    fn steps(self) -> u64 {
        if let Place::Generic(reach) = self { reach } else { 0 }
    }
}

impl Model {
    /// The members beside the generic one that an action moves.
    fn neighbours<'a>(&'a self, action: &'a Action) -> impl Iterator<Item = &'a Neighbour> {
        action.images.iter().filter_map(|(name, _)| self.env.neighbour(*name))
    }

    /// Whether an action moves members beside the generic one.
    pub(crate) fn has_window(&self, action: &Action) -> bool {
        self.neighbours(action).next().is_some()
    }

    /// How many blocks after block l an action reaches.
    pub(crate) fn reach(&self, action: &Action) -> u64 {
        let after = |n: &Neighbour| if let At::After(k) = n.at { u64::try_from(k).unwrap_or(0) } else { 0 };
        self.neighbours(action).map(after).max().unwrap_or(0)
    }

    /// The indices of an action, each as far as the action has it.
    pub(crate) fn indices_of_action(&self, action: &Action) -> Vec<crate::term::Index> {
        let reached = self.neighbours(action).find(|n| matches!(n.at, At::After(_))).map(|n| n.index);
        let reach = self.reach(action);
        let index = |name: &Symbol| {
            let known = self.index(*name)?;
            Some(crate::term::Index { less: if reached == Some(*name) { reach } else { known.less }, ..known })
        };
        action.indices.iter().filter_map(index).collect()
    }

    /// The model around the members that an action moves.
    ///
    /// # Errors
    /// Where something else reads them, or the blocks are not plain ones.
    pub(crate) fn window(&self, action: &Action) -> Result<Model, NoWindow> {
        Window::of(self, action)?.model()
    }
}

struct Window<'a> {
    model: &'a Model,
    repeat: &'a Repeat,
    place: Place,
    /// The definitions of the block.
    body: Vec<&'a Definition>,
    /// The families of the block, parameters and data.
    families: Vec<&'a Variable>,
}

impl<'a> Window<'a> {
    fn of(model: &'a Model, action: &'a Action) -> Result<Window<'a>, NoWindow> {
        let named: Vec<&Neighbour> = model.neighbours(action).collect();
        let first = named.first().ok_or("the action moves no neighbour")?;
        let index = first.index;
        let place = match first.at {
            At::Number(1) => Place::First,
            At::Last { range, before: 0 } => Place::Last(range),
            At::After(_) => Place::Generic(model.reach(action)),
            _ => return Err("members between the first and the last one are no neighbours"),
        };
        let alike = |n: &&Neighbour| {
            n.index == index && (n.at == place.at(0) || place.steps() > 0 && matches!(n.at, At::After(k) if k >= 0))
        };
        if !named.iter().all(alike) {
            return Err("the members that the action moves are not of blocks beside each other");
        }
        let moved: Vec<Symbol> = action.images.iter().map(|(name, _)| *name).collect();
        let has = |name: Symbol| model.param(name).is_some_and(|p| p.indices.contains(&index));
        let plain: Vec<Symbol> = moved.iter().copied().filter(|name| model.env.neighbour(*name).is_none()).collect();
        let generic = matches!(place, Place::Generic(_));
        if plain.iter().any(|name| has(*name) != generic) || generic != action.indices.contains(&index) {
            return Err("the action moves members of some blocks and more than these");
        }
        let of: Vec<Symbol> = named.iter().map(|n| n.of).chain(plain.iter().copied().filter(|p| has(*p))).collect();
        let reads = |r: &&Repeat| {
            let body = model.lets.iter().filter(|d| r.body.contains(&d.name));
            r.index == index && body.into_iter().any(|d| of.iter().any(|name| mentions(&d.expr, *name)))
        };
        let mut blocks = model.repeats.iter().filter(reads);
        let (Some(repeat), None) = (blocks.next(), blocks.next()) else {
            return Err("the members that the action moves are not read by one block");
        };
        let body: Vec<&Definition> = model.computed().filter(|d| repeat.body.contains(&d.name)).collect();
        let variables = model.params.iter().chain(&model.data).filter(|v| v.indices.contains(&index));
        let read = |v: &&Variable| body.iter().any(|d| mentions(&d.expr, v.name));
        let families = variables.filter(read).collect();
        let window = Window { model, repeat, place, body, families };
        window.is_alone(&of, &plain)?;
        Ok(window)
    }

    /// The definitions outside of the block, without those of what the last block gives.
    fn outside(&self) -> impl Iterator<Item = &'a Definition> {
        let (model, repeat) = (self.model, self.repeat);
        let last = move |name: Symbol| repeat.carried.iter().any(|c| c.last == name);
        // What a stopped value is made of does not matter where it is held.
        model.computed().filter(move |d| !repeat.body.contains(&d.name) && !last(d.name))
    }

    /// The output and the loss.
    fn ends(&self) -> impl Iterator<Item = &'a Expr> {
        let loss = if let Loss::Explicit(loss) = &self.model.loss { Some(loss) } else { None };
        self.model.output.iter().map(|o| &o.expr).chain(loss)
    }

    /// Whether the members are read by the block alone, and whatever else moves by nothing that is arbitrary.
    fn is_alone(&self, of: &[Symbol], plain: &[Symbol]) -> Result<(), NoWindow> {
        let Window { model, repeat, body, families, place, .. } = self;
        let nested = |r: &&Repeat| !std::ptr::eq(*r, *repeat) && r.body.iter().any(|name| repeat.body.contains(name));
        if model.repeats.iter().any(|r| nested(&r)) {
            return Err("the blocks stand inside of others, or others inside of them");
        }
        if repeat.carried.is_empty() {
            return Err("the blocks carry nothing on");
        }
        let own = model.env.indices_of(&[repeat.index]);
        let info = |name: Symbol| model.env.symbol(name).map_or(Indices::NONE, |info| info.indices);
        if repeat.carried.iter().any(|c| !info(c.first).is_empty() || info(c.after) != own) {
            return Err("what the blocks carry on is a family itself");
        }
        if of.iter().any(|name| !families.iter().any(|v| v.name == *name)) {
            return Err("a member that the action moves is not read by the block");
        }
        let bound = |x: &Expr| {
            x.as_ref().iter().any(|node| match node {
                Term::Op(Op::Over | Op::Last | Op::Relabelled, args) => x[args[0]] == Term::Sym(repeat.index),
                _ => false,
            })
        };
        if body.iter().any(|d| bound(&d.expr)) {
            return Err("the block reads members of other blocks");
        }
        let elsewhere = |x: &Expr| {
            families.iter().any(|v| mentions(x, v.name)) || repeat.body.iter().any(|name| mentions(x, *name))
        };
        if self.outside().map(|d| &d.expr).chain(self.ends()).any(elsewhere) {
            return Err("something outside of the block reads its members too");
        }
        let outer: Vec<Symbol> = plain.iter().copied().filter(|name| !of.contains(name)).collect();
        let moves = |x: &Expr| outer.iter().any(|name| mentions(x, *name));
        // Also by way of what is defined outside of the blocks.
        let outside = |name: &Symbol| self.outside().any(|d| d.name == *name);
        let read = body.iter().flat_map(|d| symbols(&d.expr)).filter(outside);
        let mut read = read.flat_map(|name| model.definitions_for(&sym(name)));
        if body.iter().any(|d| moves(&d.expr)) || !outer.is_empty() && read.any(|d| moves(&d.expr)) {
            return Err("the other blocks read a parameter that the action moves");
        }
        let after = self.downstream();
        let upstream = || self.outside().filter(|d| !after.contains(&d.name));
        match place {
            Place::First => {}
            Place::Generic(_) if !outer.is_empty() => {
                return Err("the action moves members of some blocks and a parameter outside of them");
            }
            _ if upstream().any(|d| moves(&d.expr)) => {
                return Err("what the blocks take depends on a parameter that the action moves");
            }
            _ => {}
        }
        let runs = |x: &Expr| symbols(x).any(|name| name == repeat.index || !info(name).intersection(own).is_empty());
        let later = self.outside().filter(|d| after.contains(&d.name)).map(|d| &d.expr).chain(self.ends());
        if matches!(place, Place::Generic(_)) && later.into_iter().any(runs) {
            return Err("what follows the blocks reads families of the same index");
        }
        Ok(())
    }

    /// What is made of what the last block gives.
    fn downstream(&self) -> HashSet<Symbol> {
        let mut after: HashSet<Symbol> = self.repeat.carried.iter().map(|c| c.last).collect();
        for d in self.outside() {
            // What a later block takes is what it begins with.
            let carrying = |name: Symbol| self.model.carrying(name).map(|(_, c)| c.first);
            if symbols(&d.expr).any(|name| after.contains(&name) || carrying(name).is_some_and(|c| after.contains(&c)))
            {
                after.insert(d.name);
            }
        }
        after
    }

    fn model(&self) -> Result<Model, NoWindow> {
        let Window { model, repeat, place, .. } = self;
        let mut out = (*model).clone();
        out.repeats.retain(|r| !std::ptr::eq(r, *repeat) && r != *repeat);
        if let Place::Generic(reach) = place {
            out.env.shorten_index(repeat.index, *reach);
            out.indices.iter_mut().filter(|i| i.name == repeat.index).for_each(|i| i.less = *reach);
        }
        let body = repeat.body.iter().copied().filter(|name| !model.is_stopped(*name));
        let gone = body.chain(repeat.carried.iter().flat_map(|c| [c.before, c.last]));
        out.env = std::mem::take(&mut out.env).without(&gone.collect::<Vec<_>>());
        let after = self.downstream();
        out.lets = match place {
            Place::First => self.outside().filter(|d| !after.contains(&d.name)).cloned().collect(),
            _ => vec![],
        };
        self.families(&mut out);
        // What the blocks take, under the name it has now.
        let mut taken: HashMap<Symbol, Symbol> = HashMap::new();
        for carried in &repeat.carried {
            let name = match place {
                Place::First => carried.first,
                _ => self.taken(carried, &mut out),
            };
            taken.insert(carried.before, name);
        }
        for carried in &repeat.carried {
            self.last(carried, &mut out);
        }
        for step in 0..=place.steps() {
            let given = self.block(step, &taken, &mut out);
            for carried in &repeat.carried {
                taken.insert(carried.before, given[&carried.after]);
            }
        }
        if !matches!(place, Place::Last(_)) {
            repeat.carried.iter().try_for_each(|carried| self.rest(carried, &taken, &mut out))?;
        }
        out.lets.extend(self.outside().filter(|d| after.contains(&d.name)).cloned());
        if *place != Place::First {
            self.arbitrary(&after, &mut out);
        }
        Ok(out)
    }

    /// A shape in one of the blocks.
    fn shape(&self, shape: Shape, at: At) -> Shape {
        self.model.env.shape_at(shape, self.repeat.index, at)
    }

    /// The parameters and data of the blocks, each under the name of its member.
    fn families(&self, out: &mut Model) {
        let step = |v: &Variable, step: u64| {
            let at = self.place.at(step);
            let neighbour = Neighbour { of: v.name, indices: v.indices.clone(), index: self.repeat.index, at };
            let shape = self.shape(v.shape, at);
            (Variable { name: neighbour.name(), indices: neighbour.open(), shape, ..v.clone() }, neighbour)
        };
        for v in &self.families {
            let constant = if self.model.param(v.name).is_some() { Facts::empty() } else { Facts::CONSTANT };
            let list = if constant.is_empty() { &mut out.params } else { &mut out.data };
            let Some(mut at) = list.iter().position(|known| known.name == v.name) else { continue };
            let from = if matches!(self.place, Place::Generic(_)) { 1 } else { 0 };
            if from == 0 {
                list.remove(at);
            } else {
                at += 1;
            }
            for k in from..=self.place.steps() {
                let (member, neighbour) = step(v, k);
                out.env.declare_neighbour(neighbour, member.shape, member.facts | constant);
                list.insert(at, member);
                at += 1;
            }
        }
    }

    /// What a block takes that is not the first one: any value.
    fn taken(&self, carried: &Carried, out: &mut Model) -> Symbol {
        let before = match self.place {
            Place::Last(range) => At::Last { range, before: 1 },
            _ => At::After(-1),
        };
        let name = self.named(carried.before, before, self.place.at(0), out);
        let info = out.env.symbol(name).cloned();
        let indices = if matches!(self.place, Place::Generic(_)) { vec![self.repeat.index] } else { vec![] };
        if let Some(info) = info {
            out.data.push(Variable {
                name,
                latex: None,
                shape: info.shape,
                facts: Facts::empty(),
                fixed: false,
                stopped: false,
                indices,
            });
        }
        name
    }

    /// Declares what the last block gives, under the name that it has.
    fn last(&self, carried: &Carried, out: &mut Model) {
        let (Some(info), Some(index)) =
            (self.model.env.symbol(carried.last).cloned(), self.model.index(self.repeat.index))
        else {
            return;
        };
        let at = At::Last { range: index.range, before: 0 };
        let of = stem(carried.last).into();
        let neighbour = Neighbour { of, indices: vec![index.name], index: index.name, at };
        if neighbour.name() == carried.last {
            out.env.declare_neighbour(neighbour, info.shape, info.facts);
        } else {
            out.env.declare_member(carried.last, info.shape, info.facts, info.indices);
        }
    }

    /// Declares what a name of the block is at one of the blocks that are written out.
    fn named(&self, name: Symbol, at: At, block: At, out: &mut Model) -> Symbol {
        let Some(info) = self.model.env.symbol(name).cloned() else { return name };
        let listed: Vec<Symbol> = self.model.env.listed(info.indices).map(|index| index.name).collect();
        let mut of = stem(name).to_string();
        loop {
            let neighbour = Neighbour { of: of.as_str().into(), indices: listed.clone(), index: self.repeat.index, at };
            if out.env.symbol(neighbour.name()).is_none() {
                return out.env.declare_neighbour(neighbour, self.shape(info.shape, block), info.facts);
            }
            of.push('′');
        }
    }

    /// One of the blocks; what its definitions are called.
    fn block(&self, step: u64, taken: &HashMap<Symbol, Symbol>, out: &mut Model) -> HashMap<Symbol, Symbol> {
        let at = self.place.at(step);
        let mut names: HashMap<Symbol, Symbol> = taken.clone();
        for v in self.families.iter().filter(|_| at != At::After(0)) {
            let neighbour = Neighbour { of: v.name, indices: v.indices.clone(), index: self.repeat.index, at };
            names.insert(v.name, neighbour.name());
        }
        for definition in &self.body {
            let expr = self.copied(&definition.expr, &names, at);
            let last = self.repeat.carried.iter().find(|c| c.after == definition.name).map(|c| c.last);
            let name = match last.filter(|_| matches!(self.place, Place::Last(_))) {
                Some(last) => last,
                None => self.named(definition.name, at, at, out),
            };
            names.insert(definition.name, name);
            out.lets.push(Definition { name, latex: None, expr, indices: vec![] });
        }
        names
    }

    /// A formula of the block at one of them.
    fn copied(&self, expr: &Expr, names: &HashMap<Symbol, Symbol>, at: At) -> Expr {
        let index = self.repeat.index;
        let mut out = Builder::default();
        let root = out.copy_with(expr, |out, node| match node {
            // The index as a number.
            Term::Sym(name) if *name == index => match at {
                At::Number(n) => Some(out.add(Term::num(crate::term::Rational::from_integer(n.into())))),
                At::Last { range, .. } => Some(out.add(Term::Size(range))),
                At::After(0) => None,
                At::After(k) => {
                    let parts = [Term::Sym(*name), Term::num(crate::term::Rational::from_integer(k.into()))];
                    let parts = parts.map(|part| out.add(part));
                    Some(out.op(Op::Add, &parts))
                }
            },
            Term::Sym(name) => names.get(name).map(|name| out.add(Term::Sym(*name))),
            Term::Size(size) => {
                let shifted = size.with(&|name| self.model.env.size_at(name, index, at));
                shifted.map(|size| out.add(Term::Size(size)))
            }
            _ => None,
        });
        out.finish(root)
    }

    /// What the last block gives: any function of what the blocks give.
    fn rest(&self, carried: &Carried, given: &HashMap<Symbol, Symbol>, out: &mut Model) -> Result<(), NoWindow> {
        let shape = |name: Symbol| out.env.symbol(name).map(|info| info.shape).ok_or("a value has no shape");
        let arguments = self.repeat.carried.iter().map(|c| shape(given[&c.before]));
        let signature = Signature { arguments: arguments.collect::<Result<_, _>>()?, result: shape(carried.last)? };
        let mut name = format!("rest_{}", stem(carried.before));
        while out.is_taken(name.as_str().into()) {
            name.push('_');
        }
        let name = Symbol::from(name.as_str());
        out.env.declare_call(name, signature.clone());
        out.functions.push(FunctionDeclaration { name, signature });
        let values: Vec<Expr> = self.repeat.carried.iter().map(|c| sym(given[&c.before])).collect();
        let expr = apply(Op::Call(name), &values.iter().collect::<Vec<_>>());
        out.lets.push(Definition::new(carried.last, expr));
        Ok(())
    }

    /// What is made neither of the blocks nor of what moves is any value.
    fn arbitrary(&self, after: &HashSet<Symbol>, out: &mut Model) {
        let kept: Vec<&Expr> = (out.lets.iter().map(|d| &d.expr)).chain(self.ends()).collect();
        let firsts = out.repeats.iter().flat_map(|r| &r.carried).map(|c| c.first);
        let needed: HashSet<Symbol> = kept.into_iter().flat_map(symbols).chain(firsts).collect();
        let upstream = |d: &&Definition| !after.contains(&d.name);
        for d in self.outside().filter(upstream).filter(|d| needed.contains(&d.name)) {
            let Some(info) = self.model.env.symbol(d.name).cloned() else { continue };
            let indices = d.indices.clone();
            out.env.declare_member(d.name, info.shape, info.facts | Facts::CONSTANT, info.indices);
            let facts = Facts::empty();
            out.data.push(Variable {
                name: d.name,
                latex: None,
                shape: info.shape,
                facts,
                fixed: false,
                stopped: false,
                indices,
            });
        }
        let stopped = |name: Symbol| self.model.is_stopped(name);
        out.repeats.retain(|r| r.body.iter().all(|name| stopped(*name) || out.lets.iter().any(|d| d.name == *name)));
    }
}

/// The name that a value is carried under.
fn stem(name: Symbol) -> &'static str {
    name.as_str().split('[').next().unwrap_or_default()
}
