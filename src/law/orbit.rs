//! T5, the kernel: at a stationary point of an invariant loss H[ξ_A] = 0, so dim ker H ≥ dim orbit; and J[ξ_A] = 0 at every
//! point for an invariant output, so the Gauss–Newton and Fisher matrices have that kernel everywhere.

use super::context::Context;
use super::generator::Motion;
use super::outcome::{ActionLaws, concluded, record};
use crate::kernel::{Inference, Law, LawRow, Proved};

/// Derives T5 for one action. It is no law of its own where `flat`: T3 says H[ξ] = 0 of every point then.
pub(super) fn derive(cx: &Context, motion: &Motion, flat: bool, out: &mut ActionLaws) {
    if motion.tangent().is_invariance() {
        let premises = std::iter::once(motion.claim.clone()).chain(motion.output.clone()).collect();
        let kernel = cx.infer(Inference::Kernel, premises);
        out.kernel = kernel.as_ref().ok().cloned();
        if !flat {
            record(out, motion.action, LawRow::Kernel, kernel.map(Some));
        }
    }
}

/// T5 for all invariances together: the rank of all their generators.
pub(super) fn joint(cx: &Context, actions: &[ActionLaws]) -> Option<Law> {
    // What is derived around members beside each other is about these alone.
    let here = |claim: &Proved| claim.setting().is(cx.setting());
    let premises: Vec<Proved> = actions.iter().filter_map(|action| action.kernel.clone()).filter(here).collect();
    if premises.len() < 2 {
        return None;
    }
    concluded(cx.infer(Inference::JointKernel, premises).ok()?, LawRow::Kernel, None).ok()
}
