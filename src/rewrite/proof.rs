//! Chains of equal terms as a search proposes them, each step named by the rule that is said to justify it.

use crate::term::{Builder, Expr, Symbol, Term};
use egg::{Id, Language, TreeExplanation, TreeTerm};
use std::collections::HashMap;
use std::rc::Rc;

/// A chain of terms, each with the name of the rule that leads to it; nothing is proved before the kernel has replayed it.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    pub start: Expr,
    pub steps: Vec<(Symbol, Expr)>,
}

/// The most steps of a chain. A subterm that occurs often is rewritten at every place, so chains may be far longer than the
/// search that found them.
const STEPS: usize = 10_000;

impl Chain {
    /// A term by itself.
    pub fn reflexive(term: Expr) -> Chain {
        Chain { start: term, steps: vec![] }
    }

    /// The last term.
    pub fn end(&self) -> &Expr {
        self.steps.last().map_or(&self.start, |(_, term)| term)
    }

    /// Reads a chain off egg's explanation, unless it is too long. A term that occurs twice closes a detour, which is cut
    /// out.
    pub(super) fn from_explanation(explanation: &TreeExplanation<Term>) -> Result<Chain, TooLong> {
        if length(explanation, &mut HashMap::new()) > STEPS {
            return Err(TooLong { most: STEPS });
        }
        let mut flattener = Flattener::default();
        let mut kept: Vec<Link> = Vec::new();
        let mut places: HashMap<Id, usize> = HashMap::new();
        for link in flattener.flatten(explanation) {
            match places.get(&link.term) {
                Some(&at) => {
                    for cut in kept.drain(at + 1..) {
                        places.remove(&cut.term);
                    }
                }
                None => {
                    places.insert(link.term, kept.len());
                    kept.push(link);
                }
            }
        }
        let terms = flattener.terms;
        let mut links = kept.into_iter();
        let start = links.next().expect("an explanation has at least one term");
        let step = |link: Link| (link.by.unwrap_or_else(|| "congruence".into()), terms.finish(link.term));
        Ok(Chain { start: terms.finish(start.term), steps: links.map(step).collect() })
    }
}

/// A chain of more steps than are written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong {
    pub most: usize,
}

/// A term of a chain, and the rule that leads to it from the one before.
#[derive(Clone, Copy)]
struct Link {
    by: Option<Symbol>,
    term: Id,
}

/// How many terms an explanation has when it is written out.
fn length(explanation: &TreeExplanation<Term>, known: &mut HashMap<*const TreeTerm<Term>, usize>) -> usize {
    let mut terms: usize = 0;
    for tree in explanation {
        let key = Rc::as_ptr(tree);
        let of_tree = known.get(&key).copied().unwrap_or_else(|| {
            let below = tree.child_proofs.iter().map(|child| length(child, known) - 1);
            below.fold(1, usize::saturating_add)
        });
        known.insert(key, of_tree);
        let continues = terms > 0 && rule(tree).is_none();
        terms = terms.saturating_add(of_tree - usize::from(continues));
    }
    terms
}

/// The rule by which a tree begins, if it does not begin with the term before.
fn rule(tree: &TreeTerm<Term>) -> Option<Symbol> {
    tree.forward_rule.or(tree.backward_rule)
}

/// Writes out explanations, each tree of them once however often it occurs.
#[derive(Default)]
struct Flattener {
    terms: Builder,
    known: HashMap<*const TreeTerm<Term>, Rc<[Link]>>,
}

impl Flattener {
    /// The terms of an explanation in order, one step after the other. Each tree of it begins where the one before ended,
    /// by a rule at its root or with the same term.
    fn flatten(&mut self, explanation: &TreeExplanation<Term>) -> Vec<Link> {
        let mut out: Vec<Link> = Vec::new();
        for tree in explanation {
            let links = self.tree(tree);
            let continues = rule(tree).is_none() && !out.is_empty();
            out.extend(&links[usize::from(continues)..]);
        }
        out
    }

    /// The terms of a tree: its node over the first terms of its children, which are then rewritten one after the other.
    fn tree(&mut self, tree: &Rc<TreeTerm<Term>>) -> Rc<[Link]> {
        if let Some(links) = self.known.get(&Rc::as_ptr(tree)) {
            return links.clone();
        }
        let children: Vec<Vec<Link>> = tree.child_proofs.iter().map(|child| self.flatten(child)).collect();
        let mut node = tree.node.clone();
        for (slot, child) in node.children_mut().iter_mut().zip(&children) {
            *slot = child[0].term;
        }
        let mut out = vec![Link { by: rule(tree), term: self.terms.add(node.clone()) }];
        for (i, child) in children.iter().enumerate() {
            for link in &child[1..] {
                node.children_mut()[i] = link.term;
                out.push(Link { by: link.by, term: self.terms.add(node.clone()) });
            }
        }
        let links: Rc<[Link]> = out.into();
        self.known.insert(Rc::as_ptr(tree), links.clone());
        links
    }
}
