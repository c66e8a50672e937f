//! A sign of life on standard error while a search takes long, when somebody is watching.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long a command works before it says so.
const PATIENCE: Duration = Duration::from_millis(500);

/// A spinner that shows itself only if the work lasts, and goes when dropped.
pub(super) struct Progress {
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    pub fn start(message: String, quiet: bool) -> Progress {
        if quiet || !std::io::stderr().is_terminal() {
            return Progress { running: None };
        }
        let (stop, stopped) = channel::<()>();
        let thread = std::thread::spawn(move || {
            if stopped.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}  {elapsed}") {
                spinner.set_style(style);
            }
            spinner.set_message(message);
            spinner.enable_steady_tick(Duration::from_millis(100));
            let _ = stopped.recv();
            spinner.finish_and_clear();
        });
        Progress { running: Some((stop, thread)) }
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

    /// One more is done.
    pub fn done(&self, what: &str) {
        if let Some(bar) = &self.0 {
            bar.set_message(what.to_string());
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
