//! The inferences: everything that may lead from claims to a claim. What an inference says and the statements of its
//! premises determine its conclusion, so a derivation can be carried out again by anyone who has them.

use super::checked::Checked;
use super::hypothesis::Equation;
use super::moved::{Moved, Onward};
use super::scope::Scope;
use crate::group::Part;
use crate::model::{Action, Dynamics};
use crate::term::{Expr, Rational, Symbol};
use std::sync::Arc;

/// Why a claim holds.
#[derive(Clone, Debug)]
pub enum Inference {
    /// Both sides are equal by a chain of rewriting steps.
    Rewriting(Arc<Checked>),
    /// Formulas in place of symbols that an equation holds for all values of.
    Instance { scope: Scope, images: Vec<(Symbol, Expr)> },
    /// lhs − rhs is Σ coefficient · (lhs − rhs) over the premises, in normal form.
    Linear { scope: Scope, lhs: Expr, rhs: Expr, coefficients: Vec<Expr> },
    /// The inner product of both sides of an equation with one matrix.
    Paired { scope: Scope, with: Expr },
    /// "⟨M, A⟩ = 0 for every A of the part of the Lie algebra" is an equation for M; without a part A is any matrix.
    Projection { symbol: Symbol, onto: Option<(Arc<Action>, Part)>, lhs: Expr, rhs: Expr },
    /// T0: the defining equations of a group action, proved for every map.
    GroupAction { action: Arc<Action>, side: Side },
    /// What a `let`, the output or the loss becomes when what it is made of is moved.
    Transport { action: Arc<Action>, name: Symbol },
    /// An exchange of members leaves what sums over all of them as it is: the name of an index that is bound does not matter.
    Relabelling { action: Arc<Action>, name: Symbol },
    /// The hypothesis of an induction: how the value that a block takes is moved.
    Carried { action: Arc<Action>, before: Symbol, image: Expr },
    /// What the last of repeated blocks gives is moved as what the first one takes, by induction. The images are those of the
    /// values that a block takes.
    Induction { action: Arc<Action>, last: Symbol, images: Vec<Expr> },
    /// The hypothesis of an induction in which the image differs from block to block.
    Moved { action: Arc<Action>, moved: Moved },
    /// What holds however the last of the blocks along an index is moved, where by induction it is moved in one of these ways. The maps
    /// are those of the values that a block takes.
    Onward { action: Arc<Action>, index: Symbol, maps: Vec<Onward> },
    /// Σ over some indices of both sides of an equation.
    Summed { over: Vec<Symbol> },
    /// T0: an action of a group under which output or loss go where they should.
    Equivariance,
    /// The image of a name differentiated at the identity along exp(tA).
    Generator { element: Symbol, name: Symbol },
    /// The generator on every parameter, and the response.
    Tangent,
    /// T1: ⟨∇L, ξ_A⟩ = ⟨E, r_A⟩.
    GradientIdentity,
    /// The derivative of a field along a direction on every parameter.
    Derivative,
    /// The derivative is its own adjoint up to a sign, for A in a part of the algebra.
    Symmetry { part: Part, symmetry: Symmetry },
    /// M(θ)ξ_A with M = ∇²ψ.
    MirrorField { dynamics: Dynamics },
    /// Integration of a curl-free field: ∇Q = ω by Euler's identity, degree by degree, or by parts where ω = ψ″(W)∘ξ.
    Integration,
    /// What a dynamics does with T1.
    Flow(Flow),
    /// The same statement with the factor, its quantity and change rewritten by equations that hold everywhere.
    Restated { scope: Scope, factor: Rational, quantity: Expr, change: Expr, coefficients: Vec<(Expr, Expr)> },
    /// A statement for every A of a part of the algebra, with A eliminated.
    ProjectedFlow { symbol: Symbol, onto: (Arc<Action>, Part), quantity: Expr, change: Expr },
    /// d/dt Q = −kλQ + R gives d/dt(e^{kλt}Q) = e^{kλt}R.
    DecayUndone { degree: Rational, change: Expr },
    /// A rational combination of statements about one operation.
    Combination { coefficients: Vec<Rational> },
    /// A step of gradient descent with the gradient of a batch in place of ∇L.
    BatchStep,
    /// Along gradient flow −θ̇ is the gradient.
    Velocity,
    /// Several equations as one law, for every A where there is an element.
    Equations { element: Option<Symbol> },
    /// A scalar equation that is linear in some matrices, for all their values: an equation for what is paired with each.
    Separation { element: Symbol, parts: Vec<(Symbol, Expr, Expr)> },
    /// T3: the derivative of T1 along any direction.
    HessianImage,
    /// T4: T3 along ξ_B.
    HessianForm { second: Symbol },
    /// T5.
    Kernel,
    /// T5 for several actions.
    JointKernel,
    /// T6.
    Alignment { factor: Expr },
    /// T7.
    Sharpness { form: Expr, image: Expr, length: Expr },
    /// T2 and T8: the adjoint of K, and s where the map is θ ↦ Kθ + s.
    TransportLaw { adjoint: Vec<(Symbol, Expr)>, shift: Vec<(Symbol, Expr)> },
    /// T8: where tr H is least on an orbit, tr(S H) = 0.
    FlattestPoint,
    /// T8: the change of tr H along an orbit, and what it says at a flattest point.
    Flattest { trace: Expr },
    /// T9.
    ThirdOrder,
    /// T10 for an exchange of members. Premise: the equivariance.
    MembersEqual,
    /// T10.
    FixedSpace,
    /// T11.
    Breaking,
    /// T12.
    Multiplicities,
}

/// The laws of the dynamics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flow {
    GradientFlow,
    WeightDecay,
    Descent,
    DecayedDescent,
    SgdMean,
    SgdDrift,
    /// The momentum along ξ of the heavy ball.
    Momentum,
    /// The second-order law of Q of the heavy ball.
    Damped,
    /// ⟨θ̇, b⟩ + γ⟨θ, b⟩ of a translation.
    SecondIntegral,
    Mirror,
}

impl Flow {
    /// The equation of motion it assumes.
    pub fn equation(self) -> Equation {
        match self {
            Flow::DecayedDescent => Equation::Decayed,
            Flow::SgdMean => Equation::Noisy,
            Flow::SgdDrift => Equation::Diffusion,
            Flow::GradientFlow
            | Flow::WeightDecay
            | Flow::Descent
            | Flow::Momentum
            | Flow::Damped
            | Flow::SecondIntegral
            | Flow::Mirror => Equation::Plain,
        }
    }
}

/// K_{gh} = K_g∘K_h (left) or K_h∘K_g (right); an abelian action is both, and called left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

/// What is proved of the derivative of a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Symmetry {
    /// The field is curl-free.
    SelfAdjoint,
    Skew,
}
