//! Ctrl-C: the command ends quietly and leaves no half-written file.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The file being written under a temporary name.
static PENDING: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Ends the process with status 130 on Ctrl-C, after removing what was half written.
pub(super) fn install() {
    // A handler that cannot be installed leaves the default, which also ends the process.
    let _ = ctrlc::set_handler(|| {
        let pending = PENDING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = pending.as_ref() {
            let _ = std::fs::remove_file(path);
        }
        std::process::exit(130);
    });
}

/// Runs `write` while `path` is removed on Ctrl-C.
pub(super) fn guarded<T>(path: &Path, write: impl FnOnce() -> T) -> T {
    set(Some(path.to_path_buf()));
    let result = write();
    set(None);
    result
}

fn set(path: Option<PathBuf>) {
    *PENDING.lock().unwrap_or_else(PoisonError::into_inner) = path;
}
