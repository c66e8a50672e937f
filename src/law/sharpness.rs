//! T7, sharpness: with α = ⟨ξ, H[ξ]⟩/‖ξ‖² and β = ‖H[ξ] − αξ‖/‖ξ‖ the compression of H to the plane of ξ and H[ξ] is
//! [[α, β], [β, ·]], and T3 and T4 give both numbers by the gradient alone.

use super::derivation::{ClaimStatement, Theorem};
use super::generator::{Response, Tangent};
use super::law::{Draft, Kind, Law, Statement};
use super::structure::Structure;
use super::{ActionLaws, fresh, law_id, tidy};
use crate::term::{
    Expr, Op, Term, add, apply, arguments, int, is_negative, is_zero, neg, root, scaled, substitute, summands, sym,
};
use std::collections::HashMap;

/// Derives the bounds of an action on the loss whose Hessian image and form are known. Where only the output is
/// equivariant, the image has the curvature of ℓ in it and is not given by the gradient.
pub(super) fn derive(tangent: &mut Tangent, out: &mut ActionLaws) {
    if matches!(tangent.response, Response::Output(_)) {
        return;
    }
    let (image_id, form_id) = (law_id(tangent.action, "hessian/image"), law_id(tangent.action, "hessian/form"));
    let equations = |id: &str| {
        let law = out.laws.iter().find(|law| law.id() == id)?;
        match law.statement() {
            Statement::Equations { equations, .. } => Some((law, equations)),
            _ => None,
        }
    };
    let (Some((image, blocks)), Some((form, forms))) = (equations(&image_id), equations(&form_id)) else { return };
    let [(_, value)] = forms.as_slice() else { return };
    // Where H[ξ] = 0 the bounds say no more than the kernel.
    if blocks.iter().all(|(_, block)| is_zero(block)) {
        return;
    }
    let a = tangent.element.symbol;
    let b = fresh(image.env(), super::generator::second_letter(a));
    let env = form.env().clone();
    let norm = |x: &Expr| match summands(x).as_slice() {
        [(c, term)] if *term == int(1) => scaled(c * c, term),
        [(c, term)] => scaled(c * c, &apply(Op::Norm2, &[term])),
        _ => apply(Op::Norm2, &[&if is_negative(x) { tidy(&env, &neg(x)) } else { x.clone() }]),
    };
    let total = |terms: Vec<Expr>| {
        let sum = terms.into_iter().reduce(|sum, x| add(&sum, &x)).unwrap_or_else(|| int(0));
        tidy(&env, &sum)
    };
    // ξ = θ and H[ξ] = −∇L, parameter by parameter.
    let grown = |param: &Expr| matches!(root(param), Term::Sym(name) if tangent.on(*name) == Some(param));
    let shrunk = |param: &Expr, block: &Expr| *block == tidy(&env, &neg(&apply(Op::Grad, &[param])));
    let radial = tangent.element.unit
        && blocks.iter().all(|(lhs, block)| arguments(lhs).first().is_some_and(|p| grown(p) && shrunk(p, block)));
    let structure = Structure::Sharpness {
        radial,
        element: tangent.element.clone(),
        form: tidy(&env, &substitute(value, &HashMap::from([(b, sym(a))]))),
        image: total(blocks.iter().map(|(_, block)| block).filter(|x| !is_zero(x)).map(norm).collect()),
        length: total(tangent.generator.iter().map(|c| norm(&c.value)).collect()),
    };
    let mut premises = vec![tangent.equivariance];
    premises.extend(tangent.generator_claims());
    let words = format!(
        "the compression of H to the plane of ξ and H[ξ] is [[α, β], [β, ·]] with α = ⟨ξ, H[ξ]⟩/‖ξ‖² and \
         α² + β² = ‖H[ξ]‖²/‖ξ‖², which {image_id} and {form_id} give; its eigenvalues lie between those of H (Cauchy)"
    );
    let conclusion = tangent.argument.theorem(ClaimStatement::Conclusion, Theorem::Sharpness, words, &premises);
    let draft = Draft {
        id: law_id(tangent.action, "sharpness"),
        action: Some(tangent.action),
        dynamics: None,
        kind: Kind::Bound,
        theorem: Theorem::Sharpness,
        statement: Statement::Structure(structure),
        hypotheses: vec!["wherever L is twice differentiable and ξ ≠ 0".into()],
        components: int(4),
        premises: vec![image_id, form_id],
        remarks: vec![],
        env,
    };
    out.laws.push(Law::new(draft, tangent.argument.conclude(conclusion)));
}
