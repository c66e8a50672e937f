//! A job beside the interpreter: its lock is released, and Ctrl-C ends the job.

use crate::EquilawError;
use equilaw::{Error, Watch};
use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How often the interpreter is asked whether Ctrl-C was pressed.
const PERIOD: Duration = Duration::from_millis(50);

/// The stack of a job: formulas nest, and their trees are walked by recursion.
pub const STACK: usize = 64 << 20;

/// Cancels a job when the flag is set.
#[derive(Default)]
pub struct Interrupt(AtomicBool);

impl Watch for Interrupt {
    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Runs a job on a thread of its own, without the interpreter's lock. A signal handler that raises, as that of Ctrl-C does, cancels
/// the job, and what it raised is raised once the job has ended.
pub fn watched<T: Send>(py: Python<'_>, job: impl FnOnce(&Interrupt) -> Result<T, Error> + Send) -> PyResult<T> {
    let interrupt = Interrupt::default();
    let (found, raised) = py.detach(|| {
        let (ended, waiting) = channel();
        thread::scope(|scope| {
            let interrupt = &interrupt;
            let job = move || {
                let found = job(interrupt);
                // Nobody listens any more where the waiting thread panicked.
                _ = ended.send(());
                found
            };
            let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, job);
            let thread = match thread {
                Ok(thread) => thread,
                Err(error) => return (None, Some(PyErr::from(error))),
            };
            let mut raised = None;
            while let Err(RecvTimeoutError::Timeout) = waiting.recv_timeout(PERIOD) {
                if raised.is_none() {
                    raised = Python::attach(|py| py.check_signals()).err();
                    interrupt.0.store(raised.is_some(), Ordering::Relaxed);
                }
            }
            (thread.join().ok(), raised)
        })
    });
    match (raised, found) {
        (Some(raised), _) => Err(raised),
        (None, Some(found)) => found.map_err(|error| EquilawError::new_err(error.to_string())),
        (None, None) => Err(pyo3::exceptions::PyRuntimeError::new_err("equilaw panicked; please report it")),
    }
}
