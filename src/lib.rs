//! equilaw derives the laws of motion of neural-network training from the symmetries of a model.
//!
//! A model and the group actions on its parameters are stated in a small language. Each action is proved by rewriting in
//! an e-graph, with a proof that an independent checker replays; what follows from it for the gradient, for training and
//! for the Hessian is derived in closed form, for all sizes at once; and each law is measured on a random instance.
//!
//! ```
//! use equilaw::model::Model;
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
//! let report = derive(&model, &RuleBook::builtin()?, &Options::default())?;
//! assert!(report.is_clean());
//!
//! let conserved = report.laws.iter().find(|law| law.kind() == Kind::Conserved).unwrap();
//! assert_eq!(conserved.id(), "basis/gradient-flow/conserved");
//! assert_eq!(print::text(conserved.quantity().unwrap()), "W1 * W1' - W2' * W2");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is asked, and what comes back
//!
//! [`derive()`] answers with a [`Report`]: for each action whether it was proved, refuted by numbers, or neither; the laws; what an action
//! suggests but does not give, with the reason; and the checks. A refuted action yields no law.
//!
//! ```
//! use equilaw::{Options, Status, derive, model::Model, rewrite::RuleBook};
//!
//! let model = Model::parse(
//!     "relu.eqv",
//!     "model relu
//!      dim d = 3, h = 4, k = 2, n = 5
//!      param W1 : h x d
//!      param W2 : k x h
//!      data X : d x n
//!      output F = W2 * relu(W1 * X)
//!      loss any
//!      action basis : g in GL(h) { W1 -> g * W1; W2 -> W2 * inv(g) }",
//! )?;
//! let report = derive(&model, &RuleBook::builtin()?, &Options::default())?;
//! let Status::Refuted(example) = &report.actions[0].status else { panic!("a ReLU is not linear") };
//! assert_eq!(example.claim, "the output is equivariant");
//! assert!(report.laws.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A law and its derivation
//!
//! A [`Law`](law::Law) has a statement, hypotheses, a number of components as a formula in the sizes, and a
//! [`Derivation`](law::Derivation): a graph of claims, premises first, each by a hypothesis, a theorem of `docs/theory.md`, or a chain
//! of rewriting steps that a checker has replayed.
//!
//! ```
//! use equilaw::law::Reason;
//! use equilaw::term::print;
//! use equilaw::{Options, derive, model::Model, rewrite::RuleBook};
//!
//! let model = Model::parse(
//!     "relu.eqv",
//!     "model relu
//!      dim d = 3, h = 4, k = 2, n = 5
//!      param W1 : h x d
//!      param W2 : k x h
//!      data X : d x n
//!      output F = W2 * relu(W1 * X)
//!      loss any
//!      action rescale : D in Diag+(h) { W1 -> D * W1; W2 -> W2 * inv(D) }",
//! )?;
//! let report = derive(&model, &RuleBook::builtin()?, &Options::default())?;
//! let law = report.laws.iter().find(|law| law.id() == "rescale/gradient-flow/conserved").unwrap();
//! assert_eq!(print::text(law.quantity().unwrap()), "diagvec(W1 * W1' - W2' * W2)");
//! assert_eq!(print::text(law.components()), "h");
//! assert_eq!(law.hypotheses(), ["gradient flow θ̇ = −∇L", "wherever L is differentiable"]);
//!
//! let claims = law.derivation().claims();
//! assert!(claims.iter().enumerate().all(|(i, (_, premises))| premises.iter().all(|p| *p < i)));
//! let steps: usize = (claims.iter())
//!     .map(|(claim, _)| if let Reason::Rewriting(proof) = &claim.reason { proof.steps.len() } else { 0 })
//!     .sum();
//! assert!(steps > 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # As text, an article, or code
//!
//! [`report`] turns a report into text for a terminal, an article in LaTeX or HTML, JSON, or NumPy; these are pure functions.
//!
//! ```
//! use equilaw::report::{LatexOptions, html, latex, numpy};
//! # use equilaw::{Options, derive, model::Model, rewrite::RuleBook};
//! # let model = Model::parse(
//! #     "linear.eqv",
//! #     "model linear
//! #      dim d = 4, h = 3, k = 2, n = 6
//! #      param W1 : h x d
//! #      param W2 : k x h
//! #      data X : d x n
//! #      output F = W2 * W1 * X
//! #      loss any
//! #      action basis : g in GL(h) { W1 -> g * W1; W2 -> W2 * inv(g) }",
//! # )?;
//! # let report = derive(&model, &RuleBook::builtin()?, &Options::default())?;
//! assert!(latex(&report, LatexOptions { standalone: true, proof: false }).contains("\\begin{theorem}"));
//! assert!(html(&report, false).starts_with("<!DOCTYPE html>"));
//! assert!(numpy(&report).contains("basis_gradient_flow_conserved = W1 @ W1.T - W2.T @ W2"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The rooms
//!
//! The way of a text: [`language`] reads a [`Model`](model::Model), [`law`] proves its actions with the rules of
//! [`rewrite`] and derives [`Law`](law::Law)s, [`check`] measures them with [`numeric`] and [`eval`], and [`report`] prints
//! the [`Report`]. The theorems are stated in `docs/theory.md`, the map of the code is `docs/architecture.md`.

pub mod audit;
pub mod certificate;
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod discover;
pub mod eval;
pub mod exact;
pub mod group;
pub mod job;
pub mod kernel;
pub mod language;
pub mod law;
pub mod model;
pub mod numeric;
pub mod report;
pub mod rewrite;
pub mod term;

pub use job::{ActionReport, Error, Options, Report, Status, derive};
pub use model::Model;
