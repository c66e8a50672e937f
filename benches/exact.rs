//! The exact engine: counts of laws, blocked elimination against an LU factorization, discovery.

#[path = "../tests/architectures/mod.rs"]
mod architectures;
mod transformer;

use architectures::{attention, layers, linear_widths};
use divan::{Bencher, black_box};
use equilaw::internals::discover::{Options, discover};
use equilaw::internals::eval::{Small, mix};
use equilaw::internals::exact::{Bounds, Form, Panels, Span, complete, unwatched};
use equilaw::internals::model::Model;
use equilaw::internals::rewrite::RuleBook;
use faer::Mat;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What a figure is held against.
#[derive(Clone, Copy)]
enum Target {
    Milliseconds(u64),
    /// So many times another figure.
    Times(u64, &'static str),
}

/// The shortest time of each figure of this run.
static FIGURES: Mutex<BTreeMap<String, (Duration, Option<Target>)>> = Mutex::new(BTreeMap::new());

/// Runs something and keeps the time, if it is the shortest.
fn timed<T>(name: &str, target: Option<Target>, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    let time = start.elapsed();
    let mut figures = FIGURES.lock().unwrap_or_else(PoisonError::into_inner);
    let entry = figures.entry(name.to_string()).or_insert((time, target));
    entry.0 = entry.0.min(time);
    result
}

fn main() {
    divan::main();
    let figures = FIGURES.lock().unwrap_or_else(PoisonError::into_inner);
    for (name, (time, target)) in figures.iter() {
        let milliseconds = time.as_secs_f64() * 1e3;
        let baseline = match target {
            None => continue,
            Some(Target::Milliseconds(n)) => Some((*n as f64, format!("{n} ms"))),
            Some(Target::Times(n, other)) => figures.get(*other).map(|(time, _)| {
                let other_time = time.as_secs_f64() * 1e3;
                (*n as f64 * other_time, format!("{n} x {other} ({other_time:.0} ms)"))
            }),
        };
        if let Some((limit, words)) = baseline {
            println!("{name:42} {milliseconds:9.1} ms   {:5.2} of {words}", milliseconds / limit);
        }
    }
}

fn laws(model: &Model) -> usize {
    complete(model, &model.sizes(&[]).expect("sizes"), &[], Bounds::default(), &unwatched)
        .map_or(0, |found| found.laws_at_most)
}

/// 50 linear networks of 2 to 4 matrices, widths 2 to 5; the target is 60 ms.
#[divan::bench]
fn fifty_linear_architectures(bencher: Bencher) {
    let models: Vec<Model> = (0..50).map(|seed| layers(&linear_widths(seed), "", false)).collect();
    let target = Some(Target::Milliseconds(60));
    // One core: the models are small enough to be counted without other threads.
    bencher.bench(|| timed("50 linear architectures", target, || models.iter().map(laws).sum::<usize>()));
}

/// D = 351; the target is 100 ms.
#[divan::bench(sample_count = 10)]
fn relu_with_biases_9_9_9_9_9(bencher: Bencher) {
    let model = layers(&[9, 9, 9, 9, 9], "relu", true);
    let target = Some(Target::Milliseconds(100));
    bencher.bench(|| timed("ReLU with biases 9-9-9-9-9", target, || laws(black_box(&model))));
}

/// D = 1000; the target is 1 s.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn two_layer_relu_of_1000(bencher: Bencher) {
    let model = layers(&[25, 20, 25], "relu", false);
    let target = Some(Target::Milliseconds(1000));
    bencher.bench(|| timed("two-layer ReLU, D = 1000", target, || laws(black_box(&model))));
}

/// D = 10 000; the target is three times the LU factorization of the same order below.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn two_layer_relu_of_10_000(bencher: Bencher) {
    let model = layers(&[50, 100, 50], "relu", false);
    let target = Some(Target::Times(3, "LU, n = 10000"));
    bencher.bench(|| timed("two-layer ReLU, D = 10 000", target, || laws(black_box(&model))));
}

/// The derived laws of two layers of d = h = k are counted: 8192 and 32 768 parameters; the targets are 1.5 s
/// and 10 s.
#[divan::bench(args = [64, 128], sample_count = 1, sample_size = 1)]
fn complete_two_layer_relu(bencher: Bencher, size: u64) {
    let text = include_str!("../examples/relu_mlp.eqv");
    let model = Model::parse("relu_mlp", text).unwrap_or_else(|e| panic!("{}", e.render(false, 100)));
    let book = RuleBook::builtin().unwrap_or_else(|e| panic!("{}", e.render(false, 100)));
    let dims = ["d", "h", "k"].map(|name| (name.to_string(), size)).to_vec();
    let options = equilaw::Options { dims, ..equilaw::Options::default() };
    let target = Some(Target::Milliseconds(if size == 128 { 10_000 } else { 1_500 }));
    bencher.bench(|| {
        timed(&format!("complete, d = h = k = {size}"), target, || {
            let found = equilaw::complete(&model, &book, &options, &equilaw::Question::default(), &equilaw::Unwatched);
            assert!(found.is_ok_and(|found| found.is_complete()));
        })
    });
}

/// The laws of 24 transformer blocks that declare no action are found and counted: 1740 parameters, 192 roots; the target is 20 s.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn complete_24_transformer_blocks(bencher: Bencher) {
    let model =
        Model::parse("stack", &transformer::stack(24, false)).unwrap_or_else(|e| panic!("{}", e.render(false, 100)));
    let book = RuleBook::builtin().unwrap_or_else(|e| panic!("{}", e.render(false, 100)));
    let options = equilaw::Options::default();
    let target = Some(Target::Milliseconds(20_000));
    bencher.bench(|| {
        timed("complete, 24 transformer blocks", target, || {
            let found = equilaw::complete(&model, &book, &options, &equilaw::Question::default(), &equilaw::Unwatched);
            assert!(found.is_ok_and(|found| found.is_complete()));
        })
    });
}

/// One head with d = 16, d_k = d_v = 8, 4 tokens; the target is 1 s.
#[divan::bench(sample_count = 3)]
fn attention_head(bencher: Bencher) {
    let model = attention(1, 16, 8);
    let target = Some(Target::Milliseconds(1000));
    bencher.bench(|| timed("attention head d = 16", target, || laws(black_box(&model))));
}

fn random(n: usize) -> Vec<Vec<Small>> {
    (0..n as u64).map(|i| (0..n as u64).map(|j| Small::new(mix(i, j))).collect()).collect()
}

/// Elimination alone, without the vectors of a model.
#[divan::bench(args = [1000, 4000], sample_count = 1, sample_size = 1)]
fn rank_modulo_a_small_prime(bencher: Bencher, n: usize) {
    let rows = random(n);
    let target = match n {
        1000 => Target::Times(3, "LU, n = 1000"),
        _ => Target::Times(3, "LU, n = 4000"),
    };
    let rank = || {
        let mut span = Panels::<{ Small::MODULUS }>::zero(n);
        span.extend(black_box(&rows));
        span.rank()
    };
    bencher.bench(|| timed(&format!("rank modulo a small prime, n = {n}"), Some(target), rank));
}

#[divan::bench(args = [1000, 4000, 10_000], sample_count = 1, sample_size = 1)]
fn lu_in_floating_point(bencher: Bencher, n: usize) {
    let a = Mat::from_fn(n, n, |i, j| (mix(i as u64, j as u64) % 2048) as f64 / 1024.0 - 1.0);
    bencher.bench(|| timed(&format!("LU, n = {n}"), None, || black_box(&a).partial_piv_lu()));
}

/// The names of the models in `examples/`.
fn examples() -> Vec<String> {
    let files = std::fs::read_dir("examples").into_iter().flatten().flatten();
    let mut names: Vec<String> = files
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|e| e == "eqv"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_string()))
        .collect();
    names.sort();
    names
}

/// 200 ms for each example.
#[divan::bench(args = examples(), sample_count = 3)]
fn discovery(bencher: Bencher, name: &String) {
    let text = std::fs::read_to_string(format!("examples/{name}.eqv")).unwrap_or_default();
    let model = Model::parse(name, &text).unwrap_or_else(|e| panic!("{}", e.render(false, 100)));
    let book = RuleBook::builtin().unwrap_or_else(|e| panic!("{}", e.render(false, 100)));
    let form = Form { general: false, equivariant: false };
    let options = Options { sizes: model.sizes(&[]).expect("sizes"), form, ..Options::default() };
    let target = Some(Target::Milliseconds(200));
    bencher.bench(|| {
        timed(&format!("discover {name}"), target, || discover(&model, &book, &options, &unwatched, &|| false))
    });
}
