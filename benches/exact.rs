//! The exact engine: counts of laws, blocked elimination against an LU factorization, discovery.

use divan::{Bencher, black_box};
use equilaw::discover::{Options, discover};
use equilaw::eval::{Small, mix};
use equilaw::exact::{Bounds, Form, Panels, Span, complete, unwatched};
use equilaw::language::Model;
use equilaw::rewrite::{Limits, RuleBook};
use faer::Mat;
use std::collections::HashMap;

fn main() {
    divan::main();
}

fn model(body: &str) -> Model {
    Model::parse("bench.eqv", &format!("model bench\n{body}\n")).unwrap_or_else(|e| panic!("{}", e.render(false, 100)))
}

/// Matrices between layers of the given widths, with or without ReLU and biases on the hidden layers.
fn layers(widths: &[usize], relu: bool, biases: bool) -> Model {
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
            z = if relu { format!("relu({z})") } else { z };
        }
    }
    model(&format!("{text}data X : {} x n\noutput F = {z}\nloss any", widths[0]))
}

fn laws(model: &Model) -> usize {
    complete(model, &HashMap::new(), &[], Bounds::default(), &unwatched).map_or(0, |found| found.laws_at_most)
}

/// 50 linear networks of 2 to 4 matrices, widths 2 to 5; the target is 60 ms.
#[divan::bench]
fn fifty_linear_architectures(bencher: Bencher) {
    let architecture = |seed: u64| {
        let matrices = 2 + mix(seed, 0) % 3;
        let widths: Vec<usize> = (0..=matrices).map(|i| 2 + (mix(seed, 1 + i) % 4) as usize).collect();
        layers(&widths, false, false)
    };
    let models: Vec<Model> = (0..50).map(architecture).collect();
    bencher.bench(|| models.iter().map(laws).sum::<usize>());
}

/// D = 351; the target is 100 ms.
#[divan::bench(sample_count = 10)]
fn relu_with_biases_9_9_9_9_9(bencher: Bencher) {
    let model = layers(&[9, 9, 9, 9, 9], true, true);
    bencher.bench(|| laws(black_box(&model)));
}

/// D = (d + k)·h: 1000 in 1 s, 10 000 within three times the LU factorization of the same order below.
#[divan::bench(args = [[25, 20, 25], [50, 100, 50]], sample_count = 1, sample_size = 1)]
fn two_layer_relu(bencher: Bencher, widths: [usize; 3]) {
    let model = layers(&widths, true, false);
    bencher.bench(|| laws(black_box(&model)));
}

/// One head with d = 16, d_k = d_v = 8, 4 tokens; the target is 1 s.
#[divan::bench(sample_count = 3)]
fn attention_head(bencher: Bencher) {
    let model = model(
        "dim d = 16, k = 8, n = 4
         param O : d x k; param V : k x d; param K : k x d; param Q : k x d
         data X : d x n
         output F = O * V * X * softmax((K * X)' * Q * X); loss any",
    );
    bencher.bench(|| laws(black_box(&model)));
}

fn random(n: usize) -> Vec<Vec<Small>> {
    (0..n as u64).map(|i| (0..n as u64).map(|j| Small::new(mix(i, j))).collect()).collect()
}

#[divan::bench(args = [1000, 4000, 10_000], sample_count = 1, sample_size = 1)]
fn rank_modulo_a_small_prime(bencher: Bencher, n: usize) {
    let rows = random(n);
    bencher.bench(|| {
        let mut span = Panels::<{ Small::MODULUS }>::zero(n);
        span.extend(black_box(&rows));
        span.rank()
    });
}

#[divan::bench(args = [1000, 4000, 10_000], sample_count = 1, sample_size = 1)]
fn lu_in_floating_point(bencher: Bencher, n: usize) {
    let a = Mat::from_fn(n, n, |i, j| (mix(i as u64, j as u64) % 2048) as f64 / 1024.0 - 1.0);
    bencher.bench(|| black_box(&a).partial_piv_lu());
}

/// 200 ms for each example.
#[divan::bench(args = ["attention", "batchnorm", "deep_linear_2", "homogeneous_network", "layernorm", "swiglu"], sample_count = 3)]
fn discovery(bencher: Bencher, name: &str) {
    let text = std::fs::read_to_string(format!("examples/{name}.eqv")).unwrap_or_default();
    let model = Model::parse(name, &text).unwrap_or_else(|e| panic!("{}", e.render(false, 100)));
    let book = RuleBook::builtin().unwrap_or_else(|e| panic!("{}", e.render(false, 100)));
    let form = Form { general: false, equivariant: false };
    let options = Options { dims: HashMap::new(), form, seed: 0, limits: Limits::default() };
    bencher.bench(|| discover(black_box(&model), &book, &options, &unwatched));
}
