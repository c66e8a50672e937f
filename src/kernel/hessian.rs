//! The Hessian on the orbit, from T1: image, form, kernel, alignment and bounds.

use super::algebra::{equation, normal, same, usable};
use super::claim::{Components, Conclusion, Judgement, Proved, Refusal, Response, Tangent, derivation};
use super::count::{Count, Reason};
use super::element::Generator;
use super::evolution::law;
use super::hypothesis::Hypothesis;
use super::members::{pairing, summed};
use super::orbit;
use super::scope::{Scope, Setting, direction};
use super::statement::Statement;
use super::structure::Structure;
use super::tangent::{loss_derivatives, of_derivative, of_tangent};
use crate::term::{
    Expr, Facts, Indices, Op, Shape, Symbol, Term, add, apply, inner, int, is_zero, mentions, mul, neg, substitute,
    sum_of, sym, zeros,
};
use std::collections::HashMap;

type Outcome = Result<Conclusion, Refusal>;

fn gradient(p: Symbol) -> Expr {
    apply(Op::Grad, &[&sym(p)])
}

/// The block on a parameter of H[ξ_A].
fn block(p: Symbol, element: Symbol) -> Expr {
    apply(Op::Hess, &[&sym(p), &sym(element)])
}

/// The first of the premises that say how the response changes.
pub(super) fn first(premises: &[Proved], order: usize) -> Result<&[Proved], Refusal> {
    premises.get(..order).ok_or(Refusal("a derivative of the response is missing"))
}

/// What the right-hand side of T1 contributes to T3.
enum Bent {
    Nothing,
    /// ℓ″[r_A] + (Dr_A)*E, of which J* is taken.
    Output(Expr),
    /// c_A′, which multiplies the gradient.
    Loss(Expr),
}

/// From the premises behind the derivative: none for an invariance, d(c) = c′ for a loss, and for an output d(r) = D along
/// dF = V and ⟨E, D⟩ = ⟨Z, V⟩.
fn bent(setting: &Setting, scope: &Scope, tangent: &Tangent, premises: &[Proved]) -> Result<Bent, Refusal> {
    match &tangent.response {
        Response::Invariant => Ok(Bent::Nothing),
        Response::Loss(c) => Ok(Bent::Loss(loss_derivatives(setting, scope, c, first(premises, 1)?)?.remove(0))),
        Response::Output(r) => {
            let output = setting.model().output.as_ref().ok_or(Refusal("there is no output"))?.name;
            let [moved, adjoint] = premises else { return Err(Refusal("the derivative of the response is missing")) };
            let shape = scope.env().symbol(output).ok_or(Refusal("the output has no shape"))?.shape;
            let v = output_direction(output);
            let scope = scope.with(v, shape, Facts::CONSTANT);
            let (along, lhs, rhs) = equation(moved)?;
            usable(moved, &[lhs, rhs], &setting.moving_only(output, &scope))?;
            let told = along.iter().all(|(s, d)| *s == output && *d == sym(v));
            if !told || *lhs != apply(Op::Diff, &[r]) {
                return Err(Refusal("an equation is not the derivative of the response in the output"));
            }
            let error = apply(Op::Err, &[&sym(output)]);
            let curvature = apply(Op::HessLoss, &[&sym(output), r]);
            if is_zero(rhs) {
                return Ok(Bent::Output(curvature));
            }
            let (_, l, image) = equation(adjoint)?;
            usable(adjoint, &[l, image], &scope)?;
            if *l != inner(&error, rhs) {
                return Err(Refusal("an equation is not the adjoint of the derivative of the response"));
            }
            let mut normal = normal(setting, &scope);
            let form = normal.of(image)?;
            let matrix = normal.isolated(&form, v, shape)?.ok_or(Refusal("the direction is not isolated"))?;
            let id = normal.term(&matrix)?;
            let z = normal.arena.formula(id);
            // The factor as it is written, where it is.
            let written = match (crate::term::root(image), crate::term::arguments(image).as_slice()) {
                (Term::Op(Op::Inner, _), [m, x]) if *x == sym(v) && !mentions(m, v) => m.clone(),
                _ => z,
            };
            Ok(Bent::Output(add(&curvature, &written)))
        }
    }
}

/// The direction of the output along which its response is differentiated.
pub fn output_direction(output: Symbol) -> Symbol {
    Symbol::from(format!("V[{output}]"))
}

/// The derivative of a generator, from the premise that states it.
pub(super) fn slope<'a>(tangent: &Tangent, premise: Option<&'a Proved>) -> Result<&'a Components, Refusal> {
    let (field, derivative) = of_derivative(premise.ok_or(Refusal("the derivative is missing"))?)?;
    match *field == tangent.components {
        true => Ok(derivative),
        false => Err(Refusal("the derivative is that of another field")),
    }
}

/// T3 for all directions together: Σ⟨V, H[ξ]⟩ = (derivative of the right-hand side) − Σ⟨∇L, Dξ[V]⟩. Premises: the generator, its
/// derivative, and what [`bent`] needs.
pub(super) fn image(setting: &Setting, premises: &[Proved]) -> Outcome {
    let (whole, tangent) = of_tangent(premises.first())?;
    let derivative = slope(tangent, premises.get(1))?;
    let model = setting.model();
    let scope = setting.tangent(whole.scope());
    let v = |p: Symbol| sym(direction(p));
    let params: Vec<Symbol> = model.params.iter().map(|p| p.name).collect();
    let pairing = |terms: Vec<(Symbol, Expr, Expr)>| pairing(model, &tangent.action, terms);
    let lhs = pairing(params.iter().map(|p| (*p, v(*p), block(*p, tangent.element.symbol))).collect());
    let carried = pairing(derivative.iter().map(|(p, d)| (*p, gradient(*p), d.clone())).collect());
    let mut terms = match bent(setting, &scope, tangent, &premises[2..])? {
        Bent::Nothing => vec![],
        Bent::Output(z) => {
            let f = sym(model.output.as_ref().ok_or(Refusal("there is no output"))?.name);
            vec![pairing(params.iter().map(|p| (*p, v(*p), apply(Op::Vjp, &[&f, &z, &sym(*p)]))).collect())]
        }
        Bent::Loss(slope) => {
            vec![mul(&slope, &pairing(params.iter().map(|p| (*p, v(*p), gradient(*p))).collect()))]
        }
    };
    terms.push(neg(&carried));
    let rhs = sum_of(&terms, Shape::SCALAR);
    let judgement = Judgement::Equation { along: vec![], lhs, rhs };
    Ok(Conclusion::new(scope, judgement).assuming([Hypothesis::Smooth(2)]))
}

/// T4: T3 at V = ξ_B, with J ξ_B = r_B and ⟨∇L, ξ_B⟩ = c_B. Premises as for T3.
pub(super) fn form(setting: &Setting, second: Symbol, premises: &[Proved]) -> Outcome {
    let (whole, tangent) = of_tangent(premises.first())?;
    let derivative = slope(tangent, premises.get(1))?;
    let algebra = tangent.algebra().ok_or(Refusal("a finite group has no Lie algebra"))?;
    let a = tangent.element.symbol;
    if whole.scope().env().symbol(second).is_some() {
        return Err(Refusal("the second element has a name that is taken"));
    }
    let model = setting.model();
    let both = whole.scope().joined(&setting.of_algebra(&tangent.action, second, &algebra, algebra.whole()));
    let scope = both.ok_or(Refusal("a symbol has two meanings"))?;
    let to_b = HashMap::from([(a, sym(second))]);
    let xi: Components = tangent.components.iter().map(|(p, value)| (*p, substitute(value, &to_b))).collect();
    let read = model.params.iter().filter(|p| derivative.iter().any(|(_, d)| mentions(d, direction(p.name))));
    let mut along: HashMap<Symbol, Expr> = read.map(|p| (direction(p.name), zeros(p.shape))).collect();
    along.extend(xi.iter().map(|(p, value)| (direction(*p), value.clone())));
    let pairing = |terms: Vec<(Symbol, Expr, Expr)>| pairing(model, &tangent.action, terms);
    let lhs = pairing(xi.iter().map(|(p, value)| (*p, value.clone(), block(*p, a))).collect());
    let carried = pairing(derivative.iter().map(|(p, d)| (*p, gradient(*p), substitute(d, &along))).collect());
    let mut terms = match (bent(setting, &setting.tangent(whole.scope()), tangent, &premises[2..])?, &tangent.response)
    {
        (Bent::Output(z), Response::Output(r)) => vec![inner(&substitute(r, &to_b), &z)],
        (Bent::Loss(slope), Response::Loss(c)) => vec![mul(&slope, &substitute(c, &to_b))],
        _ => vec![],
    };
    terms.push(neg(&carried));
    let judgement = Judgement::Equation { along: vec![], lhs, rhs: sum_of(&terms, Shape::SCALAR) };
    Ok(Conclusion::new(setting.tangent(&scope), judgement).assuming([Hypothesis::Smooth(2)]))
}

/// T5. Premises: the generator of an invariance, and where the claim is about the loss that the output is invariant, if so.
pub(super) fn kernel(setting: &Setting, premises: &[Proved]) -> Outcome {
    let (whole, tangent) = of_tangent(premises.first())?;
    if !tangent.is_invariance() || tangent.components.is_empty() {
        return Err(Refusal("the action is no invariance that moves a parameter"));
    }
    let model = setting.model();
    let about_output =
        matches!(tangent.kind, super::claim::ActionKind::Invariance | super::claim::ActionKind::Equivariance);
    let mut output_invariant = about_output && model.output.is_some();
    for premise in &premises[1..] {
        match premise.judgement() {
            Judgement::Transport { action, name, image }
                if *action == tangent.action
                    && model.output.as_ref().is_some_and(|o| o.name == *name)
                    && *image == sym(*name)
                    && !premise.hypotheses().are_within_a_step() =>
            {
                output_invariant = true;
            }
            _ => return Err(Refusal("a premise does not say that the output is invariant")),
        }
    }
    // The generators of different members move different parameters; those of neighbours may not be independent.
    let window = setting.window().is_some();
    let dimension = if window { orbit::dimension(model, tangent) } else { orbit::of_members(model, tangent) };
    let count = match &dimension {
        Some(dimension) => Count::new(dimension.clone(), Reason::Orbit),
        None => {
            let algebra = tangent.algebra().ok_or(Refusal("a finite group has no Lie algebra"))?;
            let one = Count::new(algebra.whole().dimension.clone(), Reason::AtMostAlgebra);
            let indices = if window { Indices::NONE } else { model.env.indices_of(&tangent.action.indices) };
            one.for_each(&model.env, indices)
        }
    };
    let dimension = dimension.map(|_| count.formula.clone());
    let generator = Generator {
        action: tangent.action.name,
        element: tangent.element.clone(),
        components: tangent.components.clone(),
        output_invariant,
    };
    // H[ξ] = −(Dξ)*∇L, which is 0 everywhere where ξ is the same everywhere.
    let point = (!generator.is_constant(&model.params)).then_some(Hypothesis::Stationary);
    let statement = Statement::Kernel { generators: vec![generator], dimension };
    let conclusion = Conclusion::law(whole.scope().clone(), statement).counted(Some(count));
    Ok(conclusion.assuming([Hypothesis::Smooth(2)]).assuming(point))
}

/// T5 for all invariances together.
pub(super) fn joint_kernel(premises: &[Proved]) -> Outcome {
    let (mut generators, mut counts) = (Vec::new(), Vec::new());
    let mut scope: Option<Scope> = None;
    for premise in premises {
        let (Statement::Kernel { generators: own, .. }, None) = law(premise)? else {
            return Err(Refusal("a premise is no kernel"));
        };
        generators.extend(own.iter().cloned());
        counts.push(premise.count().map(|c| c.formula.clone()).ok_or(Refusal("a kernel has no dimension"))?);
        // Elements of different actions may have one name: each is bound in its own generator.
        scope = Some(scope.map_or(premise.scope().clone(), |s| s.with_all(premise.scope().symbols().iter().cloned())));
    }
    let scope = scope.ok_or(Refusal("a premise is missing"))?;
    let total = counts.into_iter().reduce(|sum, x| add(&sum, &x)).ok_or(Refusal("a premise is missing"))?;
    let statement = Statement::Kernel { generators, dimension: None };
    Ok(Conclusion::law(scope, statement).counted(Some(Count::new(total, Reason::Sum))))
}

/// The blocks of a Hessian image, parameter by parameter, and the generator it is the image of.
fn blocks(premise: &Proved) -> Result<Vec<(Symbol, Expr)>, Refusal> {
    let refuse = Refusal("a premise is no Hessian image");
    let (Statement::Equations { equations, .. }, None) = law(premise)? else { return Err(refuse) };
    let named = |(lhs, rhs): &(Expr, Expr)| match (crate::term::root(lhs), crate::term::arguments(lhs).as_slice()) {
        (Term::Op(Op::Hess, _), [p, _]) => match crate::term::root(p) {
            Term::Sym(name) => Some((*name, rhs.clone())),
            _ => None,
        },
        _ => None,
    };
    let out: Option<Vec<(Symbol, Expr)>> = equations.iter().map(named).collect();
    out.ok_or(refuse)
}

/// Whether a claim rests on a generator.
pub(super) fn rests_on(premise: &Proved, tangent: &Tangent) -> bool {
    derivation(premise).iter().any(|c| c.tangent() == Some(tangent))
}

/// T6: `H[ξ]` is one multiple of the gradient on every parameter. Premises: the generator and T3.
pub(super) fn alignment(setting: &Setting, factor: &Expr, premises: &[Proved]) -> Outcome {
    let (_, tangent) = of_tangent(premises.first())?;
    let image = premises.get(1).ok_or(Refusal("the Hessian image is missing"))?;
    let blocks = blocks(image)?;
    let all = setting.model().params.iter().all(|p| blocks.iter().any(|(name, _)| *name == p.name));
    // What one of several actions does not move has no Hessian image, and a gradient.
    let one = tangent.action.indices.is_empty();
    if !one || !tangent.element.unit || !all || !rests_on(image, tangent) {
        return Err(Refusal("the image is not that of the one generator on every parameter"));
    }
    for (p, value) in &blocks {
        if !same(setting, image.scope(), value, &mul(factor, &gradient(*p)))? {
            return Err(Refusal("the image is not that multiple of the gradient"));
        }
    }
    let structure = Structure::Alignment { element: tangent.element.clone(), factor: factor.clone() };
    let conclusion =
        Conclusion::law(image.scope().clone(), Statement::Structure(structure)).counted(Some(Count::one()));
    Ok(match crate::term::root(factor) {
        Term::Num(c) if !num_traits::Zero::is_zero(&**c) => conclusion,
        _ => conclusion.assuming([Hypothesis::NonzeroFactor]),
    })
}

/// T7. Premises: the generator, T3 and T4.
pub(super) fn sharpness(setting: &Setting, form: &Expr, image: &Expr, length: &Expr, premises: &[Proved]) -> Outcome {
    let (_, tangent) = of_tangent(premises.first())?;
    let (Some(third), Some(fourth)) = (premises.get(1), premises.get(2)) else {
        return Err(Refusal("bounds rest on Hessian image and form"));
    };
    if matches!(tangent.response, Response::Output(_)) || !rests_on(third, tangent) || !rests_on(fourth, tangent) {
        return Err(Refusal("the bounds are not about one generator, or in the curvature of ℓ"));
    }
    let blocks = blocks(third)?;
    let (Statement::Equations { equations, .. }, None) = law(fourth)? else {
        return Err(Refusal("a premise is no Hessian form"));
    };
    let [(stated, value)] = equations.as_slice() else { return Err(Refusal("a premise is no Hessian form")) };
    let a = tangent.element.symbol;
    let scope = fourth.scope();
    // The form is that at B = A.
    let b = fourth.by_second().ok_or(Refusal("a premise is no Hessian form"))?;
    let at_a = HashMap::from([(b, sym(a))]);
    let model = setting.model();
    let own = tangent.components.iter().map(|(p, value)| (*p, value.clone(), block(*p, a)));
    let own = pairing(model, &tangent.action, own);
    let norms = |terms: &mut dyn Iterator<Item = &(Symbol, Expr)>| {
        let norm = |(p, x): &(Symbol, Expr)| summed(model, &tangent.action, *p, &apply(Op::Norm2, &[x]));
        let terms: Vec<Expr> = terms.map(norm).collect();
        if terms.is_empty() { int(0) } else { sum_of(&terms, Shape::SCALAR) }
    };
    let whole_image = norms(&mut blocks.iter());
    let whole_length = norms(&mut tangent.components.iter());
    let fits = same(setting, scope, &substitute(stated, &at_a), &own)?
        && same(setting, scope, form, &substitute(value, &at_a))?
        && same(setting, scope, image, &whole_image)?
        && same(setting, scope, length, &whole_length)?;
    if !fits {
        return Err(Refusal("the bounds are not those of image and form"));
    }
    let mut radial =
        tangent.action.indices.is_empty() && tangent.element.unit && blocks.len() == tangent.components.len();
    for (p, value) in &blocks {
        radial = radial && tangent.on(*p) == Some(&sym(*p)) && same(setting, scope, value, &neg(&gradient(*p)))?;
    }
    let structure = Structure::Sharpness {
        element: tangent.element.clone(),
        form: form.clone(),
        image: image.clone(),
        length: length.clone(),
        radial,
    };
    let count = Count::new(int(4), Reason::Sum);
    Ok(Conclusion::law(scope.clone(), Statement::Structure(structure))
        .counted(Some(count))
        .assuming([Hypothesis::NonzeroGenerator]))
}
