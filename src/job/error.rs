//! Why a job could not be done.

use super::smaller::Smaller;
use crate::check::CheckError;
use crate::eval::EvalError;
use crate::exact::ExactError;
use crate::model::{Dynamics, SizeError};
use crate::numeric::trajectory::Stopped;
use thiserror::Error;

/// Why a job could not be done. What a model claims falsely is no error: a report says it.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The sizes asked for do not fit the model.
    #[error(transparent)]
    Size(#[from] SizeError),
    /// A given matrix does not have as many numbers as its shape says.
    #[error("`{name}` is {rows} x {cols}, but has {numbers} numbers")]
    Given { name: String, rows: usize, cols: usize, numbers: usize },
    /// A matrix is given under a name that is no parameter and no data.
    #[error("the model has no parameter and no data `{0}`")]
    NotInModel(String),
    /// The model cannot be evaluated.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// A question has no exact answer.
    #[error(transparent)]
    Exact(ExactError),
    /// A law that was derived is contradicted by exact arithmetic: there is an error in this program.
    #[error("the law `{law}` is proved, but exact arithmetic contradicts it: {how}")]
    Contradiction { law: String, how: String },
    /// An elimination would need more memory than is taken.
    #[error("{parameters} parameters: the elimination would need {gibibytes} GiB, more than {most}")]
    Memory { parameters: usize, gibibytes: u64, most: u64 },
    /// The sizes are too large for an exact answer; with one of them smaller they may not be.
    #[error("{what}: {size} are more than the limit of {limit}; take {}", instead(.take))]
    TooLarge { what: &'static str, size: usize, limit: usize, take: Vec<Smaller> },
    /// A dynamics has another name, or none like it.
    #[error("there is no dynamics `{name}`; {}", nearest(*.meant))]
    UnknownDynamics { name: String, meant: Option<&'static str> },
    /// Mirror flow is asked for, but the model has no `dynamics mirror { … }`.
    #[error(
        "the model declares no potentials for `mirror`; add `dynamics mirror {{ W : quadratic }}`, with a potential for every \
         parameter"
    )]
    NoPotentials,
    /// The laws of a dynamics that moves in steps are not counted.
    #[error(
        "the laws of {0} are not counted, which moves in steps; those of gradient_flow, weight_decay, heavy_ball and mirror are"
    )]
    NotCounted(&'static str),
    /// A dynamics that moves in steps cannot be followed for a time.
    #[error("{0} moves in steps")]
    NotContinuous(&'static str),
    /// A dynamics that moves in continuous time cannot be followed for a number of steps.
    #[error("{0} moves in continuous time")]
    NotDiscrete(&'static str),
    /// A trajectory is followed for a positive time.
    #[error("the time has to be positive, it is {0}")]
    Time(f64),
    /// A hyper-parameter has another name, or its number is out of range.
    #[error("{0}")]
    Hyperparameter(String),
    /// A trajectory ended before its time, and not at a kink of the loss that holds it.
    #[error("{stopped}")]
    Stopped { stopped: Stopped, discrete: bool },
    /// The model declares no action of this name.
    #[error("the model has no action `{0}`")]
    UnknownAction(String),
    /// Trajectories in continuous time need the feature `flow`.
    #[error("this build of equilaw follows no trajectories: it lacks the feature `flow`")]
    NoFlows,
    /// Symmetries are found over a finite field, and none that was tried has all square roots of the model.
    #[error(
        "no finite field was found that has the square roots of all norms of the model together, so its symmetries cannot be looked for; declare the actions, or look at fewer layers or columns with --dims"
    )]
    NoRoots,
    /// The watch ended the job.
    #[error("cancelled")]
    Cancelled,
}

impl From<EvalError> for Error {
    fn from(error: EvalError) -> Error {
        Error::Check(error.into())
    }
}

impl From<ExactError> for Error {
    fn from(error: ExactError) -> Error {
        match error {
            ExactError::Interrupted => Error::Cancelled,
            ExactError::Contradiction { law, how } => Error::Contradiction { law, how },
            error => Error::Exact(error),
        }
    }
}

/// `h = 3, d = 2 in place of 5, 4`.
fn instead(take: &[Smaller]) -> String {
    let smaller: Vec<String> = take.iter().map(|s| format!("{} = {}", s.dim, s.instead)).collect();
    let values: Vec<String> = take.iter().map(|s| s.value.to_string()).collect();
    format!("{} in place of {}", smaller.join(", "), values.join(", "))
}

fn nearest(meant: Option<&'static str>) -> String {
    match meant {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("they are {}", Dynamics::names().collect::<Vec<_>>().join(", ")),
    }
}
