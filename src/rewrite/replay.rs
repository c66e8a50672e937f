//! The independent checker: replays every step of a proof on plain terms, without an e-graph.

use super::book::RuleBook;
use super::compile::{Compiled, arithmetic};
use super::condition::Bound;
use super::proof::{Given, Proof};
use super::sum::{ARITHMETIC, SUM};
use crate::term::{Builder, Data, Env, Expr, Op, Rational, Symbol, Term, infer_node};
use egg::{ENodeOrVar, Id, Language, PatternAst, Var};
use num_traits::{One, Zero};
use std::collections::HashMap;
use std::fmt;

/// A step that does not follow.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayError {
    /// The number of the step, from 1.
    pub step: usize,
    pub rule: Symbol,
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {} does not follow by `{}`", self.step, self.rule)
    }
}

impl std::error::Error for ReplayError {}

/// Checks that every step of a proof is an instance, at one place in the term, of the rule or given equation it names,
/// with its conditions met by what is known of the plain terms, and that the last term is `end`.
pub fn replay(book: &RuleBook, env: &Env, given: &[Given], proof: &Proof, end: &Expr) -> Result<(), ReplayError> {
    let mut terms = Terms { env, builder: Builder::default(), data: Vec::new() };
    let fails = |step: usize, rule: Symbol| ReplayError { step, rule };
    let mut before = terms.copy(&proof.start);
    for (i, step) in proof.steps.iter().enumerate() {
        let after = terms.copy(&step.term);
        if !terms.infer() || !follows(&terms, book, given, step.rule, before, after) {
            return Err(fails(i + 1, step.rule));
        }
        before = after;
    }
    let end = terms.copy(end);
    if before == end { Ok(()) } else { Err(fails(proof.steps.len() + 1, "end".into())) }
}

/// All terms of a proof in one hash-consed graph, so that equality of terms is equality of ids.
struct Terms<'a> {
    env: &'a Env,
    builder: Builder,
    data: Vec<Data>,
}

impl Terms<'_> {
    fn copy(&mut self, expr: &Expr) -> Id {
        self.builder.copy(expr)
    }

    /// Infers shapes and facts of the nodes added since the last call; false when a term has no shape.
    fn infer(&mut self) -> bool {
        for node in &self.builder.nodes()[self.data.len()..] {
            match infer_node(self.env, node, |id| &self.data[usize::from(id)]) {
                Ok(data) => self.data.push(data),
                Err(_) => return false,
            }
        }
        true
    }

    fn node(&self, id: Id) -> &Term {
        &self.builder.nodes()[usize::from(id)]
    }

    fn data(&self, id: Id) -> &Data {
        &self.data[usize::from(id)]
    }
}

/// Whether `after` comes from `before` by the rule at the root or at one place below it.
fn follows(terms: &Terms, book: &RuleBook, given: &[Given], rule: Symbol, before: Id, after: Id) -> bool {
    let (mut b, mut a) = (before, after);
    loop {
        if b == a || justified(terms, book, given, rule, b, a) {
            return true;
        }
        let (x, y) = (terms.node(b), terms.node(a));
        if !x.matches(y) {
            return false;
        }
        let mut differing = x.children().iter().zip(y.children()).filter(|(p, q)| p != q);
        match (differing.next(), differing.next()) {
            (Some((p, q)), None) => (b, a) = (*p, *q),
            _ => return false,
        }
    }
}

fn justified(terms: &Terms, book: &RuleBook, given: &[Given], rule: Symbol, before: Id, after: Id) -> bool {
    if let Some(g) = given.iter().find(|g| g.name == rule) {
        let sides = (terms.builder.find(&g.lhs), terms.builder.find(&g.rhs));
        return [(before, after), (after, before)].iter().any(|&(l, r)| sides == (Some(l), Some(r)));
    }
    match rule.as_str() {
        SUM => linear(terms, before) == linear(terms, after),
        ARITHMETIC => match (constant(terms, before), constant(terms, after)) {
            (Some(x), Some(y)) => x == y,
            _ => false,
        },
        _ => book.directions(rule).any(|r| instance(terms, r, before, after) || instance(terms, r, after, before)),
    }
}

/// Whether `from → to` is an instance of a rule.
fn instance(terms: &Terms, rule: &Compiled, from: Id, to: Id) -> bool {
    let mut bindings: HashMap<Var, Id> = HashMap::new();
    if !matches_pattern(terms, &rule.lhs, rule.lhs.root(), from, &mut bindings) {
        return false;
    }
    let bound = |var: Var| bindings.get(&var).map(|&id| Bound { data: terms.data(id), mentions: true });
    let Some(extra) = rule.complete(&bound) else { return false };
    for (var, expr) in extra {
        // A computed part that does not occur among the terms of the proof cannot be in `to`.
        let Some(id) = terms.builder.find(&expr) else { return false };
        bindings.insert(var, id);
    }
    matches_pattern(terms, &rule.rhs, rule.rhs.root(), to, &mut bindings)
        && terms.data(from).shape == terms.data(to).shape
}

fn matches_pattern(
    terms: &Terms,
    pattern: &PatternAst<Term>,
    at: Id,
    term: Id,
    bindings: &mut HashMap<Var, Id>,
) -> bool {
    match &pattern[at] {
        ENodeOrVar::Var(var) => *bindings.entry(*var).or_insert(term) == term,
        ENodeOrVar::ENode(node) => {
            let target = terms.node(term);
            node.matches(target)
                && node
                    .children()
                    .iter()
                    .zip(target.children())
                    .all(|(&p, &t)| matches_pattern(terms, pattern, p, t, bindings))
        }
    }
}

/// A sum as coefficients of its non-sum summands; the constant 1 is `None`.
fn linear(terms: &Terms, id: Id) -> Vec<(Option<Id>, Rational)> {
    fn walk(terms: &Terms, id: Id, c: &Rational, out: &mut HashMap<Option<Id>, Rational>) {
        match terms.node(id) {
            Term::Op(Op::Add, args) => {
                walk(terms, args[0], c, out);
                walk(terms, args[1], c, out);
            }
            Term::Op(Op::Mul, args) if matches!(terms.node(args[0]), Term::Num(_)) => {
                if let Term::Num(k) = terms.node(args[0]) {
                    walk(terms, args[1], &(c * k), out);
                }
            }
            Term::Op(Op::Zeros, _) => {}
            Term::Num(k) => *out.entry(None).or_insert_with(Rational::zero) += c * k,
            _ => *out.entry(Some(id)).or_insert_with(Rational::zero) += c,
        }
    }
    let mut out = HashMap::new();
    walk(terms, id, &Rational::one(), &mut out);
    let mut out: Vec<_> = out.into_iter().filter(|(_, c)| !c.is_zero()).collect();
    out.sort_by_key(|(id, _)| *id);
    out
}

fn constant(terms: &Terms, id: Id) -> Option<Rational> {
    match terms.node(id) {
        Term::Num(c) => Some(c.clone()),
        Term::Op(op, args) if args.len() == 2 => {
            arithmetic(*op, &constant(terms, args[0])?, &constant(terms, args[1])?)
        }
        _ => None,
    }
}
