//! Ranks over the p-adic numbers: a second method where fields have all roots, and the first where they do not.

use crate::architectures::model;
use crate::count_by as count;
use equilaw::internals::exact::{Arithmetic, Field};
use equilaw::internals::model::Model;

/// Small networks with roots, functions and gates.
const NETWORKS: &[&str] = &[
    "param U : 3 x 3; param V : 2 x 3; data X : 3 x n; output F = V * tanh(U * layernorm(X)); loss any",
    "param U : 3 x 3; param V : 2 x 3; data X : 3 x n; output F = V * layernorm(X + U * X, 1e-5); loss any",
    "param E : 3 x 3; param U : 3 x 3; param V : 3 x 3; param W : 2 x 3; data X : 3 x n
     let R = E * X; let S = R + V * silu(U * rmsnorm(R, 1e-6)); output F = W * rmsnorm(S, 1e-6); loss any",
    "param E : 3 x 3; param U : 3 x 3; param V : 3 x 3; param W : 2 x 3; data X : 3 x n
     let R = E * X; let S = R + V * relu(U * rmsnorm(R)); output F = W * rmsnorm(S); loss any",
    "param O : 3 x 2; param P : 2 x 3; param K : 2 x 3; param Q : 2 x 3; data X : 3 x n
     let N = layernorm(X, 1e-5); output F = layernorm(X + O * P * N * softmax((K * N)' * Q * N), 1e-5); loss any",
    "param U : 3 x 2; param V : 2 x 3; data X : 2 x n; output F = V * relu(U * X); loss any",
    "param U : 3 x 2; param V : 2 x 3; data X : 2 x n; output F = V * (exp(U * X) + softmax(U * X)); loss any",
];

#[test]
fn both_methods_find_the_same_rank() {
    for body in NETWORKS {
        let network = model(&format!("dim n = 2; {body}"));
        let (field, adic) = (count(&network, None), count(&network, Some(Field::Adic)));
        assert!(matches!(adic.certificate.arithmetic, Arithmetic::Adic { .. }), "{body}: {adic:?}");
        assert_eq!(adic.lie_dimension, field.lie_dimension, "{body}: {field:?}\n{adic:?}");
        assert_eq!(adic.is_certified(), field.is_certified(), "{body}: {field:?}\n{adic:?}");
    }
}

/// Networks of blocks: each writes to a stream, and is read behind a norm. Of nine blocks no field has the roots of all norms.
fn stack(blocks: usize, norm: &str, activation: &str) -> Model {
    let mut text = String::from("dim d = 3, h = 3, v = 4, n = 2; data T : v x n; param E : d x v; let X0 = E * T\n");
    let norm = |block: usize| norm.replace('X', &format!("X{block}"));
    for block in 1..=blocks {
        let (before, read) = (block - 1, norm(block - 1));
        text += &format!(
            "param U{block} : h x d; param V{block} : d x h
            let X{block} = X{before} + V{block} * {activation}(U{block} * {read})\n"
        );
    }
    model(&format!("{text}param W : 2 x d; output F = W * {}; loss any", norm(blocks)))
}

#[test]
fn where_no_field_has_all_roots_the_rank_is_proved_over_the_p_adic_numbers() {
    // A positive scale for each unit of ReLU, none of SiLU; 1ᵀW, and behind a norm without ε the scale of the stream.
    for (blocks, norm, activation, laws) in [
        (9, "rmsnorm(X, 1e-6)", "relu", 3 * 9),
        (5, "rmsnorm(X, 1e-6)", "silu", 0),
        (5, "rmsnorm(X)", "relu", 3 * 5 + 1),
    ] {
        let network = stack(blocks, norm, activation);
        let found = count(&network, Some(Field::Adic));
        assert!(matches!(found.certificate.arithmetic, Arithmetic::Adic { .. }), "{norm} {activation}: {found:?}");
        assert!(found.is_certified(), "{norm} {activation}: {found:?}");
        assert_eq!(found.certificate.multiples.is_empty(), blocks < 9, "{norm} {activation}: {found:?}");
        assert_eq!(found.laws_at_most, laws, "{norm} {activation}: {found:?}");
    }
}

#[test]
fn the_same_point_is_found_again() {
    let network = stack(4, "rmsnorm(X, 1e-6)", "silu");
    let counted = || count(&network, Some(Field::Adic));
    assert_eq!(counted(), counted());
}
