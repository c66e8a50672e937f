//! Searches that differ by names alone are carried out once: a model of many equal blocks asks the same of each.
//!
//! What a search finds depends on the shapes and facts of the symbols and on their order, not on their names, so a chain
//! found for some formulas is one for the same formulas in other names. Whether it is, the kernel says, which replays it.

use crate::kernel::{Given, Scope};
use crate::rewrite::{Chain, Goal, Outcome, Purpose, Stopped};
use crate::term::{Expr, Facts, Indices, Shape, Symbol, substitute, sym, symbols};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

/// What was found, by what was asked.
#[derive(Default)]
pub(super) struct Memo {
    proofs: Mutex<HashMap<Question, Outcome>>,
    forms: Mutex<HashMap<Question, Form>>,
}

/// The best form of a formula, as [`crate::rewrite::Search::best`] gives it.
type Form = Result<(Chain, Option<Stopped>), Stopped>;

/// A search in names of its own, with what is known of each.
#[derive(PartialEq, Eq, Hash)]
struct Question {
    purpose: Purpose,
    goal: Option<Goal>,
    formulas: Vec<Expr>,
    known: Vec<Option<(Shape, Facts, Indices)>>,
}

/// A search as it is asked.
pub(super) struct Asked<'a> {
    pub scope: &'a Scope,
    pub purpose: Purpose,
    pub goal: Option<&'a Goal>,
    pub given: &'a [Given],
    pub formulas: &'a [&'a Expr],
}

/// The names of a question and those that stand for them.
struct Names {
    ours: HashMap<Symbol, Expr>,
    theirs: HashMap<Symbol, Expr>,
    /// The names of the equations that are given, and those that stand for them.
    given: Vec<(Symbol, Symbol)>,
}

impl Memo {
    /// The outcome of a search for a proof.
    pub fn proof(&self, asked: &Asked, search: impl FnOnce() -> Outcome) -> Outcome {
        let (question, names) = asked.named();
        let known = self.proofs.lock().unwrap_or_else(PoisonError::into_inner).get(&question).cloned();
        let renamed = |outcome: Outcome, back: bool| match outcome {
            Outcome::Proved(chain) => Outcome::Proved(names.renamed(&chain, back)),
            Outcome::NotProved(stopped) => Outcome::NotProved(stopped),
        };
        if let Some(known) = known {
            return renamed(known, true);
        }
        let found = search();
        if !matches!(found, Outcome::NotProved(stopped) if is_of_the_clock(stopped)) {
            let answer = renamed(found.clone(), false);
            self.proofs.lock().unwrap_or_else(PoisonError::into_inner).insert(question, answer);
        }
        found
    }

    /// The outcome of a search for the best form.
    pub fn form(&self, asked: &Asked, search: impl FnOnce() -> Form) -> Form {
        let (question, names) = asked.named();
        let known = self.forms.lock().unwrap_or_else(PoisonError::into_inner).get(&question).cloned();
        let renamed = |form: Form, back: bool| form.map(|(chain, stopped)| (names.renamed(&chain, back), stopped));
        if let Some(known) = known {
            return renamed(known, true);
        }
        let found = search();
        let stopped = match &found {
            Ok((_, stopped)) => *stopped,
            Err(stopped) => Some(*stopped),
        };
        if !stopped.is_some_and(is_of_the_clock) {
            let answer = renamed(found.clone(), false);
            self.forms.lock().unwrap_or_else(PoisonError::into_inner).insert(question, answer);
        }
        found
    }
}

/// Whether another search may find more than one that was stopped so.
fn is_of_the_clock(stopped: Stopped) -> bool {
    matches!(stopped, Stopped::Time(_) | Stopped::Interrupted)
}

impl Asked<'_> {
    /// The question in names of its own. Indices keep theirs: how far they run is known by the name.
    fn named(&self) -> (Question, Names) {
        let env = self.scope.env();
        let given = self.given.iter().flat_map(|given| [&given.lhs, &given.rhs]);
        let formulas: Vec<&Expr> = self.formulas.iter().copied().chain(given).collect();
        let mut all: BTreeSet<Symbol> = formulas.iter().flat_map(|formula| symbols(formula)).collect();
        match self.goal {
            Some(Goal::Avoiding(symbols)) => all.extend(symbols),
            Some(Goal::Isolate(symbol)) => all.extend([*symbol]),
            Some(Goal::Simplest) | None => {}
        }
        all.retain(|name| env.index(*name).is_none());
        // In their order, on which a search may depend.
        let alias = |i: usize| Symbol::from(format!("‹{i}›"));
        let pairs: Vec<(Symbol, Symbol)> = all.iter().enumerate().map(|(i, name)| (*name, alias(i))).collect();
        let ours: HashMap<Symbol, Expr> = pairs.iter().map(|(name, alias)| (*name, sym(*alias))).collect();
        let theirs = pairs.iter().map(|(name, alias)| (*alias, sym(*name))).collect();
        let aliased: HashMap<Symbol, Symbol> = pairs.into_iter().collect();
        let at = |name: &Symbol| aliased.get(name).copied().unwrap_or(*name);
        let goal = self.goal.map(|goal| match goal {
            Goal::Simplest => Goal::Simplest,
            Goal::Avoiding(symbols) => Goal::Avoiding(symbols.iter().map(at).collect()),
            Goal::Isolate(symbol) => Goal::Isolate(at(symbol)),
        });
        let info = |name: &Symbol| env.symbol(*name).map(|info| (info.shape, info.facts, info.indices));
        let question = Question {
            purpose: self.purpose,
            goal,
            formulas: formulas.into_iter().map(|formula| substitute(formula, &ours)).collect(),
            known: all.iter().map(info).collect(),
        };
        let given = self.given.iter().enumerate();
        let given = given.map(|(i, given)| (given.name, Symbol::from(format!("‹given {i}›")))).collect();
        (question, Names { ours, theirs, given })
    }
}

impl Names {
    /// A chain in the names of a question, or back in those that stand for them.
    fn renamed(&self, chain: &Chain, back: bool) -> Chain {
        let map = if back { &self.theirs } else { &self.ours };
        let by = |name: Symbol| {
            let pairs = self.given.iter().map(|(ours, theirs)| if back { (theirs, ours) } else { (ours, theirs) });
            pairs.into_iter().find(|(from, _)| **from == name).map_or(name, |(_, to)| *to)
        };
        let steps = chain.steps.iter().map(|(name, term)| (by(*name), substitute(term, map)));
        Chain { start: substitute(&chain.start, map), steps: steps.collect() }
    }
}
