//! Laws in expectation over gradient noise, by exact averaging over a finite set of random noises of mean zero. The set is
//! synthetic: it stands for the mini-batches of a data set, whose noises are also finitely many and of mean zero.

use super::CheckError;
use super::law::{Checker, Measured};
use crate::eval::{EvalError, Reals, Tape};
use crate::law::{Hyperparameters, Law};
use crate::numeric::{Balance, draw};
use crate::term::{Expr, Facts, Symbol, sym};
use faer::Mat;
use std::collections::HashMap;

/// How many noises are averaged over.
const NOISES: usize = 5;

/// The residual of E[Q(θ − η(∇L + N)) − Q(θ)] = E[change], or of (η/2) E D²Q[N, N] = E[change] in continuous time.
pub(super) fn measure(
    checker: &Checker,
    law: &Law,
    quantity: &Expr,
    continuous: bool,
    change: &Expr,
) -> Result<Measured, CheckError> {
    let sizes = checker.instance.sizes();
    let hyper = Hyperparameters::of(checker.model);
    let lower = |expr: &Expr| Tape::new(expr, law.env(), sizes);
    let step = lower(&sym(hyper.step))?.eval(&checker.bindings, &Reals)?[(0, 0)];
    let (quantity, change) = (lower(quantity)?, lower(change)?);
    let names = checker.instance.parameter_names();
    let weight = 1.0 / NOISES as f64;
    let mut balance = Balance::default();
    for noise in noises(checker, law) {
        let mut here = checker.bindings.clone();
        for (name, n) in names.iter().zip(&noise) {
            here.bind(hyper.noise(checker.model, *name), n.clone());
        }
        balance.add(-weight, change.eval(&here, &Reals)?);
        if continuous {
            let along: HashMap<Symbol, Mat<f64>> = names.iter().copied().zip(noise).collect();
            let moved = checker.instance.bindings().along(&[along.clone(), along])?;
            balance.add(weight * step / 2.0, quantity.eval(&moved, &Reals)?.into_coefficient(3));
        } else {
            for ((name, theta), (g, n)) in
                names.iter().zip(checker.instance.parameters()).zip(checker.gradient.iter().zip(&noise))
            {
                here.bind(*name, theta - (g + n) * faer::Scale(step));
            }
            balance.add(weight, quantity.eval(&here, &Reals)?);
            balance.add(-weight, quantity.eval(&checker.bindings, &Reals)?);
        }
    }
    let residual = balance.residual(|| {
        let norms = |x: &Mat<f64>| [x.norm_l2(), 0.0];
        Ok::<f64, EvalError>(quantity.natural_scale(&checker.bindings, &Reals, norms, |_| 0.0)?[0])
    })?;
    Ok(Measured { residual, remark: None })
}

/// Random tangents that add up to zero.
fn noises(checker: &Checker, law: &Law) -> Vec<Vec<Mat<f64>>> {
    let mut rng = checker.stream(law, "noise");
    let mut random = |like: &Mat<f64>| draw(like.nrows(), like.ncols(), Facts::empty(), &mut rng);
    let mut all: Vec<Vec<Mat<f64>>> = (0..NOISES).map(|_| checker.gradient.iter().map(&mut random).collect()).collect();
    for k in 0..checker.gradient.len() {
        let sum = all.iter().map(|noise| noise[k].clone()).reduce(|x, y| x + y);
        let Some(mean) = sum.map(|sum| sum * faer::Scale(1.0 / NOISES as f64)) else { continue };
        for noise in &mut all {
            noise[k] -= &mean;
        }
    }
    all
}
