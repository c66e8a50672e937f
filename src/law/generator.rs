//! The generator ξ_A = d/dt K_{exp tA}(θ) at t = 0, and the response r_A of the output or c_A of the loss, by the rules of
//! the differential calculus.

use super::action::{ActionKind, ProvedAction};
use super::derivation::{Argument, ClaimId, ClaimStatement, Reason, Theorem};
use super::law::Element;
use super::tidy::tidy;
use super::{Context, Missing, fresh, law_id};
use crate::group::Algebra;
use crate::model::Model;
use crate::rewrite::{Given, Goal, Purpose, replay};
use crate::term::{Env, Expr, Facts, Op, Shape, Size, Symbol, apply, int, is_zero, substitute, sym};
use std::collections::HashMap;
use std::sync::Arc;

/// A proved continuous action to first order.
#[derive(Clone, Debug)]
pub struct Tangent {
    pub action: Symbol,
    pub algebra: Algebra,
    /// The universally quantified element A of the Lie algebra.
    pub element: Element,
    /// ξ_A on each parameter it moves, in the order of the model's parameters.
    pub generator: Vec<Component>,
    pub response: Response,
    /// The model's environment with A.
    pub env: Arc<Env>,
    pub(super) argument: Argument,
    pub(super) equivariance: ClaimId,
    pub(super) output_invariant: Option<bool>,
}

/// ξ_A on one parameter.
#[derive(Clone, Debug)]
pub struct Component {
    pub param: Symbol,
    pub value: Expr,
    pub(super) claim: ClaimId,
}

/// The first-order motion of the output or the loss.
#[derive(Clone, Debug)]
pub enum Response {
    /// The action is an invariance.
    Invariant,
    /// r_A(F), a formula in the output's symbol.
    Output(Expr),
    /// c_A(L), a formula in the symbol `loss`.
    Loss(Expr),
}

impl Tangent {
    /// ξ_A on a parameter; zero is `None`.
    pub fn on(&self, param: Symbol) -> Option<&Expr> {
        self.generator.iter().find(|c| c.param == param).map(|c| &c.value)
    }

    /// The environment with A restricted to a part of the algebra.
    pub(super) fn env_for(&self, facts: Facts) -> Arc<Env> {
        let mut env = (*self.env).clone();
        env.declare(self.element.symbol, self.algebra.shape, facts | Facts::CONSTANT);
        Arc::new(env)
    }

    /// The claims of the generator's components.
    pub(super) fn generator_claims(&self) -> Vec<ClaimId> {
        self.generator.iter().map(|c| c.claim).collect()
    }

    /// Whether the action leaves the output or the loss invariant.
    pub fn is_invariance(&self) -> bool {
        matches!(self.response, Response::Invariant)
    }
}

/// Differentiates a proved action at the identity.
pub(super) fn derive(cx: &Context, proved: &ProvedAction, algebra: Algebra) -> Result<Tangent, Missing> {
    let action = &proved.action;
    let Some(g) = action.element else {
        return Err(Missing { id: law_id(action.name, "generator"), reason: "the group has no element".into() });
    };
    let mut env = cx.model.env.clone();
    let symbol = fresh(&env, first_letter(g, algebra.shape));
    let facts = algebra.whole().facts;
    env.declare(symbol, algebra.shape, facts | Facts::CONSTANT);
    let unit = algebra.shape.is_scalar();
    let element = Element { symbol, range: algebra.whole().range.to_string(), unit };
    let mut argument = proved.argument.clone();
    let at = Differentiation::new(cx, proved, &env, g, &element)?;
    let mut generator = Vec::new();
    for param in &cx.model.params {
        let Some((_, image)) = action.images.iter().find(|(p, _)| *p == param.name) else { continue };
        let (value, reason) = at
            .differentiate(image)
            .map_err(|reason| Missing { id: law_id(action.name, &format!("generator/{}", param.name)), reason })?;
        if is_zero(&value) {
            continue;
        }
        let statement = ClaimStatement::Generator { param: param.name, value: value.clone() };
        let claim = argument.claim(statement, reason, &[]);
        generator.push(Component { param: param.name, value, claim });
    }
    let failed = |reason| Missing { id: law_id(action.name, "response"), reason };
    let response = match (proved.kind, &action.output, &action.loss) {
        (ActionKind::Equivariance, Some(image), _) => Response::Output(at.differentiate(image).map_err(failed)?.0),
        (ActionKind::LossEquivariance, _, Some(image)) => Response::Loss(at.differentiate(image).map_err(failed)?.0),
        _ => Response::Invariant,
    };
    let response = match response {
        Response::Output(r) | Response::Loss(r) if is_zero(&r) => Response::Invariant,
        response => response,
    };
    Ok(Tangent {
        action: action.name,
        algebra,
        element,
        generator,
        response,
        env: Arc::new(env),
        argument,
        equivariance: proved.conclusion,
        output_invariant: proved.output_invariant,
    })
}

/// A for an element of a Lie algebra of matrices, u for one of vectors; another letter where the group element has it.
fn first_letter(g: Symbol, shape: Shape) -> &'static str {
    let letters = if shape.cols == Size::Lit(1) && !shape.is_scalar() { ["u", "w"] } else { ["A", "B"] };
    if g.as_str() == letters[0] { letters[1] } else { letters[0] }
}

/// The letter of a second element beside `a`.
pub(super) fn second_letter(a: Symbol) -> &'static str {
    match a.as_str() {
        "A" => "B",
        "u" | "w" => "v",
        _ => "C",
    }
}

/// d/dt at t = 0 along exp(tA).
struct Differentiation<'a> {
    cx: &'a Context<'a>,
    moving: Arc<Env>,
    still: Arc<Env>,
    given: Given,
    identity: HashMap<Symbol, Expr>,
    unit: Option<HashMap<Symbol, Expr>>,
}

impl<'a> Differentiation<'a> {
    fn new(
        cx: &'a Context<'a>,
        proved: &ProvedAction,
        env: &Env,
        g: Symbol,
        element: &Element,
    ) -> Result<Self, Missing> {
        let mut moving = env.clone();
        let names = cx.model.params.iter().map(|p| p.name).chain(cx.model.output.as_ref().map(|o| o.name));
        for name in names.chain([Model::loss_symbol()]) {
            if let Some(info) = env.symbol(name).cloned() {
                moving.declare(name, info.shape, info.facts | Facts::CONSTANT);
            }
        }
        let still = moving.clone();
        if let Some((shape, facts)) = proved.action.group.element() {
            moving.declare(g, shape, facts - Facts::CONSTANT);
        }
        let given = Given {
            name: Symbol::from(format!("d{g} = {}", element.symbol)),
            reason: format!("{g} = exp(t {}) at t = 0", element.symbol),
            silent: false,
            lhs: apply(Op::Diff, &[&sym(g)]),
            rhs: sym(element.symbol),
        };
        Ok(Differentiation {
            cx,
            moving: Arc::new(moving),
            still: Arc::new(still),
            given,
            identity: HashMap::from([(g, proved.action.group.identity())]),
            unit: element.unit.then(|| HashMap::from([(element.symbol, int(1))])),
        })
    }

    fn differentiate(&self, image: &Expr) -> Result<(Expr, Reason), String> {
        let given = std::slice::from_ref(&self.given);
        let differential = apply(Op::Diff, &[image]);
        let search = self.cx.search(self.moving.clone(), Purpose::Differentiate, given);
        let moving = search
            .best(&differential, &Goal::Simplest)
            .map_err(|stopped| format!("the action could not be differentiated: {stopped}"))?;
        replay(self.cx.book, &self.moving, given, &moving, moving.end()).map_err(|e| e.to_string())?;
        let mut value = substitute(moving.end(), &self.identity);
        if let Some(unit) = &self.unit {
            value = substitute(&value, unit);
        }
        let search = self.cx.search(self.still.clone(), Purpose::Simplify, &[]);
        let still = search.best(&value, &Goal::Simplest).map_err(|stopped| stopped.to_string())?;
        replay(self.cx.book, &self.still, &[], &still, still.end()).map_err(|e| e.to_string())?;
        let value = tidy(&self.still, still.end());
        let words = format!("differentiate at the identity: {}", self.given.reason);
        Ok((value, Reason::Theorem { theorem: Theorem::Definition, words }))
    }
}
