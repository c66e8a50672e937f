//! The last mile for statements about a quantity along a dynamics: restated, projected, combined.

use super::algebra::{difference, dimension, equation, normal, projected, range, usable};
use super::claim::{Conclusion, Judgement, Proved, Refusal};
use super::poly::Poly;
use super::scope::{Scope, Setting};
use super::statement::Statement;
use crate::group::Part;
use crate::model::{Action, Dynamics};
use crate::term::{Expr, Rational, Symbol, add, infer, int, mentions, scaled, zeros};
use num_traits::{One, Zero};
use std::sync::Arc;

type Outcome = Result<Conclusion, Refusal>;

/// A statement about a dynamics among the premises.
pub(super) fn law(premise: &Proved) -> Result<(&Statement, Option<&Dynamics>), Refusal> {
    match premise.judgement() {
        Judgement::Law { statement, dynamics } => Ok((statement, dynamics.as_ref())),
        _ => Err(Refusal("a premise is no law")),
    }
}

/// A quantity and how it changes, in a statement about a dynamics.
fn evolution(statement: &Statement) -> Result<(&Expr, Option<&Expr>), Refusal> {
    statement.evolution().ok_or(Refusal("a premise is not about a quantity along a dynamics"))
}

/// The same statement about another quantity and change.
fn evolved(
    statement: &Statement,
    dynamics: Option<&Dynamics>,
    quantity: &Expr,
    change: &Expr,
) -> Result<Judgement, Refusal> {
    let statement = statement.evolved(quantity.clone(), change.clone()).ok_or(Refusal("nothing evolves"))?;
    Ok(Judgement::Law { statement, dynamics: dynamics.cloned() })
}

/// The zero of a quantity's shape.
fn zero_like(scope: &Scope, quantity: &Expr) -> Result<Expr, Refusal> {
    let data = infer(scope.env(), quantity).map_err(|_| Refusal("a quantity has no shape"))?;
    Ok(if data.shape.is_scalar() { int(0) } else { zeros(data.shape) })
}

/// The same statement with a factor, its quantity and change rewritten by equations that hold all along the motion.
pub(super) fn restated(
    setting: &Setting,
    scope: &Scope,
    factor: &Rational,
    (quantity, change): (&Expr, &Expr),
    coefficients: &[(Expr, Expr)],
    premises: &[Proved],
) -> Outcome {
    let Some((premise, equations)) = premises.split_first() else { return Err(Refusal("nothing is restated")) };
    let (statement, dynamics) = law(premise)?;
    let (old_quantity, old_change) = evolution(statement)?;
    if factor.is_zero() || equations.len() != coefficients.len() {
        return Err(Refusal("the factor is 0, or an equation has no coefficients"));
    }
    let mut stated: Vec<&Expr> = vec![old_quantity];
    stated.extend(old_change);
    usable(premise, &stated, scope)?;
    let zero = zero_like(scope, quantity)?;
    let mut normal = normal(setting, scope);
    let mut rests = Vec::new();
    for (new, old) in [(quantity, Some(old_quantity)), (change, old_change)] {
        let mut rest = normal.of(new)?;
        let before = normal.of(old.unwrap_or(&zero))?;
        if before.shape != rest.shape {
            return Err(Refusal("a statement is restated in another shape"));
        }
        rest.add(&before, &-factor.clone());
        rests.push(rest);
    }
    for (equation_, (first, second)) in equations.iter().zip(coefficients) {
        let (along, l, r) = equation(equation_)?;
        usable(equation_, &[l, r], scope)?;
        if !along.is_empty() || !equation_.hypotheses().hold_everywhere() {
            return Err(Refusal("an equation does not hold all along the motion"));
        }
        let part = difference(&mut normal, l, r)?;
        for (rest, by) in rests.iter_mut().zip([first, second]) {
            let by = normal.of(by)?;
            if by.is_zero() {
                continue;
            }
            if !by.shape.is_scalar() || part.shape != rest.shape {
                return Err(Refusal("an equation of another shape is used"));
            }
            let scaled = normal.multiply(&by, &part, rest.shape)?;
            rest.add(&scaled, &-Rational::one());
        }
    }
    if !rests.iter().all(Poly::is_zero) {
        return Err(Refusal("the statement is not that multiple of the premise"));
    }
    let judgement = evolved(statement, dynamics, quantity, change)?;
    Ok(Conclusion::new(scope.clone(), judgement).counted(premise.count().cloned()))
}

/// A statement for every A of a part of the algebra, with A eliminated.
pub(super) fn projected_flow(
    setting: &Setting,
    symbol: Symbol,
    onto: &(Arc<Action>, Part),
    (quantity, change): (&Expr, &Expr),
    premises: &[Proved],
) -> Outcome {
    let [premise] = premises else { return Err(Refusal("one statement is projected")) };
    let (statement, dynamics) = law(premise)?;
    let (old_quantity, old_change) = evolution(statement)?;
    if mentions(quantity, symbol) || mentions(change, symbol) {
        return Err(Refusal("the symbol is not eliminated"));
    }
    let range = range(premise, symbol, Some(onto))?;
    let mut normal = normal(setting, premise.scope());
    let form = normal.of(old_quantity)?;
    let projected_quantity = projected(&mut normal, &range, symbol, &form)?;
    let stated = normal.of(quantity)?;
    let factor = stated
        .ratio(&projected_quantity)
        .filter(|_| stated.shape == projected_quantity.shape)
        .ok_or(Refusal("the quantity is not the projection of the form"))?;
    let mut rest = normal.of(change)?;
    if rest.shape != stated.shape {
        return Err(Refusal("quantity and change have different shapes"));
    }
    if let Some(old) = old_change {
        let form = normal.of(old)?;
        if !form.is_zero() {
            let projected_change = projected(&mut normal, &range, symbol, &form)?;
            rest.add(&projected_change, &-factor);
        }
    }
    if !rest.is_zero() {
        return Err(Refusal("the change is not the projection of the form"));
    }
    let judgement = evolved(statement, dynamics, quantity, change)?;
    let scope = premise.scope().without(&[symbol]);
    Ok(Conclusion::new(scope, judgement).counted(Some(dimension(&range))))
}

/// A rational combination of statements about one operation of one dynamics.
pub(super) fn combination(coefficients: &[Rational], premises: &[Proved]) -> Outcome {
    let (Some(first), true) = (premises.first(), coefficients.len() == premises.len()) else {
        return Err(Refusal("every statement needs a coefficient"));
    };
    let (statement, dynamics) = law(first)?;
    let (mut quantity, mut change): (Option<Expr>, Option<Expr>) = (None, None);
    let mut scope = first.scope().clone();
    let added = |sum: Option<Expr>, c: &Rational, x: &Expr| {
        let term = scaled(c.clone(), x);
        Some(sum.map_or(term.clone(), |sum| add(&sum, &term)))
    };
    for (premise, c) in premises.iter().zip(coefficients) {
        let (other, motion) = law(premise)?;
        if !statement.is_alike(other) || motion != dynamics {
            return Err(Refusal("statements about different operations are combined"));
        }
        scope = scope.joined(premise.scope()).ok_or(Refusal("a symbol has two meanings"))?;
        let (q, r) = evolution(other)?;
        quantity = added(quantity, c, q);
        if let Some(r) = r {
            change = added(change, c, r);
        }
    }
    let quantity = quantity.ok_or(Refusal("nothing is combined"))?;
    let change = match change {
        Some(change) => change,
        None => zero_like(&scope, &quantity)?,
    };
    Ok(Conclusion::new(scope, evolved(statement, dynamics, &quantity, &change)?).counted(first.count().cloned()))
}
