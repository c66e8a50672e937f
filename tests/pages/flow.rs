//! Trajectories from outside: what is said of each law, and what cannot be followed.

use crate::common::{ROOT, masked};
use crate::run::{Run, equilaw};
use equilaw::internals::check::DRIFT;
use std::process::Stdio;

fn flow(arguments: &[&str]) -> Run {
    equilaw(&[&["flow"], arguments].concat())
}

const LINEAR: &str = "examples/deep_linear_2.eqv";

#[test]
fn the_drift_table_tells_what_holds_and_what_another_dynamics_breaks() {
    for (name, arguments) in [
        ("gradient_flow", vec!["--time", "2"]),
        ("weight_decay", vec!["--set", "lambda=0.3", "--time", "2"]),
        ("heavy_ball", vec!["--set", "gamma=0.2", "--time", "2"]),
        ("gradient_descent", vec!["--set", "eta=0.02", "--steps", "100"]),
        ("sgd", vec!["--steps", "50"]),
    ] {
        let out = flow(&[&[LINEAR, "--dynamics", name], &arguments[..]].concat());
        assert_eq!((out.status, out.stderr.as_str()), (0, ""), "{name}");
        insta::assert_snapshot!(format!("drift_{name}"), masked(&out.stdout));
    }
}

#[test]
fn a_mirror_flow_keeps_the_sums_its_entropy_weighs() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("nmf.eqv");
    let model = "model nmf\ndim m = 4, n = 3, r = 2\nparam U : m x r positive\nparam V : n x r positive\n\
        output F = U * V'\nloss any\ndynamics mirror { U : entropy, V : entropy }\n\
        action rescale : D in Diag+(r) { U -> U * D; V -> V * inv(D) }\n";
    std::fs::write(&path, model).expect("a file");
    let out = flow(&[path.to_str().expect("a path"), "--time", "1"]);
    assert_eq!((out.status, out.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("drift_mirror", masked(&out.stdout));
}

#[test]
fn the_table_of_drifts_is_written_for_every_moment() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("drift.csv");
    let csv = path.to_str().expect("a path");
    let out = flow(&[LINEAR, "--dynamics", "heavy_ball", "--time", "1", "--points", "4", "--csv", csv, "--quiet"]);
    assert_eq!((out.status, out.stdout.as_str(), out.stderr.as_str()), (0, "", ""));
    let text = std::fs::read_to_string(&path).expect("the table");
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    let header = "time,loss,basis/gradient,basis/heavy-ball/broken,basis/heavy-ball/conserved,\
                  basis/gradient-flow/conserved,basis·sign/fixed-space";
    let mut expected: Vec<&str> = header.split(',').collect();
    let mut names = rows[0].clone();
    expected[2..].sort_unstable();
    names[2..].sort_unstable();
    assert_eq!(names, expected);
    let times: Vec<&str> = rows[1..].iter().map(|row| row[0]).collect();
    assert_eq!(times, ["0", "0.25", "0.5", "0.75", "1"]);
    let broken = rows[0].iter().position(|name| *name == "basis/gradient-flow/conserved").expect("the contrast");
    for (i, row) in rows[1..].iter().enumerate() {
        for (k, cell) in row.iter().enumerate().skip(2) {
            let drift: f64 = cell.parse().expect("a number");
            assert!(if k == broken && i > 0 { drift > 1e-3 } else { drift < DRIFT }, "{text}");
        }
    }
}

#[test]
fn the_plot_names_every_law_and_is_the_same_twice() {
    let directory = tempfile::tempdir().expect("a directory");
    let draw = |name: &str| {
        let path = directory.path().join(name);
        let plot = path.to_str().expect("a path").to_string();
        let out = flow(&[LINEAR, "--dynamics", "heavy_ball", "--time", "1", "--plot", &plot, "--quiet"]);
        assert_eq!((out.status, out.stderr.as_str()), (0, ""));
        std::fs::read_to_string(path).expect("the plot")
    };
    let (first, second) = (draw("a.svg"), draw("b.svg"));
    assert_eq!(first, second);
    assert!(first.starts_with("<svg") && first.trim_end().ends_with("</svg>"));
    for text in [
        "relative drift",
        "time t",
        "tolerance 10⁻⁷",
        "W₁W₁ᵀ − W₂ᵀW₂",
        "broken, as expected",
        "laws along the heavy ball",
    ] {
        assert!(first.contains(text), "{text}");
    }
    assert!(first.matches("<polyline").count() >= 4, "three laws and a contrast");
}

#[test]
fn json_has_every_drift() {
    let out = flow(&[LINEAR, "--time", "1", "--points", "5", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&out.stdout).expect("JSON");
    assert_eq!(document["dynamics"], "gradient_flow");
    assert_eq!(document["times"].as_array().map(Vec::len), Some(6));
    for drift in document["drifts"].as_array().expect("drifts") {
        assert_eq!(drift["drift"].as_array().map(Vec::len), Some(6), "{drift}");
        let verdict = if drift["role"] == "law" { "holds" } else { "broken" };
        assert_eq!(drift["verdict"], verdict, "{drift}");
    }
}

#[test]
fn what_cannot_be_followed_is_refused_with_what_can() {
    let mut out = String::new();
    for arguments in [
        vec![LINEAR, "--dynamics", "heavy_bal"],
        vec![LINEAR, "--dynamics", "adam"],
        vec![LINEAR, "--dynamics", "mirror"],
        vec![LINEAR, "--dynamics", "heavy_ball", "--set", "gama=0.5"],
        vec![LINEAR, "--dynamics", "heavy_ball", "--set", "lambda=0.5"],
        vec![LINEAR, "--set", "eta=0.5"],
        vec![LINEAR, "--dynamics", "weight_decay", "--set", "lambda=-1"],
        vec![LINEAR, "--dynamics", "gradient_descent", "--set", "eta=0"],
        vec![LINEAR, "--dynamics", "gradient_descent", "--set", "eta=2,lambda=0.5"],
        vec![LINEAR, "--dynamics", "sgd", "--time", "3"],
        vec![LINEAR, "--steps", "3"],
        vec![LINEAR, "--dims", "q=3"],
        vec![LINEAR, "--params", "nothing.safetensors"],
        vec![LINEAR, "--params", "README.md"],
        vec![LINEAR, "--time", "1", "--csv", "/nowhere/at/all.csv"],
    ] {
        let ran = flow(&arguments);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        out.push_str(&format!("{}\n{}\n", arguments[1..].join(" "), ran.stderr));
    }
    insta::assert_snapshot!("refusals", out);
}

#[test]
fn a_trajectory_that_runs_away_ends_with_an_error() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("cubic.eqv");
    let model =
        "model cubic\ndim n = 2\nparam w : n\nloss -norm2(w) * norm2(w)\naction turn : Q in O(n) { w -> Q * w }\n";
    std::fs::write(&path, model).expect("a file");
    let file = path.to_str().expect("a path");
    for arguments in [vec![file], vec![file, "--dynamics", "gradient_descent"]] {
        let out = flow(&arguments);
        assert_eq!((out.status, out.stdout.as_str()), (2, ""));
        assert!(out.stderr.contains("grows without bound"), "{}", out.stderr);
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_equilaw"))
        .args(["flow", LINEAR, "--time", "0.5"])
        .current_dir(ROOT)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the command ends");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

#[test]
fn a_trajectory_slides_along_the_kinks_that_hold_it() {
    let out = flow(&["examples/relu_mlp.eqv", "--points", "20", "--format", "json"]);
    assert_eq!((out.status, out.stderr.as_str()), (0, ""));
    let document: serde_json::Value = serde_json::from_str(&out.stdout).expect("JSON");
    let times: Vec<f64> = document["times"].as_array().expect("times").iter().filter_map(|t| t.as_f64()).collect();
    assert_eq!((times.len(), times[20]), (21, 5.0));
}
