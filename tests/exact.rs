//! The exact engine against independently known results.

use equilaw::exact::{Bounds, complete, unwatched};
use equilaw::language::Model;
use proptest::prelude::*;

/// A model from its text without the first line.
fn model(text: &str) -> Model {
    let text = format!("model test\n{text}\n");
    Model::parse("test.eqv", &text).unwrap_or_else(|e| panic!("{}\n{text}", e.render(false, 100)))
}

/// The number of parameters and the largest number of laws, with the ranks on the way.
fn count(model: &Model) -> (usize, usize, Vec<usize>) {
    let found = complete(model, &Default::default(), &[], Bounds::default(), &unwatched).expect("counted");
    assert!(found.certificate.exhausted, "{found:?}");
    (found.parameters, found.laws_at_most, found.certificate.ranks)
}

/// The parameters and the output of the attention head of a number.
fn head(i: usize, d: usize, k: usize) -> (String, String) {
    let params = format!("param O{i} : {d} x {k}; param V{i} : {k} x {d}; param K{i} : {k} x {d}; param Q{i} : {k} x {d}");
    (params, format!("O{i} * V{i} * X * softmax((K{i} * X)' * Q{i} * X)"))
}

fn attention(heads: usize, d: usize, k: usize) -> Model {
    let (params, outputs): (Vec<String>, Vec<String>) = (1..=heads).map(|i| head(i, d, k)).unzip();
    let (params, output) = (params.join("\n"), outputs.join(" + "));
    model(&format!("dim n = 4\n{params}\ndata X : {d} x n\noutput F = {output}\nloss any"))
}

/// Matrices between layers of the given widths with a function between them, with or without biases on hidden layers.
fn layers(widths: &[usize], function: &str, biases: bool) -> Model {
    let mut text = String::from("dim n = 6\n");
    let mut z = "X".to_string();
    for (i, pair) in widths.windows(2).enumerate() {
        text += &format!("param W{i} : {} x {}\n", pair[1], pair[0]);
        z = format!("W{i} * {z}");
        if i + 2 < widths.len() {
            if biases {
                text += &format!("param b{i} : {}\n", pair[1]);
                z = format!("({z} + b{i} * ones(1, n))");
            }
            z = if function.is_empty() { z } else { format!("{function}({z})") };
        }
    }
    model(&format!("{text}data X : {} x n\noutput F = {z}\nloss any", widths[0]))
}

#[test]
fn linear_networks_have_the_known_number_of_laws() {
    let (parameters, laws, _) = count(&layers(&[5, 3, 2], "", false));
    assert_eq!((parameters, laws), (21, 6));
    let (parameters, laws, _) = count(&layers(&[5, 5, 4, 4, 5], "", false));
    assert_eq!((parameters, laws), (81, 35));
}

#[test]
fn a_deep_relu_network_with_biases_has_one_law_for_each_hidden_unit() {
    let (parameters, laws, _) = count(&layers(&[2, 9, 8, 7, 3], "relu", true));
    assert_eq!((parameters, laws), (191, 24));
}

#[test]
fn attention_heads_have_the_known_ranks() {
    assert_eq!(count(&attention(1, 3, 2)), (24, 6, vec![16, 18, 18]));
    let (parameters, laws, _) = count(&attention(2, 3, 2));
    assert_eq!((parameters, laws), (48, 12));
}

#[test]
fn an_attention_head_of_512_parameters_has_72_laws() {
    assert_eq!(count(&attention(1, 16, 8)), (512, 72, vec![384, 440, 440]));
}

#[test]
fn elementwise_networks_have_the_known_number_of_laws() {
    let laws = |function| count(&layers(&[3, 3, 2], function, false)).1;
    assert_eq!(laws("tanh"), 0);
    assert_eq!(laws("square"), 3);
    let swiglu = model(
        "dim n = 2
         param D : 2 x 3; param U : 3 x 3; param G : 3 x 3; data X : 3 x n
         output F = D * (silu(G * X) .* (U * X)); loss any",
    );
    assert_eq!(count(&swiglu).1, 3);
}

#[test]
fn normalized_layers_have_four_laws() {
    let softmax = model(
        "dim n = 3
         param W : 3 x 3; param b : 3; data X : 3 x n
         output F = softmax(W * X + b * ones(1, n)); loss any",
    );
    assert_eq!(count(&softmax).1, 4);
    let layernorm = model("dim n = 3; param W : 3 x 3; data X : 3 x n; output F = layernorm(W * X); loss any");
    assert_eq!(count(&layernorm).1, 4);
}

#[test]
fn a_residual_linear_block_has_the_laws_of_its_product() {
    let residual = model(
        "dim n = 3
         param U : 3 x 3; param V : 3 x 3; data X : 3 x n
         output F = X + V * U * X; loss any",
    );
    assert_eq!(count(&residual).1, 6);
}

#[test]
fn degenerate_sizes_are_counted() {
    assert_eq!(count(&layers(&[1, 1, 1], "", false)).1, 1);
    assert_eq!(count(&layers(&[1, 3, 1], "relu", false)).1, 3);
    // A parameter the output does not depend on never moves.
    let disconnected = model("dim n = 2; param W : 2 x 2; param V : 3; data X : 2 x n; output F = W * X; loss any");
    assert_eq!(count(&disconnected).1, 3);
    let constant = model("dim n = 2; param W : 2 x 2; data X : 2 x n; output F = X; loss any");
    assert_eq!(count(&constant).1, 4);
}

/// h(h+1)/2 − (h−r)(h−r+1)/2 laws of a hidden layer of h units, r = min(h, inputs + outputs).
fn balances(inputs: usize, h: usize, outputs: usize) -> usize {
    let triangle = |n: usize| n * (n + 1) / 2;
    triangle(h) - triangle(h - h.min(inputs + outputs))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn linear_networks_have_the_laws_of_their_hidden_layers(widths in prop::collection::vec(2usize..6, 3..6)) {
        let expected: usize = widths.windows(3).map(|w| balances(w[0], w[1], w[2])).sum();
        prop_assert_eq!(count(&layers(&widths, "", false)).1, expected);
    }

    #[test]
    fn relu_networks_have_one_law_for_each_hidden_unit(
        widths in prop::collection::vec(2usize..10, 3..5), biases: bool,
    ) {
        let hidden: usize = widths[1..widths.len() - 1].iter().sum();
        prop_assert_eq!(count(&layers(&widths, "relu", biases)).1, hidden);
    }
}
