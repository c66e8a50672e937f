//! T9: differentiating H[ξ] = −S*∇L once more, D³L[ξ, ·, ·] = −(S*H + H S) for an affine invariance ξ = S θ + b.

use super::derivation::{ClaimStatement, Theorem};
use super::generator::Tangent;
use super::law::{Draft, Kind, Law, Statement};
use super::linear::Adjoint;
use super::structure::Structure;
use super::{ActionLaws, law_id};
use crate::term::{int, is_zero};

/// Derives the third derivative along the generator of an affine invariance.
pub(super) fn derive(tangent: &mut Tangent, adjoint: &Adjoint, out: &mut ActionLaws) {
    // A translation has S = 0, and T3 already says that H b = 0 everywhere.
    let moves = adjoint.derivative.iter().any(|(_, s)| !is_zero(s));
    if !tangent.is_invariance() || !adjoint.affine || !moves {
        return;
    }
    let mut premises = vec![tangent.equivariance];
    premises.extend(tangent.generator_claims());
    let words = "this is the derivative of H[ξ] = −S*∇L along V, since S does not depend on the parameters";
    let conclusion = tangent.argument.theorem(ClaimStatement::Conclusion, Theorem::ThirdOrder, words, &premises);
    let draft = Draft {
        id: law_id(tangent.action, "third"),
        action: Some(tangent.action),
        dynamics: None,
        kind: Kind::Identity,
        theorem: Theorem::ThirdOrder,
        statement: Statement::Structure(Structure::Third { element: tangent.element.clone() }),
        hypotheses: vec!["wherever L is three times differentiable".into()],
        components: int(1),
        premises: vec![law_id(tangent.action, "hessian/image")],
        remarks: vec![],
        env: adjoint.env.clone(),
    };
    out.laws.push(Law::new(draft, tangent.argument.conclude(conclusion)));
}
