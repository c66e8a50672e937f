//! The main job: a model's actions proved, its laws derived and checked.

use super::count::count;
use super::discover::undeclared;
use super::error::Error;
use super::options::{Given, Options};
use super::report::{ActionReport, Report, Status};
use super::watch::{self, Progress, Unwatched, Watch};
use crate::check::{self, Check, Checker, Drift};
use crate::kernel::Law;
use crate::law::{self, ActionLaws, Context, Missing};
use crate::model::{Dynamics, Model, SizeError};
use crate::rewrite::RuleBook;
use crate::term::Sizes;
use rayon::prelude::*;

/// How many instances an action is tested at before it is proved.
const TRIALS: u64 = 2;

/// The largest size of an instance at which an action is tested. It is claimed for all sizes, so a smaller one contradicts it
/// as well, and group elements are matrices that are inverted and multiplied in time of the cube of their size.
const TESTED: usize = 256;

/// What the command `equilaw derive` does: looks for symmetries where the model declares no action, proves the actions, derives
/// the laws of the proved ones, checks each at an instance, and counts the laws there are where that is quick.
///
/// # Errors
/// When the sizes or matrices given do not belong to the model or do not fit into memory, or the model cannot be evaluated.
pub fn derive(model: &Model, book: &RuleBook, options: &Options) -> Result<Report, Error> {
    derive_watched(model, book, options, &Unwatched)
}

/// [`derive()`], with somebody told how far it is, who may end it.
///
/// # Errors
/// As for [`derive()`], and [`Error::Cancelled`] when the watch ends it.
pub fn derive_watched(model: &Model, book: &RuleBook, options: &Options, watch: &dyn Watch) -> Result<Report, Error> {
    let sizes = model.sizes(&options.dims)?;
    if options.flows && cfg!(not(feature = "flow")) {
        return Err(Error::NoFlows);
    }
    let mut discovery = None;
    let mut model = model.clone();
    if model.actions.is_empty() && options.discovery {
        let found = undeclared(&model, book, options, &sizes, watch)?;
        model.actions = found.actions().cloned().collect();
        let names: Vec<&str> = model.actions.iter().map(|action| action.name.as_str()).collect();
        watch.tell(&Progress::Discovered(&names));
        discovery = Some(found);
    }
    let names: Vec<&str> = model.actions.iter().map(|action| action.name.as_str()).collect();
    watch.tell(&Progress::Deriving(&names));
    let Found { actions, laws, missing, checks, flows } = prove(&model, book, options, &sizes, watch)?;
    let size = sizes.entries(model.params.iter().map(|p| p.shape)).ok_or_else(|| SizeError::TooLarge("D".into()))?;
    let completeness = match options.count {
        None => None,
        Some(effort) => {
            watch.tell(&Progress::Counting);
            count(&model, &laws, &sizes, options.seed, effort, &watch::exact(watch))?
        }
    };
    let (dims, seed) = (sizes.named(), options.seed);
    Ok(Report { model, actions, laws, missing, checks, flows, dims, size, seed, completeness, discovery })
}

/// What follows from the actions of a model.
struct Found {
    actions: Vec<ActionReport>,
    laws: Vec<Law>,
    missing: Vec<Missing>,
    checks: Vec<Check>,
    flows: Vec<Drift>,
}

/// Proves the actions of a model, derives the laws of the proved ones and checks each at an instance.
fn prove(model: &Model, book: &RuleBook, options: &Options, sizes: &Sizes, watch: &dyn Watch) -> Result<Found, Error> {
    let cx = Context::new(model, book, options.limits);
    let tested = sizes.capped(TESTED);
    let mut actions = Vec::new();
    let mut derived = Vec::new();
    for action in &model.actions {
        watch::go_on(watch)?;
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
        true => {
            let given: Vec<_> = options.given.iter().map(Given::matrix).collect::<Result<_, _>>()?;
            Some(Checker::at(model, sizes, options.seed, &given)?)
        }
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
        let other = Dynamics::names().filter(|name| model.dynamics.iter().all(|d| d.name() != *name));
        model.dynamics.is_empty() || !other.into_iter().any(concerns)
    };
    let mut missing: Vec<Missing> = derived.iter().flat_map(|a| a.missing.clone()).filter(selected).collect();
    let mut laws: Vec<Law> = derived.into_iter().flat_map(|a| a.laws).chain(joint).filter(wanted).collect();
    let (mut checks, mut flows) = (Vec::new(), Vec::new());
    if let Some(checker) = &checker {
        let measure = |law: &mut Law| {
            watch::go_on(watch)?;
            if let Some(count) = check::independent(model, law, checker.instance().sizes(), options.seed) {
                law.set_independent(count);
            }
            if let Some(how) = checker.miscounted(law) {
                return Err(Error::Contradiction { law: law.id().to_string(), how });
            }
            Ok(checker.check(law))
        };
        checks = laws.par_iter_mut().map(measure).collect::<Result<_, Error>>()?;
        // Numbers never certify a law, but they can contradict one; what they contradict is not printed as a law.
        let contradicted: Vec<&Check> = checks.iter().filter(|c| !c.passed && c.measured).collect();
        missing.extend(contradicted.iter().map(|check| Missing {
            id: check.law.clone(),
            reason: format!(
                "derived, but withheld: at seed {} {}, please report this",
                check.seed,
                contradiction(check)
            ),
        }));
        laws.retain(|law| !contradicted.iter().any(|check| check.law == law.id()));
        if options.flows {
            watch::go_on(watch)?;
            flows = check::flows(checker, &laws);
        }
    }
    Ok(Found { actions, laws, missing, checks, flows })
}

/// What a failed check says: a residual, or where exact arithmetic contradicts the law, how.
fn contradiction(check: &Check) -> String {
    match &check.remark {
        Some(remark) if !check.residual.is_finite() => remark.clone(),
        _ => format!("its residual is {:.1e}", check.residual),
    }
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
