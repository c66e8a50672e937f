//! What was derived from one action, law by law.

use super::balance::Balance;
use super::generator::Motion;
use super::missing::{Missing, Obstacle, Wanted};
use crate::kernel::{Components, Law, LawRow, Proved};
use crate::term::{Env, Facts, Symbol};
use std::sync::Arc;

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
    /// T5, whether or not it is one of the laws.
    pub kernel: Option<Proved>,
    /// Quantities whose rates are known, for conserved differences between actions.
    pub rates: Vec<Balance>,
}

/// The law that a claim states.
pub(super) fn concluded(claim: Proved, row: LawRow, within: Option<Symbol>) -> Result<Law, Obstacle> {
    Ok(Law::conclude(claim, row, within)?)
}

/// Records a derived law, or why it is missing.
pub(super) fn record(out: &mut ActionLaws, action: Symbol, row: LawRow, claim: Result<Option<Proved>, Obstacle>) {
    let law = claim.and_then(|claim| claim.map(|claim| concluded(claim, row, None)).transpose());
    match law {
        Ok(Some(law)) => out.laws.push(law),
        Ok(None) => {}
        Err(why) => out.missing.push(Missing { action, wanted: Wanted::Law(row), why }),
    }
}
