//! How fast symmetries are found. Beside each figure stand its goal and, as a baseline of the same run, the time in which the laws of the
//! model are derived when the actions found are declared.

mod transformer;

use divan::Bencher;
use equilaw::{Form, Model, Options, RuleBook, Unwatched, derive, discover};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The shortest times of each figure of this run: of discovery, and of derivation.
static FIGURES: Mutex<BTreeMap<&str, (Duration, Duration)>> = Mutex::new(BTreeMap::new());

/// A name, the goal in milliseconds, and the text of a model.
type Case = (&'static str, u64, fn() -> String);

const CASES: [Case; 6] = [
    ("MLP of 40 layers", 1000, || layers(40)),
    ("16 heads", 2000, || heads(16)),
    ("d = h = k = 64", 2000, || square(64)),
    ("24 norm blocks", 10_000, || blocks(24, false)),
    ("8 norm blocks with attention", 10_000, || blocks(8, true)),
    ("24 transformer blocks", 10_000, || transformer::stack(24, false)),
];

fn main() {
    divan::main();
    let figures = FIGURES.lock().unwrap_or_else(PoisonError::into_inner);
    for (name, goal, _) in CASES {
        if let Some((found, derived)) = figures.get(name) {
            let (found, derived) = (found.as_secs_f64() * 1e3, derived.as_secs_f64() * 1e3);
            println!("{name:32} {found:9.0} ms   goal {goal:6} ms   deriving {derived:9.0} ms");
        }
    }
}

#[divan::bench(args = 0..CASES.len(), sample_count = 1, sample_size = 1)]
fn discovery(bencher: Bencher, case: usize) {
    let (name, _, text) = CASES[case];
    let model = Model::parse("bench.eqv", &text()).expect("a model");
    let book = RuleBook::builtin().expect("rules");
    bencher.bench(|| {
        let start = Instant::now();
        let found = discover(&model, &book, &Options::default(), Form::default(), &Unwatched).expect("discovered");
        let took = start.elapsed();
        let start = Instant::now();
        derive(&found.annotated(), &book, &Options::bare()).expect("derived");
        let derived = start.elapsed();
        let mut figures = FIGURES.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = figures.entry(name).or_insert((took, derived));
        *entry = (entry.0.min(took), entry.1.min(derived));
    });
}

/// A ReLU network of width 2, each width with a name of its own.
fn layers(count: usize) -> String {
    let dims: String = (0..=count).map(|i| format!("h{i} = 2, ")).collect();
    let params: String = (1..=count).map(|i| format!("param W{i} : h{i} x h{}\n", i - 1)).collect();
    let lets: String = (1..count).map(|i| format!("let Z{i} = relu(W{i} * Z{})\n", i - 1)).collect();
    let last = count - 1;
    format!(
        "model layers\ndim {dims}n = 2\ndata X : h0 x n\n{params}let Z0 = X\n{lets}output F = W{count} * Z{last}\nloss any\n"
    )
}

fn square(size: usize) -> String {
    format!(
        "model square\ndim d = {size}, h = {size}, k = {size}, n = 3\nparam W1 : h x d\nparam W2 : k x h\ndata X : d x n\n\
         output F = W2 * relu(W1 * X)\nloss any\n"
    )
}

fn heads(count: usize) -> String {
    let head = |i| {
        format!(
            "param Q{i} : k x d\nparam K{i} : k x d\nparam V{i} : v x d\nparam O{i} : d x v\n\
             let Y{i} = O{i} * V{i} * X * softmax((K{i} * X)' * Q{i} * X)\n"
        )
    };
    let sum: Vec<String> = (1..=count).map(|i| format!("Y{i}")).collect();
    let heads: String = (1..=count).map(head).collect();
    format!(
        "model heads\ndim d = 3, k = 2, v = 2, n = 3\ndata X : d x n\n{heads}output F = {}\nloss any\n",
        sum.join(" + ")
    )
}

/// Blocks of a transformer behind root mean square norms, with two tokens.
fn blocks(count: usize, attend: bool) -> String {
    let block = |i: usize| {
        let before = format!("X{}", i - 1);
        let attention = format!(
            "param Q{i} : k x d\nparam K{i} : k x d\nparam V{i} : k x d\nparam O{i} : d x k\n\
             let N{i} = rmsnorm({before})\n\
             let A{i} = {before} + O{i} * V{i} * N{i} * softmax((K{i} * N{i})' * Q{i} * N{i})\n"
        );
        let (attention, stream) = if attend { (attention, format!("A{i}")) } else { (String::new(), before) };
        format!(
            "{attention}param U{i} : f x d\nparam D{i} : d x f\nlet X{i} = {stream} + D{i} * relu(U{i} * rmsnorm({stream}))\n"
        )
    };
    let blocks: String = (1..=count).map(block).collect();
    format!(
        "model blocks\ndim d = 3, k = 2, f = 2, n = 2, v = 2\ndata T : v x n\nparam E : d x v\nlet X0 = E * T\n{blocks}\
         param P : v x d\noutput F = P * rmsnorm(X{count})\nloss any\n"
    )
}
