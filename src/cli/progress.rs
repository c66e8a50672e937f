//! A sign of life on standard error while a search takes long, when somebody is watching.

use crate::exact::{self, ExactError};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long a command works before it says so.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often the spinner moves.
const TICK: Duration = Duration::from_millis(100);

/// A spinner that shows itself only if the work lasts, and goes when dropped.
pub(super) struct Progress {
    running: Option<(Sender<()>, JoinHandle<()>)>,
    /// How far the work is, in words.
    state: Arc<Mutex<String>>,
}

impl Progress {
    pub fn start(message: String, quiet: bool) -> Progress {
        if quiet || !std::io::stderr().is_terminal() {
            return Progress { running: None, state: Arc::default() };
        }
        let state: Arc<Mutex<String>> = Arc::default();
        let shown = state.clone();
        let (stop, stopped) = channel::<()>();
        let thread = std::thread::spawn(move || {
            if stopped.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}  {elapsed}") {
                spinner.set_style(style);
            }
            while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                let state = shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
                spinner.set_message(format!("{message}{state}"));
                spinner.tick();
            }
            spinner.finish_and_clear();
        });
        Progress { running: Some((stop, thread)), state }
    }

    /// Shows how far the exact engine is.
    pub fn watch(&self) -> impl Fn(exact::Progress) -> Result<(), ExactError> + Sync + use<> {
        let state = self.running.is_some().then(|| self.state.clone());
        move |at| {
            if let Some(state) = &state {
                let words = format!(": depth {}, rank {} of {}, {} drawn", at.depth, at.rank, at.of, at.drawn);
                *state.lock().unwrap_or_else(PoisonError::into_inner) = words;
            }
            Ok(())
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            // A spinner that panicked has nothing more to show.
            let _ = thread.join();
        }
    }
}
