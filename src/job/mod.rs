//! The jobs: what the command line and a library user both call. A job knows how the rooms play together, and no format.

mod complete;
mod derive;
mod options;
mod report;
mod theorems;

pub use complete::{Answer, Count, Effort, answer, count, first_integrals};
pub use derive::derive;
pub use options::{DeriveError, Options};
pub use report::{ActionReport, Report, Status};
pub use theorems::{Origin, Reproduction, Theorem, find, library};
