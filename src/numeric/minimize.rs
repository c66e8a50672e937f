//! A stationary point of the loss: the method of Liu and Nocedal (1989), gradient steps preconditioned by the last few changes of
//! the gradient, each shortened until the loss falls.

use super::{Instance, norm};
use crate::eval::EvalError;
use faer::{Mat, Scale};
use std::collections::VecDeque;

/// How many changes are remembered.
const MEMORY: usize = 16;

/// What share of the fall that the slope promises a step has to give (Armijo, 1966).
const SHARE: f64 = 1e-4;

/// How often a step is halved.
const HALVINGS: usize = 40;

/// Where the loss was led.
pub struct Minimized {
    pub steps: usize,
    /// L before and after.
    pub loss: [f64; 2],
    /// ‖∇L‖ before and after.
    pub gradient: [f64; 2],
}

type Tangent = Vec<Mat<f64>>;

fn inner(u: &[Mat<f64>], v: &[Mat<f64>]) -> f64 {
    let columns = |u: &Mat<f64>, v: &Mat<f64>| {
        let column = |j| u.col_as_slice(j).iter().zip(v.col_as_slice(j)).map(|(x, y)| x * y).sum::<f64>();
        (0..u.ncols()).map(column).sum::<f64>()
    };
    u.iter().zip(v).map(|(u, v)| columns(u, v)).sum()
}

/// u += factor · v.
fn add(u: &mut [Mat<f64>], factor: f64, v: &[Mat<f64>]) {
    u.iter_mut().zip(v).for_each(|(u, v)| *u += v * Scale(factor));
}

/// Moves the parameters by at most so many steps, ending where no step lowers the loss any more. Every point is put through
/// `project`, a linear projection onto a subspace that the gradient flow keeps.
///
/// # Errors
/// When the loss has no gradient at a point on the way, or a given projection fails.
pub fn minimize(
    instance: &mut Instance,
    steps: usize,
    project: &dyn Fn(Tangent) -> Result<Tangent, EvalError>,
) -> Result<Minimized, EvalError> {
    instance.set_parameters(&project(instance.parameters())?)?;
    let (mut value, mut slope) = (instance.loss()?[(0, 0)], instance.gradient()?);
    let (loss, gradient) = (value, norm(&slope));
    let mut changes: VecDeque<(Tangent, Tangent, f64)> = VecDeque::new();
    let mut taken = 0;
    while taken < steps && norm(&slope) > 0.0 {
        let mut direction = preconditioned(&changes, &slope);
        let mut fall = inner(&direction, &slope);
        if fall.is_nan() || fall <= 0.0 {
            changes.clear();
            direction.clone_from(&slope);
            fall = inner(&slope, &slope);
        }
        let theta = instance.parameters();
        let first = if changes.is_empty() { norm(&slope).recip().min(1.0) } else { 1.0 };
        let mut found = None;
        for halving in 0..HALVINGS {
            let length = first * 0.5f64.powi(halving as i32);
            let mut next = theta.clone();
            add(&mut next, -length, &direction);
            instance.set_parameters(&project(next)?)?;
            let Ok(lower) = instance.loss() else { continue };
            if lower[(0, 0)] <= value - SHARE * length * fall && lower[(0, 0)] < value {
                found = Some(lower[(0, 0)]);
                break;
            }
        }
        let Some(lower) = found else {
            instance.set_parameters(&theta)?;
            // What was remembered may mislead.
            if changes.is_empty() {
                break;
            }
            changes.clear();
            continue;
        };
        let next = instance.gradient()?;
        let mut moved = instance.parameters();
        add(&mut moved, -1.0, &theta);
        let mut bent = next.clone();
        add(&mut bent, -1.0, &slope);
        let curvature = inner(&moved, &bent);
        if curvature > 0.0 {
            changes.push_back((moved, bent, curvature.recip()));
            if changes.len() > MEMORY {
                changes.pop_front();
            }
        }
        (value, slope) = (lower, next);
        taken += 1;
    }
    Ok(Minimized { steps: taken, loss: [loss, value], gradient: [gradient, norm(&slope)] })
}

/// The remembered approximation of H⁻¹ applied to a gradient.
fn preconditioned(changes: &VecDeque<(Tangent, Tangent, f64)>, slope: &[Mat<f64>]) -> Tangent {
    let mut q = slope.to_vec();
    let mut shares = Vec::new();
    for (moved, bent, inverse) in changes.iter().rev() {
        let share = inverse * inner(moved, &q);
        add(&mut q, -share, bent);
        shares.push(share);
    }
    if let Some((moved, bent, _)) = changes.back() {
        let scale = inner(moved, bent) / inner(bent, bent);
        q.iter_mut().for_each(|q| *q *= Scale(scale));
    }
    for ((moved, bent, inverse), share) in changes.iter().zip(shares.into_iter().rev()) {
        let back = inverse * inner(bent, &q);
        add(&mut q, share - back, moved);
    }
    q
}
