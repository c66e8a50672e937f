//! Laws: a statement, its hypotheses, how many components it has, and the derivation without which it cannot be made.

use super::derivation::{Derivation, Theorem};
use super::structure::Structure;
use crate::model::Dynamics;
use crate::term::{Env, Expr, Op, Symbol, add, apply, is_zero, mul, substitute, sym};
use std::sync::Arc;

/// A derived law.
#[derive(Clone, Debug)]
pub struct Law {
    id: String,
    action: Option<Symbol>,
    dynamics: Option<Dynamics>,
    kind: Kind,
    statement: Statement,
    hypotheses: Vec<String>,
    components: Expr,
    independent: Option<usize>,
    premises: Vec<String>,
    remarks: Vec<String>,
    theorem: Theorem,
    env: Arc<Env>,
    derivation: Derivation,
}

/// What a law is made of besides its derivation.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Stable: `rescale/gradient-flow/conserved`.
    pub id: String,
    pub action: Option<Symbol>,
    pub dynamics: Option<Dynamics>,
    pub kind: Kind,
    pub theorem: Theorem,
    pub statement: Statement,
    pub hypotheses: Vec<String>,
    /// How many scalar statements it is, as a formula in the sizes.
    pub components: Expr,
    /// The ids of laws it follows from.
    pub premises: Vec<String>,
    pub remarks: Vec<String>,
    /// The meaning of every symbol in the statement.
    pub env: Arc<Env>,
}

/// What sort of law it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An identity between gradient, parameters and curvature at every point.
    Identity,
    /// A quantity that training does not change.
    Conserved,
    /// A quantity whose rate of change is known.
    Rate,
    /// A linear constraint on the velocity without a first integral.
    Constraint,
    /// A subspace of the kernel of the Hessian or the Gauss–Newton matrix.
    Kernel,
    /// A subspace of parameter space that training does not leave.
    Subspace,
    /// How often eigenvalues of the Hessian are repeated.
    Multiplicity,
    /// An inequality for eigenvalues of the Hessian.
    Bound,
    /// The drift that the noise of a stochastic gradient gives a quantity, and so where the noise is in equilibrium.
    Equilibrium,
}

impl Kind {
    /// The name in the JSON output.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Identity => "identity",
            Kind::Conserved => "conserved",
            Kind::Rate => "rate",
            Kind::Constraint => "constraint",
            Kind::Kernel => "kernel",
            Kind::Subspace => "subspace",
            Kind::Multiplicity => "multiplicity",
            Kind::Bound => "bound",
            Kind::Equilibrium => "equilibrium",
        }
    }
}

/// What a law states.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// Equations; with an element, for every element of the Lie algebra. Usually one, or one for each parameter.
    Equations { element: Option<Element>, equations: Vec<(Expr, Expr)> },
    /// The quantity is constant along the dynamics.
    Conserved { quantity: Expr },
    /// d/dt quantity = rate along the dynamics.
    Rate { quantity: Expr, rate: Expr },
    /// d²/dt² quantity + friction · d/dt quantity = force along the heavy ball.
    Damped { quantity: Expr, friction: Expr, force: Expr },
    /// quantity(θ⁺) = factor · quantity(θ) + change at the next iterate θ⁺; without a factor it is 1.
    Step { quantity: Expr, factor: Option<Expr>, change: Expr },
    /// In expectation over the noise of a stochastic gradient, quantity(θ⁺) − quantity(θ) = change, or in continuous time
    /// d/dt quantity = change. The noise on a parameter is a symbol of the law's environment.
    Expected { quantity: Expr, continuous: bool, change: Expr },
    /// At a stationary point the kernel of the Hessian contains every ξ_A, and the Gauss–Newton matrix's does everywhere.
    Kernel {
        /// For each action: its name and the generator, parameter by parameter.
        generators: Vec<Generator>,
        /// The generic dimension of the span of the generators, where a formula is known.
        dimension: Option<Expr>,
    },
    /// What a linear symmetry says of derivatives at other points, of symmetric points and of spectra.
    Structure(Structure),
}

/// A generator ξ_A: its components on the parameters it moves.
#[derive(Clone, Debug, PartialEq)]
pub struct Generator {
    pub action: Symbol,
    pub element: Element,
    /// The parameter and ξ_A there, linear in the element's symbol.
    pub components: Vec<(Symbol, Expr)>,
    /// Whether the output, and not only the loss, is invariant, so that `J[ξ_A]` = 0 at every point.
    pub output_invariant: bool,
}

/// An element of a Lie algebra that a statement holds for every choice of.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    pub symbol: Symbol,
    /// What it ranges over, in words: `every diagonal h×h matrix`.
    pub range: String,
    /// Whether it is the 1×1 number 1, the basis of a one-dimensional algebra, and is not written.
    pub unit: bool,
}

impl Statement {
    /// The two sides of a one-step change: the quantity at `next(W)` in place of every parameter, and what it equals.
    pub fn step(quantity: &Expr, factor: Option<&Expr>, change: &Expr, params: &[Symbol]) -> (Expr, Expr) {
        let next = params.iter().map(|p| (*p, apply(Op::Next, &[&sym(*p)]))).collect();
        let before = factor.map_or_else(|| quantity.clone(), |factor| mul(factor, quantity));
        let after = if is_zero(change) { before } else { add(&before, change) };
        (substitute(quantity, &next), after)
    }
}

impl Law {
    /// Makes a law from its derivation. There is no other way to make one.
    pub fn new(draft: Draft, derivation: Derivation) -> Law {
        let Draft { id, action, dynamics, kind, theorem, statement, hypotheses, components, premises, remarks, env } =
            draft;
        Law {
            id,
            action,
            dynamics,
            kind,
            statement,
            hypotheses,
            components,
            independent: None,
            premises,
            remarks,
            theorem,
            env,
            derivation,
        }
    }

    /// The stable identifier.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The action it comes from; none for a law of several actions together.
    pub fn action(&self) -> Option<Symbol> {
        self.action
    }

    /// The dynamics it holds under; none when it holds at every point of parameter space.
    pub fn dynamics(&self) -> Option<&Dynamics> {
        self.dynamics.as_ref()
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    pub fn hypotheses(&self) -> &[String] {
        &self.hypotheses
    }

    /// How many scalar statements the law is, as a formula in the sizes.
    pub fn components(&self) -> &Expr {
        &self.components
    }

    /// How many of them are independent at a generic point of the default instance.
    pub fn independent(&self) -> Option<usize> {
        self.independent
    }

    /// Records the number of independent components measured at an instance.
    pub fn set_independent(&mut self, count: usize) {
        self.independent = Some(count);
    }

    /// The ids of the laws it follows from.
    pub fn premises(&self) -> &[String] {
        &self.premises
    }

    /// What else a reader should know.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    pub fn theorem(&self) -> Theorem {
        self.theorem
    }

    /// 1 for statements about the gradient, 2 about the Hessian, 3 about its derivative.
    pub fn order(&self) -> u8 {
        match self.theorem {
            Theorem::HessianImage | Theorem::HessianForm | Theorem::Kernel => 2,
            Theorem::Alignment | Theorem::Transport | Theorem::Mirror | Theorem::Spectrum | Theorem::Sharpness => 2,
            Theorem::ThirdOrder => 3,
            _ => 1,
        }
    }

    /// The meaning of every symbol in the statement.
    pub fn env(&self) -> &Arc<Env> {
        &self.env
    }

    pub fn derivation(&self) -> &Derivation {
        &self.derivation
    }

    /// The quantity a law is about: what is conserved, or whose rate is known.
    pub fn quantity(&self) -> Option<&Expr> {
        match &self.statement {
            Statement::Conserved { quantity }
            | Statement::Rate { quantity, .. }
            | Statement::Damped { quantity, .. }
            | Statement::Step { quantity, .. }
            | Statement::Expected { quantity, .. } => Some(quantity),
            _ => None,
        }
    }
}
