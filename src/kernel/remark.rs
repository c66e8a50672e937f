//! What else a reader of a law should know, as data.

use super::catalogue::LawRow;
use super::claim::{Judgement, Proved, Tangent, derivation, family_of};
use super::count::Reason;
use super::degree::degree;
use super::flow::field_degree;
use super::hyperparameters::Hyperparameters;
use super::inference::{Inference, Symmetry};
use super::statement::Statement;
use super::structure::{Condition, Form, Structure};
use crate::group::{Finite, Range};
use crate::term::{Expr, Symbol, is_zero, mentions, summands};
use num_traits::One;

/// A remark.
#[derive(Clone, Debug, PartialEq)]
pub enum Remark {
    /// For these elements the generator is skew in θ – ⟨θ, ξ_A(θ)⟩ = 0 if it is linear – and no gradient.
    Skew { range: Range, linear: bool },
    /// Parts of Q decay at different rates: those of the linear and the constant part of ξ of an affine action.
    MixedDecay { affine: bool },
    /// The noise, or response and noise, are in equilibrium where the drift vanishes.
    Equilibrium { response: bool },
    /// What gradient flow conserves is damped and driven.
    DampedAndDriven,
    /// ⟨θ̇, Dξ[θ̇]⟩ drives the momentum.
    Driven,
    /// The invariance is of the loss, so the Gauss–Newton matrix need not share the kernel.
    LossOnly,
    /// `H[ξ]` = 0, so the Hessian form vanishes too, and the kernel contains every ξ at every point; its dimension where ξ is the
    /// same everywhere and it is known.
    Flat { dimension: Option<Expr> },
    /// tr H, which the action scales by one factor, is least nowhere on an orbit unless it is constant there.
    NeverLeast,
    /// The dimension is an exact rank at the sizes of the instance.
    ExactRank,
    /// The group is a finite one inside the group of that name.
    Within { finite: Finite, group: String },
    /// The loss is even.
    EvenLoss,
    /// For each coordinate, and so for any set of them; `origin`: for all together ∇L(0) = 0.
    EachCoordinate { origin: bool },
    /// The number of equations is an upper bound.
    AtMostEquations,
    /// Which dynamics keep V.
    Kept,
    /// At a stationary point a negative eigenvalue of the block off V makes it unstable, a positive definite block linearly
    /// stable; a block that is only semidefinite, as of −x⁴ at 0, decides nothing.
    Stability,
    /// Blocks of several coordinates are uncoupled, and no eigenvalue has to be repeated.
    Uncoupled,
    /// The dimension of V⊥ is an upper bound.
    AtMostDimension,
    /// The multiplicities are found exactly at the instance.
    AtInstance,
    /// Eigenvalues of different groups may be equal.
    Coincide,
}

/// What is to be remarked about a law.
pub(super) fn remarks(claim: &Proved, row: LawRow, within: Option<Symbol>) -> Vec<Remark> {
    let all = derivation(claim);
    let tangent = all.iter().find_map(|c| c.tangent());
    let setting = claim.setting();
    let model = setting.model();
    let Some(statement) = claim.statement() else { return vec![] };
    let group = within.and_then(|name| model.action(name)).map(|a| a.group.to_string());
    let within_group = || {
        let finite = all.iter().find_map(|c| match c.judgement() {
            Judgement::Equivariance { action, .. } => action.group.group.finite(),
            _ => None,
        });
        Some(Remark::Within { finite: finite?, group: group.clone()? })
    };
    let mut out = Vec::new();
    match (row, statement) {
        (LawRow::FlowConstraint, _) => out.extend(all.iter().find_map(|c| match (c.by(), c.judgement(), tangent) {
            (Inference::Symmetry { part, .. }, Judgement::Symmetry { symmetry: Symmetry::Skew, .. }, Some(t)) => {
                let range = family_of(&t.algebra()?, *part)?.range;
                Some(Remark::Skew { range, linear: is_linear(claim, t) })
            }
            _ => None,
        })),
        (LawRow::DecayRate, _) => {
            out.extend(tangent.filter(|t| field_degree(model, &t.components).is_none()).map(|_| {
                let affine = all.iter().all(|c| match c.judgement() {
                    Judgement::Derivative { derivative, .. } => {
                        derivative.iter().all(|(_, d)| model.params.iter().all(|p| !mentions(d, p.name)))
                    }
                    _ => true,
                });
                Remark::MixedDecay { affine }
            }))
        }
        (LawRow::HessianImage, statement) if statement.is_zero() => {
            let constant = tangent.filter(|t| {
                t.components.iter().all(|(_, value)| model.params.iter().all(|p| !mentions(value, p.name)))
            });
            out.push(Remark::Flat { dimension: constant.and_then(|t| super::orbit::of_members(model, t)) });
        }
        (LawRow::Flattest, Statement::Structure(Structure::Flattest { condition: None, response, .. }))
            if is_zero(&response.first) && is_zero(&response.second) =>
        {
            out.push(Remark::NeverLeast);
        }
        (LawRow::SgdDrift | LawRow::SgdEquilibrium, Statement::Expected { change, .. })
            if Hyperparameters::noises(model).values().any(|noise| mentions(change, *noise)) =>
        {
            out.push(Remark::Equilibrium { response: row == LawRow::SgdDrift });
        }
        (LawRow::BallBroken, Statement::Damped { .. }) => out.push(Remark::DampedAndDriven),
        (LawRow::BallBroken, _) => out.push(Remark::Driven),
        (LawRow::Kernel, _) if matches!(claim.by(), Inference::JointKernel) => out.push(Remark::ExactRank),
        (LawRow::Kernel, Statement::Kernel { generators, .. })
            if model.output.is_some() && generators.iter().any(|g| !g.output_invariant) =>
        {
            out.push(Remark::LossOnly);
        }
        (LawRow::FixedSpace, Statement::Structure(Structure::FixedSpace { conditions, .. })) => {
            out.extend(within_group());
            let everything = conditions.len() == model.params.len();
            if everything && conditions.iter().all(|c| c.form == Form::Zero) {
                out.push(Remark::EvenLoss);
            }
            if conditions.iter().all(Condition::is_of_coordinate) {
                out.push(Remark::EachCoordinate { origin: everything });
            }
            if is_bound(claim) {
                out.push(Remark::AtMostEquations);
            }
            out.push(Remark::Kept);
        }
        (LawRow::Breaking, Statement::Structure(Structure::Breaking { conditions, .. })) => {
            out.push(Remark::Stability);
            out.extend(within_group());
            if conditions.iter().all(Condition::is_of_coordinate) {
                out.push(Remark::Uncoupled);
            }
            if is_bound(claim) {
                out.push(Remark::AtMostDimension);
            }
        }
        (LawRow::Multiplicities, Statement::Structure(Structure::Multiplicities { cases, .. })) => {
            out.extend(within_group());
            out.extend(cases.is_empty().then_some(Remark::AtInstance));
            out.push(Remark::Coincide);
        }
        _ => {}
    }
    out
}

fn is_bound(claim: &Proved) -> bool {
    claim.count().is_some_and(|count| count.reason == Reason::AtMostEntries)
}

/// Whether every summand of the generator is linear in the parameters.
fn is_linear(claim: &Proved, tangent: &Tangent) -> bool {
    let model = claim.setting().model();
    let linear = |value: &Expr| summands(value).iter().all(|(_, t)| degree(model, t).is_some_and(|k| k.is_one()));
    tangent.components.iter().all(|(_, value)| linear(value))
}
