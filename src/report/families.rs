//! Families and repeated blocks as they are written: members with their indices, and the definitions of a block inside of it.

use super::formulas::{Formulas, comma};
use super::prose::{Prose, prose};
use crate::model::{Carried, Definition, Model, Repeat};
use crate::term::print::{Line, Notation, Sign, Space, Spacing, Token, line};
use crate::term::{Env, Index, Size, Symbol, sym};

/// The definitions of a model outside of blocks, or those of blocks of some indices.
pub(super) struct Passage {
    /// The indices of the blocks around, with their ranges, the outermost first.
    pub around: Vec<Index>,
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
    let element = |name: Symbol| model.actions.iter().any(|action| action.element == Some(name));
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
    for repeat in &model.repeats {
        let l = || index(repeat.index);
        let before = [l(), vec![Token::Sign(Sign::Minus, Spacing::Tight), Token::Symbol("1".into())]].concat();
        for Carried { before: taken, after, last, .. } in &repeat.carried {
            // What a block gives in between is called like what it gives at its end, with another prime.
            let given = repeat.body.iter().filter(|name| stem(**name) == stem(*after) && spelled(**name));
            for given in given {
                notation = notation.with_indices(*given, based(*given), place(*given, repeat, l()));
            }
            notation = notation.with_indices(*taken, based(*taken), place(*taken, repeat, before.clone()));
            let zero = place(*taken, repeat, vec![Token::Symbol("0".into())]);
            notation = notation.with_indices(zeroth(*taken), based(*taken), zero);
            notation = notation.with_indices(*last, based(*last), place(*last, repeat, range(model, repeat.index)));
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

/// `X` for `X[l-1]`, with the primes behind it.
fn based(name: Symbol) -> Symbol {
    let unprimed = name.as_str().trim_end_matches('′');
    format!("{}{}", stem(name), &name.as_str()[unprimed.len()..]).into()
}

fn range(model: &Model, index: Symbol) -> Vec<Token> {
    let range = model.indices.iter().find(|known| known.name == index).map(|known| known.range);
    match range {
        Some(Size::Lit(n)) => vec![Token::Symbol(n.to_string())],
        Some(Size::Name(name)) => Line::name(name).tokens().to_vec(),
        None => Line::name(index).tokens().to_vec(),
    }
}

/// The definitions of a model in order. That a value is carried on is said by its indices.
pub(super) fn passages(model: &Model, formulas: &Formulas) -> Vec<Passage> {
    let mut out: Vec<Passage> = Vec::new();
    let lasts: Vec<Symbol> = model.repeats.iter().flat_map(|r| r.carried.iter().map(|c| c.last)).collect();
    for definition in model.definitions().into_iter().filter(|d| !lasts.contains(&d.name)) {
        let blocks: Vec<&Repeat> = model.repeats.iter().rev().filter(|r| r.body.contains(&definition.name)).collect();
        let around: Vec<Index> = blocks.iter().filter_map(|block| declared(model, block.index)).collect();
        let enters = out.last().is_none_or(|last| last.around != around);
        if enters {
            out.push(Passage { around: around.clone(), lines: vec![] });
        }
        let Some(passage) = out.last_mut() else { continue };
        if let Some(block) = blocks.last().filter(|block| block.body.first() == Some(&definition.name)) {
            passage.lines.extend(block.carried.iter().filter_map(|carried| start(carried, formulas)));
        }
        passage.lines.push(defined(model, &definition, &around, formulas));
    }
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
    let own: Vec<Index> = (definition.indices.iter())
        .filter(|index| around.iter().all(|known| known.name != **index))
        .filter_map(|index| declared(model, *index))
        .collect();
    if own.is_empty() {
        return equation;
    }
    line![equation, ",", Token::Space(Space::Quad), ranges(&own)]
}

fn declared(model: &Model, index: Symbol) -> Option<Index> {
    model.indices.iter().find(|known| known.name == index).copied()
}

/// `l = 1, …, L, i = 1, …, H`.
pub(super) fn ranges(indices: &[Index]) -> Line {
    let one = |index: &Index| {
        let range = Line::count(&crate::term::size(index.range));
        line![Line::name(index.name), " = 1, …, ", range]
    };
    Line::joined(indices.iter().map(one), comma(Space::Thick))
}

/// `for each l and i`; nothing for no index.
pub(super) fn each(indices: &[Index]) -> Option<Prose> {
    let names = indices.iter().map(|index| Prose::math(Line::name(index.name))).collect();
    (!indices.is_empty()).then(|| prose!["for each ", Prose::enumerated(names)])
}
