//! What a count supposes, as data.

use super::batch::sample_sizes;
use super::fields::Fields;
use crate::model::{Loss, Model};
use crate::term::{Arithmetic, Expr, FunctionRow, Op, Shape, Size, Symbol, Term, sym};

/// What a count supposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assumption {
    /// That the values of these functions and operators at the arguments that occur are algebraically independent, up to the
    /// relations that are kept.
    Independent(Vec<String>),
    /// That these declared functions are generic ones of their kind.
    Generic(Vec<Symbol>),
    /// That these data are the same matrix for all samples, at a generic value.
    Fixed(Vec<Symbol>),
    /// That these data, though they have no column for each sample, are other ones for each sample.
    Varying(Vec<Symbol>),
}

/// What a count of the laws of a model supposes.
pub(super) fn assumptions(model: &Model, fields: &Fields) -> Vec<Assumption> {
    let formula = match (&model.loss, &model.output) {
        (Loss::Explicit(loss), _) => Some(model.inline(loss)),
        (Loss::Any, Some(output)) => Some(model.inline(&sym(output.name))),
        (Loss::Any, None) => None,
    };
    let nodes = formula.as_ref().map(|formula: &Expr| formula.as_ref()).unwrap_or_default();
    let mut independent: Vec<String> = Vec::new();
    let mut generic: Vec<Symbol> = Vec::new();
    for node in nodes {
        match node {
            Term::Fun(name) => match FunctionRow::named(name.as_str()) {
                Some(row) if row.is_transcendental() => push(&mut independent, name.to_string()),
                Some(_) => {}
                None => push(&mut generic, *name),
            },
            Term::Op(Op::Call(name), _) => push(&mut generic, *name),
            Term::Op(op, _) if op.row().arithmetic == Arithmetic::Transcendental => {
                push(&mut independent, op.name().unwrap_or("?").to_string());
            }
            _ => {}
        }
    }
    let fixed: Vec<Symbol> = fields.fixed().map(|block| block.name).collect();
    let samples: Vec<Size> = sample_sizes(model).map(Size::Name).collect();
    let varies = |shape: Shape| shape.cols != Size::Lit(1) && !samples.contains(&shape.cols);
    let varying: Vec<Symbol> =
        model.data.iter().filter(|d| !fixed.contains(&d.name) && varies(d.shape)).map(|d| d.name).collect();
    let all = [
        (!independent.is_empty()).then_some(Assumption::Independent(independent)),
        (!generic.is_empty()).then_some(Assumption::Generic(generic)),
        (!fixed.is_empty()).then_some(Assumption::Fixed(fixed)),
        (!varying.is_empty()).then_some(Assumption::Varying(varying)),
    ];
    all.into_iter().flatten().collect()
}

fn push<T: PartialEq>(all: &mut Vec<T>, one: T) {
    if !all.contains(&one) {
        all.push(one);
    }
}
