//! How far what is followed is from what its law says, relative to its size.

use super::run::Role;
use crate::check::checker::Checker;
use crate::eval::{Bindings, EvalError, Reals, Series, Tape};
use crate::numeric::norm;
use crate::numeric::trajectory::Moment;
use crate::term::Op;
use faer::Mat;
use std::ops::Range;

pub(super) fn entries(m: &Mat<f64>) -> impl Iterator<Item = f64> {
    let (rows, cols) = (m.nrows(), m.ncols());
    (0..rows * cols).map(move |k| m[(k / cols, k % cols)])
}

/// What is followed at one moment, and the size of what its formula is made of, where it cancels.
pub(super) struct Watched {
    value: Mat<f64>,
    scale: f64,
}

impl Watched {
    /// Q, whose velocities are as large as θ̇.
    pub fn value(quantity: &Tape, at: &Bindings<'static, Mat<f64>>, speed: f64) -> Result<Watched, EvalError> {
        let scale = quantity.natural_scale(at, &Reals, |x: &Mat<f64>| [x.norm_l2(), 0.0], |_| speed)?[0];
        Ok(Watched { value: quantity.eval(at, &Reals)?, scale })
    }

    /// Q̇ = DQ[θ̇].
    pub fn rate(quantity: &Tape, moved: &Bindings<Series<Mat<f64>>>, speed: f64) -> Result<Watched, EvalError> {
        let norms = |x: &Series<Mat<f64>>| {
            let size = x.coefficient(0).map_or(0.0, Mat::norm_l2);
            [size, if x.coefficient(1).is_some() { speed } else { 0.0 }]
        };
        let scale = quantity.natural_scale(moved, &Reals, norms, |_| 0.0)?[1];
        Ok(Watched { value: quantity.eval(moved, &Reals)?.into_coefficient(1), scale })
    }
}

/// ‖Q − factor^k (Q₀ + sums)‖ relative to the size of Q: that of Q₀, of what its formula is made of where it cancels, and
/// for a quantity that is stated to change of its largest change.
pub(super) fn changes(
    watched: &[Watched],
    factor: f64,
    sums: &Range<usize>,
    moments: &[Moment],
    role: Role,
) -> Vec<f64> {
    let Some(Watched { value: initial, scale }) = watched.first() else { return vec![] };
    let mut scale = *scale;
    let mut out = Vec::new();
    for (at, Watched { value, .. }) in moments.iter().zip(watched) {
        let added = &at.sums[sums.clone()];
        let cols = value.ncols();
        let added = |i: usize, j: usize| added.get(i * cols + j).copied().unwrap_or(0.0);
        let weight = if factor == 1.0 { 1.0 } else { factor.powi(at.time as i32) };
        let stated = Mat::from_fn(value.nrows(), cols, |i, j| weight * (initial[(i, j)] + added(i, j)));
        out.push((value - &stated).norm_l2());
        if role == Role::Law && !sums.is_empty() {
            scale = scale.max((&stated - initial).norm_l2());
        }
    }
    out.into_iter().map(|d| relative(d, scale)).collect()
}

/// The sum of what the steps change on average beyond what is stated, relative to the size of Q.
pub(super) fn defects(
    quantity: &Tape,
    sums: &Range<usize>,
    moments: &[Moment],
    bindings: &[Bindings<'static, Mat<f64>>],
) -> Result<Vec<f64>, EvalError> {
    let norms = |x: &Mat<f64>| [x.norm_l2(), 0.0];
    let Some(start) = bindings.first() else { return Ok(vec![]) };
    let scale = quantity.natural_scale(start, &Reals, norms, |_| 0.0)?[0];
    let defect = |at: &Moment| at.sums[sums.clone()].iter().map(|x| x * x).sum::<f64>().sqrt();
    Ok(moments.iter().map(|at| relative(defect(at), scale)).collect())
}

/// ‖lhs − rhs‖ of the worst equation, relative to the largest both sides are along the trajectory.
pub(super) fn residuals(
    equations: &[[Tape; 2]],
    moments: &[Moment],
    bindings: &[Bindings<'static, Mat<f64>>],
    checker: &Checker,
) -> Result<Vec<f64>, EvalError> {
    let norms = |x: &Mat<f64>| [x.norm_l2(), 0.0];
    let error = checker.instance.error_signal().map_or(0.0, |e| e.norm_l2());
    let mut out = vec![0.0f64; moments.len()];
    for [lhs, rhs] in equations {
        let (mut differences, mut scale) = (Vec::new(), 0.0f64);
        for (at, bindings) in moments.iter().zip(bindings) {
            let speed = norm(&at.velocity);
            let quantity = |op| if op == Op::Err { error } else { speed };
            let natural = |side: &Tape| side.natural_scale(bindings, &Reals, norms, quantity);
            scale = scale.max(natural(lhs)?[0] + natural(rhs)?[0]);
            differences.push((lhs.eval(bindings, &Reals)? - rhs.eval(bindings, &Reals)?).norm_l2());
        }
        for (worst, d) in out.iter_mut().zip(differences) {
            *worst = worst.max(relative(d, scale));
        }
    }
    Ok(out)
}

pub(super) fn relative(difference: f64, scale: f64) -> f64 {
    if difference == 0.0 { 0.0 } else { difference / scale }
}
