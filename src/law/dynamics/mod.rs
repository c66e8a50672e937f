//! What the dynamics do with T1, from the same forms: θ in place of the cotangent gives Q_A, the velocity or the gradient in
//! both places the quadratic forms ⟨θ̇, S_Aθ̇⟩ and ⟨∇L, S_A∇L⟩. The statements for every A are the kernel's; here A is eliminated.

mod heavy_ball;
mod mirror;
mod plain;
mod scene;
#[cfg(test)]
mod tests;

use super::conservation::Portion;
use super::context::Context;
use super::forms::{Forms, Slope};
use super::generator::Motion;
use super::missing::{Missing, law_id};
use super::outcome::ActionLaws;
use crate::kernel::{Hyperparameters, LawRow, Symmetry};
use crate::model::Dynamics;

use scene::Scene;

/// Derives the laws of every dynamics on each part of the algebra.
pub(super) fn derive(
    cx: &Context,
    motion: &Motion,
    forms: &Forms,
    slope: &Slope,
    portions: &[Portion],
    out: &mut ActionLaws,
) {
    for portion in portions {
        let scene = Scene { cx, motion, forms, slope, portion, hyper: Hyperparameters::of(cx.model()) };
        if portion.is(Symmetry::SelfAdjoint) {
            plain::flow(&scene, out);
            plain::decay(&scene, out);
            plain::descent(&scene, out);
            plain::stochastic(&scene, out);
        }
        heavy_ball::derive(&scene, out);
    }
    mirror::derive(cx, motion, forms, out);
    without_law(motion, portions, out);
}

/// Why a dynamics whose laws are about a potential of ξ_A says nothing where there is none.
fn without_law(motion: &Motion, portions: &[Portion], out: &mut ActionLaws) {
    let told = [
        (Dynamics::WeightDecay, LawRow::DecayConserved),
        (Dynamics::GradientDescent, LawRow::DescentStep),
        (Dynamics::Sgd, LawRow::SgdStep),
        (Dynamics::HeavyBall, LawRow::BallConserved),
    ];
    for (dynamics, row) in told {
        let law = out.laws.iter().any(|law| law.dynamics() == Some(&dynamics));
        let about = |m: &Missing| {
            LawRow::named(m.id.split_once('/').map_or("", |(_, path)| path))
                .is_some_and(|r| r.is_about(Some(&dynamics)))
        };
        if law || out.missing.iter().any(about) {
            continue;
        }
        let skew = portions.iter().all(|p| p.is(Symmetry::Skew));
        let curl_free = portions.iter().any(|p| p.is(Symmetry::SelfAdjoint));
        let reason = match (skew, curl_free, &dynamics) {
            (_, true, _) => "the projection of the law onto the Lie algebra is empty",
            (true, _, Dynamics::WeightDecay) => {
                "the generator is skew in θ, so it is the gradient of no Q_A; what holds is the constraint of gradient flow, to \
                 which the decay adds −λ⟨θ, ξ_A⟩"
            }
            (true, ..) => "the generator is skew in θ, so it is the gradient of no Q_A whose change could be stated",
            (false, ..) => "ξ_A is not proved curl-free, so there is no potential Q_A whose change could be stated",
        };
        let path = if dynamics == Dynamics::HeavyBall { "heavy-ball/step" } else { row.data().path };
        out.missing.push(Missing { id: law_id(motion.action, path), reason: reason.into() });
    }
}
