//! A model is read, and its laws derived within small bounds of work.
#![no_main]

use equilaw::internals::model::Model;
use equilaw::internals::rewrite::{Limits, RuleBook};
use equilaw::{Options, derive};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static BOOK: LazyLock<RuleBook> = LazyLock::new(|| RuleBook::builtin().expect("the rules read"));

fuzz_target!(|text: &str| {
    if let Ok(model) = Model::parse("fuzz.eqv", text) {
        let limits = Limits { nodes: 1_000, iterations: 6, time: None };
        let _ = derive(&model, &BOOK, &Options { limits, ..Options::bare() });
    }
});
