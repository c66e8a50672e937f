//! Mirror flow d/dt ∇ψ(θ) = −∇L for a separable ψ, whose M = ∇²ψ is diagonal: ψ″ at every entry, found by the rules of the
//! calculus. Where ω_A = M ξ_A is curl-free it is the gradient of a Q_A, and dQ_A/dt = ⟨Mξ_A, θ̇⟩ = −⟨∇L, ξ_A⟩.

use super::scene::*;
use crate::group::Part;
use crate::kernel::{
    Components, Field, Judgement, cotangent, direction, entrywise, ones, potential_at, scaling_equation,
};
use crate::kernel::{Flow, Hyperparameters, Inference, LawRow, Proved, Refusal, Symmetry, degree};
use crate::law::conservation::{open, portions};
use crate::law::context::Context;
use crate::law::context::end_of;
use crate::law::eliminate::{Scaled, Stated, Terms};
use crate::law::forms::isolate;
use crate::law::forms::{Form, Forms, Slope};
use crate::law::generator::Motion;
use crate::law::missing::{Curled, Missing, Obstacle, Skewed, Stage, Wanted};
use crate::law::outcome::ActionLaws;
use crate::law::tidy::{collect, tidy, tidy_summands, total};
use crate::model::Dynamics;
use crate::model::{Potential, Variable};
use crate::rewrite::Purpose;
use crate::term::{Expr, Rational, Symbol, mentions, sym};
use crate::term::{inner, is_zero, num, scaled, substitute, summands};
use num_traits::{One, Zero};
use std::collections::HashMap;

/// Derives the laws of the mirror flow that the model declares.
pub(super) fn derive(cx: &Context, motion: &Motion, forms: &Forms, out: &mut ActionLaws) {
    for dynamics in &cx.model().dynamics {
        let Dynamics::Mirror(potentials) = dynamics else { continue };
        if let Err(why) = of_flow(cx, motion, forms, dynamics, potentials, out) {
            out.missing.push(lacks(motion, why));
        }
    }
}

fn lacks(motion: &Motion, why: Obstacle) -> Missing {
    Missing { action: motion.action, wanted: Wanted::Law(LawRow::MirrorConserved), why }
}

fn of_flow(
    cx: &Context,
    motion: &Motion,
    forms: &Forms,
    dynamics: &Dynamics,
    potentials: &[(Symbol, Symbol)],
    out: &mut ActionLaws,
) -> Result<(), Obstacle> {
    let mut premises = vec![motion.claim.clone()];
    let mut curved = Vec::new();
    for (name, xi) in motion.components() {
        let param = cx.model().param(*name).ok_or(Refusal("a parameter is not declared"))?;
        let named = potentials.iter().find(|(p, _)| p == name).map(|(_, potential)| *potential);
        let potential =
            named.and_then(|potential| cx.model().potential(potential)).ok_or(Obstacle::NoPotential(*name))?;
        premises.extend(dual_component(cx, motion, dynamics, param, &potential, xi)?);
        if !potential.is_quadratic() {
            curved.push((potential.name, *name));
        }
    }
    let field = cx.infer(Inference::MirrorField { dynamics: dynamics.clone() }, premises)?;
    // The same questions as of ξ, asked of ω = M ξ.
    let dual = Slope::derive(cx, motion, &field)?;
    for portion in portions(cx, motion, &dual) {
        let scene =
            Scene { cx, motion, forms, slope: &dual, portion: &portion, hyper: Hyperparameters::of(cx.model()) };
        match &portion.symmetry {
            Some((Symmetry::SelfAdjoint, symmetry)) => {
                let row = if scene.is_invariant() { LawRow::MirrorConserved } else { LawRow::MirrorRate };
                let found = law(&scene, &field, symmetry);
                if let (Ok(Some(stated)), LawRow::MirrorRate) = (&found, row) {
                    out.rates.push(scene.balance(stated, row, None, stated.change[0].clone()));
                }
                scene.record(row, found, out);
            }
            Some((Symmetry::Skew, _)) => {
                let range = motion.family(portion.part).range;
                out.missing.push(lacks(motion, Obstacle::Skew(Skewed::Mirror(range))));
            }
            None => {
                let range = motion.family(portion.part).range;
                let curled = Curled::Mirror { curved: curved.clone(), range };
                open(cx, motion, &dual.claim, portion.part, LawRow::MirrorConserved, curled, out);
            }
        }
    }
    Ok(())
}

/// The five equations of one parameter: dψ and that at dW = 1, dψ′ and that at dW = 1, and ψ″∘ξ.
fn dual_component(
    cx: &Context,
    motion: &Motion,
    dynamics: &Dynamics,
    param: &Variable,
    potential: &Potential,
    xi: &Expr,
) -> Result<Vec<Proved>, Obstacle> {
    let scope = motion.scope(cx, Part::Whole);
    let env = scope.env().clone();
    let v = direction(param.name);
    let moving = cx.setting().moving_only(param.name, &scope);
    let at_ones = HashMap::from([(v, ones(param.shape))]);
    let mut value = potential_at(cx.model(), dynamics, param)?;
    let mut out = Vec::new();
    for _ in 0..2 {
        let differential =
            cx.differentiate(&moving, &[(param.name, sym(v))], &value).map_err(Stage::Potential(param.name).fails())?;
        let short = cx.simplify(&scope, &substitute(end_of(&differential), &at_ones))?;
        let short = cx.reworded(short.clone(), &tidy(&env, end_of(&short)))?;
        value = end_of(&short).clone();
        out.extend([differential, short]);
    }
    if is_zero(&value) {
        return Err(Obstacle::LinearPotential { param: param.name, potential: potential.name });
    }
    // M ξ summand by summand, each in its shortest form.
    let (mut terms, mut of) = (Terms::new(), Vec::new());
    for (c, term) in tidy_summands(&env, xi) {
        for (d, weight) in tidy_summands(&env, &value) {
            let short = cx.simplify(&scope, &entrywise(&weight, &term, param.shape))?;
            let by = &c * &d;
            terms.extend(tidy_summands(&env, end_of(&short)).into_iter().map(|(e, t)| (e * &by, t)));
            of.push((num(by), short));
        }
    }
    let dual = total(&env, &collect(terms), param.shape);
    out.push(cx.linear(&scope, &entrywise(&value, xi, param.shape), &dual, &of)?);
    Ok(out)
}

fn law(scene: &Scene, field: &Proved, symmetry: &Proved) -> Result<Option<Stated>, Obstacle> {
    let Judgement::Field(mirror) = field.judgement() else { return Err(Refusal("the claim states no field").into()) };
    let cx = scene.cx;
    let mut premises = vec![symmetry.clone(), field.clone()];
    let mut parts: Components = Components::new();
    for (name, value) in &mirror.components {
        match crate::kernel::by_degree(cx.setting(), *name, value) {
            Some(forms) => parts.extend(forms.into_iter().map(|form| (*name, form))),
            None => {
                let (forms, proofs) = by_parts(scene, mirror, *name)?;
                parts.extend(forms.into_iter().map(|form| (*name, form)));
                premises.extend(proofs);
            }
        }
    }
    let potential = cx.infer(Inference::Integration, premises)?;
    let scope = scene.scope();
    let mut form = Form::default();
    for (_, part) in parts {
        for (c, term) in summands(&part) {
            let (matrix, equation) = isolate(cx, &scope, scene.motion, &term)?;
            form.push(c, matrix, equation);
        }
    }
    let base = scene.base(Flow::Mirror, vec![field.clone(), potential])?;
    let response = Scaled::plain(scene.forms.opposite_response());
    scene.state(&base, &Scaled::plain(form), &[response], |_, terms, write| write(&terms[0]))
}

/// ⟨ξ, ψ′(W)⟩ − ⟨ξ at W = 1, ψ(W)⟩ for the linear summands of ξ where they scale entries, and ⟨b, ψ′(W)⟩ for the constant
/// ones; with the proofs that they do.
fn by_parts(scene: &Scene, mirror: &Field, name: Symbol) -> Result<(Vec<Expr>, Vec<Proved>), Obstacle> {
    let closed = || Obstacle::NoClosedForm(name);
    let cx = scene.cx;
    let param = cx.model().param(name).ok_or_else(closed)?;
    let psi = potential_at(cx.model(), &mirror.dynamics, param)?;
    let slope = mirror.slopes.iter().find(|(p, _)| *p == name).map(|(_, s)| s).ok_or_else(closed)?;
    let xi = mirror.tangent.iter().find(|(p, _)| *p == name).map(|(_, value)| value).ok_or_else(closed)?;
    let (mut forms, mut proofs) = (Vec::new(), Vec::new());
    for (c, term) in summands(xi) {
        if cx.model().params.iter().any(|p| p.name != name && mentions(&term, p.name)) {
            return Err(closed());
        }
        match degree(cx.model(), &term) {
            Some(k) if k.is_zero() => forms.push(scaled(c, &inner(slope, &term))),
            Some(k) if k.is_one() => {
                let scale = substitute(&term, &HashMap::from([(name, ones(param.shape))]));
                proofs.push(scales_entries(scene, param, &term)?);
                forms.push(scaled(c.clone(), &inner(slope, &term)));
                forms.push(scaled(-c, &inner(&psi, &scale)));
            }
            _ => return Err(closed()),
        }
    }
    Ok((forms, proofs))
}

/// Proves that a summand of ξ that is linear in W scales the entries of W: its adjoint is U ↦ ξ(1)∘U.
fn scales_entries(scene: &Scene, param: &Variable, term: &Expr) -> Result<Proved, Obstacle> {
    let cx = scene.cx;
    let scope = scene.scope();
    let (lhs, rhs) = scaling_equation(param, term);
    let (u, v) = (sym(cotangent(param.name)), direction(param.name));
    let scale = substitute(term, &HashMap::from([(param.name, ones(param.shape))]));
    let (adjoint, isolated) = cx.isolate(&scope, v, &lhs)?;
    let wanted = entrywise(&scale, &u, param.shape);
    let equal = cx
        .prove(&scope, Purpose::Simplify, &[], &adjoint, &wanted)
        .map_err(|_| Obstacle::NotScalingEntries(param.name))?;
    let paired = cx.infer(Inference::Paired { scope: scope.clone(), with: sym(v) }, vec![equal])?;
    let one = || num(Rational::one());
    cx.linear(&scope, &lhs, &rhs, &[(one(), isolated), (one(), paired)])
}
