//! What both test binaries use: where the repository is, and what of an output is the same on every machine.

use std::path::{Path, PathBuf};

/// The root of the repository.
pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The files of a directory of the repository, by name.
pub fn files(directory: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(Path::new(ROOT).join(directory)).expect("a directory of the repository");
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|p| p.is_file()).collect();
    files.sort();
    files
}

/// Does something with each file of a directory; a snapshot it takes is named after the file too.
pub fn each_file(directory: &str, mut work: impl FnMut(&Path)) {
    for file in files(directory) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_suffix(file.file_name().expect("a file has a name").to_string_lossy());
        settings.bind(|| work(&file));
    }
}

/// The text with every measured number masked: residuals are rounding errors, which differ between processors.
pub fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let number = number(from);
        let in_word = out.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        let scientific = number.contains("e-");
        if !in_word && (scientific || MEASURED.iter().any(|word| out.trim_end().ends_with(word))) {
            out.push('#');
        } else {
            out.push_str(number);
        }
        rest = &from[number.len()..];
    }
    out.push_str(rest);
    out
}

/// The words that stand before a measured number.
const MEASURED: [&str; 5] = ["residual", "\"residual\":", "passed", "drift", "\"drift\":"];

/// The number a text starts with: digits, and where they follow, a fraction and an exponent.
fn number(text: &str) -> &str {
    let digits = |from: usize| text[from..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |n| from + n);
    let mut end = digits(0);
    for (mark, least) in [(".", 1), ("e-", 2)] {
        if text[end..].starts_with(mark) {
            let after = digits(end + least);
            if after > end + least {
                end = after;
            }
        }
    }
    &text[..end]
}
