//! Equations as a law: several together, or all that one equation says for every value of some matrices.

use super::algebra::{Outcome, difference, dimension, equation, normal, projected, range};
use super::claim::{Conclusion, Judgement, Proved, Refusal, derivation};
use super::count::{Count, Reason, sum};
use super::element::Element;
use super::hypothesis::Hypothesis;
use super::members;
use super::normal::Normal;
use super::poly::{Monomial, Poly};
use super::scope::{Scope, Setting};
use super::statement::Statement;
use crate::term::{Env, Expr, Shape, Symbol, infer, symbols};
use std::collections::HashMap;

/// Equations as one law.
pub(super) fn equations(element: Option<Symbol>, premises: &[Proved]) -> Outcome {
    let first = premises.first().ok_or(Refusal("a law needs an equation"))?;
    let mut scope = first.scope().clone();
    let (mut all, mut counts) = (Vec::new(), Vec::new());
    for premise in premises {
        let (along, lhs, rhs) = equation(premise)?;
        if !along.is_empty() {
            return Err(Refusal("a law does not depend on a direction"));
        }
        scope = scope.joined(premise.scope()).ok_or(Refusal("a symbol has two meanings"))?;
        counts.push(counted(premise.scope().env(), premise.count().cloned(), lhs, rhs)?);
        all.push((lhs.clone(), rhs.clone()));
    }
    law(scope, element, all, &counts, premises)
}

/// The equations that a scalar one, linear in some matrices and true for all their values, says: one for what is paired with each.
pub(super) fn separation(
    setting: &Setting,
    element: Symbol,
    parts: &[(Symbol, Expr, Expr)],
    premises: &[Proved],
) -> Outcome {
    let [premise] = premises else { return Err(Refusal("one equation is separated")) };
    let (along, l, r) = equation(premise)?;
    if !along.is_empty() {
        return Err(Refusal("a law does not depend on a direction"));
    }
    let names: HashMap<Symbol, usize> = parts.iter().enumerate().map(|(i, (name, ..))| (*name, i)).collect();
    let stated = || parts.iter().flat_map(|(_, lhs, rhs)| [lhs, rhs]);
    if names.len() != parts.len() || stated().flat_map(symbols).any(|name| names.contains_key(&name)) {
        return Err(Refusal("a symbol is not eliminated"));
    }
    let mut normal = normal(setting, premise.scope());
    let form = difference(&mut normal, l, r)?;
    let mut forms = vec![Poly::zero(Shape::SCALAR); parts.len()];
    for (monomial, coefficient) in form.terms {
        let about =
            holder(&normal, &monomial, &names).ok_or(Refusal("a summand is paired with none of the symbols"))?;
        forms[about].push(monomial, coefficient);
    }
    let (mut all, mut counts) = (Vec::new(), Vec::new());
    for ((symbol, lhs, rhs), form) in parts.iter().zip(&forms) {
        let range = range(premise, *symbol, None)?;
        let matrix = projected(&mut normal, &range, *symbol, form)?;
        let stated = difference(&mut normal, lhs, rhs)?;
        if stated.shape != matrix.shape || stated.ratio(&matrix).is_none() {
            return Err(Refusal("an equation is not what is paired with its symbol"));
        }
        counts.push(counted(premise.scope().env(), Some(dimension(&range)), lhs, rhs)?);
        all.push((lhs.clone(), rhs.clone()));
    }
    let gone: Vec<Symbol> = parts.iter().map(|(name, ..)| *name).collect();
    law(premise.scope().without(&gone), Some(element), all, &counts, premises)
}

/// The first of some symbols that a monomial mentions.
fn holder(normal: &Normal, monomial: &Monomial, names: &HashMap<Symbol, usize>) -> Option<usize> {
    monomial.scalars.iter().find_map(|(id, _)| normal.first_symbol(*id, |name| names.get(&name).copied()))
}

/// How many scalar statements an equation is, for all members of families that it is about.
fn counted(env: &Env, known: Option<Count>, lhs: &Expr, rhs: &Expr) -> Result<Count, Refusal> {
    let data = infer(env, lhs).map_err(|_| Refusal("an equation has no shape"))?;
    let free = data.indices.union(members::indices(env, rhs)?);
    Ok(known.unwrap_or_else(|| Count::entries(data.shape)).for_each(env, free))
}

fn law(
    scope: Scope,
    element: Option<Symbol>,
    equations: Vec<(Expr, Expr)>,
    counts: &[Count],
    premises: &[Proved],
) -> Outcome {
    let element = element.map(|symbol| named_element(symbol, premises)).transpose()?;
    let count = match counts {
        [one] => one.clone(),
        many => Count::new(sum(many.iter().map(|c| c.formula.clone())), Reason::Sum),
    };
    let motion = premises.iter().flat_map(|p| p.hypotheses().as_slice()).find_map(|h| match h {
        Hypothesis::Motion { dynamics, .. } => Some(dynamics.clone()),
        _ => None,
    });
    let judgement = Judgement::Law { statement: Statement::Equations { element, equations }, dynamics: motion };
    Ok(Conclusion::new(scope, judgement).counted(Some(count)))
}

/// The element a symbol is in the tangent that the premises rest on.
fn named_element(symbol: Symbol, premises: &[Proved]) -> Result<Element, Refusal> {
    let mut found = premises.iter().flat_map(derivation).filter_map(|c| match c.judgement() {
        Judgement::Tangent(tangent) if tangent.element.symbol == symbol => Some(tangent.element.clone()),
        _ => None,
    });
    found.next().ok_or(Refusal("the symbol is no element of a Lie algebra"))
}
