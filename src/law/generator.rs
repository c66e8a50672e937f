//! The generator ξ_A = d/dt K_{exp tA}(θ) at t = 0, and the response r_A of the output or c_A of the loss, by the rules of
//! the differential calculus.

use super::action::ProvedAction;
use super::context::{Context, end_of, fresh};
use super::expand::homogeneous;
use super::missing::{Missing, Obstacle, Stage, Wanted};
use super::tidy::tidy;
use crate::group::{Algebra, Family, Part};
use crate::kernel::{
    ActionKind, Claim, Components, Inference, Proved, Refusal, Scope, Tangent, family_of, restricted, summed, together,
};
use crate::model::{Action, Model};
use crate::term::{Expr, Shape, Size, Symbol, int, mentions, substitute, sym};
use std::collections::HashMap;
use std::sync::Arc;

/// A proved continuous action to first order, with what proposals about it need.
#[derive(Clone, Debug)]
pub struct Motion {
    pub action: Symbol,
    /// The claim that states the tangent.
    pub claim: Proved,
    pub algebra: Algebra,
    /// That the output is invariant, where the claim is about the loss.
    pub(super) output: Option<Proved>,
}

impl Motion {
    /// The action to first order.
    pub fn tangent(&self) -> &Tangent {
        self.claim.tangent().expect("the claim of a motion states a tangent")
    }

    /// The name of A.
    pub fn element(&self) -> Symbol {
        self.tangent().element.symbol
    }

    /// Whether A is the number 1, the basis of a one-dimensional algebra.
    pub fn is_unit(&self) -> bool {
        self.tangent().element.unit
    }

    pub(super) fn components(&self) -> &Components {
        &self.tangent().components
    }

    /// The parameters that ξ_A moves or depends on, in the order of the model's.
    pub(super) fn involved(&self, cx: &Context) -> Vec<Symbol> {
        let occurs = |p: Symbol| self.components().iter().any(|(moved, value)| *moved == p || mentions(value, p));
        cx.model().params.iter().map(|p| p.name).filter(|p| occurs(*p)).collect()
    }

    /// A, cotangents and directions, with A in a part of the algebra.
    pub(super) fn scope(&self, cx: &Context, part: Part) -> Scope {
        restricted(cx.setting(), &self.claim, part).unwrap_or_else(|_| cx.setting().tangent(self.claim.scope()))
    }

    /// The sum over the members of a parameter that move together.
    pub(super) fn summed(&self, cx: &Context, param: Symbol, x: &Expr) -> Expr {
        summed(cx.model(), &self.tangent().action, param, x)
    }

    /// An equation about one member, for those that move together.
    pub(super) fn summed_equation(&self, cx: &Context, param: Symbol, of: Proved) -> Result<Proved, Refusal> {
        summed_equation(cx, &self.tangent().action, param, of)
    }

    pub(super) fn family(&self, part: Part) -> Family {
        family_of(&self.algebra, part).unwrap_or_else(|| self.algebra.whole().clone())
    }
}

/// An equation about one member of a parameter, for those that an action moves together.
pub(super) fn summed_equation(cx: &Context, action: &Action, param: Symbol, of: Proved) -> Result<Proved, Refusal> {
    let over = together(cx.model(), action, param);
    if over.is_empty() {
        return Ok(of);
    }
    Claim::infer(cx.setting(), Inference::Summed { over }, vec![of])
}

const NO_ELEMENT: Refusal = Refusal("the group has no element");

/// Differentiates a proved action at the identity.
pub(super) fn derive(cx: &Context, proved: &ProvedAction, algebra: Algebra) -> Result<Motion, Missing> {
    let action = &proved.action;
    let missing = |wanted| move |why: Obstacle| Missing { action: action.name, wanted, why };
    let whole = missing(Wanted::Generator(None));
    let g = action.element.ok_or_else(|| whole(NO_ELEMENT.into()))?;
    let symbol = fresh(cx.setting().plain().env(), first_letter(g, algebra.shape));
    let scope = cx.setting().of_algebra(action, symbol, &algebra, algebra.whole());
    let mut premises = vec![proved.claim.clone()];
    for param in &cx.model().params {
        let Some((_, image)) = action.images.iter().find(|(p, _)| *p == param.name) else { continue };
        let found = differentiate(cx, proved, &scope, symbol, param.name, image);
        premises.push(found.map_err(missing(Wanted::Generator(Some(param.name))))?);
    }
    let response = match (proved.kind, &action.output, &action.loss, &cx.model().output) {
        (ActionKind::Equivariance, Some(image), _, Some(output)) => Some((output.name, image)),
        (ActionKind::LossEquivariance, _, Some(image), _) => Some((Model::loss_symbol(), image)),
        _ => None,
    };
    if let Some((name, image)) = response {
        let found = differentiate(cx, proved, &scope, symbol, name, image);
        premises.push(found.map_err(missing(Wanted::Response))?);
    }
    let claim = cx.infer(Inference::Tangent, premises).map_err(whole)?;
    Ok(Motion { action: action.name, claim, algebra, output: proved.output.clone() })
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

/// d/dt at t = 0 along exp(tA) of the image of a name.
fn differentiate(
    cx: &Context,
    proved: &ProvedAction,
    scope: &Scope,
    element: Symbol,
    name: Symbol,
    image: &Expr,
) -> Result<Proved, Obstacle> {
    let action = Arc::new(proved.action.clone());
    let g = action.element.ok_or(NO_ELEMENT)?;
    let moving = cx.differentiate(&cx.setting().moving(&action, scope), &[(g, sym(element))], image);
    let moving = moving.map_err(Stage::Action.fails())?;
    let mut value = substitute(end_of(&moving), &HashMap::from([(g, action.group.identity())]));
    if scope.env().symbol(element).is_some_and(|info| info.shape.is_scalar()) {
        value = substitute(&value, &HashMap::from([(element, int(1))]));
    }
    let still = cx.simplify(scope, &value)?;
    let mut still = cx.reworded(still.clone(), &tidy(scope.env(), end_of(&still)))?;
    // What moves a parameter is stated as a sum of homogeneous fields where it is one.
    if let Some(param) = cx.model().param(name)
        && let Some(sum) = homogeneous(cx.model(), end_of(&still), param.shape)
    {
        still = cx.reworded(still, &tidy(scope.env(), &sum))?;
    }
    cx.infer(Inference::Generator { element, name }, vec![proved.claim.clone(), moving, still])
}
