//! The laws of a model: proposals for the kernel, one file per theorem. Everything here is symbolic and holds for all sizes at
//! once; nothing here states a law – that is what the kernel concludes.

pub mod action;
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
mod orbit;
mod symmetric;
#[cfg(test)]
mod tests;
mod third;
mod tidy;
mod transport;

pub use action::{ProvedAction, Unproved};
pub use context::{Context, Failure};
pub use generator::Motion;
pub use tidy::tidy;

use crate::kernel::{Components, Law, LawRow, Proved};
use crate::term::{Env, Facts, Symbol};
use std::sync::Arc;

/// A law that an action suggests but that could not be derived, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing {
    pub id: String,
    pub reason: String,
}

/// A field of parameter space, linear in an element A of a part of a Lie algebra, whose derivative was not proved to be
/// self-adjoint. Numbers may refute it.
#[derive(Clone, Debug)]
pub struct Curl {
    /// The position of what it decides among the missing laws of its action.
    pub missing: usize,
    pub action: Symbol,
    /// The name of A, and the facts that single out the part of the algebra it ranges over.
    pub element: Symbol,
    pub facts: Facts,
    /// The parameter and the field there; it vanishes on the others.
    pub field: Components,
    pub env: Arc<Env>,
}

/// The laws of one proved action, and what could not be derived.
#[derive(Clone, Debug, Default)]
pub struct ActionLaws {
    pub laws: Vec<Law>,
    pub missing: Vec<Missing>,
    /// Which of the missing laws numbers can decide.
    pub curls: Vec<Curl>,
    /// The generator, when the group is continuous.
    pub motion: Option<Motion>,
    /// Quantities whose rates are known, for conserved differences between actions.
    pub rates: Vec<difference::Balance>,
}

/// Derives the laws of one proved action.
pub fn derive(cx: &Context, action: &ProvedAction) -> ActionLaws {
    let mut out = ActionLaws::default();
    let map = transport::derive(cx, action, &mut out);
    let Some(algebra) = action.action.group.algebra() else {
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
    if let Some(slope) = &slope {
        if let Some(forms) = &forms {
            let portions = conservation::derive(cx, &motion, forms, slope, identity.as_ref(), &mut out);
            dynamics::derive(cx, &motion, forms, slope, &portions, &mut out);
        }
        let hessian = hessian::derive(cx, &motion, slope, identity.as_ref(), &mut out);
        bounds::alignment(cx, &motion, &hessian, &mut out);
        bounds::sharpness(cx, &motion, &hessian, &mut out);
        third::derive(cx, &motion, slope, &mut out);
    }
    orbit::derive(cx, &motion, &mut out);
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

/// The law that a claim states.
fn concluded(claim: Proved, row: LawRow, within: Option<Symbol>) -> Result<Law, String> {
    Law::conclude(claim, row, within).map_err(|refusal| refusal.to_string())
}

/// Records a derived law, or why it is missing.
fn record(out: &mut ActionLaws, action: Symbol, row: LawRow, claim: Result<Option<Proved>, String>) {
    let law = claim.and_then(|claim| claim.map(|claim| concluded(claim, row, None)).transpose());
    match law {
        Ok(Some(law)) => out.laws.push(law),
        Ok(None) => {}
        Err(reason) => out.missing.push(Missing { id: law_id(action, row.data().path), reason }),
    }
}

/// A name that no symbol of the environment has.
fn fresh(env: &Env, base: &str) -> Symbol {
    let mut name = base.to_string();
    while env.symbol(Symbol::from(name.as_str())).is_some() {
        name.push('′');
    }
    Symbol::from(name)
}

/// `rescale/gradient`.
fn law_id(action: Symbol, rest: &str) -> String {
    format!("{action}/{rest}")
}
