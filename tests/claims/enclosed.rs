//! Counts at real points whose numbers are enclosed: the same as over a field where both exist, and proved where none does.

use crate::architectures::model;
use crate::common::{ROOT, files};
use crate::{BOOK, count_by as count, parse};
use equilaw::internals::exact::{Arithmetic, Field};
use equilaw::internals::model::Model;
use equilaw::{Options, Question, Unwatched, complete as complete_model};
use rayon::prelude::*;

/// Small networks with roots, functions and gates.
const NETWORKS: &[&str] = &[
    "param U : 3 x 3; param V : 2 x 3; data X : 3 x n; output F = V * tanh(U * layernorm(X)); loss any",
    "param U : 3 x 3; param V : 2 x 3; data X : 3 x n; output F = V * layernorm(X + U * X, 1e-5); loss any",
    "param E : 3 x 3; param U : 3 x 3; param V : 3 x 3; param W : 2 x 3; data X : 3 x n
     let R = E * X; let S = R + V * relu(U * rmsnorm(R)); output F = W * rmsnorm(S); loss any",
    "param O : 3 x 2; param P : 2 x 3; param K : 2 x 3; param Q : 2 x 3; data X : 3 x n
     let N = layernorm(X, 1e-5); output F = layernorm(X + O * P * N * softmax((K * N)' * Q * N), 1e-5); loss any",
    "param U : 3 x 2; param V : 2 x 3; data X : 2 x n; output F = V * relu(U * X); loss any",
    "param U : 3 x 2; param V : 2 x 3; data X : 2 x n; output F = V * (exp(U * X) + softmax(U * X)); loss any",
    "param U : 3 x 2; param V : 2 x 3; data X : 2 x n; output F = V * log(ones(3, n) + exp(U * X)); loss any",
    "param u : 3; param v : 3; data x : scalar; output F = v' * sin(x * u); loss any",
    "data A : 2 x 2 orthogonal; param U : 2 x 2; data X : 2 x n fixed; data Y : 2 x n; output F = A * U * Y + X; loss any",
    "activation f : smooth; param U : 3 x 2; param V : 2 x 3; data X : 2 x n; output F = V * f(U * X); loss any",
];

#[test]
fn both_methods_find_the_same_rank() {
    for body in NETWORKS {
        let network = model(&format!("dim n = 2; {body}"));
        let (field, enclosed) = (count(&network, Some(Field::Large)), count(&network, Some(Field::Enclosed)));
        assert!(matches!(enclosed.certificate.arithmetic, Arithmetic::Enclosed { .. }), "{body}: {enclosed:?}");
        assert_eq!(enclosed.lie_dimension, field.lie_dimension, "{body}: {field:?}\n{enclosed:?}");
        assert!(enclosed.is_certified(), "{body}: {enclosed:?}");
    }
}

#[test]
fn nothing_is_supposed_of_values_of_functions() {
    // Values of the normal distribution function, of functions in each other, and of roots of sums of both.
    for output in ["V * gelu(U * X)", "V * tanh(exp(U * X) + sin(U * X))", "V * rmsnorm(gelu(U * X), 1e-5)"] {
        let network = model(&format!(
            "dim n = 2; param U : 3 x 3; param V : 2 x 3; data X : 3 x n; output F = {output}; loss any"
        ));
        let found = count(&network, None);
        assert!(found.is_certified() && found.assumptions.is_empty(), "{output}: {found:?}");
        assert_eq!(found.laws_at_most, 0, "{output}: {found:?}");
    }
}

/// Without ε the scale of what a norm reads is a symmetry, with one, however small, it is none.
#[test]
fn a_small_epsilon_is_told_from_none() {
    for (epsilon, laws) in [("", 1), (", 1e-5", 0), (", 1e-12", 0)] {
        let network = model(&format!(
            "dim n = 2; param E : 3 x 3; param U : 3 x 3; param V : 2 x 3; data X : 3 x n
             let R = E * X; output F = V * gelu(U * rmsnorm(R{epsilon})); loss any"
        ));
        let found = count(&network, Some(Field::Enclosed));
        assert!(found.is_certified(), "{epsilon}: {found:?}");
        assert_eq!(found.laws_at_most, laws, "{epsilon}: {found:?}");
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
fn where_no_field_has_all_roots_the_rank_is_proved_over_the_real_numbers() {
    // A positive scale for each unit of ReLU, none of SiLU; 1ᵀW, and behind a norm without ε the scale of the stream.
    for (blocks, norm, activation, laws) in [
        (9, "rmsnorm(X, 1e-6)", "relu", 3 * 9),
        (5, "rmsnorm(X, 1e-6)", "silu", 0),
        (5, "rmsnorm(X)", "relu", 3 * 5 + 1),
    ] {
        let found = count(&stack(blocks, norm, activation), Some(Field::Enclosed));
        assert!(matches!(found.certificate.arithmetic, Arithmetic::Enclosed { .. }), "{norm} {activation}: {found:?}");
        assert!(found.is_certified(), "{norm} {activation}: {found:?}");
        assert_eq!(found.laws_at_most, laws, "{norm} {activation}: {found:?}");
    }
}

#[test]
fn the_same_point_is_found_again() {
    let network = model(
        "dim n = 2; param U : 3 x 3; param V : 3 x 3; param W : 2 x 3; data X : 3 x n
         let R = X + V * silu(U * rmsnorm(X)); output F = W * gelu(rmsnorm(R)); loss any",
    );
    let counted = || count(&network, Some(Field::Enclosed));
    assert_eq!(counted(), counted());
}

/// A file of the gallery, and sizes in place of its own.
fn is_complete(name: &str, dims: &[(&str, u64)]) {
    let text = std::fs::read_to_string(format!("{ROOT}/examples/architectures/{name}.eqv")).expect("a model");
    let dims = dims.iter().map(|(name, n)| (name.to_string(), *n)).collect();
    let options = Options { dims, ..Options::bare() };
    let found = complete_model(&parse(&text), &BOOK, &options, &Question::default(), &Unwatched).expect("a count");
    assert!(found.is_complete(), "{name}: {}", found.text());
}

#[test]
fn whole_architectures_are_complete() {
    let small: [(&str, &[(&str, u64)]); 4] = [
        ("llama3", &[("L", 1), ("G", 1), ("H", 1), ("d", 3), ("h", 2), ("v", 3), ("n", 2)]),
        ("gpt2", &[("L", 1), ("H", 1), ("d", 3), ("d_k", 1), ("h", 2), ("v", 3), ("n", 2)]),
        ("mamba2", &[("L", 1), ("H", 1)]),
        ("gat", &[]),
    ];
    small.par_iter().for_each(|(name, dims)| is_complete(name, dims));
}

/// Sizes in place of those of a file.
type Dims = &'static [(&'static str, u64)];

/// Files that take minutes together, and the sizes of each instance that are others than those of the file: of convolutional ones widths, or
/// images on which every tap of a filter sees something; of those with an ε of 10⁻¹² and of two towers one layer.
const SLOW: [(&str, &[Dims]); 7] = [
    ("vgg", &[&[], &[("A", 1), ("h", 2)]]),
    ("resnet", &[&[], &[("g", 3)]]),
    ("resnet50", &[&[], &[("c", 3)]]),
    ("unet", &[&UNET]),
    ("bert", &[&[], &[("L", 1)]]),
    ("vit", &[&[], &[("L", 1)]]),
    ("clip", &[&[], &[("L", 1)]]),
];

/// What takes many minutes: a convolutional file, and sizes that are others than those of the file.
const LARGEST: [(&str, Dims, Dims); 3] =
    [("unet", &UNET, &UNET_OF_17), ("convnext", &CONVNEXT, &[]), ("convnext", &CONVNEXT, &[("s", 1)])];

/// Images of 9×9, 5×5 and 3×3 places, two channels at all levels.
const UNET: [(&str, u64); 12] = [
    ("c2", 2),
    ("c3", 2),
    ("h1", 9),
    ("w1", 9),
    ("h2", 5),
    ("w2", 5),
    ("h3", 3),
    ("w3", 3),
    ("h4", 3),
    ("w4", 3),
    ("h5", 3),
    ("w5", 3),
];

/// Images of 17×17, 9×9, 5×5 and 3×3 places.
const UNET_OF_17: [(&str, u64); 6] = [("h1", 17), ("w1", 17), ("h2", 9), ("w2", 9), ("h3", 5), ("w3", 5)];

/// Stages of 7×7, 7×7, 7×7 and 4×4 places, and as many units as channels.
const CONVNEXT: [(&str, u64); 15] = [
    ("h", 28),
    ("w", 28),
    ("h1", 7),
    ("w1", 7),
    ("h2", 7),
    ("w2", 7),
    ("h3", 7),
    ("w3", 7),
    ("h4", 4),
    ("w4", 4),
    ("p", 3),
    ("q", 3),
    ("r", 3),
    ("t", 3),
    ("v", 3),
];

/// Each file that takes seconds at its own sizes and, where it has layers, with one: `cargo test --test claims -- --ignored gallery`, as
/// `.ci/run` does.
#[test]
#[ignore = "minutes"]
fn the_gallery_is_complete_at_two_instances() {
    let later =
        |name: &str| SLOW.iter().any(|(slow, _)| *slow == name) || LARGEST.iter().any(|(slow, ..)| *slow == name);
    for path in files("examples/architectures") {
        let name = path.file_stem().expect("a name").to_string_lossy().to_string();
        if later(&name) {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a model");
        is_complete(&name, &[]);
        let other = if text.contains("dim L =") {
            ("L", 1)
        } else if text.contains(" h =") {
            ("h", 4)
        } else {
            ("n", 2)
        };
        is_complete(&name, &[other]);
    }
}

/// `cargo test --test claims -- --ignored take_minutes`.
#[test]
#[ignore = "minutes"]
fn those_of_the_largest_that_take_minutes_are_complete() {
    for (name, instances) in SLOW {
        instances.iter().for_each(|dims| is_complete(name, dims));
    }
}

/// Minutes for each: `cargo test --test claims -- --ignored the_largest_are_complete`.
#[test]
#[ignore = "many minutes"]
fn the_largest_are_complete() {
    for (name, dims, more) in LARGEST {
        let others = dims.iter().filter(|(size, _)| more.iter().all(|(other, _)| other != size));
        is_complete(name, &others.chain(more).copied().collect::<Vec<_>>());
    }
}
