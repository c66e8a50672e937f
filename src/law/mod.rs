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
mod expand;
mod forms;
mod generator;
mod gradient;
mod growth;
mod hessian;
mod kept;
mod memo;
mod missing;
mod onward;
mod orbit;
mod outcome;
mod passage;
mod passed_on;
mod reduce;
mod siblings;
mod symmetric;
mod third;
mod tidy;
mod transport;

pub use action::{ProvedAction, Unproved, same_image};
pub use context::Context;
pub use generator::Motion;
pub use memo::Memo;
pub use missing::{Curled, Missing, Obstacle, Skewed, Stage, Wanted};
pub use outcome::{ActionLaws, Curl};
pub use tidy::tidy;

use crate::kernel::{ActionKind, Law, LawRow};

/// Derives the laws of one proved action.
pub fn derive(cx: &Context, action: &ProvedAction) -> ActionLaws {
    cx.within(action.claim.setting(), |own| derive_here(own, action))
}

fn derive_here(cx: &Context, action: &ProvedAction) -> ActionLaws {
    let mut out = ActionLaws::default();
    let lacks = |row| move |why| Missing { action: action.action.name, wanted: Wanted::Law(row), why };
    if action.kind == ActionKind::OutputEquivariance {
        out.missing.push(lacks(LawRow::Gradient)(Obstacle::OutputOnly));
        return out;
    }
    if action.action.group.is_trivial() {
        out.missing.push(lacks(LawRow::Transport)(Obstacle::TrivialGroup(action.action.group.clone())));
        return out;
    }
    if action.action.exchanged().is_some() {
        symmetric::members(cx, action, &mut out);
        return out;
    }
    let map = transport::derive(cx, action, &mut out);
    let group = &action.action.group;
    if group.algebra().is_none() && !group.group.is_discrete() {
        out.missing.push(lacks(LawRow::Gradient)(Obstacle::NoGenerator(group.clone())));
    }
    let Some(algebra) = group.algebra() else {
        symmetric::derive(cx, action, map, &mut out);
        symmetric::subgroups(cx, action, &mut out);
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
        out.missing.push(lacks(LawRow::Gradient)(Obstacle::NotMoving));
        return out;
    }
    let forms = forms::Forms::derive(cx, &motion);
    let forms = forms.map_err(|why| out.missing.push(lacks(LawRow::Gradient)(why))).ok();
    let identity = forms.as_ref().and_then(|forms| gradient::derive(cx, &motion, forms, &mut out));
    let slope = forms::Slope::derive(cx, &motion, &motion.claim);
    let slope = slope.map_err(|why| out.missing.push(lacks(LawRow::HessianImage)(why))).ok();
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
    symmetric::subgroups(cx, action, &mut out);
    out.motion = Some(motion);
    out
}

/// The laws of several actions together: conserved differences and the joint kernel.
pub fn derive_joint(cx: &Context, actions: &[ActionLaws]) -> Vec<Law> {
    let mut laws = difference::derive(cx, actions);
    laws.extend(orbit::joint(cx, actions));
    laws
}
