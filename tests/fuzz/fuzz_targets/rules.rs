//! Rules are read.
#![no_main]

use equilaw::internals::language::parse_rules;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = parse_rules("fuzz.rules", text).map_err(|errors| errors.plain());
});
