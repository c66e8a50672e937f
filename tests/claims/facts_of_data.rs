//! Models whose answers depend on data having their facts, and on the draws being from the whole of the set.

use crate::{BOOK, parse};
use equilaw::internals::exact::{Bounds, complete, missing_laws, unwatched};
use equilaw::internals::job::{Status, first_integrals};
use equilaw::internals::model::{Dynamics, Inside, Model};
use equilaw::{Options, derive};

/// F = tr(W S), of which the gradient is S′: the data span as many directions as matrices with the facts do.
fn linear(facts: &str) -> Model {
    parse(&format!(
        "model linear
         dim n = 3
         param W : n x n
         data S : n x n {facts}
         output F = tr(W * S)
         loss any"
    ))
}

#[test]
fn as_many_laws_are_counted_as_the_data_leave_free() {
    let cases = [
        ("", 3, 0),
        ("permutation", 2, 2),
        ("permutation", 3, 4),
        ("permutation", 4, 6),
        ("signed_permutation", 3, 0),
        ("orthogonal symmetric", 3, 3),
        ("orthogonal symmetric", 4, 6),
        ("orthogonal skew", 4, 10),
        ("permutation diagonal", 3, 8),
        ("permutation symmetric", 2, 2),
        ("permutation symmetric", 3, 5),
        ("orthogonal diagonal", 3, 6),
        ("signed_permutation skew", 4, 10),
        ("signed_permutation symmetric", 3, 3),
        ("symmetric skew", 3, 9),
        ("positive symmetric invertible", 3, 3),
        ("positive_diagonal", 3, 6),
    ];
    for (facts, n, laws) in cases {
        let model = linear(facts);
        let sizes = model.sizes(&[("n".into(), n)]).expect("a size");
        for seed in 0..4 {
            let bounds = Bounds { seed, ..Bounds::default() };
            let counted = complete(&model, &sizes, &[], bounds, &unwatched).expect("counted");
            assert_eq!(counted.laws_at_most, laws, "{facts} at {n}, seed {seed}");
            let found = missing_laws(&model, &sizes, &[], 1, &[], bounds, &unwatched).expect("sought");
            assert_eq!(found.map_or(0, |found| found.rank), laws, "{facts} at {n}, seed {seed}");
        }
    }
}

#[test]
fn an_output_that_vanishes_by_facts_conserves_everything() {
    let zero = "model zero
        dim n = 3, d = 4
        param Q : d x n
        data J : d x d symmetric orthogonal
        output F = Q' * (J - J') * Q
        loss any";
    let model = parse(zero);
    let sizes = model.sizes(&[]).expect("sizes");
    let counted = complete(&model, &sizes, &[], Bounds::default(), &unwatched).expect("counted");
    assert_eq!(counted.laws_at_most, 12);
    let acted = format!("{zero}\naction anything : g in GL(d) {{ Q -> g * Q }}");
    let report = derive(&parse(&acted), &BOOK, &Options::default()).expect("a model with an instance");
    assert!(report.is_clean(), "{:?}", report.checks);
    let flow = Dynamics::GradientFlow;
    assert!(!first_integrals(report.inside().model, &flow, report.inside().laws, &sizes).is_empty());
}

#[test]
fn true_actions_are_not_refuted_by_data_without_their_facts() {
    let cases = [
        "model skew
         dim n = 4, d = 3
         param W : n x d
         data S : n x n orthogonal skew
         output F = W' * S * W + W' * S' * W
         loss any
         action scale : a in Scale { W -> a * W }",
        "model exchange
         dim n = 4, d = 3
         param W : n x d
         data S : n x n permutation symmetric
         output F = W' * S * W - W' * S' * W
         loss any
         action scale : a in Scale { W -> a * W }",
        "model plane
         dim n = 3
         param Q : 2 x n
         data J : 2 x 2 skew orthogonal
         output F = Q' * J * Q
         loss any
         action phase : O in SO(2) { Q -> O * Q }",
        "model rotary
         dim d = 3, n = 3
         param Q : 2 x d
         param K : 2 x d
         data X : d x n
         data c : 1 x n
         data s : 1 x n
         data J : 2 x 2 skew orthogonal
         let q = (ones(2) * c) .* (Q * X) + (ones(2) * s) .* (J * Q * X)
         let k = (ones(2) * c) .* (K * X) + (ones(2) * s) .* (J * K * X)
         output F = k' * q
         loss any
         action phase : O in SO(2) { Q -> O * Q; K -> O * K }",
    ];
    for text in cases {
        for seed in 0..3 {
            let options = Options { seed, ..Options::default() };
            let report = derive(&parse(text), &BOOK, &options).expect("an instance");
            let refuted = matches!(report.actions[0].inside().status, Status::Refuted(_));
            assert!(!refuted, "{}: {:?}", report.inside().model.inside().name, report.actions[0].inside().status);
        }
    }
}

#[test]
fn facts_that_no_matrix_has_are_refused() {
    let odd = "model odd
        dim n = 3
        param Q : 3 x n
        data J : 3 x 3 skew orthogonal
        output F = J * Q
        loss any";
    let error = Model::parse("odd.eqv", odd).expect_err("no such matrix").to_string();
    assert!(error.contains("no matrix is skew and orthogonal"), "{error}");
    let never =
        odd.replace("3 x 3 skew orthogonal", "n x n permutation skew").replace("param Q : 3 x n", "param Q : n x n");
    let error = Model::parse("never.eqv", &never).expect_err("no such matrix").to_string();
    assert!(error.contains("no matrix is skew and permutation"), "{error}");
    let named = parse(&odd.replace("3 x 3", "n x n").replace("param Q : 3 x n", "param Q : n x n"));
    let action = Options { discovery: false, ..Options::default() };
    let named = parse(&format!("{named}\naction scale : a in Scale {{ Q -> a * Q; F -> a * F }}"));
    let error = derive(&named, &BOOK, &action).expect_err("no such matrix").to_string();
    assert!(error.ends_with("such a matrix exists only for even n; choose --dims n=4"), "{error}");
    let even = Options { dims: vec![("n".into(), 4)], ..action };
    assert!(derive(&named, &BOOK, &even).is_ok_and(|report| report.is_clean()));
}

#[test]
fn an_action_by_fixed_data_moves_every_batch_alike() {
    let shifted = |fixed: &str| {
        let model = parse(&format!(
            "model shifted
             dim d = 3, h = 4, n = 5
             data X : d x n
             data W : h x d {fixed}
             param s : d
             param b : h
             output F = tanh(W * (X + s * ones(1, n)) + b * ones(1, n))
             loss any
             action shift : t in Translate(d) {{ s -> s + t; b -> b - W * t }}"
        ));
        let report = derive(&model, &BOOK, &Options { flows: false, ..Options::default() }).expect("a report");
        assert!(report.is_clean(), "{}", report.text(equilaw::TextOptions::default()));
        let laws = report.inside().laws.iter().filter(|law| law.id().to_string().starts_with("shift/sgd/"));
        laws.count()
    };
    assert!(shifted("fixed") > 0);
    // Samples with matrices of their own are shifted in directions of their own.
    assert_eq!(shifted(""), 0);
}
