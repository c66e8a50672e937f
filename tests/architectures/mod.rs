//! Families of networks that tests count and benchmarks time.

use equilaw::internals::eval::mix;
use equilaw::internals::model::Model;

/// A model from its text without the first line.
pub fn model(body: &str) -> Model {
    let text = format!("model test\n{body}\n");
    Model::parse("test.eqv", &text).unwrap_or_else(|e| panic!("{}\n{text}", e.render(false, 100)))
}

/// Matrices between layers of the given widths with a function between them, with or without biases on hidden layers.
pub fn layers(widths: &[usize], function: &str, biases: bool) -> Model {
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

/// Widths of a linear network of 2 to 4 matrices between 2 and 5 units, a function of the seed.
pub fn linear_widths(seed: u64) -> Vec<usize> {
    let matrices = 2 + mix(seed, 0) % 3;
    (0..=matrices).map(|i| 2 + (mix(seed, 1 + i) % 4) as usize).collect()
}

/// Attention heads without biases, summed, on four tokens.
pub fn attention(heads: usize, d: usize, k: usize) -> Model {
    let params = |i: usize| {
        format!("param O{i} : {d} x {k}; param V{i} : {k} x {d}; param K{i} : {k} x {d}; param Q{i} : {k} x {d}")
    };
    let output = |i: usize| format!("O{i} * V{i} * X * softmax((K{i} * X)' * Q{i} * X)");
    let all = |line: &dyn Fn(usize) -> String, by: &str| (1..=heads).map(line).collect::<Vec<_>>().join(by);
    let (params, output) = (all(&params, "\n"), all(&output, " + "));
    model(&format!("dim n = 4\n{params}\ndata X : {d} x n\noutput F = {output}\nloss any"))
}
