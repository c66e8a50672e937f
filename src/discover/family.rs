//! Symmetries of families: found where a few members are written out, each told of the family it is about. What moves the members at
//! one value of an index is told of the generic one, what moves all of them alike of all, and what moves members of blocks beside each
//! other, of the first or of the last block, of these by name. Whether it holds for every number of members is for the proof to say.

use super::candidate::fresh;
use crate::group::{GroupId, GroupInstance};
use crate::model::{Action, Model, Repeat, SizeError, Values, Variable, WrittenOut};
use crate::term::{At, Builder, Expr, Index, Indices, Neighbour, Op, Size, Sizes, Symbol, Term, apply, sym, symbols};
use egg::{Id, Language};
use petgraph::unionfind::UnionFind;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many members of each index are written out: what moves one of two alike is about a generic one, and what moves blocks beside
/// each other, or the first or the last one, is told from what moves all of them by the proof.
const MEMBERS: usize = 2;

/// How many blocks after another one may be moved with it.
const REACH: i64 = 1;

/// The sizes at which a model is written out: with two members of each index, or with so many blocks.
pub fn instance(model: &Model, sizes: &Sizes, blocks: usize) -> Sizes {
    let mut out = sizes.clone();
    for range in model.ranges() {
        let is_block = |r: &Repeat| model.index(r.index).is_some_and(|index| index.range == Size::Name(range));
        out.set(range, if model.repeats.iter().any(is_block) { blocks } else { MEMBERS });
    }
    out
}

/// A model with families, and which of its members each parameter is that is written out.
pub struct Families<'a> {
    /// With a name for every neighbour of a generic member.
    model: &'a Model,
    written: WrittenOut<'a>,
    members: HashMap<Symbol, (Symbol, Values)>,
    sizes: &'a Sizes,
}

/// Which members a value of an index stands for in an action that is told of families.
#[derive(Clone, Copy, PartialEq)]
enum Told {
    /// The one at this value is the generic one.
    Generic(u64),
    /// It is the first, or the last one.
    End(At),
    All,
}

/// A model in which every neighbour of a generic member has a name.
pub fn with_neighbours(model: &Model) -> Model {
    let mut out = model.clone();
    for param in &model.params {
        for repeat in &model.repeats {
            let (true, Some(index)) = (param.indices.contains(&repeat.index), model.index(repeat.index)) else {
                continue;
            };
            let ends = [At::Number(1), At::Last { range: index.range, before: 0 }];
            for at in (1..=REACH).map(At::After).chain(ends) {
                let beside = Neighbour { of: param.name, indices: param.indices.clone(), index: repeat.index, at };
                let shape = out.env.shape_at(param.shape, repeat.index, at);
                out.env.declare_neighbour(beside, shape, param.facts);
            }
        }
    }
    out
}

impl<'a> Families<'a> {
    /// The members at some sizes of a model whose neighbours have names.
    pub fn new(model: &'a Model, sizes: &'a Sizes) -> Result<Families<'a>, SizeError> {
        let written = WrittenOut::new(model, sizes)?;
        let of = |param: &Variable| {
            let all = written.members(param.name, &vec![]).into_iter();
            all.map(|(member, at)| (member, (param.name, at))).collect::<Vec<_>>()
        };
        let members = model.params.iter().flat_map(of).collect();
        Ok(Families { model, written, members, sizes })
    }

    /// How far an index runs.
    fn range(&self, index: Symbol) -> u64 {
        self.model.index(index).and_then(|index| index.last(self.sizes)).unwrap_or(1)
    }

    fn is_block(&self, index: Symbol) -> bool {
        self.model.repeats.iter().any(|repeat| repeat.index == index)
    }

    /// What an action of members may be an instance of, the most general first.
    pub fn told(&self, action: &Action) -> Vec<Action> {
        let mut all: Vec<Vec<(Symbol, Told)>> = vec![vec![]];
        for index in &self.model.indices {
            let told = self.told_of(index.name, &self.values(index.name, action));
            let with = |before: &Vec<(Symbol, Told)>| {
                told.iter().map(|told| [before.as_slice(), &[(index.name, *told)]].concat()).collect::<Vec<_>>()
            };
            if !told.is_empty() {
                all = all.iter().flat_map(with).collect();
            }
        }
        all.iter().filter_map(|told| self.statement(action, told)).collect()
    }

    /// The values of an index at which an action moves members.
    fn values(&self, index: Symbol, action: &Action) -> BTreeSet<u64> {
        let places = action.images.iter().filter_map(|(name, _)| self.members.get(name));
        places.flat_map(|(_, at)| at.iter().filter(|(name, _)| *name == index).map(|(_, k)| *k)).collect()
    }

    /// Which members it may be that an action moves at some values of an index, the most general first; nothing where it moves none.
    fn told_of(&self, index: Symbol, values: &BTreeSet<u64>) -> Vec<Told> {
        let (Some(&first), Some(&last)) = (values.first(), values.last()) else { return vec![] };
        match (self.is_block(index), first == last) {
            (true, true) => {
                // One element for each block says more than one for all.
                let all = (self.range(index) == 1).then_some(Told::All);
                let ends = self.ends(index).into_iter().filter(|(at, _)| *at == first).map(|(_, end)| Told::End(end));
                std::iter::once(Told::Generic(first)).chain(all).chain(ends).collect()
            }
            (true, false) => vec![Told::All, Told::Generic(first)],
            (false, true) => vec![Told::Generic(first)],
            (false, false) => vec![Told::All],
        }
    }

    /// The first and the last value of an index.
    fn ends(&self, index: Symbol) -> [(u64, At); 2] {
        let range = self.model.index(index).map_or(Size::Lit(1), |index| index.range);
        [(1, At::Number(1)), (self.range(index), At::Last { range, before: 0 })]
    }

    /// The action on families that has this one as an instance, where each of its indices is told so.
    fn statement(&self, action: &Action, told: &[(Symbol, Told)]) -> Option<Action> {
        let element = action.element.map(|g| fresh(self.model, g.as_str()));
        let size = |name: Symbol| self.size(name, told);
        let renamed = |name: Symbol| match (action.element, element) {
            (Some(g), Some(free)) if g == name => Some(free),
            _ => match self.members.get(&name) {
                Some((family, at)) => self.member(*family, at, told),
                None => Some(name),
            },
        };
        let mut images: Vec<(Symbol, Expr)> = Vec::new();
        let mut counted: BTreeMap<Symbol, u64> = BTreeMap::new();
        for (name, image) in &action.images {
            let (name, image) = (renamed(*name)?, rewritten(image, &renamed, &size)?);
            *counted.entry(name).or_default() += 1;
            match images.iter().find(|(other, _)| *other == name) {
                Some((_, other)) if *other != image => return None,
                Some(_) => {}
                None => images.push((name, image)),
            }
        }
        let generic = |index: &&(Symbol, Told)| matches!(index.1, Told::Generic(_));
        let indices: Vec<Symbol> = told.iter().filter(generic).map(|(index, _)| *index).collect();
        let all = |index: &&Symbol| told.iter().any(|(name, told)| name == *index && *told == Told::All);
        for (name, image) in &images {
            let own = match self.model.env.neighbour(*name) {
                Some(neighbour) => neighbour.open(),
                None => self.model.param(*name)?.indices.clone(),
            };
            // Every member moves of which the action does not say which it is.
            if counted[name] != own.iter().filter(all).map(|index| self.range(*index)).product::<u64>() {
                return None;
            }
            // What members share may be shifted by one of them.
            if indices.iter().any(|index| !own.contains(index)) && Action::displacement(*name, image).is_none() {
                return None;
            }
        }
        let sizes = action.group.sizes.iter().map(|s| s.with(&|name| size(name).unwrap_or(Size::Name(name))));
        let sizes = sizes.collect::<Option<_>>()?;
        let plain = action.name.as_str().split(['[', ']']).step_by(2).collect::<String>();
        Some(Action {
            name: plain.as_str().into(),
            element,
            images,
            indices,
            group: GroupInstance { sizes, ..action.group.clone() },
            ..action.clone()
        })
    }

    /// The name of a member where indices are told so; none for one that has none.
    fn member(&self, family: Symbol, at: &Values, told: &[(Symbol, Told)]) -> Option<Symbol> {
        let mut beside = None;
        for (index, k) in at {
            let place = match told.iter().find(|(name, _)| name == index).map(|(_, told)| told) {
                Some(Told::Generic(from)) if k == from => continue,
                Some(Told::All) => continue,
                Some(Told::Generic(from)) => At::After(i64::try_from(*k).ok()? - i64::try_from(*from).ok()?),
                Some(Told::End(at)) => *at,
                None => return None,
            };
            // Of one index only.
            if beside.replace((*index, place)).is_some() {
                return None;
            }
        }
        let Some((index, at)) = beside else { return Some(family) };
        let indices = self.model.param(family)?.indices.clone();
        let name = Neighbour { of: family, indices, index, at }.name();
        self.model.env.neighbour(name).map(|_| name)
    }

    /// The size of a layer where indices are told so.
    fn size(&self, name: Symbol, told: &[(Symbol, Told)]) -> Option<Size> {
        let Some((of, number)) = name.as_str().strip_suffix(']').and_then(|name| name.split_once('[')) else {
            return Some(Size::Name(name));
        };
        let number: i64 = number.parse().ok()?;
        let of_index = |index: &Index| {
            let last = i64::try_from(self.range(index.name)).ok()?;
            let at = match told.iter().find(|(name, _)| *name == index.name) {
                Some((_, Told::Generic(from))) => At::After(number - i64::try_from(*from).ok()?),
                Some((_, Told::End(At::Number(_)))) => At::Number(u64::try_from(number).ok()?),
                _ if number == 0 => At::Number(0),
                _ => At::Last { range: index.range, before: last - number },
            };
            let written: Symbol = format!("{of}[{}]", at.text(index.name)).into();
            self.model.env.size(written).filter(|known| known.index == index.name).map(|_| Size::Name(written))
        };
        self.model.indices.iter().find_map(of_index)
    }

    /// The permutations of the values of each index, of what depends on it and is computed together.
    pub fn exchanges(&self) -> Vec<Action> {
        let carries = |index: Symbol| self.model.repeats.iter().any(|r| r.index == index && !r.carried.is_empty());
        let indices = self.model.indices.iter().filter(|index| !carries(index.name));
        indices
            .flat_map(|index| self.together(*index).into_iter().filter_map(|of| self.exchange(*index, &of)))
            .collect()
    }

    /// The parameters with an index, by what is computed from them for each of its values.
    fn together(&self, index: Index) -> Vec<Vec<Symbol>> {
        let env = &self.model.env;
        let has = |name: &Symbol| {
            let own = env.symbol(*name).map_or(Indices::NONE, |info| info.indices);
            own.contains(env.indices_of(&[index.name]))
        };
        let nodes: Vec<Symbol> = self
            .model
            .params
            .iter()
            .map(|p| p.name)
            .chain(self.model.lets.iter().map(|d| d.name))
            .filter(has)
            .collect();
        let at = |name: Symbol| nodes.iter().position(|node| *node == name);
        let mut sets = UnionFind::<usize>::new(nodes.len());
        for definition in self.model.definitions() {
            let read = symbols(&definition.expr).filter_map(at).chain(at(definition.name)).collect::<Vec<_>>();
            read.windows(2).for_each(|pair| _ = sets.union(pair[0], pair[1]));
        }
        let mut out: BTreeMap<usize, Vec<Symbol>> = BTreeMap::new();
        for (k, name) in nodes.iter().enumerate().filter(|(_, name)| self.model.param(**name).is_some()) {
            out.entry(sets.find(k)).or_default().push(*name);
        }
        let mut out: Vec<Vec<Symbol>> = out.into_values().collect();
        out.sort_by_key(|of| at(of[0]));
        out
    }

    fn exchange(&self, index: Index, of: &[Symbol]) -> Option<Action> {
        let own = |name: &Symbol| self.model.param(*name).map(|p| p.indices.as_slice()).unwrap_or_default();
        let common = |other: &&Symbol| **other != index.name && of.iter().all(|name| own(name).contains(other));
        let indices = own(of.first()?).iter().filter(common).copied().collect();
        let p = fresh(self.model, "p");
        let image = |name: &Symbol| (*name, apply(Op::Relabelled, &[&sym(index.name), &sym(p), &sym(*name)]));
        Some(Action {
            name: format!("exchange_{}", index.range).as_str().into(),
            group: GroupId::Permutation.of(&[index.range]),
            element: Some(p),
            images: of.iter().map(image).collect(),
            output: None,
            loss: None,
            indices,
        })
    }

    /// The exchange of the first two members where every other index of an action is 1: pairs of members.
    pub fn exchanged(&self, action: &Action) -> Vec<(Symbol, Symbol)> {
        let Some(index) = action.exchanged() else { return vec![] };
        let first: Values = action.indices.iter().map(|index| (*index, 1)).collect();
        let of = |(param, _): &(Symbol, Expr)| {
            let moved = self.written.members(*param, &first).into_iter().filter_map(|(member, mut at)| {
                let k = at.iter_mut().find(|(name, _)| *name == index).filter(|(_, k)| *k <= 2)?;
                k.1 = 3 - k.1;
                Some((member, self.written.member(*param, &at)))
            });
            moved.collect::<Vec<_>>()
        };
        action.images.iter().flat_map(of).collect()
    }
}

/// A formula with other names for its symbols and sizes.
fn rewritten(
    expr: &Expr,
    name: &dyn Fn(Symbol) -> Option<Symbol>,
    size: &dyn Fn(Symbol) -> Option<Size>,
) -> Option<Expr> {
    let mut out = Builder::default();
    let mut ids: Vec<Id> = Vec::with_capacity(expr.len());
    for node in expr.as_ref() {
        let node = match node {
            Term::Sym(symbol) => Term::Sym(name(*symbol)?),
            Term::Size(s) if s.names().iter().any(|name| size(*name).is_none()) => return None,
            Term::Size(s) => Term::Size(s.with(&|name| size(name).unwrap_or(Size::Name(name)))?),
            node => node.clone().map_children(|child| ids[usize::from(child)]),
        };
        ids.push(out.add(node));
    }
    let root = *ids.last()?;
    Some(out.finish(root))
}
