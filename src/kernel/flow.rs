//! What the dynamics do with T1: the laws of a potential Q of the generator and of the momentum along it, for every A.

use super::algebra::{normal, usable};
use super::claim::{Components, Conclusion, Judgement, Proved, Refusal, Tangent, derivation};
use super::degree::{degree, degree_in};
use super::evolution::law;
use super::hyperparameters::Hyperparameters;
use super::hypothesis::{Equation, Hypothesis};
use super::inference::Flow;
use super::members::pairing;
use super::scope::{Scope, Setting};
use super::statement::Statement;
use super::tangent::{bilinear, of_derivative, of_tangent, response_form};
use crate::model::{Dynamics, Model, Variable};
use crate::term::{
    Builder, Expr, Facts, Op, Rational, Symbol, Term, add, apply, is_zero, mentions, mul, neg, ratio, root, subterm,
    summands, sym,
};
use num_traits::{One, Zero};

/// The gradient or the velocity on every parameter.
pub fn quantity(op: Op) -> impl Fn(Symbol) -> Expr {
    move |p| apply(op, &[&sym(p)])
}

/// The premises of a law of a dynamics.
struct Scene<'a> {
    setting: &'a Setting,
    tangent: &'a Tangent,
    hyper: Hyperparameters,
    /// −⟨E, r_A⟩.
    response: Expr,
    /// Dξ_A[V], where it is among the premises.
    derivative: Option<&'a Components>,
    /// Q_A with ∇Q_A = ξ_A, where it is.
    potential: Option<&'a Expr>,
    scope: Scope,
}

impl<'a> Scene<'a> {
    fn model(&self) -> &'a Model {
        self.setting.model()
    }

    fn potential(&self) -> Result<Expr, Refusal> {
        self.potential.cloned().ok_or(Refusal("the potential of the generator is missing"))
    }

    /// ⟨V, Dξ_A[V]⟩.
    fn quadratic(&self, of: &dyn Fn(Symbol) -> Expr) -> Result<Expr, Refusal> {
        let derivative = self.derivative.ok_or(Refusal("the derivative of the generator is missing"))?;
        Ok(bilinear(derivative, of, of, self.model(), &self.tangent.action))
    }

    /// ⟨V, ξ_A⟩.
    fn along(&self, of: &dyn Fn(Symbol) -> Expr) -> Expr {
        let terms = self.tangent.components.iter().map(|(p, value)| (*p, of(*p), value.clone()));
        pairing(self.model(), &self.tangent.action, terms)
    }

    /// first − ⟨E, r⟩, and only the first of an invariance.
    fn with_response(&self, first: Option<Expr>, by: Option<Expr>) -> Expr {
        let response = match by {
            Some(by) if !is_zero(&self.response) => mul(&by, &self.response),
            _ => self.response.clone(),
        };
        match first {
            None => response,
            Some(first) if is_zero(&self.response) => first,
            Some(first) => add(&first, &response),
        }
    }

    /// Whether Dξ_A does not depend on the parameters.
    fn is_affine(&self) -> bool {
        let params = &self.model().params;
        self.derivative.is_some_and(|d| d.iter().all(|(_, value)| params.iter().all(|p| !mentions(value, p.name))))
    }

    /// The degree of ξ_A in the parameters; none for a sum of several.
    fn degree(&self) -> Option<Rational> {
        field_degree(self.model(), &self.tangent.components)
    }

    /// Why the mean over samples of what is said of each would not be what is said here.
    fn per_sample(&self) -> Result<Hypothesis, Refusal> {
        let sampled = |value: &Expr| self.model().sampled().any(|d| mentions(value, d.name));
        if self.tangent.components.iter().any(|(_, value)| sampled(value)) {
            return Err(Refusal("the action depends on data, which differ from sample to sample"));
        }
        let loss = [Model::loss_symbol()];
        let affine = summands(&self.response)
            .iter()
            .all(|(_, t)| degree_in(self.model(), t, &loss).is_some_and(|k| k.is_zero() || k.is_one()));
        match affine {
            true => Ok(Hypothesis::PerSample { invariant: is_zero(&self.response) }),
            false => Err(Refusal("the loss moves by a function of itself that is not affine")),
        }
    }
}

/// The degree of a field in the parameters, where all its summands have one.
pub fn field_degree(model: &Model, field: &Components) -> Option<Rational> {
    let mut degrees = field.iter().flat_map(|(_, value)| summands(value)).map(|(_, term)| degree(model, &term));
    let first = degrees.next().flatten()?;
    degrees.all(|k| k.as_ref() == Some(&first)).then_some(first)
}

/// Premises: the generator, and where they are needed the potential and the derivative of it, or of the dual field.
pub(super) fn flow(setting: &Setting, flow: Flow, premises: &[Proved]) -> Result<Conclusion, Refusal> {
    let (whole, tangent) = of_tangent(premises.first())?;
    let mut dual: Option<(&Components, &Dynamics)> = None;
    let (mut potential, mut derivative) = (None, None);
    let mut scope = whole.scope().clone();
    for premise in &premises[1..] {
        match premise.judgement() {
            Judgement::Field(field) if field.tangent == tangent.components => {
                dual = Some((&field.components, &field.dynamics));
            }
            Judgement::Potential { field, form } => {
                potential = Some((field, form));
                scope = premise.scope().clone();
            }
            Judgement::Derivative { .. } => {
                let (field, value) = of_derivative(premise)?;
                if *field == tangent.components {
                    derivative = Some(value);
                }
            }
            // What is said for the elements of a part of the algebra.
            Judgement::Symmetry { field, .. } if *field == tangent.components => scope = premise.scope().clone(),
            _ => return Err(Refusal("a premise is neither potential nor derivative")),
        }
    }
    let field = dual.map_or(&tangent.components, |(components, _)| components);
    if potential.is_some_and(|(of, _)| of != field) || (dual.is_some() != (flow == Flow::Mirror)) {
        return Err(Refusal("the potential is that of another field"));
    }
    let response = response_form(setting, tangent);
    let scene = Scene {
        setting,
        tangent,
        hyper: setting.hyper(),
        response: if is_zero(&response) { response } else { neg(&response) },
        derivative,
        potential: potential.map(|(_, form)| form),
        scope: setting.flowing(&scope),
    };
    let (statement, dynamics, assumed) = conclude(&scene, flow, dual.map(|(_, d)| d.clone()))?;
    let motion = Hypothesis::Motion { dynamics: dynamics.clone(), equation: flow.equation() };
    let judgement = Judgement::Law { statement, dynamics: Some(dynamics) };
    Ok(Conclusion::new(scene.scope, judgement).assuming([motion]).assuming(assumed))
}

fn conclude(
    scene: &Scene,
    flow: Flow,
    mirror: Option<Dynamics>,
) -> Result<(Statement, Dynamics, Vec<Hypothesis>), Refusal> {
    let hyper = &scene.hyper;
    let (gradient, velocity) = (quantity(Op::Grad), quantity(Op::Dot));
    let model = scene.model();
    let noise = |p: Symbol| sym(scene.setting.noise(p));
    let smooth = vec![Hypothesis::Smooth(1)];
    let half = ratio(1, 2);
    Ok(match flow {
        // Q̇ = ⟨ξ, θ̇⟩ = −⟨∇L, ξ⟩.
        Flow::GradientFlow => {
            let statement = rate(scene.potential()?, scene.with_response(None, None));
            (statement, Dynamics::GradientFlow, smooth)
        }
        // Q̇ = −λ⟨θ, ξ⟩ − ⟨∇L, ξ⟩.
        Flow::WeightDecay => {
            let shrinking = mul(&neg(&sym(hyper.decay)), &scene.along(&|p| sym(p)));
            let statement = rate(scene.potential()?, scene.with_response(Some(shrinking), None));
            (statement, Dynamics::WeightDecay, smooth)
        }
        // Q is quadratic, so its expansion at θ − η∇L ends after the second term.
        Flow::Descent | Flow::DecayedDescent => {
            if !scene.is_affine() {
                return Err(Refusal("the action is not affine, so Q is not quadratic"));
            }
            let second = mul(&mul(&half, &hyper.steps(2)), &scene.quadratic(&gradient)?);
            let (factor, by) = match (flow, scene.degree()) {
                (Flow::Descent, _) => (None, hyper.steps(1)),
                (_, Some(k)) if k.is_zero() => (Some(hyper.shrinkage(1)), hyper.steps(1)),
                (_, Some(k)) if k.is_one() => (Some(hyper.shrinkage(2)), mul(&hyper.steps(1), &hyper.shrinkage(1))),
                _ => return Err(Refusal("parts of Q shrink by different factors")),
            };
            let change = scene.with_response(Some(second), Some(by));
            let statement = Statement::Step { quantity: scene.potential()?, factor, change };
            (statement, Dynamics::GradientDescent, smooth)
        }
        // The same in the mean: the noise has mean 0, so what is of first order in it vanishes.
        Flow::SgdMean => {
            if !scene.is_affine() {
                return Err(Refusal("the action is not affine, so Q is not quadratic"));
            }
            let per_sample = scene.per_sample()?;
            let both = add(&scene.quadratic(&gradient)?, &scene.quadratic(&noise)?);
            let second = mul(&mul(&half, &hyper.steps(2)), &both);
            let change = scene.with_response(Some(second), Some(hyper.steps(1)));
            let statement = Statement::Expected { quantity: scene.potential()?, continuous: false, change };
            (statement, Dynamics::Sgd, [vec![per_sample], smooth].concat())
        }
        // Itô's formula.
        Flow::SgdDrift => {
            let per_sample = scene.per_sample()?;
            let second = mul(&mul(&half, &hyper.steps(1)), &scene.quadratic(&noise)?);
            let change = scene.with_response(Some(second), None);
            let statement = Statement::Expected { quantity: scene.potential()?, continuous: true, change };
            (statement, Dynamics::Sgd, [vec![per_sample], smooth].concat())
        }
        // d/dt(e^{γt}⟨θ̇, ξ⟩) = e^{γt}(⟨θ̇, Dξ[θ̇]⟩ + ⟨θ̈ + γθ̇, ξ⟩).
        Flow::Momentum => {
            let growth = hyper.growth(&Rational::one(), hyper.friction);
            let force = scene.with_response(Some(scene.quadratic(&velocity)?), None);
            let statement = rate(mul(&growth, &scene.along(&velocity)), mul(&growth, &force));
            (statement, Dynamics::HeavyBall, smooth)
        }
        // Q̇ = ⟨θ̇, ξ⟩ and Q̈ = ⟨θ̇, Dξ[θ̇]⟩ + ⟨θ̈, ξ⟩.
        Flow::Damped => {
            let force = scene.with_response(Some(scene.quadratic(&velocity)?), None);
            let statement = Statement::Damped { quantity: scene.potential()?, friction: sym(hyper.friction), force };
            (statement, Dynamics::HeavyBall, smooth)
        }
        // d/dt(⟨θ̇, b⟩ + γ⟨θ, b⟩) = ⟨θ̈ + γθ̇, b⟩ for a constant b.
        Flow::SecondIntegral => {
            let params = &model.params;
            let constant = scene.tangent.components.iter().all(|(_, b)| params.iter().all(|p| !mentions(b, p.name)));
            if !constant {
                return Err(Refusal("the action is no translation"));
            }
            let position = mul(&sym(hyper.friction), &scene.along(&|p| sym(p)));
            let statement = rate(add(&scene.along(&velocity), &position), scene.with_response(None, None));
            (statement, Dynamics::HeavyBall, smooth)
        }
        // Q̇ = ⟨Mξ, θ̇⟩ = ⟨ξ, d/dt ∇ψ⟩ = −⟨∇L, ξ⟩.
        Flow::Mirror => {
            let dynamics = mirror.ok_or(Refusal("the dual field is missing"))?;
            let statement = rate(scene.potential()?, scene.with_response(None, None));
            let mut assumed = smooth;
            if let Dynamics::Mirror(potentials) = &dynamics
                && potentials.iter().any(|(_, name)| crate::model::Potential::builtin(name.as_str()).is_none())
            {
                assumed.push(Hypothesis::Convex);
            }
            (statement, dynamics, assumed)
        }
    })
}

fn rate(quantity: Expr, rate: Expr) -> Statement {
    match is_zero(&rate) {
        true => Statement::Conserved { quantity },
        false => Statement::Rate { quantity, rate },
    }
}

/// What gradient descent does in one step, of SGD: the gradient identity of an invariance that names no data but fixed ones holds for the
/// loss of every sample, hence for that of a batch, and with it the step, exactly. Premise: the step of gradient descent.
pub(super) fn batch_step(setting: &Setting, premises: &[Proved]) -> Result<Conclusion, Refusal> {
    let [premise] = premises else { return Err(Refusal("one step is taken")) };
    let (statement, dynamics) = law(premise)?;
    let (Statement::Step { quantity, factor: None, change }, Some(Dynamics::GradientDescent)) = (statement, dynamics)
    else {
        return Err(Refusal("the premise is no step of gradient descent"));
    };
    let model = setting.model();
    let names_data = |e: &Expr| model.sampled().any(|d| mentions(e, d.name));
    for claim in derivation(premise) {
        if let Some(tangent) = claim.tangent()
            && (!tangent.is_invariance() || tangent.components.iter().any(|(_, value)| names_data(value)))
        {
            return Err(Refusal("the loss of a sample is not invariant under the same action"));
        }
    }
    if names_data(quantity) || names_data(change) {
        return Err(Refusal("the step depends on the data of all samples"));
    }
    let batches = Hyperparameters::batches(model);
    let own = |p: &Variable| Some((*batches.get(&p.name)?, setting.like(p, Facts::empty())));
    let scope = premise.scope().with_all(model.params.iter().filter_map(own));
    let batch =
        |e: &Expr| replaced(e, Op::Grad, |p| batches.get(&p).map_or_else(|| apply(Op::Grad, &[&sym(p)]), |b| sym(*b)));
    let statement = Statement::Step { quantity: quantity.clone(), factor: None, change: batch(change) };
    let judgement = Judgement::Law { statement, dynamics: Some(Dynamics::Sgd) };
    let motion = |dynamics: Dynamics| Hypothesis::Motion { dynamics, equation: Equation::Plain };
    let mut conclusion = Conclusion::new(scope, judgement).counted(premise.count().cloned());
    conclusion.discharged.push(motion(Dynamics::GradientDescent));
    Ok(conclusion.assuming([motion(Dynamics::Sgd), Hypothesis::PerSample { invariant: true }]))
}

/// A formula with something in place of an operator of parameters.
fn replaced(e: &Expr, wanted: Op, with: impl Fn(Symbol) -> Expr) -> Expr {
    let mut out = Builder::default();
    let root = out.copy_with(e, |out, node| match node {
        Term::Op(op, args) if *op == wanted => match root(&subterm(e, args[0])) {
            Term::Sym(param) => Some(out.copy(&with(*param))),
            _ => None,
        },
        _ => None,
    });
    out.finish(root)
}

/// From d/dt Q = −kλQ + R, with R the change that is given, the rate of e^{kλt}Q.
pub(super) fn decay_undone(
    setting: &Setting,
    degree: &Rational,
    change: &Expr,
    premises: &[Proved],
) -> Result<Conclusion, Refusal> {
    let [premise] = premises else { return Err(Refusal("one rate is taken")) };
    let (statement, dynamics) = law(premise)?;
    let (Statement::Rate { quantity, rate }, Some(Dynamics::WeightDecay)) = (statement, dynamics) else {
        return Err(Refusal("the premise is no rate under weight decay"));
    };
    let scope = premise.scope().clone();
    usable(premise, &[quantity, rate], &scope)?;
    let hyper = setting.hyper();
    let shrinking = mul(&mul(&crate::term::num(-degree.clone()), &sym(hyper.decay)), quantity);
    let mut forms = normal(setting, &scope);
    let mut rest = forms.of(rate)?;
    rest.add(&forms.of(&shrinking)?, &-Rational::one());
    let left = forms.of(change)?;
    rest.add(&left, &-Rational::one());
    if !rest.is_zero() {
        return Err(Refusal("the rate is not −kλ times the quantity and the change"));
    }
    let growth = hyper.growth(degree, hyper.decay);
    let quantity = mul(&growth, quantity);
    let statement = match left.is_zero() {
        true => Statement::Conserved { quantity },
        false => Statement::Rate { quantity, rate: mul(&growth, change) },
    };
    let judgement = Judgement::Law { statement, dynamics: dynamics.cloned() };
    Ok(Conclusion::new(scope, judgement).counted(premise.count().cloned()))
}

/// An equation between gradients as one between velocities along θ̇ = −∇L.
pub(super) fn velocity(premises: &[Proved]) -> Result<Conclusion, Refusal> {
    let (Some(premise), true) = (premises.first(), premises.len() <= 2) else {
        return Err(Refusal("one equation is taken along the flow"));
    };
    // That the generator is skew says that there is no first integral.
    if premises.get(1).is_some_and(|p| !matches!(p.judgement(), Judgement::Symmetry { .. })) {
        return Err(Refusal("a premise is neither an equation nor a symmetry"));
    }
    let Some((lhs, rhs)) = premise.equation() else { return Err(Refusal("the premise is no equation")) };
    let along = |e: &Expr| replaced(e, Op::Grad, |p| neg(&apply(Op::Dot, &[&sym(p)])));
    let judgement = Judgement::Equation { along: vec![], lhs: along(lhs), rhs: along(rhs) };
    let motion = Hypothesis::Motion { dynamics: Dynamics::GradientFlow, equation: Equation::Plain };
    let conclusion = Conclusion::new(premise.scope().clone(), judgement).counted(premise.count().cloned());
    Ok(conclusion.assuming([motion]))
}
