//! T6 and T7, what T3 and T4 say of spectra: the gradient in the range of the Hessian, and bounds from the plane of ξ and H[ξ].

use super::context::Context;
use super::generator::Motion;
use super::hessian::Hessian;
use super::outcome::{ActionLaws, record};
use super::tidy::{collect, tidy, tidy_summands};
use crate::kernel::{Inference, LawRow, Proved, Response, Statement};
use crate::term::{
    Env, Expr, Op, Shape, Symbol, Term, add, apply, arguments, factors, int, is_negative, is_zero, mul, neg, root,
    scaled, substitute, summands, sym,
};
use std::collections::HashMap;

fn equations(claim: &Proved) -> Option<&[(Expr, Expr)]> {
    match claim.statement()? {
        Statement::Equations { equations, .. } => Some(equations),
        _ => None,
    }
}

/// T6: where T3 says H[ξ] = κ∇L for the one generator of a one-dimensional algebra – a homogeneous or a scale-invariant loss, an
/// exponential translation – the gradient lies in the range of the Hessian.
pub(super) fn alignment(cx: &Context, motion: &Motion, hessian: &Hessian, out: &mut ActionLaws) {
    let Some(image) = hessian.image.as_ref().filter(|_| motion.is_unit() && !hessian.is_flat()) else { return };
    let Some(factor) = common_factor(image) else { return };
    let premises = vec![motion.claim.clone(), image.clone()];
    record(out, motion.action, LawRow::Alignment, cx.infer(Inference::Alignment { factor }, premises).map(Some));
}

/// κ with every block κ∇L.
fn common_factor(image: &Proved) -> Option<Expr> {
    let env = image.scope().env();
    let mut factor: Option<Expr> = None;
    for (block, value) in equations(image)? {
        let gradient = apply(Op::Grad, &[&arguments(block).into_iter().next()?]);
        let summands = tidy_summands(env, value);
        let [(coefficient, term)] = summands.as_slice() else { return None };
        let mut parts = factors(term);
        if parts.pop().as_ref() != Some(&gradient) {
            return None;
        }
        let product = parts.into_iter().reduce(|x, y| mul(&x, &y)).unwrap_or_else(|| int(1));
        let found = scaled(coefficient.clone(), &product);
        if *factor.get_or_insert_with(|| found.clone()) != found {
            return None;
        }
    }
    factor
}

/// T7: with α = ⟨ξ, H[ξ]⟩/‖ξ‖² and β = ‖H[ξ] − αξ‖/‖ξ‖ the compression of H to the plane of ξ and H[ξ] is [[α, β], [β, ·]], and
/// T3 and T4 give both numbers by the gradient alone – unless only the output is equivariant, where the image has the curvature
/// of ℓ in it.
pub(super) fn sharpness(cx: &Context, motion: &Motion, hessian: &Hessian, out: &mut ActionLaws) {
    let (Some(image), Some(form)) = (&hessian.image, &hessian.form) else { return };
    let (Some(blocks), Some([(_, value)])) = (equations(image), equations(form)) else { return };
    // Where H[ξ] = 0 the bounds say no more than the kernel.
    if matches!(motion.tangent().response, Response::Output(_)) || blocks.iter().all(|(_, block)| is_zero(block)) {
        return;
    }
    let env = form.scope().env();
    let a = motion.element();
    let b = super::context::fresh(image.scope().env(), super::generator::second_letter(a));
    let total = |terms: Vec<Expr>| {
        let sum = terms.into_iter().reduce(|sum, x| add(&sum, &x)).unwrap_or_else(|| int(0));
        tidy(env, &sum)
    };
    let at_a = collect(tidy_summands(env, &substitute(value, &HashMap::from([(b, sym(a))]))));
    // Of a parameter with several members that move together, all of them.
    let squared = |p: Symbol, x: &Expr| motion.summed(cx, p, &norm(env, x));
    let param = |block: &Expr| match arguments(block).first().map(|p| root(p).clone()) {
        Some(Term::Sym(name)) => name,
        _ => a,
    };
    let by = Inference::Sharpness {
        form: super::tidy::total(env, &at_a, Shape::SCALAR),
        image: total(blocks.iter().filter(|(_, x)| !is_zero(x)).map(|(block, x)| squared(param(block), x)).collect()),
        length: total(motion.components().iter().map(|(p, x)| squared(*p, x)).collect()),
    };
    let premises = vec![motion.claim.clone(), image.clone(), form.clone()];
    record(out, motion.action, LawRow::Sharpness, cx.infer(by, premises).map(Some));
}

/// The squared norm, with a number in front.
fn norm(env: &Env, x: &Expr) -> Expr {
    match summands(x).as_slice() {
        [(c, term)] if matches!(root(term), Term::Num(_)) => scaled(c * c, &apply(Op::Norm2, &[term])),
        [(c, term)] => scaled(c * c, &apply(Op::Norm2, &[term])),
        _ => apply(Op::Norm2, &[&if is_negative(x) { tidy(env, &neg(x)) } else { x.clone() }]),
    }
}
