//! The theorem library: every entry is reproduced as it expects, and reads as text. Accept a change with
//! `INSTA_UPDATE=always cargo test --test claims theorems` and read the difference as a mathematician.

use crate::common::{ROOT, masked};
use crate::{BOOK, read};
use equilaw::Options;
use equilaw::internals::job::{Origin, Reproduction, Theorem, library};
use equilaw::internals::model::Inside;
use equilaw::internals::report::{TextOptions, text};
use rayon::prelude::*;
use std::path::Path;
use std::sync::LazyLock;

static LIBRARY: LazyLock<Vec<Theorem>> = LazyLock::new(|| library().expect("every file of the library is a model"));

/// What is derived of every theorem, measured and counted.
pub static REPRODUCTIONS: LazyLock<Vec<Reproduction<'static>>> = LazyLock::new(|| {
    let options = Options { checks: true, ..Options::bare() };
    LIBRARY.par_iter().map(|t| t.reproduce(&BOOK, &options).expect("a model that can be evaluated")).collect()
});

#[test]
fn every_theorem_is_reproduced_as_it_expects() {
    let wrong: Vec<&str> = REPRODUCTIONS.iter().filter(|r| !r.is_as_expected()).map(|r| r.theorem.name()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn every_theorem_reads_as_text() {
    for reproduction in REPRODUCTIONS.iter() {
        let name = format!("text@{}", reproduction.theorem.name());
        let written = text(&reproduction.report, TextOptions { all: true, ..TextOptions::default() });
        insta::with_settings!({
            snapshot_path => "../theorems", prepend_module_to_snapshot => false, omit_expression => true,
        }, { insta::assert_snapshot!(name, masked(&written)); });
    }
}

#[test]
fn every_theorem_is_named_after_its_file_and_names_sources_and_what_is_expected() {
    for theorem in LIBRARY.iter() {
        let directory = match theorem.origin {
            Origin::Literature => "examples/theorems",
            Origin::New => "examples/new",
        };
        let file = Path::new(ROOT).join(directory).join(format!("{}.eqv", theorem.name()));
        assert_eq!(std::fs::read_to_string(&file).ok().as_deref(), Some(theorem.text), "{}", file.display());
        assert!(!theorem.title().is_empty(), "{} has no title", theorem.name());
        assert!(!theorem.expected().is_empty(), "{} expects nothing", theorem.name());
        assert!(!theorem.sources().is_empty(), "{} has no source", theorem.name());
        for source in theorem.sources() {
            let (_, rest) = source.split_once('"').unwrap_or_else(|| panic!("{source}: no title"));
            assert!(rest.contains('"') && rest.contains(|c: char| c.is_ascii_digit()), "{source}: no year");
        }
    }
}

/// An example and the theorem of its name state one model; the theorem may have more actions.
#[test]
fn an_example_is_the_model_of_the_theorem_of_its_name() {
    let mut common = 0;
    for theorem in LIBRARY.iter() {
        let file = Path::new(ROOT).join("examples").join(format!("{}.eqv", theorem.name()));
        if !file.exists() {
            continue;
        }
        let example = read(&format!("examples/{}.eqv", theorem.name()));
        assert_eq!(
            (example.inside().lets, example.inside().output),
            (theorem.model.inside().lets, theorem.model.inside().output),
            "{}",
            theorem.name()
        );
        assert_eq!(
            (example.inside().params, example.inside().loss),
            (theorem.model.inside().params, theorem.model.inside().loss),
            "{}",
            theorem.name()
        );
        assert!(
            example.inside().actions.iter().all(|a| theorem.model.inside().actions.contains(a)),
            "{}",
            theorem.name()
        );
        common += 1;
    }
    assert!(common > 5);
}
