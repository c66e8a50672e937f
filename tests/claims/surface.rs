//! The public surface: how large it is, and that no signature or field of it has a type of a library whose versions are not ours
//! to promise.

use crate::common::ROOT;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The names of egg, petgraph, faer and smallvec, of the types of theirs that are used, and of ours that stand for one.
const FOREIGN: &[&str] = &[
    "egg", "petgraph", "faer", "smallvec", "Symbol", "Expr", "RecExpr", "Id", "Args", "SmallVec", "Mat", "MatRef",
    "DiGraph",
];

/// What `lib.rs` exports, `internals` left out: rooms and names.
fn exported() -> Vec<(String, String)> {
    let lib = fs::read_to_string(Path::new(ROOT).join("src/lib.rs")).expect("the library");
    let lib = lib.split("pub mod internals").next().unwrap_or_default();
    let statements = lib.split(';').filter_map(|statement| statement.split("\npub use ").nth(1));
    let mut out = Vec::new();
    for (room, names) in statements.filter_map(|statement| statement.split_once("::")) {
        let names = names.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|name| !name.is_empty());
        out.extend(names.map(|name| (room.to_string(), name.to_string())));
    }
    out
}

/// The code of a room without comments and tests, every file after the other.
fn code(room: &str) -> String {
    let mut out = String::new();
    let mut open = vec![Path::new(ROOT).join("src").join(room)];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).expect("a room") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).expect("UTF-8");
                let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_string();
                out.extend(text.lines().filter(|l| !l.trim_start().starts_with("//")).map(|l| format!("{l}\n")));
            }
        }
    }
    out
}

/// The items that begin with one of some heads, each up to the brace that closes it.
fn items<'a>(code: &'a str, heads: &[String]) -> Vec<&'a str> {
    let mut out = Vec::new();
    for head in heads {
        for (at, _) in code.match_indices(head.as_str()) {
            let rest = &code[at..];
            let named = rest[head.len()..].starts_with(|c: char| !(c.is_alphanumeric() || c == '_'));
            let line = rest.find('\n').unwrap_or(rest.len());
            let ends = if rest[..line].ends_with(';') { line } else { rest.find("\n}\n").unwrap_or(rest.len()) };
            if named && (at == 0 || code[..at].ends_with('\n')) {
                out.push(&rest[..ends]);
            }
        }
    }
    out
}

/// What a user sees of an item: the fields of a struct that are public, the variants of an enum, the signatures of functions.
fn seen(item: &str) -> Vec<String> {
    let lines = item.lines().enumerate();
    let is_open = item.starts_with("pub enum") || item.starts_with("pub trait");
    let mut out = Vec::new();
    let mut hidden = false;
    for (i, line) in lines {
        let start = line.trim_start();
        let function = start.starts_with("pub fn ");
        let field = (start.starts_with("pub ") && !function) || (is_open && i > 0);
        if (function || field) && !hidden {
            // A signature goes on until its body.
            let rest: Vec<&str> = item.lines().skip(i).collect();
            let rest = rest.join(" ");
            let end = if function { rest.find(" {").unwrap_or(rest.len()) } else { line.len().min(rest.len()) };
            out.push(rest[..end].to_string());
        }
        hidden = start.starts_with("#[doc(hidden)]");
    }
    out
}

#[test]
fn no_public_signature_has_a_type_of_another_library() {
    let mut wrong = BTreeSet::new();
    let mut looked = 0;
    for (room, name) in exported() {
        let here = code(&room);
        let kinds = ["struct", "enum", "trait", "fn"].map(|kind| format!("pub {kind} {name}"));
        let impls = ["impl ", "impl<'a> "].map(|head| format!("{head}{name}"));
        let mut found = items(&here, &kinds);
        let declared = found.len();
        let beside = [code("api"), code("language")];
        found.extend(items(&here, &impls));
        found.extend(beside.iter().flat_map(|code| items(code, &impls)));
        // `LawKind` is another name of a kind of the kernel, which has no fields.
        assert!(declared > 0 || name == "LawKind", "{name} is not declared in src/{room}");
        for part in found.iter().flat_map(|item| seen(item)) {
            looked += 1;
            let mut words = part.split(|c: char| !(c.is_alphanumeric() || c == '_'));
            if words.any(|word| FOREIGN.contains(&word)) {
                wrong.insert(format!("{room}::{name}: {part}"));
            }
        }
    }
    assert!(looked > 150, "{looked}");
    assert!(wrong.is_empty(), "{}", Vec::from_iter(wrong).join("\n"));
}

#[test]
fn the_public_surface_is_small() {
    let names = exported();
    assert!(names.len() > 25 && names.len() < 41, "{}: {names:?}", names.len());
}
