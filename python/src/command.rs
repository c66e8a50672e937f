//! The command line of the library, in the interpreter's process.

use crate::watch::STACK;
use pyo3::prelude::*;
use std::ffi::OsString;
use std::io::{Write, stderr, stdout};
use std::thread;

/// What a program in Rust that panics ends with.
const PANICKED: u8 = 101;

/// Carries out the words of a command line, without the name of the program, and returns the exit status of the program `equilaw`. It writes to the
/// standard streams themselves, and from then on Ctrl-C ends the process, with status 130: it is for a process that does nothing else.
#[pyfunction]
pub fn run(py: Python<'_>, words: Vec<OsString>) -> PyResult<u8> {
    let words = std::iter::once(OsString::from("equilaw")).chain(words);
    let status = py.detach(|| {
        let thread = thread::Builder::new().stack_size(STACK).spawn(move || equilaw::main(words))?;
        Ok::<u8, std::io::Error>(thread.join().unwrap_or(PANICKED))
    })?;
    // Nobody else empties what Rust has buffered, and nobody is left to read where that fails.
    let _ = (stdout().flush(), stderr().flush());
    Ok(status)
}
