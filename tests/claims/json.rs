//! The JSON is what `docs/json.md` says: the tables of that page are read, and each document is held against them.

use crate::{BOOK, REPORTS, common::ROOT};
use equilaw::internals::job::library;
use equilaw::internals::model::Inside;
use equilaw::internals::report::json;
use equilaw::{Options, derive};
use rayon::prelude::*;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A row of a table: a field, its type, and what is said of it.
struct Field {
    kinds: String,
    meaning: String,
}

/// A section of the page: its fields, and its whole text.
#[derive(Default)]
struct Section {
    fields: BTreeMap<String, Field>,
    text: String,
}

/// The sections of the page by their headings.
fn documented() -> BTreeMap<String, Section> {
    let page = std::fs::read_to_string(format!("{ROOT}/docs/json.md")).expect("the page is there");
    let mut sections: BTreeMap<String, Section> = BTreeMap::new();
    let mut heading = String::new();
    for line in page.lines() {
        if line.starts_with('#') {
            heading = line.trim_start_matches('#').trim().to_string();
        }
        let section = sections.entry(heading.clone()).or_default();
        section.text += &format!("{line}\n");
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [names, kinds, meaning] = cells[..] else { continue };
        for name in names.split(", ").filter_map(|n| n.strip_prefix('`')?.strip_suffix('`')) {
            let field = Field { kinds: kinds.to_string(), meaning: meaning.to_string() };
            section.fields.insert(name.to_string(), field);
        }
    }
    sections
}

/// The section that describes what a field of a section holds.
fn section_of(section: &str, field: &str) -> Option<&'static str> {
    Some(match (section, field) {
        ("The object", "model") => "Model",
        ("The object", "actions") => "Actions",
        ("The object", "laws") => "Laws",
        ("The object", "checks") => "Checks",
        ("The object", "flows") => "Flows",
        ("The object", "certificate") => "Certificate",
        ("Laws", "generators") => "Generators",
        ("Laws", "structure") => "Structures",
        ("Laws", "steps") => "Steps",
        ("Laws", "assumptions") => "Assumptions",
        _ => return None,
    })
}

/// Whether a name is written in a text as a field: as code, or quoted.
fn mentions(text: &str, name: &str) -> bool {
    text.contains(&format!("`{name}`")) || text.contains(&format!("\"{name}\""))
}

struct Page(BTreeMap<String, Section>);

impl Page {
    /// Holds an object against the table of a section.
    fn object(&self, section: &str, at: &str, object: &Map<String, Value>) {
        let fields = &self.0.get(section).unwrap_or_else(|| panic!("no section {section}")).fields;
        assert!(!fields.is_empty(), "{section} has no table");
        for name in object.keys() {
            assert!(fields.contains_key(name), "{at}.{name} is not documented");
        }
        for (name, field) in fields {
            match object.get(name) {
                Some(value) => self.field(section, name, &format!("{at}.{name}"), field, value),
                None => {
                    let absent = ["optional", "absent", "left out"]
                        .iter()
                        .any(|word| field.kinds.contains(word) || field.meaning.contains(word));
                    assert!(absent, "{at}.{name} is missing");
                }
            }
        }
    }

    fn field(&self, section: &str, name: &str, at: &str, field: &Field, value: &Value) {
        let kinds = field.kinds.as_str();
        let fits = match value {
            Value::Null => kinds.contains("nullable"),
            Value::Bool(_) => kinds.starts_with("boolean"),
            Value::Number(_) => kinds.starts_with("number"),
            Value::String(_) => kinds.starts_with("string"),
            Value::Object(_) => kinds.starts_with("object"),
            Value::Array(all) if kinds.starts_with("array of strings") => all.iter().all(Value::is_string),
            Value::Array(all) if kinds.starts_with("array of numbers") => all.iter().all(Value::is_number),
            Value::Array(_) => kinds.starts_with("array"),
        };
        assert!(fits, "{at} is documented as {kinds}: {value}");
        // Where the page lists the values, it lists them all.
        if let Value::String(text) = value
            && ["kind", "status", "source", "dynamics"].contains(&name)
            && field.meaning.contains("`\"")
        {
            assert!(field.meaning.contains(&format!("`\"{text}\"`")), "{at}: {text} is not among {}", field.meaning);
        }
        let objects: Vec<&Map<String, Value>> = match value {
            Value::Object(object) => vec![object],
            Value::Array(all) => all.iter().filter_map(Value::as_object).collect(),
            _ => vec![],
        };
        for (i, object) in objects.into_iter().enumerate() {
            match section_of(section, name) {
                Some(inner) => self.object(inner, &format!("{at}[{i}]"), object),
                None => self.inline(section, name, &format!("{at}[{i}]"), field, object),
            }
        }
    }

    /// An object without a table: each field is named where its row, its section, or another page describes it.
    fn inline(&self, section: &str, name: &str, at: &str, field: &Field, object: &Map<String, Value>) {
        // Their fields are the names of sizes and of parameters.
        if ["dims", "components", "tangent", "adjoint", "derivative"].contains(&name) {
            return;
        }
        let elsewhere = match name {
            "completeness" | "discovery" => {
                std::fs::read_to_string(format!("{ROOT}/docs/exactness.md")).expect("the page is there")
            }
            _ => String::new(),
        };
        for key in object.keys() {
            let named = [&field.meaning, &self.0[section].text, &elsewhere].iter().any(|text| mentions(text, key));
            assert!(named, "{at}.{key} is not documented");
        }
    }
}

#[test]
fn every_document_has_the_documented_fields_and_no_others() {
    let page = Page(documented());
    let parsed = |text: &str| -> Value { serde_json::from_str(text).expect("the output is JSON") };
    for (name, report) in REPORTS.iter() {
        let document = parsed(&json(report));
        page.object("The object", name, document.as_object().expect("an object"));
    }
    // With checks, flows and a count.
    let options = Options { checks: true, flows: true, ..Options::bare() };
    let theorems = library().expect("every file of the library is a model");
    for theorem in
        theorems.iter().filter(|t| ["relu_mlp", "neuron_permutation", "heavy_ball_rotation"].contains(&t.name()))
    {
        let reproduced = theorem.reproduce(&BOOK, &options).expect("a model that can be evaluated");
        let document = parsed(&json(&reproduced.report));
        for field in ["checks", "flows"] {
            assert!(document[field].as_array().is_some_and(|all| !all.is_empty()), "{}: {field}", theorem.name());
        }
        page.object("The object", theorem.name(), document.as_object().expect("an object"));
    }
}

/// Tables are hashed with a new seed for each table, so that an order that came from one would differ.
#[test]
fn the_same_model_gives_the_same_bytes() {
    REPORTS.par_iter().for_each(|(name, report)| {
        let options = Options { checks: false, ..Options::bare() };
        let again = derive(report.inside().model, &BOOK, &options).expect("derived before");
        assert!(json(&again) == json(report), "{name}");
    });
}

#[test]
fn what_a_document_refers_to_is_in_it() {
    for (name, report) in REPORTS.iter() {
        let document: Value = serde_json::from_str(&json(report)).expect("the output is JSON");
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let laws = list(&document["laws"]);
        let ids: Vec<&str> = laws.iter().filter_map(|law| law["id"].as_str()).collect();
        let actions = list(&document["actions"]);
        assert_eq!(ids.len(), report.inside().laws.len(), "{name}");
        assert!((1..ids.len()).all(|i| !ids[..i].contains(&ids[i])), "{name}: two laws have one id");
        for law in &laws {
            let at = || format!("{name}: {}", law["id"]);
            assert!(
                list(&law["premises"]).iter().all(|id| id.as_str().is_some_and(|id| ids.contains(&id))),
                "{}",
                at()
            );
            assert!(law["action"].is_null() || actions.iter().any(|a| a["name"] == law["action"]), "{}", at());
            for (i, step) in list(&law["steps"]).iter().enumerate() {
                assert!(list(&step["premises"]).iter().all(|p| p.as_u64().is_some_and(|p| p < i as u64)), "{}", at());
                assert_eq!(step["start"].is_string(), step["chain"].is_array(), "{}", at());
            }
        }
    }
}
