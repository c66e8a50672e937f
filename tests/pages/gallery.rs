//! `docs/gallery.md` is what `equilaw theorems --markdown` writes. `UPDATE_DOCS=1 cargo test --test pages gallery` writes it anew.

use crate::common::{ROOT, masked};
use crate::run::equilaw;
use std::fs;
use std::path::Path;

#[test]
fn the_gallery_is_what_the_library_is_written_as() {
    let ran = equilaw(&["theorems", "--markdown", "-", "--no-checks", "--quiet"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    let path = Path::new(ROOT).join("docs/gallery.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &ran.stdout).expect("the gallery is written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        masked(&written) == masked(&ran.stdout),
        "docs/gallery.md is out of date: run `UPDATE_DOCS=1 cargo test --test pages gallery`"
    );
}
