//! The finite subgroup of signs in a continuous group: diag(±1) in GL(n) and O(n), and beside Diag⁺(n) where the model is a
//! polynomial. What it fixes, and the block of the Hessian off the fixed space, the continuous laws do not say.

use super::action::{ActionKind, ProvedAction, prove};
use super::linear_map::LinearMap;
use super::{ActionLaws, Context, fresh, symmetric};
use crate::group::{GroupId, Signs};
use crate::model::{Action, Loss, Model};
use crate::term::{Expr, Op, Term, substitute, sym};
use std::collections::HashMap;

/// The action of the signs in the group of a proved invariance, under the name `basis·sign`.
fn restriction(model: &Model, action: &Action) -> Option<Action> {
    let element = action.element?;
    let acts = match action.group.group.signs() {
        Signs::Inside => true,
        // The elements are positive; that −1 acts too has to be proved, which is tried for polynomials.
        Signs::Beside => is_polynomial(model),
        Signs::No => false,
    };
    if !acts {
        return None;
    }
    let s = fresh(&model.env, "S");
    let at = HashMap::from([(element, sym(s))]);
    Some(Action {
        name: format!("{}·sign", action.name).as_str().into(),
        group: GroupId::Sign.of(&action.group.sizes),
        element: Some(s),
        images: action.images.iter().map(|(param, image)| (*param, substitute(image, &at))).collect(),
        output: action.output.as_ref().map(|image| substitute(image, &at)),
        loss: action.loss.as_ref().map(|image| substitute(image, &at)),
    })
}

/// Whether output and loss are made of sums and products alone.
fn is_polynomial(model: &Model) -> bool {
    let plain = |expr: &Expr| {
        expr.as_ref().iter().all(|node| match node {
            Term::Op(op, _) => matches!(
                op,
                Op::Add
                    | Op::Mul
                    | Op::Had
                    | Op::T
                    | Op::Tr
                    | Op::Inner
                    | Op::Norm2
                    | Op::Sum
                    | Op::Diag
                    | Op::Diagvec
                    | Op::Ones
                    | Op::Zeros
                    | Op::Eye
                    | Op::Mse
            ),
            Term::Fun(_) => false,
            Term::Num(_) | Term::Sym(_) | Term::Size(_) => true,
        })
    };
    let loss = match &model.loss {
        Loss::Any => true,
        Loss::Explicit(loss) => plain(loss),
    };
    loss && model.definitions().iter().all(|definition| plain(&definition.expr))
}

/// Derives T10 and T11 for the signs in a group, unless the model declares a finite action that moves the same parameters.
pub(super) fn derive(cx: &Context, parent: &ProvedAction, out: &mut ActionLaws) {
    let Some(action) = restriction(cx.model, &parent.action) else { return };
    let moves = |a: &Action| a.images.iter().map(|(param, _)| *param).collect::<Vec<_>>();
    let declared = |a: &Action| a.group.group.finite().is_some() && moves(a) == moves(&action);
    if cx.model.actions.iter().any(declared) {
        return;
    }
    // Nothing is claimed of the signs, so what is not proved is not missed.
    let Ok(proved) = prove(cx, &action) else { return };
    // Where the signs move the output or the loss, ∇L at a fixed point need not be fixed.
    if !matches!(proved.kind, ActionKind::Invariance | ActionKind::LossInvariance) {
        return;
    }
    let Some(finite) = action.group.group.finite() else { return };
    let map = LinearMap::derive(cx, &action);
    if let Ok((laws, ..)) = symmetric::subspace(cx, &proved, finite, map, Some(&parent.action)) {
        out.laws.extend(laws);
    }
}
