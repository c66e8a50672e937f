//! The last mile as inferences: instances, linear combinations and projections of equations.

use super::arena::Arena;
use super::claim::{Conclusion, Judgement, Proved, Refusal, family_of};
use super::count::{Count, Reason};
use super::members;
use super::normal::{NoForm, Normal};
use super::poly::Poly;
use super::scope::{Scope, Setting};
use crate::group::{Constraint, Part};
use crate::model::{Action, Model};
use crate::term::{Expr, Facts, Op, Rational, Symbol, Term, infer, inner, mentions, substitute};
use num_traits::{One, Zero};
use std::collections::HashMap;
use std::sync::Arc;

impl From<NoForm> for Refusal {
    fn from(_: NoForm) -> Refusal {
        Refusal("a formula has no shape in its scope, or its normal form is too large")
    }
}

pub(super) type Outcome = Result<Conclusion, Refusal>;

/// The directions of an equation's differentials, and its sides.
pub(super) type Sides<'a> = (&'a [(Symbol, Expr)], &'a Expr, &'a Expr);

/// An equation among the premises.
pub(super) fn equation(premise: &Proved) -> Result<Sides<'_>, Refusal> {
    match premise.judgement() {
        Judgement::Equation { along, lhs, rhs } => Ok((along, lhs, rhs)),
        _ => Err(Refusal("a premise is no equation")),
    }
}

/// Whether a claim about some formulas in one scope may be used in another.
pub(super) fn usable(premise: &Proved, formulas: &[&Expr], scope: &Scope) -> Result<(), Refusal> {
    let mentioned = |name: Symbol| formulas.iter().any(|f| mentions(f, name));
    match premise.scope().covers(scope, mentioned) {
        true => Ok(()),
        false => Err(Refusal("a premise does not hold for all values of the symbols of the conclusion")),
    }
}

/// The normal forms of a scope.
pub(super) fn normal<'a>(setting: &Setting, scope: &'a Scope) -> Normal<'a> {
    Normal::new(scope.env(), setting.output_of_loss())
}

/// The normal form of lhs − rhs.
pub(super) fn difference(normal: &mut Normal, lhs: &Expr, rhs: &Expr) -> Result<Poly, Refusal> {
    Ok(normal.sum(&[(Rational::one(), lhs), (-Rational::one(), rhs)])?)
}

/// Whether two formulas have one normal form.
pub(super) fn same(setting: &Setting, scope: &Scope, x: &Expr, y: &Expr) -> Result<bool, Refusal> {
    if x == y {
        return Ok(true);
    }
    let mut normal = normal(setting, scope);
    Ok(difference(&mut normal, x, y)?.is_zero())
}

fn mentions_op(formulas: &[&Expr], which: impl Fn(&Op) -> bool) -> bool {
    formulas.iter().any(|f| f.as_ref().iter().any(|node| matches!(node, Term::Op(op, _) if which(op))))
}

/// An equation with formulas in place of symbols that it holds for all values of: symbols of its scope, and parameters where it
/// is about nothing that depends on them otherwise.
pub(super) fn instance(setting: &Setting, scope: &Scope, images: &[(Symbol, Expr)], premises: &[Proved]) -> Outcome {
    let [premise] = premises else { return Err(Refusal("an instance is of one claim")) };
    let (along, lhs, rhs) = equation(premise)?;
    let map: HashMap<Symbol, Expr> = images.iter().cloned().collect();
    let mut sides = vec![lhs, rhs];
    sides.extend(along.iter().map(|(_, direction)| direction));
    let differential = mentions_op(&sides, |op| *op == Op::Diff);
    let model = setting.model();
    let about = |name: Symbol| sides.iter().any(|s| mentions(s, name));
    let pointwise = || {
        !mentions_op(&sides, |op| op.is_quantity() || *op == Op::Diff)
            && !model.lets.iter().chain(&model.output).any(|d| about(d.name))
            && !about(Model::loss_symbol())
    };
    let mut arena = Arena::new(scope.env());
    for (name, image) in images {
        let own = premise.scope().own(*name).cloned();
        let info = match own {
            Some(info) => info,
            None if pointwise() && model.params.iter().any(|p| p.name == *name) => {
                model.env.symbol(*name).cloned().ok_or(Refusal("an unknown symbol is replaced"))?
            }
            None => return Err(Refusal("the claim does not hold for all values of a symbol that is replaced")),
        };
        if along.iter().any(|(symbol, _)| symbol == name) {
            return Err(Refusal("a symbol that moves is replaced"));
        }
        let id = arena.copy(image).map_err(|_| Refusal("an image has no shape"))?;
        let data = arena.data(id);
        // Where nothing is differentiated, it does not matter whether a matrix moves.
        let wanted = if differential { info.facts } else { info.facts - Facts::CONSTANT };
        // A symbol that is one for all members cannot become something that differs among them.
        if data.shape != info.shape || !data.facts.contains(wanted) || !info.indices.contains(data.indices) {
            return Err(Refusal("an image is none of the matrices that the claim is about"));
        }
        let satisfied = |constraint: Constraint| match crate::term::root(image) {
            Term::Sym(other) => scope.satisfies(*other, constraint),
            _ => crate::term::is_zero(image) && constraint.is_linear(),
        };
        if !premise.scope().constraints_on(*name).all(satisfied) {
            return Err(Refusal("an image need not be one of the matrices that the claim is about"));
        }
    }
    let gone: Vec<Symbol> = images.iter().map(|(name, _)| *name).collect();
    let rest = premise.scope().without(&gone);
    let mentioned = |name: Symbol| !gone.contains(&name) && about(name);
    if !rest.covers(scope, mentioned) {
        return Err(Refusal("the instance holds for fewer symbols"));
    }
    let at = |e: &Expr| substitute(e, &map);
    let along = along.iter().map(|(name, direction)| (*name, at(direction))).collect();
    let judgement = Judgement::Equation { along, lhs: at(lhs), rhs: at(rhs) };
    Ok(Conclusion::new(scope.clone(), judgement).counted(premise.count().cloned()))
}

/// An equation that is a linear combination of others in normal form.
pub(super) fn linear(
    setting: &Setting,
    scope: &Scope,
    (lhs, rhs): (&Expr, &Expr),
    coefficients: &[Expr],
    premises: &[Proved],
) -> Outcome {
    if coefficients.len() != premises.len() {
        return Err(Refusal("every premise needs a coefficient"));
    }
    let mut normal = normal(setting, scope);
    // The multiples by numbers are added up as they stand.
    let mut rest: Vec<(Rational, &Expr)> = vec![(Rational::one(), lhs), (-Rational::one(), rhs)];
    let mut further: Option<Poly> = None;
    let mut directions: Option<Vec<(Symbol, Expr)>> = None;
    let mut count = None;
    for (i, (premise, coefficient)) in premises.iter().zip(coefficients).enumerate() {
        let (along, l, r) = equation(premise)?;
        usable(premise, &[l, r], scope)?;
        if !along.is_empty() && directions.get_or_insert_with(|| along.to_vec()) != along {
            return Err(Refusal("differentials along different directions are added"));
        }
        let by = normal.of(coefficient)?;
        if !by.shape.is_scalar() {
            return Err(Refusal("an equation is multiplied by a matrix"));
        }
        if let Some(c) = by.constant() {
            // An equation with others added that hold for all values says as much as it did.
            if i == 0 && !c.is_zero() {
                count = premise.count().cloned();
            }
            rest.extend([(-c.clone(), l), (c, r)]);
            continue;
        }
        let part = difference(&mut normal, l, r)?;
        let scaled = normal.multiply(&by, &part, part.shape)?;
        let sum = further.get_or_insert_with(|| Poly::zero(part.shape));
        if sum.shape != part.shape {
            return Err(Refusal("equations of different shapes are added"));
        }
        sum.add(&scaled, &Rational::one());
    }
    let rest = normal.sum(&rest)?;
    let vanishes = match &further {
        Some(further) => rest.shape == further.shape && rest.terms == further.terms,
        None => rest.is_zero(),
    };
    if !vanishes {
        return Err(Refusal("the equation is not that combination of the premises"));
    }
    let judgement = Judgement::Equation { along: directions.unwrap_or_default(), lhs: lhs.clone(), rhs: rhs.clone() };
    Ok(Conclusion::new(scope.clone(), judgement).counted(count))
}

/// ΣX = ΣY over some indices from X = Y, which holds for all their values.
pub(super) fn summed(over: &[Symbol], premises: &[Proved]) -> Outcome {
    let [premise] = premises else { return Err(Refusal("one equation is summed")) };
    let (along, lhs, rhs) = equation(premise)?;
    let scope = premise.scope().clone();
    if !along.is_empty() || over.iter().any(|index| scope.env().index(*index).is_none()) {
        return Err(Refusal("an equation is summed over what is no index"));
    }
    let (lhs, rhs) = (members::over(over, lhs), members::over(over, rhs));
    Ok(Conclusion::new(scope, Judgement::Equation { along: vec![], lhs, rhs }))
}

/// ⟨X, Z⟩ = ⟨Y, Z⟩ from X = Y.
pub(super) fn paired(scope: &Scope, with: &Expr, premises: &[Proved]) -> Outcome {
    let [premise] = premises else { return Err(Refusal("one equation is paired")) };
    let (along, lhs, rhs) = equation(premise)?;
    usable(premise, &[lhs, rhs], scope)?;
    let shape = |e: &Expr| infer(scope.env(), e).map(|data| data.shape).map_err(|_| Refusal("a formula has no shape"));
    if shape(lhs)? != shape(with)? {
        return Err(Refusal("an equation is paired with a matrix of another shape"));
    }
    let judgement = Judgement::Equation { along: along.to_vec(), lhs: inner(lhs, with), rhs: inner(rhs, with) };
    Ok(Conclusion::new(scope.clone(), judgement))
}

/// The part of a Lie algebra that a symbol ranges over in a claim.
pub(super) struct Range {
    family: Option<crate::group::Family>,
    shape: crate::term::Shape,
}

pub(super) fn range(premise: &Proved, symbol: Symbol, onto: Option<&(Arc<Action>, Part)>) -> Result<Range, Refusal> {
    let own = premise.scope().own(symbol);
    let info = own.ok_or(Refusal("the claim does not hold for all values of the symbol that is eliminated"))?;
    let (family, facts) = match onto {
        None => (None, Facts::empty()),
        Some((action, part)) => {
            let algebra = action.group.algebra().ok_or(Refusal("a finite group has no Lie algebra"))?;
            if algebra.shape != info.shape {
                return Err(Refusal("the symbol is of another shape than the algebra"));
            }
            let family = family_of(&algebra, *part).ok_or(Refusal("the algebra has no such part"))?;
            let facts = family.facts;
            (Some(family), facts)
        }
    };
    // The claim has to hold for all of the part.
    let known = (facts | Facts::CONSTANT).closed(info.shape.is_scalar());
    let own =
        |constraint| family.as_ref().is_some_and(|f| f.constraint == Some(constraint)) || constraint.follows(known);
    if !known.contains(info.facts) || !premise.scope().constraints_on(symbol).all(own) {
        return Err(Refusal("the claim holds for fewer elements than are projected onto"));
    }
    Ok(Range { family, shape: info.shape })
}

/// The projection of the matrix that a scalar formula pairs with the symbol.
pub(super) fn projected(normal: &mut Normal, range: &Range, symbol: Symbol, form: &Poly) -> Result<Poly, Refusal> {
    let matrix = normal
        .isolated(form, symbol, range.shape)?
        .ok_or(Refusal("the form is not the inner product of a matrix with the symbol"))?;
    let Some(family) = &range.family else { return Ok(matrix) };
    let id = normal.term(&matrix)?;
    let (factor, formula) = family.project(&normal.arena.formula(id));
    Ok(normal.of(&formula)?.times(&factor))
}

pub(super) fn dimension(range: &Range) -> Count {
    match &range.family {
        Some(family) => Count::new(family.dimension.clone(), Reason::Projection),
        None => Count::entries(range.shape),
    }
}

/// "⟨M, A⟩ = 0 for every A" as an equation for the projection of M.
pub(super) fn projection(
    setting: &Setting,
    symbol: Symbol,
    onto: Option<&(Arc<Action>, Part)>,
    (lhs, rhs): (&Expr, &Expr),
    premises: &[Proved],
) -> Outcome {
    let [premise] = premises else { return Err(Refusal("one equation is projected")) };
    let (along, l, r) = equation(premise)?;
    if !along.is_empty() || mentions(lhs, symbol) || mentions(rhs, symbol) {
        return Err(Refusal("the symbol is not eliminated"));
    }
    let range = range(premise, symbol, onto)?;
    let scope = premise.scope().clone();
    let mut normal = normal(setting, &scope);
    let form = difference(&mut normal, l, r)?;
    let matrix = projected(&mut normal, &range, symbol, &form)?;
    let stated = difference(&mut normal, lhs, rhs)?;
    if stated.shape != matrix.shape || stated.ratio(&matrix).is_none() {
        return Err(Refusal("the equation is not the projection of the form"));
    }
    let judgement = Judgement::Equation { along: vec![], lhs: lhs.clone(), rhs: rhs.clone() };
    let scope = premise.scope().without(&[symbol]);
    Ok(Conclusion::new(scope, judgement).counted(Some(dimension(&range))))
}
