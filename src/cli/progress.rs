//! A sign of life on standard error while a search takes long, when somebody is watching.

use super::output;
use crate::job::{self, Watch};
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

/// Shows each stage of a job on a spinner, and says what was discovered.
pub(super) struct Progress {
    /// The name of the model.
    subject: String,
    quiet: bool,
    spinner: Mutex<Option<Spinner>>,
}

impl Progress {
    pub fn new(subject: impl ToString, quiet: bool) -> Progress {
        Progress { subject: subject.to_string(), quiet, spinner: Mutex::default() }
    }
}

impl Watch for Progress {
    fn tell(&self, at: &job::Progress<'_>) {
        let mut spinner = self.spinner.lock().unwrap_or_else(PoisonError::into_inner);
        match at {
            job::Progress::Rank { .. } => {
                if let Some(spinner) = spinner.as_ref() {
                    spinner.say(format!(": {at}"));
                }
            }
            job::Progress::Discovered(_) => {
                *spinner = None;
                if !self.quiet {
                    output::note(&format!("{} declares no action; {at}", self.subject));
                }
            }
            job::Progress::Reproduced(_) => {}
            stage => {
                *spinner = None;
                *spinner = Spinner::start(format!("{}: {stage}", self.subject), self.quiet);
            }
        }
    }
}

/// A spinner that shows itself only if the work lasts, and goes when dropped.
struct Spinner {
    running: Option<(Sender<()>, JoinHandle<()>)>,
    /// How far the work is, in words.
    state: Arc<Mutex<String>>,
}

impl Spinner {
    /// A spinner, when somebody is watching.
    fn start(message: String, quiet: bool) -> Option<Spinner> {
        if quiet || !std::io::stderr().is_terminal() {
            return None;
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
        Some(Spinner { running: Some((stop, thread)), state })
    }

    fn say(&self, words: String) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = words;
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            // A spinner that panicked has nothing more to show.
            let _ = thread.join();
        }
    }
}

/// A bar that counts what is done, when somebody is watching.
pub(super) struct Counter(Option<ProgressBar>);

impl Counter {
    pub fn start(of: usize, quiet: bool) -> Counter {
        if quiet || !std::io::stderr().is_terminal() {
            return Counter(None);
        }
        let bar = ProgressBar::with_draw_target(Some(of as u64), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len}  {msg}") {
            bar.set_style(style);
        }
        Counter(Some(bar))
    }
}

impl Watch for Counter {
    fn tell(&self, at: &job::Progress<'_>) {
        if let (Some(bar), job::Progress::Reproduced(theorem)) = (&self.0, at) {
            bar.set_message(theorem.to_string());
            bar.inc(1);
        }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
