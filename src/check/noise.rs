//! Laws in expectation over gradient noise, by exact averaging over all mini-batches of a small data set. A sample is one
//! draw of all the data of the model (and of the target of a generic loss) at the common parameters; L is the mean of the
//! samples' losses, and the noise of a batch is its mean gradient minus ∇L.

use super::checker::{Checker, Measured};
use super::member::Member;
use super::shared::DataSet;
use super::{CheckError, attempt};
use crate::eval::{Bindings, EvalError, Key, Reals, Tape, mix};
use crate::kernel::Hyperparameters;
use crate::model::Model;
use crate::numeric::{Balance, Instance, Real};
use crate::term::{Expr, Op, Symbol, sym};
use faer::Mat;
use std::collections::HashMap;
use std::sync::Arc;

/// How many samples the data set has, and how many a batch.
const SAMPLES: usize = 3;
const BATCH: usize = 2;

/// What both kinds of law are measured with: η, and Q and its change lowered.
struct Training {
    step: f64,
    quantity: Tape,
    change: Tape,
}

impl Training {
    fn new<M: Real>(
        checker: &Checker<M>,
        law: &Member,
        quantity: &Expr,
        change: &Expr,
    ) -> Result<Training, CheckError> {
        let hyper = Hyperparameters::of(checker.model);
        let lower = |expr: &Expr| Tape::new(expr, law.env(), checker.instance.sizes());
        let step = lower(&sym(hyper.step))?.eval(&checker.bindings, &Reals)?.number();
        Ok(Training { step, quantity: lower(quantity)?, change: lower(change)? })
    }
}

impl<M: Real> Checker<'_, M> {
    /// A small data set at the parameters of the instance.
    fn data_set(&self) -> Result<&DataSet<M>, CheckError> {
        self.shared.data.get_or_init(|| DataSet::new(self)).as_ref().map_err(Clone::clone)
    }
}

impl<M: Real> DataSet<M> {
    fn new(checker: &Checker<M>) -> Result<DataSet<M>, CheckError> {
        let samples = samples(checker)?;
        // The first is the instance itself.
        let others = samples.iter().skip(1).map(|sample| Ok(sample.gradient()?.into_iter().map(Arc::new).collect()));
        let gradients = std::iter::once(Ok(checker.gradient.clone())).chain(others);
        let gradients = gradients.collect::<Result<Vec<_>, EvalError>>()?;
        let mean = mean(&gradients.iter().collect::<Vec<_>>()).into_iter().map(Arc::new).collect();
        Ok(DataSet { samples, gradients, mean })
    }

    /// The mean gradient of a batch.
    fn of(&self, batch: &[usize]) -> Vec<M> {
        mean(&batch.iter().map(|s| &self.gradients[*s]).collect::<Vec<_>>())
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
    let Training { step, quantity, change } = Training::new(checker, law, quantity, change)?;
    let noises = Hyperparameters::noises(checker.model);
    let names = checker.instance.parameter_names();
    let data = checker.data_set()?;
    let samples = data.samples.iter();
    let mut at = samples.map(|sample| bindings(checker, sample, &data.mean)).collect::<Result<Vec<_>, EvalError>>()?;
    // What a law says of a sample – its output, error signal and loss – is averaged over the samples.
    if !change.reads(|key| of_sample(checker.model, key)) {
        at.truncate(1);
    }
    let batches = batches();
    let weight = 1.0 / batches.len() as f64;
    let mut balance = Balance::default();
    for batch in &batches {
        let of_batch = data.of(batch);
        let noise: Vec<Arc<M>> =
            of_batch.iter().zip(&data.mean).map(|(g, mean)| Arc::new(g.combined(1.0, mean, -1.0))).collect();
        for here in &at {
            let mut here = here.clone();
            for (name, n) in names.iter().zip(&noise) {
                here.share(noises[name], n.clone());
            }
            balance.add(-weight / at.len() as f64, change.eval(&here, &Reals)?);
        }
        if continuous {
            let along: HashMap<Symbol, Arc<M>> = names.iter().copied().zip(noise).collect();
            let moved = at[0].along(&[along.clone(), along])?;
            balance.add(weight * step / 2.0, quantity.eval(&moved, &Reals)?.into_coefficient(3));
        } else {
            drop(noise);
            let mut next = at[0].clone();
            for ((name, theta), g) in names.iter().zip(checker.instance.theta()).zip(&of_batch) {
                next.bind(*name, theta.combined(1.0, g, -step));
            }
            balance.add(weight, quantity.eval(&next, &Reals)?);
        }
    }
    if continuous {
        let along = names.iter().copied().zip(data.mean.iter().map(|g| g.neg())).collect();
        balance.add(1.0, quantity.eval(&at[0].along::<M>(&[along])?, &Reals)?.into_coefficient(1));
    } else {
        balance.add(-1.0, quantity.eval(&at[0], &Reals)?);
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
    let Training { step, quantity, change } = Training::new(checker, law, quantity, change)?;
    let batches_of = Hyperparameters::batches(checker.model);
    let data = checker.data_set()?;
    let mut worst = 0.0f64;
    for batch in batches() {
        let of_batch = data.of(&batch);
        let (mut here, mut next) = (checker.bindings.clone(), checker.bindings.clone());
        let names = checker.instance.parameter_names();
        for ((name, theta), g) in names.iter().zip(checker.instance.theta()).zip(of_batch) {
            next.bind(*name, theta.combined(1.0, &g, -step));
            here.bind(batches_of[name], g);
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
            let sample = checker.instance.resampled(checker.model, seed)?;
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
    full: &[Arc<M>],
) -> Result<Bindings<'static, M>, EvalError> {
    let mut at = sample.bindings();
    sample.bind_output(&mut at)?;
    for (name, g) in checker.instance.parameter_names().iter().zip(full) {
        at.share_quantity(Op::Grad, *name, g.clone());
    }
    for (name, value) in Hyperparameters::of(checker.model).values() {
        at.bind(name, Mat::full(1, 1, value).into());
    }
    Ok(at)
}

/// Whether a value differs from sample to sample.
fn of_sample(model: &Model, key: Key) -> bool {
    match key {
        Key::Symbol(name) => {
            let output = model.output.as_ref().is_some_and(|output| output.name == name);
            output || name == Model::loss_symbol() || model.data.iter().any(|data| data.name == name)
        }
        Key::Quantity(op, _) => op == Op::Err,
    }
}

fn mean<M: Real>(tangents: &[&Vec<Arc<M>>]) -> Vec<M> {
    let blocks = tangents.first().map_or(0, |t| t.len());
    let scale = 1.0 / tangents.len() as f64;
    let block = |k: usize| match tangents {
        [] => None,
        [only] => Some(M::clone(&only[k])),
        [first, second, rest @ ..] => {
            let mut sum = first[k].combined(scale, &second[k], scale);
            let scale = M::from(Mat::full(1, 1, scale));
            rest.iter().for_each(|t| sum.add_scaled(&scale, &t[k]));
            Some(sum)
        }
    };
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
        assert_eq!(all.len(), 3);
        for s in 0..SAMPLES {
            assert_eq!(all.iter().filter(|batch| batch.contains(&s)).count(), 2);
        }
    }
}
