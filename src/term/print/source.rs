//! What can be printed: a formula, or a rule's pattern.

use super::super::{Expr, Op, Size, Term};
use egg::{ENodeOrVar, Id, PatternAst, Var};

/// A node of a formula or of a pattern.
#[derive(Clone, Copy)]
pub(super) enum Node<'a> {
    Term(&'a Term),
    Var(Var),
}

/// A DAG of nodes in topological order, the root last.
pub(super) trait Source {
    fn node(&self, id: Id) -> Node<'_>;

    fn len(&self) -> usize;

    fn root(&self) -> Id {
        Id::from(self.len() - 1)
    }

    /// The operator and arguments of a node, if it is one.
    fn op(&self, id: Id) -> Option<(Op, &[Id])> {
        match self.node(id) {
            Node::Term(Term::Op(op, args)) => Some((*op, args)),
            _ => None,
        }
    }

    /// The value of a literal.
    /// Whether a node is the literal size 1.
    fn is_one_size(&self, id: Id) -> bool {
        matches!(self.node(id), Node::Term(Term::Size(Size::Lit(1))))
    }

    fn num(&self, id: Id) -> Option<&super::super::Rational> {
        match self.node(id) {
            Node::Term(Term::Num(value)) => Some(value),
            _ => None,
        }
    }
}

impl Source for Expr {
    fn node(&self, id: Id) -> Node<'_> {
        Node::Term(&self[id])
    }

    fn len(&self) -> usize {
        self.as_ref().len()
    }
}

impl Source for PatternAst<Term> {
    fn node(&self, id: Id) -> Node<'_> {
        match &self[id] {
            ENodeOrVar::ENode(term) => Node::Term(term),
            ENodeOrVar::Var(var) => Node::Var(*var),
        }
    }

    fn len(&self) -> usize {
        self.as_ref().len()
    }
}
