//! The values of functions over a finite field: drawn so that they satisfy every relation that the functions satisfy.

mod character;
mod columns;
mod independence;
mod lattice;
mod points;
mod relations;
mod shared;

pub use independence::Independence;
pub use points::{FIELD, Values, Variables};

use crate::eval::{Bindings, Climb, Dense, EvalError, Located, Pattern, Plan, Probe, Reach, Residue, Tape};
use points::{Pause, Points};
use relations::Relations;
use shared::Shared;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The seed of the values of functions. All fields share them: the function is the same one at an argument that does not
/// depend on the data.
pub const FUNCTIONS: u64 = 0;

/// How many points more than pairs are looked at.
const SPARE: usize = 8;

/// The most evaluations that an analysis may be expected to take: many more than it is allowed are not worth beginning.
const EXPECTED: u64 = 1 << 24;

/// The most pairs whose relations are sought.
const LARGEST: usize = 1000;

/// How the functions of a formula get their values.
#[derive(Debug)]
pub struct Functions {
    reach: Reach,
    /// How many roots all points of an analysis need at once.
    roots: usize,
    /// How many evaluations an analysis may be expected to take.
    most: u64,
    /// Whether arguments depend on matrices from a finite set, so that each has relations of its own.
    finite: bool,
    /// The relations behind each pattern of gates, where they are the same for all data that open these.
    plans: Mutex<BTreeMap<Pattern, Arc<Option<Plan>>>>,
    independence: Mutex<BTreeSet<Independence>>,
    /// The generators that regions have in common, where each has relations of its own.
    shared: Mutex<Shared>,
}

impl Functions {
    /// Of a formula some of whose names are drawn from finite sets.
    pub fn new(tape: &Tape, is_finite: impl Fn(crate::term::Symbol) -> bool) -> Functions {
        let reach = tape.reach();
        let finite = reach.names.iter().any(|name| is_finite(*name));
        let roots = tape.roots_below(&reach);
        Functions {
            reach,
            roots,
            most: EXPECTED,
            finite,
            plans: Mutex::default(),
            // The number that stands for π in a field has no relation to anything.
            independence: Mutex::new(tape.has_pi().then_some(Independence::Undecided).into_iter().collect()),
            shared: Mutex::default(),
        }
    }

    /// Relations are not sought where that is expected to take more evaluations than so many for one region.
    pub fn set_most(&mut self, evaluations: u64) {
        self.most = evaluations;
    }

    /// How many points are drawn for one at each of which all roots exist, and how many of these an analysis needs.
    fn expected(&self) -> u64 {
        let draws = 1u64.checked_shl(self.roots as u32).unwrap_or(u64::MAX);
        draws.saturating_mul(2 * (self.reach.pairs + SPARE) as u64)
    }

    /// Whether the relations are those of a region: behind gates, and with data from a finite set.
    fn by_region(&self) -> bool {
        self.finite || self.reach.is_gated
    }

    /// Whether relations are sought in each region anew, once for all points of it.
    pub fn are_learned_by_region(&self) -> bool {
        self.reach.is_gated && !self.finite && self.are_transcendental()
    }

    /// Whether there are any.
    pub fn are_transcendental(&self) -> bool {
        self.reach.pairs > 0
    }

    /// About how many multiplications the relations of each field take, at so many for an evaluation.
    pub fn work(&self, evaluation: u64) -> u64 {
        let pairs = self.reach.pairs.min(LARGEST) as u64;
        match self.by_region() && pairs > 0 {
            true => 2 * (pairs + SPARE as u64) * (evaluation + pairs * pairs + 100 * pairs),
            false => 0,
        }
    }

    /// What the values drawn so far suppose.
    pub fn independence(&self) -> BTreeSet<Independence> {
        let mut supposed = locked(&self.independence).clone();
        if !locked(&self.shared).are_independent() {
            supposed.insert(Independence::Undecided);
        }
        supposed
    }

    pub(super) fn suppose(&self, more: impl IntoIterator<Item = Independence>) {
        locked(&self.independence).extend(more);
    }

    /// The functions at a real point, and the gates of the formula there. The variables are those of the region of the point.
    pub fn at<'i, const P: u64>(
        &self,
        tape: &Tape,
        variables: Variables,
        at: &Bindings<Dense<Located<P>>>,
        inputs: impl FnOnce() -> Bindings<'i, Dense<Residue<P>>>,
    ) -> Result<Probe, EvalError> {
        gated(tape, at, self.ungated(tape, variables, at, inputs)?)
    }

    /// The functions at a real point.
    fn ungated<'i, const P: u64>(
        &self,
        tape: &Tape,
        variables: Variables,
        at: &Bindings<Dense<Located<P>>>,
        inputs: impl FnOnce() -> Bindings<'i, Dense<Residue<P>>>,
    ) -> Result<Probe, EvalError> {
        let probe = unrelated();
        if self.reach.pairs == 0 {
            return Ok(probe);
        }
        if self.reach.pairs > LARGEST {
            self.suppose([Independence::Undecided]);
            return Ok(probe);
        }
        let inputs = inputs();
        let (mut learned, mut known) = (probe.clone(), None);
        loop {
            let (gates, decided) = match self.reach.is_gated {
                true => tape.region(&self.reach, at, &learned)?,
                false => (Pattern::new(), true),
            };
            let plan = self.plan(tape, variables, &gates)?;
            let Some(plan) = plan.as_ref() else { return Ok(probe) };
            let mut climb = Climb::new(tape, &self.reach, &gates, inputs.clone(), probe.clone())?;
            climb.run(plan)?;
            learned = climb.into_probe();
            // An argument that only relations show to be zero is decided by what was learned below it.
            match decided {
                true => return Ok(learned),
                false if known >= Some(gates.len()) => return Err(EvalError::Undecided),
                false => known = Some(gates.len()),
            }
        }
    }

    /// The relations of the formula in a region.
    fn plan(&self, tape: &Tape, variables: Variables, gates: &[bool]) -> Result<Arc<Option<Plan>>, EvalError> {
        if self.finite {
            return Ok(Arc::new(self.analyse(tape, variables, gates)?));
        }
        if let Some(plan) = locked(&self.plans).get(gates) {
            return Ok(plan.clone());
        }
        let plan = Arc::new(self.analyse(tape, variables, gates)?);
        locked(&self.plans).insert(gates.to_vec(), plan.clone());
        Ok(plan)
    }

    /// The relations of the formula behind the gates of a region. `None` where no points have values.
    fn analyse(&self, tape: &Tape, variables: Variables, gates: &[bool]) -> Result<Option<Plan>, EvalError> {
        if self.expected() > self.most {
            self.suppose([Independence::Undecided]);
            return Ok(None);
        }
        let count = self.reach.pairs + SPARE;
        let mut points = Points::new(tape, &self.reach, gates, variables, count)?;
        let (mut plan, mut relations) = (Plan::default(), Relations::new(count, self.reach.has_logarithms));
        loop {
            match points.advance(&plan) {
                Ok(Pause::At { pair, arguments, replaced }) => {
                    if replaced {
                        relations.forget(count);
                    }
                    plan.steps.push(relations.step(pair, &arguments, &points));
                }
                Ok(Pause::Top) => break,
                Ok(Pause::Nowhere) | Err(EvalError::Irrational(_)) => {
                    self.suppose([Independence::Undecided]);
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        }
        if self.by_region() {
            let shared = relations.shared(&points);
            if points.were_redrawn() && !shared.is_empty() {
                self.suppose([Independence::Undecided]);
            }
            locked(&self.shared).extend(shared);
        }
        self.suppose(relations.into_independence());
        if self.reach.has_normal {
            self.suppose([Independence::NormalDistribution]);
        }
        Ok(Some(plan))
    }
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Functions whose values satisfy no relations but those of single arguments.
pub fn unrelated() -> Probe {
    Probe::new(FUNCTIONS)
}

/// Functions with the gates that a formula has at a real point.
pub fn gated<const P: u64>(
    tape: &Tape,
    at: &Bindings<Dense<Located<P>>>,
    functions: Probe,
) -> Result<Probe, EvalError> {
    match tape.has_gates() {
        true => {
            let gates = tape.gates(at, &functions)?;
            Ok(functions.with(gates))
        }
        false => Ok(functions),
    }
}
