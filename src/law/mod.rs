//! The laws of a model: proposals for the kernel, one file per theorem. Everything here is symbolic and holds for all sizes at
//! once; nothing here states a law – that is what the kernel concludes.

pub mod action;
mod balance;
mod bounds;
mod conservation;
mod context;
mod difference;
mod dynamics;
mod eliminate;
mod forms;
mod generator;
mod gradient;
mod hessian;
mod missing;
mod orbit;
mod outcome;
mod reduce;
mod symmetric;
#[cfg(test)]
mod tests;
mod third;
mod tidy;
mod transport;

pub use action::{ProvedAction, Unproved};
pub use context::{Context, Failure};
pub use generator::Motion;
pub use missing::Missing;
pub use outcome::{ActionLaws, Curl};
pub use tidy::tidy;

use crate::kernel::Law;
use missing::law_id;

/// Derives the laws of one proved action.
pub fn derive(cx: &Context, action: &ProvedAction) -> ActionLaws {
    let mut out = ActionLaws::default();
    let group = &action.action.group;
    let none = |what: &str, reason: String| Missing { id: law_id(action.action.name, what), reason };
    if group.is_trivial() {
        out.missing.push(none("transport", format!("the identity is the only element of {group}: it moves nothing")));
        return out;
    }
    let map = transport::derive(cx, action, &mut out);
    if group.algebra().is_none() && group.group.finite().is_none() {
        out.missing.push(none("gradient", format!("the Lie algebra of {group} is 0: there is no generator")));
    }
    let Some(algebra) = group.algebra() else {
        symmetric::derive(cx, action, map, &mut out);
        return out;
    };
    let motion = match generator::derive(cx, action, algebra) {
        Ok(motion) => motion,
        Err(missing) => {
            out.missing.push(missing);
            return out;
        }
    };
    if motion.components().is_empty() {
        let id = law_id(motion.action, "gradient");
        out.missing.push(Missing { id, reason: "the action moves no parameter to first order".into() });
        return out;
    }
    let forms = forms::Forms::derive(cx, &motion).map_err(|missing| out.missing.push(missing)).ok();
    let identity = forms.as_ref().and_then(|forms| gradient::derive(cx, &motion, forms, &mut out));
    let slope = forms::Slope::derive(cx, &motion, &motion.claim).map_err(|missing| out.missing.push(missing)).ok();
    let mut flat = false;
    if let Some(slope) = &slope {
        if let Some(forms) = &forms {
            let portions = conservation::derive(cx, &motion, forms, slope, identity.as_ref(), &mut out);
            dynamics::derive(cx, &motion, forms, slope, &portions, &mut out);
        }
        let hessian = hessian::derive(cx, &motion, slope, identity.as_ref(), &mut out);
        flat = hessian.is_flat();
        bounds::alignment(cx, &motion, &hessian, &mut out);
        bounds::sharpness(cx, &motion, &hessian, &mut out);
        third::derive(cx, &motion, slope, &mut out);
    }
    orbit::derive(cx, &motion, flat, &mut out);
    symmetric::signs(cx, action, &mut out);
    out.motion = Some(motion);
    out
}

/// The laws of several actions together: conserved differences and the joint kernel.
pub fn derive_joint(cx: &Context, actions: &[ActionLaws]) -> Vec<Law> {
    let mut laws = difference::derive(cx, actions);
    laws.extend(orbit::joint(cx, actions));
    laws
}
