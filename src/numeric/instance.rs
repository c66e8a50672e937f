//! An instance of a model, and every derivative of its loss that a law speaks of.

use super::draw::gaussian;
use super::loss::{self, MIX, TARGET, Target};
use super::{Real, Rounded};
use crate::eval::{Bindings, ENTRY_LIMIT, EvalError, Gated, Matrix, Reals, Sizes, Tape, concrete};
use crate::model::{Loss, Model, Variable};
use crate::sample::{self, stream};
use crate::term::{Env, Expr, Op, Shape, Symbol};
use faer::Mat;
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// A model at concrete sizes, parameters and data. What depends on the sizes only is shared by the copies, which a
/// trajectory makes at every step.
#[derive(Clone)]
pub struct Instance<M = Mat<f64>> {
    sizes: Arc<Sizes>,
    env: Arc<Env>,
    parameters: Arc<[Symbol]>,
    values: HashMap<Symbol, Arc<M>>,
    /// The loss as a function of parameters and data.
    loss: Arc<Tape>,
    /// The output's name, the output as a function of parameters and data, and the loss as a function of the output.
    output: Option<Arc<(Symbol, Tape, Tape)>>,
    /// Whether the loss is the generic one, which can be planted.
    any_loss: bool,
    /// The values that are held while the loss is differentiated, as functions of parameters, data and those before them.
    stopped: Arc<[(Symbol, Tape)]>,
}

impl Instance {
    /// Draws an instance: parameters with entries N(0, 1/fan-in), data N(0, 1), each with its facts, from its own stream
    /// of random numbers.
    pub fn new(model: &Model, sizes: &Sizes, seed: u64) -> Result<Instance, EvalError> {
        let mut env = model.env.clone();
        let loss = loss::instantiated(model, &mut env)?;
        // The loss as a function of the output: every `let` inlined but the output.
        let mut open = model.clone();
        let output = open.output.take();
        let outer = open.inline(&loss);
        let variables = || model.params.iter().chain(&model.data);
        check_entries(variables().map(|v| v.shape), sizes)?;
        let output = match output {
            Some(output) => Some((
                output.name,
                Tape::new(&model.inline(&output.expr), &env, sizes)?,
                Tape::new(&outer, &env, sizes)?,
            )),
            None => None,
        };
        let mut instance = Instance {
            loss: Tape::new(&model.inline(&loss), &env, sizes)?.into(),
            parameters: model.params.iter().map(|p| p.name).collect(),
            sizes: sizes.clone().into(),
            env: env.into(),
            values: HashMap::new(),
            output: output.map(Arc::new),
            any_loss: model.loss == Loss::Any,
            stopped: (model.stopped())
                .map(|d| Ok((d.name, Tape::new(&model.inline(&d.expr), &model.env, sizes)?)))
                .collect::<Result<_, EvalError>>()?,
        };
        for variable in &model.params {
            let value = random(variable, true, loss::target(&outer, variable.name), sizes, seed)?;
            instance.values.insert(variable.name, Arc::new(value));
        }
        instance.draw_data(model.given(), &outer, seed)?;
        Ok(instance)
    }

    /// The same instance in arithmetic that follows its rounding errors.
    pub fn rounded(&self) -> Instance<Rounded> {
        Instance {
            sizes: self.sizes.clone(),
            env: self.env.clone(),
            parameters: self.parameters.clone(),
            values: self.values.iter().map(|(name, value)| (*name, Arc::new(Mat::clone(value).into()))).collect(),
            loss: self.loss.clone(),
            output: self.output.clone(),
            any_loss: self.any_loss,
            stopped: self.stopped.clone(),
        }
    }

    /// Whether ∇L is certainly smooth around θ, with what is held on the way moving as θ does. `false` says nothing.
    pub fn is_smooth(&self) -> Result<bool, EvalError> {
        let (at, held) = (self.bindings(), self.stopped.iter().map(|(name, _)| *name));
        let moving: Vec<Symbol> = self.parameters.iter().copied().chain(held).collect();
        let mut tapes = std::iter::once(&*self.loss).chain(self.stopped.iter().map(|(_, tape)| tape));
        tapes.try_fold(true, |smooth, tape| Ok(smooth && tape.is_analytic(&at, &moving)?))
    }

    /// L with its gates held; none where it has no gates, or its gradient jumps for another reason.
    pub fn gated(&self) -> Option<Gated> {
        let jumps = self.stopped.iter().any(|(_, tape)| tape.has_kinks());
        self.loss.with_gates_held().filter(|gated| !jumps && !gated.gates.is_empty())
    }

    /// The D×D Hessian of L, parameters in order, each row by row.
    pub fn hessian(&self) -> Result<Mat<f64>, EvalError> {
        Ok(self.hessian_of(&self.hessian_columns()?))
    }
}

impl<M: Real> Instance<M> {
    /// The same parameters and fixed data with other samples, as those of the instance of another seed.
    pub fn resampled(&self, model: &Model, seed: u64) -> Result<Instance<M>, EvalError> {
        let loss = loss::instantiated(model, &mut model.env.clone())?;
        let open = Model { output: None, ..model.clone() };
        let mut other = self.clone();
        other.draw_data(model.given().filter(|d| !d.fixed), &open.inline(&loss), seed)?;
        Ok(other)
    }

    /// Draws some data and the target of a generic loss; `outer` is the loss as a function of the output.
    fn draw_data<'a>(
        &mut self,
        data: impl Iterator<Item = &'a Variable>,
        outer: &Expr,
        seed: u64,
    ) -> Result<(), EvalError> {
        for variable in data {
            let value = random(variable, false, loss::target(outer, variable.name), &self.sizes, seed)?;
            self.values.insert(variable.name, Arc::new(value.into()));
        }
        if let (true, Some((_, output, _))) = (self.any_loss, self.output.as_deref()) {
            let (rows, cols) = output.shape();
            let target = gaussian(rows, cols, &mut stream(seed, TARGET));
            let mix = gaussian(rows, rows, &mut stream(seed, MIX)) * faer::Scale((rows as f64).sqrt().recip());
            self.values.insert(TARGET.into(), Arc::new(target.into()));
            self.values.insert(MIX.into(), Arc::new(mix.into()));
        }
        self.hold()
    }

    /// Gives what is held the value it has at θ.
    fn hold(&mut self) -> Result<(), EvalError> {
        for (name, tape) in self.stopped.clone().iter() {
            let value = tape.eval(&self.bindings(), &Reals)?;
            self.values.insert(*name, value.into());
        }
        Ok(())
    }

    /// The same instance with the target of the generic loss moved to the output, so that the gradient vanishes; `None`
    /// for an explicit loss, which has no free target.
    pub fn planted(&self) -> Result<Option<Instance<M>>, EvalError> {
        if !self.any_loss {
            return Ok(None);
        }
        let mut planted = self.clone();
        planted.values.insert(TARGET.into(), self.output()?.into());
        Ok(Some(planted))
    }

    /// The numbers of the symbolic sizes.
    pub fn sizes(&self) -> &Sizes {
        &self.sizes
    }

    /// The meaning of every name: the model's, and those the generic loss adds.
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// The names of the parameters, in the order of the model; gradients and tangents are in this order.
    pub fn parameter_names(&self) -> &[Symbol] {
        &self.parameters
    }

    /// About how many multiplications the loss takes.
    pub fn work(&self) -> u64 {
        self.loss.multiplications()
    }

    /// The number of parameters D.
    pub fn dimension(&self) -> usize {
        self.parameters.iter().map(|name| self.values[name].rows() * self.values[name].cols()).sum()
    }

    /// The value of a parameter or a data matrix.
    pub fn value(&self, name: Symbol) -> Option<&M> {
        self.values.get(&name).map(Arc::as_ref)
    }

    /// The parameters θ.
    pub fn parameters(&self) -> Vec<M> {
        self.parameters.iter().map(|name| M::clone(&self.values[name])).collect()
    }

    /// The same without a copy.
    pub fn theta(&self) -> impl Iterator<Item = &M> {
        self.parameters.iter().map(|name| &*self.values[name])
    }

    /// Moves to another θ, and with it what is held while L is differentiated.
    pub fn set_parameters(&mut self, theta: &[M]) -> Result<(), EvalError> {
        self.set_to(theta.to_vec())
    }

    /// The same without a copy.
    pub fn set_to(&mut self, theta: Vec<M>) -> Result<(), EvalError> {
        self.move_to(theta)?;
        self.hold()
    }

    /// Moves to another θ, with what is held where it was.
    pub fn move_to(&mut self, theta: Vec<M>) -> Result<(), EvalError> {
        self.named(&theta)?;
        self.values.extend(self.parameters.iter().copied().zip(theta.into_iter().map(Arc::new)));
        Ok(())
    }

    /// Replaces one parameter or data matrix by another of its shape.
    pub fn set(&mut self, name: Symbol, value: M) -> Result<(), EvalError> {
        let old = self.values.get(&name).ok_or_else(|| EvalError::Unbound(name.to_string()))?;
        check_shape(name, &**old, &value)?;
        self.values.insert(name, value.into());
        self.hold()
    }

    /// The values of all names, for formulas in them.
    pub fn bindings(&self) -> Bindings<'static, M> {
        let mut bindings = Bindings::new();
        for (name, value) in &self.values {
            bindings.share(*name, value.clone());
        }
        bindings
    }

    /// The values of all names, of the output, and of `grad(W)` and `err(F)`.
    pub fn bindings_with_gradient(&self) -> Result<Bindings<'static, M>, EvalError> {
        Ok(self.with_gradient()?.0)
    }

    /// The same, and the gradient as a tangent.
    pub fn with_gradient(&self) -> Result<(Bindings<'static, M>, Vec<Arc<M>>), EvalError> {
        let mut bindings = self.bindings();
        let gradient: Vec<Arc<M>> = self.gradient()?.into_iter().map(Arc::new).collect();
        for (name, gradient) in self.parameters.iter().zip(&gradient) {
            bindings.share_quantity(Op::Grad, *name, gradient.clone());
        }
        self.bind_output(&mut bindings)?;
        Ok((bindings, gradient))
    }

    /// Adds the values of the output, of `err(F)` and of the loss.
    pub fn bind_output(&self, bindings: &mut Bindings<'static, M>) -> Result<(), EvalError> {
        let Some((name, output, outer)) = self.output.as_deref() else {
            bindings.bind(Model::loss_symbol(), self.loss()?);
            return Ok(());
        };
        let mut at = self.bindings();
        let output = Arc::new(output.eval(&at, &Reals)?);
        at.share(*name, output.clone());
        bindings.share(*name, output);
        let (loss, mut error) = outer.gradient(&at, &Reals, &[*name])?;
        let error = error.pop().ok_or_else(|| EvalError::Unbound(name.to_string()))?;
        bindings.bind_quantity(Op::Err, *name, error);
        bindings.bind(Model::loss_symbol(), loss);
        Ok(())
    }

    /// Whether the gradient of the loss may jump, as that of a ReLU.
    pub fn has_kinks(&self) -> bool {
        self.loss.has_kinks() || self.stopped.iter().any(|(_, tape)| tape.has_kinks())
    }

    /// L(θ).
    pub fn loss(&self) -> Result<M, EvalError> {
        self.loss.eval(&self.bindings(), &Reals)
    }

    /// ∇L(θ).
    pub fn gradient(&self) -> Result<Vec<M>, EvalError> {
        Ok(self.loss.gradient(&self.bindings(), &Reals, &self.parameters)?.1)
    }

    /// `H[V]`, the Hessian of L applied to a tangent.
    pub fn hessian_product(&self, v: &[M]) -> Result<Vec<M>, EvalError> {
        self.loss.derivative_of_gradient(&self.bindings().along(&[self.named(v)?])?, &Reals, &self.parameters, 1)
    }

    /// D³L[U, V, ·].
    pub fn third_derivative(&self, u: &[M], v: &[M]) -> Result<Vec<M>, EvalError> {
        let moved = self.bindings().along(&[self.named(u)?, self.named(v)?])?;
        self.loss.derivative_of_gradient(&moved, &Reals, &self.parameters, 2)
    }

    /// The columns of the Hessian of L as tangents, parameters in order, each row by row.
    pub fn hessian_columns(&self) -> Result<Vec<Vec<M>>, EvalError> {
        let n = self.dimension();
        let entries = n.saturating_mul(n);
        if entries > ENTRY_LIMIT {
            return Err(EvalError::TooLarge { entries, limit: ENTRY_LIMIT });
        }
        (0..n).into_par_iter().map(|j| self.hessian_product(&self.unit(j)?)).collect()
    }

    /// The D×D matrix with these columns, which is symmetric up to rounding; the mean makes it so exactly.
    pub fn hessian_of(&self, columns: &[Vec<M>]) -> Mat<f64> {
        let columns: Vec<Vec<f64>> = columns.iter().map(|column| self.flatten(column)).collect();
        Mat::from_fn(columns.len(), columns.len(), |i, j| 0.5 * (columns[j][i] + columns[i][j]))
    }

    /// F(θ).
    pub fn output(&self) -> Result<M, EvalError> {
        let (_, output, _) = self.declared_output()?;
        output.eval(&self.bindings(), &Reals)
    }

    /// E = ∂ℓ/∂F at the output.
    pub fn error_signal(&self) -> Result<M, EvalError> {
        let (name, _, outer) = self.declared_output()?;
        let mut bindings = self.bindings();
        bindings.bind(*name, self.output()?);
        let (_, mut gradient) = outer.gradient(&bindings, &Reals, &[*name])?;
        gradient.pop().ok_or_else(|| EvalError::Unbound(name.to_string()))
    }

    /// `ℓ″[Z]`, the Hessian of the loss at the output applied to an output-shaped Z.
    pub fn loss_hessian(&self, z: &M) -> Result<M, EvalError> {
        let (name, _, outer) = self.declared_output()?;
        let output = self.output()?;
        check_shape(*name, &output, z)?;
        let mut bindings = self.bindings();
        bindings.bind(*name, output);
        let moved = bindings.along(&[HashMap::from([(*name, z)])])?;
        let mut derivative = outer.derivative_of_gradient(&moved, &Reals, &[*name], 1)?;
        derivative.pop().ok_or_else(|| EvalError::Unbound(name.to_string()))
    }

    /// J*Z, the pull-back of an output-shaped Z.
    pub fn pullback(&self, z: &M) -> Result<Vec<M>, EvalError> {
        let (_, output, _) = self.declared_output()?;
        output.pullback(&self.bindings(), &Reals, z, &self.parameters)
    }

    /// J V, the push-forward of a tangent.
    pub fn pushforward(&self, v: &[M]) -> Result<M, EvalError> {
        let (_, output, _) = self.declared_output()?;
        let moved = self.bindings().along(&[self.named(v)?])?;
        output.coefficient(&moved, &Reals, 1)
    }

    /// All entries of a tangent, parameters in order, each row by row.
    pub fn flatten(&self, tangent: &[M]) -> Vec<f64> {
        let entries = |m: &M| {
            let (m, cols) = (m.value(), m.cols());
            (0..m.nrows() * cols).map(|k| m[(k / cols, k % cols)]).collect::<Vec<f64>>()
        };
        tangent.iter().flat_map(entries).collect()
    }

    /// The inverse of [`Instance::flatten`].
    pub fn unflatten(&self, entries: &[f64]) -> Result<Vec<M>, EvalError> {
        if entries.len() != self.dimension() {
            let (rows, got_rows) = (self.dimension(), entries.len());
            return Err(EvalError::Shape { name: "a tangent".into(), rows, cols: 1, got_rows, got_cols: 1 });
        }
        let mut start = 0;
        let block = |name: &Symbol| {
            let (rows, cols) = (self.values[name].rows(), self.values[name].cols());
            let here = &entries[start..start + rows * cols];
            start += rows * cols;
            M::from(Mat::from_fn(rows, cols, |i, j| here[i * cols + j]))
        };
        Ok(self.parameters.iter().map(block).collect())
    }

    /// The tangent that moves one coordinate.
    pub fn unit(&self, k: usize) -> Result<Vec<M>, EvalError> {
        let mut unit = vec![0.0; self.dimension()];
        unit[k] = 1.0;
        self.unflatten(&unit)
    }

    fn declared_output(&self) -> Result<&(Symbol, Tape, Tape), EvalError> {
        self.output.as_deref().ok_or_else(|| EvalError::Unsupported("the output of a model that declares none".into()))
    }

    /// A tangent by the names of its blocks.
    fn named<'v>(&self, tangent: &'v [M]) -> Result<HashMap<Symbol, &'v M>, EvalError> {
        if tangent.len() != self.parameters.len() {
            let (rows, got_rows) = (self.parameters.len(), tangent.len());
            return Err(EvalError::Shape { name: "the list of blocks".into(), rows, cols: 1, got_rows, got_cols: 1 });
        }
        let block = |(name, v): (&Symbol, &'v M)| {
            check_shape(*name, &*self.values[name], v)?;
            Ok((*name, v))
        };
        self.parameters.iter().zip(tangent).map(block).collect()
    }
}

fn check_shape<M: Matrix>(name: Symbol, expected: &M, got: &M) -> Result<(), EvalError> {
    let (rows, cols, got_rows, got_cols) = (expected.rows(), expected.cols(), got.rows(), got.cols());
    if (rows, cols) == (got_rows, got_cols) {
        return Ok(());
    }
    Err(EvalError::Shape { name: name.to_string(), rows, cols, got_rows, got_cols })
}

/// Refuses matrices that would not fit into memory before any is drawn.
fn check_entries(shapes: impl Iterator<Item = Shape>, sizes: &Sizes) -> Result<(), EvalError> {
    let shapes: Vec<Shape> = shapes.collect();
    for shape in &shapes {
        _ = (concrete(shape.rows, sizes)?, concrete(shape.cols, sizes)?);
    }
    let entries = sizes.entries(shapes).and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
    if entries > ENTRY_LIMIT { Err(EvalError::TooLarge { entries, limit: ENTRY_LIMIT }) } else { Ok(()) }
}

fn random(
    variable: &Variable,
    is_parameter: bool,
    target: Option<Target>,
    sizes: &Sizes,
    seed: u64,
) -> Result<Mat<f64>, EvalError> {
    let Variable { name, shape, facts, .. } = variable;
    let rng = &mut stream(seed, name.as_str());
    let value: Mat<f64> = match facts.is_empty() {
        true => gaussian(concrete(shape.rows, sizes)?, concrete(shape.cols, sizes)?, rng),
        false => sample::declared(*name, *shape, *facts, sizes, rng)?.into(),
    };
    let (rows, cols) = (value.nrows(), value.ncols());
    let map = |x: &Mat<f64>, f: fn(f64) -> f64| Mat::from_fn(rows, cols, |i, j| f(x[(i, j)]));
    Ok(match target {
        Some(Target::Distribution) if !is_parameter => {
            let positive = map(&value, |x| x.abs() + 0.1);
            let sum = |j| positive.col_as_slice(j).iter().sum::<f64>();
            Mat::from_fn(rows, cols, |i, j| positive[(i, j)] / sum(j))
        }
        Some(Target::Sign) if !is_parameter => map(&value, f64::signum),
        _ if is_parameter && has_free_scale(facts.closed(shape.is_scalar())) => {
            let mut value = value;
            value *= faer::Scale((cols as f64).sqrt().recip());
            value
        }
        _ => value,
    })
}

/// Whether a matrix keeps its facts when it is multiplied by a positive number.
fn has_free_scale(facts: crate::term::Facts) -> bool {
    !facts.contains(crate::term::Facts::ORTHOGONAL)
}
