//! T1, the gradient identity: ⟨∇L, ξ_A⟩ = ⟨E, r_A⟩ (or c_A(L)) for every A, with A eliminated into one matrix equation.

use super::context::Context;
use super::eliminate::{self, Terms};
use super::forms::Forms;
use super::generator::Motion;
use super::missing::Obstacle;
use super::outcome::{ActionLaws, record};
use crate::group::Part;
use crate::kernel::{Inference, LawRow, Proved, quantity};
use crate::term::{Op, Rational};
use num_traits::One;

/// T1 before A is eliminated, and where it is one scalar equation its summands Σ = 0 with the claim.
pub(super) struct Identity {
    pub raw: Proved,
    pub scalar: Option<(Terms, Proved)>,
}

/// Derives T1.
pub(super) fn derive(cx: &Context, motion: &Motion, forms: &Forms, out: &mut ActionLaws) -> Option<Identity> {
    let mut identity = None;
    let law = identity_of(cx, motion, forms).and_then(|(equation, terms, raw)| {
        let scalar = motion.is_unit().then(|| (terms, equation.clone()));
        identity = Some(Identity { raw, scalar });
        cx.infer(Inference::Equations { element: None }, vec![equation])
    });
    record(out, motion.action, LawRow::Gradient, law.map(Some));
    identity
}

fn identity_of(cx: &Context, motion: &Motion, forms: &Forms) -> Result<(Proved, Terms, Proved), Obstacle> {
    let raw = cx.infer(Inference::GradientIdentity, vec![motion.claim.clone()])?;
    let scope = cx.setting().tangent(raw.scope());
    let mut form = forms.filled(cx, &scope, &quantity(Op::Grad), false, |_| Ok(Some(Rational::one())))?;
    let response = forms.opposite_response();
    form.terms.extend(response.terms);
    form.equations.extend(response.equations);
    let (equation, terms) = eliminate::equation(cx, motion, Part::Whole, &raw, &form)?;
    Ok((equation, terms, raw))
}
