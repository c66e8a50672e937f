//! The documents tell the truth: every command line of README.md, CONTRIBUTING.md, docs/ and rules/README.md is run, and what it shows is
//! what the tool prints. `UPDATE_DOCS=1 cargo test --test pages docs` writes the outputs anew.
//!
//! In a ```` ```console ```` block a line `$ command` is run by the shell and the lines up to the next one are its output;
//! a status other than 0 has to be shown by `$ echo $?`. A block ```` ```eqv file=NAME ```` is a file that later commands
//! of the document find in their directory, beside `examples` and `rules`.
#![cfg(unix)]

use crate::common::{ROOT, masked};
use crate::run::run;
use equilaw::internals::language::parse_rules;
use equilaw::internals::model::Model;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A directory like the root of the repository, in which a document's files may be written.
fn scratch() -> TempDir {
    let directory = TempDir::new().expect("a temporary directory");
    for name in ["examples", "rules", "tests"] {
        std::os::unix::fs::symlink(Path::new(ROOT).join(name), directory.path().join(name)).expect("a link");
    }
    directory
}

fn documents() -> Vec<PathBuf> {
    let docs = fs::read_dir(Path::new(ROOT).join("docs")).expect("docs/ is there");
    let mut paths: Vec<PathBuf> = docs.map(|entry| entry.expect("an entry of docs/").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "md"));
    paths.extend(["README.md", "CONTRIBUTING.md", "rules/README.md"].map(|name| Path::new(ROOT).join(name)));
    paths.sort();
    paths
}

/// A document in pieces: what is outside of blocks, with the fences, and what is inside, with the block's label.
enum Piece<'a> {
    Prose(&'a str),
    Block { label: &'a str, body: String },
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut label = None;
    let mut body = String::new();
    for line in text.split_inclusive('\n') {
        match (label, line.strip_prefix("```")) {
            (None, Some(rest)) => {
                label = Some(rest.trim());
                out.push(Piece::Prose(line));
            }
            (Some(open), Some(_)) => {
                out.push(Piece::Block { label: open, body: std::mem::take(&mut body) });
                out.push(Piece::Prose(line));
                label = None;
            }
            (None, None) => out.push(Piece::Prose(line)),
            (Some(_), None) => body.push_str(line),
        }
    }
    assert!(label.is_none(), "a block is not closed");
    out
}

/// What a console block should say: its commands, each with its real output. `Err` names a command that ended with a
/// status it does not show.
fn session(block: &str, directory: &Path) -> Result<String, String> {
    let mut out = String::new();
    let mut status = 0;
    let commands: Vec<&str> = block.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    for (i, command) in commands.iter().enumerate() {
        out.push_str(&format!("$ {command}\n"));
        if *command == "echo $?" {
            out.push_str(&format!("{status}\n"));
            continue;
        }
        let binary = Path::new(env!("CARGO_BIN_EXE_equilaw")).parent().map(PathBuf::from);
        let others = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(binary.into_iter().chain(std::env::split_paths(&others)));
        let mut shell = Command::new("sh");
        shell.env("PATH", path.expect("a path")).args(["-c", &format!("exec 2>&1; {command}")]);
        let ran = run(&mut shell, directory);
        assert_eq!(ran.stderr, "", "the shell shows what a terminal would");
        status = ran.status;
        if status != 0 && commands.get(i + 1) != Some(&"echo $?") {
            return Err(format!("`{command}` ends with status {status}:\n{}", ran.stdout));
        }
        out.extend(ran.stdout.lines().map(|line| format!("{}\n", line.trim_end())));
    }
    Ok(out)
}

#[test]
fn every_command_of_the_documents_prints_what_they_show() {
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    let mut wrong = Vec::new();
    for path in documents() {
        let text = fs::read_to_string(&path).expect("the document is text");
        let directory = scratch();
        let mut new = String::new();
        for piece in pieces(&text) {
            match piece {
                Piece::Prose(prose) => new.push_str(prose),
                Piece::Block { label: "console", body } => match session(&body, directory.path()) {
                    Ok(real) => new.push_str(if masked(&real) == masked(&body) { &body } else { &real }),
                    Err(error) => {
                        wrong.push(format!("{}: {error}", path.display()));
                        new.push_str(&body);
                    }
                },
                Piece::Block { label, body } => {
                    if let Some((_, name)) = label.split_once("file=") {
                        fs::write(directory.path().join(name), &body).expect("the file is written");
                    }
                    new.push_str(&body);
                }
            }
        }
        if new != text && update {
            fs::write(&path, &new).expect("the document is written");
        } else if new != text {
            let differs = new.lines().zip(text.lines()).find(|(new, old)| new != old);
            let (new, old) = differs.unwrap_or(("more or fewer lines", ""));
            wrong.push(format!("{}:\n  shown: {old}\n  real:  {new}", path.display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "run `UPDATE_DOCS=1 cargo test --test pages docs` and read the change\n{}",
        wrong.join("\n")
    );
}

/// Whole models in a document are models; those shown for their errors have a console block that says so.
#[test]
fn every_model_and_rule_file_of_the_documents_parses() {
    let mut count = 0;
    for path in documents() {
        let text = fs::read_to_string(&path).expect("the document is text");
        for piece in pieces(&text) {
            let Piece::Block { label, body } = piece else { continue };
            let name = path.display().to_string();
            let errors = match label.split_whitespace().next().unwrap_or_default() {
                "eqv" => Model::parse(&name, &body).err(),
                "rules" => parse_rules(&name, &body).err(),
                _ => continue,
            };
            count += 1;
            assert!(errors.is_none(), "{}\n{body}", errors.map(|e| e.render(false, 100)).unwrap_or_default());
        }
    }
    assert!(count > 0, "the documents show models and rules");
}

/// Every relative link of a document leads to a file.
#[test]
fn links_of_the_documents_lead_somewhere() {
    for path in documents() {
        let text = fs::read_to_string(&path).expect("the document is text");
        let prose: String = pieces(&text)
            .iter()
            .filter_map(|p| if let Piece::Prose(prose) = p { Some(*prose) } else { None })
            .collect();
        for link in prose.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            if file.starts_with("http") {
                continue;
            }
            let target = if file.is_empty() {
                path.clone()
            } else {
                path.parent().expect("a document is in a directory").join(file)
            };
            assert!(target.exists(), "{} links to {link}, which is not there", path.display());
            if !anchor.is_empty() {
                let target = fs::read_to_string(&target).expect("an anchor is in a document");
                let found = target.lines().filter(|l| l.starts_with('#')).any(|l| slug(l) == anchor);
                assert!(found, "{} links to {link}, but there is no such heading", path.display());
            }
        }
    }
}

/// The anchor of a heading.
fn slug(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    words
        .chars()
        .filter_map(|c| if c == ' ' { Some('-') } else { (c.is_alphanumeric() || "-_".contains(c)).then_some(c) })
        .collect()
}

#[test]
fn only_measured_numbers_are_masked() {
    let text = "14 of 14 passed, worst residual 3.1e-15 (seed 0)\n\"residual\": 0.0, h1=5, W2 -> W2 * D^-3, 1/2";
    let expected = "14 of 14 passed, worst residual # (seed 0)\n\"residual\": #, h1=5, W2 -> W2 * D^-3, 1/2";
    assert_eq!(masked(text), expected);
}

#[test]
fn every_kind_of_law_has_its_standing() {
    let trust = fs::read_to_string(Path::new(ROOT).join("docs/trust.md")).expect("a document");
    for row in equilaw::internals::kernel::CATALOGUE {
        assert!(trust.contains(&format!("`{}`", row.path)), "docs/trust.md says nothing of `{}`", row.path);
    }
}
