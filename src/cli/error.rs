//! What can go wrong between the command line and the library.

use crate::DeriveError;
use crate::exact::ExactError;
use crate::language::Diagnostics;

/// Why a command ended without a verdict.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// Something in one line: a missing file, an unknown size.
    #[error("{0}")]
    Plain(String),
    /// The errors of a source file.
    #[error(transparent)]
    Diagnostics(#[from] Diagnostics),
    #[error(transparent)]
    Derive(#[from] DeriveError),
    #[error(transparent)]
    Exact(#[from] ExactError),
    /// The reader of standard output has gone, which ends the command quietly.
    #[error("standard output is closed")]
    ClosedPipe,
}

impl Error {
    /// `path: what went wrong`, in one line.
    pub fn io(path: &str, error: &std::io::Error) -> Error {
        let what = match error.kind() {
            std::io::ErrorKind::NotFound => "no such file".to_string(),
            std::io::ErrorKind::IsADirectory => "is a directory".to_string(),
            std::io::ErrorKind::PermissionDenied => "permission denied".to_string(),
            _ => error.to_string(),
        };
        Error::Plain(format!("{path}: {what}"))
    }
}
