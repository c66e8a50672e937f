//! T8 along an orbit and T9, for an affine action ξ = S θ + b on the loss: the third derivative along the generator, and the change
//! of tr H, with the condition for a flattest point.

use super::context::{Context, end_of, start_of};
use super::eliminate;
use super::forms::{Form, Slope, isolate};
use super::generator::Motion;
use super::hessian::loss_derivative;
use super::missing::Obstacle;
use super::outcome::{ActionLaws, record};
use super::tidy::{tidy, tidy_summands};
use crate::group::Part;
use crate::kernel::{Inference, LawRow, Proved, Response, direction, partial_traces};
use crate::term::{Env, Expr, Facts, Symbol, factors, is_zero, num, sym, transpose};
use num_traits::One;

/// Derives T9 and the flattest point.
pub(super) fn derive(cx: &Context, motion: &Motion, slope: &Slope, out: &mut ActionLaws) {
    // A translation has S = 0, and T3 already says that H b = 0 everywhere.
    let moves = slope.derivative.iter().any(|(_, s)| !is_zero(s));
    if matches!(motion.tangent().response, Response::Output(_)) || !slope.affine || !moves {
        return;
    }
    let slopes = slopes(cx, motion);
    let premises = |slopes: &[Proved]| [&[motion.claim.clone(), slope.claim.clone()], slopes].concat();
    let third = slopes.clone().and_then(|s| cx.infer(Inference::ThirdOrder, premises(&s)));
    record(out, motion.action, LawRow::Third, third.map(Some));
    let flattest = slopes.and_then(|s| flattest(cx, motion, slope, premises(&s)));
    record(out, motion.action, LawRow::Flattest, flattest);
}

/// d(c) = c′ and d(c′) = c″ along dL = 1 for a loss; nothing for an invariance.
fn slopes(cx: &Context, motion: &Motion) -> Result<Vec<Proved>, Obstacle> {
    let scope = motion.scope(cx, Part::Whole);
    match &motion.tangent().response {
        Response::Loss(c) => {
            let first = loss_derivative(cx, &scope, c)?;
            let second = loss_derivative(cx, &scope, end_of(&first))?;
            Ok(vec![first, second])
        }
        Response::Invariant | Response::Output(_) => Ok(vec![]),
    }
}

/// Whether A = 1 is in the algebra and S₁ multiplies all that moves by one number k: tr H is then c + c′e^(−2kt) along exp(t),
/// and least nowhere unless it is constant.
fn scales(motion: &Motion, slope: &Slope, env: &Env) -> bool {
    let family = motion.family(Part::Whole);
    let free = family.is_everything();
    let has_identity = motion.is_unit() || family.facts.contains(Facts::DIAGONAL) || free;
    let a = sym(motion.element());
    let scaled = |(p, value): &(Symbol, Expr)| {
        let summands = tidy_summands(env, value);
        let [(c, term)] = summands.as_slice() else { return None };
        let rest: Vec<Expr> = factors(term).into_iter().filter(|f| *f != a && *f != transpose(&a)).collect();
        (rest == [sym(direction(*p))] && factors(term).len() <= 2).then(|| c.clone())
    };
    let by: Vec<_> = slope.derivative.iter().filter(|(_, value)| !is_zero(value)).map(scaled).collect();
    has_identity && by.iter().all(|c| c.is_some() && *c == by[0])
}

/// None where S_A is skew throughout: tr H does not change, and there is no condition.
fn flattest(cx: &Context, motion: &Motion, slope: &Slope, premises: Vec<Proved>) -> Result<Option<Proved>, Obstacle> {
    let scope = motion.scope(cx, Part::Whole);
    let env = scope.env().clone();
    let raw = partial_traces(cx.setting(), &slope.derivative)?;
    let mut form = Form::default();
    for (c, term) in tidy_summands(&env, &raw) {
        let (matrix, equation) = isolate(cx, &scope, motion, &term)?;
        form.push(c, matrix, equation);
    }
    let family = motion.family(Part::Whole);
    if eliminate::project(cx, &scope, &family, &form)?.terms.is_empty() {
        return Ok(None);
    }
    let short = cx.simplify(&scope, &tidy(&env, &raw))?;
    let trace = tidy(&env, end_of(&short));
    let stated = match start_of(&short) == &raw {
        true => cx.reworded(short, &trace)?,
        false => cx.linear(&scope, &raw, &trace, &[(num(One::one()), short)])?,
    };
    let mut premises = premises;
    let point = match motion.tangent().is_invariance() && !scales(motion, slope, &env) {
        true => {
            let base = cx.infer(Inference::FlattestPoint, premises[..2].to_vec())?;
            Some(eliminate::equation(cx, motion, Part::Whole, &base, &form)?.0)
        }
        false => None,
    };
    premises.push(stated);
    premises.extend(point);
    cx.infer(Inference::Flattest { trace }, premises).map(Some)
}
