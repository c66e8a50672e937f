//! Discrete time: the steps are taken.

use super::course::{Course, Instant, Integrand, Moment, Stopped, Trajectory, norm, unbounded};
use crate::eval::EvalError;
use crate::model::Dynamics;
use crate::numeric::{Instance, gaussian, stream};
use faer::{Mat, Scale};

/// From how many noises a stochastic step is drawn.
const NOISES: usize = 4;

pub(super) fn follow(instance: &Instance, course: &Course, integrand: &dyn Integrand) -> Result<Trajectory, EvalError> {
    let mut here = instance.clone();
    let start = norm(&instance.flatten(&instance.parameters()));
    let mut sums = vec![0.0; integrand.size()];
    let mut moments = Vec::new();
    let mut wanted = course.times.iter().copied().peekable();
    let mut stopped = None;
    for k in 0.. {
        let (time, at) = (k as f64, Instant::Step(k as f64));
        let theta = here.parameters();
        if course.projection.is_some() {
            here.set_parameters(&course.projected(&theta)?)?;
        }
        let gradient = match here.gradient() {
            Ok(gradient) if gradient.iter().all(Mat::is_all_finite) => gradient,
            found if k == 0 => return Err(found.err().unwrap_or(EvalError::Singular)),
            found => {
                let error = found.err().unwrap_or(EvalError::Singular);
                stopped = Some(Stopped::Undefined { at, error });
                break;
            }
        };
        let noises = if course.dynamics == Dynamics::Sgd { noises(&gradient, course.seed, k) } else { vec![] };
        let velocity = gradient.iter().map(|g| -g).collect();
        let moment = Moment { time, theta, gradient, velocity, noises, sums: sums.clone() };
        let added = integrand.rate(&moment)?;
        let next = step(&moment, course, k);
        while wanted.next_if(|t| *t <= time).is_some() {
            moments.push(moment.clone());
        }
        if wanted.peek().is_none() {
            break;
        }
        if k >= course.evaluations {
            stopped = Some(Stopped::Work { at, evaluations: k });
            break;
        }
        sums.iter_mut().zip(added).for_each(|(sum, x)| *sum += x);
        if unbounded(&instance.flatten(&next), start) || !sums.iter().all(|x| x.is_finite()) {
            stopped = Some(Stopped::BlowUp(at));
            break;
        }
        here.set_parameters(&next)?;
    }
    Ok(Trajectory { moments, stopped })
}

/// θ⁺ = (1 − ηλ)θ − η(∇L + N), where only gradient descent may decay and N is one of the noises.
fn step(at: &Moment, course: &Course, k: usize) -> Vec<Mat<f64>> {
    let decay = if course.dynamics == Dynamics::GradientDescent { course.coefficients.decay } else { 0.0 };
    let (eta, keep) = (course.coefficients.step, 1.0 - course.coefficients.step * decay);
    let drawn = (!at.noises.is_empty()).then(|| &at.noises[k % at.noises.len()]);
    let next = |i: usize| {
        let next = &at.theta[i] * Scale(keep) + &at.velocity[i] * Scale(eta);
        match drawn {
            Some(noise) => next - &noise[i] * Scale(eta),
            None => next,
        }
    };
    (0..at.theta.len()).map(next).collect()
}

/// Random tangents that add up to zero, each about as large as the gradient: they stand for the deviations of the
/// gradients of mini-batches.
fn noises(gradient: &[Mat<f64>], seed: u64, step: usize) -> Vec<Vec<Mat<f64>>> {
    let rng = &mut stream(seed, &format!("gradient noise of step {step}"));
    let entries: usize = gradient.iter().map(|g| g.nrows() * g.ncols()).sum();
    let size = gradient.iter().map(Mat::squared_norm_l2).sum::<f64>().sqrt() / (entries.max(1) as f64).sqrt();
    let mut random = |g: &Mat<f64>| gaussian(g.nrows(), g.ncols(), rng) * Scale(size);
    let mut all: Vec<Vec<Mat<f64>>> = (0..NOISES).map(|_| gradient.iter().map(&mut random).collect()).collect();
    for i in 0..gradient.len() {
        let sum = all.iter().map(|noise| noise[i].clone()).reduce(|x, y| x + y);
        let Some(mean) = sum.map(|sum| sum * Scale(1.0 / NOISES as f64)) else { continue };
        all.iter_mut().for_each(|noise| noise[i] -= &mean);
    }
    all
}
