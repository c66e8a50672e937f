//! How members of families and values that blocks carry on are written: with their indices.

use crate::kernel::second_element;
use crate::model::{Carried, Model, Repeat};
use crate::term::print::{Line, Notation, Sign, Spacing, Token};
use crate::term::{At, Env, Index, Symbol, size};
use std::collections::HashMap;

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
    // Members that are named beside the generic one.
    for name in env.names() {
        if let Some(beside) = env.neighbour(name) {
            let set = env.indices_of(&beside.indices);
            let value = |i: Index| if i.name == beside.index { tokens(beside.at, i.name) } else { index(i.name) };
            notation = notation.with_indices(name, beside.of, env.listed(set).map(value).collect());
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
            let turn = model.index(repeat.index).map_or_else(l, |known| range(&known).tokens().to_vec());
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
pub(super) fn zeroth(before: Symbol) -> Symbol {
    format!("{before}[0]").into()
}

/// What the last block gives, where the block around gives it too.
pub(super) fn ending(last: Symbol) -> Symbol {
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

/// The value of an index at a member.
fn tokens(at: At, index: Symbol) -> Vec<Token> {
    let shifted = |mut tokens: Vec<Token>, sign: Sign, by: u64| {
        if by > 0 {
            tokens.extend([Token::Sign(sign, Spacing::Tight), Token::Symbol(by.to_string())]);
        }
        tokens
    };
    let name = || Line::name(index).tokens().to_vec();
    match at {
        At::Number(n) => vec![Token::Symbol(n.to_string())],
        At::After(k) if k < 0 => shifted(name(), Sign::Minus, k.unsigned_abs()),
        At::After(k) => shifted(name(), Sign::Plus, k.unsigned_abs()),
        At::Last { range, before } => {
            let sign = if before < 0 { Sign::Plus } else { Sign::Minus };
            shifted(Line::count(&size(range)).tokens().to_vec(), sign, before.unsigned_abs())
        }
    }
}

/// The last value of an index.
pub(super) fn range(index: &Index) -> Line {
    Line::count(&index.count())
}
