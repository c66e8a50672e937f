//! equilaw derives the laws of motion of neural-network training from the symmetries of a model.
//!
//! A model and the group actions on its parameters are stated in a small language. Each action is proved by rewriting in
//! an e-graph, with a proof that an independent checker replays; what follows from it for the gradient, for training and
//! for the Hessian is derived in closed form, for all sizes at once; and each law is measured on a random instance.
//!
//! ```
//! use equilaw::{LawKind, Model, Options, RuleBook, derive};
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
//! let conserved = report.laws().find(|law| law.kind == LawKind::Conserved).unwrap();
//! assert_eq!(conserved.id, "basis/gradient-flow/conserved");
//! assert_eq!(conserved.quantity.unwrap().text, "W1 * W1' - W2' * W2");
//! assert_eq!(conserved.hypotheses, ["gradient flow θ̇ = −∇L", "wherever L is differentiable"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is asked, and what comes back
//!
//! [`derive()`] answers with a [`Report`]: for each action whether it was proved, refuted by numbers, or neither; the laws; what an action
//! suggests but does not give, with the reason; and the checks. A refuted action yields no law.
//!
//! ```
//! use equilaw::{Model, Options, RuleBook, Verdict, derive};
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
//! let Verdict::Refuted { claim, .. } = report.actions[0].verdict() else { panic!("a ReLU is not linear") };
//! assert_eq!(claim, "the output is equivariant");
//! assert_eq!(report.laws().count(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Where a model declares no action, its symmetries are looked for; and what a text gets wrong is told in its place.
//!
//! ```
//! use equilaw::{Model, Options, RuleBook, derive};
//!
//! let text = "model relu
//!      dim d = 3, h = 4, k = 2, n = 5
//!      param W1 : h x d
//!      param W2 : k x h
//!      data X : d x n
//!      output F = W2 * relu(W1 * X)
//!      loss any";
//! let model = Model::parse("relu.eqv", text)?;
//! let report = derive(&model, &RuleBook::builtin()?, &Options::default())?;
//! assert!(report.is_clean() && report.laws().count() > 0);
//!
//! let errors = Model::parse("relu.eqv", &text.replace("relu(", "rellu(")).unwrap_err();
//! assert_eq!(errors.errors()[0].help(), Some("did you mean `relu`?"));
//! assert!(errors.plain().starts_with("relu.eqv:6:22: "));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # As text, an article, or code
//!
//! A report is written as text for a terminal, as an article in LaTeX or HTML, as JSON with every derivation, or as a
//! Python module of NumPy or PyTorch.
//!
//! ```
//! use equilaw::LatexOptions;
//! # use equilaw::{Model, Options, RuleBook, derive};
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
//! # let report = derive(&model, &RuleBook::builtin()?, &Options::bare())?;
//! assert!(report.latex(LatexOptions { standalone: true, proof: false }).contains("\\begin{lemma}"));
//! assert!(report.html(false).starts_with("<!DOCTYPE html>"));
//! assert!(report.numpy().contains("def basis_gradient_flow_conserved(W1, W2):"));
//! assert!(report.torch().contains("'quantity': W1 @ W1.T - W2.T @ W2,"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Further questions
//!
//! [`complete()`] bounds how many conservation laws there are at all, exactly; [`discover()`] finds the symmetries of a model that
//! nobody declared; [`flow()`] follows the laws along a trajectory; [`check()`] measures the laws at given parameters; [`Model::evaluate()`]
//! computes the output and its derivative there.
//!
//! # Watching
//!
//! A derivation takes milliseconds to minutes. [`derive_watched`] tells a [`Watch`] how far it is, and ends when the watch says so.
//!
//! # Features
//!
//! `cli`, on by default, is the command line; a library that uses equilaw turns default features off. `flow` follows laws along
//! integrated trajectories.
//!
//! The theorems are stated in `docs/theory.md`, the map of the code is `docs/architecture.md`.

mod api;
mod audit;
mod certificate;
mod check;
#[cfg(feature = "cli")]
mod cli;
mod discover;
mod eval;
mod exact;
mod group;
mod job;
mod kernel;
mod language;
mod law;
mod model;
mod numeric;
mod report;
mod rewrite;
mod sample;
mod term;

pub use api::{LawKind, Verdict};
pub use check::Check;
pub use exact::Form;
pub use job::{
    ActionReport, Counted, Course, Discovered, Effort, Error, Evaluation, Flow, Given, Options, Origin, Progress,
    Question, Report, Reproduction, Theorem, Unwatched, Watch, check, complete, derive, derive_watched, discover, flow,
    library,
};
pub use language::{Diagnostic, Diagnostics, Span};
pub use model::Model;
pub use report::{LatexOptions, Law, Missing, Quantity, TextOptions};
pub use rewrite::{Limits, RuleBook};

pub(crate) use job::Status;

/// The command line: carries out the words of one, the first of which names the program, and returns its exit status. It writes to the standard
/// streams, and from then on Ctrl-C ends the process; what `main` calls, and the Python package.
#[cfg(feature = "cli")]
#[doc(hidden)]
pub fn main(words: impl IntoIterator<Item = std::ffi::OsString>) -> u8 {
    cli::run(words)
}

/// The rooms of the house, for the tests and benchmarks of equilaw itself. **Unstable**: anything here may change in any
/// version.
#[doc(hidden)]
pub mod internals {
    pub mod audit {
        pub use crate::audit::*;
    }
    pub mod certificate {
        pub use crate::certificate::*;
    }
    pub mod check {
        pub use crate::check::*;
    }
    pub mod discover {
        pub use crate::discover::*;
    }
    pub mod eval {
        pub use crate::eval::*;
    }
    pub mod exact {
        pub use crate::exact::*;
    }
    pub mod group {
        pub use crate::group::*;
    }
    pub mod job {
        pub use crate::job::*;
    }
    pub mod kernel {
        pub use crate::kernel::*;
    }
    pub mod language {
        pub use crate::language::*;
    }
    pub mod law {
        pub use crate::law::*;
    }
    pub mod model {
        pub use crate::model::*;
    }
    pub mod numeric {
        pub use crate::numeric::*;
    }
    pub mod report {
        pub use crate::report::*;
    }
    pub mod rewrite {
        pub use crate::rewrite::*;
    }
    pub mod sample {
        pub use crate::sample::*;
    }
    pub mod term {
        pub use crate::term::*;
    }
}
