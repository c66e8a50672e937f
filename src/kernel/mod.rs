//! The kernel: what makes a law a law. Terms, rules on plain terms, groups as data and theorems; nothing of searches, files,
//! floats or printing. Whoever searches proposes; a [`Claim`] exists only where an [`Inference`] was carried out, and a
//! [`Law`] only where one concludes it.
//!
//! A law cannot be forged or altered: it has no public fields and no constructor but `Law::conclude`.
//!
//! ```compile_fail,E0451
//! use equilaw::internals::kernel::{Law, Proved};
//! fn forged(law: &Law, claim: Proved) -> Law {
//!     Law { claim, ..law.clone() }
//! }
//! ```
//!
//! Nor can a claim, or a chain of steps that was not replayed.
//!
//! ```compile_fail,E0451
//! use equilaw::internals::kernel::{Claim, Judgement};
//! fn forged(claim: &Claim, judgement: Judgement) -> Claim {
//!     Claim { judgement, ..claim.clone() }
//! }
//! ```
//!
//! ```compile_fail,E0451
//! use equilaw::internals::kernel::{Checked, Step};
//! fn forged(chain: &Checked, steps: Vec<Step>) -> Checked {
//!     Checked { steps, ..chain.clone() }
//! }
//! ```

mod action;
mod algebra;
mod arena;
mod catalogue;
mod checked;
mod claim;
mod computed;
mod count;
mod degree;
mod element;
mod evolution;
mod flow;
mod hessian;
mod hyperparameters;
mod hypothesis;
mod infer;
mod inference;
mod law;
mod members;
mod moved;
mod normal;
mod onward;
mod orbit;
mod over;
mod place;
mod poly;
mod refusal;
mod remark;
mod rule;
mod scope;
mod selection;
mod separation;
mod spectrum;
mod statement;
mod step;
mod structure;
mod symmetric;
mod tangent;
#[cfg(test)]
mod tests;
mod third;
mod turn;

pub use action::{composition_laws, group_laws, identity_laws, images, involution_laws, target};
pub use catalogue::{CATALOGUE, Kind, LawRow, RowData, Theorem};
pub use checked::{Checked, ReplayError};
pub use claim::{
    ActionKind, Claim, Components, Field, Judgement, Proved, Refusal, Response, Tangent, derivation, family_of,
};
pub use computed::{computed_size, computed_sizes};
pub use count::{Count, Reason, entries, sum};
pub use degree::{degree, degree_in, weight};
pub use element::{Element, Generator};
pub use flow::{field_degree, quantity};
pub use hessian::output_direction;
pub use hyperparameters::Hyperparameters;
pub use hypothesis::{Equation, Hypotheses, Hypothesis};
pub use inference::{Flow, Inference, Side, Symmetry};
pub use law::{Law, Subject};
pub use members::{over, pairing, summed, together};
pub use moved::{Moved, Onward};
pub use remark::Remark;
pub use rule::{Condition as RuleCondition, Predicate, Rule, Rules};
pub use scope::{Scope, Setting, cotangent, direction, second_element};
pub use statement::Statement;
pub use step::{ARITHMETIC, By, Given, Origin, SUM, Step, is_silent};
pub use structure::{Case, Condition, Form, Multiplicity, Slopes, Structure, When};
pub use symmetric::{adjoint_equation, map_scope, orthogonality_equations};
pub use tangent::{
    bilinear, by_degree, entrywise, ones, potential_at, response_form, restricted, scaling_equation, symmetry_equation,
};
pub use third::partial_traces;
pub use turn::{Turns, turned, with_exponents};
