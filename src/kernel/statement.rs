//! What a law states.

use super::element::{Element, Generator};
use super::structure::Structure;
use crate::term::{Expr, Op, Symbol, add, apply, is_zero, mul, substitute, sym};

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

impl Statement {
    /// The two sides of a one-step change: the quantity at `next(W)` in place of every parameter, and what it equals.
    pub fn step(quantity: &Expr, factor: Option<&Expr>, change: &Expr, params: &[Symbol]) -> (Expr, Expr) {
        let next = params.iter().map(|p| (*p, apply(Op::Next, &[&sym(*p)]))).collect();
        let before = factor.map_or_else(|| quantity.clone(), |factor| mul(factor, quantity));
        let after = if is_zero(change) { before } else { add(&before, change) };
        (substitute(quantity, &next), after)
    }

    /// The formulas it says something of.
    pub fn formulas(&self) -> Vec<&Expr> {
        match self {
            Statement::Equations { equations, .. } => equations.iter().flat_map(|(lhs, rhs)| [lhs, rhs]).collect(),
            Statement::Conserved { quantity } => vec![quantity],
            Statement::Rate { quantity, rate } => vec![quantity, rate],
            Statement::Damped { quantity, force, .. } => vec![quantity, force],
            Statement::Step { quantity, change, .. } | Statement::Expected { quantity, change, .. } => {
                vec![quantity, change]
            }
            Statement::Kernel { .. } | Statement::Structure(_) => vec![],
        }
    }

    /// Whether it is equations whose right sides are all 0.
    pub fn is_zero(&self) -> bool {
        matches!(self, Statement::Equations { equations, .. } if equations.iter().all(|(_, rhs)| is_zero(rhs)))
    }

    /// The quantity it is about.
    pub fn quantity(&self) -> Option<&Expr> {
        match self {
            Statement::Conserved { quantity }
            | Statement::Rate { quantity, .. }
            | Statement::Damped { quantity, .. }
            | Statement::Step { quantity, .. }
            | Statement::Expected { quantity, .. } => Some(quantity),
            Statement::Equations { .. } | Statement::Kernel { .. } | Statement::Structure(_) => None,
        }
    }

    /// The quantity and its change under a linear operation – the rate, one step, the mean of a step – for a statement of this
    /// kind.
    pub(super) fn evolution(&self) -> Option<(&Expr, Option<&Expr>)> {
        match self {
            Statement::Conserved { quantity } => Some((quantity, None)),
            Statement::Rate { quantity, rate } => Some((quantity, Some(rate))),
            Statement::Damped { quantity, force, .. } => Some((quantity, Some(force))),
            Statement::Step { quantity, change, .. } | Statement::Expected { quantity, change, .. } => {
                Some((quantity, Some(change)))
            }
            Statement::Equations { .. } | Statement::Kernel { .. } | Statement::Structure(_) => None,
        }
    }

    /// The same operation of another quantity with another change; a rate of 0 is conservation.
    pub(super) fn evolved(&self, quantity: Expr, change: Expr) -> Option<Statement> {
        Some(match self {
            Statement::Conserved { .. } | Statement::Rate { .. } if is_zero(&change) => {
                Statement::Conserved { quantity }
            }
            Statement::Conserved { .. } | Statement::Rate { .. } => Statement::Rate { quantity, rate: change },
            Statement::Damped { friction, .. } => {
                Statement::Damped { quantity, friction: friction.clone(), force: change }
            }
            Statement::Step { factor, .. } => Statement::Step { quantity, factor: factor.clone(), change },
            Statement::Expected { continuous, .. } => Statement::Expected { quantity, continuous: *continuous, change },
            Statement::Equations { .. } | Statement::Kernel { .. } | Statement::Structure(_) => return None,
        })
    }

    /// Whether two statements are about the same operation, so that multiples of them may be added.
    pub(super) fn is_alike(&self, other: &Statement) -> bool {
        match (self, other) {
            (
                Statement::Conserved { .. } | Statement::Rate { .. },
                Statement::Conserved { .. } | Statement::Rate { .. },
            ) => true,
            (Statement::Damped { friction: x, .. }, Statement::Damped { friction: y, .. }) => x == y,
            (Statement::Step { factor: x, .. }, Statement::Step { factor: y, .. }) => x == y,
            (Statement::Expected { continuous: x, .. }, Statement::Expected { continuous: y, .. }) => x == y,
            _ => false,
        }
    }
}
