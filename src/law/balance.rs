//! Rates that may combine with others to something conserved.

use super::eliminate::Terms;
use crate::kernel::{LawRow, Proved};
use crate::term::{Expr, Rational, Shape};

/// d/dt (growth · quantity) = growth · rate, with what it takes to combine several of them.
#[derive(Clone, Debug)]
pub struct Balance {
    pub(super) claim: Proved,
    pub(super) row: LawRow,
    /// What undoes a decay; none for 1.
    pub(super) growth: Option<Growth>,
    pub(super) quantity: Terms,
    pub(super) rate: Terms,
    pub(super) shape: Shape,
}

/// The function of time that makes a rate free of the quantity itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Growth {
    /// e^{kλt}, not yet in front of the quantity.
    Decay(Rational),
    /// A factor the quantity has already.
    InQuantity(Expr),
}

impl Balance {
    /// Whether the quantities of two balances can be added under one dynamics.
    pub(super) fn fits(&self, other: &Balance) -> bool {
        self.row == other.row && self.growth == other.growth && self.shape == other.shape
    }

    /// The ratio of its rate to another's.
    pub(super) fn ratio(&self, other: &Balance) -> Option<Rational> {
        if self.rate.len() != other.rate.len() {
            return None;
        }
        let of = |t: &Expr| other.rate.iter().find(|(_, s)| s == t).map(|(c, _)| c);
        let mut ratios = self.rate.iter().map(|(c, t)| of(t).map(|d| c / d));
        let first = ratios.next()??;
        ratios.all(|r| r.as_ref() == Some(&first)).then_some(first)
    }
}
