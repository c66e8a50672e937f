//! Input that nobody meant: it is an answer or an error, never a panic or a search without end.

use crate::{BOOK, examples, parse, read};
use equilaw::internals::language::parse_rules;
use equilaw::internals::model::Model;
use equilaw::internals::report::{json, replay};
use equilaw::internals::rewrite::Limits;
use equilaw::{Options, derive};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Bounded by work alone, so that it ends with the same result everywhere.
fn options() -> Options {
    Options { limits: Limits { nodes: 2_000, iterations: 8, time: None }, ..Options::bare() }
}

/// A text with a few of its words exchanged, doubled, dropped or cut.
fn damaged(text: &str, rng: &mut ChaCha8Rng) -> String {
    let mut words: Vec<&str> = text.split_inclusive([' ', '\n', '(', ')', ',', '"']).collect();
    for _ in 0..rng.random_range(1..4) {
        let (i, j) = (rng.random_range(0..words.len()), rng.random_range(0..words.len()));
        match rng.random_range(0..4) {
            0 => words.swap(i, j),
            1 => words[i] = words[j],
            2 => words.insert(i, words[j]),
            _ => words[i] = "",
        }
    }
    words.concat()
}

#[test]
fn damaged_models_are_answered_or_refused() {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    for path in ["examples/relu_mlp.eqv", "examples/attention.eqv", "examples/matrix_factorization.eqv"] {
        let text = read(path).to_string();
        for _ in 0..12 {
            if let Ok(model) = Model::parse("damaged.eqv", &damaged(&text, &mut rng)) {
                // Sizes that are zero or too large are errors.
                let _ = derive(&model, &BOOK, &options());
            }
        }
    }
}

#[test]
fn damaged_documents_are_refused() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let report =
        derive(&read("examples/matrix_factorization.eqv"), &BOOK, &options()).expect("the sizes are the model's");
    let document = json(&report);
    for _ in 0..24 {
        let _ = replay(&damaged(&document, &mut rng), BOOK.plain());
    }
}

/// A text with a few of its bytes exchanged, doubled, dropped or put in from a set that the languages read.
fn noisy(text: &str, rng: &mut ChaCha8Rng) -> String {
    const SIGNS: &[char] = &[
        '(', ')', '[', ']', '{', '}', '*', '^', '/', '-', '\'', '.', ':', '=', '0', '9', 'e', '#', '"', '\n', 'θ', '²',
    ];
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..rng.random_range(1..6) {
        let (i, j) = (rng.random_range(0..chars.len()), rng.random_range(0..chars.len()));
        match rng.random_range(0..5) {
            0 => chars.swap(i, j),
            1 => chars[i] = chars[j],
            2 => chars.insert(i, *SIGNS.choose(rng).expect("some")),
            3 => chars[i] = *SIGNS.choose(rng).expect("some"),
            _ => drop(chars.remove(i)),
        }
    }
    chars.into_iter().collect()
}

/// Damages texts in both ways and hands them on; a panic is reported with the text that met it.
fn survives(texts: &[String], seed: u64, count: usize, read: impl Fn(&str) + std::panic::RefUnwindSafe) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..count {
        let text = texts.choose(&mut rng).expect("some");
        let bad = if rng.random_bool(0.5) { noisy(text, &mut rng) } else { damaged(text, &mut rng) };
        let met = std::panic::catch_unwind(|| read(&bad));
        assert!(met.is_ok(), "a panic at\n{bad}");
    }
}

/// Small models of every kind.
fn small_models() -> Vec<String> {
    let texts = examples().into_iter().map(|path| std::fs::read_to_string(path).expect("a model"));
    texts.filter(|text| text.len() < 3_000).collect()
}

/// As many damaged texts for each reader.
fn noise(count: usize) {
    let models = small_models();
    survives(&models, 2, count, |text| {
        if let Ok(model) = Model::parse("noisy.eqv", text) {
            let _ = derive(&model, &BOOK, &options());
        }
    });
    let rules: Vec<String> = std::fs::read_dir("rules")
        .expect("the rules")
        .filter_map(|entry| Some(entry.ok()?.path()).filter(|path| path.extension().is_some_and(|e| e == "rules")))
        .map(|path| std::fs::read_to_string(path).expect("rules"))
        .collect();
    survives(&rules, 3, count, |text| drop(parse_rules("noisy.rules", text).map_err(|errors| errors.plain())));
    let documents = ["examples/matrix_factorization.eqv", "examples/attention.eqv"]
        .map(|path| json(&derive(&read(path), &BOOK, &options()).expect("the sizes are the model's")));
    survives(&documents, 4, count, |text| drop(replay(text, BOOK.plain())));
}

#[test]
fn noise_is_answered_or_refused() {
    noise(20);
}

/// The same for longer: `cargo test --test claims -- --ignored much_noise`.
#[test]
#[ignore = "minutes"]
fn much_noise_is_answered_or_refused() {
    noise(1_000);
}

const HEAD: &str = "model m\ndim d = 3, h = 3, k = 2, n = 5\nparam W : h x d\nparam b : h\nparam V : k x h\nparam c : k\ndata X : d x n\n";

#[test]
fn shared_subterms_stay_shared() {
    let lets: String = (1..=40).map(|i| format!("let Z{i} = Z{} + Z{0}\n", i - 1)).collect();
    let action = "action r : D in Diag+(h) { W -> D * W; V -> V * inv(D) }";
    let text = format!("{HEAD}let Z0 = W * X\n{lets}output F = V * Z40\nloss any\n{action}");
    let report = derive(&parse(&text), &BOOK, &options()).expect("the sizes are the model's");
    assert!(report.is_clean() && report.laws().next().is_some());
}

#[test]
fn a_sum_that_mentions_itself_is_read_once() {
    // b = 1 - (1 - b): every way round this circle is another way to write the sums.
    let text = format!(
        "{HEAD}let Z = W * X + b * ones(1, n)\noutput F = V * Z + c * ones(1, n)\nloss any\n\
         action flip : Z2 {{ W -> -W; b -> ones(h) - b; V -> -V; c -> c + V * ones(h) }}"
    );
    let report = derive(&parse(&text), &BOOK, &Options::bare()).expect("the sizes are the model's");
    assert!(report.is_clean());
}

#[test]
fn a_chain_of_transposes_and_of_lets_is_no_square() {
    let lets: String = (1..=200).map(|i| format!("let Z{i} = relu(Z{})\n", i - 1)).collect();
    let action = "action r : D in Diag+(h) { W -> D * W; V -> V * inv(D) }";
    let text = format!("{HEAD}let Z0 = W * X\n{lets}output F = V{} * Z200\nloss any\n{action}", "'".repeat(100));
    let report = derive(&parse(&text), &BOOK, &options()).expect("the sizes are the model's");
    assert!(report.is_clean());
}

#[test]
fn numbers_in_towers_of_powers_are_not_written_out() {
    // 3^(64^5) has 1.7 thousand million bits.
    let tower = |base: &str| (0..5).fold(base.to_string(), |power, _| format!("({power})^64"));
    let text = format!(
        "model tower\ndim n = 2\nparam w : n\nparam a : scalar\noutput F = {} * w\nloss any\n\
         action grow : c in Scale {{ a -> c * a; w -> w; F -> {} * F }}\n",
        tower("3 * a"),
        tower("c")
    );
    let report = derive(&parse(&text), &BOOK, &options()).expect("answered");
    assert!(report.laws().count() > 1);
    let numbers = "let b = 3^64\nlet c = b^64\nlet d = c^64\nlet e = d^64\noutput F = e * w\nloss any\n";
    let text = format!(
        "model numbers\ndim n = 2\nparam w : n\n{numbers}action turn : Q in O(n) {{ w -> Q * w; F -> Q * F }}\n"
    );
    assert!(derive(&parse(&text), &BOOK, &Options { checks: true, ..options() }).is_err());
}
