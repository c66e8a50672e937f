//! The theorem library from outside: what is listed, and what each reproduction says.

use crate::common::ROOT;
use crate::run::{binary, equilaw, run};
use equilaw::internals::job::{Theorem, library};
use serde_json::Value;
use std::path::Path;

#[test]
fn the_library_lists_every_theorem_with_its_sources() {
    let listed = equilaw(&["theorems"]);
    assert_eq!((listed.status, listed.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(listed.stdout);
    let listed: Value = serde_json::from_str(&equilaw(&["theorems", "--format", "json"]).stdout).expect("JSON");
    let names: Vec<&str> =
        listed["theorems"].as_array().into_iter().flatten().filter_map(|t| t["name"].as_str()).collect();
    let library = library().expect("every file of the library is a model");
    assert_eq!(names, library.iter().map(Theorem::name).collect::<Vec<_>>());
}

/// With trajectories, along which no law drifts; a line says nothing of them unless one does.
#[test]
fn all_theorems_have_a_line_each() {
    let all = equilaw(&["theorems", "--all"]);
    assert_eq!((all.status, all.stderr.as_str()), (0, ""), "{}", all.stdout);
    insta::assert_snapshot!("all_theorems", all.stdout);
}

/// On one core and without trajectories. `cargo test --test pages -- --ignored`, as `.ci/run` does.
#[test]
#[ignore = "minutes"]
fn the_lines_are_the_same_for_any_number_of_threads() {
    let mut command = binary();
    let one = command.args(["theorems", "--all", "--no-flows"]).env("RAYON_NUM_THREADS", "1");
    insta::assert_snapshot!("all_theorems", run(one, Path::new(ROOT)).stdout);
}

/// A quadratic loss has no third derivatives, and what is left of them is rounding: the checks must not depend on it.
/// `cargo test --test pages -- --ignored`, as `.ci/run` does.
#[test]
#[ignore = "minutes"]
fn every_theorem_holds_at_another_seed() {
    let all = equilaw(&["theorems", "--all", "--no-flows", "--seed", "1", "--quiet"]);
    assert_eq!((all.status, all.stdout.as_str(), all.stderr.as_str()), (0, "", ""));
}

#[test]
fn a_theorem_is_reproduced_in_every_format_with_its_certificate() {
    let named = |format: &str| equilaw(&["theorems", "attention", "--format", format]);
    assert!(named("text").stdout.contains("these are all there are at these sizes, 9 independent laws of at most 9"));
    assert!(named("latex").stdout.contains("Certificate"));
    assert!(named("numpy").stdout.contains("W_Q @ W_Q.T - W_K @ W_K.T"));
    let report: Value = serde_json::from_str(&named("json").stdout).expect("JSON");
    assert_eq!(report["completeness"]["complete"], true);
    assert!(report["completeness"]["certificate"]["prime"].is_u64());
}

#[test]
fn an_unknown_theorem_is_an_error_that_names_the_nearest() {
    let unknown = equilaw(&["theorems", "relu_mpl"]);
    assert_eq!(unknown.status, 2);
    assert!(unknown.stderr.contains("no theorem `relu_mpl`; did you mean `relu_mlp`?"), "{}", unknown.stderr);
    let far = equilaw(&["theorems", "zzz"]);
    assert_eq!(far.status, 2);
    assert!(far.stderr.contains("`equilaw theorems` lists them"), "{}", far.stderr);
}

#[test]
fn options_that_need_one_theorem_are_refused_without_a_name() {
    for arguments in [&["theorems", "--format", "latex"][..], &["theorems", "--all", "--dims", "h=4"]] {
        let refused = equilaw(arguments);
        assert_eq!((refused.status, refused.stdout.as_str()), (2, ""), "{arguments:?}");
    }
}

#[test]
fn the_library_is_written_as_a_site_of_whole_files() {
    let directory = tempfile::TempDir::new().expect("a temporary directory");
    let place = directory.path().join("a/site");
    let written = run(binary().args(["theorems", "--no-checks", "--html"]).arg(&place), Path::new(ROOT));
    assert_eq!((written.status, written.stdout.as_str()), (0, ""), "{}", written.stderr);
    assert!(written.stderr.contains("index.html"), "{}", written.stderr);
    let files = std::fs::read_dir(&place).expect("the site is there").count();
    assert_eq!(files, 1 + 2 * library().expect("the library").len());
    let refused = equilaw(&["theorems", "attention", "--html", "site"]);
    assert_eq!((refused.status, refused.stdout.as_str()), (2, ""));
}
