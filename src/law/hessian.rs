//! T3 and T4, the Hessian on the orbit. Differentiating T1 along a tangent V gives
//! H[ξ_A] = J*(ℓ″[r_A] + (Dr_A)*E) − (Dξ_A)*∇L, and inserting V = ξ_B the quadratic form ⟨ξ_B, H[ξ_A]⟩.

use super::derivation::{ClaimId, ClaimStatement, Reason, Theorem};
use super::generator::{Response, Tangent};
use super::gradient::map_proof;
use super::law::{Draft, Element, Kind, Law, Statement};
use super::linear::{Adjoint, direction, gradients, isolate_symbol, simplify};
use super::structure::entries;
use super::tidy::{collect, tidy, tidy_summands, total};
use super::{ActionLaws, Context, Missing, fresh, law_id};
use crate::rewrite::{Given, Goal, Purpose, replay};
use crate::term::{
    Env, Expr, Facts, Op, Rational, Shape, Symbol, add, apply, inner, is_zero, mul, num, scaled, substitute, sym,
};
use num_traits::{One, Zero};
use std::collections::HashMap;
use std::sync::Arc;

/// Derives T3 and T4. `gradient` are the summands of T1 where it is one scalar equation, else empty.
pub(super) fn derive(
    cx: &Context,
    tangent: &mut Tangent,
    adjoint: &Adjoint,
    gradient: &[(Rational, Expr)],
    out: &mut ActionLaws,
) {
    let response = match response_image(cx, tangent, &adjoint.env) {
        Ok(response) => response,
        Err(reason) => {
            out.missing.push(Missing { id: law_id(tangent.action, "hessian/image"), reason });
            return;
        }
    };
    let image = match hessian_image(cx, tangent, adjoint, &response) {
        Ok((law, claim)) => {
            out.laws.push(law);
            claim
        }
        Err(reason) => {
            out.missing.push(Missing { id: law_id(tangent.action, "hessian/image"), reason });
            return;
        }
    };
    match hessian_form(cx, tangent, adjoint, &response, gradient, image) {
        Ok(law) => out.laws.push(law),
        Err(reason) => out.missing.push(Missing { id: law_id(tangent.action, "hessian/form"), reason }),
    }
}

/// J*[Z] on a parameter, summand by summand; J*E is the gradient.
fn pulled_back(env: &Env, output: Symbol, param: Symbol, z: &Expr) -> Vec<(Rational, Expr)> {
    let (f, w) = (sym(output), sym(param));
    let error = apply(Op::Err, &[&f]);
    let pull = |z: Expr| if z == error { apply(Op::Grad, &[&w]) } else { apply(Op::Vjp, &[&f, &z, &w]) };
    tidy_summands(env, z).into_iter().map(|(c, z)| (c, pull(z))).collect()
}

fn hessian_image(
    cx: &Context,
    tangent: &mut Tangent,
    adjoint: &Adjoint,
    response: &ResponseImage,
) -> Result<(Law, ClaimId), String> {
    let env = adjoint.env.clone();
    let gradients = gradients(cx);
    let mut equations = Vec::new();
    let mut claims = vec![tangent.equivariance];
    claims.extend(tangent.generator_claims());
    let mut components: Option<Expr> = None;
    for param in &cx.model.params {
        let size = entries(param.shape);
        components = Some(match components {
            Some(sum) => add(&sum, &size),
            None => size,
        });
        let mut terms: Vec<(Rational, Expr)> = match response {
            ResponseImage::None => vec![],
            ResponseImage::Output(z) => {
                let output = cx.model.output.as_ref().ok_or("no output")?;
                pulled_back(&env, output.name, param.name, z)
            }
            ResponseImage::Loss(slope) => tidy_summands(&env, &mul(slope, &apply(Op::Grad, &[&sym(param.name)]))),
        };
        let pieces = adjoint.blocks.iter().find(|(p, _)| *p == param.name).map(|(_, b)| b.as_slice()).unwrap_or(&[]);
        for piece in pieces {
            let proof = map_proof(&piece.proof, &gradients);
            let statement = ClaimStatement::Equation { lhs: proof.start.clone(), rhs: proof.end().clone() };
            claims.push(tangent.argument.claim(statement, Reason::Rewriting(proof), &[]));
            let matrix = substitute(&piece.matrix, &gradients);
            for (c, t) in tidy_summands(&env, simplify(cx, &env, &matrix)?.end()) {
                terms.push((-(c * &piece.coefficient), t));
            }
        }
        let rhs = total(&env, &collect(terms), param.shape);
        let block = apply(Op::Hess, &[&sym(param.name), &sym(tangent.element.symbol)]);
        equations.push((block, rhs));
    }
    let words = "the gradient identity differentiated along V says that ⟨V, H[ξ]⟩ + ⟨∇L, Dξ[V]⟩ is the derivative of its right-hand side";
    let conclusion = tangent.argument.theorem(ClaimStatement::Conclusion, Theorem::HessianImage, words, &claims);
    let draft = Draft {
        id: law_id(tangent.action, "hessian/image"),
        action: Some(tangent.action),
        dynamics: None,
        kind: Kind::Identity,
        theorem: Theorem::HessianImage,
        statement: Statement::Equations { element: Some(tangent.element.clone()), equations },
        hypotheses: vec!["wherever L is twice differentiable".into()],
        components: components.unwrap_or_else(|| num(Rational::zero())),
        premises: vec![law_id(tangent.action, "gradient")],
        remarks: vec![],
        env,
    };
    Ok((Law::new(draft, tangent.argument.conclude(conclusion)), conclusion))
}

/// What the right-hand side of T1 contributes to the Hessian image.
enum ResponseImage {
    None,
    /// J* of this output-shaped matrix: ℓ″[r_A] + (Dr_A)*E.
    Output(Expr),
    /// c_A′(L), which multiplies ∇L.
    Loss(Expr),
}

fn response_image(cx: &Context, tangent: &Tangent, env: &Arc<Env>) -> Result<ResponseImage, String> {
    match &tangent.response {
        Response::Invariant => Ok(ResponseImage::None),
        Response::Loss(c) => {
            let loss = crate::model::Model::loss_symbol();
            let slope = differentiate(cx, env, c, loss, &num(Rational::one()))?;
            Ok(ResponseImage::Loss(slope))
        }
        Response::Output(r) => {
            let output = cx.model.output.as_ref().ok_or("no output")?.name;
            let shape = env.symbol(output).ok_or("no output")?.shape;
            let v = fresh(env, "V[F]");
            let mut env2 = (**env).clone();
            env2.declare(v, shape, Facts::CONSTANT);
            let env2 = Arc::new(env2);
            let derivative = differentiate(cx, &env2, r, output, &sym(v))?;
            let error = apply(Op::Err, &[&sym(output)]);
            let curvature = apply(Op::HessLoss, &[&sym(output), r]);
            if is_zero(&derivative) {
                return Ok(ResponseImage::Output(tidy(env, &curvature)));
            }
            let form = inner(&error, &derivative);
            let (matrix, _) = isolate_symbol(cx, &env2, v, &form)?;
            let matrix = tidy(&env2, simplify(cx, &env2, &matrix)?.end());
            Ok(ResponseImage::Output(tidy(env, &add(&curvature, &matrix))))
        }
    }
}

/// The derivative of a formula in one symbol along a direction.
pub(super) fn differentiate(
    cx: &Context,
    env: &Arc<Env>,
    expr: &Expr,
    symbol: Symbol,
    along: &Expr,
) -> Result<Expr, String> {
    let mut moving = (**env).clone();
    for name in cx.model.params.iter().map(|p| p.name) {
        if let Some(info) = env.symbol(name).cloned() {
            moving.declare(name, info.shape, info.facts | Facts::CONSTANT);
        }
    }
    if let Some(info) = env.symbol(symbol).cloned() {
        moving.declare(symbol, info.shape, info.facts - Facts::CONSTANT);
    }
    let moving = Arc::new(moving);
    let given = [Given {
        name: Symbol::from(format!("d{symbol}")),
        reason: format!("the direction on {symbol}"),
        silent: true,
        lhs: apply(Op::Diff, &[&sym(symbol)]),
        rhs: along.clone(),
    }];
    let search = cx.search(moving.clone(), Purpose::Differentiate, &given);
    let proof = search.best(&apply(Op::Diff, &[expr]), &Goal::Simplest).map_err(|s| s.to_string())?;
    replay(cx.book, &moving, &given, &proof, proof.end()).map_err(|e| e.to_string())?;
    Ok(tidy(env, proof.end()))
}

/// Adds a multiple of an equation Σ = 0 to some summands where that removes every gradient the equation mentions.
fn modulo(terms: Vec<(Rational, Expr)>, equation: &[(Rational, Expr)]) -> Vec<(Rational, Expr)> {
    let is_gradient = |t: &Expr| t.as_ref().iter().any(|n| matches!(n, crate::term::Term::Op(Op::Grad, _)));
    let mut gradients = equation.iter().filter(|(_, t)| is_gradient(t));
    let coefficient = |t: &Expr| terms.iter().find(|(_, s)| s == t).map(|(c, _)| c);
    let Some(ratio) = gradients.next().and_then(|(c, t)| coefficient(t).map(|d| d / c)) else { return terms };
    if !gradients.all(|(c, t)| coefficient(t).is_some_and(|d| *d == &ratio * c)) {
        return terms;
    }
    let correction = equation.iter().map(|(c, t)| (-(&ratio * c), t.clone()));
    collect(terms.iter().cloned().chain(correction).collect())
}

/// T4: ⟨ξ_B, H[ξ_A]⟩ = (right-hand side of the differentiated T1 at V = ξ_B) − ⟨∇L, Dξ_A[ξ_B]⟩.
fn hessian_form(
    cx: &Context,
    tangent: &mut Tangent,
    adjoint: &Adjoint,
    response: &ResponseImage,
    gradient: &[(Rational, Expr)],
    image: ClaimId,
) -> Result<Law, String> {
    let a = tangent.element.symbol;
    let b = fresh(&adjoint.env, super::generator::second_letter(a));
    let mut env = (*adjoint.env).clone();
    env.declare(b, tangent.algebra.shape, tangent.algebra.whole().facts | Facts::CONSTANT);
    let env = Arc::new(env);
    let to_b = HashMap::from([(a, sym(b))]);
    let xi_b: Vec<(Symbol, Expr)> = tangent.generator.iter().map(|c| (c.param, substitute(&c.value, &to_b))).collect();
    let mut directions: HashMap<Symbol, Expr> =
        cx.model.params.iter().map(|p| (direction(p.name), crate::term::zeros(p.shape))).collect();
    for (param, value) in &xi_b {
        directions.insert(direction(*param), value.clone());
    }
    let mut lhs = Vec::new();
    for (param, value) in &xi_b {
        lhs.push(inner(value, &apply(Op::Hess, &[&sym(*param), &sym(a)])));
    }
    let mut terms: Vec<(Rational, Expr)> = Vec::new();
    for component in &tangent.generator {
        let Some(second) = adjoint.derivative_at(component.param, &directions) else { continue };
        let second = simplify(cx, &env, &second)?;
        for (c, t) in tidy_summands(&env, second.end()) {
            terms.push((-c, inner(&apply(Op::Grad, &[&sym(component.param)]), &t)));
        }
    }
    match response {
        ResponseImage::None => {}
        ResponseImage::Output(z) => {
            // ⟨J ξ_B, Z⟩ with J ξ_B = r_B, the equivariance itself.
            let Response::Output(r) = &tangent.response else { return Err("no response".into()) };
            let r = substitute(r, &to_b);
            for (p, r) in tidy_summands(&env, &r) {
                for (q, z) in tidy_summands(&env, z) {
                    terms.push((&p * q, tidy(&env, &inner(&r, &z))));
                }
            }
        }
        ResponseImage::Loss(slope) => {
            // c_A′(L) ⟨∇L, ξ_B⟩ = c_A′(L) c_B(L).
            let Response::Loss(c) = &tangent.response else { return Err("no response".into()) };
            let c = substitute(c, &to_b);
            let form = simplify(cx, &env, &mul(slope, &c))?;
            terms.extend(tidy_summands(&env, form.end()));
        }
    }
    let terms = modulo(collect(terms), gradient);
    let rhs = total(&env, &terms, Shape::SCALAR);
    let lhs = lhs.into_iter().reduce(|s, t| add(&s, &t)).unwrap_or_else(|| num(Rational::zero()));
    let lhs = tidy(&env, &lhs);
    let words = if tangent.element.unit {
        "this is the inner product with V = ξ".to_string()
    } else {
        format!("this is the inner product with V = ξ_{b}")
    };
    let conclusion = tangent.argument.theorem(ClaimStatement::Conclusion, Theorem::HessianForm, words, &[image]);
    let element = Element {
        symbol: a,
        range: if tangent.element.unit { "1".into() } else { tangent.element.range.clone() },
        unit: tangent.element.unit,
    };
    let draft = Draft {
        id: law_id(tangent.action, "hessian/form"),
        action: Some(tangent.action),
        dynamics: None,
        kind: Kind::Identity,
        theorem: Theorem::HessianForm,
        statement: Statement::Equations { element: Some(element), equations: vec![(lhs, rhs)] },
        hypotheses: vec!["wherever L is twice differentiable".into()],
        components: scaled(Rational::one(), &num(Rational::one())),
        premises: vec![law_id(tangent.action, "hessian/image")],
        remarks: vec![],
        env,
    };
    Ok(Law::new(draft, tangent.argument.conclude(conclusion)))
}
