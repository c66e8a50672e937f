//! The lemmas that laws are instances of, each stated once with its calculation.

use super::block::{Block, Claimed, Node};
use super::paper::Paper;
use crate::kernel::{LawRow, Theorem};
use crate::report::prose::Prose;

/// A lemma in words, formulas between backticks.
struct General {
    key: &'static str,
    title: &'static str,
    rows: &'static [LawRow],
    statement: &'static str,
    proof: &'static str,
}

/// In an order in which a lemma rests on those before it.
const GENERAL: &[General] = {
    use LawRow::*;
    &[
        General {
            key: "gradient",
            title: "gradient identity",
            rows: &[Gradient, FlowConstraint],
            statement: "Where `L` is differentiable, `⟨∇L, ξ⟩ = ⟨E, r⟩`, where `E` is the gradient of `ℓ` at `F` and `r` the derivative at \
                        the identity of what `F` goes to, so `r = 0` for an invariance. Where only the loss is known to go to `C(L)`, \
                        `⟨∇L, ξ⟩ = c(L)` with the derivative `c` of `C` at the identity, and `c = 0` for an invariance. Along `θ̇ = −∇L` it is a \
                        constraint on the velocity, `⟨θ̇, ξ⟩ = −⟨E, r⟩`.",
            proof: "Let `g = exp(tA)`. The derivative of `L(gθ)` at `t = 0` is `⟨∇L, ξ⟩`, and `L(gθ) = ℓ(ρ_g(F))` has the derivative \
                    `⟨E, r⟩` by the chain rule; `L(gθ) = C_g(L)` has the derivative `c(L)`. This holds for every `A`, and both sides are linear in \
                    `A`. By `⟨X, AY⟩ = ⟨XYᵀ, A⟩` and `⟨X, YA⟩ = ⟨YᵀX, A⟩` it reads `⟨M, A⟩ = 0` for every `A`: the orthogonal projection \
                    of `M` onto the Lie algebra vanishes. That is `M = 0` where `A` is any matrix, `M` with diagonal `0` where `A` is diagonal, `M = Mᵀ` \
                    where `A` is skew.",
        },
        General {
            key: "flow",
            title: "gradient flow",
            rows: &[FlowConserved, FlowRate],
            statement: "Let `ξ = ∇Q`. Along `θ̇ = −∇L`, wherever `L` is differentiable, `Q̇ = −⟨∇L, ξ⟩`, which is `0` for an invariance. Such a `Q` \
                        exists where `S` is self-adjoint: `Q = ½⟨θ, Sθ⟩ + ⟨b, θ⟩` for `ξ = Sθ + b`, and `Q = ⟨ξ, θ⟩/(k+1)` for `ξ` \
                        homogeneous of degree `k ≠ −1`.",
            proof: "`Q̇ = ⟨∇Q, θ̇⟩ = −⟨ξ, ∇L⟩`. The gradient of `½⟨θ, Sθ⟩ + ⟨b, θ⟩` is `½(S + S*)θ + b = ξ`; that of `⟨ξ, θ⟩` is \
                    `ξ + S*θ = ξ + Sθ = (k+1)ξ` by Euler's identity. Both are linear in `A`, which is eliminated as in the gradient identity. \
                    Quantities whose rates are linearly dependent have a combination that is constant.",
        },
        General {
            key: "decay",
            title: "weight decay",
            rows: &[DecayConserved, DecayRate],
            statement: "Let `ξ = ∇Q`. Along `θ̇ = −∇L − λθ`, wherever `L` is differentiable, `Q̇ = −λ⟨θ, ξ⟩ − ⟨∇L, ξ⟩`. Where `Q` is homogeneous of degree \
                        `k`, the rate of `e^(kλt)Q` is `−e^(kλt)⟨∇L, ξ⟩`, which is `0` for an invariance.",
            proof: "`Q̇ = ⟨ξ, θ̇⟩`. Euler's identity is `⟨θ, ξ⟩ = ⟨θ, ∇Q⟩ = kQ`, with `k = 2` for a linear action and `k = 1` for a translation, so \
                    that the rate of `e^(kλt)Q` is `e^(kλt)(kλQ + Q̇) = −e^(kλt)⟨∇L, ξ⟩`.",
        },
        General {
            key: "descent",
            title: "gradient descent",
            rows: &[DescentStep, DescentDecayedStep, SgdStep],
            statement: "Let `ξ = Sθ + b = ∇Q` with a self-adjoint `S`. Where `L` is differentiable and for `θ⁺ = θ − ηG`, `Q(θ⁺) = Q(θ) − η⟨G, ξ⟩ + ½η²⟨G, SG⟩`. For \
                        `θ⁺ = (1 − ηλ)θ − ηG` and `Q` homogeneous of degree `k`, which is `2` where `b = 0` and `1` where `S = 0`, the first two terms get the factors \
                        `(1 − ηλ)^k` and `(1 − ηλ)^(k−1)`. Here `G` is `∇L`, with `⟨∇L, ξ⟩` as in the gradient identity, or the gradient `Ĝ` of a batch \
                        of samples with differentiable invariant losses, with `⟨Ĝ, ξ⟩ = 0`.",
            proof: "`Q` is a polynomial of degree 2 with gradient `ξ` and second derivative `S`, so `Q(θ + v) = Q(θ) + ⟨ξ, v⟩ + ½⟨v, Sv⟩`; put \
                    `v = −ηG`. With decay put `sθ` for `θ`, `s = 1 − ηλ`: `Q(sθ) = s^kQ(θ)`, and `∇Q` at `sθ` is `s^(k−1)ξ`. The loss of a batch is \
                    the mean of the losses of its samples: it is invariant with them, and the gradient identity holds for its gradient.",
        },
        General {
            key: "noise",
            title: "noise of stochastic gradients",
            rows: &[SgdMean, SgdDrift, SgdEquilibrium],
            statement: "Let `ξ = ∇Q`, and let `N` be noise of mean `0` with covariance `Σ`, the difference between the gradient of a batch of samples with differentiable losses and `∇L`. For `θ⁺ = θ − η(∇L + N)` and `ξ = Sθ + b`, the mean of \
                        `Q(θ⁺) − Q(θ)` is that of `−η⟨∇L, ξ⟩ + ½η²(⟨∇L, S∇L⟩ + ⟨N, SN⟩)`. For `dθ = −∇L dt + √(ηΣ) dB`, the rate of the mean of \
                        `Q` is the mean of `−⟨∇L, ξ⟩ + ½η⟨N, SN⟩`.",
            proof: "In `Q(θ + v) = Q(θ) + ⟨ξ, v⟩ + ½⟨v, Sv⟩` with `v = −η(∇L + N)` the terms of first order in `N` have mean `0`, because `θ` and \
                    `∇L` are known before the step. For the diffusion Itô's formula has the drift `⟨ξ, −∇L⟩ + ½tr(ηΣS)`, and the mean of \
                    `⟨N, SN⟩` is `tr(ΣS)`.",
        },
        General {
            key: "ball",
            title: "heavy ball",
            rows: &[BallConserved, BallConservedSum, BallRate, BallBroken],
            statement: "Let `θ̈ + γθ̇ = −∇L`, wherever `L` is differentiable. The rate of `e^(γt)⟨θ̇, ξ⟩` is `e^(γt)(⟨θ̇, Sθ̇⟩ − ⟨∇L, ξ⟩)`: `0` for an invariance with a skew `S`. \
                        Where `ξ = ∇Q`, `Q̈ + γQ̇ = ⟨θ̇, Sθ̇⟩ − ⟨∇L, ξ⟩`; for an invariance by translations `⟨θ̇, b⟩ + γ⟨θ, b⟩` is constant.",
            proof: "The rate of `⟨θ̇, ξ⟩` is `⟨θ̈, ξ⟩ + ⟨θ̇, Sθ̇⟩ = −γ⟨θ̇, ξ⟩ − ⟨∇L, ξ⟩ + ⟨θ̇, Sθ̇⟩`; the factor `e^(γt)` undoes the friction, and \
                    `⟨θ̇, Sθ̇⟩ = 0` for a skew `S`. Where `ξ = ∇Q`, `⟨θ̇, ξ⟩ = Q̇`. For a translation `S = 0`, and the rate of \
                    `⟨θ̇, b⟩ + γ⟨θ, b⟩` is `⟨θ̈ + γθ̇, b⟩ = −⟨∇L, b⟩ = 0`.",
        },
        General {
            key: "mirror",
            title: "mirror flow",
            rows: &[MirrorConserved, MirrorRate],
            statement: "Let `∇Q = ∇²ψ(θ)ξ`. Along `d/dt ∇ψ(θ) = −∇L`, with a convex `ψ`, wherever `L` is differentiable, `Q̇ = −⟨∇L, ξ⟩`, which is `0` for an invariance.",
            proof: "The equation of motion reads `∇²ψ(θ)θ̇ = −∇L`, and `∇²ψ` is symmetric, so `Q̇ = ⟨∇²ψ(θ)ξ, θ̇⟩ = ⟨ξ, ∇²ψ(θ)θ̇⟩ = −⟨ξ, ∇L⟩`.",
        },
        General {
            key: "transport",
            title: "transport",
            rows: &[Transport],
            statement: "Let `L(Kθ + s) = C(L(θ))` for a linear map `K` and a constant `s`, which is `0` where none is named, let `Kθ + s` be in the domain of `L`, and let `L` be twice \
                        differentiable. Then `Kᵀ∇L(Kθ + s) = C′∇L` and `KᵀH(Kθ + s)K = C′H + C″∇L∇Lᵀ`; for an invariance the right sides are `∇L` and `H`.",
            proof: "The derivative of `L(Kθ + s) = C(L(θ))` along `U` is `⟨∇L(Kθ + s), KU⟩ = C′⟨∇L, U⟩`. That of this along `V` is \
                    `⟨KU, H(Kθ + s)KV⟩ = C′⟨U, H[V]⟩ + C″⟨∇L, U⟩⟨∇L, V⟩`.",
        },
        General {
            key: "image",
            title: "Hessian image",
            rows: &[HessianImage],
            statement: "Where `L` is twice differentiable, `H[ξ] = J*(ℓ″[r] + r′*E) − S*∇L`, where `r = r(F)` has the derivative `r′`; for an invariance \
                        `H[ξ] = −S*∇L`, and `H[ξ] = c′(L)∇L − S*∇L` where only the loss is equivariant.",
            proof: "The derivative of the gradient identity along `V`: on the left it is `⟨H[V], ξ⟩ + ⟨∇L, SV⟩ = ⟨V, H[ξ] + S*∇L⟩`. On the \
                    right `F` moves by `J[V]` and `E` by `ℓ″[J[V]]`, so it is `⟨ℓ″[J[V]], r⟩ + ⟨E, r′[J[V]]⟩ = ⟨V, J*(ℓ″[r] + r′*E)⟩`, or \
                    `c′(L)⟨∇L, V⟩`. This holds for every `V`.",
        },
        General {
            key: "form",
            title: "Hessian form on the orbit",
            rows: &[HessianForm],
            statement: "Where `L` is twice differentiable, for two elements `A` and `B`, `⟨ξ_B, H[ξ_A]⟩` is the inner product of `ξ_B` with the Hessian image; for an invariance it is \
                        `−⟨∇L, S_A ξ_B⟩`, up to a multiple of the gradient identity, which is `0`.",
            proof: "`⟨ξ_B, −S_A*∇L⟩ = −⟨S_A ξ_B, ∇L⟩`. The gradient identity for another element of the algebra may be added.",
        },
        General {
            key: "kernel",
            title: "kernel",
            rows: &[Kernel],
            statement: "Let the loss be invariant and twice differentiable at a point with `∇L = 0`. Then `H[ξ] = 0` there for every generator, and `dim ker H` is \
                        at least the dimension of the span of all generators at that point. If `F` is invariant, `J[ξ] = 0` at every point, so that \
                        the Gauss–Newton matrix `J*ℓ″J` has this kernel everywhere.",
            proof: "`H[ξ] = −S*∇L = 0`. The derivative of `F(gθ) = F(θ)` along `g = exp(tA)` at `t = 0` is `J[ξ] = 0`.",
        },
        General {
            key: "alignment",
            title: "alignment",
            rows: &[Alignment],
            statement: "Where `L` is twice differentiable and the Hessian image reads `H[ξ] = κ∇L` with `κ ≠ 0`, the gradient lies in the range of the Hessian.",
            proof: "`∇L = H[ξ/κ]`.",
        },
        General {
            key: "sharpness",
            title: "sharpness",
            rows: &[Sharpness],
            statement: "Where `L` is twice differentiable, let `ξ ≠ 0`, `α = ⟨ξ, H[ξ]⟩/‖ξ‖²` and `α² + β² = ‖H[ξ]‖²/‖ξ‖²` with `β ≥ 0`. Then `λ_max ≥ α ≥ λ_min` for the largest and the \
                        least eigenvalue of `H`, `‖H‖ ≥ √(α²+β²)` for the largest absolute value, and `λ_max − λ_min ≥ 2β`.",
            proof: "`α` is the Rayleigh quotient of `ξ`, and `‖H‖ ≥ ‖H[ξ]‖/‖ξ‖`. If `β ≠ 0`, let `v = ξ/‖ξ‖` and `w = (H[v] − αv)/β`, unit vectors at a right angle. \
                    On their plane `H` is compressed to a symmetric matrix with rows `(α, β)` and `(β, δ)`, whose eigenvalues differ by \
                    `√((α − δ)² + 4β²) ≥ 2β` and lie between those of `H`.",
        },
        General {
            key: "third",
            title: "third order",
            rows: &[Third],
            statement: "For an action affine in `θ` and a loss that is three times differentiable, `D³L[ξ, ·, ·] = −(S*H + HS)` for an invariance; where only the loss \
                        goes to `C(L)`, `c′H + c″∇L∇Lᵀ` is added.",
            proof: "The derivative of `H[ξ] = c′(L)∇L − S*∇L` along `V`, with a constant `S`: `D³L[ξ, V, ·] + H[SV] = c″⟨∇L, V⟩∇L + c′H[V] − S*H[V]`.",
        },
        General {
            key: "flattest",
            title: "trace along an orbit",
            rows: &[Flattest],
            statement: "For an action affine in `θ` and a loss that is three times differentiable, the derivative of `tr H` along `exp(tA)` is `−2 tr(SH)`; where only the loss goes to `C(L)`, \
                        `c′ tr H + c″‖∇L‖²` is added. Where `tr H` of an invariant loss is least on an orbit, `tr(SH) = 0` for every `A`.",
            proof: "It is the trace of `D³L[ξ, ·, ·]`, and `tr(S*H) = tr(HS)`. For `SV = AV` on a parameter `W`, `tr(SH)` is `⟨H_row(W), A⟩` with the \
                    entries `∑ₖ ∂²L/∂Wᵢₖ∂Wⱼₖ` of `H_row(W)`; for `SV = VA` it is `⟨H_col(W), A⟩` with the entries `∑ₖ ∂²L/∂Wₖᵢ∂Wₖⱼ` of `H_col(W)`.",
        },
        General {
            key: "fixed",
            title: "symmetric subspaces",
            rows: &[FixedSpace],
            statement: "Let a finite group of orthogonal linear maps `P` leave the loss invariant, and let `V` be the space of the points with `Pθ = θ` for all `P`. On `V`, \
                        `∇L` lies in `V` and `PH = HP`. Where `∇L` is locally Lipschitz, a trajectory that starts in `V` stays in `V`.",
            proof: "Transport with `K = P`, `Pᵀ = P⁻¹` and `Pθ = θ` gives `P∇L = ∇L` and `PH = HP`. On `V` the velocity `−∇L` lies in `V`, so `θ̇ = −∇L` \
                    has a solution within `V`, and by the Lipschitz condition no other. With decay or a momentum from `V` the same holds of a combination of \
                    `θ`, `∇L` and `θ̇`, all in `V`, and of a step. Under mirror flow with an invariant potential `∇²ψ` commutes with `P`, so `−(∇²ψ)⁻¹∇L` lies in `V`.",
        },
        General {
            key: "breaking",
            title: "the Hessian at symmetric points",
            rows: &[Breaking],
            statement: "On `V`, where `L` is twice differentiable, `H` maps `V` and `V⊥` to themselves. At a stationary point in `V` a negative eigenvalue of `H` on \
                        `V⊥` makes the point unstable along gradient flow, and where `H` is positive definite there, it is linearly stable off `V`.",
            proof: "`H` commutes with every `P`, hence with their mean, which is the orthogonal projection onto `V`. The linear part of `θ̇ = −∇L` at a stationary \
                    point is `−H`.",
        },
        General {
            key: "spectrum",
            title: "multiplicities",
            rows: &[Multiplicities],
            statement: "On `V`, where `L` is twice differentiable, an irreducible real representation of dimension `n` that occurs `m` times in the space of parameters gives `H` at most `m` distinct eigenvalues, \
                        each repeated `n` times.",
            proof: "`H` is symmetric and commutes with the group. On the part that is `m` copies of a representation of real type it acts, by Schur's lemma, as a \
                    symmetric `m×m` matrix beside the identity of dimension `n`; for one of complex or quaternionic type as a Hermitian one, with `m` real eigenvalues too.",
        },
    ]
};

/// The statement of the lemma that laws of a kind are instances of, formulas between backticks.
pub fn lemma(row: LawRow) -> Option<&'static str> {
    general(row).map(|lemma| lemma.statement)
}

/// The lemma a law is an instance of.
fn general(row: LawRow) -> Option<&'static General> {
    GENERAL.iter().find(|lemma| lemma.rows.contains(&row))
}

impl Paper<'_> {
    /// Where the lemma stands that a law is an instance of.
    pub(super) fn lemma_of(&self, row: LawRow) -> Prose {
        general(row).map_or(Prose::default(), |lemma| Prose::reference("Lemma", self.label("theory", lemma.key)))
    }

    /// Which of some lemmas rests on which, as the laws of their kinds do.
    fn graph(&self, lemmas: &[&General]) -> Vec<Node> {
        let node = |(i, lemma): (usize, &&General)| {
            let rests = |(_, before): &(usize, &&General)| {
                let on = |row: &LawRow| row.data().rests.iter().any(|premise| before.rows.contains(premise));
                lemma.rows.iter().any(on)
            };
            Node {
                label: self.label("theory", lemma.key),
                title: lemma.title,
                laws: self.report.laws.iter().filter(|law| lemma.rows.contains(&law.row())).count(),
                rests: lemmas[..i].iter().enumerate().filter(rests).map(|(i, _)| i).collect(),
            }
        };
        lemmas.iter().enumerate().map(node).collect()
    }

    /// The lemmas that the laws are instances of.
    pub(super) fn theory(&self) -> Vec<Block> {
        let rows: Vec<LawRow> = self.report.laws.iter().map(|law| law.row()).collect();
        let used = |lemma: &&General| {
            let rests = |key: &str| general(LawRow::Gradient).is_some_and(|first| first.key == key) && !rows.is_empty();
            lemma.rows.iter().any(|row| rows.contains(row)) || rests(lemma.key)
        };
        let lemmas: Vec<&General> = GENERAL.iter().filter(used).collect();
        if lemmas.is_empty() {
            return vec![];
        }
        let lead = "In this section `ξ` is the generator of an action, for an element `A` of its Lie algebra, and `S` its derivative by `θ`, with the adjoint `S*`; the \
                    derivative of `F` by `θ` is `J`. An action is affine where `ξ = Sθ + b` with a constant `S` and `b`, linear where `b = 0`, a translation where \
                    `S = 0`. Letters that a lemma introduces are its own, whatever the model calls by them.";
        let mut out = vec![Block::Heading(Prose::text("Lemmas")), Block::Paragraph(Prose::marked(lead))];
        out.push(Block::Graph(self.graph(&lemmas)));
        for lemma in lemmas {
            let number = lemma.rows.first().map_or(Theorem::Definition, |row| row.data().theorem).number();
            out.push(Block::Claim {
                kind: Claimed::Lemma,
                title: Some(Prose::text(format!("{}, {number}", lemma.title))),
                label: self.label("theory", lemma.key),
                body: vec![Block::Paragraph(Prose::marked(lemma.statement))],
            });
            out.push(Block::Proof(vec![Block::Paragraph(Prose::marked(lemma.proof))]));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::CATALOGUE;

    #[test]
    fn every_kind_of_law_is_an_instance_of_one_lemma() {
        for data in CATALOGUE {
            let lemmas = GENERAL.iter().filter(|lemma| lemma.rows.contains(&data.row));
            assert_eq!(lemmas.count(), 1, "{}", data.path);
        }
        for lemma in GENERAL {
            assert_eq!(lemma.statement.matches('`').count() % 2, 0, "{}", lemma.key);
            assert_eq!(lemma.proof.matches('`').count() % 2, 0, "{}", lemma.key);
        }
    }
}
