//! The jobs: what the command line and a library user both call. A job knows how the rooms play together, and no format.

mod check;
mod complete;
mod count;
mod derive;
mod discover;
mod error;
mod evaluate;
#[cfg(feature = "cli")]
mod figures;
mod flow;
mod options;
mod report;
mod smaller;
mod spectrum;
mod template;
mod theorems;
mod watch;

pub use check::check;
pub(crate) use complete::Tally;
pub use complete::{Answer, Counted, Question, answer, complete, elimination};
pub use count::{Count, Effort, Larger, first_integrals, is_first_integral};
pub use derive::{derive, derive_watched};
pub use discover::{Discovered, discover};
pub use error::Error;
pub use evaluate::{Evaluation, evaluate};
#[cfg(feature = "cli")]
pub use figures::{Figures, figures};
pub use flow::{Course, Flow, flow};
pub use options::{Given, Options};
pub use report::{Absent, ActionReport, Report, Status, Tried, refuted};
pub use smaller::Smaller;
pub use spectrum::{Place, Spectrum, spectrum};
pub use template::{LAYERS, Layer, TemplateError, template};
pub use theorems::{Origin, Reproduction, Theorem, find, library, sources};
pub use watch::{Progress, Unwatched, Watch};
