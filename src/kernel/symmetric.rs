//! Linear actions: transport of gradient and Hessian, and for finite groups the fixed space, the block of the Hessian off it
//! and the multiplicities of eigenvalues.

use super::algebra::{equation, normal, same, usable};
use super::claim::{ActionKind, Conclusion, Judgement, Proved, Refusal};
use super::count::{Count, Reason, entries, sum};
use super::hypothesis::Hypothesis;
use super::members::{self, pairing};
use super::place::{self, Place};
use super::scope::{Scope, Setting, cotangent, direction};
use super::spectrum;
use super::statement::Statement;
use super::structure::{Condition, Form, Slopes, Structure};
use super::tangent::loss_derivatives;
use crate::group::Finite;
use crate::model::{Action, Model, Variable};
use crate::term::{Expr, Facts, Op, Size, Symbol, Term, infer, int, mentions, root, sub, substitute, sym};
use num_traits::{One, Signed};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

type Outcome = Result<Conclusion, Refusal>;

/// The scope of the linear map of an action: the group element, cotangents and directions.
pub fn map_scope(setting: &Setting, action: &Action) -> Scope {
    let g = action.element.zip(action.group.element());
    let scope = match g {
        Some((g, (shape, facts))) => setting.plain().with(g, shape, facts | crate::term::Facts::CONSTANT),
        None => setting.plain().clone(),
    };
    setting.tangent(&scope)
}

/// The image of every parameter, of a map applied to what `at` says.
fn moved(model: &Model, action: &Action, at: &dyn Fn(Symbol) -> Expr) -> Vec<(Symbol, Expr)> {
    let read = |p: &&Variable| action.images.iter().any(|(_, image)| mentions(image, p.name));
    let values: HashMap<Symbol, Expr> = model.params.iter().filter(read).map(|p| (p.name, at(p.name))).collect();
    let image = |p: &Variable| match action.images.iter().find(|(name, _)| *name == p.name) {
        Some((_, image)) => substitute(image, &values),
        None => at(p.name),
    };
    model.params.iter().map(|p| (p.name, image(p))).collect()
}

/// That the map is V ↦ K(V) + s with this adjoint of a linear K: Σ⟨U, image(V) − s⟩ = Σ⟨K*(U), V⟩ for all U and V, with s = 0 where
/// none is named.
pub fn adjoint_equation(
    model: &Model,
    action: &Action,
    adjoint: &[(Symbol, Expr)],
    shift: &[(Symbol, Expr)],
) -> (Expr, Expr) {
    let unshifted = |(p, image): (Symbol, Expr)| match shift.iter().find(|(name, _)| *name == p) {
        Some((_, s)) => (p, sub(&image, s)),
        None => (p, image),
    };
    let forward = moved(model, action, &|p| sym(direction(p))).into_iter().map(unshifted);
    let lhs = pairing(model, action, forward.map(|(p, image)| (p, sym(cotangent(p)), image)));
    (lhs, pairing(model, action, adjoint.iter().map(|(p, star)| (*p, star.clone(), sym(direction(*p))))))
}

/// That the map is orthogonal: K*(K(U)) = U on every parameter where the sides are not the same as they stand.
pub fn orthogonality_equations(
    model: &Model,
    action: &Action,
    adjoint: &[(Symbol, Expr)],
) -> Vec<(Symbol, Expr, Expr)> {
    let there = moved(model, action, &|p| sym(cotangent(p)));
    let images: HashMap<Symbol, Expr> = there.into_iter().map(|(p, image)| (cotangent(p), image)).collect();
    let both = adjoint.iter().map(|(p, star)| (*p, substitute(star, &images), sym(cotangent(*p))));
    both.filter(|(_, lhs, rhs)| lhs != rhs).collect()
}

fn equivariance(premise: Option<&Proved>) -> Result<(&Arc<Action>, ActionKind), Refusal> {
    match premise.map(|p| p.judgement()) {
        Some(Judgement::Equivariance { action, kind, .. }) => Ok((action, *kind)),
        _ => Err(Refusal("the first premise is no equivariance")),
    }
}

/// T2 and T8: the derivatives of L(Kθ + s) = C(L(θ)). Premises: the equivariance, the adjoint equation, and for a loss d(C) = C′ and
/// d(C′) = C″.
pub(super) fn transport_law(
    setting: &Setting,
    adjoint: &[(Symbol, Expr)],
    shift: &[(Symbol, Expr)],
    premises: &[Proved],
) -> Outcome {
    let (action, kind) = equivariance(premises.first())?;
    let model = setting.model();
    let scope = map_scope(setting, action);
    let directions: HashSet<Symbol> = model.params.iter().map(|p| direction(p.name)).collect();
    let still = |x: &Expr| crate::term::symbols(x).all(|symbol| !directions.contains(&symbol));
    let complete = adjoint.len() == model.params.len()
        && model.params.iter().zip(adjoint).all(|(p, (name, star))| p.name == *name && still(star));
    let constant = |(_, s): &(Symbol, Expr)| infer(scope.env(), s).is_ok_and(|s| s.facts.contains(Facts::CONSTANT));
    if !shift.iter().all(constant) {
        return Err(Refusal("the shift is not constant"));
    }
    let proved = premises.get(1).ok_or(Refusal("the adjoint is missing"))?;
    let (along, lhs, rhs) = equation(proved)?;
    usable(proved, &[lhs, rhs], &scope)?;
    let (l, r) = adjoint_equation(model, action, adjoint, shift);
    if !complete || !along.is_empty() || *lhs != l || *rhs != r {
        return Err(Refusal("the equation does not say that this is the adjoint"));
    }
    let response = match (kind, &action.loss) {
        (ActionKind::Invariance | ActionKind::LossInvariance, _) => Slopes::of_invariance(1),
        (ActionKind::LossEquivariance, Some(image)) => {
            let found = loss_derivatives(setting, &scope, image, &premises[2..])?;
            let [first, second] = <[Expr; 2]>::try_from(found).map_err(|_| Refusal("a derivative is missing"))?;
            Slopes { first, second }
        }
        _ => return Err(Refusal("the loss is not a function of the loss at the image")),
    };
    let structure = Structure::Transport { adjoint: adjoint.to_vec(), shift: shift.to_vec(), response };
    let whole = setting.whole();
    let all = |p: &Variable| members::for_each(&whole.env, whole.env.indices_of(&p.indices), &entries(p.shape));
    let count = Count::new(sum(whole.params.iter().map(all)), Reason::Sum);
    let positive = |e: &Expr| positive(&scope, e);
    let of_positive = || action.images.iter().filter(|(p, _)| positive(&sym(*p))).map(|(_, image)| image);
    if of_positive().any(|image| negative(&scope, image)) {
        return Err(Refusal("the map takes no point of the domain into it: a positive parameter becomes negative"));
    }
    let leaves = of_positive().any(|image| !positive(image));
    let conclusion = Conclusion::law(scope, Statement::Structure(structure)).counted(Some(count));
    Ok(conclusion.assuming([Hypothesis::Smooth(2)]).assuming(leaves.then_some(Hypothesis::InDomain)))
}

/// A finite action with where its element stands in each image.
struct Symmetric<'a> {
    action: &'a Arc<Action>,
    finite: Finite,
    places: Vec<(&'a Variable, Place)>,
    scope: Scope,
}

/// T10. Premises: the equivariance of an invariance under a finite group, the adjoint equation, that K*K = 1 on each
/// parameter, and for a group without a named element images in other words.
pub(super) fn fixed_space(setting: &Setting, premises: &[Proved]) -> Outcome {
    let symmetric = of_action(setting, premises)?;
    let (action, model) = (symmetric.action, setting.model());
    let star = premises.get(1).ok_or(Refusal("the adjoint is missing"))?;
    let (along, lhs, rhs) = equation(star)?;
    usable(star, &[lhs, rhs], &symmetric.scope)?;
    let adjoint = paired_with_directions(setting, rhs)?;
    let (l, r) = adjoint_equation(model, action, &adjoint, &[]);
    if !along.is_empty() || *lhs != l || !same(setting, &symmetric.scope, rhs, &r)? {
        return Err(Refusal("the equation does not say that the map is linear"));
    }
    let wanted = orthogonality_equations(model, action, &adjoint);
    let proved = premises.get(2..2 + wanted.len()).ok_or(Refusal("the map is not proved orthogonal"))?;
    for (premise, (_, lhs, rhs)) in proved.iter().zip(&wanted) {
        let (along, l, r) = equation(premise)?;
        usable(premise, &[l, r], &symmetric.scope)?;
        if !along.is_empty() || l != lhs || r != rhs {
            return Err(Refusal("the map is not proved orthogonal"));
        }
    }
    let conditions = conditions(&symmetric);
    if conditions.is_empty() {
        return Err(Refusal("every point is fixed"));
    }
    if conditions.iter().any(|c| leaves_domain(setting, &symmetric.scope, c)) {
        return Err(Refusal(
            "no fixed point is in the domain: an entry of a positive parameter would be 0 or negative",
        ));
    }
    let count = codimension(model, &symmetric, &conditions);
    let count = count.for_each(&model.env, model.env.indices_of(&action.indices));
    let found = found(setting, action);
    let structure = Structure::FixedSpace { conditions, found };
    let conclusion = Conclusion::law(symmetric.scope, Statement::Structure(structure)).counted(Some(count));
    Ok(conclusion.assuming([Hypothesis::Lipschitz]))
}

/// T10 for an exchange of members: where they are all equal, so are their gradients. The exchange is linear and orthogonal.
pub(super) fn members_equal(setting: &Setting, premises: &[Proved]) -> Outcome {
    let [premise] = premises else { return Err(Refusal("one equivariance is taken")) };
    let (action, kind) = equivariance(Some(premise))?;
    let (index, model) = (action.exchanged().ok_or(Refusal("the action exchanges no members"))?, setting.model());
    if !kind.is_invariance() {
        return Err(Refusal("the loss is not invariant"));
    }
    let range = model.index(index).ok_or(Refusal("the index is not declared"))?.range;
    let condition = |(param, _): &(Symbol, Expr)| Condition { param: *param, form: Form::MembersEqual(index, range) };
    let conditions: Vec<Condition> = action.images.iter().map(condition).collect();
    let of = |c: &Condition| {
        let param = model.param(c.param)?;
        // Of the other indices of a family there is one such exchange for each that the action has, and one for all others.
        let others = param.indices.iter().copied().filter(|i| *i != index && !action.indices.contains(i));
        let others = model.env.indices_of(&others.collect::<Vec<_>>());
        Some(members::for_each(&model.env, others, &c.codimension(param.shape)?))
    };
    let known: Option<Vec<Expr>> = conditions.iter().map(of).collect();
    let count = Count::new(sum(known.ok_or(Refusal("a family is not known"))?), Reason::Codimension);
    let count = count.for_each(&model.env, model.env.indices_of(&action.indices));
    let structure = Structure::FixedSpace { conditions, found: found(setting, action) };
    let conclusion = Conclusion::law(setting.of_action(action), Statement::Structure(structure)).counted(Some(count));
    Ok(conclusion.assuming([Hypothesis::Lipschitz]))
}

/// Whether all entries are known to be positive.
fn positive(scope: &Scope, e: &Expr) -> bool {
    infer(scope.env(), e).is_ok_and(|data| data.facts.contains(Facts::POSITIVE))
}

/// Whether it is a negative multiple of what is positive.
fn negative(scope: &Scope, e: &Expr) -> bool {
    matches!(crate::term::summands(e).as_slice(), [(c, term)] if c.is_negative() && positive(scope, term))
}

/// Whether a condition makes entries 0 or negative of a parameter that is declared positive.
fn leaves_domain(setting: &Setting, scope: &Scope, condition: &Condition) -> bool {
    let Some(param) = setting.model().param(condition.param) else { return false };
    let zeros = match &condition.form {
        Form::Zero | Form::RowZero | Form::ColumnZero => true,
        Form::Diagonal | Form::Multiple(_) => !param.shape.is_scalar(),
        // U = −V of two positive ones.
        Form::Equals(value) => negative(scope, value),
        Form::RowsEqual(_) | Form::ColumnsEqual(_) | Form::MembersEqual(..) => false,
        Form::Central | Form::Circulant | Form::Invariant => false,
    };
    zeros && positive(scope, &sym(condition.param))
}

/// The action, where the model does not declare it.
fn found(setting: &Setting, action: &Arc<Action>) -> Option<Box<Action>> {
    let declared = setting.model().actions.iter().any(|a| *a == **action);
    (!declared).then(|| Box::new((**action).clone()))
}

fn of_action<'a>(setting: &'a Setting, premises: &'a [Proved]) -> Result<Symmetric<'a>, Refusal> {
    let (action, kind) = equivariance(premises.first())?;
    let finite = action.group.group.finite().ok_or(Refusal("the group is not finite"))?;
    if !kind.is_invariance() {
        return Err(Refusal("the loss is not invariant"));
    }
    let scope = map_scope(setting, action);
    let mut places = Vec::new();
    for param in &setting.model().params {
        let image = action.images.iter().find(|(name, _)| *name == param.name).map(|(_, image)| image);
        let worded = |image: &Expr| {
            premises.iter().skip(2).find_map(|p| {
                let (l, r) = p.equation()?;
                (l == image && usable(p, &[l, r], &scope).is_ok()).then(|| r.clone())
            })
        };
        let other = image.and_then(worded);
        let mut normal = normal(setting, &scope);
        places.push((param, place::place(&mut normal, action, param, other)?));
    }
    Ok(Symmetric { action, finite, places, scope })
}

/// K* as it is written in Σ⟨K*(U), V⟩.
fn paired_with_directions(setting: &Setting, form: &Expr) -> Result<Vec<(Symbol, Expr)>, Refusal> {
    let model = setting.model();
    let mut stars: HashMap<Symbol, Expr> = HashMap::new();
    for (c, term) in crate::term::summands(form) {
        let term = members::summand(&term);
        let arguments = crate::term::arguments(&term);
        let (Term::Op(Op::Inner, _), [star, v]) = (root(&term), arguments.as_slice()) else { continue };
        let Term::Sym(v) = root(v) else { continue };
        if c.is_one() && stars.insert(*v, star.clone()).is_some() {
            return Err(Refusal("the adjoint is not written parameter by parameter"));
        }
    }
    let on = |p: &Variable| stars.remove(&direction(p.name)).unwrap_or_else(|| crate::term::zeros(p.shape));
    Ok(model.params.iter().map(|p| p.name).zip(model.params.iter().map(on)).collect())
}

/// What the fixed space asks of the parameters, each equation between two of them stated once.
fn conditions(symmetric: &Symmetric) -> Vec<Condition> {
    // Every sign alone is a reflection, whose mirror contains what all of them fix.
    let one_sided = |(_, place): &(&Variable, Place)| matches!(place, Place::Nowhere | Place::Left | Place::Right);
    let single = symmetric.action.group.sizes.first() != Some(&Size::Lit(1)) && symmetric.places.iter().all(one_sided);
    let mut conditions: Vec<Condition> = Vec::new();
    for (param, place) in &symmetric.places {
        let Some(form) = place::form(symmetric.finite, single, place, param) else { continue };
        // U = ±V says the same as V = ±U.
        let told = |c: &Condition| match (&c.form, &form) {
            (Form::Equals(x), Form::Equals(y)) => unsigned(x) == sym(param.name) && unsigned(y) == sym(c.param),
            _ => false,
        };
        if !conditions.iter().any(told) {
            conditions.push(Condition { param: param.name, form });
        }
    }
    conditions
}

/// A multiple of a formula by ±1 without the sign.
fn unsigned(x: &Expr) -> Expr {
    match crate::term::summands(x).as_slice() {
        [(c, term)] if c.abs().is_one() => term.clone(),
        _ => x.clone(),
    }
}

/// The codimension of the fixed space; as an upper bound the number of entries the conditions are about.
fn codimension(model: &Model, symmetric: &Symmetric, conditions: &[Condition]) -> Count {
    let shape = |c: &Condition| symmetric.places.iter().find(|(p, _)| p.name == c.param).map(|(p, _)| p.shape);
    // Of the members that move together each satisfies the condition.
    let all = |c: &Condition, count: &Expr| members::all_together(model, symmetric.action, c.param, count);
    let known: Option<Vec<Expr>> = conditions.iter().map(|c| Some(all(c, &c.codimension(shape(c)?)?))).collect();
    match known {
        Some(known) => Count::new(sum(known), Reason::Codimension),
        None => {
            let entries = conditions.iter().filter_map(|c| Some(all(c, &entries(shape(c)?))));
            Count::new(sum(entries), Reason::AtMostEntries)
        }
    }
}

/// The claim of a fixed space, its conditions, and the action where it is not declared.
type FixedSpace<'a> = (&'a Proved, Vec<Condition>, Option<Box<Action>>);

/// The fixed space an inference rests on.
fn of_fixed_space(premise: Option<&Proved>) -> Result<FixedSpace<'_>, Refusal> {
    let premise = premise.ok_or(Refusal("the fixed space is missing"))?;
    match premise.statement() {
        Some(Statement::Structure(Structure::FixedSpace { conditions, found })) => {
            Ok((premise, conditions.clone(), found.clone()))
        }
        _ => Err(Refusal("a premise is no fixed space")),
    }
}

/// T11: H is block diagonal for V ⊕ V⊥. Premise: T10.
pub(super) fn breaking(setting: &Setting, premises: &[Proved]) -> Outcome {
    if setting.model().stops() {
        return Err(Refusal(
            "the Hessian with what stands in stopgrad held is not the derivative of the motion, so it decides no stability",
        ));
    }
    let (premise, conditions, found) = of_fixed_space(premises.first())?;
    let structure = Structure::Breaking { conditions, found };
    let conclusion =
        Conclusion::law(premise.scope().clone(), Statement::Structure(structure)).counted(premise.count().cloned());
    Ok(conclusion.assuming([Hypothesis::SymmetricPoint, Hypothesis::Smooth(2)]))
}

/// T12. Premise: T10.
pub(super) fn multiplicities(setting: &Setting, premises: &[Proved]) -> Outcome {
    let (premise, _, found) = of_fixed_space(premises.first())?;
    let symmetric = of_action(setting, premise.premises())?;
    if matches!(symmetric.finite, Finite::Signs | Finite::Involution) {
        return Err(Refusal("a group of signs repeats no eigenvalue"));
    }
    let n = symmetric.action.group.sizes.first().copied().unwrap_or(Size::Lit(1));
    let cases = spectrum::cases(setting, symmetric.action, symmetric.finite, &symmetric.places, n);
    if cases.is_empty() {
        return Err(Refusal("how often eigenvalues are repeated is not known in closed form"));
    }
    let of_case = |case: &super::structure::Case| sum(case.classes.iter().map(|c| c.count.clone()));
    let count = Count::new(cases.first().map_or_else(|| int(0), of_case), Reason::Isotypic);
    let structure = Structure::Multiplicities { cases, found };
    let conclusion = Conclusion::law(premise.scope().clone(), Statement::Structure(structure)).counted(Some(count));
    Ok(conclusion.assuming([Hypothesis::SymmetricPoint, Hypothesis::Smooth(2)]))
}
