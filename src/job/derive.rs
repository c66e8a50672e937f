//! The main job: a model's actions proved, its laws derived and checked.

use super::count::count;
use super::discover::undeclared;
use super::error::Error;
use super::options::{Given, Options};
use super::report::{Absent, ActionReport, Report, Status, Tried};
use super::watch::{self, Progress, Unwatched, Watch};
use crate::check::{self, Check, Checker, Drift};
use crate::kernel::Law;
use crate::law::{self, ActionLaws, Context, Curl, Memo, Wanted};
use crate::model::{Model, SizeError};
use crate::rewrite::{Interrupt, RuleBook};
use crate::term::Sizes;
use rayon::prelude::*;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// How many instances an action is tested at before it is proved.
const TRIALS: u64 = 2;

/// The largest size of an instance at which an action is tested. It is claimed for all sizes, so a smaller one contradicts it
/// as well, and group elements are matrices that are inverted and multiplied in time of the cube of their size.
const TESTED: usize = 256;

/// How far the indices of families run at most where an action is tested: a first block, a last one, and some between.
const BLOCKS: usize = 4;

/// The most parameters of an instance at which several laws are measured at once: beyond, they wait for memory and not for the processor, and
/// each takes that of ten gradients.
const TOGETHER: usize = 1 << 22;

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
    let memo = Arc::default();
    let mut model = model.clone();
    if model.actions.is_empty() && options.discovery {
        let found = undeclared(&model, book, options, &sizes, &memo, watch)?;
        model = found.annotated.clone();
        let names: Vec<&str> = model.actions.iter().map(|action| action.name.as_str()).collect();
        watch.tell(&Progress::Discovered(&names));
        discovery = Some(found);
    }
    let names: Vec<&str> = model.actions.iter().map(|action| action.name.as_str()).collect();
    watch.tell(&Progress::Deriving(&names));
    let Found { actions, laws, missing, checks, flows, late } = prove(&model, book, options, &sizes, &memo, watch)?;
    let size = model.dimension(&sizes).ok_or_else(|| SizeError::TooLarge("D".into()))?;
    let (completeness, larger) = match options.count {
        None => (None, None),
        Some(effort) => {
            watch.tell(&Progress::Counting);
            count(&model, &laws, &sizes, options.seed, effort, &watch::exact(watch))?
        }
    };
    let (dims, seed) = (sizes.named(), options.seed);
    let late = late.or(discovery.as_ref().and_then(|found| found.late));
    Ok(Report { model, actions, laws, missing, checks, flows, dims, size, seed, completeness, larger, discovery, late })
}

/// What follows from the actions of a model.
struct Found {
    actions: Vec<ActionReport>,
    laws: Vec<Law>,
    missing: Vec<Absent>,
    checks: Vec<Check>,
    flows: Vec<Drift>,
    late: Option<Duration>,
}

/// Proves the actions of a model, derives the laws of the proved ones and checks each at an instance.
fn prove(
    model: &Model,
    book: &RuleBook,
    options: &Options,
    sizes: &Sizes,
    memo: &Arc<Memo>,
    watch: &dyn Watch,
) -> Result<Found, Error> {
    let cancelled = || watch.is_cancelled();
    let cx = Context::interrupted_by(Interrupt::when(&cancelled), model, book, options.limits).recalling(memo);
    let mut tested = sizes.capped(TESTED);
    for range in model.ranges() {
        tested.set(range, sizes.get(range).map_or(1, |n| n.min(BLOCKS)));
    }
    let written =
        if options.checks && !model.actions.is_empty() { model.written_out(sizes)? } else { Cow::Borrowed(model) };
    let mut actions = Vec::new();
    let mut derived: Vec<ActionLaws> = Vec::new();
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
        finished(&cx)?;
    }
    let checker = match options.checks && !derived.is_empty() {
        true => {
            let given: Vec<_> = options.given.iter().map(Given::matrix).collect::<Result<_, _>>()?;
            Some(Checker::at(&written, sizes, options.seed, &given)?)
        }
        false => None,
    };
    let joint = law::derive_joint(&cx, &derived);
    finished(&cx)?;
    let wanted = |law: &Law| match law.dynamics() {
        None => true,
        Some(dynamics) => model.dynamics.is_empty() || model.dynamics.contains(dynamics),
    };
    // A field of families is not tried on numbers.
    let tried = checker.as_ref().filter(|_| !model.has_families());
    let mut missing: Vec<Absent> = derived.iter().flat_map(|a| absent(model, tried, a)).collect();
    let mut laws: Vec<Law> = derived.into_iter().flat_map(|a| a.laws).chain(joint).filter(wanted).collect();
    let (mut checks, mut flows) = (Vec::new(), Vec::new());
    if let Some(checker) = &checker {
        withhold_void(checker, &mut laws, &mut missing);
        let measure = |law: &mut Law| {
            watch::go_on(watch)?;
            if let Some(count) = check::independent(&written, law, checker.instance().sizes(), options.seed) {
                law.set_independent(count);
            }
            // A rule of the user's own may be false: its laws are withheld where numbers contradict them.
            if !law.assumes_rules()
                && let Some(how) = checker.miscounted(law)
            {
                return Err(Error::Contradiction { law: law.id().to_string(), how });
            }
            Ok(checker.check(law))
        };
        // One action after the other: what its laws share is large where there are many parameters.
        for of_action in laws.chunk_by_mut(|a, b| a.action() == b.action()) {
            let found: Result<Vec<Check>, Error> = match checker.instance().dimension() > TOGETHER {
                false => of_action.par_iter_mut().map(measure).collect(),
                true => of_action.iter_mut().map(measure).collect(),
            };
            checks.extend(found?);
            checker.forget_action();
        }
        // Numbers never certify a law, but they can contradict one; what they contradict is not printed as a law.
        let contradicted: Vec<&Check> = checks.iter().filter(|c| !c.passed && c.measured).collect();
        missing.extend(contradicted.iter().map(|check| Absent::Withheld((*check).clone())));
        laws.retain(|law| !contradicted.iter().any(|check| check.law == law.id()));
        if options.flows {
            watch::go_on(watch)?;
            flows = check::flows(checker, &laws);
        }
    }
    Ok(Found { actions, laws, missing, checks, flows, late: cx.late() })
}

/// [`Error::Cancelled`] where a search was interrupted: what was proved and derived then is not what follows.
fn finished(cx: &Context) -> Result<(), Error> {
    if cx.was_interrupted() { Err(Error::Cancelled) } else { Ok(()) }
}

/// Takes out the laws of symmetric subspaces that say nothing, because L is not smooth enough there; the first of an action is
/// named with the reason.
fn withhold_void(checker: &Checker, laws: &mut Vec<Law>, missing: &mut Vec<Absent>) {
    let mut named = Vec::new();
    laws.retain(|law| match checker.void(law) {
        Ok(Some(why)) => {
            if !named.contains(&law.action()) {
                named.push(law.action());
                missing.push(Absent::Void { law: law.id().to_string(), why, seed: checker.seed() });
            }
            false
        }
        Ok(None) | Err(_) => true,
    });
    checker.forget_action();
}

/// The laws an action suggests that could not be derived, those of dynamics that the model does not ask for left out.
fn absent(model: &Model, checker: Option<&Checker>, laws: &ActionLaws) -> Vec<Absent> {
    let asked = |wanted: Wanted| {
        let of_asked = || model.dynamics.iter().any(|dynamics| wanted.is_about(Some(dynamics)));
        model.dynamics.is_empty() || wanted.is_about(None) || of_asked()
    };
    let told = laws.missing.iter().enumerate().filter(|(_, missing)| asked(missing.wanted));
    let absent = told.map(|(i, missing)| {
        let curl = laws.curls.iter().find(|curl| curl.missing == i);
        let numbers = checker.zip(curl).map(|(checker, curl)| decide(checker, curl));
        Absent::Underived { missing: missing.clone(), numbers }
    });
    absent.collect()
}

/// Asks numbers about a field that was not proved curl-free.
fn decide(checker: &Checker, curl: &Curl) -> Tried {
    let seed = checker.seed();
    match check::has_curl(checker, curl) {
        Ok(true) => Tried::Refuted { seed },
        Ok(false) => Tried::Supported { seed },
        Err(error) => Tried::Undecided(error),
    }
}
