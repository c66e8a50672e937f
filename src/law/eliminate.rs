//! From "for every A" to an equation without A: proposals for what the kernel's linear combinations and projections conclude.

use super::context::{Context, Weighted, end_of, is_trivial};
use super::forms::Form;
use super::generator::Motion;
use super::missing::Obstacle;
use super::tidy::{balanced, collect, primitive, tidy_summands, total};
use crate::group::{Family, Part};
use crate::kernel::{Inference, Proved, Refusal, Scope};
use crate::term::{Env, Expr, Op, Rational, Shape, Term, add, infer, inner, int, mul, num, scaled, sym, zeros};
use num_traits::{One, Zero};
use std::borrow::Cow;

/// Summands of a matrix with their coefficients.
pub(super) type Terms = Vec<(Rational, Expr)>;

/// A projected form: its summands, each in its shortest form, and the equations that say so.
pub(super) struct Projected {
    pub terms: Terms,
    reductions: Vec<(Rational, Proved)>,
}

/// Projects Σ c M onto the dual of a family and opens up the summands.
pub(super) fn project(cx: &Context, scope: &Scope, family: &Family, form: &Form) -> Result<Projected, Obstacle> {
    let mut out = Projected { terms: vec![], reductions: vec![] };
    for (coefficient, matrix) in form.terms.iter().filter(|(c, _)| !c.is_zero()) {
        for (c, term) in tidy_summands(scope.env(), matrix) {
            let (factor, projected) = family.project(&term);
            let short = cx.simplify(scope, &projected)?;
            let factor = factor * c * coefficient;
            out.terms.extend(tidy_summands(scope.env(), end_of(&short)).into_iter().map(|(c, t)| (c * &factor, t)));
            if !is_trivial(&short) {
                out.reductions.push((factor, short));
            }
        }
    }
    out.terms = collect(out.terms);
    Ok(out)
}

/// Σ c M as one formula, its summands opened up and like ones collected.
fn opened(env: &Env, terms: &Terms, shape: Shape) -> Expr {
    let each = |(c, matrix): &(Rational, Expr)| -> Terms {
        tidy_summands(env, matrix).into_iter().map(|(d, term)| (c * d, term)).collect()
    };
    total(env, &collect(terms.iter().flat_map(each).collect()), shape)
}

/// The form with those of its summands that take rows or columns as one, since together they may be a matrix with all of them.
fn gathered<'a>(cx: &Context, motion: &Motion, scope: &Scope, form: &'a Form) -> Result<Cow<'a, Form>, Obstacle> {
    let takes = |(_, matrix): &&(Rational, Expr)| matrix.as_ref().iter().any(|n| matches!(n, Term::Op(Op::Select, _)));
    if motion.is_unit() || form.terms.iter().filter(takes).count() < 2 {
        return Ok(Cow::Borrowed(form));
    }
    let env = scope.env();
    let (taken, others): (Terms, Terms) = form.terms.iter().cloned().partition(|term| takes(&term));
    let short = cx.simplify(scope, &opened(env, &taken, motion.algebra.shape))?;
    let mut out = Form { terms: others, equations: form.equations.clone() };
    out.terms.extend(tidy_summands(env, end_of(&short)));
    if !is_trivial(&short) {
        let with = sym(motion.element());
        out.equations.push((Rational::one(), cx.infer(Inference::Paired { scope: scope.clone(), with }, vec![short])?));
    }
    Ok(Cow::Owned(out))
}

/// The shape of a projected equation.
pub(super) fn shape_of(family: &Family, motion: &Motion, env: &Env) -> Result<Shape, Obstacle> {
    let matrix = if motion.is_unit() { num(Rational::zero()) } else { sym(motion.element()) };
    Ok(infer(env, &family.project(&matrix).1).map_err(|_| Refusal("the projection has no shape"))?.shape)
}

/// ⟨Σ c M, A⟩; the sum itself for a one-dimensional algebra.
pub(super) fn paired(env: &Env, motion: &Motion, form: &Form) -> Expr {
    let sum = opened(env, &form.terms, motion.algebra.shape);
    if motion.is_unit() { sum } else { inner(&sum, &sym(motion.element())) }
}

/// The projection of Σ c M, as it is.
fn projection_of(env: &Env, motion: &Motion, family: &Family, form: &Form) -> Expr {
    let (factor, projected) = family.project(&opened(env, &form.terms, motion.algebra.shape));
    scaled(factor, &projected)
}

fn zero(shape: Shape) -> Expr {
    if shape.is_scalar() { int(0) } else { zeros(shape) }
}

fn weighted(all: &[(Rational, Proved)], by: &Rational) -> Vec<Weighted> {
    all.iter().map(|(c, p)| (num(c * by), p.clone())).collect()
}

/// From an equation whose sides differ by a form in A, its projection onto a part of the algebra: the equation and the summands
/// of Σ = 0.
pub(super) fn equation(
    cx: &Context,
    motion: &Motion,
    part: Part,
    base: &Proved,
    form: &Form,
) -> Result<(Proved, Terms), Obstacle> {
    let scope = cx.setting().tangent(base.scope());
    let family = motion.family(part);
    let form = &*gathered(cx, motion, &scope, form)?;
    let projected = project(cx, &scope, &family, form)?;
    let shape = shape_of(&family, motion, scope.env())?;
    let (lhs, rhs, factor) = balanced(scope.env(), projected.terms.clone(), shape);
    let by = factor.recip();
    let terms = projected.terms.clone();
    let one = (num(Rational::one()), base.clone());
    if motion.is_unit() {
        let mut of = vec![(num(by.clone()), base.clone())];
        of.extend(weighted(&form.equations, &-by.clone()));
        let equation = cx.linear_or(&scope, (&lhs, &rhs), of, || Ok(weighted(&projected.reductions, &-by)))?;
        return Ok((equation, terms));
    }
    let mut of = vec![one];
    of.extend(weighted(&form.equations, &-Rational::one()));
    let sum = cx.linear(&scope, &paired(scope.env(), motion, form), &int(0), &of)?;
    let onto = Some((motion.tangent().action.clone(), part));
    let symbol = motion.element();
    let projection = |lhs: &Expr, rhs: &Expr| Inference::Projection {
        symbol,
        onto: onto.clone(),
        lhs: lhs.clone(),
        rhs: rhs.clone(),
    };
    let direct = cx.infer(projection(&lhs, &rhs), vec![sum.clone()]);
    let equation = direct.or_else(|_| {
        let raw = projection_of(scope.env(), motion, &family, form);
        let raw = cx.infer(projection(&raw, &zero(shape)), vec![sum])?;
        let scope = raw.scope().clone();
        let mut of = vec![(num(by.clone()), raw)];
        of.extend(weighted(&projected.reductions, &-by));
        cx.linear(&scope, &lhs, &rhs, &of)
    })?;
    Ok((equation, terms))
}

/// What a statement about a dynamics says of a form: a factor in front, or none, and the form.
pub(super) struct Scaled {
    pub factor: Option<Expr>,
    pub form: Form,
}

impl Scaled {
    pub fn plain(form: Form) -> Scaled {
        Scaled { factor: None, form }
    }

    pub fn by(factor: Expr, form: Form) -> Scaled {
        Scaled { factor: Some(factor), form }
    }

    fn times(&self, x: &Expr) -> Expr {
        self.factor.as_ref().map_or_else(|| x.clone(), |factor| mul(factor, x))
    }
}

/// A statement about a dynamics without A.
pub(super) struct Stated {
    pub claim: Proved,
    pub quantity: Terms,
    /// The summands of the forms of the change.
    pub change: Vec<Terms>,
    pub shape: Shape,
}

/// Eliminates A from what a dynamics does with a quantity that is a form in A, the change being a sum of forms. `told` writes the
/// change, from the quantity as it is stated and the summands of each form; none where the projection is empty.
pub(super) fn flow(
    cx: &Context,
    motion: &Motion,
    part: Part,
    base: &Proved,
    quantity: &Scaled,
    change: &[Scaled],
    told: impl Fn(&Expr, &[Terms], &dyn Fn(&Terms) -> Expr) -> Expr,
) -> Result<Option<Stated>, Obstacle> {
    let scope = cx.setting().tangent(base.scope());
    let family = motion.family(part);
    let env = scope.env().clone();
    let gathered = |scaled: &Scaled| -> Result<Scaled, Obstacle> {
        let form = gathered(cx, motion, &scope, &scaled.form)?.into_owned();
        Ok(Scaled { factor: scaled.factor.clone(), form })
    };
    let (quantity, change) = (&gathered(quantity)?, &change.iter().map(gathered).collect::<Result<Vec<_>, _>>()?);
    let projected = project(cx, &scope, &family, &quantity.form)?;
    if projected.terms.is_empty() {
        return Ok(None);
    }
    let shape = shape_of(&family, motion, &env)?;
    let mut terms = projected.terms.clone();
    let by = primitive(&mut terms, true).recip();
    let mut changes = Vec::new();
    let mut reductions = Vec::new();
    for part in change {
        let found = project(cx, &scope, &family, &part.form)?;
        changes.push(found.terms.iter().map(|(c, t)| (c * &by, t.clone())).collect::<Terms>());
        reductions.push(found.reductions);
    }
    let stated = total(&env, &terms, shape);
    let written = |terms: &Terms| total(&env, terms, shape);
    let final_change = told(&stated, &changes, &written);
    let final_quantity = quantity.times(&stated);
    // What the equations add to the quantity, and to the change.
    let nothing = || int(0);
    let mut isolating: Vec<(Expr, Expr, Proved)> = Vec::new();
    for (c, p) in &quantity.form.equations {
        isolating.push((quantity.times(&num(-c)), nothing(), p.clone()));
    }
    for part in change {
        for (c, p) in &part.form.equations {
            isolating.push((nothing(), part.times(&num(-c)), p.clone()));
        }
    }
    let shortening = |sign: &Rational| -> Vec<(Expr, Expr, Proved)> {
        let mut out = Vec::new();
        for (k, p) in &projected.reductions {
            out.push((quantity.times(&num(-(k * sign))), nothing(), p.clone()));
        }
        for (part, reductions) in change.iter().zip(&reductions) {
            for (k, p) in reductions {
                out.push((nothing(), part.times(&num(-(k * sign))), p.clone()));
            }
        }
        out
    };
    let restated = |from: &Proved, factor: &Rational, quantity: &Expr, change: &Expr, of: &[(Expr, Expr, Proved)]| {
        let inference = Inference::Restated {
            scope: cx.setting().tangent(from.scope()),
            factor: factor.clone(),
            quantity: quantity.clone(),
            change: change.clone(),
            coefficients: of.iter().map(|(a, b, _)| (a.clone(), b.clone())).collect(),
        };
        cx.infer(inference, std::iter::once(from.clone()).chain(of.iter().map(|(_, _, p)| p.clone())).collect())
    };
    let claim = if motion.is_unit() {
        let scaled = |of: &[(Expr, Expr, Proved)]| -> Vec<(Expr, Expr, Proved)> {
            let times = |x: &Expr| mul(&num(by.clone()), x);
            of.iter().map(|(a, b, p)| (times(a), times(b), p.clone())).collect()
        };
        let of = scaled(&isolating);
        restated(base, &by, &final_quantity, &final_change, &of).or_else(|_| {
            let all = [of, shortening(&by)].concat();
            restated(base, &by, &final_quantity, &final_change, &all)
        })?
    } else {
        let sum = |of: &[Scaled], each: &dyn Fn(&Form) -> Expr| {
            let terms = of.iter().filter(|s| !s.form.terms.is_empty()).map(|s| s.times(&each(&s.form)));
            terms.reduce(|sum, x| add(&sum, &x))
        };
        let pair = |form: &Form| paired(&env, motion, form);
        let isolated = restated(
            base,
            &Rational::one(),
            &quantity.times(&pair(&quantity.form)),
            &sum(change, &pair).unwrap_or_else(|| int(0)),
            &isolating,
        )?;
        let onto = (motion.tangent().action.clone(), part);
        let symbol = motion.element();
        let projection = |quantity: &Expr, change: &Expr| Inference::ProjectedFlow {
            symbol,
            onto: onto.clone(),
            quantity: quantity.clone(),
            change: change.clone(),
        };
        cx.infer(projection(&final_quantity, &final_change), vec![isolated.clone()]).or_else(|_| {
            let raw = |form: &Form| projection_of(&env, motion, &family, form);
            let change = sum(change, &raw).unwrap_or_else(|| zero(shape));
            let raw = cx.infer(projection(&quantity.times(&raw(&quantity.form)), &change), vec![isolated])?;
            restated(&raw, &by, &final_quantity, &final_change, &shortening(&by))
        })?
    };
    Ok(Some(Stated { claim, quantity: terms, change: changes, shape }))
}
