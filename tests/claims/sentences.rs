//! What a conserved quantity means, in a sentence, and who stated laws of its form.

use crate::{BOOK, derived};
use equilaw::internals::job::{find, library, sources};
use equilaw::internals::kernel::LawRow;
use equilaw::internals::model::Inside;
use equilaw::internals::report::{known, known_from, sentence};
use equilaw::{Options, derive};

/// The sentences on what gradient flow conserves.
fn sentences(model: &str) -> Vec<String> {
    let report = derived(model);
    let flow = report.inside().laws.iter().filter(|law| law.row() == LawRow::FlowConserved);
    flow.map(|law| sentence(law).unwrap_or("none".into())).collect()
}

#[test]
fn each_form_has_its_sentence() {
    let relu = "model m
dim i = 2, h = 3, k = 2, n = 4
activation f : homogeneous(3)
param A : h x i
param c : h
param B : k x h
data X : i x n
output F = B * f(A * X + c * ones(1, n))
loss any
";
    let unit = "action unit : D in Diag+(h) { A -> D * A; c -> D * c; B -> B * D^-3 }";
    let layers = "action layers : a in Scale { A -> a * A; c -> a * c; B -> a^-3 * B }";
    assert_eq!(
        sentences(&format!("{relu}{unit}")),
        ["For each j = 1, …, h, the squared norm of row j of A plus the square of entry j of c minus 3 times the \
              squared norm of column j of B never changes."]
    );
    assert_eq!(
        sentences(&format!("{relu}{layers}")),
        ["The squared norm of A plus that of c minus 3 times that of B never changes."]
    );
    let linear = "model m
dim d = 2, h = 3, k = 2, n = 4
param A : h x d
param z : h
param B : k x h
data X : d x n
output F = B * A * X + B * z * ones(1, n)
loss any
action basis : g in GL(h) { A -> g * A; z -> g * z; B -> B * inv(g) }
";
    assert_eq!(
        sentences(linear),
        ["For all i and j from 1 to h, the inner product of rows i and j of A plus the product of entries i and j \
              of z minus the inner product of columns i and j of B never changes."]
    );
    let scores = "model m
dim d = 2, k = 3, n = 4
param W : k x d
param b : k
data X : d x n
output F = softmax(W * X + b * ones(1, n))
loss any
action weights : u in Translate(d) { W -> W + ones(k) * u' }
action bias : u in Translate(1) { b -> b + u * ones(k) }
";
    assert_eq!(
        sentences(scores),
        ["For each i = 1, …, d, the sum of column i of W never changes.", "The sum of the entries of b never changes."]
    );
}

#[test]
fn a_form_that_is_not_known_has_no_sentence() {
    let planes = include_str!("../../examples/new/rotary_planes.eqv");
    assert_eq!(sentences(planes).first().map(String::as_str), Some("none"));
}

#[test]
fn every_form_is_that_of_a_law_of_the_theorem_it_is_known_from() {
    let library = library().unwrap();
    for (name, author) in known_from() {
        let theorem = find(&library, name).unwrap();
        let report = derive(&theorem.model, &BOOK, &Options::bare()).unwrap();
        assert!(report.inside().laws.iter().any(|law| known(law) == Some((name, author))), "{name}");
        assert!(sources(name).iter().any(|source| source.starts_with(author)), "{name}");
    }
}
