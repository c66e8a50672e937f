//! A document is replayed.
#![no_main]

use equilaw::internals::report::replay;
use equilaw::internals::rewrite::RuleBook;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static BOOK: LazyLock<RuleBook> = LazyLock::new(|| RuleBook::builtin().expect("the rules read"));

fuzz_target!(|text: &str| {
    let _ = replay(text, BOOK.plain());
});
