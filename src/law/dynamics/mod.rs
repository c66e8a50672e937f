//! What the dynamics do with T1, from the same forms: θ in place of the cotangent gives Q_A, the velocity or the gradient in
//! both places the quadratic forms ⟨θ̇, S_Aθ̇⟩ and ⟨∇L, S_A∇L⟩. The statements for every A are the kernel's; here A is eliminated.

mod heavy_ball;
mod mirror;
mod plain;
mod scene;

use super::conservation::Portion;
use super::context::Context;
use super::forms::{Forms, Slope};
use super::generator::Motion;
use super::missing::{Curled, Missing, Obstacle, Skewed, Wanted};
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
        (Dynamics::WeightDecay, Wanted::Law(LawRow::DecayConserved)),
        (Dynamics::GradientDescent, Wanted::Law(LawRow::DescentStep)),
        (Dynamics::Sgd, Wanted::Law(LawRow::SgdStep)),
        (Dynamics::HeavyBall, Wanted::Momentum),
    ];
    let skew = portions.iter().all(|p| p.is(Symmetry::Skew));
    let curl_free = portions.iter().any(|p| p.is(Symmetry::SelfAdjoint));
    for (dynamics, wanted) in told {
        let law = out.laws.iter().any(|law| law.dynamics() == Some(&dynamics));
        if law || out.missing.iter().any(|missing| missing.wanted.is_about(Some(&dynamics))) {
            continue;
        }
        let why = match (skew, curl_free, dynamics) {
            (_, true, _) => Obstacle::EmptyProjection,
            (true, _, Dynamics::WeightDecay) => Obstacle::Skew(Skewed::Decayed),
            (true, ..) => Obstacle::Skew(Skewed::Generator),
            (false, ..) => Obstacle::NotCurlFree(Curled::Unstated),
        };
        out.missing.push(Missing { action: motion.action, wanted, why });
    }
}
