//! `docs/gallery.md` is written by the tool: every model of `examples/` with its sources, actions and laws of gradient flow.
//! `UPDATE_DOCS=1 cargo test --test pages gallery` writes it anew.

use crate::common::{ROOT, masked};
use crate::run::{binary, run};
use std::fs;
use std::path::{Path, PathBuf};

const INTRODUCTION: &str = "\
# Gallery

What equilaw derives for each model of [`examples/`](../examples): its actions, each proved, and what gradient flow conserves or changes
at a known rate. Every model has more laws than stand here, on the gradient, the Hessian and other dynamics:
`equilaw derive FILE --all` prints them, `--format latex --standalone` and `--format html` prove them. This page is generated;
`UPDATE_DOCS=1 cargo test --test pages gallery` writes it anew.
";

/// The models, the examples first, then the library and whole architectures, by name.
fn models() -> Vec<PathBuf> {
    let mut all = Vec::new();
    for directory in ["examples", "examples/theorems", "examples/architectures"] {
        let Ok(entries) = fs::read_dir(Path::new(ROOT).join(directory)) else { continue };
        let mut files: Vec<PathBuf> = entries.map(|e| e.expect("an entry of examples/").path()).collect();
        // Published architectures have a page of their own, docs/architectures.md.
        let published = |f: &Path| directory.ends_with("architectures") && !f.ends_with("transformer.eqv");
        files.retain(|f| f.extension().is_some_and(|e| e == "eqv") && !published(f));
        files.sort();
        all.extend(files);
    }
    all
}

/// The lines of a report from its model to its laws of gradient flow.
fn laws(file: &Path) -> String {
    let ran = run(binary().args(["derive", "--no-checks", "--color", "never"]).arg(file), Path::new(ROOT));
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}", file.display());
    let told = ["Actions", "Conserved", "Rates"];
    let mut out: Vec<String> = Vec::new();
    for (i, section) in ran.stdout.split("\n\n").enumerate() {
        if i == 0 || told.iter().any(|heading| section.trim_start().starts_with(heading)) {
            out.push(section.trim_end().to_string());
        }
    }
    out.join("\n\n")
}

/// The comment lines at the head of a file: what is said, and the sources.
fn header(text: &str) -> (Vec<String>, Vec<String>) {
    let lines = text.lines().take_while(|l| l.starts_with('#')).map(|l| l.trim_start_matches('#').trim().to_string());
    let (mut said, mut sources) = (Vec::new(), Vec::<String>::new());
    for line in lines.filter(|l| !l.is_empty()) {
        match line.strip_prefix("Source:") {
            Some(source) => sources.push(source.trim().to_string()),
            None if line.starts_with("Expected:") => {}
            None => said.push(line),
        }
    }
    (said, sources)
}

#[test]
fn the_gallery_shows_what_the_tool_derives() {
    let mut page = INTRODUCTION.to_string();
    for file in models() {
        let text = fs::read_to_string(&file).expect("a model is text");
        let (said, sources) = header(&text);
        let name = file.file_stem().expect("a name").to_string_lossy().to_string();
        let place = file.strip_prefix(ROOT).expect("a model of the project").display().to_string();
        page.push_str(&format!("\n## {name}\n\n"));
        if !said.is_empty() {
            page.push_str(&format!("{}\n", said.join("\n")));
        }
        for source in sources {
            page.push_str(&format!("\n*{source}*\n"));
        }
        page.push_str(&format!("\n[`{place}`](../{place})\n\n```text\n{}\n```\n", laws(&file)));
    }
    let path = Path::new(ROOT).join("docs/gallery.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).expect("the gallery is written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        masked(&written) == masked(&page),
        "docs/gallery.md is out of date: run `UPDATE_DOCS=1 cargo test --test pages gallery`"
    );
}
