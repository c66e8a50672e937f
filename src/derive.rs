//! The main job: a model's actions proved, its laws derived and checked.

use crate::check::{Check, Counterexample};
use crate::language::{Action, Model};
use crate::law::{Law, Missing, ProvedAction, Unproved};

/// Everything that is said about a model.
#[derive(Clone, Debug)]
pub struct Report {
    pub model: Model,
    pub actions: Vec<ActionReport>,
    /// The laws of the proved actions, action by action, then those of several actions together.
    pub laws: Vec<Law>,
    /// Laws that an action suggests but that were not derived, and `dynamics` statements that are not derived yet.
    pub missing: Vec<Missing>,
    /// One for each law that was checked, in the order of the laws.
    pub checks: Vec<Check>,
    /// The sizes of the instance of the checks, in the order of the model's dims.
    pub dims: Vec<(String, u64)>,
    /// The number of parameters D at these sizes.
    pub size: u64,
    pub seed: u64,
}

/// What was found about one action.
#[derive(Clone, Debug)]
pub struct ActionReport {
    pub action: Action,
    pub status: Status,
}

/// Whether a declared action is what it claims to be.
#[derive(Clone, Debug)]
pub enum Status {
    /// The rewriter proved it, and the proof replays.
    Proved(Box<ProvedAction>),
    /// Concrete numbers contradict it.
    Refuted(Counterexample),
    /// It holds at random numbers, but no proof was found.
    Unproved(Unproved),
}

impl Report {
    /// Whether everything declared was proved and every check passed.
    pub fn is_clean(&self) -> bool {
        self.actions.iter().all(|a| matches!(a.status, Status::Proved(_))) && self.checks.iter().all(|c| c.passed)
    }
}
