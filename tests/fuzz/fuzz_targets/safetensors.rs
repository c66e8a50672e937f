//! The command reads parameters from a file: it ends with an exit status, which is never that of a panic. `EQUILAW` names the
//! binary.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::io::Write;
use std::process::{Command, Stdio};

fuzz_target!(|bytes: &[u8]| {
    let binary = std::env::var("EQUILAW").unwrap_or_else(|_| "equilaw".into());
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/relu_mlp.eqv");
    let mut command = Command::new(binary);
    command.args(["check", model, "--no-flows", "--quiet", "--params"]).arg(file.path()).stderr(Stdio::null());
    let status = command.status().expect("the command starts").code();
    assert!(matches!(status, Some(0..=2)), "{status:?}");
});
