//! Linear forms of the generator: ⟨U, ξ_A⟩ = ⟨M(U), A⟩ with A isolated, and the adjoint (Dξ_A)* with the direction isolated.
//! Both are found by the rewriter, summand by summand.

use super::generator::{Component, Response, Tangent};
use super::law::Element;
use super::tidy::{tidy, tidy_summands};
use super::{Context, Missing, law_id};
use crate::rewrite::{Given, Goal, Proof, Purpose, replay};
use crate::term::{
    Env, Expr, Facts, Op, Rational, Shape, Symbol, Term, apply, arguments, inner, int, mentions, root, substitute, sym,
    zeros,
};
use std::collections::HashMap;
use std::sync::Arc;

/// One summand of a linear form, with the quantified symbol isolated: `coefficient ⟨U, term⟩ = coefficient ⟨matrix, A⟩`.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub coefficient: Rational,
    /// The summand of ξ_A.
    pub term: Expr,
    /// M, in the cotangent symbol of the parameter. For a one-dimensional algebra the number ⟨U, term⟩ itself.
    pub matrix: Expr,
    pub proof: Proof,
}

/// The symbol of a cotangent (or the gradient) on a parameter, and of a direction.
pub(super) fn cotangent(param: Symbol) -> Symbol {
    Symbol::from(format!("U[{param}]"))
}

pub(super) fn direction(param: Symbol) -> Symbol {
    Symbol::from(format!("V[{param}]"))
}

/// The environment with a cotangent and a direction for every parameter.
pub(super) fn tangent_env(cx: &Context, env: &Env) -> Arc<Env> {
    let mut env = env.clone();
    for param in &cx.model.params {
        env.declare(cotangent(param.name), param.shape, Facts::CONSTANT);
        env.declare(direction(param.name), param.shape, Facts::CONSTANT);
    }
    Arc::new(env)
}

/// `grad(W)` in place of every cotangent.
pub(super) fn gradients(cx: &Context) -> HashMap<Symbol, Expr> {
    cx.model.params.iter().map(|p| (cotangent(p.name), apply(Op::Grad, &[&sym(p.name)]))).collect()
}

/// The parameters in place of the cotangents.
pub(super) fn positions(cx: &Context) -> HashMap<Symbol, Expr> {
    cx.model.params.iter().map(|p| (cotangent(p.name), sym(p.name))).collect()
}

/// The two sides of T1 with A isolated: ⟨∇L, ξ_A⟩ summand by summand, and ⟨E, r_A⟩ (or c_A(L)).
#[derive(Clone, Debug)]
pub(super) struct Forms {
    pub pieces: Vec<Piece>,
    /// The matrix R with ⟨E, r_A⟩ = ⟨R, A⟩, and the proof; none for an invariance.
    pub response: Option<(Expr, Proof)>,
}

impl Forms {
    pub fn derive(cx: &Context, tangent: &Tangent) -> Result<Forms, Missing> {
        let env = tangent_env(cx, &tangent.env);
        let missing = |what: String, reason: String| Missing {
            id: law_id(tangent.action, "gradient"),
            reason: format!("the quantified element could not be isolated {what}: {reason}"),
        };
        let mut pieces = Vec::new();
        for Component { param, value, .. } in &tangent.generator {
            for (coefficient, term) in tidy_summands(&env, value) {
                let form = inner(&sym(cotangent(*param)), &term);
                let (matrix, proof) = isolate(cx, &env, &tangent.element, &form)
                    .map_err(|reason| missing(format!("on {param}"), reason))?;
                pieces.push(Piece { coefficient, term, matrix, proof });
            }
        }
        let response = match response_form(cx, tangent) {
            Some(form) => Some(
                isolate(cx, &env, &tangent.element, &form)
                    .map_err(|reason| missing("in the response".to_string(), reason))?,
            ),
            None => None,
        };
        Ok(Forms { pieces, response })
    }
}

/// ⟨E, r_A⟩ or c_A(L); `None` for an invariance.
pub(super) fn response_form(cx: &Context, tangent: &Tangent) -> Option<Expr> {
    match &tangent.response {
        Response::Invariant => None,
        Response::Output(r) => {
            let output = cx.model.output.as_ref()?;
            Some(inner(&apply(Op::Err, &[&sym(output.name)]), r))
        }
        Response::Loss(c) if tangent.element.unit => Some(c.clone()),
        Response::Loss(c) => Some(inner(&int(1), c)),
    }
}

/// Isolates A in a scalar form linear in it. For a one-dimensional algebra the form is only simplified.
pub(super) fn isolate(cx: &Context, env: &Arc<Env>, element: &Element, form: &Expr) -> Result<(Expr, Proof), String> {
    if element.unit {
        let proof = simplify(cx, env, form)?;
        return Ok((tidy(env, proof.end()), proof));
    }
    isolate_symbol(cx, env, element.symbol, form)
}

/// Brings a scalar form linear in a symbol to ⟨M, symbol⟩ and returns M.
pub(super) fn isolate_symbol(
    cx: &Context,
    env: &Arc<Env>,
    symbol: Symbol,
    form: &Expr,
) -> Result<(Expr, Proof), String> {
    let search = cx.search(env.clone(), Purpose::Isolate, &[]);
    let proof = search.best(form, &Goal::Isolate(symbol)).map_err(|s| s.to_string())?;
    replay(cx.book, env, &[], &proof, proof.end()).map_err(|e| e.to_string())?;
    match (root(proof.end()), arguments(proof.end()).as_slice()) {
        (Term::Op(Op::Inner, _), [matrix, a]) if *a == sym(symbol) => Ok((tidy(env, matrix), proof)),
        (Term::Op(Op::Zeros, _) | Term::Num(_), _) => {
            let shape = env.symbol(symbol).map_or(Shape::SCALAR, |info| info.shape);
            Ok((zeros(shape), proof))
        }
        _ => Err(format!("the form found is not an inner product: {}", crate::term::print::text(proof.end()))),
    }
}

/// The shortest form of a formula, with a replayed proof.
pub(super) fn simplify(cx: &Context, env: &Arc<Env>, expr: &Expr) -> Result<Proof, String> {
    let search = cx.search(env.clone(), Purpose::Simplify, &[]);
    let proof = search.best(expr, &Goal::Simplest).map_err(|s| s.to_string())?;
    replay(cx.book, env, &[], &proof, proof.end()).map_err(|e| e.to_string())?;
    Ok(proof)
}

/// The derivative of the generator and its adjoint.
#[derive(Clone, Debug)]
pub(super) struct Adjoint {
    /// Dξ_A[V] on each moved parameter, in the direction symbols.
    pub derivative: Vec<(Symbol, Expr)>,
    /// (Dξ_A)*[U], a list of summands for each parameter of the model, in the cotangent symbols.
    pub blocks: Vec<(Symbol, Vec<AdjointPiece>)>,
    /// Whether Dξ_A does not depend on the parameters, so that the action is affine.
    pub affine: bool,
    pub env: Arc<Env>,
}

/// A summand of (Dξ_A)*[U] and the proof that isolated the direction.
#[derive(Clone, Debug)]
pub(super) struct AdjointPiece {
    pub coefficient: Rational,
    pub matrix: Expr,
    pub proof: Proof,
}

impl Adjoint {
    pub fn derive(cx: &Context, tangent: &Tangent) -> Result<Adjoint, Missing> {
        let env = tangent_env(cx, &tangent.env);
        let missing = |what: &str, reason: String| Missing {
            id: law_id(tangent.action, "hessian/image"),
            reason: format!("{what}: {reason}"),
        };
        let params: Vec<Symbol> = cx.model.params.iter().map(|p| p.name).collect();
        let depends: Vec<Symbol> =
            params.iter().copied().filter(|p| tangent.generator.iter().any(|c| mentions(&c.value, *p))).collect();
        let given: Vec<Given> = depends
            .iter()
            .map(|p| Given {
                name: Symbol::from(format!("d{p}")),
                reason: format!("the direction on {p}"),
                silent: true,
                lhs: apply(Op::Diff, &[&sym(*p)]),
                rhs: sym(direction(*p)),
            })
            .collect();
        let mut derivative = Vec::new();
        let mut blocks: Vec<(Symbol, Vec<AdjointPiece>)> = params.iter().map(|p| (*p, Vec::new())).collect();
        for Component { param, value, .. } in &tangent.generator {
            let search = cx.search(env.clone(), Purpose::Differentiate, &given);
            let proof = search
                .best(&apply(Op::Diff, &[value]), &Goal::Simplest)
                .map_err(|s| missing("the generator could not be differentiated", s.to_string()))?;
            replay(cx.book, &env, &given, &proof, proof.end()).map_err(|e| missing("replay", e.to_string()))?;
            let d = tidy(&env, proof.end());
            for (coefficient, term) in tidy_summands(&env, &d) {
                for p in depends.iter().filter(|p| mentions(&term, direction(**p))) {
                    let form = inner(&sym(cotangent(*param)), &term);
                    let (matrix, proof) = isolate_symbol(cx, &env, direction(*p), &form)
                        .map_err(|r| missing("the direction could not be isolated", r))?;
                    if let Some((_, block)) = blocks.iter_mut().find(|(name, _)| name == p) {
                        block.push(AdjointPiece { coefficient: coefficient.clone(), matrix, proof });
                    }
                }
            }
            derivative.push((*param, d));
        }
        let affine = derivative.iter().all(|(_, d)| params.iter().all(|p| !mentions(d, *p)));
        Ok(Adjoint { derivative, blocks, affine, env })
    }

    /// Dξ_A[U] on a parameter: the derivative with the cotangents as directions; zero is `None`.
    pub fn derivative_at(&self, param: Symbol, directions: &HashMap<Symbol, Expr>) -> Option<Expr> {
        self.derivative.iter().find(|(p, _)| *p == param).map(|(_, d)| substitute(d, directions))
    }
}
