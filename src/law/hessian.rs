//! T3 and T4, the Hessian on the orbit. Differentiating T1 along a tangent V gives
//! H[ξ_A] = J*(ℓ″[r_A] + (Dr_A)*E) − (Dξ_A)*∇L, and inserting V = ξ_B the quadratic form ⟨ξ_B, H[ξ_A]⟩.

use super::context::{Context, Weighted, end_of, fresh, is_trivial, start_of};
use super::forms::Slope;
use super::generator::{Motion, second_letter};
use super::gradient::Identity;
use super::missing::Obstacle;
use super::outcome::{ActionLaws, record};
use super::reduce;
use super::tidy::{collect, split_sizes, tidy, tidy_summands, total};
use crate::group::Part;
use crate::kernel::{
    Inference, LawRow, Proved, Refusal, Response, Scope, Statement, cotangent, direction, output_direction, quantity,
};
use crate::model::Model;
use crate::term::{
    Env, Expr, Facts, Op, Rational, Shape, Symbol, add, apply, inner, mentions, mul, neg, num, substitute, sum_of, sym,
    zeros,
};
use num_traits::One;
use std::collections::HashMap;

/// T3 and T4 as claims of laws, for what follows from them.
#[derive(Default)]
pub(super) struct Hessian {
    pub image: Option<Proved>,
    pub form: Option<Proved>,
}

impl Hessian {
    /// Whether T3 says that H[ξ] = 0 at every point.
    pub fn is_flat(&self) -> bool {
        self.image.as_ref().and_then(|image| image.statement()).is_some_and(Statement::is_zero)
    }
}

/// Derives T3 and T4.
pub(super) fn derive(
    cx: &Context,
    motion: &Motion,
    slope: &Slope,
    identity: Option<&Identity>,
    out: &mut ActionLaws,
) -> Hessian {
    let mut found = Hessian::default();
    let bent = match Bent::derive(cx, motion) {
        Ok(bent) => bent,
        Err(reason) => {
            record(out, motion.action, LawRow::HessianImage, Err(reason));
            return found;
        }
    };
    let image = image(cx, motion, slope, &bent);
    found.image = image.as_ref().ok().cloned();
    record(out, motion.action, LawRow::HessianImage, image.map(Some));
    // Where H[ξ] = 0, so is what follows from it.
    if found.image.is_some() && !found.is_flat() {
        let form = form(cx, motion, slope, &bent, identity);
        found.form = form.as_ref().ok().cloned();
        record(out, motion.action, LawRow::HessianForm, form.map(Some));
    }
    found
}

const NO_OUTPUT: Refusal = Refusal("the model has no output");

/// What the right-hand side of T1 contributes: the proofs behind it, and ℓ″[r_A] + (Dr_A)*E of an output or c_A′ of a loss.
struct Bent {
    premises: Vec<Proved>,
    value: Option<Expr>,
}

impl Bent {
    fn derive(cx: &Context, motion: &Motion) -> Result<Bent, Obstacle> {
        let scope = motion.scope(cx, Part::Whole);
        match &motion.tangent().response {
            Response::Invariant => Ok(Bent { premises: vec![], value: None }),
            Response::Loss(c) => {
                let slope = loss_derivative(cx, &scope, c)?;
                let value = Some(end_of(&slope).clone());
                Ok(Bent { premises: vec![slope], value })
            }
            Response::Output(r) => {
                let output = cx.model().output.as_ref().ok_or(NO_OUTPUT)?.name;
                let shape = scope.env().symbol(output).ok_or(NO_OUTPUT)?.shape;
                let v = output_direction(output);
                let scope = scope.with(v, shape, Facts::CONSTANT);
                let moving = cx.setting().moving_only(output, &scope);
                let moved = cx.differentiate(&moving, &[(output, sym(v))], r)?;
                let moved = cx.reworded(moved.clone(), &tidy(scope.env(), end_of(&moved)))?;
                let error = apply(Op::Err, &[&sym(output)]);
                let curvature = apply(Op::HessLoss, &[&sym(output), r]);
                let (matrix, adjoint) = cx.isolate(&scope, v, &inner(&error, end_of(&moved)))?;
                let short = cx.simplify(&scope, &matrix)?;
                let env = scope.env();
                let matrix = tidy(env, end_of(&short));
                let adjoint = match cx.reworded(adjoint.clone(), &inner(&matrix, &sym(v))) {
                    Ok(adjoint) => adjoint,
                    Err(_) => {
                        let paired = Inference::Paired { scope: scope.clone(), with: sym(v) };
                        let paired = cx.infer(paired, vec![short])?;
                        let one = || num(Rational::one());
                        let lhs = start_of(&adjoint).clone();
                        cx.linear(&scope, &lhs, &inner(&matrix, &sym(v)), &[(one(), adjoint), (one(), paired)])?
                    }
                };
                let value = match crate::term::is_zero(end_of(&moved)) {
                    true => curvature,
                    false => add(&curvature, &matrix),
                };
                Ok(Bent { premises: vec![moved, adjoint], value: Some(tidy(env, &value)) })
            }
        }
    }
}

/// d(c) along dL = 1.
pub(super) fn loss_derivative(cx: &Context, scope: &Scope, c: &Expr) -> Result<Proved, Obstacle> {
    let loss = Model::loss_symbol();
    let found = cx.differentiate(&cx.setting().moving_only(loss, scope), &[(loss, num(Rational::one()))], c)?;
    cx.reworded(found.clone(), &tidy(scope.env(), end_of(&found)))
}

/// J*[Z] on a parameter, summand by summand; J*E is the gradient.
fn pulled_back(env: &Env, output: Symbol, param: Symbol, z: &Expr) -> Vec<(Rational, Expr)> {
    let (f, w) = (sym(output), sym(param));
    let error = apply(Op::Err, &[&f]);
    let pull = |z: Expr| if z == error { apply(Op::Grad, &[&w]) } else { apply(Op::Vjp, &[&f, &z, &w]) };
    let one = |(c, z): (Rational, Expr)| {
        let (sizes, z) = split_sizes(env, &z);
        (c, tidy(env, &mul(&sizes.expr(), &pull(z))))
    };
    tidy_summands(env, z).into_iter().map(one).collect()
}

/// The law of T3: an equation for the block of H[ξ_A] on every parameter.
fn image(cx: &Context, motion: &Motion, slope: &Slope, bent: &Bent) -> Result<Proved, Obstacle> {
    let premises: Vec<Proved> = [vec![motion.claim.clone(), slope.claim.clone()], bent.premises.clone()].concat();
    let raw = cx.infer(Inference::HessianImage, premises)?;
    let scope = raw.scope().clone();
    let env = scope.env();
    let gradients: Vec<(Symbol, Expr)> =
        motion.components().iter().map(|(p, _)| (cotangent(*p), quantity(Op::Grad)(*p))).collect();
    let map: HashMap<Symbol, Expr> = gradients.iter().cloned().collect();
    let mut parts = Vec::new();
    let mut isolated = Isolated { of: vec![], reductions: vec![], lhs: vec![], rhs: vec![] };
    for param in &cx.model().params {
        let mut terms: Vec<(Rational, Expr)> = match (&motion.tangent().response, &bent.value) {
            (Response::Output(_), Some(z)) => {
                let output = cx.model().output.as_ref().ok_or(NO_OUTPUT)?;
                pulled_back(env, output.name, param.name, z)
            }
            (Response::Loss(_), Some(slope)) => tidy_summands(env, &mul(slope, &quantity(Op::Grad)(param.name))),
            _ => vec![],
        };
        for piece in slope.pieces.iter().filter(|p| p.to == param.name) {
            let isolating = cx.instance(&scope, &piece.equation, &gradients)?;
            isolated.of.push((num(-piece.coefficient.clone()), isolating));
            let short = cx.simplify(&scope, &substitute(&piece.matrix, &map))?;
            for (c, t) in tidy_summands(env, end_of(&short)) {
                terms.push((-(c * &piece.coefficient), t));
            }
            if !is_trivial(&short) {
                isolated.reductions.push((param.name, -piece.coefficient.clone(), short));
            }
        }
        let rhs = total(env, &collect(terms), param.shape);
        let block = apply(Op::Hess, &[&sym(param.name), &sym(motion.element())]);
        isolated.lhs.push((param.name, block.clone()));
        isolated.rhs.push((param.name, rhs.clone()));
        parts.push((direction(param.name), block, rhs));
    }
    let paired = isolated.add_up(cx, motion, raw)?;
    cx.infer(Inference::Separation { element: motion.element(), parts }, vec![paired])
}

/// What brings T3 to Σ⟨V, H[ξ]⟩ = Σ⟨V, image⟩ over the parameters.
struct Isolated {
    /// The equations that isolate the directions.
    of: Vec<Weighted>,
    /// Those that shorten what they isolate, on their parameters.
    reductions: Vec<(Symbol, Rational, Proved)>,
    lhs: Vec<(Symbol, Expr)>,
    rhs: Vec<(Symbol, Expr)>,
}

impl Isolated {
    fn add_up(self, cx: &Context, motion: &Motion, raw: Proved) -> Result<Proved, Obstacle> {
        if self.of.is_empty() {
            return Ok(raw);
        }
        let scope = raw.scope().clone();
        let v = |param: Symbol| sym(direction(param));
        let side = |all: &[(Symbol, Expr)]| {
            let paired = all.iter().filter(|(_, x)| !crate::term::is_zero(x));
            sum_of(&paired.map(|(p, x)| motion.summed(cx, *p, &inner(&v(*p), x))).collect::<Vec<_>>(), Shape::SCALAR)
        };
        let mut of = vec![(num(Rational::one()), raw)];
        of.extend(self.of);
        cx.linear_or(&scope, (&side(&self.lhs), &side(&self.rhs)), of, || {
            let one = |(param, c, short): &(Symbol, Rational, Proved)| {
                let paired = Inference::Paired { scope: scope.clone(), with: v(*param) };
                let paired = cx.infer(paired, vec![short.clone()])?;
                Ok((num(c.clone()), motion.summed_equation(cx, *param, paired)?))
            };
            self.reductions.iter().map(one).collect()
        })
    }
}

/// The summands of T4 with a multiple of T1 added where that removes every gradient T1 mentions, and that multiple.
fn modulo(terms: Vec<(Rational, Expr)>, equation: &[(Rational, Expr)]) -> (Vec<(Rational, Expr)>, Option<Rational>) {
    let is_gradient = |t: &Expr| t.as_ref().iter().any(|n| matches!(n, crate::term::Term::Op(Op::Grad, _)));
    let mut gradients = equation.iter().filter(|(_, t)| is_gradient(t));
    let coefficient = |t: &Expr| terms.iter().find(|(_, s)| s == t).map(|(c, _)| c);
    let Some(ratio) = gradients.next().and_then(|(c, t)| coefficient(t).map(|d| d / c)) else { return (terms, None) };
    if !gradients.all(|(c, t)| coefficient(t).is_some_and(|d| *d == &ratio * c)) {
        return (terms, None);
    }
    let correction = equation.iter().map(|(c, t)| (-(&ratio * c), t.clone()));
    (collect(terms.iter().cloned().chain(correction).collect()), Some(ratio))
}

/// T4: ⟨ξ_B, H[ξ_A]⟩ = (right-hand side of the differentiated T1 at V = ξ_B) − ⟨∇L, Dξ_A[ξ_B]⟩.
fn form(
    cx: &Context,
    motion: &Motion,
    slope: &Slope,
    bent: &Bent,
    identity: Option<&Identity>,
) -> Result<Proved, Obstacle> {
    let a = motion.element();
    let b = fresh(motion.scope(cx, Part::Whole).env(), second_letter(a));
    let premises: Vec<Proved> = [vec![motion.claim.clone(), slope.claim.clone()], bent.premises.clone()].concat();
    let raw = cx.infer(Inference::HessianForm { second: b }, premises)?;
    let scope = raw.scope().clone();
    let env = scope.env().clone();
    let to_b = HashMap::from([(a, sym(b))]);
    let xi_b: Vec<(Symbol, Expr)> = motion.components().iter().map(|(p, v)| (*p, substitute(v, &to_b))).collect();
    let still =
        cx.model().params.iter().filter(|p| slope.derivative.iter().any(|(_, d)| mentions(d, direction(p.name))));
    let mut directions: HashMap<Symbol, Expr> = still.map(|p| (direction(p.name), zeros(p.shape))).collect();
    directions.extend(xi_b.iter().map(|(p, value)| (direction(*p), value.clone())));
    let block = |p: Symbol| apply(Op::Hess, &[&sym(p), &sym(a)]);
    let lhs = xi_b.iter().map(|(p, value)| motion.summed(cx, *p, &inner(value, &block(*p))));
    let lhs = lhs.reduce(|s, t| add(&s, &t)).unwrap_or_else(|| num(Default::default()));
    let lhs = tidy(&env, &lhs);
    let mut terms: Vec<(Rational, Expr)> = Vec::new();
    let mut reductions: Vec<Weighted> = Vec::new();
    for (param, _) in motion.components() {
        let Some(second) = slope.along(*param, &directions) else { continue };
        let short = cx.simplify(&scope, &second)?;
        let gradient = quantity(Op::Grad)(*param);
        for (c, t) in tidy_summands(&env, end_of(&short)) {
            terms.push((-c, motion.summed(cx, *param, &inner(&gradient, &t))));
        }
        if !is_trivial(&short) {
            let paired = Inference::Paired { scope: scope.clone(), with: gradient };
            let paired = motion.summed_equation(cx, *param, cx.infer(paired, vec![short])?)?;
            reductions.push((num(-Rational::one()), paired));
        }
    }
    match (&motion.tangent().response, &bent.value) {
        (Response::Output(r), Some(z)) => {
            // ⟨J ξ_B, Z⟩ with J ξ_B = r_B, the equivariance itself.
            for (p, r) in tidy_summands(&env, &substitute(r, &to_b)) {
                for (q, z) in tidy_summands(&env, z) {
                    terms.push((&p * q, tidy(&env, &inner(&r, &z))));
                }
            }
        }
        (Response::Loss(c), Some(slope)) => {
            // c_A′(L) ⟨∇L, ξ_B⟩ = c_A′(L) c_B(L).
            let short = cx.simplify(&scope, &mul(slope, &substitute(c, &to_b)))?;
            terms.extend(tidy_summands(&env, end_of(&short)));
            if !is_trivial(&short) {
                reductions.push((num(Rational::one()), short));
            }
        }
        _ => {}
    }
    let scalar = identity.and_then(|i| i.scalar.as_ref());
    let (terms, ratio) = match scalar {
        Some((gradient, _)) => modulo(collect(terms), gradient),
        None => (collect(terms), None),
    };
    let mut of = vec![(num(Rational::one()), raw)];
    let (terms, added) = match identity.filter(|_| !motion.is_unit()) {
        Some(identity) => reduce::by_products(cx, motion, &scope, b, identity, terms),
        None => (terms, vec![]),
    };
    of.extend(added);
    let rhs = total(&env, &terms, Shape::SCALAR);
    if let (Some(ratio), Some((gradient, equation))) = (ratio, scalar) {
        // The equation is a multiple of Σ = 0.
        let whole = total(&env, gradient, Shape::SCALAR);
        let zero = num(Default::default());
        let by = multiple(&env, equation, &whole)?;
        let stated = cx.linear(&scope, &whole, &zero, &[(num(by), equation.clone())])?;
        of.push((num(ratio), stated));
    }
    let equation = cx.linear_or(&scope, (&lhs, &rhs), of, || Ok(reductions))?;
    cx.infer(Inference::Equations { element: Some(a) }, vec![equation])
}

/// c with whole = c · (lhs − rhs) of an equation that says the same.
fn multiple(env: &Env, equation: &Proved, whole: &Expr) -> Result<Rational, Obstacle> {
    let sides = add(start_of(equation), &neg(end_of(equation)));
    let (ours, theirs) = (tidy_summands(env, whole), collect(tidy_summands(env, &sides)));
    let (c, t) = ours.first().ok_or(Refusal("the equation says nothing"))?;
    let d = theirs
        .iter()
        .find(|(_, s)| s == t)
        .map(|(d, _)| d)
        .ok_or(Refusal("the equations are not about the same terms"))?;
    Ok(c / d)
}
