//! The main job: parse, prove and derive each example and a deep stack of transformer blocks. The name of a group says
//! its target on one core.

mod transformer;

use divan::{Bencher, black_box};
use equilaw::internals::law::{Context, action};
use equilaw::internals::model::{Inside, Model};
use equilaw::internals::rewrite::{Limits, RuleBook};
use equilaw::{Options, derive};
use std::process::Command;

fn main() {
    divan::main();
}

/// The examples: a name and the text.
const EXAMPLES: [(&str, &str); 10] = [
    ("attention", include_str!("../examples/attention.eqv")),
    ("batchnorm", include_str!("../examples/batchnorm.eqv")),
    ("deep_linear_2", include_str!("../examples/deep_linear_2.eqv")),
    ("homogeneous_network", include_str!("../examples/homogeneous_network.eqv")),
    ("layernorm", include_str!("../examples/layernorm.eqv")),
    ("matrix_factorization", include_str!("../examples/matrix_factorization.eqv")),
    ("relu_mlp", include_str!("../examples/relu_mlp.eqv")),
    ("softmax_classifier", include_str!("../examples/softmax_classifier.eqv")),
    ("swiglu", include_str!("../examples/swiglu.eqv")),
    ("tied_linear_autoencoder", include_str!("../examples/tied_linear_autoencoder.eqv")),
];

fn names() -> impl Iterator<Item = &'static str> {
    EXAMPLES.iter().map(|(name, _)| *name)
}

fn text(name: &str) -> &'static str {
    EXAMPLES.iter().find(|(n, _)| *n == name).map_or("", |(_, text)| text)
}

fn model(text: &str) -> Model {
    Model::parse("bench.eqv", text).unwrap_or_else(|errors| panic!("{errors}"))
}

fn book() -> RuleBook {
    RuleBook::builtin().unwrap_or_else(|errors| panic!("{errors}"))
}

/// Parses and compiles the embedded rules, which every run does once.
#[divan::bench]
fn rules() -> RuleBook {
    book()
}

#[divan::bench(args = names())]
fn parse(bencher: Bencher, name: &str) {
    bencher.bench(|| model(black_box(text(name))));
}

#[divan::bench(name = "prove (target 10 ms)", args = names())]
fn prove(bencher: Bencher, name: &str) {
    let (model, book) = (model(text(name)), book());
    let context = Context::new(&model, &book, Limits::default());
    bencher.bench(|| model.inside().actions.iter().map(|a| action::prove(&context, a).is_ok()).collect::<Vec<bool>>());
}

#[divan::bench(name = "derive and check (target 30 ms)", args = names())]
fn derive_and_check(bencher: Bencher, name: &str) {
    let (model, book) = (model(text(name)), book());
    let options = Options { checks: true, ..Options::bare() };
    bencher.bench(|| derive(&model, &book, &options));
}

/// The binary on an example: reading, proving, every law of every dynamics, every check, printing.
#[divan::bench(name = "whole process, without flows (target 50 ms)", args = names())]
fn whole_process(bencher: Bencher, name: &str) {
    let file = format!("{}/examples/{name}.eqv", env!("CARGO_MANIFEST_DIR"));
    bencher.bench(|| run(&["derive", &file, "--all"]));
}

#[divan::bench(name = "theorems --all (target 5 s on 2 cores)", sample_count = 3)]
fn library() {
    run(&["theorems", "--all"]);
}

#[divan::bench(name = "theorems --all --no-flows (target 2 s on 2 cores)", sample_count = 3)]
fn library_without_flows() {
    run(&["theorems", "--all", "--no-flows"]);
}

/// Runs the binary and asserts that it succeeds.
fn run(arguments: &[&str]) {
    let out = Command::new(env!("CARGO_BIN_EXE_equilaw")).args(arguments).output().expect("the binary is built");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

/// Three actions each; the cost of each more block should be that of the ones before it.
#[divan::bench(name = "derive transformer blocks (target 1 s for 12, 2 s for 24)", args = [8, 12, 24], sample_count = 5)]
fn derive_stack(bencher: Bencher, blocks: usize) {
    let text = transformer::stack(blocks, true);
    let book = book();
    bencher.bench(|| derive(&model(&text), &book, &Options::bare()));
}

/// The same laws for every number of layers and heads: the number does not matter.
#[divan::bench(name = "derive the whole Llama 3, any L and H (target 300 ms)", args = [2, 32], sample_count = 5)]
fn derive_whole(bencher: Bencher, layers: u64) {
    let (model, book) = (model(LLAMA), book());
    let dims = vec![("L".to_string(), layers), ("H".to_string(), layers)];
    let options = Options { dims, ..Options::bare() };
    bencher.bench(|| derive(&model, &book, &options));
}

/// Every law of two layers with two heads, measured.
#[divan::bench(name = "derive and check the whole Llama 3 at L=2 H=2 (target 3 s)", sample_count = 2)]
fn derive_and_check_whole(bencher: Bencher) {
    let (model, book) = (model(LLAMA), book());
    let options = Options { checks: true, ..Options::bare() };
    bencher.bench(|| derive(&model, &book, &options));
}

const LLAMA: &str = include_str!("../examples/architectures/llama3.eqv");
