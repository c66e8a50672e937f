//! Bounded searches in an e-graph: proving an equality, and finding the best form of a term.

use super::analysis::{Graph, Knowledge};
use super::book::{Purpose, RuleBook};
use super::cost::{Goal, Weights, is_forbidden};
use super::interrupt::Interrupt;
use super::limits::{Limits, Stopped};
use super::proof::Chain;
use super::saturate::{Clock, saturate};
use crate::kernel::Given;
use crate::term::{Env, Expr, Op, Term};
use egg::{ENodeOrVar, Extractor, Id, PatternAst, Subst};
use rustc_hash::FxHashMap;
use std::sync::Arc;

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
        let proved = match stopped {
            None => self.explain(&mut graph, lhs, rhs),
            Some(stopped) => Err(stopped),
        };
        proved.map_or_else(Outcome::NotProved, Outcome::Proved)
    }

    /// The best form of a formula for a goal, with the proof that it is equal, and whether the search stopped before nothing
    /// more followed. `Err` when no form meets the goal: the isolated symbol could not be isolated, or a differential is left.
    pub fn best(&self, expr: &Expr, goal: &Goal) -> Result<(Chain, Option<Stopped>), Stopped> {
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
        Ok((self.explain(&mut graph, expr, &best)?, stopped))
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

    fn explain(&self, graph: &mut Graph, from: &Expr, to: &Expr) -> Result<Chain, Stopped> {
        let explanation = graph.explain_equivalence(from, to);
        Chain::from_explanation(&explanation.explanation_trees).map_err(|long| Stopped::Steps(long.most))
    }

    fn saturate(&self, graph: &mut Graph, terms: &[&Expr], done: impl Fn(&Graph) -> bool) -> Option<Stopped> {
        let given = self.given.iter().flat_map(|g| [&g.lhs, &g.rhs]);
        let nodes = terms.iter().copied().chain(given).flat_map(|e| e.as_ref());
        let rules = self.book.select(self.purpose, nodes);
        let limits = self.limits.for_purpose(self.purpose);
        saturate(graph, &rules, &limits, &Clock::start(limits.time, self.interrupt), done).err()
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
