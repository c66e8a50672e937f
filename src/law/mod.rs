//! The laws: one file per theorem. Everything here is symbolic and holds for all sizes at once.

pub mod action;
mod alignment;
mod conservation;
mod derivation;
mod difference;
mod dynamics;
mod flattest;
mod generator;
mod gradient;
mod hessian;
#[allow(clippy::module_inception)]
mod law;
mod linear;
mod linear_map;
mod orbit;
mod place;
mod potential;
mod sharpness;
mod signs;
mod spectrum;
mod structure;
mod symmetric;
#[cfg(test)]
mod tests;
mod third;
mod tidy;
mod transport;

pub use action::{ActionKind, GroupLawClaims, ProvedAction, Unproved};
pub use derivation::{Argument, Claim, ClaimId, ClaimStatement, Derivation, Reason, Theorem};
pub use dynamics::Hyperparameters;
pub use generator::Tangent;
pub use law::{Draft, Element, Generator, Kind, Law, Statement};
pub use structure::{Case, Condition, Form, Multiplicity, Slopes, Structure, When};
pub use tidy::tidy;

use crate::model::Model;
use crate::rewrite::{Given, Limits, Purpose, RuleBook, Search};
use crate::term::{Env, Expr, Facts, Symbol};
use std::sync::Arc;

/// What every derivation needs: the model, the rules and the bounds of a search.
pub struct Context<'a> {
    pub model: &'a Model,
    pub book: &'a RuleBook,
    pub limits: Limits,
}

impl Context<'_> {
    fn search<'b>(&'b self, env: Arc<Env>, purpose: Purpose, given: &'b [Given]) -> Search<'b> {
        Search { book: self.book, env, purpose, given, limits: self.limits }
    }
}

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
    pub field: Vec<(Symbol, Expr)>,
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
    pub tangent: Option<Tangent>,
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
    let mut tangent = match generator::derive(cx, action, algebra) {
        Ok(tangent) => tangent,
        Err(missing) => {
            out.missing.push(missing);
            return out;
        }
    };
    if tangent.generator.is_empty() {
        let id = law_id(tangent.action, "gradient");
        out.missing.push(Missing { id, reason: "the action moves no parameter to first order".into() });
        return out;
    }
    let forms = linear::Forms::derive(cx, &tangent).map_err(|missing| out.missing.push(missing)).ok();
    let gradient = match &forms {
        Some(forms) => gradient::derive(cx, &mut tangent, forms, &mut out),
        None => vec![],
    };
    let adjoint = linear::Adjoint::derive(cx, &tangent).map_err(|missing| out.missing.push(missing)).ok();
    if let Some(adjoint) = &adjoint {
        if let Some(forms) = &forms {
            let portions = conservation::derive(cx, &mut tangent, forms, adjoint, &mut out);
            dynamics::derive(cx, &mut tangent, forms, adjoint, &portions, &mut out);
        }
        hessian::derive(cx, &mut tangent, adjoint, &gradient, &mut out);
        alignment::derive(&mut tangent, &mut out);
        sharpness::derive(&mut tangent, &mut out);
        third::derive(cx, &mut tangent, adjoint, &mut out);
        flattest::derive(cx, &mut tangent, adjoint, &mut out);
    }
    orbit::derive(cx, &mut tangent, &mut out);
    signs::derive(cx, action, &mut out);
    out.tangent = Some(tangent);
    out
}

/// The laws of several actions together: conserved differences and the joint kernel.
pub fn derive_joint(cx: &Context, actions: &[ActionLaws]) -> Vec<Law> {
    let mut laws = difference::derive(cx, actions);
    laws.extend(orbit::joint(cx, actions));
    laws
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
