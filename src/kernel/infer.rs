//! Carrying out inferences: the only place where claims are made.

use super::checked::Checked;
use super::claim::{Claim, Conclusion, Judgement, Proved, Refusal};
use super::hypothesis::Hypothesis;
use super::inference::Inference;
use super::scope::Setting;
use super::{action, algebra, evolution, flow, hessian, onward, separation, symmetric, tangent, third};
use std::sync::Arc;

impl Claim {
    /// Carries out an inference from claims that hold.
    ///
    /// # Errors
    /// When the conclusion does not follow.
    pub fn infer(setting: &Setting, by: Inference, premises: Vec<Proved>) -> Result<Proved, Refusal> {
        if premises.iter().any(|p| !p.setting().is(setting)) {
            return Err(Refusal("a premise is about another model or uses other rules"));
        }
        let mut conclusion = by.conclude(setting, &premises)?;
        if setting.model().stops() && conclusion.is_about_the_loss() {
            conclusion = conclusion.assuming([Hypothesis::Held]);
        }
        Ok(Claim::concluded(setting, by, premises, conclusion))
    }

    /// A chain of rewriting steps as a claim.
    pub fn rewriting(setting: &Setting, checked: Checked) -> Result<Proved, Refusal> {
        Claim::infer(setting, Inference::Rewriting(Arc::new(checked)), vec![])
    }
}

impl Inference {
    /// The conclusion, from the statements of the premises.
    fn conclude(&self, setting: &Setting, premises: &[Proved]) -> Result<Conclusion, Refusal> {
        match self {
            Inference::Rewriting(checked) => {
                let judgement = Judgement::Equation {
                    along: checked.along(),
                    lhs: checked.start().clone(),
                    rhs: checked.end().clone(),
                };
                let ideal = checked.is_ideal(setting).then_some(Hypothesis::NoEpsilon);
                let assumed = checked.assumed(setting).map(Hypothesis::Rule).chain(ideal);
                match premises.is_empty() {
                    true => Ok(Conclusion::new(checked.scope().clone(), judgement).assuming(assumed)),
                    false => Err(Refusal("a chain of rewriting steps rests on nothing else")),
                }
            }
            Inference::Instance { scope, images } => algebra::instance(setting, scope, images, premises),
            Inference::Linear { scope, lhs, rhs, coefficients } => {
                algebra::linear(setting, scope, (lhs, rhs), coefficients, premises)
            }
            Inference::Paired { scope, with } => algebra::paired(scope, with, premises),
            Inference::Projection { symbol, onto, lhs, rhs } => {
                algebra::projection(setting, *symbol, onto.as_ref(), (lhs, rhs), premises)
            }
            Inference::Restated { scope, factor, quantity, change, coefficients } => {
                evolution::restated(setting, scope, factor, (quantity, change), coefficients, premises)
            }
            Inference::ProjectedFlow { symbol, onto, quantity, change } => {
                evolution::projected_flow(setting, *symbol, onto, (quantity, change), premises)
            }
            Inference::Combination { coefficients } => evolution::combination(coefficients, premises),
            Inference::BatchStep => flow::batch_step(setting, premises),
            Inference::Velocity => flow::velocity(premises),
            Inference::Equations { element } => separation::equations(*element, premises),
            Inference::Separation { element, parts } => separation::separation(setting, *element, parts, premises),
            Inference::GroupAction { action, side } => action::group_action(setting, action, *side, premises),
            Inference::Transport { action, name } => action::transport(setting, action, *name, premises),
            Inference::Relabelling { action, name } => action::relabelling(setting, action, *name, premises),
            Inference::Carried { action, before, image } => action::carried(setting, action, *before, image, premises),
            Inference::Induction { action, last, images } => {
                action::induction(setting, action, *last, images, premises)
            }
            Inference::Moved { action, moved } => onward::moved(setting, action, moved, premises),
            Inference::Onward { action, index, maps } => onward::onward(setting, action, *index, maps, premises),
            Inference::Summed { over } => algebra::summed(over, premises),
            Inference::Equivariance => action::equivariance(setting, premises),
            Inference::Generator { element, name } => tangent::generator(setting, *element, *name, premises),
            Inference::Tangent => tangent::tangent(setting, premises),
            Inference::GradientIdentity => tangent::gradient_identity(setting, premises),
            Inference::Derivative => tangent::derivative(setting, premises),
            Inference::Symmetry { part, symmetry } => tangent::symmetry(setting, *part, *symmetry, premises),
            Inference::MirrorField { dynamics } => tangent::mirror_field(setting, dynamics, premises),
            Inference::Integration => tangent::integration(setting, premises),
            Inference::Flow(flow) => flow::flow(setting, *flow, premises),
            Inference::DecayUndone { degree, change } => flow::decay_undone(setting, degree, change, premises),
            Inference::HessianImage => hessian::image(setting, premises),
            Inference::HessianForm { second } => hessian::form(setting, *second, premises),
            Inference::Kernel => hessian::kernel(setting, premises),
            Inference::JointKernel => hessian::joint_kernel(premises),
            Inference::Alignment { factor } => hessian::alignment(setting, factor, premises),
            Inference::Sharpness { form, image, length } => hessian::sharpness(setting, form, image, length, premises),
            Inference::ThirdOrder => third::third(setting, premises),
            Inference::FlattestPoint => third::flattest_point(setting, premises),
            Inference::Flattest { trace } => third::flattest(setting, trace, premises),
            Inference::TransportLaw { adjoint, shift } => symmetric::transport_law(setting, adjoint, shift, premises),
            Inference::MembersEqual => symmetric::members_equal(setting, premises),
            Inference::FixedSpace => symmetric::fixed_space(setting, premises),
            Inference::Breaking => symmetric::breaking(setting, premises),
            Inference::Multiplicities => symmetric::multiplicities(setting, premises),
        }
    }
}
