//! Conserved differences. Quantities whose rates under one dynamics are linearly dependent over ℚ have a combination whose
//! rate vanishes: for the layers of a homogeneous network, d/dt ½‖Wᵢ‖² = −kᵢ⟨E, F⟩.

use super::derivation::{Argument, ClaimStatement, Theorem};
use super::law::{Draft, Kind, Law, Statement};
use super::tidy::{collect, primitive, total};
use super::{ActionLaws, Context, Hyperparameters};
use crate::model::Dynamics;
use crate::term::{Expr, Op, Rational, Shape, Symbol, apply, int, mul};
use num_traits::{One, Zero};
use std::sync::Arc;

type Terms = Vec<(Rational, Expr)>;

/// d/dt (growth · quantity) = growth · rate, with what it takes to combine several of them.
#[derive(Clone, Debug)]
pub struct Balance {
    pub(super) action: Symbol,
    /// The function of time that undoes a decay; none for 1.
    pub(super) growth: Option<Expr>,
    pub(super) quantity: Terms,
    pub(super) rate: Terms,
    pub(super) shape: Shape,
    pub(super) law: Law,
}

impl Balance {
    /// Whether the quantities of two balances can be added under one dynamics.
    fn fits(&self, other: &Balance) -> bool {
        let part = |b: &Balance| b.law.id().split('/').nth(1).map(str::to_string);
        self.law.dynamics() == other.law.dynamics()
            && part(self) == part(other)
            && self.growth == other.growth
            && self.shape == other.shape
    }

    /// The ratio of its rate to another's.
    fn ratio(&self, other: &Balance) -> Option<Rational> {
        if self.rate.len() != other.rate.len() {
            return None;
        }
        let of = |t: &Expr| other.rate.iter().find(|(_, s)| s == t).map(|(c, _)| c);
        let mut ratios = self.rate.iter().map(|(c, t)| of(t).map(|d| c / d));
        let first = ratios.next()??;
        ratios.all(|r| r.as_ref() == Some(&first)).then_some(first)
    }
}

/// A combination of balances whose rates cancel.
type Combination<'a> = Vec<(Rational, &'a Balance)>;

/// Of all conserved combinations under each dynamics an independent set, the shortest first.
pub(super) fn derive(cx: &Context, actions: &[ActionLaws]) -> Vec<Law> {
    let balances: Vec<&Balance> = actions.iter().flat_map(|a| &a.rates).collect();
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
        .map(|(combination, terms)| law(cx, &combination, terms))
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
                match by.iter_mut().find(|(_, known)| known.law.id() == b.law.id()) {
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

fn law(cx: &Context, combination: &Combination, mut terms: Terms) -> Law {
    let first = combination[0].1;
    primitive(&mut terms, true);
    let mut env = cx.model.env.clone();
    let dynamics = first.law.dynamics().cloned();
    if dynamics != Some(Dynamics::GradientFlow) {
        Hyperparameters::of(cx.model).declare(&mut env);
    }
    let env = Arc::new(env);
    let quantity = total(&env, &terms, first.shape);
    let quantity = first.growth.as_ref().map_or(quantity.clone(), |growth| mul(growth, &quantity));
    let mut argument = Argument::default();
    let mut premises = Vec::new();
    for (_, b) in combination {
        if let Statement::Rate { quantity, rate } = b.law.statement() {
            let statement = ClaimStatement::Equation { lhs: apply(Op::Diff, &[quantity]), rhs: rate.clone() };
            let words = format!("{} says, with d the time derivative", b.law.id());
            premises.push(argument.theorem(statement, Theorem::Conservation, words, &[]));
        }
    }
    let words = match combination.len() {
        2 => "the two rates are proportional, so the difference is constant",
        _ => "the rates are linearly dependent, so this combination is constant",
    };
    let conclusion = argument.theorem(ClaimStatement::Conclusion, Theorem::Conservation, words, &premises);
    let names: Vec<&str> = combination.iter().map(|(_, b)| b.action.as_str()).collect();
    let part = first.law.id().split('/').nth(1).unwrap_or_default();
    let draft = Draft {
        id: format!("{}/{part}/conserved", names.join("-")),
        action: None,
        dynamics,
        kind: Kind::Conserved,
        theorem: Theorem::Conservation,
        statement: Statement::Conserved { quantity },
        hypotheses: first.law.hypotheses().to_vec(),
        components: if first.shape.is_scalar() { int(1) } else { first.law.components().clone() },
        premises: combination.iter().map(|(_, b)| b.law.id().to_string()).collect(),
        remarks: vec![],
        env,
    };
    Law::new(draft, argument.conclude(conclusion))
}

/// Linear combinations of formulas, reduced against each other: each is zero on the leading formula of the others before it.
#[derive(Default)]
struct Independent {
    rows: Vec<Vec<(Rational, Expr)>>,
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
