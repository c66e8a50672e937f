//! Watching a job: how far it is, and whether it is still wanted.

use super::error::Error;
use crate::exact::{self, ExactError};
use std::fmt;

/// Is told how far a job is, and may end it. It is called from several threads.
///
/// A job asks whether it is cancelled between its actions, laws and brackets, and many times within one search for a proof. What
/// it was doing then is thrown away: a cancelled job is an error, never a different answer.
pub trait Watch: Sync {
    /// A stage begins, or has come further.
    fn tell(&self, _progress: &Progress<'_>) {}

    /// Whether the job is to end with [`Error::Cancelled`].
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Watches nothing and cancels nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watch for Unwatched {}

/// What a job is at. The words are those of [`Display`](fmt::Display).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// The symmetries of a model are looked for.
    Discovering,
    /// The model declares no action; these were found and proved.
    Discovered(&'a [&'a str]),
    /// These actions are proved, and their laws derived and measured.
    Deriving(&'a [&'a str]),
    /// The laws of gradient flow are counted.
    Counting,
    /// A trajectory of the dynamics of this name is followed.
    Following(&'a str),
    /// The spectrum of the Hessian is computed.
    Spectrum,
    /// A theorem of the library is reproduced.
    Reproduced(&'a str),
    /// How far the exact engine is: `drawn` vectors of brackets up to a depth have the rank `rank` of at most `of`.
    Rank { depth: usize, drawn: u64, rank: usize, of: usize },
}

impl fmt::Display for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Progress::Discovering => write!(f, "looking for symmetries"),
            Progress::Discovered([]) => write!(f, "discovered: none"),
            Progress::Discovered(actions) => write!(f, "discovered: {}", actions.join(", ")),
            Progress::Deriving(actions) => write!(f, "{}", actions.join(", ")),
            Progress::Counting => write!(f, "counting conservation laws"),
            Progress::Following(dynamics) => write!(f, "following {dynamics}"),
            Progress::Spectrum => write!(f, "computing the spectrum"),
            Progress::Reproduced(theorem) => write!(f, "{theorem}"),
            Progress::Rank { depth, drawn, rank, of } => {
                write!(f, "depth {depth}, rank {rank} of {of}, {drawn} drawn")
            }
        }
    }
}

/// [`Error::Cancelled`] when the job is no longer wanted.
pub(super) fn go_on(watch: &dyn Watch) -> Result<(), Error> {
    if watch.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
}

/// The watch as the exact engine calls it.
pub(super) fn exact(watch: &dyn Watch) -> impl Fn(exact::Progress) -> Result<(), ExactError> + Sync {
    move |at| {
        if watch.is_cancelled() {
            return Err(ExactError::Interrupted);
        }
        let exact::Progress { depth, drawn, rank, of } = at;
        watch.tell(&Progress::Rank { depth, drawn, rank, of });
        Ok(())
    }
}
