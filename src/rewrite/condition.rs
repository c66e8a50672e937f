//! The conditions of rules, decided on what is known of the matched terms.

use crate::kernel::{Predicate, RuleCondition as Condition};
use crate::term::{Data, Rational, Shape, Size, Term};
use egg::{ENodeOrVar, Var};
use num_traits::One;

/// What a pattern variable is bound to.
pub(super) struct Bound<'a> {
    pub data: &'a Data,
    /// Whether the bound term mentions the isolated symbol.
    pub mentions: bool,
}

/// Decides a condition that binds nothing.
pub(super) fn holds<'a>(condition: &Condition, bound: &dyn Fn(Var) -> Option<Bound<'a>>) -> bool {
    let Some(b) = condition.arguments.first().and_then(variable).and_then(bound) else { return false };
    let Data { shape, facts, .. } = b.data;
    let function = b.data.function.as_ref();
    let value = match condition.predicate {
        Predicate::Scalar => shape.is_scalar(),
        Predicate::Square => shape.is_square(),
        Predicate::Column => shape.cols == Size::Lit(1),
        Predicate::Row => shape.rows == Size::Lit(1),
        Predicate::Plane => *shape == Shape::square(Size::Lit(2)),
        Predicate::Unit => {
            b.data.size == Some(Size::Lit(1)) || b.data.constant.as_deref().is_some_and(Rational::is_one)
        }
        Predicate::Number => b.data.constant.is_some(),
        Predicate::Function => function.is_some(),
        Predicate::Homogeneous | Predicate::Slanted => {
            return number_of(condition, bound).is_some_and(|(_, agrees)| agrees.is_ok());
        }
        Predicate::Odd => function.is_some_and(|f| f.odd),
        Predicate::Even => function.is_some_and(|f| f.even),
        Predicate::Below => {
            let other = condition.arguments.get(1).and_then(variable).and_then(bound).and_then(|other| other.data.size);
            b.data.size.zip(other).is_some_and(|(x, y)| y.minus(x).is_some())
        }
        Predicate::Mentions => b.mentions,
        Predicate::Fact(fact) => facts.contains(fact),
        Predicate::Independent => condition.arguments.get(1).and_then(variable).and_then(bound).is_some_and(|index| {
            index.data.index.is_some() && b.data.indices.intersection(index.data.indices).is_empty()
        }),
    };
    value != condition.negated
}

/// For `homogeneous(?f, ?k)` and its like: the number that ?f has, and the variable ?k it binds (or, for a number in its
/// place, whether it agrees). `None` when ?f has none.
pub(super) fn number_of<'a>(
    condition: &Condition,
    bound: &dyn Fn(Var) -> Option<Bound<'a>>,
) -> Option<(Rational, Result<Option<Var>, ()>)> {
    let function = condition.arguments.first().and_then(variable).and_then(bound)?;
    let number = condition.predicate.number()?(function.data.function.as_ref()?)?.clone();
    let argument = condition.arguments.get(1)?;
    let outcome = match argument.as_ref().last()? {
        ENodeOrVar::Var(var) => match bound(*var) {
            Some(b) if b.data.constant.as_deref() == Some(&number) => Ok(None),
            Some(_) => Err(()),
            None => Ok(Some(*var)),
        },
        ENodeOrVar::ENode(Term::Num(value)) if **value == number => Ok(None),
        ENodeOrVar::ENode(_) => Err(()),
    };
    Some((number, outcome))
}

/// The variable a condition's argument is.
pub(super) fn variable(argument: &egg::PatternAst<Term>) -> Option<Var> {
    match argument.as_ref() {
        [ENodeOrVar::Var(var)] => Some(*var),
        _ => None,
    }
}
