//! A linear action θ ↦ Pθ with its adjoint: ⟨U, P V⟩ = ⟨PᵀU, V⟩ with V isolated by the rewriter. PᵀP = I is then one more
//! equation to prove.

use super::Context;
use super::action::prove_equal;
use super::linear::{cotangent, direction, isolate_symbol, simplify, tangent_env};
use super::tidy::{collect, tidy_summands, total};
use crate::model::Action;
use crate::rewrite::Proof;
use crate::term::{Env, Expr, Rational, Symbol, inner, mentions, substitute, sym};
use std::collections::HashMap;
use std::sync::Arc;

/// A linear map of parameter space, for a group element left symbolic.
pub(super) struct LinearMap {
    /// Pᵀ on each parameter, in the cotangent symbols.
    pub adjoint: Vec<(Symbol, Expr)>,
    /// The proofs that isolated the directions.
    pub proofs: Vec<Proof>,
    /// The model's environment with the group element, cotangents and directions.
    pub env: Arc<Env>,
}

impl LinearMap {
    /// Finds the adjoint of an action, or says why the action is not linear.
    pub fn derive(cx: &Context, action: &Action) -> Result<LinearMap, String> {
        let env = tangent_env(cx, &cx.model.action_env(action));
        let params: Vec<Symbol> = cx.model.params.iter().map(|p| p.name).collect();
        let directions: HashMap<Symbol, Expr> = params.iter().map(|p| (*p, sym(direction(*p)))).collect();
        let mut terms: HashMap<Symbol, Vec<(Rational, Expr)>> = HashMap::new();
        let mut proofs = Vec::new();
        for param in &params {
            let Some((_, image)) = action.images.iter().find(|(name, _)| name == param) else {
                terms.entry(*param).or_default().push((Rational::from_integer(1.into()), sym(cotangent(*param))));
                continue;
            };
            for (coefficient, term) in tidy_summands(&env, &substitute(image, &directions)) {
                let nonlinear = || format!("the image of {param} is not linear in the parameters");
                let mut read = params.iter().filter(|p| mentions(&term, direction(**p)));
                let (Some(p), None) = (read.next(), read.next()) else { return Err(nonlinear()) };
                let form = inner(&sym(cotangent(*param)), &term);
                let (matrix, proof) = isolate_symbol(cx, &env, direction(*p), &form)
                    .map_err(|reason| format!("{}: {reason}", nonlinear()))?;
                if mentions(&matrix, direction(*p)) {
                    return Err(nonlinear());
                }
                terms.entry(*p).or_default().push((coefficient, matrix));
                proofs.push(proof);
            }
        }
        let mut adjoint = Vec::new();
        for param in &cx.model.params {
            let block = total(&env, &collect(terms.remove(&param.name).unwrap_or_default()), param.shape);
            adjoint.push((param.name, super::tidy(&env, simplify(cx, &env, &block)?.end())));
        }
        Ok(LinearMap { adjoint, proofs, env })
    }

    /// The proofs that PᵀP = I, one for each parameter that moves.
    pub fn orthogonal(&self, cx: &Context, action: &Action) -> Result<Vec<Proof>, String> {
        let cotangents: HashMap<Symbol, Expr> =
            cx.model.params.iter().map(|p| (p.name, sym(cotangent(p.name)))).collect();
        let moved: HashMap<Symbol, Expr> =
            action.images.iter().map(|(p, image)| (cotangent(*p), substitute(image, &cotangents))).collect();
        let mut proofs = Vec::new();
        for (param, block) in &self.adjoint {
            let back = substitute(block, &moved);
            let identity = sym(cotangent(*param));
            if back == identity {
                continue;
            }
            let proof = prove_equal(cx, &self.env, &[], &back, &identity)
                .map_err(|reason| format!("PᵀP = I was not proved on {param}: {reason}"))?;
            proofs.push(proof);
        }
        Ok(proofs)
    }
}
