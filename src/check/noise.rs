//! Laws in expectation over gradient noise, by exact averaging over all mini-batches of a small data set. A sample is one
//! draw of all the data of the model (and of the target of a generic loss) at the common parameters; L is the mean of the
//! samples' losses, and the noise of a batch is its mean gradient minus ∇L.

use super::checker::{Checker, Measured};
use super::member::Member;
use super::{CheckError, attempt};
use crate::eval::{Bindings, EvalError, Reals, Tape, mix};
use crate::kernel::Hyperparameters;
use crate::numeric::{Balance, Instance, Real};
use crate::term::{Expr, Op, Symbol, sym};
use faer::Mat;
use std::collections::HashMap;

/// How many samples the data set has, and how many a batch.
const SAMPLES: usize = 4;
const BATCH: usize = 2;

/// What both kinds of law are measured with: η, Q and its change lowered, and the gradient of every sample.
struct Training<M: 'static> {
    hyper: Hyperparameters,
    step: f64,
    quantity: Tape,
    change: Tape,
    samples: Vec<Instance<M>>,
    gradients: Vec<Vec<M>>,
}

impl<M: Real> Training<M> {
    fn new(checker: &Checker<M>, law: &Member, quantity: &Expr, change: &Expr) -> Result<Training<M>, CheckError> {
        let hyper = Hyperparameters::of(checker.model);
        let lower = |expr: &Expr| Tape::new(expr, law.env(), checker.instance.sizes());
        let step = lower(&sym(hyper.step))?.eval(&checker.bindings, &Reals)?.number();
        let (quantity, change) = (lower(quantity)?, lower(change)?);
        let samples = samples(checker)?;
        let gradients = samples.iter().map(Instance::gradient).collect::<Result<_, EvalError>>()?;
        Ok(Training { hyper, step, quantity, change, samples, gradients })
    }
}

/// The residual of E[Q(θ − η(∇L + N)) − Q(θ)] = E[change], or of −⟨∇Q, ∇L⟩ + (η/2) E D²Q[N, N] = E[change] in continuous
/// time.
pub(super) fn measure<M: Real>(
    checker: &Checker<M>,
    law: &Member,
    quantity: &Expr,
    continuous: bool,
    change: &Expr,
) -> Result<Measured, CheckError> {
    let Training { hyper, step, quantity, change, samples, gradients } = Training::new(checker, law, quantity, change)?;
    let names = checker.instance.parameter_names();
    let full = mean(&gradients.iter().collect::<Vec<_>>());
    let at = samples.iter().map(|sample| bindings(checker, sample, &full)).collect::<Result<Vec<_>, EvalError>>()?;
    let batches = batches();
    let weight = 1.0 / batches.len() as f64;
    let mut balance = Balance::default();
    for batch in &batches {
        let of_batch = mean(&batch.iter().map(|s| &gradients[*s]).collect::<Vec<_>>());
        let noise: Vec<M> = of_batch.iter().zip(&full).map(|(g, mean)| g.sub(mean)).collect();
        // What a law says of a sample – its output, error signal and loss – is averaged over the samples.
        for here in &at {
            let mut here = here.clone();
            for (name, n) in names.iter().zip(&noise) {
                here.bind(hyper.noise(checker.model, *name), n.clone());
            }
            balance.add(-weight / SAMPLES as f64, change.eval(&here, &Reals)?);
        }
        if continuous {
            let along: HashMap<Symbol, M> = names.iter().copied().zip(noise).collect();
            let moved = at[0].along(&[along.clone(), along])?;
            balance.add(weight * step / 2.0, quantity.eval(&moved, &Reals)?.into_coefficient(3));
        } else {
            let mut next = at[0].clone();
            for ((name, theta), g) in names.iter().zip(checker.instance.parameters()).zip(&of_batch) {
                next.bind(*name, theta.sub(&g.times(step)));
            }
            balance.add(weight, quantity.eval(&next, &Reals)?);
            balance.add(-weight, quantity.eval(&at[0], &Reals)?);
        }
    }
    if continuous {
        let along = names.iter().copied().zip(full.iter().map(|g| g.neg())).collect();
        balance.add(1.0, quantity.eval(&at[0].along(&[along])?, &Reals)?.into_coefficient(1));
    }
    Ok(Measured { residual: balance.residual()?, remark: None })
}

/// The worst residual of Q(θ − ηĜ) − Q(θ) = change over all batches, with the gradient Ĝ of each.
pub(super) fn every_batch<M: Real>(
    checker: &Checker<M>,
    law: &Member,
    quantity: &Expr,
    change: &Expr,
) -> Result<Measured, CheckError> {
    let Training { hyper, step, quantity, change, gradients, .. } = Training::new(checker, law, quantity, change)?;
    let mut worst = 0.0f64;
    for batch in batches() {
        let of_batch = mean(&batch.iter().map(|s| &gradients[*s]).collect::<Vec<_>>());
        let (mut here, mut next) = (checker.bindings.clone(), checker.bindings.clone());
        let names = checker.instance.parameter_names();
        for ((name, theta), g) in names.iter().zip(checker.instance.parameters()).zip(of_batch) {
            next.bind(*name, theta.sub(&g.times(step)));
            here.bind(hyper.batch(checker.model, *name), g);
        }
        let mut balance = Balance::default();
        balance.add(1.0, quantity.eval(&next, &Reals)?);
        balance.add(-1.0, quantity.eval(&here, &Reals)?);
        balance.add(-1.0, change.eval(&here, &Reals)?);
        worst = worst.max(balance.residual()?);
    }
    Ok(Measured { residual: worst, remark: None })
}

/// The samples: the instance itself, and other draws of the data at the same parameters.
fn samples<M: Real>(checker: &Checker<M>) -> Result<Vec<Instance<M>>, CheckError> {
    let mut samples = vec![checker.instance.clone()];
    for k in 1..SAMPLES as u64 {
        let (_, sample) = attempt(mix(checker.seed, 0x5a_0000 + k), |seed| {
            let drawn = Instance::new(checker.model, checker.instance.sizes(), seed)?;
            let mut sample = checker.instance.clone();
            sample.take_data(&drawn)?;
            match sample.gradient()?.iter().all(|g| g.norm().is_finite()) {
                true => Ok(sample),
                false => Err(EvalError::Singular),
            }
        })?;
        samples.push(sample);
    }
    Ok(samples)
}

/// What a law may name at one sample: its own output, error signal and loss, but the gradient of the mean loss.
fn bindings<M: Real>(
    checker: &Checker<M>,
    sample: &Instance<M>,
    full: &[M],
) -> Result<Bindings<'static, M>, EvalError> {
    let mut at = sample.bindings();
    sample.bind_output(&mut at)?;
    for (name, g) in checker.instance.parameter_names().iter().zip(full) {
        at.bind_quantity(Op::Grad, *name, g.clone());
    }
    for (name, value) in Hyperparameters::of(checker.model).values() {
        at.bind(name, Mat::full(1, 1, value).into());
    }
    Ok(at)
}

fn mean<M: Real>(tangents: &[&Vec<M>]) -> Vec<M> {
    let blocks = tangents.first().map_or(0, |t| t.len());
    let scale = 1.0 / tangents.len() as f64;
    let block = |k: usize| tangents.iter().map(|t| t[k].clone()).reduce(|x, y| x.add(&y)).map(|sum| sum.times(scale));
    (0..blocks).filter_map(block).collect()
}

/// Every batch, as positions of samples.
fn batches() -> Vec<Vec<usize>> {
    (0usize..1 << SAMPLES)
        .filter(|set| set.count_ones() as usize == BATCH)
        .map(|set| (0..SAMPLES).filter(|s| set >> s & 1 == 1).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_batches_as_the_binomial_coefficient_says() {
        let all = batches();
        assert_eq!(all.len(), 6);
        for s in 0..SAMPLES {
            assert_eq!(all.iter().filter(|batch| batch.contains(&s)).count(), 3);
        }
    }
}
