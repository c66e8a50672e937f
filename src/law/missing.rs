//! What an action suggests and does not give.

use crate::term::Symbol;

/// A law that an action suggests but that could not be derived, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing {
    pub id: String,
    pub reason: String,
}

/// `rescale/gradient`.
pub(super) fn law_id(action: Symbol, rest: &str) -> String {
    format!("{action}/{rest}")
}
