//! Ranks along formal curves: a second method beside the values of functions that are drawn with their relations.

use crate::architectures::model;
use crate::count_by;
use equilaw::internals::exact::{Bounds, Completeness, Field, Fields, Followed, Independence, unwatched};
use equilaw::internals::model::Model;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn count(model: &Model) -> Completeness {
    count_by(model, Some(Field::Large))
}

/// The closure along a curve, as far as it reaches.
fn follow(model: &Model, sought: &[usize]) -> Option<Followed> {
    let fields = Fields::new(model, &model.sizes(&[]).expect("sizes")).expect("fields");
    fields.along_curves(sought, Bounds::default(), &unwatched).expect("followed")
}

/// Activations of Z, an h×n matrix, that are smooth; some written by hand.
const ACTIVATIONS: &[&str] = &[
    "tanh(Z)",
    "sigmoid(Z)",
    "silu(Z)",
    "softplus(Z)",
    "sin(Z) + cos(Z)",
    "softmax(Z)",
    "exp(Z) ./ (ones(h) * ones(1, h) * exp(Z))",
    "log(ones(h, n) + exp(Z))",
    "Z .* exp(-square(Z))",
    "tanh(Z) - 2 * sigmoid(2 * Z)",
    "square(Z) + Z",
    "Z",
    "phi(Z)",
    "Z .* phi(square(Z))",
];

/// A small network of one or two hidden layers.
fn network(rng: &mut ChaCha8Rng, activations: &[&str]) -> String {
    let (d, h, k) = (rng.random_range(1..3), rng.random_range(1..4), rng.random_range(1..3));
    let bias = rng.random_bool(0.3);
    let (declared, added) = if bias { ("param b : h; ", " + b * ones(1, n)") } else { ("", "") };
    let activation = activations.choose(rng).expect("some");
    let deep = rng.random_bool(0.3);
    let (further, inner) = if deep { ("param W : h x h; ", "W * tanh(U * X)") } else { ("", "U * X") };
    format!(
        "dim d = {d}, h = {h}, k = {k}, n = 2; activation phi : smooth
        param U : h x d; {further}{declared}param V : k x h; data X : d x n
        let Z = {inner}{added}
        output F = V * ({activation}); loss any"
    )
}

#[test]
fn both_methods_find_the_same_rank() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for _ in 0..60 {
        let text = network(&mut rng, ACTIVATIONS);
        let network = model(&text);
        let drawn = count(&network);
        assert!(drawn.is_certified() && drawn.certificate.curve.is_none(), "{text}: {drawn:?}");
        // Neither less nor, where nothing ends the search, more.
        let sought = follow(&network, &drawn.certificate.ranks).expect("a curve");
        assert_eq!(sought.rank(), drawn.lie_dimension, "{text}: {drawn:?}\n{sought:?}");
        let most = follow(&network, &[drawn.parameters]).expect("a curve");
        assert_eq!(most.rank(), drawn.lie_dimension, "{text}: {drawn:?}\n{most:?}");
    }
}

#[test]
fn functions_that_are_the_same_have_the_same_rank_along_a_curve() {
    for formula in [
        "tanh(Z) + ones(h, n) - 2 * sigmoid(2 * Z)",
        "log(exp(Z)) - Z",
        "softplus(Z) - softplus(-Z) - Z",
        "gelu(Z) - gelu(-Z) - Z",
    ] {
        let zero = model(&format!(
            "dim h = 2, n = 2; param U : h x 2; param V : 2 x h; data X : 2 x n
            let Z = U * X
            output F = V * ({formula}); loss any"
        ));
        assert_eq!(follow(&zero, &[8]).expect("a curve").rank(), 0, "{formula}");
    }
}

#[test]
fn networks_of_gelu_are_counted_without_an_assumption() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    for _ in 0..20 {
        let text = network(&mut rng, &["gelu(Z)", "Z .* gelu(Z)", "gelu(square(Z))", "gelu(Z) + tanh(Z)"]);
        let found = count(&model(&text));
        assert!(found.is_certified() && found.certificate.curve.is_some(), "{text}: {found:?}");
    }
    // What moves need not be data, nor is it at all where a norm stands before it.
    for body in [
        "param u : 4; param v : 4; data X : 4 x n; output F = (gelu(u) .* gelu(v))' * X; loss any",
        "param U : 4 x 3; param b : 4; param V : 2 x 4; data X : 3 x n
        output F = V * gelu(U * layernorm(X) + b * ones(1, n)); loss any",
        "param U : 4 x 3; param V : 2 x 4; data X : 3 x n; data Y : 2 x n
        output F = V * gelu(U * X); loss mse(F, Y)",
    ] {
        let found = count(&model(&format!("dim n = 2; {body}")));
        assert!(found.is_certified() && found.certificate.curve.is_some(), "{body}: {found:?}");
        assert!(found.functional_dimension().is_some() || !found.any_loss, "{body}: {found:?}");
    }
}

#[test]
fn a_linear_layer_before_gelu_keeps_its_laws() {
    let network = model(
        "dim n = 2; param U : 3 x 3; param W : 3 x 3; param V : 2 x 3; data X : 3 x n
        output F = V * gelu(W * U * X); loss any",
    );
    let found = count(&network);
    assert_eq!((found.laws_at_most, found.is_certified()), (6, true), "{found:?}");
}

#[test]
fn two_constants_on_a_curve_are_an_assumption() {
    // 1/√(2π) and log 2.
    let network = model(
        "dim n = 2; param U : 3 x 2; param V : 2 x 3; data X : 2 x n
        output F = V * (gelu(U * X) + softplus(U * X)); loss any",
    );
    assert_eq!(Vec::from_iter(count(&network).independence()), [Independence::Constants]);
}

#[test]
fn behind_gates_the_assumption_stays() {
    let network = model(
        "dim n = 2; param U : 3 x 2; param W : 3 x 3; param V : 2 x 3; data X : 2 x n
        output F = V * gelu(W * relu(U * X)); loss any",
    );
    let found = count(&network);
    assert!(!found.is_certified() && found.certificate.curve.is_none(), "{found:?}");
}

#[test]
fn where_no_field_has_all_roots_together_a_curve_may_have_few() {
    // Sixteen roots of ε + …, which at X = 0 are those of ε.
    let network = model(
        "dim d = 2, n = 8; param V : d x d; param W : d x d; data X : d x n
        let N = rmsnorm(X, 1e-3)
        output F = W * rmsnorm(V * N * softmax(N' * N), 1e-3); loss any",
    );
    let found = count(&network);
    assert!(found.is_certified() && found.laws_at_most == 0, "{found:?}");
    let followed = follow(&network, &[found.parameters]).expect("a curve");
    assert_eq!(followed.rank(), found.parameters, "{followed:?}");
}
