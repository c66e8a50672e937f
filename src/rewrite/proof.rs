//! Proofs: chains of equal terms, each step named by the rule that justifies it.

use super::book::RuleBook;
use crate::term::{Builder, Expr, Symbol, Term};
use egg::{FlatTerm, Id};

/// An equation a proof may use: the definition of a `let`, an equality derived before.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// The name of the step; it must not be the name of a rule.
    pub name: Symbol,
    /// The reason a derivation prints.
    pub reason: String,
    /// Whether the step is bookkeeping.
    pub silent: bool,
    pub lhs: Expr,
    pub rhs: Expr,
}

/// One step: the previous term equals `term`, by `rule`.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub rule: Symbol,
    pub reason: String,
    /// Bookkeeping, which a printed derivation folds into the next step that says something.
    pub silent: bool,
    pub term: Expr,
}

/// A chain of equalities from `start` to the term of the last step.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    pub start: Expr,
    pub steps: Vec<Step>,
}

impl Proof {
    /// The proof that a term equals itself.
    pub fn reflexive(term: Expr) -> Proof {
        Proof { start: term, steps: vec![] }
    }

    /// The last term.
    pub fn end(&self) -> &Expr {
        self.steps.last().map_or(&self.start, |s| &s.term)
    }

    /// This proof followed by one that starts where it ends.
    pub fn then(mut self, next: Proof) -> Proof {
        debug_assert_eq!(self.end(), &next.start);
        self.steps.extend(next.steps);
        self
    }

    /// Reads a proof off egg's explanation. A term that occurs twice closes a detour, which is cut out.
    pub(super) fn from_explanation(book: &RuleBook, given: &[Given], flat: &[FlatTerm<Term>]) -> Proof {
        let mut proof: Option<Proof> = None;
        for term in flat {
            let expr = to_expr(term);
            let Some(proof) = &mut proof else {
                proof = Some(Proof::reflexive(expr));
                continue;
            };
            let rule = rule_of(term).unwrap_or_else(|| "congruence".into());
            if let Some(at) = proof.steps.iter().position(|s| s.term == expr) {
                proof.steps.truncate(at + 1);
                continue;
            }
            if proof.start == expr {
                proof.steps.clear();
                continue;
            }
            let (reason, silent) = match given.iter().find(|g| g.name == rule) {
                Some(g) => (g.reason.clone(), g.silent),
                None => book.reason(rule),
            };
            proof.steps.push(Step { rule, reason, silent, term: expr });
        }
        proof.expect("an explanation has at least one term")
    }
}

fn to_expr(term: &FlatTerm<Term>) -> Expr {
    fn go(term: &FlatTerm<Term>, out: &mut Builder) -> Id {
        let mut node = term.node.clone();
        let ids: Vec<Id> = term.children.iter().map(|c| go(c, out)).collect();
        for (slot, id) in egg::Language::children_mut(&mut node).iter_mut().zip(ids) {
            *slot = id;
        }
        out.add(node)
    }
    let mut out = Builder::default();
    let root = go(term, &mut out);
    out.finish(root)
}

fn rule_of(term: &FlatTerm<Term>) -> Option<Symbol> {
    term.forward_rule.or(term.backward_rule).or_else(|| term.children.iter().find_map(rule_of))
}
