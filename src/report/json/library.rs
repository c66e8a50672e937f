//! The theorem library as JSON.

use crate::job::{Origin, Reproduction, Theorem};
use crate::report::completeness::count_json;
use serde_json::{Value, json};

/// Every theorem with its title, sources and expected laws.
pub fn library_json(library: &[Theorem]) -> String {
    document(library.iter().map(theorem).collect())
}

/// What became of every theorem.
pub fn reproductions_json(reproductions: &[Reproduction]) -> String {
    let row = |r: &Reproduction| {
        let mut out = theorem(r.theorem);
        let passed = r.report.checks.iter().filter(|c| c.passed).count();
        out["actions"] = json!({ "proved": r.proved(), "of": r.report.actions.len() });
        out["laws"] = json!(r.report.laws.len());
        out["checks"] = json!({ "passed": passed, "of": r.report.checks.len() });
        let larger = r.report.larger.as_ref();
        out["completeness"] = r.report.completeness.as_ref().map_or(Value::Null, |count| count_json(count, larger));
        out["as_expected"] = json!(r.is_as_expected());
        out
    };
    document(reproductions.iter().map(row).collect())
}

fn theorem(theorem: &Theorem) -> Value {
    json!({
        "name": theorem.name(),
        "title": theorem.title(),
        "new": theorem.origin == Origin::New,
        "sources": theorem.sources(),
        "expected": theorem.expected(),
        "incomplete": theorem.incomplete(),
    })
}

fn document(theorems: Vec<Value>) -> String {
    // Keys are strings and values plain data, which always serializes.
    serde_json::to_string_pretty(&json!({ "schema": 1, "theorems": theorems })).unwrap_or_default() + "\n"
}
