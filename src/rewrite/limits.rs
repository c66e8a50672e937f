//! What bounds a search, and what a search says that met a bound.

use super::book::Purpose;
use std::fmt;
use std::time::Duration;

/// Bounds of a search. Those of work, by which every search ends, give the same result on every machine; a bound of time does
/// not, so there is none by default, and a report says where it was met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The most e-nodes.
    pub nodes: usize,
    /// The most rounds in which every rule is applied.
    pub iterations: usize,
    /// The longest time.
    pub time: Option<Duration>,
}

impl Limits {
    /// The bounds of a search for a better form, which may stop anywhere without harm.
    pub(super) fn for_purpose(self, purpose: Purpose) -> Limits {
        match purpose {
            Purpose::Prove => self,
            Purpose::Lemma => Limits { nodes: self.nodes.min(4_000), iterations: self.iterations.min(12), ..self },
            _ => Limits { nodes: self.nodes.min(2_000), iterations: self.iterations.min(14), ..self },
        }
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { nodes: 20_000, iterations: 24, time: None }
    }
}

/// Why a search ended without what it looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Nothing more follows from the rules: a rule is missing, or the claim is false.
    Saturated,
    Nodes(usize),
    Iterations(usize),
    /// The proof that was found has more steps.
    Steps(usize),
    /// The only bound that a slower machine meets earlier.
    Time(Duration),
    /// Nobody wanted it any more; this says nothing of what was looked for.
    Interrupted,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stopped::Saturated => write!(f, "the rules are exhausted: one may be missing"),
            Stopped::Nodes(n) => write!(f, "the search stopped at its limit of {n} e-nodes"),
            Stopped::Iterations(n) => write!(f, "the search stopped at its limit of {n} iterations"),
            Stopped::Steps(n) => write!(f, "the proof that was found has more than {n} steps"),
            Stopped::Interrupted => write!(f, "the search was interrupted"),
            Stopped::Time(t) => write!(f, "the search stopped at its limit of {} s", t.as_secs_f64()),
        }
    }
}
