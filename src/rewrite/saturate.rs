//! Applying rules to an e-graph, round by round, within bounds of work and of time.

use super::analysis::{Graph, Knowledge};
use super::interrupt::Interrupt;
use super::limits::{Limits, Stopped};
use crate::term::Term;
use egg::{ENodeOrVar, Id, Language, Rewrite, SearchMatches};
use std::time::Duration;
use web_time::Instant;

/// How many matches of one rule are applied in one round, at first.
const MATCHES: usize = 2_000;

/// Where a rule goes on in the next round: a rule that fits oftener than a round allows is applied everywhere in turn, not again and again at
/// the same places.
#[derive(Clone, Copy)]
struct Window {
    /// The e-class before which the last round stopped.
    from: Option<Id>,
    /// The most matches of a round.
    most: usize,
}

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
    let mut windows = vec![Window { from: None, most: MATCHES }; rules.len()];
    for _ in 0..limits.iterations {
        if done(graph) {
            return Ok(());
        }
        let found = rules.iter().zip(&mut windows).map(|(rule, window)| matches(graph, rule, window, clock));
        let found: Vec<_> = found.collect::<Result<_, _>>()?;
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
            // Nothing more follows only if every rule was tried everywhere.
            if windows.iter().all(|window| window.from.is_none()) {
                return or(graph, Stopped::Saturated);
            }
            windows.iter_mut().for_each(|window| window.most *= 2);
        }
    }
    or(graph, Stopped::Iterations(limits.iterations))
}

/// Where a rule fits within its window, which moves on.
fn matches<'a>(
    graph: &Graph,
    rule: &'a Rewrite<Term, Knowledge>,
    window: &mut Window,
    clock: &Clock<'_>,
) -> Result<Vec<SearchMatches<'a, Term>>, Stopped> {
    let mut classes: Vec<Id> = match rule.searcher.get_pattern_ast().and_then(|ast| ast.as_ref().last()) {
        Some(ENodeOrVar::ENode(node)) => graph.classes_for_op(&node.discriminant()).into_iter().flatten().collect(),
        _ => graph.classes().map(|class| class.id).collect(),
    };
    if let Some(from) = window.from.take().map(|id| graph.find(id))
        && let Some(at) = classes.iter().position(|class| *class == from)
    {
        classes.rotate_left(at);
    }
    let (mut out, mut left) = (Vec::new(), window.most);
    for class in classes {
        clock.check()?;
        if left == 0 {
            window.from = Some(class);
            break;
        }
        if let Some(found) = rule.searcher.search_eclass_with_limit(graph, class, left) {
            left = left.saturating_sub(found.substs.len());
            out.push(found);
        }
    }
    Ok(out)
}
