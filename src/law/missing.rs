//! What an action suggests and does not give, and what stood in the way: data that formats put into words.

use crate::group::{GroupInstance, Range};
use crate::kernel::{LawRow, Refusal, ReplayError};
use crate::model::Dynamics;
use crate::rewrite::Stopped;
use crate::term::{Expr, Symbol};

/// A law that an action suggests but that could not be derived, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing {
    pub action: Symbol,
    pub wanted: Wanted,
    pub why: Obstacle,
}

/// What could not be derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Law(LawRow),
    /// The generator; its component on a parameter.
    Generator(Option<Symbol>),
    /// What the output or the loss does to first order.
    Response,
    /// Any law of the momentum of the heavy ball.
    Momentum,
}

impl Wanted {
    /// Whether it is about training by that dynamics; by none for what holds at every point.
    pub fn is_about(self, dynamics: Option<&Dynamics>) -> bool {
        match self {
            Wanted::Law(row) => row.is_about(dynamics),
            Wanted::Generator(_) | Wanted::Response => dynamics.is_none(),
            Wanted::Momentum => dynamics == Some(&Dynamics::HeavyBall),
        }
    }
}

/// What stood in the way of a proof or a law.
#[derive(Clone, Debug, PartialEq)]
pub enum Obstacle {
    /// A search ended without what it looked for.
    Search(Stopped),
    /// The e-graph found a proof that does not replay; a bug, so nothing is claimed.
    Replay(ReplayError),
    /// The kernel does not infer it.
    Refused(Refusal),
    /// The best form found is no inner product with the symbol.
    NotIsolated(Expr),
    /// A step towards the law failed.
    At(Stage, Box<Obstacle>),
    /// The action moves no parameter to first order.
    NotMoving,
    /// The identity is the only element of the group.
    TrivialGroup(GroupInstance),
    /// The Lie algebra of the group is 0.
    NoGenerator(GroupInstance),
    /// The action is claimed of the output, and the loss has other terms in the parameters.
    OutputOnly,
    /// The image of a parameter is no linear function of the parameters.
    NotLinear(Symbol),
    /// The loss at the image is not a function of the loss.
    NotOfTheLoss,
    /// The loss is not invariant, so the gradient at a fixed point need not be fixed.
    NotInvariant,
    /// The projection of the law onto the Lie algebra is empty.
    EmptyProjection,
    /// A field is not proved curl-free, so it is not proved to be a gradient.
    NotCurlFree(Curled),
    /// A field is skew, so it is no gradient.
    Skew(Skewed),
    /// The generator is no sum of homogeneous fields of degrees other than −1.
    NotHomogeneous,
    /// The action is not affine in θ, so a finite step has no closed form.
    NotAffine,
    /// The generator has a linear and a constant part, whose potentials decay by different factors.
    MixedDegrees,
    /// The action depends on data, which differ from sample to sample.
    DependsOnData(Symbol),
    /// The loss moves by a function of it that is not affine, so means over samples do not commute with it.
    NotAffineInTheLoss,
    /// The mirror flow names no potential for a parameter that the action moves.
    NoPotential(Symbol),
    /// The potential of a mirror flow on a parameter is linear.
    LinearPotential { param: Symbol, potential: Symbol },
    /// The field of a mirror flow is curl-free, but its potential on a parameter has no known closed form.
    NoClosedForm(Symbol),
    /// … because the action is not proved to scale the entries of that parameter.
    NotScalingEntries(Symbol),
}

/// A step towards a law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The action is differentiated.
    Action,
    /// The generator is differentiated.
    Generator,
    /// The derivative of the generator is stated.
    Derivative,
    /// A is isolated in ⟨U, ξ_A⟩ on a parameter.
    Element(Symbol),
    /// A is isolated in the response.
    Response,
    /// V is isolated in `⟨U, Dξ_A[V]⟩`.
    Direction,
    /// V is isolated in ⟨U, K V⟩, K the image of a parameter.
    Image(Symbol),
    /// PᵀP = I is proved on a parameter.
    Orthogonality(Symbol),
    /// The potential of a mirror flow on a parameter is differentiated.
    Potential(Symbol),
}

impl Stage {
    /// What failed at this step.
    pub(super) fn fails(self) -> impl Fn(Obstacle) -> Obstacle {
        move |why| Obstacle::At(self, Box::new(why))
    }
}

/// A field that is not proved curl-free.
#[derive(Clone, Debug, PartialEq)]
pub enum Curled {
    /// ξ_A, so gradient flow has no first integral.
    Generator,
    /// ξ_A, so there is no potential whose change under other dynamics could be stated.
    Unstated,
    /// M(θ)ξ_A of a mirror flow for A in a range, with the potentials that are not quadratic and the parameters they are on.
    Mirror { curved: Vec<(Symbol, Symbol)>, range: Range },
}

/// A field that is skew.
#[derive(Clone, Debug, PartialEq)]
pub enum Skewed {
    /// ξ_A, so there is no potential whose change could be stated.
    Generator,
    /// ξ_A under weight decay, which adds to the constraint of gradient flow.
    Decayed,
    /// M(θ)ξ_A of a mirror flow for A in a range.
    Mirror(Range),
}

impl From<Stopped> for Obstacle {
    fn from(stopped: Stopped) -> Obstacle {
        Obstacle::Search(stopped)
    }
}

impl From<ReplayError> for Obstacle {
    fn from(error: ReplayError) -> Obstacle {
        Obstacle::Replay(error)
    }
}

impl From<Refusal> for Obstacle {
    fn from(refusal: Refusal) -> Obstacle {
        Obstacle::Refused(refusal)
    }
}
