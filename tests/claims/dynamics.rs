//! Laws of the heavy ball, of mirror flow and of weight decay: as many as are derived, and no more exist.

use crate::{BOOK, parse};
use equilaw::{Counted, Options, Question, Unwatched, complete};

fn counted(model: &str, dynamics: &str) -> Counted {
    let question = Question { dynamics: Some(dynamics.into()), ..Question::default() };
    complete(&parse(model), &BOOK, &Options::bare(), &question, &Unwatched).expect("counted")
}

/// A factorization with an action of a group.
fn factors(sizes: &str, fact: &str, further: &str) -> String {
    format!(
        "model factors\ndim {sizes}\nparam U : m x r{fact}\nparam V : n x r{fact}\noutput F = U * V'\nloss any\n{further}\n"
    )
}

const BASIS: &str = "action basis : g in GL(r) { U -> U * g; V -> V * inv(g)' }";
const BALANCE: &str = "action balance : D in Diag+(r) { U -> U * D; V -> V * inv(D) }";

#[test]
fn momentum_keeps_the_laws_of_rotations_and_translations_only() {
    let softmax = "model softmax
        dim d = 2, k = 3, n = 4
        param W : k x d; param b : k; data X : d x n
        output F = softmax(W * X + b * ones(1, n)); loss any
        action shift : c in Translate(d) { W -> W + ones(k) * c' }
        action bias : s in Translate { b -> b + s * ones(k) }";
    let relu = "model relu
        dim d = 2, h = 2, k = 2, n = 3
        param W1 : h x d; param W2 : k x h; data X : d x n
        output F = W2 * relu(W1 * X); loss any
        action rescale : D in Diag+(h) { W1 -> D * W1; W2 -> W2 * inv(D) }";
    let explicit = "model explicit
        dim d = 2, k = 2, n = 3
        param U : k x d; param V : d x d; data X : d x n; data Y : k x n
        loss 1/2 * norm2(U * V * X - Y)
        action basis : g in O(d) { U -> U * g'; V -> g * V }";
    // Marcotte, Gribonval, Peyré 2024: r(r − 1)/2 laws of UVᵀ, and none of a ReLU network; with gradient flow r(r + 1)/2 and h.
    for (model, momentum, gradient) in [
        (factors("m = 3, n = 3, r = 2", "", BASIS), 1, 3),
        (factors("m = 2, n = 2, r = 3", "", BASIS), 3, 6),
        (softmax.to_string(), 6, 3),
        (relu.to_string(), 0, 2),
        (explicit.to_string(), 1, 3),
    ] {
        let found = counted(&model, "heavy_ball");
        assert_eq!(found.laws_at_most(), [momentum], "{}", found.text());
        assert!(found.is_complete(), "{}", found.text());
        assert_eq!(counted(&model, "gradient_flow").laws_at_most(), [gradient]);
    }
}

#[test]
fn mirror_flow_has_the_laws_of_its_metric() {
    let entropy = "dynamics mirror { U : entropy, V : entropy }";
    let quadratic = "dynamics mirror { U : quadratic, V : quadratic }";
    let mixed = "dynamics mirror { U : quadratic, V : entropy }";
    let sizes = "m = 3, n = 4, r = 2";
    // The entropy breaks rotations: only the balance of each column is left.
    for (fact, potentials, action, laws) in
        [(" positive", entropy, BALANCE, 2), (" positive", mixed, BALANCE, 2), ("", quadratic, BASIS, 3)]
    {
        let found = counted(&factors(sizes, fact, &format!("{potentials}\n{action}")), "mirror");
        assert_eq!(found.laws_at_most(), [laws], "{}", found.text());
        assert!(found.is_complete(), "{}", found.text());
    }
    // Without an action the laws are found.
    let found = counted(&factors(sizes, " positive", entropy), "mirror");
    assert!(found.is_complete() && found.text().contains("U' * ones(m) - V' * ones(n)"), "{}", found.text());
    // What a potential is made of may be related to the model: then numbers are enclosed, and nothing is assumed.
    let warped = "potential warped(x) = x * log(x) + exp(x)\ndynamics mirror { U : warped, V : warped }";
    let found = counted(&factors(sizes, " positive", &format!("{warped}\n{BALANCE}")), "mirror");
    assert!(found.is_complete() && found.laws_at_most() == [2], "{}", found.text());
}

#[test]
fn weight_decay_keeps_what_gradient_flow_does_with_a_factor() {
    let found = counted(&factors("m = 3, n = 3, r = 2", "", BASIS), "weight_decay");
    assert!(found.is_complete() && found.laws_at_most() == [3], "{}", found.text());
}
