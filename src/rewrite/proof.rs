//! Chains of equal terms as a search proposes them, each step named by the rule that is said to justify it.

use crate::term::{Builder, Expr, Symbol, Term};
use egg::{FlatTerm, Id};

/// A chain of terms, each with the name of the rule that leads to it; nothing is proved before the kernel has replayed it.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    pub start: Expr,
    pub steps: Vec<(Symbol, Expr)>,
}

impl Chain {
    /// A term by itself.
    pub fn reflexive(term: Expr) -> Chain {
        Chain { start: term, steps: vec![] }
    }

    /// The last term.
    pub fn end(&self) -> &Expr {
        self.steps.last().map_or(&self.start, |(_, term)| term)
    }

    /// Reads a chain off egg's explanation. A term that occurs twice closes a detour, which is cut out.
    pub(super) fn from_explanation(flat: &[FlatTerm<Term>]) -> Chain {
        let mut chain: Option<Chain> = None;
        for term in flat {
            let expr = to_expr(term);
            let Some(chain) = &mut chain else {
                chain = Some(Chain::reflexive(expr));
                continue;
            };
            if let Some(at) = chain.steps.iter().position(|(_, known)| *known == expr) {
                chain.steps.truncate(at + 1);
            } else if chain.start == expr {
                chain.steps.clear();
            } else {
                chain.steps.push((rule_of(term).unwrap_or_else(|| "congruence".into()), expr));
            }
        }
        chain.expect("an explanation has at least one term")
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
