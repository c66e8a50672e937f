//! T5, the kernel: at a stationary point of an invariant loss H[ξ_A] = 0, so dim ker H ≥ dim orbit; and J[ξ_A] = 0 at every
//! point for an invariant output, so the Gauss–Newton and Fisher matrices have that kernel everywhere.

use super::context::Context;
use super::generator::Motion;
use super::outcome::{ActionLaws, concluded, record};
use crate::kernel::{Inference, Law, LawRow, Proved};

/// Derives T5 for one action.
pub(super) fn derive(cx: &Context, motion: &Motion, out: &mut ActionLaws) {
    if motion.tangent().is_invariance() {
        let premises = std::iter::once(motion.claim.clone()).chain(motion.output.clone()).collect();
        record(out, motion.action, LawRow::Kernel, cx.infer(Inference::Kernel, premises).map(Some));
    }
}

/// T5 for all invariances together: the rank of all their generators.
pub(super) fn joint(cx: &Context, actions: &[ActionLaws]) -> Option<Law> {
    let kernels = actions.iter().flat_map(|a| &a.laws).filter(|law| law.row() == LawRow::Kernel);
    let premises: Vec<Proved> = kernels.map(|law| law.claim().clone()).collect();
    if premises.len() < 2 {
        return None;
    }
    concluded(cx.infer(Inference::JointKernel, premises).ok()?, LawRow::Kernel, None).ok()
}
