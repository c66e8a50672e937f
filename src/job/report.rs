//! Everything that is said about a model.

use super::count::{Count, Larger};
use crate::check::{Check, CheckError, Counterexample, Drift, Void};
use crate::discover::Discovery;
use crate::kernel::Law;
use crate::law::{Missing, ProvedAction, Unproved};
use crate::model::{Action, Inside, Model};
use std::time::Duration;

/// Everything that is said about a model.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    pub(crate) model: Model,
    pub actions: Vec<ActionReport>,
    /// The laws of the proved actions, action by action, then those of several actions together.
    pub(crate) laws: Vec<Law>,
    /// Laws that an action suggests but that were not derived.
    pub(crate) missing: Vec<Absent>,
    /// One for each law that was checked, in the order of the laws.
    pub checks: Vec<Check>,
    /// How the laws fare along integrated trajectories, where that was asked for.
    pub(crate) flows: Vec<Drift>,
    /// The sizes of the instance of the checks, in the order of the model's dims.
    pub dims: Vec<(String, u64)>,
    /// The number of parameters D at these sizes.
    pub size: u64,
    pub seed: u64,
    /// Whether the laws of gradient flow are all there are, where they were counted.
    pub(crate) completeness: Option<Count>,
    /// The same of a model with families where an index runs further by one.
    pub(crate) larger: Option<Larger>,
    /// The symmetries the actions were taken from, where the model declares none.
    pub(crate) discovery: Option<Discovery>,
    /// The limit of time that a search met, if one did: what it would have found is missing, and depends on the machine.
    pub(crate) late: Option<Duration>,
}

/// A law that an action suggests and a report does not state.
#[derive(Clone, Debug)]
pub enum Absent {
    /// It could not be derived; what numbers say of the obstacle, where they were asked.
    Underived { missing: Missing, numbers: Option<Tried> },
    /// It was derived, but numbers contradict it, which is a bug.
    Withheld(Check),
    /// It was derived, but L is not smooth enough where it would hold, at the instance of a seed: its hypotheses are void.
    Void { law: String, why: Void, seed: u64 },
}

/// What numbers say of a field that is not proved curl-free, at the instance of a seed.
#[derive(Clone, Debug, PartialEq)]
pub enum Tried {
    /// It is not curl-free.
    Refuted {
        seed: u64,
    },
    /// It is there, so a rule may be missing.
    Supported {
        seed: u64,
    },
    Undecided(CheckError),
}

/// What was found about one action.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ActionReport {
    pub(crate) action: Action,
    pub(crate) status: Status,
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

/// What is inside of a report, for the tests and benchmarks of equilaw itself.
#[derive(Clone, Copy, Debug)]
pub struct ReportParts<'a> {
    pub model: &'a Model,
    pub laws: &'a [Law],
    pub missing: &'a [Absent],
}

impl Inside for Report {
    type Parts<'a> = ReportParts<'a>;

    fn inside(&self) -> ReportParts<'_> {
        ReportParts { model: &self.model, laws: &self.laws, missing: &self.missing }
    }
}

/// What is inside of an [`ActionReport`].
#[derive(Clone, Copy, Debug)]
pub struct ActionParts<'a> {
    pub action: &'a Action,
    pub status: &'a Status,
}

impl Inside for ActionReport {
    type Parts<'a> = ActionParts<'a>;

    fn inside(&self) -> ActionParts<'_> {
        ActionParts { action: &self.action, status: &self.status }
    }
}

/// Takes an action for refuted, whatever was found about it: what every format has to tell of a refuted action beside proved ones is told
/// of the same model. Nothing is made true by it: no law is added, and the report is not clean.
pub fn refuted(report: &mut Report, action: usize, counterexample: Counterexample) {
    report.actions[action].status = Status::Refuted(counterexample);
}
