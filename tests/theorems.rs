//! The theorem library: every entry is reproduced as it expects, and reads as text, LaTeX and JSON. Accept a change with
//! `INSTA_UPDATE=always cargo test --test theorems` and read the difference as a mathematician.

mod common;

use assert_cmd::Command;
use common::{ROOT, Run, masked, run};
use equilaw::job::{Reproduction, Theorem, library};
use equilaw::model::Model;
use equilaw::report::{LatexOptions, TextOptions, json, latex, text};
use equilaw::rewrite::RuleBook;
use equilaw::{Options, job::Origin};
use rayon::prelude::*;
use serde_json::Value;
use std::path::Path;
use std::sync::OnceLock;

fn theorems() -> &'static [Theorem] {
    static LIBRARY: OnceLock<Vec<Theorem>> = OnceLock::new();
    LIBRARY.get_or_init(|| library().expect("every file of the library is a model"))
}

fn reproductions() -> &'static [Reproduction<'static>] {
    static REPRODUCTIONS: OnceLock<Vec<Reproduction<'static>>> = OnceLock::new();
    REPRODUCTIONS.get_or_init(|| {
        let book = RuleBook::builtin().expect("the built-in rules are rules");
        let options = Options { checks: true, ..Options::bare() };
        theorems().par_iter().map(|t| t.reproduce(&book, &options).expect("a model that can be evaluated")).collect()
    })
}

fn equilaw(arguments: &[&str]) -> Run {
    let mut command = Command::cargo_bin("equilaw").expect("the binary is built");
    run(command.args(arguments), Path::new(ROOT))
}

/// Asserts the snapshot of every theorem in one format; all that differ are told at once.
fn snapshots(format: &str, written: impl Fn(&Reproduction) -> String) {
    for reproduction in reproductions() {
        let name = format!("{format}@{}", reproduction.theorem.name());
        insta::with_settings!({ snapshot_path => "theorems", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, written(reproduction));
        });
    }
}

#[test]
fn every_theorem_is_reproduced_as_it_expects() {
    let wrong: Vec<&str> = reproductions().iter().filter(|r| !r.is_as_expected()).map(|r| r.theorem.name()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn every_theorem_reads_as_text() {
    snapshots("text", |r| masked(&text(&r.report, TextOptions { all: true, ..TextOptions::default() })));
}

#[test]
fn every_theorem_reads_as_latex() {
    snapshots("latex", |r| masked(&latex(&r.report, LatexOptions::default())));
}

/// One action, law or check in a line. The proofs are in the LaTeX; here they are counted.
#[test]
fn every_theorem_reads_as_json() {
    snapshots("json", |r| {
        let mut document: Value = serde_json::from_str(&json(&r.report)).expect("the output is JSON");
        let mut out = String::new();
        let mut line = |name: &str, value: &Value| out.push_str(&format!("{name} {value}\n"));
        line("model", &document["model"]);
        for (list, proof) in [("actions", "proof"), ("laws", "steps"), ("missing", ""), ("checks", "")] {
            for entry in document[list].as_array_mut().into_iter().flatten() {
                if let Some(steps) = entry.get_mut(proof) {
                    *steps = Value::from(steps.as_array().map_or(0, Vec::len));
                }
                line(list, entry);
            }
        }
        line("completeness", &document["completeness"]);
        masked(&out)
    });
}

#[test]
fn every_theorem_is_named_after_its_file_and_names_sources_and_what_is_expected() {
    for theorem in theorems() {
        let directory = match theorem.origin {
            Origin::Literature => "examples/theorems",
            Origin::New => "examples/new",
        };
        let file = Path::new(ROOT).join(directory).join(format!("{}.eqv", theorem.name()));
        assert_eq!(std::fs::read_to_string(&file).ok().as_deref(), Some(theorem.text), "{}", file.display());
        assert!(!theorem.title().is_empty(), "{} has no title", theorem.name());
        assert!(!theorem.expected().is_empty(), "{} expects nothing", theorem.name());
        assert!(!theorem.sources().is_empty(), "{} has no source", theorem.name());
        for source in theorem.sources() {
            let (_, rest) = source.split_once('"').unwrap_or_else(|| panic!("{source}: no title"));
            assert!(rest.contains('"') && rest.contains(|c: char| c.is_ascii_digit()), "{source}: no year");
        }
    }
}

/// An example and the theorem of its name state one model; the theorem may have more actions.
#[test]
fn an_example_is_the_model_of_the_theorem_of_its_name() {
    let mut common = 0;
    for theorem in theorems() {
        let file = Path::new(ROOT).join("examples").join(format!("{}.eqv", theorem.name()));
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let example = Model::parse("example", &text).expect("an example is a model");
        assert_eq!(
            (&example.lets, &example.output),
            (&theorem.model.lets, &theorem.model.output),
            "{}",
            theorem.name()
        );
        assert_eq!(
            (&example.params, &example.loss),
            (&theorem.model.params, &theorem.model.loss),
            "{}",
            theorem.name()
        );
        assert!(example.actions.iter().all(|a| theorem.model.actions.contains(a)), "{}", theorem.name());
        common += 1;
    }
    assert!(common > 5);
}

#[test]
fn the_library_lists_every_theorem_with_its_sources() {
    let listed = equilaw(&["theorems"]);
    assert_eq!((listed.status, listed.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(listed.stdout);
    let listed: Value = serde_json::from_str(&equilaw(&["theorems", "--format", "json"]).stdout).expect("JSON");
    let names: Vec<&str> =
        listed["theorems"].as_array().into_iter().flatten().filter_map(|t| t["name"].as_str()).collect();
    assert_eq!(names, theorems().iter().map(Theorem::name).collect::<Vec<_>>());
}

#[test]
fn all_theorems_have_a_line_each_the_same_for_any_number_of_threads() {
    let all = equilaw(&["theorems", "--all", "--no-flows"]);
    assert_eq!((all.status, all.stderr.as_str()), (0, ""), "{}", all.stdout);
    insta::assert_snapshot!(all.stdout);
    let mut command = Command::cargo_bin("equilaw").expect("the binary is built");
    let one = run(command.args(["theorems", "--all", "--no-flows"]).env("RAYON_NUM_THREADS", "1"), Path::new(ROOT));
    assert_eq!(one.stdout, all.stdout);
}

/// A quadratic loss has no third derivatives, and what is left of them is rounding: the checks must not depend on it.
#[test]
fn every_theorem_holds_at_another_seed() {
    let all = equilaw(&["theorems", "--all", "--no-flows", "--seed", "1", "--quiet"]);
    assert_eq!((all.status, all.stdout.as_str(), all.stderr.as_str()), (0, "", ""));
}

#[test]
fn no_law_of_any_theorem_drifts_along_its_trajectories() {
    let all = equilaw(&["theorems", "--all", "--quiet"]);
    assert_eq!((all.status, all.stdout.as_str(), all.stderr.as_str()), (0, "", ""));
}

#[test]
fn a_theorem_is_reproduced_in_every_format_with_its_certificate() {
    let named = |format: &str| equilaw(&["theorems", "attention", "--format", format]);
    assert!(named("text").stdout.contains("complete: at most 9 laws exist, 9 are known"));
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
