//! A declared action against numbers.

use super::member::drawn;
use super::{CheckError, Counterexample, attempt};
use crate::eval::{Bindings, EvalError, Reals, Sizes, Tape};
use crate::law::action::{NumericClaim, claims, second_element, two_element_env};
use crate::model::{Action, Model};
use crate::numeric::{Balance, Instance, Real, draw_group_element, stream};
use crate::term::{Env, Expr, Symbol, Term};
use num_traits::ToPrimitive;

/// The residual that contradicts a claim: far outside rounding, which a true equation between ill-conditioned formulas may
/// carry beyond the tolerance of a check.
const CONTRADICTION: f64 = 1e-6;

/// A constant below this may not be seen at parameters of size 1, where rounding hides it.
const SMALL: f64 = 1e-2;

/// The most constants of which sizes of parameters are made.
const SCALES: usize = 3;

/// The two sides of an equation, lowered.
type Equation = [Tape; 2];

/// Looks for numbers at which an action is not what it claims to be: parameters, data and group elements are drawn anew
/// for every seed. A claim with alternatives, as the two orders of composition, is refuted when no alternative holds for
/// all of them. Of an action with indices some members are tested.
///
/// # Errors
/// When the model has no such sizes, does not fit into memory, or could not be evaluated at any of several draws.
pub fn refute(
    model: &Model,
    action: &Action,
    sizes: &Sizes,
    seeds: impl IntoIterator<Item = u64>,
) -> Result<Option<Counterexample>, CheckError> {
    let seeds: Vec<u64> = seeds.into_iter().collect();
    if !model.has_families() {
        return refute_plain(model, action, sizes, &seeds);
    }
    let alone = Model { actions: vec![action.clone()], ..model.clone() };
    let written = alone.written_out(sizes)?;
    for k in drawn(&written, written.actions.len(), seeds.first().copied().unwrap_or_default()) {
        let member = &written.actions[k];
        if let Some(found) = refute_plain(&written, member, sizes, &seeds)? {
            let claim = match action.indices.is_empty() {
                true => found.claim,
                false => format!("{} for {}", found.claim, member.name),
            };
            return Ok(Some(Counterexample { claim, ..found }));
        }
    }
    Ok(None)
}

/// The same for a model without families.
fn refute_plain(
    model: &Model,
    action: &Action,
    sizes: &Sizes,
    seeds: &[u64],
) -> Result<Option<Counterexample>, CheckError> {
    let env = two_element_env(model, action);
    let claims = claims(model, action);
    let mut lowered: Option<Vec<Vec<Vec<Equation>>>> = None;
    let scales = scales(model);
    for (&seed, &scale) in seeds.iter().flat_map(|seed| scales.iter().map(move |scale| (seed, scale))) {
        let (seed, found) = attempt(seed, |seed| {
            let mut instance = Instance::new(model, sizes, seed)?;
            if scale != 1.0 {
                let scaled: Vec<_> = instance.parameters().into_iter().map(|w| w * faer::Scale(scale)).collect();
                instance.set_parameters(&scaled)?;
            }
            let open = match lowered.take() {
                Some(open) => open,
                None => lower(&claims, &env, instance.sizes())?,
            };
            let open = lowered.insert(open);
            let found = residuals(open, &bind(model, action, &instance, open, seed)?)?;
            // What plain floats do not confirm is looked at once more with its rounding errors.
            let confirmed = |of: &Vec<f64>| of.iter().any(|r| *r <= CONTRADICTION);
            match found.iter().all(confirmed) {
                true => Ok(found),
                false => residuals(open, &bind(model, action, &instance.rounded(), open, seed)?),
            }
        })?;
        for (i, (alternatives, residuals)) in lowered.iter_mut().flatten().zip(found).enumerate() {
            let least = residuals.iter().copied().fold(f64::INFINITY, f64::min);
            if least > CONTRADICTION {
                let claim = match scale == 1.0 {
                    true => claims[i].claim.to_string(),
                    false => format!("{}, at parameters of size {scale:.0e}", claims[i].claim),
                };
                return Ok(Some(Counterexample { claim, seed, residual: least }));
            }
            let mut holds = residuals.iter().map(|r| *r <= CONTRADICTION);
            alternatives.retain(|_| holds.next().unwrap_or(true));
        }
    }
    Ok(None)
}

/// The sizes of parameters at which claims are tested: that of the instance, and those at which a small constant of the model, as the ε of a
/// norm, is as large as a square of what it is added to.
fn scales(model: &Model) -> Vec<f64> {
    let mut out = vec![1.0];
    for definition in model.definitions() {
        for node in definition.expr.as_ref() {
            let Term::Num(c) = node else { continue };
            let Some(size) = c.to_f64().map(f64::abs) else { continue };
            if 0.0 < size && size < SMALL && out.len() <= SCALES && !out.contains(&size.sqrt()) {
                out.push(size.sqrt());
            }
        }
    }
    out
}

fn lower(claims: &[NumericClaim], env: &Env, sizes: &Sizes) -> Result<Vec<Vec<Vec<Equation>>>, EvalError> {
    let equation = |(lhs, rhs): &(Expr, Expr)| Ok([Tape::new(lhs, env, sizes)?, Tape::new(rhs, env, sizes)?]);
    let alternative = |equations: &Vec<(Expr, Expr)>| equations.iter().map(equation).collect();
    claims.iter().map(|claim| claim.alternatives.iter().map(alternative).collect()).collect()
}

/// The values of the instance, two group elements, and the output and the loss where a claim names them.
fn bind<M: Real>(
    model: &Model,
    action: &Action,
    instance: &Instance<M>,
    open: &[Vec<Vec<Equation>>],
    seed: u64,
) -> Result<Bindings<'static, M>, EvalError> {
    let mut bindings = instance.bindings();
    if let Some(element) = action.element {
        for name in [element, second_element(model, element)] {
            let stream = &mut stream(seed, &format!("{}/{name}", action.name));
            if let Some(g) = draw_group_element(&action.group, instance.sizes(), stream)? {
                bindings.bind(name, g.into());
            }
        }
    }
    let names = |wanted: Symbol| {
        let mut sides = open.iter().flatten().flatten().flatten();
        sides.any(|tape| tape.symbols().any(|name| name == wanted))
    };
    if let Some(output) = model.output.as_ref().filter(|output| names(output.name)) {
        bindings.bind(output.name, instance.output()?);
    }
    if names(Model::loss_symbol()) {
        bindings.bind(Model::loss_symbol(), instance.loss()?);
    }
    Ok(bindings)
}

/// The worst residual of each alternative of each claim.
fn residuals<M: Real>(open: &[Vec<Vec<Equation>>], bindings: &Bindings<M>) -> Result<Vec<Vec<f64>>, EvalError> {
    let residual = |[lhs, rhs]: &Equation| {
        let mut balance = Balance::default();
        balance.add(1.0, lhs.eval(bindings, &Reals)?);
        balance.add(-1.0, rhs.eval(bindings, &Reals)?);
        balance.residual()
    };
    let worst = |equations: &Vec<Equation>| equations.iter().try_fold(0.0, |w: f64, e| Ok(w.max(residual(e)?)));
    open.iter().map(|alternatives| alternatives.iter().map(worst).collect()).collect()
}
