//! Every example as a reader sees it: the reports of the binary as text, LaTeX and JSON. Accept a change of a law with
//! `INSTA_UPDATE=always cargo test --test examples` and read the difference as a mathematician.

mod common;

use assert_cmd::Command;
use common::{ROOT, masked, run};
use std::path::Path;

/// The report of the example in some format; every action must be proved and every check passed.
fn report(example: &Path, format: &str) -> String {
    let mut command = Command::cargo_bin("equilaw").expect("the binary is built");
    command.args(["derive", "--color", "never", "--format", format]).arg(example);
    let ran = run(&mut command, Path::new(ROOT));
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}\n{}", example.display(), ran.stdout);
    masked(&ran.stdout)
}

#[test]
fn every_example_is_proved_and_its_laws_read_as_text() {
    insta::glob!("../examples", "*.eqv", |example| insta::assert_snapshot!(report(example, "text")));
}

#[test]
fn every_example_is_proved_and_its_laws_read_as_latex() {
    insta::glob!("../examples", "*.eqv", |example| insta::assert_snapshot!(report(example, "latex")));
}

#[test]
fn every_example_is_proved_and_its_laws_read_as_json() {
    insta::glob!("../examples", "*.eqv", |example| insta::assert_snapshot!(report(example, "json")));
}
