//! The spectrum from outside: the flat directions, bounds and repeated eigenvalues that laws predict, found at numbers.

use crate::common::masked;
use crate::run::{Run, equilaw};
use serde_json::Value;

const RELU: &str = "examples/relu_mlp.eqv";

fn spectrum(arguments: &[&str]) -> Run {
    equilaw(&[&["spectrum"], arguments].concat())
}

fn json(arguments: &[&str]) -> Value {
    let out = spectrum(&[arguments, &["--format", "json"]].concat());
    assert_eq!((out.status, out.stderr.as_str()), (0, ""), "{arguments:?}");
    serde_json::from_str(&out.stdout).expect("JSON")
}

#[test]
fn the_spectrum_as_it_reads() {
    for (name, arguments) in [("stationary", vec![RELU]), ("symmetric", vec![RELU, "--symmetric", "permute"])] {
        let out = spectrum(&arguments);
        assert_eq!((out.status, out.stderr.as_str()), (0, ""), "{name}");
        insta::assert_snapshot!(format!("spectrum_{name}"), masked(&out.stdout));
    }
}

#[test]
fn the_kernel_that_laws_predict_is_there() {
    // The number of parameters, the dimension of the orbits, and how many eigenvalues are 0.
    for (model, size, orbits, zeros) in [
        (RELU, 35, 5, 17),
        ("examples/deep_linear_2.eqv", 18, 9, 10),
        ("examples/attention.eqv", 50, 13, 36),
        ("examples/theorems/scale_invariant_descent.eqv", 35, 5, 11),
    ] {
        let found = json(&[model]);
        let kernel = &found["kernel"];
        assert_eq!(found["eigenvalues"].as_array().map(Vec::len), Some(size), "{model}");
        assert_eq!((kernel["predicted"].as_u64(), kernel["found"].as_u64()), (Some(orbits), Some(zeros)), "{model}");
        assert!(kernel["within"].as_f64().expect("a number") < 1e-12, "{model}");
    }
}

#[test]
fn training_finds_the_flat_directions_too() {
    let found = json(&[RELU, "--train", "2000"]);
    assert!(found["point"]["gradient"].as_f64().expect("a number") < 1e-5);
    assert!(found["kernel"]["found"].as_u64() >= found["kernel"]["predicted"].as_u64());
    assert_eq!(found["kernel"]["predicted"].as_u64(), Some(5));
    // A few steps lead to no stationary point, of which alone the law speaks.
    assert!(json(&[RELU, "--train", "3"])["kernel"].is_null());
}

#[test]
fn eigenvalues_are_repeated_as_the_law_says() {
    let found = json(&["examples/theorems/neuron_permutation.eqv", "--symmetric", "permute", "--seed", "3"]);
    assert_eq!(found["groups"]["holds"], Value::Bool(true), "{}", found["groups"]);
    let refused = spectrum(&[RELU, "--symmetric", "permut"]);
    assert_eq!((refused.status, refused.stderr.contains("no action `permut`")), (2, true));
    let refused = spectrum(&[RELU, "--symmetric", "degree"]);
    assert_eq!((refused.status, refused.stderr.contains("no law says how often")), (2, true));
}

#[test]
fn a_table_and_a_plot_are_written() {
    let directory = tempfile::tempdir().expect("a directory");
    let (csv, svg) = (directory.path().join("s.csv"), directory.path().join("s.svg"));
    let path = |path: &std::path::Path| path.to_str().expect("a path").to_string();
    let out = spectrum(&[RELU, "--csv", &path(&csv), "--svg", &path(&svg), "--quiet"]);
    assert_eq!((out.status, out.stdout.as_str()), (0, ""));
    let table = std::fs::read_to_string(csv).expect("written");
    assert_eq!((table.lines().count(), table.lines().next()), (36, Some("index,eigenvalue,zero")));
    assert_eq!(table.lines().filter(|line| line.ends_with(",1")).count(), 17);
    let plot = std::fs::read_to_string(svg).expect("written");
    assert!(plot.starts_with("<svg") && plot.matches("<circle").count() == 35);
}
