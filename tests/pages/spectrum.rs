//! The spectrum from outside: the flat directions, bounds and repeated eigenvalues that laws predict, found at numbers.

use crate::common::masked;
use crate::run::{Run, equilaw, equilaw_on};
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

/// W X with a quadratic loss has H = (XXᵀ/n) ⊗ I: every eigenvalue is there k times.
const REGRESSION: &str = "
    model regression
    dim d = 60, k = 40, n = 70
    param W : k x d
    data X : d x n
    data Y : k x n
    output F = W * X
    loss mse(F, Y)
    action none : Z2 { W -> W }
";

#[test]
fn a_part_of_a_spectrum_has_eigenvalues_as_often_as_they_are_repeated() {
    let eigenvalues = |arguments: &[&str]| -> Vec<f64> {
        let out = equilaw_on(REGRESSION, &[&["spectrum", "-", "--format", "json", "--top", "12"], arguments].concat());
        let found: Value = serde_json::from_str(&out.stdout).expect("JSON");
        found["eigenvalues"].as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
    };
    let part = eigenvalues(&[]);
    assert_eq!(part.len(), 12);
    assert!(part.iter().all(|x| (x - part[0]).abs() < 1e-7 * part[0]), "{part:?}");
    // Of fewer rows the whole spectrum is taken, which has the same eigenvalues.
    let whole = eigenvalues(&["--dims", "k=2"]);
    assert!((whole[0] - whole[1]).abs() < 1e-9 && (whole[0] - part[0]).abs() < 1e-6, "{} and {}", whole[0], part[0]);
    // Few data: most eigenvalues are 0.
    let few = eigenvalues(&["--dims", "n=3"]);
    assert!(few.len() == 12 && few.iter().all(|x| (x - few[0]).abs() < 1e-7 * few[0]), "{few:?}");
}

#[test]
fn the_angles_leave_out_what_is_arbitrary() {
    // Of three outputs H has three eigenvalues other than 0, and five generators are in its kernel.
    let found = json(&[RELU, "--dims", "n=1,k=3,h=5"]);
    let angles = found["bounds"][0]["angles"].as_array().expect("a list");
    assert!(angles.len() <= 3 && angles.iter().all(|x| x.as_f64().expect("a number") > 89.0), "{angles:?}");
}

#[test]
fn a_discovered_action_has_symmetric_points() {
    let bare = "model bare\ndim d = 3, h = 4, k = 2, n = 5\nparam W1 : h x d\nparam W2 : k x h\ndata X : d x n\noutput F = W2 * relu(W1 * X)\nloss any\n";
    let out = equilaw_on(bare, &["spectrum", "-", "--symmetric", "permute_h", "--format", "json"]);
    let found: Value = serde_json::from_str(&out.stdout).expect("JSON");
    assert_eq!((out.status, &found["groups"]["holds"]), (0, &Value::Bool(true)), "{}", out.stderr);
    let refused = equilaw_on(bare, &["spectrum", "-", "--symmetric", "permute_k"]);
    assert!(refused.status == 2 && refused.stderr.contains("no action `permute_k`"), "{}", refused.stderr);
}

#[test]
fn digits_do_not_depend_on_threads() {
    let on = |threads: &str, arguments: &[&str]| {
        let out = std::process::Command::new(env!("CARGO_BIN_EXE_equilaw"))
            .args([&["spectrum", RELU, "--format", "json"], arguments].concat())
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .expect("runs");
        String::from_utf8(out.stdout).expect("UTF-8")
    };
    for arguments in
        [&["--dims", "h=30,d=20,k=10,n=15", "--train", "20"][..], &["--dims", "h=60,d=30,k=10,n=20", "--top", "5"]]
    {
        assert_eq!(on("1", arguments), on("3", arguments), "{arguments:?}");
    }
}
