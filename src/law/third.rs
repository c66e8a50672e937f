//! T9: differentiating H[ξ] = c′∇L − S*∇L once more, D³L[ξ, ·, ·] = −(S*H + H S) + c′H + c″∇L∇Lᵀ for an affine action
//! ξ = S θ + b that leaves the loss invariant (c = 0) or moves it by c(L).

use super::derivation::{ClaimStatement, Theorem};
use super::flattest::slopes;
use super::generator::{Response, Tangent};
use super::law::{Draft, Kind, Law, Statement};
use super::linear::Adjoint;
use super::structure::Structure;
use super::{ActionLaws, Context, Missing, law_id};
use crate::term::{int, is_zero, zeros};

/// Derives the third derivative along the generator of an affine action on the loss.
pub(super) fn derive(cx: &Context, tangent: &mut Tangent, adjoint: &Adjoint, out: &mut ActionLaws) {
    // A translation has S = 0, and T3 already says that H b = 0 everywhere.
    let moves = adjoint.derivative.iter().any(|(_, s)| !is_zero(s));
    if matches!(tangent.response, Response::Output(_)) || !adjoint.affine || !moves {
        return;
    }
    let response = match slopes(cx, tangent, &adjoint.env) {
        Ok(response) => response,
        Err(reason) => {
            out.missing.push(Missing { id: law_id(tangent.action, "third"), reason });
            return;
        }
    };
    let mut premises = vec![tangent.equivariance];
    premises.extend(tangent.generator_claims());
    let words = match tangent.response {
        Response::Loss(_) => {
            "this is the derivative of H[ξ] = c′(L)∇L − S*∇L along V, since S does not depend on the parameters"
        }
        _ => "this is the derivative of H[ξ] = −S*∇L along V, since S does not depend on the parameters",
    };
    let conclusion = tangent.argument.theorem(ClaimStatement::Conclusion, Theorem::ThirdOrder, words, &premises);
    let draft = Draft {
        id: law_id(tangent.action, "third"),
        action: Some(tangent.action),
        dynamics: None,
        kind: Kind::Identity,
        theorem: Theorem::ThirdOrder,
        statement: Statement::Structure(Structure::Third {
            element: tangent.element.clone(),
            derivative: (cx.model.params.iter())
                .map(|p| {
                    let moved = adjoint.derivative.iter().find(|(name, _)| *name == p.name);
                    (p.name, moved.map_or_else(|| zeros(p.shape), |(_, s)| s.clone()))
                })
                .collect(),
            response,
        }),
        hypotheses: vec!["wherever L is three times differentiable".into()],
        components: int(1),
        premises: vec![law_id(tangent.action, "hessian/image")],
        remarks: vec![],
        env: adjoint.env.clone(),
    };
    out.laws.push(Law::new(draft, tangent.argument.conclude(conclusion)));
}
