//! Equality by rewriting: the rules of `rules/` in an e-graph, and chains of steps as
//! proposals; the kernel replays them on plain terms.

mod analysis;
mod book;
mod compile;
mod condition;
mod cost;
mod form;
mod interrupt;
mod limits;
mod proof;
mod saturate;
mod search;
mod sum;

pub use book::{Purpose, RuleBook};
pub use cost::Goal;
pub use interrupt::Interrupt;
pub use limits::{Limits, Stopped};
pub use proof::Chain;
pub use search::{Outcome, Search};
