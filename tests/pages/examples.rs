//! The examples as a reader sees them: what the binary says of every one, and four articles and a JSON document in full. What holds of every
//! article and every document is a property in `tests/claims/`.

use crate::common::{ROOT, files, masked};
use crate::run::{binary, run};
use std::path::Path;

/// The report of the example in some format; every action must be proved and every check passed.
fn report(example: &Path, format: &str) -> String {
    let ran = run(binary().args(["derive", "--color", "never", "--format", format]).arg(example), Path::new(ROOT));
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}\n{}", example.display(), ran.stdout);
    masked(&ran.stdout)
}

#[test]
fn every_example_is_proved_and_its_laws_read_as_text() {
    for example in files("examples").iter().filter(|file| file.extension().is_some_and(|e| e == "eqv")) {
        let name = example.file_stem().expect("a name").to_string_lossy();
        insta::assert_snapshot!(format!("text_{name}"), report(example, "text"));
    }
}

/// Of a network, of attention, of a dynamics that is not gradient flow, and of a finite group.
#[test]
fn four_articles_read_as_accepted() {
    for example in ["relu_mlp", "attention", "theorems/heavy_ball_rotation", "theorems/neuron_permutation"] {
        let article = report(Path::new(&format!("examples/{example}.eqv")), "latex");
        let name = example.rsplit('/').next().unwrap_or(example);
        insta::assert_snapshot!(format!("article_{name}"), article);
    }
}

#[test]
fn a_document_reads_as_accepted() {
    insta::assert_snapshot!("json_relu_mlp", report(Path::new("examples/relu_mlp.eqv"), "json"));
}
