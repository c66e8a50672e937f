//! Conserved differences. Quantities whose rates under one dynamics are linearly dependent over ℚ have a combination whose
//! rate vanishes: for the layers of a homogeneous network, d/dt ½‖Wᵢ‖² = −kᵢ⟨E, F⟩.

use super::balance::{Balance, Growth};
use super::context::Context;
use super::eliminate::Terms;
use super::missing::Obstacle;
use super::outcome::{ActionLaws, concluded};
use super::tidy::{collect, primitive, total};
use crate::kernel::{Hyperparameters, Inference, Law};
use crate::term::{Expr, Rational, int, mul, scaled, zeros};
use num_traits::{One, Zero};
use std::sync::Arc;

/// A combination of balances whose rates cancel.
type Combination<'a> = Vec<(Rational, &'a Balance)>;

/// Of all conserved combinations under each dynamics an independent set, the shortest first.
pub(super) fn derive(cx: &Context, actions: &[ActionLaws]) -> Vec<Law> {
    // What is derived around members beside each other is about these alone.
    let here = |balance: &&Balance| balance.claim.setting().is(cx.setting());
    let balances: Vec<&Balance> = actions.iter().flat_map(|a| &a.rates).filter(here).collect();
    let mut classes: Vec<Vec<&Balance>> = Vec::new();
    for balance in balances {
        match classes.iter_mut().find(|class| class[0].fits(balance)) {
            Some(class) => class.push(balance),
            None => classes.push(vec![balance]),
        }
    }
    classes.iter().flat_map(|class| of_class(cx, class)).collect()
}

fn of_class(cx: &Context, class: &[&Balance]) -> Vec<Law> {
    let mut candidates: Vec<(Combination, Terms)> = Vec::new();
    let mut leaders: Vec<&Balance> = Vec::new();
    for (i, balance) in class.iter().copied().enumerate() {
        // Consecutive actions with proportional rates are enough: the other differences are sums of these.
        match class[..i].iter().rev().copied().find_map(|b| Some((b, balance.ratio(b)?))) {
            Some((previous, ratio)) => {
                let combination = vec![(Rational::one(), previous), (-ratio.recip(), balance)];
                let terms = combined(&combination);
                candidates.push((combination, terms));
            }
            None => leaders.push(balance),
        }
    }
    for combination in kernel(&leaders) {
        let terms = combined(&combination);
        candidates.push((combination, terms));
    }
    candidates.sort_by_key(|(_, terms)| terms.len());
    let mut independent = Independent::default();
    candidates
        .into_iter()
        .filter(|(_, terms)| independent.admit(terms))
        .filter_map(|(combination, terms)| law(cx, &combination, terms).ok())
        .collect()
}

fn combined(combination: &Combination) -> Terms {
    let scaled =
        |(c, b): &(Rational, &Balance)| -> Terms { b.quantity.iter().map(|(d, t)| (c * d, t.clone())).collect() };
    collect(combination.iter().flat_map(scaled).collect())
}

/// A basis of the combinations of balances whose rates cancel, by elimination of the rates one after the other.
fn kernel<'a>(balances: &[&'a Balance]) -> Vec<Combination<'a>> {
    let mut rows: Vec<(Terms, Combination<'a>)> = Vec::new();
    let mut kernel = Vec::new();
    for &balance in balances {
        let (mut rest, mut by): (Terms, Combination<'a>) = (balance.rate.clone(), vec![(Rational::one(), balance)]);
        for (row, made_of) in &rows {
            let Some((pivot, leading)) = row.first() else { continue };
            let Some(c) = rest.iter().find(|(_, t)| t == leading).map(|(c, _)| c / pivot) else { continue };
            rest.extend(row.iter().map(|(d, t)| (-(&c * d), t.clone())));
            rest = collect(rest);
            for (d, b) in made_of {
                match by.iter_mut().find(|(_, known)| Arc::ptr_eq(&known.claim, &b.claim)) {
                    Some((sum, _)) => *sum -= &c * d,
                    None => by.push((-(&c * d), b)),
                }
            }
        }
        by.retain(|(c, _)| !c.is_zero());
        if rest.is_empty() {
            by.reverse();
            kernel.push(by);
        } else {
            rows.push((rest, by));
        }
    }
    kernel
}

fn law(cx: &Context, combination: &Combination, mut terms: Terms) -> Result<Law, Obstacle> {
    let first = combination[0].1;
    let coefficients = combination.iter().map(|(c, _)| c.clone()).collect();
    let premises = combination.iter().map(|(_, b)| b.claim.clone()).collect();
    let sum = cx.infer(Inference::Combination { coefficients }, premises)?;
    let factor = primitive(&mut terms, true).recip();
    let env = sum.scope().env().clone();
    let quantity = total(&env, &terms, first.shape);
    let zero = if first.shape.is_scalar() { int(0) } else { zeros(first.shape) };
    let (stated, change) = match &first.growth {
        None => (quantity.clone(), zero.clone()),
        Some(Growth::InQuantity(growth)) => (mul(growth, &quantity), zero.clone()),
        Some(Growth::Decay(k)) => {
            let decay = crate::term::sym(Hyperparameters::of(cx.model()).decay);
            (quantity.clone(), mul(&scaled(-k, &decay), &quantity))
        }
    };
    let restated =
        Inference::Restated { scope: sum.scope().clone(), factor, quantity: stated, change, coefficients: vec![] };
    let mut claim = cx.infer(restated, vec![sum])?;
    if let Some(Growth::Decay(k)) = &first.growth {
        claim = cx.infer(Inference::DecayUndone { degree: k.clone(), change: zero }, vec![claim])?;
    }
    concluded(claim, first.row.conserved(), None)
}

/// Linear combinations of formulas, reduced against each other: each is zero on the leading formula of the others before it.
#[derive(Default)]
struct Independent {
    rows: Vec<Terms>,
}

impl Independent {
    /// Whether a combination is not one of those admitted before; if so it is admitted.
    fn admit(&mut self, terms: &[(Rational, Expr)]) -> bool {
        let mut rest = terms.to_vec();
        for row in &self.rows {
            let Some((pivot, leading)) = row.first() else { continue };
            if let Some(c) = rest.iter().find(|(_, t)| t == leading).map(|(c, _)| c / pivot) {
                rest.extend(row.iter().map(|(d, t)| (-(&c * d), t.clone())));
                rest = collect(rest);
            }
        }
        let new = !rest.is_empty();
        if new {
            self.rows.push(rest);
        }
        new
    }
}
