//! T2 and T8: where L(Kθ + s) = C(L(θ)) for a linear K and a constant s, Kᵀ∇L(Kθ + s) = C′∇L(θ) and
//! KᵀH(Kθ + s)K = C′H(θ) + C″∇L∇Lᵀ; C is the identity for an invariance, and s is 0 but for a discrete group. The adjoint Kᵀ is found by isolating V in ⟨U, K V⟩.

use super::action::ProvedAction;
use super::context::{Context, Weighted, end_of, is_trivial};
use super::generator::summed_equation;
use super::hessian::loss_derivative;
use super::missing::{Obstacle, Stage};
use super::outcome::{ActionLaws, record};
use super::tidy::{collect, tidy, tidy_summands, total};
use crate::kernel::{
    ActionKind, Components, Inference, LawRow, Proved, Scope, adjoint_equation, cotangent, direction, map_scope,
};
use crate::model::Action;
use crate::term::{Expr, Rational, Symbol, inner, mentions, num, substitute, sym, symbols};
use num_traits::One;
use std::collections::{BTreeSet, HashMap};

/// A linear map of parameter space, and a shift behind it, for a group element left symbolic.
pub(super) struct LinearMap {
    /// Pᵀ on each parameter, in the cotangent symbols.
    pub adjoint: Components,
    /// The shift, where there is one.
    pub shift: Components,
    /// That it is the adjoint.
    pub equation: Proved,
    pub scope: Scope,
}

impl LinearMap {
    /// Finds the adjoint of an action, or says why the action is not linear: of a discrete group it may be affine.
    pub fn derive(cx: &Context, action: &Action) -> Result<LinearMap, Obstacle> {
        let scope = map_scope(cx.setting(), action);
        let env = scope.env().clone();
        let params: Vec<Symbol> = cx.model().params.iter().map(|p| p.name).collect();
        let read = params.iter().filter(|p| action.images.iter().any(|(_, image)| mentions(image, **p)));
        let directions: HashMap<Symbol, Expr> = read.map(|p| (*p, sym(direction(*p)))).collect();
        let of_direction: HashMap<Symbol, Symbol> = params.iter().map(|p| (direction(*p), *p)).collect();
        let mut terms: HashMap<Symbol, Vec<(Rational, Expr)>> = HashMap::new();
        let mut of: Vec<Weighted> = Vec::new();
        let mut shift = Components::new();
        for param in &params {
            let Some((_, image)) = action.images.iter().find(|(name, _)| name == param) else {
                terms.entry(*param).or_default().push((Rational::one(), sym(cotangent(*param))));
                continue;
            };
            let mut still: Vec<(Rational, Expr)> = Vec::new();
            for (coefficient, term) in tidy_summands(&env, &substitute(image, &directions)) {
                let nonlinear = Obstacle::NotLinear(*param);
                let read: BTreeSet<Symbol> = symbols(&term).filter_map(|s| of_direction.get(&s).copied()).collect();
                if read.is_empty() && action.group.group.is_discrete() {
                    still.push((coefficient, term));
                    continue;
                }
                let [p] = read.into_iter().collect::<Vec<_>>()[..] else { return Err(nonlinear) };
                let form = inner(&sym(cotangent(*param)), &term);
                let (matrix, equation) =
                    cx.isolate(&scope, direction(p), &form).map_err(Stage::Image(*param).fails())?;
                if mentions(&matrix, direction(p)) {
                    return Err(nonlinear);
                }
                terms.entry(p).or_default().push((coefficient.clone(), tidy(&env, &matrix)));
                let equation = summed_equation(cx, action, *param, equation)?;
                of.push((num(coefficient), equation));
            }
            if let (false, Some(shape)) = (still.is_empty(), cx.model().param(*param).map(|p| p.shape)) {
                shift.push((*param, total(&env, &collect(still), shape)));
            }
        }
        let mut adjoint = Components::new();
        let mut reductions: Vec<(Symbol, Proved)> = Vec::new();
        for param in &cx.model().params {
            let block = total(&env, &collect(terms.remove(&param.name).unwrap_or_default()), param.shape);
            if block == sym(cotangent(param.name)) {
                adjoint.push((param.name, block));
                continue;
            }
            let short = cx.simplify(&scope, &block)?;
            adjoint.push((param.name, tidy(&env, end_of(&short))));
            if !is_trivial(&short) {
                reductions.push((param.name, short));
            }
        }
        let (lhs, rhs) = adjoint_equation(cx.model(), action, &adjoint, &shift);
        let equation = cx.linear_or(&scope, (&lhs, &rhs), of, || {
            let by = |param| Inference::Paired { scope: scope.clone(), with: sym(direction(param)) };
            let paired = |(param, short)| {
                let paired = cx.infer(by(param), vec![short])?;
                Ok((num(Rational::one()), summed_equation(cx, action, param, paired)?))
            };
            reductions.into_iter().map(paired).collect()
        })?;
        Ok(LinearMap { adjoint, shift, equation, scope })
    }
}

/// Derives the law of a linear action on the loss; the map, or why there is none.
pub(super) fn derive(cx: &Context, proved: &ProvedAction, out: &mut ActionLaws) -> Result<LinearMap, Obstacle> {
    let action = &proved.action;
    if proved.kind == ActionKind::Equivariance {
        return Err(Obstacle::NotOfTheLoss);
    }
    let map = LinearMap::derive(cx, action)?;
    let mut premises = vec![proved.claim.clone(), map.equation.clone()];
    if let (ActionKind::LossEquivariance, Some(image)) = (proved.kind, &action.loss) {
        let first = loss_derivative(cx, &map.scope, image)?;
        let second = loss_derivative(cx, &map.scope, end_of(&first))?;
        premises.extend([first, second]);
    }
    let law = cx.infer(Inference::TransportLaw { adjoint: map.adjoint.clone(), shift: map.shift.clone() }, premises);
    record(out, action.name, LawRow::Transport, law.map(Some));
    Ok(map)
}
