//! Families and repeated blocks as they are written: members with their indices, and the definitions of a block inside of it.

use super::formulas::{Formulas, comma};
use super::prose::{Prose, prose};
use crate::kernel::{Law, Statement, Theorem, second_element};
use crate::model::{Carried, Definition, Model, Repeat};
use crate::term::print::{Line, Notation, Sign, Space, Spacing, Token, line};
use crate::term::{Env, Index, Symbol, sym};
use std::collections::HashMap;

/// The definitions of a model outside of blocks, or those of blocks of some indices.
pub(super) struct Passage {
    /// The indices of the blocks around, with their ranges, the outermost first.
    pub around: Vec<Index>,
    /// How many of these blocks, the innermost, begin here.
    pub begun: usize,
    pub lines: Vec<Line>,
}

/// The notation in which every member of a family has its indices, and a carried value those of the block it is at.
pub(super) fn with_indices(mut notation: Notation, model: &Model, env: &Env) -> Notation {
    let index = |name: Symbol| Line::name(name).tokens().to_vec();
    let own = |name: Symbol, but: Option<Symbol>| -> Vec<Vec<Token>> {
        let set = env.symbol(name).map(|info| info.indices).unwrap_or_default();
        env.listed(set).filter(|i| Some(i.name) != but).map(|i| index(i.name)).collect()
    };
    // An element of an algebra is the one of a law, which is about one value of the indices.
    let element = |name: Symbol| {
        model.actions.iter().filter_map(|action| action.element).any(|g| g == name || second_element(model, g) == name)
    };
    for name in env.names() {
        let listed = own(name, None);
        if !listed.is_empty() && env.index(name).is_none() && (model.env.symbol(name).is_some() || element(name)) {
            notation = notation.with_indices(name, name, listed);
        }
    }
    let place = |name: Symbol, repeat: &Repeat, at: Vec<Token>| {
        let mut indices = own(name, Some(repeat.index));
        indices.push(at);
        indices
    };
    let mut names = Names::default();
    for repeat in &model.repeats {
        let l = || index(repeat.index);
        let before = [l(), vec![Token::Sign(Sign::Minus, Spacing::Tight), Token::Symbol("1".into())]].concat();
        for Carried { before: taken, after, last, .. } in &repeat.carried {
            // What a block gives is called like what it takes; what it makes on the way has a name of its own.
            let base = names.carried(model, repeat, *taken);
            let zero = place(*taken, repeat, vec![Token::Symbol("0".into())]);
            let turn = range(model, repeat.index);
            for (name, indices) in [
                (*taken, place(*taken, repeat, before.clone())),
                (*after, place(*after, repeat, l())),
                (zeroth(*taken), zero),
                (*last, place(*last, repeat, turn.clone())),
                (ending(*last), place(*last, repeat, turn)),
            ] {
                notation = notation.with_indices(name, base, indices);
            }
            let innermost = |name: &Symbol| model.repeats.iter().find(|r| r.body.contains(name));
            let here = |name: &Symbol| innermost(name).is_some_and(|inner| std::ptr::eq(inner, repeat));
            let same = |name: &Symbol| stem(*name) == stem(*after) && spelled(*name);
            for given in repeat.body.iter().filter(|name| *name != after && same(name) && here(name)) {
                notation = notation.with_indices(*given, names.fresh(*given), place(*given, repeat, l()));
            }
        }
    }
    for repeat in &model.repeats {
        for Carried { first, .. } in repeat.carried.iter().filter(|carried| !spelled(carried.first)) {
            let zero = vec![Token::Symbol("0".into())];
            notation = notation.with_indices(*first, *first, place(*first, repeat, zero));
        }
    }
    notation
}

/// Whether a symbol stands for a value on its way through a block, by a name that no model can declare.
fn spelled(name: Symbol) -> bool {
    name.as_str().contains('[')
}

fn stem(name: Symbol) -> &'static str {
    name.as_str().split('[').next().unwrap_or_default()
}

/// What the first block takes, by the name it is carried under.
fn zeroth(before: Symbol) -> Symbol {
    format!("{before}[0]").into()
}

/// What the last block gives, where the block around gives it too.
fn ending(last: Symbol) -> Symbol {
    format!("{last}[1]").into()
}

/// The names under which values are carried: `X`, and with primes those of later blocks, whose values are others.
#[derive(Default)]
struct Names {
    /// How many names a stem has.
    taken: HashMap<&'static str, usize>,
    /// By the outermost block and the stem.
    known: HashMap<(usize, &'static str), Symbol>,
}

impl Names {
    fn fresh(&mut self, name: Symbol) -> Symbol {
        let taken = self.taken.entry(stem(name)).or_default();
        *taken += 1;
        format!("{}{}", stem(name), "′".repeat(*taken - 1)).into()
    }

    /// Blocks inside of each other carry on the same value.
    fn carried(&mut self, model: &Model, repeat: &Repeat, name: Symbol) -> Symbol {
        let holds = |outer: &Repeat| repeat.body.iter().all(|inner| outer.body.contains(inner));
        let outermost = model.repeats.iter().rposition(holds).unwrap_or_default();
        if let Some(known) = self.known.get(&(outermost, stem(name))) {
            return *known;
        }
        let fresh = self.fresh(name);
        self.known.insert((outermost, stem(name)), fresh);
        fresh
    }
}

fn range(model: &Model, index: Symbol) -> Vec<Token> {
    let range = model.indices.iter().find(|known| known.name == index).map(|known| known.range);
    match range {
        Some(range) => Line::count(&crate::term::size(range)).tokens().to_vec(),
        None => Line::name(index).tokens().to_vec(),
    }
}

/// The definitions of a model in order. That a value is carried on is said by its indices.
pub(super) fn passages(model: &Model, formulas: &Formulas) -> Vec<Passage> {
    let mut out: Vec<Passage> = Vec::new();
    let lasts: Vec<Symbol> = model.repeats.iter().flat_map(|r| r.carried.iter().map(|c| c.last)).collect();
    for definition in model.definitions() {
        let blocks: Vec<&Repeat> = model.repeats.iter().rev().filter(|r| r.body.contains(&definition.name)).collect();
        let around = declared(model, &blocks.iter().map(|block| block.index).collect::<Vec<_>>());
        let begins = |block: &&&Repeat| block.body.first() == Some(&definition.name);
        let begun = blocks.iter().filter(begins).count();
        if begun > 0 || out.last().is_none_or(|last| last.around != around) {
            out.push(Passage { around: around.clone(), begun, lines: vec![] });
        }
        let Some(passage) = out.last_mut() else { continue };
        if lasts.contains(&definition.name) {
            let (name, given) = (formulas.name(definition.name), formulas.name(ending(definition.name)));
            passage.lines.extend((name != given).then(|| line![name, " = ", given]));
            continue;
        }
        for block in blocks.iter().filter(begins) {
            passage.lines.extend(block.carried.iter().filter_map(|carried| start(carried, formulas)));
        }
        passage.lines.push(defined(model, &definition, &around, formulas));
    }
    out.retain(|passage| !passage.lines.is_empty());
    out
}

/// `Z[l,0] = Z[l−1]`, for a value that is not written like that already.
fn start(carried: &Carried, formulas: &Formulas) -> Option<Line> {
    let first = formulas.name(carried.first);
    let zero = formulas.name(zeroth(carried.before));
    (first != zero).then(|| line![zero, " = ", first])
}

/// A definition, for each value of the indices of its own.
fn defined(model: &Model, definition: &Definition, around: &[Index], formulas: &Formulas) -> Line {
    let equation = formulas.equation(&sym(definition.name), &definition.expr);
    let mut own = declared(model, &definition.indices);
    own.retain(|index| !around.contains(index));
    if own.is_empty() {
        return equation;
    }
    line![equation, ",", Token::Space(Space::Quad), ranges(&own)]
}

/// `l = 1, …, L, i = 1, …, H`.
pub(super) fn ranges(indices: &[Index]) -> Line {
    let one = |index: &Index| {
        let range = Line::count(&crate::term::size(index.range));
        line![Line::name(index.name), " = 1, …, ", range]
    };
    Line::joined(indices.iter().map(one), comma(Space::Thick))
}

/// The indices for each of whose values a law holds.
pub(super) fn indices(model: &Model, law: &Law) -> Vec<Index> {
    let action = law.action().and_then(|name| model.actions.iter().find(|action| action.name == name));
    // A statement about a tangent is about the element it is of, whatever members the tangent moves.
    let of_tangent = matches!(law.statement(), Statement::Kernel { .. }) || law.theorem() == Theorem::HessianImage;
    match action {
        Some(action) if of_tangent => declared(model, &action.indices),
        None if of_tangent => vec![],
        _ => law.indices().to_vec(),
    }
}

/// Declared indices with their ranges.
pub(super) fn declared(model: &Model, names: &[Symbol]) -> Vec<Index> {
    names.iter().filter_map(|name| model.indices.iter().find(|known| known.name == *name).copied()).collect()
}

/// `for each l and i`; nothing for no index.
pub(super) fn for_each(indices: &[Index]) -> Option<Prose> {
    let names = indices.iter().map(|index| Prose::math(Line::name(index.name))).collect();
    (!indices.is_empty()).then(|| prose!["for each ", Prose::enumerated(names)])
}

/// The sum of something over indices.
pub(super) fn summed(indices: &[Index], of: Line) -> Line {
    if indices.is_empty() {
        return of;
    }
    let index = |index: &Index| {
        let range = Line::count(&crate::term::size(index.range)).tokens().to_vec();
        (Line::name(index.name).tokens().to_vec(), Some(range))
    };
    line![Token::Summation(indices.iter().map(index).collect()), Token::Juxtaposition, of]
}
