//! Claims about the library as a whole: its laws hold, what is wrong is caught, and every format says what was derived.

#[path = "../architectures/mod.rs"]
mod architectures;
#[path = "../common/mod.rs"]
mod common;
#[path = "../../benches/transformer/mod.rs"]
mod transformer;

mod checks;
mod closure;
mod consequences;
mod curve;
mod degrees;
mod discovery;
mod dynamics;
mod enclosed;
mod equations_of_motion;
mod evaluation;
mod exact;
mod facts_of_data;
mod falsified_proofs;
mod families;
mod flow;
mod formats;
mod groups;
mod hostile;
mod instances;
mod jobs;
mod json;
mod language;
mod language_properties;
mod lemmas;
mod measured;
mod mutants;
mod names;
mod neighbours;
mod numpy;
mod onward;
mod proofs;
mod replay;
mod reports;
mod rooms;
mod rules;
mod sentences;
mod site;
mod stack;
mod statements;
mod stopgrad;
mod surface;
mod symmetry;
mod tables;
mod theorems;
mod whole_models;

use common::ROOT;
use equilaw::internals::exact as engine;
use equilaw::internals::law::{Context, action::prove};
use equilaw::internals::model::{Inside, Model};
use equilaw::internals::rewrite::{Limits, RuleBook};
use equilaw::{Options, Report, derive};
use rayon::prelude::*;
use std::path::PathBuf;
use std::sync::LazyLock;

/// That of the program.
#[cfg(feature = "cli")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The built-in rules.
static BOOK: LazyLock<RuleBook> = LazyLock::new(|| match RuleBook::builtin() {
    Ok(book) => book,
    Err(errors) => panic!("{}", errors.render(false, 100)),
});

/// The count of the laws of a model, by a method that is asked for or is chosen.
fn count_by(model: &Model, field: Option<engine::Field>) -> engine::Completeness {
    let sizes = model.sizes(&[]).expect("sizes");
    let bounds = engine::Bounds { field, ..engine::Bounds::default() };
    engine::complete(model, &sizes, &[], bounds, &engine::unwatched).expect("counted")
}

/// The model of a text that has no errors.
fn parse(text: &str) -> Model {
    match Model::parse("test.eqv", text) {
        Ok(model) => model,
        Err(errors) => panic!("{}\n{text}", errors.render(false, 100)),
    }
}

/// The model of a file of the repository.
fn read(path: &str) -> Model {
    parse(&std::fs::read_to_string(format!("{ROOT}/{path}")).unwrap_or_else(|e| panic!("{path}: {e}")))
}

/// What is derived of the model of a text.
fn derived(text: &str) -> Report {
    derive(&parse(text), &BOOK, &Options::bare()).expect("a model that can be evaluated")
}

/// What is derived of the model of a text, and measured.
fn checked(text: &str) -> Report {
    derive(&parse(text), &BOOK, &Options { checks: true, ..Options::bare() }).expect("a model that can be evaluated")
}

/// Whether the action of a model is proved; what does not parse is refused already.
fn proved(model: &str, action: &str) -> bool {
    let text = format!("model m\n{model}\nloss any\naction a{action}");
    let Ok(model) = Model::parse("m.eqv", &text) else { return false };
    let cx = Context::new(&model, &BOOK, Limits::default());
    prove(&cx, &model.inside().actions[0]).is_ok()
}

/// The models of `examples/` and below, by path. Of the whole architectures only the plain transformer: the others have tests of their own.
fn examples() -> Vec<PathBuf> {
    let mut directories = vec![PathBuf::from(ROOT).join("examples")];
    let mut files = Vec::new();
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).expect("a directory of examples") {
            let path = entry.expect("an entry of examples/").path();
            let published =
                path.parent().is_some_and(|p| p.ends_with("architectures")) && !path.ends_with("transformer.eqv");
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|e| e == "eqv") && !published {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// What is derived of each model of `examples/` and below, without checks, by the name of the file.
static REPORTS: LazyLock<Vec<(String, Report)>> = LazyLock::new(|| {
    let options = Options { checks: false, ..Options::bare() };
    let report = |path: &PathBuf| {
        let name = path.file_stem().expect("a name").to_string_lossy().to_string();
        let model = parse(&std::fs::read_to_string(path).expect("a model is text"));
        (name, derive(&model, &BOOK, &options).expect("the sizes are the model's"))
    };
    examples().par_iter().map(report).collect()
});
