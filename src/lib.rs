//! equilaw derives the laws of motion of neural-network training from the symmetries of a model.
//!
//! A model and the group actions on its parameters are stated in a small language. Each action is proved by rewriting in
//! an e-graph, with a proof that an independent checker replays; what follows from it for the gradient, for training and
//! for the Hessian is derived in closed form, for all sizes at once; and each law is measured on a random instance.
//!
//! ```
//! use equilaw::language::Model;
//! use equilaw::law::Kind;
//! use equilaw::rewrite::RuleBook;
//! use equilaw::term::print;
//! use equilaw::{Options, derive};
//!
//! let model = Model::parse(
//!     "linear.eqv",
//!     "model linear
//!      dim d = 4, h = 3, k = 2, n = 6
//!      param W1 : h x d
//!      param W2 : k x h
//!      data X : d x n
//!      output F = W2 * W1 * X
//!      loss any
//!      action basis : g in GL(h) { W1 -> g * W1; W2 -> W2 * inv(g) }",
//! )?;
//! let report = derive(&model, &RuleBook::builtin()?, &Options { checks: true, ..Options::default() })?;
//! assert!(report.is_clean());
//!
//! let conserved = report.laws.iter().find(|law| law.kind() == Kind::Conserved).unwrap();
//! assert_eq!(conserved.id(), "basis/gradient-flow/conserved");
//! assert_eq!(print::text(conserved.quantity().unwrap()), "W1 * W1' - W2' * W2");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The way of a text: [`language`] reads a [`Model`](language::Model), [`law`] proves its actions with the rules of
//! [`rewrite`] and derives [`Law`](law::Law)s, [`check`] measures them with [`numeric`] and [`eval`], and [`report`] prints
//! the [`Report`]. The theorems are stated in `docs/theory.md`, the map of the code is `docs/architecture.md`.

pub mod check;
pub mod cli;
pub mod complete;
mod derive;
pub mod discover;
pub mod eval;
pub mod exact;
pub mod group;
pub mod language;
pub mod law;
pub mod numeric;
pub mod report;
pub mod rewrite;
pub mod term;
pub mod theorems;

pub use derive::{ActionReport, DeriveError, Options, Report, Status, derive};
