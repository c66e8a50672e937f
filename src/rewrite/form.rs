//! Which form of an e-class shows a fact. g⁻¹g and I are one class, and what is known of I is known of the class; but a rule that
//! asks for a permutation is replayed on plain terms, where only I is seen to be one. So a rule is applied in the graph to a form
//! that has the facts it asks for, and the way there, g⁻¹g = I, becomes a step of the proof.

use super::analysis::Graph;
use crate::term::{Builder, Data, Expr, Facts, Term, infer_node};
use egg::{Id, Language};

/// One form of a class: a node, and forms of its arguments by what is known of them.
#[derive(Clone, Debug)]
pub(super) struct Form {
    /// What is known of it as a plain term.
    data: Data,
    /// A bound on its number of nodes. An argument of a form is a form with a smaller bound, so that unrolling one ends.
    size: usize,
    node: Term,
    /// What is known of the forms of its arguments, and their bounds.
    arguments: Vec<(Data, usize)>,
}

/// How many forms of a class are kept. Two facts that no form has together are rare.
const FORMS: usize = 4;

impl Form {
    /// Whether everything known of another form is known of this one.
    pub fn shows(&self, other: &Form) -> bool {
        says(&self.data, &other.data)
    }
}

/// Whether some data include others of the same class.
fn says(data: &Data, wanted: &Data) -> bool {
    data.facts.contains(wanted.facts)
        && (wanted.constant.is_none() || data.constant.is_some())
        && (wanted.size.is_none() || data.size.is_some())
        && (wanted.function.is_none() || data.function.is_some())
}

/// Adds a form where it shows something new or is shorter; whether it shows something new.
pub(super) fn keep(forms: &mut Vec<Form>, form: Form) -> bool {
    let known = forms.iter().any(|other| other.shows(&form));
    if forms.iter().any(|other| other.shows(&form) && other.size <= form.size) {
        return false;
    }
    forms.retain(|other| !(form.shows(other) && form.size <= other.size));
    if forms.len() >= FORMS {
        return false;
    }
    forms.push(form);
    !known
}

/// The forms of a node that has just been added to a graph.
pub(super) fn forms_of(graph: &Graph, node: &Term) -> Vec<Form> {
    let mut out = Vec::new();
    let children = node.children();
    let mut choice = vec![0; children.len()];
    let first = |id: Id| children.iter().position(|c| *c == id).unwrap_or_default();
    loop {
        let chosen: Option<Vec<&Form>> =
            children.iter().zip(&choice).map(|(c, i)| graph[*c].data.forms.get(*i)).collect();
        let Some(chosen) = chosen else { return out };
        let alike = children.iter().zip(&choice).all(|(c, i)| choice[first(*c)] == *i);
        let data = |id: Id| &chosen[first(id)].data;
        if alike && let Ok(data) = infer_node(&graph.analysis.env, node, data) {
            let size = chosen.iter().map(|form| form.size).fold(1, usize::saturating_add);
            let arguments = chosen.iter().map(|form| (form.data.clone(), form.size)).collect();
            keep(&mut out, Form { data, size, node: node.clone(), arguments });
        }
        // The next choice of forms, as a number is counted up.
        let more = (0..children.len()).find(|&i| {
            choice[i] += 1;
            let carries = choice[i] >= graph[children[i]].data.forms.len();
            if carries {
                choice[i] = 0;
            }
            !carries
        });
        if more.is_none() {
            return out;
        }
    }
}

/// The shortest form of a class that has some facts; `None` where no form has them together.
pub(super) fn form_with(graph: &Graph, class: Id, facts: Facts) -> Option<Expr> {
    fn unroll(graph: &Graph, form: &Form, out: &mut Builder) -> Option<Id> {
        let mut arguments = Vec::with_capacity(form.arguments.len());
        for (class, (wanted, bound)) in form.node.children().iter().zip(&form.arguments) {
            let fits = |form: &&Form| form.size <= *bound && says(&form.data, wanted);
            let form = graph[*class].data.forms.iter().filter(fits).min_by_key(|form| form.size)?;
            arguments.push(unroll(graph, form, out)?);
        }
        let mut next = arguments.into_iter();
        Some(out.add(form.node.clone().map_children(|_| next.next().unwrap_or_default())))
    }
    let has = |form: &&Form| form.data.facts.contains(facts);
    let form = graph[class].data.forms.iter().filter(has).min_by_key(|form| form.size)?;
    let mut out = Builder::default();
    let root = unroll(graph, form, &mut out)?;
    Some(out.finish(root))
}

/// Whether the term for which an id was made has some facts, whatever else is known of its class.
pub(super) fn is_plainly(graph: &mut Graph, id: Id, facts: Facts) -> bool {
    plain(graph, id).is_some_and(|data| data.facts.contains(facts))
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
