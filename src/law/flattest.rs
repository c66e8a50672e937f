//! T8 along an orbit. For an action that is affine in θ, H(K_tθ) = K_t⁻ᵀ H K_t⁻¹ with K_t the linear part of exp(tA), so
//! d/dt tr H = −2 tr(S_A H). On a product, tr(S_A H) is a formula in partial traces of the blocks of H: for S_A V = A V on a
//! parameter it is ⟨A, H_row⟩ with (H_row)ᵢⱼ = Σₖ ∂²L/∂Wᵢₖ∂Wⱼₖ.

use super::derivation::{ClaimStatement, Reason, Theorem};
use super::generator::{Response, Tangent};
use super::gradient::{map_proof, pieces_shape, project};
use super::law::{Draft, Kind, Law, Statement};
use super::linear::{Adjoint, direction, isolate, simplify};
use super::structure::{Slopes, Structure};
use super::tidy::{balanced, collect, tidy, tidy_summands, total};
use super::{ActionLaws, Context, Missing, law_id};
use crate::group::Part;
use crate::model::Model;
use crate::term::{
    Env, Expr, Facts, Op, Rational, Shape, Symbol, apply, factors, infer, inner, int, is_zero, mentions, mul,
    substitute, sym,
};
use std::collections::HashMap;
use std::sync::Arc;

/// Derives the change of tr H along an orbit, and with A eliminated the condition for a flattest point.
pub(super) fn derive(cx: &Context, tangent: &mut Tangent, adjoint: &Adjoint, out: &mut ActionLaws) {
    let moves = adjoint.derivative.iter().any(|(_, s)| !is_zero(s));
    if matches!(tangent.response, Response::Output(_)) || !adjoint.affine || !moves {
        return;
    }
    match flattest(cx, tangent, adjoint) {
        Ok(Some(law)) => out.laws.push(law),
        // S_A is skew throughout: tr H does not change, and there is no condition.
        Ok(None) => {}
        Err(reason) => out.missing.push(Missing { id: law_id(tangent.action, "flattest"), reason }),
    }
}

/// c_A′ and c_A″ of a continuous action; 0 for an invariance.
pub(super) fn slopes(cx: &Context, tangent: &Tangent, env: &Arc<Env>) -> Result<Slopes, String> {
    match &tangent.response {
        Response::Loss(c) => derivatives(cx, env, c),
        Response::Invariant | Response::Output(_) => Ok(Slopes::of_invariance(0)),
    }
}

/// The first two derivatives of a formula in the loss.
pub(super) fn derivatives(cx: &Context, env: &Arc<Env>, c: &Expr) -> Result<Slopes, String> {
    let slope = |c: &Expr| super::hessian::differentiate(cx, env, c, Model::loss_symbol(), &int(1));
    let first = slope(c)?;
    let second = slope(&first)?;
    Ok(Slopes { first, second })
}

fn flattest(cx: &Context, tangent: &mut Tangent, adjoint: &Adjoint) -> Result<Option<Law>, String> {
    let mut env = (*adjoint.env).clone();
    let mut traces = HashMap::new();
    for param in &cx.model.params {
        for (side, op, n) in [("row", Op::HessRows, param.shape.rows), ("col", Op::HessCols, param.shape.cols)] {
            let name = partial(side, param.name);
            env.declare(name, Shape::square(n), Facts::SYMMETRIC | Facts::CONSTANT);
            traces.insert(name, apply(op, &[&sym(param.name)]));
        }
    }
    let env = Arc::new(env);
    let family = tangent.algebra.whole().clone();
    let mut premises = vec![tangent.equivariance];
    premises.extend(tangent.generator_claims());
    let (mut forms, mut terms) = (Vec::new(), Vec::new());
    for (param, derivative) in &adjoint.derivative {
        for (coefficient, term) in tidy_summands(&env, derivative) {
            let form = partial_trace(&term, *param, &env)?;
            let (matrix, proof) = isolate(cx, &env, &tangent.element, &form)?;
            let proof = map_proof(&proof, &traces);
            let statement = ClaimStatement::Equation { lhs: proof.start.clone(), rhs: proof.end().clone() };
            premises.push(tangent.argument.claim(statement, Reason::Rewriting(proof), &[]));
            forms.push((coefficient.clone(), form));
            terms.extend(project(cx, &env, &family, &coefficient, &matrix)?);
        }
    }
    let written = |terms: Vec<(Rational, Expr)>, shape| {
        let (lhs, rhs) = balanced(&env, terms, shape);
        (tidy(&env, &substitute(&lhs, &traces)), tidy(&env, &substitute(&rhs, &traces)))
    };
    let terms = collect(terms);
    if terms.is_empty() {
        return Ok(None);
    }
    let trace = simplify(cx, &env, &total(&env, &collect(forms), Shape::SCALAR))?;
    let trace = tidy(&env, &substitute(trace.end(), &traces));
    let response = slopes(cx, tangent, &adjoint.env)?;
    let condition = match is_zero(&response.first) && is_zero(&response.second) {
        true => {
            let shape = infer(&env, &family.project(&pieces_shape(tangent)).1).map_err(|e| e.to_string())?.shape;
            Some(written(terms, shape))
        }
        false => None,
    };
    let words = "the trace of H(Kθ) = K⁻ᵀHK⁻¹ is differentiated at the identity; where only the loss is equivariant C′H + C″∇L∇Lᵀ \
                 stands for H. As S acts on one side of each parameter, tr(S H) contracts A with a partial trace of its block";
    let conclusion = tangent.argument.theorem(ClaimStatement::Conclusion, Theorem::Transport, words, &premises);
    // Partial traces are symmetric, so only the symmetric part of the algebra sees them.
    let symmetric = tangent.algebra.families.iter().find(|f| f.part == Part::Symmetric);
    let draft = Draft {
        id: law_id(tangent.action, "flattest"),
        action: Some(tangent.action),
        dynamics: None,
        kind: Kind::Identity,
        theorem: Theorem::Transport,
        components: symmetric.unwrap_or(&family).dimension.clone(),
        statement: Statement::Structure(Structure::Flattest {
            element: tangent.element.clone(),
            trace,
            response,
            condition,
        }),
        hypotheses: vec!["wherever L is three times differentiable".into()],
        premises: vec![law_id(tangent.action, "third")],
        remarks: vec![],
        env: adjoint.env.clone(),
    };
    Ok(Some(Law::new(draft, tangent.argument.conclude(conclusion))))
}

/// A name for a partial trace while A is isolated.
fn partial(side: &str, param: Symbol) -> Symbol {
    Symbol::from(format!("H_{side}[{param}]"))
}

/// tr(S H) for one summand S V of the derivative on a parameter: ⟨X, H_row⟩ for X V, ⟨Y, H_col⟩ for V Y.
fn partial_trace(term: &Expr, param: Symbol, env: &Env) -> Result<Expr, String> {
    let refuse = || format!("tr(S H) is no partial trace on {param}: the action is not a product from one side there");
    let v = sym(direction(param));
    let all = factors(term);
    let position = all.iter().position(|f| *f == v).ok_or_else(refuse)?;
    let scalar = |f: &Expr| infer(env, f).is_ok_and(|data| data.shape.is_scalar());
    let (before, after) = (&all[..position], &all[position + 1..]);
    let moving = |f: &Expr| env.names().into_iter().any(|name| name.as_str().starts_with("V[") && mentions(f, name));
    if before.iter().chain(after).any(moving) {
        return Err(refuse());
    }
    let product = |factors: &[Expr]| factors.iter().cloned().reduce(|x, y| mul(&x, &y)).unwrap_or_else(|| int(1));
    let trace = |side| apply(Op::Tr, &[&sym(partial(side, param))]);
    Ok(match (before, after) {
        (_, []) if before.iter().all(scalar) => tidy(env, &mul(&product(before), &trace("row"))),
        (_, []) => inner(&sym(partial("row", param)), &product(before)),
        (_, _) if before.iter().all(scalar) => {
            tidy(env, &mul(&product(before), &inner(&sym(partial("col", param)), &product(after))))
        }
        _ => return Err(refuse()),
    })
}
