//! Proved equations by rewriting: chains of steps that were replayed on plain terms.

use super::arena::Arena;
use super::scope::{Scope, Setting};
use super::step::{By, Given, Origin, Step, follows, locate};
use crate::term::{Expr, Symbol, Term, apply, is_zero, root, substitute, sym};
use std::collections::HashMap;
use std::fmt;

/// A proved equation with its proof: its environment, the equations it may use and its steps. There is no way to make one but
/// by replaying every step.
#[derive(Clone, Debug)]
pub struct Checked {
    scope: Scope,
    given: Vec<Given>,
    start: Expr,
    steps: Vec<Step>,
}

/// A step that does not follow.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayError {
    /// The number of the step, from 1; 0 for the term the proof starts from.
    pub step: usize,
    pub rule: Symbol,
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {} does not follow by `{}`", self.step, self.rule)
    }
}

impl std::error::Error for ReplayError {}

impl Checked {
    /// That a term equals itself.
    ///
    /// # Errors
    /// When it has no shape.
    pub fn reflexive(scope: &Scope, term: Expr) -> Result<Checked, ReplayError> {
        Arena::new(scope.env()).copy(&term).map_err(|_| ReplayError { step: 0, rule: "start".into() })?;
        Ok(Checked { scope: scope.clone(), given: vec![], start: term, steps: vec![] })
    }

    /// Replays a chain of terms, each of which comes from the one before by the rule named beside it: finds the place of every
    /// step and what the variables of its rule stand for there, and whether its conditions hold.
    ///
    /// # Errors
    /// The first step that does not follow.
    pub fn replay(
        setting: &Setting,
        scope: &Scope,
        given: &[Given],
        start: &Expr,
        chain: &[(Symbol, Expr)],
    ) -> Result<Checked, ReplayError> {
        let fails = |step: usize, rule: Symbol| ReplayError { step, rule };
        admissible(setting, scope, given)?;
        let mut arena = Arena::new(scope.env());
        let mut before = arena.copy(start).map_err(|_| fails(0, "start".into()))?;
        let mut steps = Vec::with_capacity(chain.len());
        for (i, (rule, term)) in chain.iter().enumerate() {
            let after = arena.copy(term).map_err(|_| fails(i + 1, *rule))?;
            if after != before {
                let found = locate(&arena, setting, given, *rule, before, after);
                let (by, position) = found.ok_or_else(|| fails(i + 1, *rule))?;
                steps.push(Step { by, position, term: term.clone() });
            }
            before = after;
        }
        let used = |g: &&Given| steps.iter().any(|s| matches!(&s.by, By::Given { name, .. } if *name == g.name));
        let given = given.iter().filter(used).cloned().collect();
        Ok(Checked { scope: scope.clone(), given, start: start.clone(), steps })
    }

    /// A proof given in full, each of its steps with place and instantiation.
    ///
    /// # Errors
    /// The first step that does not follow.
    pub fn from_steps(
        setting: &Setting,
        scope: &Scope,
        given: Vec<Given>,
        start: Expr,
        steps: Vec<Step>,
    ) -> Result<Checked, ReplayError> {
        let checked = Checked { scope: scope.clone(), given, start, steps };
        checked.verify(setting)?;
        Ok(checked)
    }

    /// Replays the proof once more.
    ///
    /// # Errors
    /// The first step that does not follow.
    pub fn verify(&self, setting: &Setting) -> Result<(), ReplayError> {
        let fails = |step: usize, rule: Symbol| ReplayError { step, rule };
        admissible(setting, &self.scope, &self.given)?;
        let mut arena = Arena::new(self.scope.env());
        let mut before = arena.copy(&self.start).map_err(|_| fails(0, "start".into()))?;
        for (i, step) in self.steps.iter().enumerate() {
            let after = arena.copy(&step.term).map_err(|_| fails(i + 1, step.by.name()))?;
            if !follows(&arena, setting, &self.given, step, before, after) {
                return Err(fails(i + 1, step.by.name()));
            }
            before = after;
        }
        Ok(())
    }

    /// An instance: formulas in place of symbols that the equation holds for all values of.
    ///
    /// # Errors
    /// The first step that does not follow in the new scope.
    pub fn instance(
        &self,
        setting: &Setting,
        scope: &Scope,
        images: &HashMap<Symbol, Expr>,
    ) -> Result<Checked, ReplayError> {
        let at = |e: &Expr| substitute(e, images);
        let chain: Vec<(Symbol, Expr)> = self.steps.iter().map(|s| (s.by.name(), at(&s.term))).collect();
        let given: Vec<Given> =
            self.given.iter().map(|g| Given { lhs: at(&g.lhs), rhs: at(&g.rhs), ..g.clone() }).collect();
        Checked::replay(setting, scope, &given, &at(&self.start), &chain)
    }

    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    pub fn given(&self) -> &[Given] {
        &self.given
    }

    pub fn start(&self) -> &Expr {
        &self.start
    }

    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The rules of the user's own that it uses.
    pub fn assumed(&self, setting: &Setting) -> impl Iterator<Item = Symbol> {
        self.rules().filter(|name| setting.rules().get(*name).is_some_and(|rule| rule.assumed))
    }

    /// Whether it holds for normalizations with ε = 0 only.
    pub fn is_ideal(&self, setting: &Setting) -> bool {
        self.rules().any(|name| setting.rules().get(name).is_some_and(|rule| rule.ideal))
    }

    fn rules(&self) -> impl Iterator<Item = Symbol> {
        self.steps.iter().filter_map(|step| match step.by {
            By::Rule { name, .. } => Some(name),
            By::Given { .. } | By::Sum | By::Arithmetic => None,
        })
    }

    /// The last term, which equals the first.
    pub fn end(&self) -> &Expr {
        self.steps.last().map_or(&self.start, |step| &step.term)
    }

    /// What the differentials of symbols are taken to be: the direction of a derivative.
    pub fn along(&self) -> Vec<(Symbol, Expr)> {
        let differentials = self.given.iter().filter(|g| g.origin == Origin::Differential);
        differentials.filter_map(|g| Some((differentiated(&g.lhs)?, g.rhs.clone()))).collect()
    }

    /// Whether the proof is about nothing: no step, or zero from the start.
    pub fn is_trivial(&self) -> bool {
        self.steps.is_empty() || is_zero(&self.start)
    }
}

/// Whether every given equation may be used: a definition is the model's, a differential is of one symbol, and no name is
/// that of a rule.
fn admissible(setting: &Setting, scope: &Scope, given: &[Given]) -> Result<(), ReplayError> {
    let overridden = |name: Symbol| scope.own(name).is_some();
    let admitted = |g: &Given| match g.origin {
        Origin::Definition => match root(&g.lhs) {
            Term::Sym(name) => {
                let definition = setting.model().definition(*name);
                definition.is_some_and(|d| g.lhs == sym(d.name) && g.rhs == d.expr && !overridden(d.name))
            }
            _ => false,
        },
        Origin::Differential => differentiated(&g.lhs).is_some(),
        Origin::Membership => scope.tells(&g.lhs, &g.rhs),
    };
    let known = |g: &Given| setting.rules().get(g.name).is_some();
    match given.iter().find(|g| known(g) || !admitted(g)) {
        Some(g) => Err(ReplayError { step: 0, rule: g.name }),
        None => Ok(()),
    }
}

/// The symbol whose differential a formula is.
fn differentiated(formula: &Expr) -> Option<Symbol> {
    use crate::term::{Op, arguments};
    match root(formula) {
        Term::Op(Op::Diff, _) => match root(&arguments(formula)[0]) {
            Term::Sym(name) if *formula == apply(Op::Diff, &[&sym(*name)]) => Some(*name),
            _ => None,
        },
        _ => None,
    }
}
