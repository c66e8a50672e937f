//! Which form of an e-class shows a fact. g⁻¹g and I are one class, and what is known of I is known of the class; but a rule that
//! asks for a permutation is replayed on plain terms, where only I is seen to be one. So a rule is applied in the graph to a form
//! that has the facts it asks for, and the way there, g⁻¹g = I, becomes a step of the proof.

use crate::term::{Builder, Data, Env, Expr, Facts, Indices, Term, infer_node};
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
        && wanted.indices.contains(data.indices)
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

/// The forms of a node of a graph, from those of the classes of its arguments.
pub(super) fn forms_of<'a>(env: &Env, node: &Term, of: impl Fn(Id) -> &'a [Form]) -> Vec<Form> {
    let mut out = Vec::new();
    let children = node.children();
    let mut choice = vec![0; children.len()];
    let first = |id: Id| children.iter().position(|c| *c == id).unwrap_or_default();
    loop {
        let chosen: Option<Vec<&Form>> = children.iter().zip(&choice).map(|(c, i)| of(*c).get(*i)).collect();
        let Some(chosen) = chosen else { return out };
        let alike = children.iter().zip(&choice).all(|(c, i)| choice[first(*c)] == *i);
        let data = |id: Id| &chosen[first(id)].data;
        if alike && let Ok(data) = infer_node(env, node, data) {
            let size = chosen.iter().map(|form| form.size).fold(1, usize::saturating_add);
            let arguments = chosen.iter().map(|form| (form.data.clone(), form.size)).collect();
            keep(&mut out, Form { data, size, node: node.clone(), arguments });
        }
        // The next choice of forms, as a number is counted up.
        let more = (0..children.len()).find(|&i| {
            choice[i] += 1;
            let carries = choice[i] >= of(children[i]).len();
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

/// What a rule asks of a form.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    pub facts: Facts,
    /// The indices on which it may not depend.
    pub without: Indices,
}

impl Wanted {
    pub fn is_met(self, data: &Data) -> bool {
        data.facts.contains(self.facts) && data.indices.intersection(self.without).is_empty()
    }
}

/// The shortest form of a class that is as wanted; `None` where none is.
pub(super) fn form_with<'a>(class: Id, wanted: Wanted, of: &dyn Fn(Id) -> &'a [Form]) -> Option<Expr> {
    fn unroll<'a>(form: &Form, of: &dyn Fn(Id) -> &'a [Form], out: &mut Builder) -> Option<Id> {
        let mut arguments = Vec::with_capacity(form.arguments.len());
        for (class, (wanted, bound)) in form.node.children().iter().zip(&form.arguments) {
            let fits = |form: &&Form| form.size <= *bound && says(&form.data, wanted);
            let form = of(*class).iter().filter(fits).min_by_key(|form| form.size)?;
            arguments.push(unroll(form, of, out)?);
        }
        let mut next = arguments.into_iter();
        Some(out.add(form.node.clone().map_children(|_| next.next().unwrap_or_default())))
    }
    let form = of(class).iter().filter(|form| wanted.is_met(&form.data)).min_by_key(|form| form.size)?;
    let mut out = Builder::default();
    let root = unroll(form, of, &mut out)?;
    Some(out.finish(root))
}
