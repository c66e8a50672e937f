//! T9 and T8 along an orbit, for an affine action on the loss: the third derivative along the generator, and tr H with the condition
//! for a flattest point.

use super::algebra::{equation, usable};
use super::claim::{Components, Conclusion, Judgement, Proved, Refusal, Response, Tangent, family_of};
use super::count::{Count, Reason};
use super::hessian::{first, rests_on, slope};
use super::hypothesis::Hypothesis;
use super::members::each_alone;
use super::scope::{Scope, Setting, direction};
use super::statement::Statement;
use super::structure::{Slopes, Structure};
use super::tangent::{loss_derivatives, of_tangent};
use crate::group::Part;
use crate::term::{
    Expr, Op, Shape, apply, factors, infer, inner, int, is_zero, mentions, mul, scaled, sum_of, summands, sym, zeros,
};

type Outcome = Result<Conclusion, Refusal>;

/// S_A of an affine action on the loss: its derivative, which does not depend on the parameters.
fn linear_part<'a>(
    setting: &Setting,
    tangent: &Tangent,
    premise: Option<&'a Proved>,
) -> Result<&'a Components, Refusal> {
    let derivative = slope(tangent, premise)?;
    each_alone(setting.model(), &tangent.action, derivative.iter().map(|(p, _)| *p))?;
    let params = &setting.model().params;
    let affine = derivative.iter().all(|(_, d)| params.iter().all(|p| !mentions(d, p.name)));
    if !affine || matches!(tangent.response, Response::Output(_)) {
        return Err(Refusal("the action is not affine, or only the output is equivariant"));
    }
    Ok(derivative)
}

/// c_A′ and c_A″; both 0 for an invariance.
fn response_slopes(
    setting: &Setting,
    tangent: &Tangent,
    scope: &Scope,
    premises: &[Proved],
) -> Result<Slopes, Refusal> {
    match &tangent.response {
        Response::Loss(c) => {
            let found = loss_derivatives(setting, scope, c, first(premises, 2)?)?;
            Ok(Slopes { first: found[0].clone(), second: found[1].clone() })
        }
        Response::Invariant | Response::Output(_) => Ok(Slopes::of_invariance(0)),
    }
}

/// T9. Premises: the generator, its derivative, and for a loss d(c) = c′ and d(c′) = c″.
pub(super) fn third(setting: &Setting, premises: &[Proved]) -> Outcome {
    let (whole, tangent) = of_tangent(premises.first())?;
    let derivative = linear_part(setting, tangent, premises.get(1))?;
    let scope = setting.tangent(whole.scope());
    let response = response_slopes(setting, tangent, &scope, &premises[2..])?;
    let of = |p: &crate::model::Variable| {
        let moved = derivative.iter().find(|(name, _)| *name == p.name);
        (p.name, moved.map_or_else(|| zeros(p.shape), |(_, s)| s.clone()))
    };
    let derivative = setting.model().params.iter().map(of).collect();
    let structure = Structure::Third { element: tangent.element.clone(), derivative, response };
    let conclusion = Conclusion::law(scope, Statement::Structure(structure)).counted(Some(Count::one()));
    Ok(conclusion.assuming([Hypothesis::Smooth(3)]))
}

/// tr(S H) for an S that acts on each parameter from one side: ⟨X, H_row⟩ for X V, ⟨Y, H_col⟩ for V Y.
pub fn partial_traces(setting: &Setting, derivative: &Components) -> Result<Expr, Refusal> {
    let refuse = Refusal("tr(S H) is no partial trace: the action is not a product from one side");
    let plain = setting.tangent(setting.plain());
    let mut terms = Vec::new();
    for (p, value) in derivative {
        for (c, term) in summands(value) {
            let v = sym(direction(*p));
            let all = factors(&term);
            let at = all.iter().position(|f| *f == v).ok_or(refuse.clone())?;
            let (before, after) = (&all[..at], &all[at + 1..]);
            let moves = |f: &Expr| setting.model().params.iter().any(|q| mentions(f, direction(q.name)));
            if before.iter().chain(after).any(moves) {
                return Err(refuse);
            }
            let product = |factors: &[Expr]| factors.iter().cloned().reduce(|x, y| mul(&x, &y));
            let (rows, cols) = (apply(Op::HessRows, &[&sym(*p)]), apply(Op::HessCols, &[&sym(*p)]));
            let scalar = |f: &Expr| infer(plain.env(), f).is_ok_and(|d| d.shape.is_scalar());
            terms.push(scaled(
                c,
                &match (before, after) {
                    (_, []) if before.iter().all(scalar) => {
                        let trace = apply(Op::Tr, &[&rows]);
                        product(before).map_or(trace.clone(), |x| mul(&x, &trace))
                    }
                    (_, []) => inner(&rows, &product(before).ok_or(refuse.clone())?),
                    (_, _) if before.iter().all(scalar) => {
                        let form = inner(&cols, &product(after).ok_or(refuse.clone())?);
                        product(before).map_or(form.clone(), |x| mul(&x, &form))
                    }
                    _ => return Err(refuse),
                },
            ));
        }
    }
    Ok(if terms.is_empty() { int(0) } else { sum_of(&terms, Shape::SCALAR) })
}

/// Where tr H is least on the orbit of an invariance, tr(S_A H) = 0. Premises: the generator and its derivative.
pub(super) fn flattest_point(setting: &Setting, premises: &[Proved]) -> Outcome {
    let (whole, tangent) = of_tangent(premises.first())?;
    let derivative = linear_part(setting, tangent, premises.get(1))?;
    if !tangent.is_invariance() {
        return Err(Refusal("the loss is not invariant"));
    }
    let lhs = partial_traces(setting, derivative)?;
    let judgement = Judgement::Equation { along: vec![], lhs, rhs: int(0) };
    let conclusion = Conclusion::new(setting.tangent(whole.scope()), judgement);
    Ok(conclusion.assuming([Hypothesis::FlattestPoint, Hypothesis::Smooth(3)]))
}

/// T8 along an orbit. Premises: the generator, its derivative, for a loss d(c) = c′ and d(c′) = c″, that tr(S H) is the trace
/// stated, and where the loss is invariant what it says at a flattest point.
pub(super) fn flattest(setting: &Setting, trace: &Expr, premises: &[Proved]) -> Outcome {
    let (whole, tangent) = of_tangent(premises.first())?;
    let derivative = linear_part(setting, tangent, premises.get(1))?;
    let scope = setting.tangent(whole.scope());
    let response = response_slopes(setting, tangent, &scope, &premises[2..])?;
    let taken = if matches!(tangent.response, Response::Loss(_)) { 4 } else { 2 };
    let stated = premises.get(taken).ok_or(Refusal("tr(S H) is missing"))?;
    let (along, lhs, rhs) = equation(stated)?;
    usable(stated, &[lhs, rhs], &scope)?;
    if !along.is_empty() || *lhs != partial_traces(setting, derivative)? || rhs != trace {
        return Err(Refusal("an equation is not tr(S H)"));
    }
    let still = is_zero(&response.first) && is_zero(&response.second);
    let condition = match premises.get(taken + 1) {
        Some(point) if still => {
            let (along, lhs, rhs) = equation(point)?;
            let flat = point.hypotheses().as_slice().contains(&Hypothesis::FlattestPoint);
            if !along.is_empty() || !flat || !rests_on(point, tangent) {
                return Err(Refusal("an equation does not hold at the flattest points of this orbit"));
            }
            Some((lhs.clone(), rhs.clone()))
        }
        Some(_) => return Err(Refusal("the loss is not invariant")),
        None => None,
    };
    let algebra = tangent.algebra().ok_or(Refusal("a finite group has no Lie algebra"))?;
    // Partial traces are symmetric, so only the symmetric part of the algebra sees them.
    let part = family_of(&algebra, Part::Symmetric).unwrap_or_else(|| algebra.whole().clone());
    let structure = Structure::Flattest { element: tangent.element.clone(), trace: trace.clone(), response, condition };
    let env = &setting.model().env;
    let count = Count::new(part.dimension, Reason::Projection);
    let count = count.for_each(env, env.indices_of(&tangent.action.indices));
    let mut conclusion =
        Conclusion::law(scope, Statement::Structure(structure)).counted(Some(count)).assuming([Hypothesis::Smooth(3)]);
    // The statement itself is about flattest points.
    conclusion.discharged.push(Hypothesis::FlattestPoint);
    Ok(conclusion)
}
