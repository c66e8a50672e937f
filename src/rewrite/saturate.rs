//! Applying rules to an e-graph, round by round, within bounds of work and of time.

use super::analysis::{Graph, Knowledge};
use super::interrupt::Interrupt;
use super::limits::{Limits, Stopped};
use crate::term::Term;
use egg::{ENodeOrVar, Id, Language, Rewrite, SearchMatches};
use std::time::Duration;
use web_time::Instant;

/// How many matches of one rule are applied in one round.
const MATCHES: usize = 2_000;

/// Whether a search is still wanted, and the time it has left, if it is limited.
pub(super) struct Clock<'a> {
    start: Instant,
    limit: Option<Duration>,
    interrupt: &'a Interrupt<'a>,
}

impl<'a> Clock<'a> {
    pub fn start(limit: Option<Duration>, interrupt: &'a Interrupt<'a>) -> Clock<'a> {
        Clock { start: Instant::now(), limit, interrupt }
    }

    fn check(&self) -> Result<(), Stopped> {
        if self.interrupt.is_raised() {
            return Err(Stopped::Interrupted);
        }
        match self.limit {
            Some(limit) if self.start.elapsed() > limit => Err(Stopped::Time(limit)),
            _ => Ok(()),
        }
    }
}

/// Applies the rules until `done`, or until nothing more follows or a bound is met. Between any two e-classes and any two
/// matches the clock is looked at, so that no rule, however often it fits, outruns it.
pub(super) fn saturate(
    graph: &mut Graph,
    rules: &[&Rewrite<Term, Knowledge>],
    limits: &Limits,
    clock: &Clock<'_>,
    done: impl Fn(&Graph) -> bool,
) -> Result<(), Stopped> {
    let or = |graph: &Graph, stopped: Stopped| if done(graph) { Ok(()) } else { Err(stopped) };
    graph.rebuild();
    for _ in 0..limits.iterations {
        if done(graph) {
            return Ok(());
        }
        let found: Vec<_> = rules.iter().map(|rule| matches(graph, rule, clock)).collect::<Result<_, _>>()?;
        let mut changed = false;
        for (rule, found) in rules.iter().zip(&found) {
            for one in found {
                changed |= !rule.apply(graph, std::slice::from_ref(one)).is_empty();
                if let Err(stopped) = clock.check() {
                    graph.rebuild();
                    // What is no longer wanted is no answer, whatever was found.
                    return if stopped == Stopped::Interrupted { Err(stopped) } else { or(graph, stopped) };
                }
            }
            if graph.total_size() > limits.nodes {
                graph.rebuild();
                return or(graph, Stopped::Nodes(limits.nodes));
            }
        }
        changed |= graph.rebuild() > 0;
        if !changed {
            return or(graph, Stopped::Saturated);
        }
    }
    or(graph, Stopped::Iterations(limits.iterations))
}

/// Where a rule fits, as `Rewrite::search_with_limit` finds it.
fn matches<'a>(
    graph: &Graph,
    rule: &'a Rewrite<Term, Knowledge>,
    clock: &Clock<'_>,
) -> Result<Vec<SearchMatches<'a, Term>>, Stopped> {
    let classes: Vec<Id> = match rule.searcher.get_pattern_ast().and_then(|ast| ast.as_ref().last()) {
        Some(ENodeOrVar::ENode(node)) => graph.classes_for_op(&node.discriminant()).into_iter().flatten().collect(),
        _ => graph.classes().map(|class| class.id).collect(),
    };
    let (mut out, mut left) = (Vec::new(), MATCHES);
    for class in classes {
        clock.check()?;
        if left == 0 {
            break;
        }
        if let Some(found) = rule.searcher.search_eclass_with_limit(graph, class, left) {
            left = left.saturating_sub(found.substs.len());
            out.push(found);
        }
    }
    Ok(out)
}
