//! Why a certificate is not accepted.

use std::fmt;

/// Why a certificate is not accepted.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// It cannot be read.
    Data(String),
    /// A claim does not follow, or is not what is written; its position, and the law that rests on it first.
    Claim { at: usize, states: String, law: Option<String>, why: String },
    /// A law is not what its claim states.
    Law { id: String, why: String },
}

impl Failure {
    pub fn data(why: impl Into<String>) -> Failure {
        Failure::Data(why.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Data(why) => write!(f, "{why}"),
            Failure::Claim { at, states, law, why } => {
                let law = law.as_ref().map_or(String::new(), |id| format!(", on which {id} rests,"));
                write!(f, "claim {at}{law} does not follow: {why}\n  it says: {states}")
            }
            Failure::Law { id, why } => write!(f, "the law {id} is not what was derived: {why}"),
        }
    }
}

impl std::error::Error for Failure {}
