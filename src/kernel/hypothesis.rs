//! What a statement assumes, as data: every theorem states the hypotheses it needs, and formats print them from here.

use super::moved::Moved;
use crate::model::Dynamics;
use crate::term::{Expr, Symbol};

/// Something that is assumed.
#[derive(Clone, Debug, PartialEq)]
pub enum Hypothesis {
    /// θ moves by this dynamics.
    Motion { dynamics: Dynamics, equation: Equation },
    /// The declared potentials of a mirror flow are convex, ψ″ > 0.
    Convex,
    /// ∇L = 0.
    Stationary,
    /// θ is fixed by the group.
    SymmetricPoint,
    /// The image of θ under the group element lies in the domain of the parameters that are declared positive.
    InDomain,
    /// tr H is least on the orbit.
    FlattestPoint,
    /// L has this many derivatives at θ.
    Smooth(u8),
    /// ∇L is locally Lipschitz, so that nothing leaves an invariant set on which it starts.
    Lipschitz,
    /// The loss of every sample is invariant, or equivariant as stated.
    PerSample { invariant: bool },
    /// ξ ≠ 0.
    NonzeroGenerator,
    /// The factor is not zero.
    NonzeroFactor,
    /// Under the action of that name the value that a block takes goes to the image: what is assumed in the step of an induction.
    Carried { action: Symbol, before: Symbol, image: Expr },
    /// Under the action of that name a value that blocks carry on goes to an image with a value of its own, which is arbitrary.
    Moved { action: Symbol, moved: Moved },
    /// What stands behind `stopgrad` keeps its value: gradient and Hessian are those with it held, at every point that is spoken of.
    Held,
    /// The normalizations have ε = 0: a step does not hold with another ε.
    NoEpsilon,
    /// A rule of the user's own, which a rewriting step uses, is true.
    Rule(Symbol),
}

/// The equation of motion of a dynamics, where it has several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Equation {
    Plain,
    /// With weight decay.
    Decayed,
    /// The gradient of a batch as that of the loss and a noise of mean 0.
    Noisy,
    /// The stochastic differential equation with that noise.
    Diffusion,
}

impl Hypothesis {
    /// The order in which hypotheses are told.
    fn rank(&self) -> u8 {
        match self {
            Hypothesis::Motion { .. } => 0,
            Hypothesis::Convex => 1,
            Hypothesis::Stationary => 2,
            Hypothesis::SymmetricPoint => 3,
            Hypothesis::FlattestPoint => 4,
            Hypothesis::InDomain => 5,
            Hypothesis::PerSample { .. } => 6,
            Hypothesis::Smooth(_) | Hypothesis::Lipschitz => 7,
            Hypothesis::NonzeroGenerator => 8,
            Hypothesis::NonzeroFactor => 9,
            Hypothesis::Held | Hypothesis::NoEpsilon | Hypothesis::Carried { .. } | Hypothesis::Moved { .. } => 10,
            Hypothesis::Rule(_) => 11,
        }
    }

    /// Of hypotheses about how smooth L is, the greater implies the less.
    fn smoothness(&self) -> Option<u8> {
        match self {
            Hypothesis::Smooth(k) => Some(2 * k),
            Hypothesis::Lipschitz => Some(3),
            _ => None,
        }
    }
}

/// A set of hypotheses.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Hypotheses(Vec<Hypothesis>);

impl Hypotheses {
    /// Adds one; of two degrees of smoothness the greater is kept.
    pub fn add(&mut self, new: Hypothesis) {
        if new.smoothness().is_some()
            && let Some(known) = self.0.iter_mut().find(|h| h.smoothness().is_some())
        {
            if new.smoothness() > known.smoothness() {
                *known = new;
            }
            return;
        }
        if self.0.contains(&new) {
            return;
        }
        let at = self.0.partition_point(|h| h.rank() <= new.rank());
        self.0.insert(at, new);
    }

    pub fn extend(&mut self, more: &Hypotheses) {
        more.0.iter().for_each(|h| self.add(h.clone()));
    }

    /// Whether something is assumed of a value that blocks carry on, so that an induction is not complete.
    pub fn are_within_a_step(&self) -> bool {
        self.0.iter().any(|h| matches!(h, Hypothesis::Carried { .. } | Hypothesis::Moved { .. }))
    }

    pub fn remove(&mut self, gone: &Hypothesis) {
        self.0.retain(|h| h != gone);
    }

    pub fn as_slice(&self) -> &[Hypothesis] {
        &self.0
    }

    /// Whether they single out no point and no motion – how smooth the loss is, which rules are true, that ε = 0 – so that what they are
    /// needed for holds at every other point too.
    pub fn hold_everywhere(&self) -> bool {
        self.0.iter().all(|h| {
            h.smoothness().is_some() || matches!(h, Hypothesis::Rule(_) | Hypothesis::NoEpsilon | Hypothesis::Held)
        })
    }

    /// The rules of the user's own that are assumed.
    pub fn rules(&self) -> impl Iterator<Item = Symbol> {
        self.0.iter().filter_map(|h| match h {
            Hypothesis::Rule(name) => Some(*name),
            _ => None,
        })
    }
}
