//! The main job: a model's actions proved, its laws derived and checked.

use crate::check::{Check, Counterexample};
use crate::language::{Action, Model};
use crate::law::{Law, Missing, ProvedAction, Unproved};
use crate::rewrite::{Limits, RuleBook};

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

/// What a derivation is asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Sizes that replace the defaults of the model's dims.
    pub dims: Vec<(String, u64)>,
    pub seed: u64,
    pub limits: Limits,
    pub checks: bool,
}

/// Why a model could not be worked on.
#[derive(Debug, thiserror::Error)]
pub enum DeriveError {
    #[error("{0}")]
    Instance(String),
}

/// Proves the actions of a model and derives their laws.
pub fn derive(model: &Model, book: &RuleBook, options: &Options) -> Result<Report, DeriveError> {
    let cx = crate::law::Context { model, book, limits: options.limits };
    let mut actions = Vec::new();
    let mut of_actions = Vec::new();
    for action in &model.actions {
        let status = match crate::law::action::prove(&cx, action) {
            Ok(proved) => {
                of_actions.push(crate::law::derive(&cx, &proved));
                Status::Proved(Box::new(proved))
            }
            Err(unproved) => Status::Unproved(unproved),
        };
        actions.push(ActionReport { action: action.clone(), status });
    }
    let joint = crate::law::derive_joint(&cx, &of_actions);
    let missing = of_actions.iter().flat_map(|a| a.missing.clone()).collect();
    let laws = of_actions.into_iter().flat_map(|a| a.laws).chain(joint).collect();
    let mut dims: Vec<(String, u64)> = model.dims.iter().map(|d| (d.name.to_string(), d.default)).collect();
    for (name, value) in &options.dims {
        match dims.iter_mut().find(|(n, _)| n == name) {
            Some((_, v)) => *v = *value,
            None => return Err(DeriveError::Instance(format!("the model has no size {name}"))),
        }
    }
    let value = |s: crate::term::Size| match s {
        crate::term::Size::Lit(n) => n,
        crate::term::Size::Name(n) => dims.iter().find(|(d, _)| *d == n.as_str()).map_or(0, |(_, v)| *v),
    };
    let size = model.params.iter().map(|p| value(p.shape.rows) * value(p.shape.cols)).sum();
    Ok(Report { model: model.clone(), actions, laws, missing, checks: vec![], dims, size, seed: options.seed })
}
