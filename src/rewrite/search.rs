//! Bounded searches in an e-graph: proving an equality, and finding the best form of a term.

use super::analysis::{Graph, Knowledge};
use super::book::{Purpose, RuleBook};
use super::cost::{Goal, Weights, is_forbidden};
use super::interrupt::Interrupt;
use super::proof::Chain;
use crate::kernel::Given;
use crate::term::{Env, Expr, Op, Term};
use egg::{ENodeOrVar, Extractor, Id, PatternAst, Subst};
use rustc_hash::FxHashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use web_time::Instant;

/// Bounds of a search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    pub nodes: usize,
    pub iterations: usize,
    pub time: Duration,
}

impl Limits {
    /// The bounds of a search for a better form, which may stop anywhere without harm.
    fn for_purpose(self, purpose: Purpose) -> Limits {
        match purpose {
            Purpose::Prove => self,
            Purpose::Lemma => Limits { nodes: self.nodes.min(4_000), iterations: self.iterations.min(12), ..self },
            _ => Limits { nodes: self.nodes.min(2_000), iterations: self.iterations.min(14), ..self },
        }
    }
}

/// How many matches of one rule are applied in one iteration.
const MATCHES: usize = 2_000;

impl Default for Limits {
    fn default() -> Limits {
        Limits { nodes: 20_000, iterations: 24, time: Duration::from_secs(20) }
    }
}

/// Why a search ended without what it looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Nothing more follows from the rules: a rule is missing, or the claim is false.
    Saturated,
    Nodes(usize),
    Iterations(usize),
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
            Stopped::Interrupted => write!(f, "the search was interrupted"),
            Stopped::Time(t) => write!(f, "the search stopped at its limit of {} s", t.as_secs()),
        }
    }
}

/// The outcome of a proof search.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Proved(Chain),
    NotProved(Stopped),
}

/// A search: which rules, in which environment, from which given equations, within which bounds.
pub struct Search<'a> {
    pub book: &'a RuleBook,
    pub env: Arc<Env>,
    pub purpose: Purpose,
    pub given: &'a [Given],
    pub limits: Limits,
    pub interrupt: &'a Interrupt<'a>,
}

impl Search<'_> {
    /// Searches for a proof that two formulas are equal.
    pub fn prove(&self, lhs: &Expr, rhs: &Expr) -> Outcome {
        if lhs == rhs {
            return Outcome::Proved(Chain::reflexive(lhs.clone()));
        }
        let mut graph = self.graph(None);
        let (l, r) = (graph.add_expr(lhs), graph.add_expr(rhs));
        let stopped = self.saturate(&mut graph, &[lhs, rhs], |graph| graph.find(l) == graph.find(r));
        match stopped {
            None => Outcome::Proved(self.explain(&mut graph, lhs, rhs)),
            Some(stopped) => Outcome::NotProved(stopped),
        }
    }

    /// The best form of a formula for a goal, with the proof that it is equal. `Err` when no form meets the goal: the
    /// isolated symbol could not be isolated, or a differential is left.
    pub fn best(&self, expr: &Expr, goal: &Goal) -> Result<Chain, Stopped> {
        let isolated = match goal {
            Goal::Isolate(symbol) => Some(*symbol),
            _ => None,
        };
        let mut graph = self.graph(isolated);
        let id = graph.add_expr(expr);
        let symbol = isolated.map(|s| graph.add(Term::Sym(s)));
        let stopped = self.saturate(&mut graph, &[expr], |graph| match symbol {
            Some(symbol) => is_isolated(graph, id, symbol),
            None => is_name(graph, id),
        });
        if stopped == Some(Stopped::Interrupted) {
            return Err(Stopped::Interrupted);
        }
        let best = {
            let isolated = symbol.map(|s| graph.find(s));
            let extractor = Extractor::new(&graph, Weights { graph: &graph, goal, isolated });
            let (cost, best) = extractor.find_best(id);
            if is_forbidden(cost) {
                return Err(stopped.unwrap_or(Stopped::Saturated));
            }
            best
        };
        let best = crate::term::subterm(&best, best.root());
        Ok(self.explain(&mut graph, expr, &best))
    }

    fn graph(&self, isolated: Option<crate::term::Symbol>) -> Graph {
        let mut graph = Graph::new(Knowledge { env: self.env.clone(), isolated, plain: FxHashMap::default() })
            .with_explanations_enabled()
            .without_explanation_length_optimization();
        for given in self.given {
            graph.union_instantiations(&ground(&given.lhs), &ground(&given.rhs), &Subst::default(), given.name);
        }
        graph.rebuild();
        graph
    }

    fn explain(&self, graph: &mut Graph, from: &Expr, to: &Expr) -> Chain {
        let mut explanation = graph.explain_equivalence(from, to);
        Chain::from_explanation(explanation.make_flat_explanation())
    }

    /// Applies the rules until `done`, saturation (`Some(Saturated)`) or a limit.
    fn saturate(&self, graph: &mut Graph, terms: &[&Expr], done: impl Fn(&Graph) -> bool) -> Option<Stopped> {
        let given = self.given.iter().flat_map(|g| [&g.lhs, &g.rhs]);
        let nodes = terms.iter().copied().chain(given).flat_map(|e| e.as_ref());
        let rules = self.book.select(self.purpose, nodes);
        let start = Instant::now();
        let limits = self.limits.for_purpose(self.purpose);
        if self.interrupt.is_raised() {
            return Some(Stopped::Interrupted);
        }
        graph.rebuild();
        for _ in 0..limits.iterations {
            if done(graph) {
                return None;
            }
            let mut matches = Vec::with_capacity(rules.len());
            for rule in &rules {
                matches.push(rule.search_with_limit(graph, MATCHES));
                if self.interrupt.is_raised() {
                    return Some(Stopped::Interrupted);
                }
                if start.elapsed() > limits.time {
                    return Some(Stopped::Time(limits.time));
                }
            }
            let mut changed = false;
            for (rule, found) in rules.iter().zip(&matches) {
                changed |= !rule.apply(graph, found).is_empty();
                if self.interrupt.is_raised() {
                    return Some(Stopped::Interrupted);
                }
                if graph.total_size() > limits.nodes {
                    graph.rebuild();
                    return if done(graph) { None } else { Some(Stopped::Nodes(limits.nodes)) };
                }
            }
            changed |= graph.rebuild() > 0;
            if !changed {
                return if done(graph) { None } else { Some(Stopped::Saturated) };
            }
        }
        if done(graph) { None } else { Some(Stopped::Iterations(limits.iterations)) }
    }
}

/// Whether a class has a name, the best form there is.
fn is_name(graph: &Graph, class: Id) -> bool {
    graph[class].nodes.iter().any(|node| matches!(node, Term::Sym(_)))
}

/// Whether a class has a form ⟨M, A⟩ with the class of A given and M free of it.
fn is_isolated(graph: &Graph, class: Id, symbol: Id) -> bool {
    let symbol = graph.find(symbol);
    graph[class].nodes.iter().any(|node| match node {
        Term::Op(Op::Inner, args) => graph.find(args[1]) == symbol && !graph[args[0]].data.mentions,
        _ => false,
    })
}

/// A formula as a pattern without variables.
fn ground(expr: &Expr) -> PatternAst<Term> {
    expr.as_ref().iter().cloned().map(ENodeOrVar::ENode).collect()
}
