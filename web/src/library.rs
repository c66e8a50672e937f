//! The models of `examples/`.

use equilaw::Model;
use include_dir::{Dir, include_dir};
use serde::Serialize;

static EXAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../examples");

/// Where models are, and what they are.
const GROUPS: [(&str, &str); 3] =
    [("theorems", "Known theorems"), ("new", "New theorems"), ("architectures", "Whole architectures")];

#[derive(Serialize)]
struct Entry {
    file: String,
    group: &'static str,
    name: String,
    title: String,
    source: String,
    text: &'static str,
}

pub fn json() -> String {
    let mut all = Vec::new();
    for (directory, group) in GROUPS {
        let mut files: Vec<_> = EXAMPLES.get_dir(directory).into_iter().flat_map(|found| found.files()).collect();
        files.retain(|file| file.path().extension().is_some_and(|extension| extension == "eqv"));
        files.sort_by_key(|file| file.path());
        all.extend(
            files.into_iter().filter_map(|file| entry(group, &file.path().to_string_lossy(), file.contents_utf8()?)),
        );
    }
    // Strings always serialize.
    serde_json::to_string(&all).unwrap_or_default()
}

fn entry(group: &'static str, file: &str, text: &'static str) -> Option<Entry> {
    let model = Model::parse(file, text).ok()?;
    let source = text.lines().find_map(|line| line.strip_prefix("# Source:")).unwrap_or_default().trim().to_string();
    let (name, title) = (model.name().to_string(), model.title().unwrap_or_default().to_string());
    Some(Entry { file: file.to_string(), group, name, title, source, text })
}
