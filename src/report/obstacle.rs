//! What stood in the way of a law, in words.

use super::prose::{Inline, Prose, prose};
use super::range::range;
use crate::check::Void;
use crate::job::{Absent, Tried};
use crate::law::{Curled, Obstacle, Skewed, Stage, Wanted};
use crate::term::Symbol;
use crate::term::print::{self, Line};

/// A law that a report does not state: its id, the name of what stood in the way, and the reason.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Told {
    pub id: String,
    pub obstacle: &'static str,
    pub reason: Prose,
}

/// Why a law is not stated.
pub(super) fn absent(absent: &Absent) -> Told {
    match absent {
        Absent::Underived { missing, numbers } => Told {
            id: format!("{}/{}", missing.action, wanted(missing.wanted)),
            obstacle: name(&missing.why),
            reason: obstacle(&missing.why).glue(numbers.as_ref().map(tried).unwrap_or_default()),
        },
        Absent::Withheld(check) => {
            let said = match &check.remark {
                Some(remark) if !check.residual.is_finite() => remark.clone(),
                _ => format!("its residual is {:.1e}", check.residual),
            };
            let reason = format!("derived, but withheld: at seed {} {said}, please report this", check.seed);
            Told { id: check.law.clone(), obstacle: "withheld", reason: reason.into() }
        }
        Absent::Void { law, why, seed } => {
            let reason = Prose::marked(void(*why));
            let at = format!("void at the points of the instance of seed {seed}: ");
            Told { id: law.clone(), obstacle: "void", reason: prose![at, reason, ", so it says nothing"] }
        }
    }
}

/// Why the laws of a symmetric subspace say nothing.
fn void(why: Void) -> &'static str {
    match why {
        Void::Undefined => "`L` is not defined on `V`",
        Void::NotLipschitz => "`∇L` is not Lipschitz at `V`, where `L` has a kink or a pole",
        Void::NotTwiceDifferentiable => "`L` is not twice differentiable on `V`",
    }
}

/// The end of the id of what was wanted.
fn wanted(wanted: Wanted) -> String {
    match wanted {
        Wanted::Law(row) => row.data().path.into(),
        Wanted::Generator(None) => "generator".into(),
        Wanted::Generator(Some(param)) => format!("generator/{param}"),
        Wanted::Response => "response".into(),
        Wanted::Momentum => "heavy-ball/step".into(),
    }
}

/// The name of an obstacle in the JSON output; of the innermost one where a step towards a law failed.
fn name(why: &Obstacle) -> &'static str {
    match why {
        Obstacle::Search(_) => "search",
        Obstacle::Replay(_) => "replay",
        Obstacle::Refused(_) => "refused",
        Obstacle::NotIsolated(_) => "not-isolated",
        Obstacle::At(_, why) => name(why),
        Obstacle::NotMoving => "not-moving",
        Obstacle::TrivialGroup(_) => "trivial-group",
        Obstacle::NoGenerator(_) => "no-generator",
        Obstacle::OutputOnly => "output-only",
        Obstacle::NotLinear(_) => "not-linear",
        Obstacle::NotOfTheLoss => "not-of-the-loss",
        Obstacle::NotInvariant => "not-invariant",
        Obstacle::EmptyProjection => "empty-projection",
        Obstacle::NotCurlFree(_) => "not-curl-free",
        Obstacle::Skew(_) => "skew",
        Obstacle::NotHomogeneous => "not-homogeneous",
        Obstacle::NotAffine => "not-affine",
        Obstacle::MixedDegrees => "mixed-degrees",
        Obstacle::DependsOnData(_) => "depends-on-data",
        Obstacle::NotAffineInTheLoss => "not-affine-in-the-loss",
        Obstacle::NoPotential(_) => "no-potential",
        Obstacle::LinearPotential { .. } => "linear-potential",
        Obstacle::NoClosedForm(_) => "no-closed-form",
        Obstacle::NotScalingEntries(_) => "not-scaling-entries",
    }
}

/// What stood in the way, in Unicode.
pub fn reason(why: &Obstacle) -> String {
    obstacle(why).unicode()
}

/// What stood in the way.
pub(super) fn obstacle(why: &Obstacle) -> Prose {
    let said = Prose::marked;
    match why {
        Obstacle::Search(stopped) => stopped.to_string().into(),
        Obstacle::Replay(error) => format!("the proof found does not replay: {error}").into(),
        Obstacle::Refused(refusal) => refusal.to_string().into(),
        Obstacle::NotIsolated(form) => {
            let form = Prose(vec![Inline::Code(print::text(form))]);
            prose!["the form found is not an inner product: ", form]
        }
        Obstacle::At(stage, why) => self::stage(*stage).then(": ").glue(obstacle(why)),
        Obstacle::OutputOnly => said(
            "what the action does to the output holds, but says nothing of a loss in which the parameters have other terms, as \
             a penalty has",
        ),
        Obstacle::NoGenerator(group) => format!("the Lie algebra of {group} is 0: there is no generator").into(),
        Obstacle::TrivialGroup(group) => {
            format!("the identity is the only element of {group}: it moves nothing").into()
        }
        Obstacle::NotMoving => said("the action moves no parameter to first order"),
        Obstacle::NotLinear(param) => nonlinear(*param),
        Obstacle::NotOfTheLoss => said("the loss is not a function of the loss at the image"),
        Obstacle::NotInvariant => {
            said("the loss is not invariant, so at a fixed point `∇L = C′(L) P∇L` need not be fixed")
        }
        Obstacle::EmptyProjection => said("the projection of the law onto the Lie algebra is empty"),
        Obstacle::NotCurlFree(Curled::Generator) => {
            said("`ξ_A` is not proved curl-free, so it is not proved to be a gradient: no first integral follows")
        }
        Obstacle::NotCurlFree(Curled::Unstated) => {
            said("`ξ_A` is not proved curl-free, so there is no potential `Q_A` whose change could be stated")
        }
        Obstacle::NotCurlFree(Curled::Mirror { curved, .. }) if curved.is_empty() => {
            said("`M(θ)ξ_A` is not proved curl-free")
        }
        Obstacle::NotCurlFree(Curled::Mirror { curved, range: over }) => {
            let each = curved.iter().map(|(potential, param)| format!("{potential} on {param}"));
            let with =
                format!(": with {} the action has to be diagonal there, for ", each.collect::<Vec<_>>().join(", "));
            prose![said("`M(θ)ξ_A` is not proved curl-free"), with, range(over, vec![]), " it is not"]
        }
        Obstacle::Skew(Skewed::Generator) => {
            said("the generator is skew in `θ`, so it is the gradient of no `Q_A` whose change could be stated")
        }
        Obstacle::Skew(Skewed::Decayed) => said(
            "the generator is skew in `θ`, so it is the gradient of no `Q_A`; what holds is the constraint of gradient flow, to \
             which the decay adds `−λ⟨θ, ξ_A⟩`",
        ),
        Obstacle::Skew(Skewed::Mirror(over)) => prose![
            said("`D(M(θ)ξ_A)` is skew for "),
            range(over, vec![]),
            said(", so `M(θ)ξ_A` is not the gradient of a function")
        ],
        Obstacle::NotHomogeneous => said(
            "`ξ_A` is curl-free, but it is no sum of homogeneous fields of degrees other than `−1`, and no closed form of its \
             potential is known",
        ),
        Obstacle::NotAffine => said(
            "the action is not affine in `θ`, so `Q_A` is not quadratic and its change in a finite step has no closed form",
        ),
        Obstacle::MixedDegrees => said(
            "`ξ_A` has a linear and a constant part, whose potentials shrink by the factors `(1−ηλ)²` and `1−ηλ`: no closed law \
             of `Q_A`",
        ),
        Obstacle::DependsOnData(data) => {
            prose!["the action depends on the data ", Line::declared(*data), ", which differ from sample to sample"]
        }
        Obstacle::NotAffineInTheLoss => said(
            "the loss moves by a function of `L` that is not affine, whose mean over the samples is not its value at the mean",
        ),
        Obstacle::NoPotential(param) => {
            prose!["the mirror flow names no potential for ", Line::declared(*param), ", which the action moves"]
        }
        Obstacle::LinearPotential { param, potential } => {
            let on = prose![said("`ψ″ = 0` on "), Line::declared(*param)];
            on.then(&format!(": {potential} is linear and defines no mirror flow"))
        }
        Obstacle::NoClosedForm(param) => {
            let so = said("`M(θ)ξ_A` is curl-free, but no closed form of its potential on ");
            prose![so, Line::declared(*param), " is known"]
        }
        Obstacle::NotScalingEntries(param) => prose![
            said("`M(θ)ξ_A` is curl-free, but the action is not proved to scale the entries of "),
            Line::declared(*param),
            ", and no other potential in closed form is known"
        ],
    }
}

/// What failed at a step towards a law.
fn stage(stage: Stage) -> Prose {
    match stage {
        Stage::Action => "the action could not be differentiated".into(),
        Stage::Generator => "the generator could not be differentiated".into(),
        Stage::Derivative => "the derivative".into(),
        Stage::Element(param) => prose!["the quantified element could not be isolated on ", Line::declared(param)],
        Stage::Response => "the quantified element could not be isolated in the response".into(),
        Stage::Direction => "the direction could not be isolated".into(),
        Stage::Image(param) => nonlinear(param),
        Stage::Orthogonality(param) => {
            prose![Prose::marked("the action is not orthogonal: `PᵀP = I` was not proved on "), Line::declared(param)]
        }
        Stage::Potential(param) => prose!["the potential on ", Line::declared(param), " could not be differentiated"],
    }
}

fn nonlinear(param: Symbol) -> Prose {
    prose!["the image of ", Line::declared(param), " is not linear in the parameters"]
}

/// What numbers add to an obstacle.
fn tried(tried: &Tried) -> Prose {
    match tried {
        Tried::Refuted { seed } => prose![
            format!("; it is not: the instance of seed {seed} refutes "),
            Prose::marked("`⟨U, Dω[V]⟩ = ⟨V, Dω[U]⟩` for the field `ω`")
        ],
        Tried::Supported { seed } => format!("; at the instance of seed {seed} it is, so a rule may be missing").into(),
        Tried::Undecided(error) => format!("; not decided on numbers: {error}").into(),
    }
}
