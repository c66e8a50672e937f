//! The main job: a model's actions proved, its laws derived and checked.

use crate::check::{self, Check, CheckError, Checker, Counterexample, Drift};
use crate::complete::Count;
use crate::discover::Discovery;
use crate::kernel::Law;
use crate::law::{self, ActionLaws, Context, Missing, ProvedAction, Unproved};
use crate::model::{Action, Dim, Dynamics, Model};
use crate::rewrite::{Limits, RuleBook};
use crate::term::{Size, Symbol};
use faer::Mat;
use rayon::prelude::*;
use std::collections::HashMap;

/// Everything that is said about a model.
#[derive(Clone, Debug)]
pub struct Report {
    pub model: Model,
    pub actions: Vec<ActionReport>,
    /// The laws of the proved actions, action by action, then those of several actions together.
    pub laws: Vec<Law>,
    /// Laws that an action suggests but that were not derived.
    pub missing: Vec<Missing>,
    /// One for each law that was checked, in the order of the laws.
    pub checks: Vec<Check>,
    /// How the laws fare along integrated trajectories, where that was asked for.
    pub flows: Vec<Drift>,
    /// The sizes of the instance of the checks, in the order of the model's dims.
    pub dims: Vec<(String, u64)>,
    /// The number of parameters D at these sizes.
    pub size: u64,
    pub seed: u64,
    /// Whether the laws of gradient flow are all there are; [`derive()`] leaves it open.
    pub completeness: Option<Count>,
    /// The symmetries the actions were taken from, where the model declares none; [`derive()`] leaves it open.
    pub discovery: Option<Discovery>,
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
    /// Whether everything declared was proved and every check that was made passed.
    pub fn is_clean(&self) -> bool {
        self.actions.iter().all(|a| matches!(a.status, Status::Proved(_)))
            && self.checks.iter().all(|c| c.passed || !c.measured)
            && self.flows.iter().all(Drift::passed)
    }
}

/// What a derivation is asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Sizes that replace the defaults of the model's dims.
    pub dims: Vec<(String, u64)>,
    pub seed: u64,
    pub limits: Limits,
    /// Whether actions are tested and laws measured at concrete numbers.
    pub checks: bool,
    /// Whether laws are also followed along integrated trajectories.
    pub flows: bool,
    /// Parameters and data in place of random ones.
    pub given: Vec<(Symbol, Mat<f64>)>,
}

/// Why a model could not be worked on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DeriveError {
    #[error("the model has no size `{0}`")]
    UnknownSize(String),
    #[error("the size `{0}` is too large for this machine")]
    TooLarge(String),
    #[error(transparent)]
    Check(#[from] CheckError),
}

/// How many instances an action is tested at before it is proved.
const TRIALS: u64 = 2;

/// The largest size of an instance at which an action is tested. It is claimed for all sizes, so a smaller one contradicts it
/// as well, and group elements are matrices that are inverted and multiplied in time of the cube of their size.
const TESTED: usize = 256;

/// Proves the actions of a model, derives the laws of the proved ones and checks each at an instance.
///
/// # Errors
/// When the sizes asked for do not belong to the model or do not fit into memory, or the model cannot be evaluated.
pub fn derive(model: &Model, book: &RuleBook, options: &Options) -> Result<Report, DeriveError> {
    let dims = dims(model, &options.dims)?;
    let sizes: HashMap<Symbol, usize> = dims.iter().map(|(name, n)| (*name, *n)).collect();
    let cx = Context::new(model, book, options.limits);
    let tested: HashMap<Symbol, usize> = sizes.iter().map(|(name, n)| (*name, (*n).min(TESTED))).collect();
    let mut actions = Vec::new();
    let mut derived = Vec::new();
    for action in &model.actions {
        let seeds = (0..TRIALS).map(|k| options.seed.wrapping_add(k));
        let counterexample = if options.checks { check::refute(model, action, &tested, seeds)? } else { None };
        let status = match counterexample {
            Some(counterexample) => Status::Refuted(counterexample),
            None => match law::action::prove(&cx, action) {
                Ok(proved) => {
                    derived.push(law::derive(&cx, &proved));
                    Status::Proved(Box::new(proved))
                }
                Err(unproved) => Status::Unproved(unproved),
            },
        };
        actions.push(ActionReport { action: action.clone(), status });
    }
    let checker = match options.checks && !derived.is_empty() {
        true => Some(Checker::at(model, &sizes, options.seed, &options.given)?),
        false => None,
    };
    if let Some(checker) = &checker {
        derived.iter_mut().for_each(|laws| decide_curls(checker, laws));
    }
    let joint = law::derive_joint(&cx, &derived);
    let wanted = |law: &Law| match law.dynamics() {
        None => true,
        Some(dynamics) => model.dynamics.is_empty() || model.dynamics.contains(dynamics),
    };
    let selected = |missing: &Missing| {
        let concerns =
            |dynamics: &str| missing.id.split('/').nth(1).is_some_and(|part| part == dynamics.replace('_', "-"));
        let other = Dynamics::NAMES.into_iter().filter(|name| model.dynamics.iter().all(|d| d.name() != *name));
        model.dynamics.is_empty() || !other.into_iter().any(concerns)
    };
    let mut missing: Vec<Missing> = derived.iter().flat_map(|a| a.missing.clone()).filter(selected).collect();
    let mut laws: Vec<Law> = derived.into_iter().flat_map(|a| a.laws).chain(joint).filter(wanted).collect();
    let (mut checks, mut flows) = (Vec::new(), Vec::new());
    if let Some(checker) = &checker {
        let measure = |law: &mut Law| {
            if let Some(count) = check::independent(model, law, checker.instance().sizes(), options.seed) {
                law.set_independent(count);
            }
            checker.check(law)
        };
        checks = laws.par_iter_mut().map(measure).collect();
        // Numbers never certify a law, but they can contradict one; what they contradict is not printed as a law.
        let contradicted: Vec<&Check> = checks.iter().filter(|c| !c.passed && c.residual.is_finite()).collect();
        missing.extend(contradicted.iter().map(|check| Missing {
            id: check.law.clone(),
            reason: format!(
                "derived, but withheld: at seed {} its residual is {:.1e}, please report this",
                check.seed, check.residual
            ),
        }));
        laws.retain(|law| !contradicted.iter().any(|check| check.law == law.id()));
        if options.flows {
            flows = check::flows(checker, &laws);
        }
    }
    let size = parameters(model, &sizes).ok_or_else(|| DeriveError::TooLarge("D".into()))?;
    let dims = dims.into_iter().map(|(name, n)| (name.to_string(), n as u64)).collect();
    let (completeness, discovery) = (None, None);
    Ok(Report {
        model: model.clone(),
        actions,
        laws,
        missing,
        checks,
        flows,
        dims,
        size,
        seed: options.seed,
        completeness,
        discovery,
    })
}

/// Asks numbers about the fields that were not proved curl-free, and adds the answers to the reasons.
fn decide_curls(checker: &Checker, laws: &mut ActionLaws) {
    for curl in &laws.curls {
        let Some(missing) = laws.missing.get_mut(curl.missing) else { continue };
        let seed = checker.seed();
        missing.reason.push_str(&match check::has_curl(checker, curl) {
            Ok(true) => {
                format!("; it is not: the instance of seed {seed} refutes ⟨U, Dω[V]⟩ = ⟨V, Dω[U]⟩ for the field ω")
            }
            Ok(false) => format!("; at the instance of seed {seed} it is, so a rule may be missing"),
            Err(error) => format!("; not decided on numbers: {error}"),
        });
    }
}

/// The sizes of the instance, in the order of the model.
fn dims(model: &Model, overrides: &[(String, u64)]) -> Result<Vec<(Symbol, usize)>, DeriveError> {
    if let Some((name, _)) = overrides.iter().find(|(name, _)| !model.dims.iter().any(|d| d.name.as_str() == name)) {
        return Err(DeriveError::UnknownSize(name.clone()));
    }
    let value =
        |dim: &Dim| overrides.iter().rfind(|(name, _)| dim.name.as_str() == name).map_or(dim.default, |(_, n)| *n);
    model
        .dims
        .iter()
        .map(|dim| match usize::try_from(value(dim)) {
            Ok(n) => Ok((dim.name, n)),
            Err(_) => Err(DeriveError::TooLarge(dim.name.to_string())),
        })
        .collect()
}

/// The number of parameters at concrete sizes; `None` when it does not fit into 64 bits.
fn parameters(model: &Model, sizes: &HashMap<Symbol, usize>) -> Option<u64> {
    let value = |size: Size| match size {
        Size::Lit(n) => Some(n),
        Size::Name(name) => sizes.get(&name).and_then(|n| u64::try_from(*n).ok()),
    };
    model
        .params
        .iter()
        .try_fold(0u64, |sum, p| sum.checked_add(value(p.shape.rows)?.checked_mul(value(p.shape.cols)?)?))
}
