//! The JSON Schema of equilaw says what a document is, no more and no less: it accepts the document of every example and refuses damaged ones, and every field of it occurs.

use boon::{Compiler, SchemaIndex, Schemas};
use equilaw::internals::job::library;
use equilaw::internals::model::Model;
use equilaw::internals::report::{SCHEMA, json};
use equilaw::internals::rewrite::RuleBook;
use equilaw::{Options, Report, derive};
use rayon::prelude::*;
use serde_json::{Value, json as value};
use std::collections::BTreeSet;
use std::sync::LazyLock;

static COMPILED: LazyLock<(Schemas, SchemaIndex)> = LazyLock::new(|| {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    let schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    compiler.add_resource("report.json", schema).expect("a resource");
    let index = compiler.compile("report.json", &mut schemas).expect("the schema is one");
    (schemas, index)
});

/// A model without actions, whose symmetries are discovered; one that is refuted, one of families, counted at two ranges, and one of a discrete shift.
const OTHERS: [&str; 4] = [
    "model found\ndim d = 2, h = 2, k = 2, n = 3\nparam W1 : h x d\nparam W2 : k x h\ndata X : d x n\noutput F = W2 * relu(W1 * X)\nloss any",
    "model false\ndim d = 2, h = 2, k = 2, n = 3\nparam W1 : h x d\nparam W2 : k x h\ndata X : d x n\noutput F = W2 * relu(W1 * X)\nloss any
     action basis : g in GL(h) { W1 -> g * W1; W2 -> W2 * inv(g) }",
    "model heads\ndim H = 2, d = 2, k = 1, n = 2\nparam U[i in 1..H] : k x d\nparam V[i in 1..H] : d x k\ndata X : d x n\noutput F = sum(i in 1..H) V[i] * U[i] * X
     loss any\naction basis[i in 1..H] : g in GL(k) { U -> g * U; V -> V * inv(g) }",
    "model phases\ndim d = 2, h = 2, k = 2, n = 3\nparam W : h x d\nparam b : h\nparam V : k x h\ndata X : d x n\noutput F = V * sin(W * X + b * ones(1, n))
     loss any\naction shift : m in Z(h) { b -> b + pi * m; V -> V * diag(cos(pi * m)) }",
];

/// The documents of the examples and of the theorem library, and of the others: derived, measured and counted.
static DOCUMENTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let Ok(book) = RuleBook::builtin() else { panic!("the rules are read") };
    let library = library().expect("the models of the library");
    let examples = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples")).expect("the examples");
    let paths = examples
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "eqv"));
    let examples: Vec<String> = paths.map(|path| std::fs::read_to_string(path).expect("text")).collect();
    let texts: Vec<&str> = examples.iter().map(String::as_str).chain(OTHERS).collect();
    let derived = |text: &&str| {
        derive(&Model::parse("m.eqv", text).expect("a model"), &book, &Options::default()).expect("derived")
    };
    let reproduced =
        library.par_iter().map(|theorem| theorem.reproduce(&book, &Options::default()).expect("derived").report);
    let reports: Vec<Report> = texts.par_iter().map(derived).chain(reproduced).collect();
    reports.par_iter().map(|report| serde_json::from_str(&json(report)).expect("JSON")).collect()
});

fn refusal(document: &Value) -> Option<String> {
    let (schemas, index) = &*COMPILED;
    schemas.validate(document, *index).err().map(|error| error.to_string())
}

#[test]
fn every_document_is_as_the_schema_says() {
    let wrong: Vec<String> =
        DOCUMENTS.par_iter().filter_map(|d| Some(format!("{}: {}", d["model"]["name"], refusal(d)?))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_damaged_is_refused() {
    let whole = DOCUMENTS
        .iter()
        .find(|d| d["model"]["name"] == "relu_mlp" && !d["checks"].as_array().is_none_or(Vec::is_empty))
        .expect("an example");
    assert_eq!(refusal(whole), None);
    let damages: [(&str, Value); 14] = [
        ("/schema", value!(2)),
        ("/version", value!(null)),
        ("/model/size", value!("35")),
        ("/model/params/0/shape", value!(["h"])),
        ("/actions/0/status", value!("true")),
        ("/actions/0/proof/0/term", value!(1)),
        ("/laws/0/order", value!(4)),
        ("/laws/0/kind", value!("theorem")),
        ("/laws/0/theorem", value!("T13")),
        ("/laws/0/statement", value!("d(Q) = 0")),
        ("/laws/0/assumptions/0", value!({ "kind": "motion" })),
        ("/laws/0/assumptions/0", value!({ "kind": "luck" })),
        ("/checks/0/instance", value!({ "seed": -1 })),
        ("/certificate/terms/0", value!({ "sum": "1" })),
    ];
    for (place, damage) in damages {
        let mut damaged = whole.clone();
        *damaged.pointer_mut(place).unwrap_or_else(|| panic!("{place} is there")) = damage;
        assert!(refusal(&damaged).is_some(), "{place}");
    }
    for key in ["schema", "version", "model", "actions", "laws", "missing", "checks", "certificate"] {
        let mut damaged = whole.clone();
        damaged.as_object_mut().expect("an object").remove(key);
        assert!(refusal(&damaged).is_some(), "without {key}");
    }
    let mut damaged = whole.clone();
    damaged["laws"][0]["proof"] = value!([]);
    assert!(refusal(&damaged).is_some(), "a field that does not exist");
}

/// A field that no example has may be misspelt. Those of rules of the user's own, of trajectories, limits of time, unproved claims and the like occur in
/// no example.
#[test]
fn every_field_of_the_schema_occurs() {
    const ELSEWHERE: &[&str] = &[
        "both",
        "constraints",
        "drift",
        "flows",
        "ideal",
        "measured",
        "reached",
        "rules",
        "silent",
        "time_limit_met",
        "unproved",
        "unrelated_values",
        "value",
        "zero",
    ];
    fn declared<'a>(schema: &'a Value, out: &mut BTreeSet<&'a str>) {
        match schema {
            Value::Object(fields) => {
                if let Some(properties) = fields.get("properties").and_then(Value::as_object) {
                    out.extend(properties.keys().map(String::as_str));
                }
                fields.values().for_each(|inner| declared(inner, out));
            }
            Value::Array(all) => all.iter().for_each(|inner| declared(inner, out)),
            _ => {}
        }
    }
    fn occurring<'a>(document: &'a Value, out: &mut BTreeSet<&'a str>) {
        match document {
            Value::Object(fields) => fields.iter().for_each(|(name, inner)| {
                out.insert(name);
                occurring(inner, out);
            }),
            Value::Array(all) => all.iter().for_each(|inner| occurring(inner, out)),
            _ => {}
        }
    }
    let schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
    let (mut fields, mut seen) = (BTreeSet::new(), BTreeSet::new());
    declared(&schema, &mut fields);
    DOCUMENTS.iter().for_each(|document| occurring(document, &mut seen));
    let unseen: Vec<&&str> = fields.difference(&seen).filter(|field| !ELSEWHERE.contains(field)).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}
