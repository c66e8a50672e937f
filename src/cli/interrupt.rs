//! Ctrl-C: the command ends quietly and leaves no half-written file.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The files that are being written under temporary names.
static PENDING: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn all() -> MutexGuard<'static, Vec<PathBuf>> {
    PENDING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the process with status 130 on Ctrl-C, after removing what was half written.
pub(super) fn install() {
    // A handler that cannot be installed leaves the default, which also ends the process.
    let _ = ctrlc::set_handler(|| {
        for path in all().iter() {
            let _ = std::fs::remove_file(path);
        }
        std::process::exit(130);
    });
}

/// From now on `path` is removed on Ctrl-C.
pub(super) fn pending(path: &Path) {
    all().push(path.to_path_buf());
}

/// From now on `path` is kept.
pub(super) fn done(path: &Path) {
    all().retain(|pending| pending != path);
}
