//! The last step to a law, in words.

use super::prose::{Prose, prose};
use super::range::range;
use crate::group::{Family, Finite, Part};
use crate::kernel::{self, ActionKind, Inference, Judgement, Law, LawRow, Proved, Response, Statement, Tangent};

/// Why a law follows from the claims told before it.
pub(super) fn conclusion(law: &Law) -> Prose {
    let all = kernel::derivation(law.claim());
    let tangent = all.iter().find_map(|c| c.tangent());
    let unit = tangent.is_none_or(|t| t.element.unit);
    let family = tangent.and_then(|t| family(&all, t));
    let range = || family.as_ref().map(|f| range(&f.range, vec![])).unwrap_or_default();
    let still = matches!(law.statement(), Statement::Conserved { .. });
    let several = all.iter().find_map(|c| match c.by() {
        Inference::Combination { coefficients } => Some(coefficients.len()),
        _ => None,
    });
    match several {
        Some(2) => return "the two rates are proportional, so the difference is constant".into(),
        Some(_) => return "the rates are linearly dependent, so this combination is constant".into(),
        None => {}
    }
    let loss = tangent.is_some_and(|t| matches!(t.response, Response::Loss(_)));
    Prose::marked(match law.row() {
        LawRow::Gradient if !unit => {
            let part = family.as_ref().map_or("its left factor", |f| f.dual_part());
            return prose!["this holds for ", range(), ", so ", part, " vanishes"];
        }
        LawRow::FlowConserved | LawRow::FlowRate => {
            let first = match still {
                true => "along gradient flow `Q̇ = ⟨ξ, θ̇⟩ = −⟨∇L, ξ⟩ = 0`",
                false => "along gradient flow `Q̇ = ⟨ξ, θ̇⟩ = −⟨∇L, ξ⟩`, which the gradient identity gives",
            };
            let every = if unit { Prose::default() } else { prose!["; this holds for ", range()] };
            return prose![Prose::marked(first), every];
        }
        LawRow::FlowConstraint => {
            return prose![Prose::marked("`θ̇ = −∇L` in the gradient identity, for "), range()];
        }
        LawRow::HessianForm if !unit => {
            let b = all.iter().find_map(|c| match c.by() {
                Inference::HessianForm { second } => Some(*second),
                _ => None,
            });
            let second = format!("V = ξ_{}", b.map_or("B", |b| b.as_str()));
            let product = "this is the inner product of the Hessian image with ";
            return prose![product, crate::term::print::Line::from(second.as_str())];
        }
        LawRow::Transport if all.iter().any(is_loss_equivariance) => {
            "these are the first and second derivative of `L(Kθ) = C(L(θ))`, since `K` is linear and so its own derivative"
        }
        LawRow::Transport => {
            "these are the first and second derivative of `L(Kθ) = L(θ)`, since `K` is linear and so its own derivative"
        }
        LawRow::Gradient => "this is the identity, its terms collected",
        LawRow::DecayConserved => "`∇Q = ξ`, so the decay shrinks `Q` at a fixed rate and the rest `−⟨∇L, ξ⟩` vanishes",
        LawRow::DecayRate => "`∇Q = ξ`, so its rate is `−λ⟨θ, ξ⟩ − ⟨∇L, ξ⟩`",
        LawRow::DescentStep | LawRow::DescentDecayedStep => {
            "`Q` is quadratic with `∇Q = ξ`, so its expansion ends after `½⟨∇L, S∇L⟩`, and `⟨∇L, ξ⟩` is given by the gradient \
             identity"
        }
        LawRow::SgdStep => {
            "the loss of a batch is the mean of invariant ones, so it is invariant, and gradient descent takes this step of it"
        }
        LawRow::SgdMean => {
            "`Q` is quadratic with `∇Q = ξ`; the noise has mean 0, so the terms of first order in it vanish in the mean"
        }
        LawRow::SgdDrift | LawRow::SgdEquilibrium => {
            "Itô's formula: `−⟨∇L, ξ⟩` and half the second derivative of `Q` along the noise are the drift"
        }
        LawRow::BallConserved => {
            "`θ̈ = −γθ̇ − ∇L`: `⟨∇L, ξ⟩` vanishes, and so does `⟨θ̇, Sθ̇⟩` for a skew `S`; the friction is undone by `e^(γt)`"
        }
        LawRow::BallConservedSum => "its rate is `⟨θ̈ + γθ̇, b⟩ = −⟨∇L, b⟩`, which vanishes",
        LawRow::BallRate | LawRow::BallBroken => match law.statement() {
            Statement::Damped { .. } => "`∇Q = ξ`, so `Q̇ = ⟨θ̇, ξ⟩` and `Q̈ = ⟨θ̇, Dξ[θ̇]⟩ + ⟨θ̈, ξ⟩` with `θ̈ = −γθ̇ − ∇L`",
            _ => {
                "`θ̈ = −γθ̇ − ∇L`: what remains of the rate of `⟨θ̇, ξ⟩` is `⟨θ̇, Dξ[θ̇]⟩ − ⟨∇L, ξ⟩`; the friction is undone by \
                 `e^(γt)`"
            }
        },
        LawRow::MirrorConserved => "`∇Q = Mξ`, so the rate of `Q` is `−⟨∇L, ξ⟩`, which vanishes",
        LawRow::MirrorRate => "`∇Q = Mξ`, so the rate of `Q` is `−⟨∇L, ξ⟩`",
        LawRow::HessianImage => {
            "the gradient identity differentiated along `V` says that `⟨V, H[ξ]⟩ + ⟨∇L, Dξ[V]⟩` is the derivative of its \
             right-hand side"
        }
        LawRow::HessianForm => "this is the inner product of the Hessian image with `V = ξ`",
        LawRow::Alignment => "the image is the same multiple of the gradient on every parameter",
        LawRow::Sharpness => {
            "the compression of `H` to the plane of `ξ` and `H[ξ]` is `[[α, β], [β, ·]]` with `α = ⟨ξ, H[ξ]⟩/‖ξ‖²` and \
             `α² + β² = ‖H[ξ]‖²/‖ξ‖²`; its eigenvalues lie between those of `H` (Cauchy)"
        }
        LawRow::Third if loss => {
            "this is the derivative of `H[ξ] = c′(L)∇L − S*∇L` along `V`, since `S` does not depend on the parameters"
        }
        LawRow::Third => {
            "this is the derivative of `H[ξ] = −S*∇L` along `V`, since `S` does not depend on the parameters"
        }
        LawRow::Flattest => {
            "the trace of `H(Kθ) = K⁻ᵀHK⁻¹` is differentiated at the identity; where only the loss is equivariant \
             `C′H + C″∇L∇Lᵀ` stands for `H`. As `S` acts on one side of each parameter, `tr(S H)` contracts `A` with a partial \
             trace of its block"
        }
        LawRow::Kernel if law.action().is_some() => "`H[ξ] = −(Dξ)*∇L`, which vanishes with `∇L`",
        LawRow::Kernel => "the kernel is a linear space, so it contains the span of all the generators",
        LawRow::FixedSpace => {
            "where `P θ = θ` for every `P`, transport says `P∇L = ∇L` and `PH = HP` for the orthogonal `P`; the velocity of \
             gradient flow, gradient descent and the heavy ball, with decay or without, is a combination of `θ`, `∇L` and earlier \
             velocities, all of them fixed; under mirror flow it is `−(∇²ψ)⁻¹∇L`, and `ψ(Pθ) = ψ(θ)` makes `∇²ψ` commute with \
             `P` where `P θ = θ`"
        }
        LawRow::Breaking => match finite(&all) {
            Some(Finite::Involution | Finite::Signs) => {
                "`P = I − 2OOᵀ` with `V = {Oᵀθ = 0}`: `PH = HP` and `P∇L = ∇L` say `Oᵀ∇L = 0` and `OᵀH(I − OOᵀ) = 0`"
            }
            _ => {
                "`H` commutes with the projection onto `V`, the mean of all `P`, so it maps `V` and `V⊥` to themselves; `∇L` \
                 lies in `V`"
            }
        },
        LawRow::Multiplicities => {
            "a symmetric matrix that commutes with the group acts on each isotypic part `m·V` as a symmetric `m×m` matrix beside \
             the identity of `V`, or as a Hermitian `m×m` matrix where `V` is of complex type"
        }
    })
}

fn is_loss_equivariance(claim: &Proved) -> bool {
    matches!(claim.judgement(), Judgement::Equivariance { kind: ActionKind::LossEquivariance, .. })
}

fn finite(all: &[Proved]) -> Option<Finite> {
    all.iter().find_map(|c| match c.judgement() {
        Judgement::Equivariance { action, .. } => action.group.group.finite(),
        _ => None,
    })
}

/// The part of the algebra that a law is projected onto.
fn family(all: &[Proved], tangent: &Tangent) -> Option<Family> {
    let algebra = tangent.algebra()?;
    let onto = all.iter().rev().find_map(|c| match c.by() {
        Inference::Projection { onto: Some((_, part)), .. } | Inference::ProjectedFlow { onto: (_, part), .. } => {
            Some(*part)
        }
        _ => None,
    });
    kernel::family_of(&algebra, onto.unwrap_or(Part::Whole))
}
