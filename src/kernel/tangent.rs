//! An action to first order: the generator, the response, T1, and when the generator is a gradient.

use super::algebra::{equation, same, usable};
use super::claim::{
    ActionKind, Components, Conclusion, Field, Judgement, Proved, Refusal, Response, Tangent, family_of,
};
use super::degree::{degree, weight};
use super::element::Element;
use super::hypothesis::Hypothesis;
use super::inference::Symmetry;
use super::members::{pairing, summed};
use super::scope::{Scope, Setting, cotangent, direction};
use crate::group::Part;
use crate::model::{Action, Dynamics, Model, Variable};
use crate::term::{
    Expr, Op, Rational, Shape, Symbol, Term, apply, inner, int, is_zero, mentions, mul, neg, num, scaled, size,
    substitute, sum_of, summands, sym,
};
use num_traits::{One, Zero};
use std::collections::HashMap;

type Outcome = Result<Conclusion, Refusal>;

/// The equivariance an inference rests on.
fn equivariance(premise: &Proved) -> Result<(&std::sync::Arc<crate::model::Action>, ActionKind), Refusal> {
    match premise.judgement() {
        Judgement::Equivariance { action, kind, .. } => Ok((action, *kind)),
        _ => Err(Refusal("the first premise is no equivariance")),
    }
}

/// The tangent an inference rests on.
pub(super) fn of_tangent(premise: Option<&Proved>) -> Result<(&Proved, &Tangent), Refusal> {
    let premise = premise.ok_or(Refusal("a premise is missing"))?;
    let tangent = premise.tangent().ok_or(Refusal("a premise is no generator"))?;
    Ok((premise, tangent))
}

/// ⟨E, r_A⟩ or c_A(L), what the gradient pairs to with the generator; 0 for an invariance.
pub fn response_form(setting: &Setting, tangent: &Tangent) -> Expr {
    match &tangent.response {
        Response::Invariant => int(0),
        Response::Output(r) => match &setting.model().output {
            Some(output) => inner(&apply(Op::Err, &[&sym(output.name)]), r),
            None => int(0),
        },
        Response::Loss(c) => c.clone(),
    }
}

/// d/dt at t = 0 along exp(tA): premises are the equivariance, the differential of the image with dg = A, and that
/// differential at the identity.
pub(super) fn generator(setting: &Setting, symbol: Symbol, name: Symbol, premises: &[Proved]) -> Outcome {
    let [whole, moving, at_identity] = premises else {
        return Err(Refusal("a generator is an equivariance, a differential, and its value at the identity"));
    };
    let (action, _) = equivariance(whole)?;
    let algebra = action.group.algebra().ok_or(Refusal("a finite group has no generator"))?;
    let g = action.element.ok_or(Refusal("the group has no element"))?;
    let model = setting.model();
    let image = if let Some((_, image)) = action.images.iter().find(|(p, _)| *p == name) {
        image
    } else if model.output.as_ref().is_some_and(|o| o.name == name) {
        action.output.as_ref().ok_or(Refusal("the output has no image"))?
    } else if name == Model::loss_symbol() {
        action.loss.as_ref().ok_or(Refusal("the loss has no image"))?
    } else {
        return Err(Refusal("the action does not move that name"));
    };
    if setting.plain().env().symbol(symbol).is_some() || symbol == g {
        return Err(Refusal("the element of the algebra has a name that is taken"));
    }
    let scope = setting.of_algebra(action, symbol, &algebra, algebra.whole());
    let (along, lhs, derivative) = equation(moving)?;
    usable(moving, &[lhs, derivative], &setting.moving(action, &scope))?;
    if *lhs != apply(Op::Diff, &[image]) || along.iter().any(|(s, d)| *s != g || *d != sym(symbol)) {
        return Err(Refusal("the differential is not that of the image along A"));
    }
    let element = Element::of(symbol, &algebra);
    let mut value = substitute(derivative, &HashMap::from([(g, action.group.identity())]));
    if element.unit {
        value = substitute(&value, &HashMap::from([(symbol, int(1))]));
    }
    let (along, lhs, rhs) = equation(at_identity)?;
    usable(at_identity, &[lhs, rhs], &scope)?;
    if !along.is_empty() || *lhs != value || mentions(rhs, g) {
        return Err(Refusal("the value at the identity is not that of the differential"));
    }
    let judgement = Judgement::Generator { action: action.clone(), element, name, value: rhs.clone() };
    Ok(Conclusion::new(scope, judgement))
}

/// The generator on every parameter; premises are the equivariance and the generators of all its images.
pub(super) fn tangent(setting: &Setting, premises: &[Proved]) -> Outcome {
    let (whole, generators) = premises.split_first().ok_or(Refusal("a premise is missing"))?;
    let (action, kind) = equivariance(whole)?;
    let mut found: HashMap<Symbol, (&super::element::Element, &Expr)> = HashMap::new();
    for premise in generators {
        match premise.judgement() {
            Judgement::Generator { action: other, element, name, value } if **other == **action => {
                found.insert(*name, (element, value));
            }
            _ => return Err(Refusal("a premise is no generator of this action")),
        }
    }
    let element = found.values().next().map(|(e, _)| (*e).clone()).ok_or(Refusal("there is no generator"))?;
    if found.values().any(|(e, _)| **e != element) {
        return Err(Refusal("the generators are of different elements"));
    }
    let model = setting.model();
    let of = |name: Symbol| {
        found.get(&name).map(|(_, value)| (*value).clone()).ok_or(Refusal("the generator of an image is missing"))
    };
    let mut components = Components::new();
    for param in &model.params {
        if action.images.iter().any(|(p, _)| *p == param.name) {
            let value = of(param.name)?;
            if !is_zero(&value) {
                components.push((param.name, value));
            }
        }
    }
    let response = match kind {
        ActionKind::Invariance | ActionKind::LossInvariance => Response::Invariant,
        ActionKind::Equivariance => {
            let output = model.output.as_ref().ok_or(Refusal("there is no output"))?;
            Response::Output(of(output.name)?)
        }
        ActionKind::OutputEquivariance => return Err(Refusal("the loss is not a function of the output alone")),
        ActionKind::LossEquivariance => Response::Loss(of(Model::loss_symbol())?),
    };
    let response = match response {
        Response::Output(r) | Response::Loss(r) if is_zero(&r) => Response::Invariant,
        response => response,
    };
    let scope = generators[0].scope().clone();
    let judgement = Judgement::Tangent(Tangent { action: action.clone(), kind, element, components, response });
    Ok(Conclusion::new(scope, judgement))
}

/// T1: the derivative of L along the orbit.
pub(super) fn gradient_identity(setting: &Setting, premises: &[Proved]) -> Outcome {
    let [premise] = premises else { return Err(Refusal("T1 rests on the generator")) };
    let (_, tangent) = of_tangent(Some(premise))?;
    let gradient = |p: Symbol| apply(Op::Grad, &[&sym(p)]);
    let terms = tangent.components.iter().map(|(p, value)| (*p, gradient(*p), value.clone()));
    let lhs = pairing(setting.model(), &tangent.action, terms);
    let judgement = Judgement::Equation { along: vec![], lhs, rhs: response_form(setting, tangent) };
    Ok(Conclusion::new(premise.scope().clone(), judgement).assuming([Hypothesis::Smooth(1)]))
}

/// The field a claim is about, and its scope.
fn field_of(premise: &Proved) -> Result<&Components, Refusal> {
    match premise.judgement() {
        Judgement::Tangent(tangent) => Ok(&tangent.components),
        Judgement::Field(field) => Ok(&field.components),
        _ => Err(Refusal("a premise is no field")),
    }
}

/// Dω_A[V]; premises are the field, and the differential of each of its components along V.
pub(super) fn derivative(setting: &Setting, premises: &[Proved]) -> Outcome {
    let (whole, parts) = premises.split_first().ok_or(Refusal("a premise is missing"))?;
    let field = field_of(whole)?;
    let scope = setting.tangent(whole.scope());
    let mut out = Components::new();
    if parts.len() != field.len() {
        return Err(Refusal("the differential of a component is missing"));
    }
    for ((name, value), premise) in field.iter().zip(parts) {
        let (along, lhs, rhs) = equation(premise)?;
        usable(premise, &[lhs, rhs], &scope)?;
        let told = |(symbol, d): &(Symbol, Expr)| {
            setting.model().params.iter().any(|p| p.name == *symbol) && *d == sym(direction(*symbol))
        };
        let differential = rhs.as_ref().iter().any(|n| matches!(n, crate::term::Term::Op(Op::Diff, _)));
        if *lhs != apply(Op::Diff, &[value]) || !along.iter().all(told) || differential {
            return Err(Refusal("the differential is not that of the field along V"));
        }
        out.push((*name, rhs.clone()));
    }
    Ok(Conclusion::new(scope, Judgement::Derivative { field: field.clone(), derivative: out }))
}

/// The derivative a claim is about: of which field, and what.
pub(super) fn of_derivative(premise: &Proved) -> Result<(&Components, &Components), Refusal> {
    match premise.judgement() {
        Judgement::Derivative { field, derivative } => Ok((field, derivative)),
        _ => Err(Refusal("a premise is no derivative of a field")),
    }
}

/// `⟨U, Dω[V]⟩` with these symbols for U and V.
pub fn bilinear(
    derivative: &Components,
    u: &dyn Fn(Symbol) -> Expr,
    v: &dyn Fn(Symbol) -> Expr,
    model: &Model,
    action: &Action,
) -> Expr {
    let directions: HashMap<Symbol, Expr> = model.params.iter().map(|p| (direction(p.name), v(p.name))).collect();
    pairing(model, action, derivative.iter().map(|(p, d)| (*p, u(*p), substitute(d, &directions))))
}

/// The equation that says that Dω is its own adjoint, or the opposite: `⟨U, Dω[V]⟩ = ±⟨V, Dω[U]⟩`.
pub fn symmetry_equation(model: &Model, action: &Action, derivative: &Components, symmetry: Symmetry) -> (Expr, Expr) {
    let (u, v) = (|p: Symbol| sym(cotangent(p)), |p: Symbol| sym(direction(p)));
    let (lhs, rhs) = (bilinear(derivative, &u, &v, model, action), bilinear(derivative, &v, &u, model, action));
    if symmetry == Symmetry::Skew { (lhs, neg(&rhs)) } else { (lhs, rhs) }
}

/// Premises are the derivative and that equation, for A in a part of the algebra.
pub(super) fn symmetry(setting: &Setting, part: Part, symmetry: Symmetry, premises: &[Proved]) -> Outcome {
    let [derivative, proved] = premises else { return Err(Refusal("a symmetry is of one derivative")) };
    let (field, components) = of_derivative(derivative)?;
    let scope = restricted(setting, derivative, part)?;
    let (along, lhs, rhs) = equation(proved)?;
    usable(proved, &[lhs, rhs], &scope)?;
    let tangent = resting(derivative)?;
    let (l, r) = symmetry_equation(setting.model(), &tangent.action, components, symmetry);
    if !along.is_empty() || *lhs != l || *rhs != r {
        return Err(Refusal("the equation does not say that the derivative is its own adjoint"));
    }
    Ok(Conclusion::new(scope, Judgement::Symmetry { field: field.clone(), symmetry }))
}

/// The generator a claim rests on.
fn resting(claim: &Proved) -> Result<Tangent, Refusal> {
    let tangent = super::claim::derivation(claim).into_iter().find_map(|c| c.tangent().cloned());
    tangent.ok_or(Refusal("the claim rests on no generator"))
}

/// The scope of a claim that rests on a tangent with A restricted to a part of the algebra.
pub fn restricted(setting: &Setting, claim: &Proved, part: Part) -> Result<Scope, Refusal> {
    let tangent = resting(claim)?;
    let algebra = tangent.algebra().ok_or(Refusal("a finite group has no Lie algebra"))?;
    let family = family_of(&algebra, part).ok_or(Refusal("the algebra has no such part"))?;
    Ok(setting.tangent(&setting.of_algebra(&tangent.action, tangent.element.symbol, &algebra, &family)))
}

/// ∇Q = ω: Euler's identity for the summands of a component that are homogeneous of a degree other than −1, else by parts.
pub(super) fn integration(setting: &Setting, premises: &[Proved]) -> Outcome {
    let (whole, more) = premises.split_first().ok_or(Refusal("a premise is missing"))?;
    let Judgement::Symmetry { field, symmetry: Symmetry::SelfAdjoint } = whole.judgement() else {
        return Err(Refusal("the field is not proved curl-free"));
    };
    let mirror = more.first().and_then(|p| match p.judgement() {
        Judgement::Field(mirror) if mirror.components == *field => Some(mirror),
        _ => None,
    });
    let tangent = resting(whole)?;
    let mut terms = Vec::new();
    for (param, value) in field {
        let forms = match by_degree(setting, *param, value) {
            Some(forms) => forms,
            None => {
                let mirror = mirror.ok_or(Refusal("no closed form of the potential is known"))?;
                by_parts(setting, mirror, *param, whole.scope(), &more[1..])?
            }
        };
        terms.extend(forms.iter().map(|form| summed(setting.model(), &tangent.action, *param, form)));
    }
    let form = if terms.is_empty() { int(0) } else { sum_of(&terms, Shape::SCALAR) };
    Ok(Conclusion::new(whole.scope().clone(), Judgement::Potential { field: field.clone(), form }))
}

/// ⟨W, ω⟩/(k + 1) for every summand of degree k; none where one has no such degree.
pub fn by_degree(setting: &Setting, param: Symbol, value: &Expr) -> Option<Vec<Expr>> {
    let form = |(c, term): (crate::term::Rational, Expr)| {
        let by = weight(&degree(setting.model(), &term)?)?;
        Some(scaled(c * by, &inner(&sym(param), &term)))
    };
    summands(value).into_iter().map(form).collect()
}

/// A matrix of ones; the number 1 for a scalar.
pub fn ones(shape: Shape) -> Expr {
    if shape.is_scalar() { int(1) } else { apply(Op::Ones, &[&size(shape.rows), &size(shape.cols)]) }
}

/// The elementwise product, of scalars the product.
pub fn entrywise(weight: &Expr, term: &Expr, shape: Shape) -> Expr {
    if shape.is_scalar() { mul(weight, term) } else { apply(Op::Had, &[weight, term]) }
}

/// That a summand ξ(W) linear in W scales its entries: ⟨U, ξ(V)⟩ = ⟨ξ(1)∘U, V⟩.
pub fn scaling_equation(param: &Variable, term: &Expr) -> (Expr, Expr) {
    let (u, v) = (sym(cotangent(param.name)), sym(direction(param.name)));
    let moved = substitute(term, &HashMap::from([(param.name, v.clone())]));
    let scale = substitute(term, &HashMap::from([(param.name, ones(param.shape))]));
    (inner(&u, &moved), inner(&entrywise(&scale, &u, param.shape), &v))
}

/// ⟨ξ, ψ′(W)⟩ − ⟨ξ(1), ψ(W)⟩ for the summands of ξ that scale the entries of W, the potential of ψ″(W)∘ξ, and ⟨b, ψ′(W)⟩
/// for constant ones; the premises say that they scale entries.
fn by_parts(
    setting: &Setting,
    mirror: &Field,
    name: Symbol,
    scope: &Scope,
    premises: &[Proved],
) -> Result<Vec<Expr>, Refusal> {
    let closed = Refusal("no closed form of the potential is known");
    let model = setting.model();
    let param = model.param(name).ok_or(closed.clone())?;
    let psi = potential_at(model, &mirror.dynamics, param)?;
    let slope = mirror.slopes.iter().find(|(p, _)| *p == name).map(|(_, s)| s).ok_or(closed.clone())?;
    let xi = mirror.tangent.iter().find(|(p, _)| *p == name).map(|(_, v)| v).ok_or(closed.clone())?;
    let mut forms = Vec::new();
    for (c, term) in summands(xi) {
        if model.params.iter().any(|p| p.name != name && mentions(&term, p.name)) {
            return Err(closed);
        }
        match degree(model, &term) {
            Some(k) if k.is_zero() => forms.push(scaled(c, &inner(slope, &term))),
            Some(k) if k.is_one() => {
                let (lhs, rhs) = scaling_equation(param, &term);
                let proved = premises.iter().any(|p| {
                    p.equation().is_some_and(|(l, r)| *l == lhs && *r == rhs) && usable(p, &[&lhs, &rhs], scope).is_ok()
                });
                if !proved {
                    return Err(Refusal("the action is not proved to scale the entries of a parameter"));
                }
                let scale = substitute(&term, &HashMap::from([(name, ones(param.shape))]));
                forms.push(scaled(c.clone(), &inner(slope, &term)));
                forms.push(scaled(-c, &inner(&psi, &scale)));
            }
            _ => return Err(closed),
        }
    }
    Ok(forms)
}

/// ψ at every entry of a parameter.
pub fn potential_at(model: &Model, dynamics: &Dynamics, param: &Variable) -> Result<Expr, Refusal> {
    let Dynamics::Mirror(potentials) = dynamics else { return Err(Refusal("the dynamics is no mirror flow")) };
    let named = potentials.iter().find(|(p, _)| *p == param.name).map(|(_, potential)| *potential);
    let potential = named.and_then(|name| model.potential(name));
    potential.map(|p| p.at(&sym(param.name), param.shape)).ok_or(Refusal("a parameter has no potential"))
}

/// M(θ)ξ_A; premises are the generator, and for each parameter it moves five equations: dψ(W), that at dW = 1 which is ψ′, dψ′,
/// that at dW = 1 which is ψ″, and ψ″∘ξ.
pub(super) fn mirror_field(setting: &Setting, dynamics: &Dynamics, premises: &[Proved]) -> Outcome {
    let (whole, parts) = premises.split_first().ok_or(Refusal("a premise is missing"))?;
    let (_, tangent) = of_tangent(Some(whole))?;
    let model = setting.model();
    if !model.dynamics.contains(dynamics) {
        return Err(Refusal("the model declares no such mirror flow"));
    }
    if parts.len() != 5 * tangent.components.len() {
        return Err(Refusal("a mirror field takes five equations for each parameter"));
    }
    let scope = setting.tangent(whole.scope());
    let (mut components, mut slopes) = (Components::new(), Components::new());
    for ((name, xi), five) in tangent.components.iter().zip(parts.chunks(5)) {
        let param = model.param(*name).ok_or(Refusal("an unknown parameter moves"))?;
        let moving = setting.moving_only(*name, &scope);
        let at_ones = HashMap::from([(direction(*name), ones(param.shape))]);
        let mut value = potential_at(model, dynamics, param)?;
        for pair in five[..4].chunks(2) {
            let (along, lhs, rhs) = equation(&pair[0])?;
            usable(&pair[0], &[lhs, rhs], &moving)?;
            let told = along.iter().all(|(s, d)| s == name && *d == sym(direction(*name)));
            let (_, at, next) = equation(&pair[1])?;
            usable(&pair[1], &[at, next], &scope)?;
            let differential = next.as_ref().iter().any(|n| matches!(n, crate::term::Term::Op(Op::Diff, _)));
            if !told || *lhs != apply(Op::Diff, &[&value]) || *at != substitute(rhs, &at_ones) || differential {
                return Err(Refusal("an equation is not the derivative of the potential"));
            }
            value = next.clone();
            if slopes.last().is_none_or(|(last, _)| last != name) {
                slopes.push((*name, next.clone()));
            }
        }
        let (along, lhs, rhs) = equation(&five[4])?;
        usable(&five[4], &[lhs, rhs], &scope)?;
        if !along.is_empty() || is_zero(&value) || !same(setting, &scope, lhs, &entrywise(&value, xi, param.shape))? {
            return Err(Refusal("an equation is not ψ″∘ξ"));
        }
        components.push((*name, rhs.clone()));
    }
    let field = Field { dynamics: dynamics.clone(), tangent: tangent.components.clone(), components, slopes };
    Ok(Conclusion::new(whole.scope().clone(), Judgement::Field(field)))
}

/// The derivatives of a formula in the loss, one after the other, from equations d(c) = c′, d(c′) = c″, … along dL = 1.
pub(super) fn loss_derivatives(
    setting: &Setting,
    scope: &Scope,
    c: &Expr,
    premises: &[Proved],
) -> Result<Vec<Expr>, Refusal> {
    let loss = Model::loss_symbol();
    let moving = setting.moving_only(loss, scope);
    let mut out: Vec<Expr> = Vec::with_capacity(premises.len());
    for premise in premises {
        let (along, lhs, rhs) = equation(premise)?;
        usable(premise, &[lhs, rhs], &moving)?;
        let told = along.iter().all(|(s, d)| *s == loss && *d == num(Rational::one()));
        let differential = rhs.as_ref().iter().any(|n| matches!(n, Term::Op(Op::Diff, _)));
        if !told || differential || *lhs != apply(Op::Diff, &[out.last().unwrap_or(c)]) {
            return Err(Refusal("an equation is not the derivative of the response in the loss"));
        }
        out.push(rhs.clone());
    }
    Ok(out)
}
