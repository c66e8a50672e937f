//! The broken twins: models that look like the examples and are not symmetric. Each is refused with a counterexample,
//! and none of its refuted actions yields a law.

use crate::common::{ROOT, each_file, masked};
use crate::run::{Run, binary, run};
use serde_json::Value;
use std::path::Path;

fn derive(model: &Path, format: &str) -> Run {
    run(binary().args(["derive", "--color", "never", "--format", format]).arg(model), Path::new(ROOT))
}

#[test]
fn a_broken_twin_is_refuted_with_a_seed_and_a_residual() {
    each_file("tests/refuted", |model| {
        let ran = derive(model, "text");
        assert_eq!((ran.status, ran.stderr.as_str()), (1, ""), "{}\n{}", model.display(), ran.stdout);
        assert!(ran.stdout.contains("REFUTED"), "{}\n{}", model.display(), ran.stdout);
        insta::assert_snapshot!(masked(&ran.stdout));
    });
}

#[test]
fn a_refuted_action_has_no_law() {
    each_file("tests/refuted", |model| {
        let ran = derive(model, "json");
        let report: Value = serde_json::from_str(&ran.stdout).expect("the output is JSON");
        let refuted: Vec<&Value> = list(&report["actions"]).filter(|a| a["status"] == "refuted").collect();
        assert!(!refuted.is_empty(), "{} is not refuted", model.display());
        for action in refuted {
            let example = &action["counterexample"];
            assert!(example["seed"].is_u64(), "a counterexample has a seed");
            assert!(example["residual"].as_f64().is_some_and(|r| r > 1e-3), "a counterexample is no rounding error");
            assert!(list(&report["laws"]).all(|law| law["action"] != action["name"]), "{}", model.display());
        }
    });
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
