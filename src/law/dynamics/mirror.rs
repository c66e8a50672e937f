//! Mirror flow d/dt ∇ψ(θ) = −∇L for a separable ψ, whose M = ∇²ψ is diagonal: ψ″ at every entry, found by the rules of the
//! calculus. Where ω_A = M ξ_A is curl-free it is the gradient of a Q_A, and dQ_A/dt = ⟨Mξ_A, θ̇⟩ = −⟨∇L, ξ_A⟩.

use super::*;
use crate::law::conservation::{open, portions};
use crate::law::generator::Component;
use crate::law::linear::{isolate_symbol, simplify};
use crate::law::potential::weight;
use crate::law::tidy;
use crate::model::Variable;
use crate::rewrite::{Given, Goal, Outcome, Proof, Purpose, replay};
use crate::term::{int, is_zero, mul, size};

/// Derives the laws of the mirror flow that the model declares.
pub(super) fn derive(cx: &Context, tangent: &mut Tangent, forms: &Forms, adjoint: &Adjoint, out: &mut ActionLaws) {
    for dynamics in &cx.model.dynamics {
        let Dynamics::Mirror(potentials) = dynamics else { continue };
        let id = law_id(tangent.action, "mirror/conserved");
        if let Err(reason) = of_flow(cx, tangent, forms, adjoint, dynamics, potentials, out) {
            out.missing.push(Missing { id, reason });
        }
    }
}

/// A parameter that moves, with its potential and its derivatives there.
struct Entrywise {
    param: Variable,
    potential: Potential,
    first: Expr,
    second: Expr,
}

fn of_flow(
    cx: &Context,
    tangent: &mut Tangent,
    forms: &Forms,
    adjoint: &Adjoint,
    dynamics: &Dynamics,
    potentials: &[(Symbol, Symbol)],
    out: &mut ActionLaws,
) -> Result<(), String> {
    let env = tangent_env(cx, &tangent.env);
    let mut entrywise: Vec<Entrywise> = Vec::new();
    let mut claims = Vec::new();
    let mut field = Vec::new();
    for component in tangent.generator.clone() {
        let name = component.param;
        let param = cx.model.param(name).cloned().ok_or_else(|| format!("there is no parameter {name}"))?;
        let potential = potentials
            .iter()
            .find(|(p, _)| *p == name)
            .and_then(|(_, potential)| cx.model.potential(*potential))
            .ok_or_else(|| format!("the mirror flow names no potential for {name}, which the action moves"))?;
        let value = potential.at(&sym(name), param.shape);
        let (first, proof) = derivative(cx, &env, &param, &value)?;
        claims.push(tangent.argument.claim(proved(&proof), Reason::Rewriting(proof), &[]));
        let (second, proof) = derivative(cx, &env, &param, &first)?;
        claims.push(tangent.argument.claim(proved(&proof), Reason::Rewriting(proof), &[]));
        if is_zero(&second) {
            return Err(format!("ψ″ = 0 on {name}: {} is linear and defines no mirror flow", potential.name));
        }
        // M ξ summand by summand, each in its shortest form.
        let mut terms = Terms::new();
        for (c, term) in tidy_summands(&env, &component.value) {
            for (d, weight) in tidy_summands(&env, &second) {
                let proof = simplify(cx, &env, &weighted(&weight, &term, param.shape))?;
                let found = tidy_summands(&env, proof.end());
                if !proof.steps.is_empty() {
                    claims.push(tangent.argument.claim(proved(&proof), Reason::Rewriting(proof), &[]));
                }
                terms.extend(found.into_iter().map(|(e, t)| (e * &c * &d, t)));
            }
        }
        let dual = total(&env, &collect(terms), param.shape);
        field.push(Component { value: dual, ..component });
        entrywise.push(Entrywise { param, potential, first, second });
    }
    // The same questions as of ξ, asked of ω = M ξ.
    let mut dual = Tangent { generator: field, argument: std::mem::take(&mut tangent.argument), ..tangent.clone() };
    let found = Adjoint::derive(cx, &dual).map(|dual_adjoint| {
        let found = portions(cx, &mut dual, &dual_adjoint);
        (found, dual_adjoint)
    });
    tangent.argument = std::mem::take(&mut dual.argument);
    let (found, dual_adjoint) = found.map_err(|missing| missing.reason)?;
    for portion in found {
        let id = law_id(tangent.action, "mirror/conserved");
        match portion.symmetry {
            Symmetry::SelfAdjoint => {
                let name = if forms.response.is_none() { "mirror/conserved" } else { "mirror/rate" };
                let portion = Portion { claims: [portion.claims, claims.clone()].concat(), ..portion };
                let law = Scene::new(cx, tangent, forms, adjoint, &portion)
                    .and_then(|scene| law(&scene, tangent, dynamics, &dual, &entrywise, name));
                let law = law.map(|found| {
                    found.map(|(law, balance)| {
                        out.rates.extend(balance);
                        law
                    })
                });
                record(out, tangent.action, name, law);
            }
            Symmetry::Skew => out.missing.push(Missing {
                id,
                reason: format!(
                    "D(M(θ)ξ_A) is skew for {}, so M(θ)ξ_A is not the gradient of a function",
                    portion.family.range
                ),
            }),
            Symmetry::Neither => {
                let curved: Vec<String> = entrywise
                    .iter()
                    .filter(|e| !e.potential.is_quadratic())
                    .map(|e| format!("{} on {}", e.potential.name, e.param.name))
                    .collect();
                let why = match curved.is_empty() {
                    true => String::new(),
                    false => format!(
                        ": with {} the action has to be diagonal there, for {} it is not",
                        curved.join(", "),
                        portion.family.range
                    ),
                };
                let reason = format!("M(θ)ξ_A is not proved curl-free{why}");
                open(&dual, &portion.family, id, reason, &dual_adjoint.env, out);
            }
        }
    }
    Ok(())
}

fn proved(proof: &Proof) -> ClaimStatement {
    ClaimStatement::Equation { lhs: proof.start.clone(), rhs: proof.end().clone() }
}

/// The elementwise product, of scalars the product.
fn weighted(weight: &Expr, term: &Expr, shape: Shape) -> Expr {
    if shape.is_scalar() { mul(weight, term) } else { apply(Op::Had, &[weight, term]) }
}

/// The derivative of a function of every entry of a parameter: its differential, with ones in place of dW.
fn derivative(cx: &Context, env: &Arc<Env>, param: &Variable, value: &Expr) -> Result<(Expr, Proof), String> {
    let ones = match param.shape.is_scalar() {
        true => int(1),
        false => apply(Op::Ones, &[&size(param.shape.rows), &size(param.shape.cols)]),
    };
    let v = direction(param.name);
    let proof = differential(cx, env, param, &apply(Op::Diff, &[value]), &sym(v))?;
    let short = simplify(cx, env, &substitute(proof.end(), &HashMap::from([(v, ones)])))?;
    Ok((tidy(env, short.end()), proof))
}

/// A formula in differentials with dW given and every other symbol still.
fn differential(cx: &Context, env: &Arc<Env>, param: &Variable, expr: &Expr, along: &Expr) -> Result<Proof, String> {
    let mut moving = (**env).clone();
    for p in &cx.model.params {
        let facts = if p.name == param.name { p.facts } else { p.facts | Facts::CONSTANT };
        moving.declare(p.name, p.shape, facts);
    }
    let moving = Arc::new(moving);
    let given = [Given {
        name: Symbol::from(format!("d{}", param.name)),
        reason: format!("the direction on {}", param.name),
        silent: true,
        lhs: apply(Op::Diff, &[&sym(param.name)]),
        rhs: along.clone(),
    }];
    let search = cx.search(moving.clone(), Purpose::Differentiate, &given);
    let proof = search
        .best(expr, &Goal::Simplest)
        .map_err(|stopped| format!("the potential on {} could not be differentiated: {stopped}", param.name))?;
    replay(cx.book, &moving, &given, &proof, proof.end()).map_err(|e| e.to_string())?;
    Ok(proof)
}

fn law(
    scene: &Scene,
    tangent: &mut Tangent,
    dynamics: &Dynamics,
    dual: &Tangent,
    entrywise: &[Entrywise],
    name: &'static str,
) -> Result<Option<(Law, Option<Balance>)>, String> {
    let mut premises = scene.premises(tangent, Filling::Position);
    let mut quantity: Terms = Vec::new();
    for (component, at) in dual.generator.iter().zip(entrywise) {
        let forms = match by_degree(scene, component) {
            Some(forms) => forms,
            None => {
                let xi = tangent.on(component.param).cloned().unwrap_or_else(|| component.value.clone());
                let (forms, proofs) = by_parts(scene, &xi, at)?;
                for proof in proofs {
                    premises.push(tangent.argument.claim(proved(&proof), Reason::Rewriting(proof), &[]));
                }
                forms
            }
        };
        for (c, form) in forms {
            let (matrix, proof) = isolate(scene.cx, &scene.work, &scene.element, &form)?;
            premises.push(tangent.argument.claim(proved(&proof), Reason::Rewriting(proof), &[]));
            quantity.extend(project(scene.cx, &scene.work, &scene.portion.family, &c, &matrix)?);
        }
    }
    let mut quantity = collect(quantity);
    if quantity.is_empty() {
        return Ok(None);
    }
    let factor = primitive(&mut quantity, true);
    let response: Terms = scene.response.iter().map(|(c, t)| (c / &factor, t.clone())).collect();
    let stated = scene.total(&quantity);
    let (kind, statement, words) = if response.is_empty() {
        let words = "∇Q = Mξ, so the rate of Q is −⟨∇L, ξ⟩, which vanishes";
        (Kind::Conserved, Statement::Conserved { quantity: stated }, words)
    } else {
        let rate = scene.total(&response);
        (Kind::Rate, Statement::Rate { quantity: stated, rate }, "∇Q = Mξ, so the rate of Q is −⟨∇L, ξ⟩")
    };
    let conclusion = Conclusion { dynamics: dynamics.clone(), name, kind, statement, premises, words, remarks: vec![] };
    let law = scene.law(tangent, conclusion);
    let balance = (!response.is_empty()).then(|| Balance {
        action: tangent.action,
        growth: None,
        quantity,
        rate: response,
        shape: scene.shape,
        law: law.clone(),
    });
    Ok(Some((law, balance)))
}

/// ⟨ω, W⟩/(k + 1) for every summand of degree k; none where one has no such degree.
fn by_degree(scene: &Scene, component: &Component) -> Option<Terms> {
    let form = |(c, term): (Rational, Expr)| {
        let by = weight(&degree(scene.cx, &term)?)?;
        Some((c * by, inner(&sym(component.param), &term)))
    };
    tidy_summands(&scene.work, &component.value).into_iter().map(form).collect()
}

/// ⟨ξ, ψ′(W)⟩ − ⟨ξ at W = 1, ψ(W)⟩ for the linear summands of ξ, the potential Σ s(xψ′ − ψ) where they scale entries, and
/// ⟨b, ψ′(W)⟩ for the constant ones; with the proofs that they do.
fn by_parts(scene: &Scene, xi: &Expr, at: &Entrywise) -> Result<(Terms, Vec<Proof>), String> {
    let name = at.param.name;
    let shape = at.param.shape;
    let closed = || format!("M(θ)ξ_A is curl-free, but no closed form of its potential on {name} is known");
    let ones = match shape.is_scalar() {
        true => int(1),
        false => apply(Op::Ones, &[&size(shape.rows), &size(shape.cols)]),
    };
    let psi = at.potential.at(&sym(name), shape);
    let (mut forms, mut proofs) = (Terms::new(), Vec::new());
    for (c, term) in tidy_summands(&scene.work, xi) {
        let others = scene.cx.model.params.iter().any(|p| p.name != name && mentions(&term, p.name));
        match degree(scene.cx, &term) {
            _ if others => return Err(closed()),
            Some(k) if k.is_zero() => forms.push((c, inner(&at.first, &term))),
            Some(k) if k.is_one() => {
                let scale = substitute(&term, &HashMap::from([(name, ones.clone())]));
                proofs.push(scales_entries(scene, at, &term, &scale)?);
                forms.push((c.clone(), inner(&at.first, &term)));
                forms.push((-c, inner(&psi, &scale)));
            }
            _ => return Err(closed()),
        }
    }
    Ok((forms, proofs))
}

/// Proves that a summand of ξ that is linear in W scales the entries of W: its adjoint is U ↦ ξ(1)∘U.
fn scales_entries(scene: &Scene, at: &Entrywise, term: &Expr, scale: &Expr) -> Result<Proof, String> {
    let (cx, env, name) = (scene.cx, &scene.work, at.param.name);
    let u = sym(cotangent(name));
    let moved = substitute(term, &HashMap::from([(name, sym(direction(name)))]));
    let (adjoint, _) = isolate_symbol(cx, env, direction(name), &inner(&u, &moved))?;
    let wanted = weighted(scale, &u, at.param.shape);
    let search = cx.search(env.clone(), Purpose::Simplify, &[]);
    match search.prove(&adjoint, &wanted) {
        Outcome::Proved(proof) if replay(cx.book, env, &[], &proof, &wanted).is_ok() => Ok(proof),
        _ => Err(format!(
            "M(θ)ξ_A is curl-free, but the action is not proved to scale the entries of {name}, and with ψ″ = {} no other \
             potential in closed form is known",
            crate::term::print::text(&at.second)
        )),
    }
}
