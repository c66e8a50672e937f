//! Families and repeated blocks as they are written: members with their indices, and the definitions of a block inside of it.

use super::formulas::{Formulas, comma};
use super::members::{ending, range, zeroth};
use super::prose::{Prose, prose};
use crate::kernel::{Law, Statement, Theorem};
use crate::model::{Carried, Definition, Model, Repeat};
use crate::term::print::{Line, Space, Token, line};
use crate::term::{Index, Symbol, size, sym};

/// The definitions of a model outside of blocks, or those of blocks of some indices.
pub(super) struct Passage {
    /// The indices of the blocks around, with their ranges, the outermost first.
    pub around: Vec<Index>,
    /// How many of these blocks, the innermost, begin here.
    pub begun: usize,
    pub lines: Vec<Line>,
}

/// The definitions of a model in order. That a value is carried on is said by its indices.
pub(super) fn passages(model: &Model, formulas: &Formulas) -> Vec<Passage> {
    let mut out: Vec<Passage> = Vec::new();
    let lasts: Vec<Symbol> = model.repeats.iter().flat_map(|r| r.carried.iter().map(|c| c.last)).collect();
    for definition in model.tied().definitions() {
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
    let one = |index: &Index| line![Line::name(index.name), " = 1, …, ", range(index)];
    Line::joined(indices.iter().map(one), comma(Space::Thick))
}

/// The indices for each of whose values a law holds.
pub(super) fn indices(model: &Model, law: &Law) -> Vec<Index> {
    let action = law.action().and_then(|name| model.action(name));
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
    names.iter().filter_map(|name| model.index(*name)).collect()
}

/// `for each l and i`, `for each l < L` where a member after it is named too; nothing for no index.
pub(super) fn for_each(indices: &[Index]) -> Option<Prose> {
    let one = |index: &Index| match index.less {
        0 => Line::name(index.name),
        1 => line![Line::name(index.name), " < ", Line::count(&size(index.range))],
        _ => line![Line::name(index.name), " ≤ ", range(index)],
    };
    let names = indices.iter().map(|index| Prose::math(one(index))).collect();
    (!indices.is_empty()).then(|| prose!["for each ", Prose::enumerated(names)])
}

/// The sum of something over indices.
pub(super) fn summed(indices: &[Index], of: Line) -> Line {
    if indices.is_empty() {
        return of;
    }
    let index = |index: &Index| (Line::name(index.name).tokens().to_vec(), Some(range(index).tokens().to_vec()));
    line![Token::Summation(indices.iter().map(index).collect()), Token::Juxtaposition, of]
}
