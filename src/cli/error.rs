//! What can go wrong between the command line and the library.

use crate::job;
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
    /// Two parts of the program contradict each other: one of them is wrong.
    #[error("{0}; this is an error in equilaw, nothing is printed: please report it with the model")]
    Internal(String),
}

/// What a job says is wrong, with the option that says otherwise.
impl From<job::Error> for Error {
    fn from(error: job::Error) -> Error {
        use job::Error::{
            Contradiction, Hyperparameter, Memory, NoPotentials, NotContinuous, NotCounted, NotDiscrete, Time,
            UnknownDynamics,
        };
        Error::Plain(match &error {
            Contradiction { .. } => return Error::Internal(error.to_string()),
            UnknownDynamics { .. } | NoPotentials | NotCounted(_) => format!("--dynamics: {error}"),
            NotContinuous(_) => format!("--time: {error}; say how many with --steps"),
            NotDiscrete(_) => format!("--steps: {error}; say how long with --time"),
            Time(_) => format!("--time: {error}"),
            Hyperparameter(_) => format!("--set: {error}"),
            Memory { .. } => format!("{error}; choose smaller sizes with --dims"),
            error => error.to_string(),
        })
    }
}

impl Error {
    /// `path: what went wrong`, in one line.
    pub fn io(path: &str, error: &std::io::Error) -> Error {
        // What libraries wrap names a temporary file.
        let mut error = error;
        while let Some(inner) = error.get_ref().and_then(|e| e.source()).and_then(|e| e.downcast_ref()) {
            error = inner;
        }
        let what = match error.kind() {
            std::io::ErrorKind::NotFound => "no such file".to_string(),
            std::io::ErrorKind::IsADirectory => "is a directory".to_string(),
            std::io::ErrorKind::PermissionDenied => "permission denied".to_string(),
            _ => error.to_string(),
        };
        Error::Plain(format!("{path}: {what}"))
    }
}
