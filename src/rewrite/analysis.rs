//! The e-graph's analysis: shape and facts of every e-class, which of its forms have them, and whether it still mentions the
//! symbol being isolated.

use super::form::{Form, Wanted, form_with, forms_of, keep};
use crate::term::{Data, Env, Expr, Op, Symbol, Term, infer_node};
use egg::{Analysis, DidMerge, EGraph, Id, Language};
use num_traits::{One, Zero};
use rustc_hash::FxHashMap;
use std::sync::Arc;

pub(super) type Graph = EGraph<Term, Knowledge>;

/// What the analysis needs to know.
pub(super) struct Knowledge {
    pub env: Arc<Env>,
    /// The universally quantified symbol that a search tries to isolate.
    pub isolated: Option<Symbol>,
    /// What is known of the very terms that ids were made for, whatever else is known of their classes.
    pub plain: FxHashMap<Id, Option<Data>>,
}

/// What is known of an e-class.
#[derive(Clone, Debug)]
pub(super) struct ClassData {
    /// What is known of any of its forms. No single form need have all of it.
    pub data: Data,
    /// Forms that show what is known.
    pub forms: Vec<Form>,
    /// Whether every known form mentions the isolated symbol. It only guides the search.
    pub mentions: bool,
    /// Whether it is zero, or a multiplicative unit: 1, I or a multiple of I.
    pub zero: bool,
    pub unit: bool,
    /// Whether it is a matrix that is given by its sizes alone, as the signature is.
    pub given: bool,
}

impl ClassData {
    fn is_matrix_unit(&self) -> bool {
        self.unit && !self.data.shape.is_scalar()
    }
}

impl Analysis<Term> for Knowledge {
    type Data = ClassData;

    fn make(egraph: &mut Graph, node: &Term, _: Id) -> ClassData {
        let mentions = match node {
            Term::Sym(name) => egraph.analysis.isolated == Some(*name),
            node => node.children().iter().any(|&c| egraph[c].data.mentions),
        };
        let data = infer_node(&egraph.analysis.env, node, |id| &egraph[id].data.data)
            // Rules are applied only when their result has a shape, so this is unreachable; a scalar without facts
            // permits nothing.
            .unwrap_or_else(|_| Data::unknown());
        let zero = match node {
            Term::Num(c) => c.is_zero(),
            node => matches!(node, Term::Op(Op::Zeros, _)),
        };
        let unit = match node {
            Term::Num(c) => c.is_one(),
            Term::Op(Op::Eye, _) => true,
            Term::Op(Op::Mul, args) => {
                let scaled = |a: Id, b: Id| egraph[a].data.data.shape.is_scalar() && egraph[b].data.is_matrix_unit();
                scaled(args[0], args[1]) || scaled(args[1], args[0])
            }
            _ => false,
        };
        let given = !data.shape.is_scalar() && matches!(node, Term::Op(op, _) if op.is_given_by_sizes());
        let forms = forms_of(&egraph.analysis.env, node, |id| &egraph[id].data.forms);
        ClassData { data, forms, mentions, zero, unit, given }
    }

    fn merge(&mut self, a: &mut ClassData, b: ClassData) -> DidMerge {
        let facts = a.data.facts | b.data.facts;
        let mentions = a.mentions && b.mentions;
        let constant = a.data.constant.clone().or(b.data.constant.clone());
        let polynomial = a.data.polynomial.clone().or(b.data.polynomial.clone());
        // What one form does not depend on, none does.
        let indices = a.data.indices.intersection(b.data.indices);
        let differs = |x: &ClassData| {
            facts != x.data.facts
                || mentions != x.mentions
                || constant != x.data.constant
                || polynomial != x.data.polynomial
                || indices != x.data.indices
        };
        let (a_changed, b_changed) = (differs(a), differs(&b));
        a.data.facts = facts;
        a.data.indices = indices;
        a.data.index = a.data.index.or(b.data.index);
        a.zero |= b.zero;
        a.unit |= b.unit;
        a.given |= b.given;
        a.mentions = mentions;
        a.data.constant = constant;
        a.data.polynomial = polynomial;
        a.data.size = a.data.size.or(b.data.size);
        if a.data.function.is_none() {
            a.data.function = b.data.function;
        }
        let (mut a_lacks, mut b_lacks) = (false, b.forms.len() < a.forms.len());
        let known = b.forms.clone();
        for form in b.forms {
            a_lacks |= keep(&mut a.forms, form);
        }
        b_lacks |= a.forms.iter().any(|form| !known.iter().any(|other| other.shows(form)));
        DidMerge(a_changed || a_lacks, b_changed || b_lacks)
    }
}

/// Whether the term for which an id was made is as wanted, whatever else is known of its class.
pub(super) fn is_plainly(graph: &mut Graph, id: Id, wanted: Wanted) -> bool {
    plain(graph, id).is_some_and(|data| wanted.is_met(&data))
}

fn plain(graph: &mut Graph, id: Id) -> Option<Data> {
    if let Some(known) = graph.analysis.plain.get(&id) {
        return known.clone();
    }
    let node = graph.id_to_node(id).clone();
    let arguments: Option<Vec<Data>> = node.children().iter().map(|c| plain(graph, *c)).collect();
    let data = arguments.and_then(|arguments| {
        let place = |id: Id| node.children().iter().position(|c| *c == id).unwrap_or_default();
        infer_node(&graph.analysis.env, &node, |id| &arguments[place(id)]).ok()
    });
    graph.analysis.plain.insert(id, data.clone());
    data
}

/// The shortest form of a class that is as wanted.
pub(super) fn shown(graph: &Graph, class: Id, wanted: Wanted) -> Option<Expr> {
    form_with(class, wanted, &|id| &graph[id].data.forms)
}
