//! What a count supposes, as data.

use super::batch::sample_sizes;
use super::epsilon::Replaced;
use super::fields::Fields;
use super::functions::Independence;
use super::motion::Subject;
use crate::model::Loss;
use crate::term::{Expr, FunctionRow, Op, Shape, Size, Symbol, Term, sym};
use std::collections::BTreeSet;

/// What a count supposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assumption {
    /// That values of functions are algebraically independent, which is not proved: the count is not certified.
    Independent(Independence),
    /// That these declared functions are generic ones of their kind.
    Generic(Vec<Symbol>),
    /// That these data are the same matrix for all samples, at a generic value.
    Fixed(Vec<Symbol>),
    /// That the number of the dynamics – the friction, the weight decay – is a generic one.
    Coefficient(Symbol),
    /// That the numbers ε of the normalizations are generic ones: it was counted with others in place of them.
    Epsilon(Replaced),
    /// That these data, though they have no column for each sample, are other ones for each sample.
    Varying(Vec<Symbol>),
}

/// What a count of the laws of a model supposes, with what it supposes of values of functions.
pub(super) fn assumptions(
    Subject { model, motion }: Subject,
    fields: &Fields,
    independence: BTreeSet<Independence>,
) -> Vec<Assumption> {
    let formula = match (&model.loss, &model.output) {
        (Loss::Explicit(loss), _) => Some(model.inline(loss)),
        (Loss::Any, Some(output)) => Some(model.inline(&sym(output.name))),
        (Loss::Any, None) => None,
    };
    let nodes = formula.as_ref().map(|formula: &Expr| formula.as_ref()).unwrap_or_default();
    let mut generic: Vec<Symbol> = Vec::new();
    for node in nodes {
        match node {
            Term::Fun(name) if FunctionRow::named(name.as_str()).is_some() => {}
            Term::Fun(name) | Term::Op(Op::Call(name), _) if !generic.contains(name) => generic.push(*name),
            _ => {}
        }
    }
    let coefficient = motion.coefficient();
    let fixed: Vec<Symbol> = fields.fixed().map(|block| block.name).filter(|name| Some(*name) != coefficient).collect();
    let samples: Vec<Size> = sample_sizes(model).map(Size::Name).collect();
    let varies = |shape: Shape| shape.cols != Size::Lit(1) && !samples.contains(&shape.cols);
    let varying: Vec<Symbol> =
        model.data.iter().filter(|d| !fixed.contains(&d.name) && varies(d.shape)).map(|d| d.name).collect();
    let declared = [
        coefficient.map(Assumption::Coefficient),
        (!generic.is_empty()).then_some(Assumption::Generic(generic)),
        (!fixed.is_empty()).then_some(Assumption::Fixed(fixed)),
        (!varying.is_empty()).then_some(Assumption::Varying(varying)),
    ];
    independence.into_iter().map(Assumption::Independent).chain(declared.into_iter().flatten()).collect()
}
