//! Everything that is said about a model.

use super::count::Count;
use crate::check::{Check, Counterexample, Drift};
use crate::discover::Discovery;
use crate::kernel::Law;
use crate::law::{Missing, ProvedAction, Unproved};
use crate::model::{Action, Model};
use std::time::Duration;

/// Everything that is said about a model.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    #[doc(hidden)]
    pub model: Model,
    pub actions: Vec<ActionReport>,
    /// The laws of the proved actions, action by action, then those of several actions together.
    #[doc(hidden)]
    pub laws: Vec<Law>,
    /// Laws that an action suggests but that were not derived.
    pub missing: Vec<Missing>,
    /// One for each law that was checked, in the order of the laws.
    pub checks: Vec<Check>,
    /// How the laws fare along integrated trajectories, where that was asked for.
    #[doc(hidden)]
    pub flows: Vec<Drift>,
    /// The sizes of the instance of the checks, in the order of the model's dims.
    pub dims: Vec<(String, u64)>,
    /// The number of parameters D at these sizes.
    pub size: u64,
    pub seed: u64,
    /// Whether the laws of gradient flow are all there are, where they were counted.
    #[doc(hidden)]
    pub completeness: Option<Count>,
    /// The symmetries the actions were taken from, where the model declares none.
    #[doc(hidden)]
    pub discovery: Option<Discovery>,
    /// The limit of time that a search met, if one did: what it would have found is missing, and depends on the machine.
    pub late: Option<Duration>,
}

/// What was found about one action.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ActionReport {
    #[doc(hidden)]
    pub action: Action,
    #[doc(hidden)]
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
    /// Whether everything declared was proved, every check that was made passed, and no search was cut short by time.
    pub fn is_clean(&self) -> bool {
        self.actions.iter().all(|a| matches!(a.status, Status::Proved(_)))
            && self.checks.iter().all(|c| c.passed || !c.measured)
            && self.flows.iter().all(Drift::passed)
            && self.late.is_none()
    }
}
