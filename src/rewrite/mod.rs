//! Equality by rewriting: the rules of `rules/` in an e-graph, proofs as chains of justified steps, and an independent
//! checker that replays them on plain terms.

mod analysis;
mod book;
mod compile;
mod condition;
mod cost;
mod proof;
mod replay;
mod search;
mod sum;

pub use book::{Purpose, RuleBook};
pub(crate) use compile::arithmetic;
pub use cost::Goal;
pub use proof::{Given, Proof, Step};
pub use replay::{ReplayError, replay};
pub use search::{Limits, Outcome, Search, Stopped};
