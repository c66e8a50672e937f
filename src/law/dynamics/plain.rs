//! Gradient flow, weight decay, gradient descent and stochastic gradient descent: laws of the potential Q_A.

use super::scene::*;
use crate::kernel::{Flow, Inference, LawRow, Statement, degree_in, quantity};
use crate::law::balance::Growth;
use crate::law::eliminate::{Scaled, Stated, Terms};
use crate::law::forms::Form;
use crate::law::missing::Obstacle;
use crate::law::outcome::{ActionLaws, record};
use crate::model::Model;
use crate::term::{Expr, Op, Rational, add, is_zero, mentions, mul, neg, num, scaled, substitute, summands, sym};
use num_traits::{One, Zero};

/// dQ/dt = −⟨E, r⟩.
pub(super) fn flow(scene: &Scene, out: &mut ActionLaws) {
    let row = if scene.is_invariant() { LawRow::FlowConserved } else { LawRow::FlowRate };
    let found = (|| {
        let (potential, form) = scene.potential()?;
        let base = scene.base(Flow::GradientFlow, vec![potential])?;
        let response = Scaled::plain(scene.forms.opposite_response());
        scene.state(&base, &Scaled::plain(form), &[response], |_, terms, write| write(&terms[0]))
    })();
    let found = found.map(|found| found.map(|stated| conserved_or(row, LawRow::FlowConserved, stated)));
    keep(scene, row, found, None, out);
}

/// A rate that turns out to be 0 is conservation.
fn conserved_or(row: LawRow, conserved: LawRow, stated: Stated) -> (LawRow, Stated) {
    let still = matches!(stated.claim.statement(), Some(crate::kernel::Statement::Conserved { .. }));
    (if still { conserved } else { row }, stated)
}

/// Records a law, and its balance if it is a rate.
fn keep(scene: &Scene, row: LawRow, found: Found, growth: Option<Growth>, out: &mut ActionLaws) {
    match found {
        Ok(Some((row, stated))) => {
            if matches!(stated.claim.statement(), Some(Statement::Rate { .. })) {
                let rate = stated.change.last().cloned().unwrap_or_default();
                out.rates.push(scene.balance(&stated, row, growth, rate));
            }
            scene.record(row, Ok(Some(stated)), out);
        }
        Ok(None) => {}
        Err(reason) => scene.record(row, Err(reason), out),
    }
}

/// dQ/dt = −λ⟨θ, ξ⟩ − ⟨E, r⟩, where ⟨θ, ξ⟩ is (k+1)Q for a field of degree k; what an invariance has then is conserved with a
/// factor.
pub(super) fn decay(scene: &Scene, out: &mut ActionLaws) {
    let row = match (scene.is_invariant(), scene.degree()) {
        (true, Some(_)) => LawRow::DecayConserved,
        _ => LawRow::DecayRate,
    };
    let decay = sym(scene.hyper.decay);
    let found = (|| {
        let (potential, form) = scene.potential()?;
        let base = scene.base(Flow::WeightDecay, vec![potential])?;
        let shrinking = Scaled::by(neg(&decay), scene.paired(&|p| sym(p))?);
        let response = Scaled::plain(scene.forms.opposite_response());
        let degree = scene.degree();
        let stated = scene.state(&base, &Scaled::plain(form), &[shrinking, response], |q, terms, write| {
            let first = match &degree {
                Some(k) => mul(&scaled(-(k + Rational::one()), &decay), q),
                None => mul(&neg(&decay), &write(&terms[0])),
            };
            if terms[1].is_empty() { first } else { add(&first, &write(&terms[1])) }
        })?;
        let Some(mut stated) = stated else { return Ok(None) };
        if let (LawRow::DecayConserved, Some(k)) = (row, degree) {
            let shape = stated.shape;
            let change = if shape.is_scalar() { num(Rational::zero()) } else { crate::term::zeros(shape) };
            let by = Inference::DecayUndone { degree: k + Rational::one(), change };
            stated.claim = scene.cx.infer(by, vec![stated.claim])?;
        }
        Ok(Some((row, stated)))
    })();
    let growth = scene.degree().map(|k| Growth::Decay(k + Rational::one()));
    // Without one degree the decay does not combine.
    match (found, growth) {
        (Ok(Some((row, stated))), None) => scene.record(row, Ok(Some(stated)), out),
        (found, growth) => keep(scene, row, found, growth, out),
    }
}

/// Q(θ⁺) − Q(θ) = −η⟨E, r⟩ + ½η²⟨∇L, S∇L⟩, without and with weight decay, and for an invariance the same of every batch.
pub(super) fn descent(scene: &Scene, out: &mut ActionLaws) {
    let plain = step(scene, Flow::Descent);
    let claim = plain.as_ref().map(|found| found.as_ref().map(|stated| stated.claim.clone())).map_err(Obstacle::clone);
    scene.record(LawRow::DescentStep, plain, out);
    scene.record(LawRow::DescentDecayedStep, step(scene, Flow::DecayedDescent), out);
    if scene.is_invariant() {
        let batch = per_sample(scene).and(claim).and_then(|claim| match claim {
            Some(claim) => scene.cx.infer(Inference::BatchStep, vec![claim]).map(Some),
            None => Ok(None),
        });
        record(out, scene.motion.action, LawRow::SgdStep, batch);
    }
}

fn step(scene: &Scene, flow: Flow) -> Result<Option<Stated>, Obstacle> {
    if !scene.slope.affine {
        return Err(Obstacle::NotAffine);
    }
    let decayed = flow == Flow::DecayedDescent;
    let degree = scene.degree();
    if decayed && !degree.as_ref().is_some_and(is_zero_or_one) {
        return Err(Obstacle::MixedDegrees);
    }
    let hyper = &scene.hyper;
    let (potential, form) = scene.potential()?;
    let base = scene.base(flow, vec![potential, scene.slope.claim.clone()])?;
    let once = match decayed && degree.as_ref().is_some_and(One::is_one) {
        true => mul(&hyper.steps(1), &hyper.shrinkage(1)),
        false => hyper.steps(1),
    };
    let mut quadratic = scene.quadratic(&quantity(Op::Grad))?;
    halve(&mut quadratic);
    let response = Scaled::by(once.clone(), scene.forms.opposite_response());
    let second = Scaled::by(hyper.steps(2), quadratic);
    scene.state(&base, &Scaled::plain(form), &[response, second], |_, terms, write| {
        summed(&[(Some(once.clone()), &terms[0]), (Some(hyper.steps(2)), &terms[1])], write)
    })
}

/// Half of a form.
fn halve(form: &mut Form) {
    let half = Rational::new(1.into(), 2.into());
    form.terms.iter_mut().for_each(|(c, _)| *c *= &half);
    form.equations.iter_mut().for_each(|(c, _)| *c *= &half);
}

/// The expected change in one step of mini-batches, and the drift in continuous time.
pub(super) fn stochastic(scene: &Scene, out: &mut ActionLaws) {
    // The mean of what holds for every batch says less: of an invariance, how the noise adds to the step.
    let exact = out.laws.iter().rfind(|law| law.row() == LawRow::SgdStep).map(|law| law.statement());
    let still = matches!(exact, Some(Statement::Step { change, .. }) if is_zero(change));
    if !still {
        scene.record(LawRow::SgdMean, expected(scene, false), out);
    }
    let row = if scene.is_invariant() { LawRow::SgdEquilibrium } else { LawRow::SgdDrift };
    scene.record(row, expected(scene, true), out);
}

/// Why what is said of the loss is not said of every sample's: the same transformation has to act for all of them.
fn per_sample(scene: &Scene) -> Result<(), Obstacle> {
    let mut sampled = scene.cx.model().sampled();
    match sampled.find(|d| scene.forms.pieces.iter().any(|p| mentions(&p.term, d.name))) {
        Some(data) => Err(Obstacle::DependsOnData(data.name)),
        None => Ok(()),
    }
}

fn expected(scene: &Scene, continuous: bool) -> Result<Option<Stated>, Obstacle> {
    per_sample(scene)?;
    let model = scene.cx.model();
    if !scene.slope.affine && !continuous {
        return Err(Obstacle::NotAffine);
    }
    let loss = [Model::loss_symbol()];
    let response = crate::kernel::response_form(scene.cx.setting(), scene.motion.tangent());
    let affine = |(_, t): &(Rational, Expr)| degree_in(model, t, &loss).is_some_and(|k| is_zero_or_one(&k));
    if !summands(&substitute(&response, &Default::default())).iter().all(affine) {
        return Err(Obstacle::NotAffineInTheLoss);
    }
    let hyper = &scene.hyper;
    let (potential, form) = scene.potential()?;
    let flow = if continuous { Flow::SgdDrift } else { Flow::SgdMean };
    let base = scene.base(flow, vec![potential, scene.slope.claim.clone()])?;
    let by = hyper.steps(if continuous { 1 } else { 2 });
    let mut parts = Vec::new();
    if !continuous {
        parts.push(scene.quadratic(&quantity(Op::Grad))?);
    }
    parts.push(scene.quadratic(&scene.noise())?);
    parts.iter_mut().for_each(halve);
    let once = if continuous { None } else { Some(hyper.steps(1)) };
    let response = Scaled { factor: once.clone(), form: scene.forms.opposite_response() };
    let change: Vec<Scaled> =
        std::iter::once(response).chain(parts.into_iter().map(|form| Scaled::by(by.clone(), form))).collect();
    let stated = scene.state(&base, &Scaled::plain(form), &change, |_, terms, write| {
        let second: Terms = terms[1..].concat();
        summed(&[(once.clone(), &terms[0]), (Some(by.clone()), &second)], write)
    })?;
    // Nothing drifts: that is gradient flow's law.
    let still = |stated: &Stated| continuous && stated.change.iter().all(Vec::is_empty);
    Ok(stated.filter(|s| !still(s)))
}
