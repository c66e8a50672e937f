//! One evaluation of a formula over 𝔽_p, pair by pair.

use super::pair::Pair;
use super::plan::{Plan, Step};
use super::reach::Reach;
use crate::eval::circle::Point;
use crate::eval::elementwise::Elementwise;
use crate::eval::matrix::Matrix;
use crate::eval::number::Number;
use crate::eval::reverse::evaluate;
use crate::eval::tape::{Primitive, Tape};
use crate::eval::{Bindings, Dense, EvalError, Key, Probe, Residue};
use crate::term::{Equation, Rational};
use num_traits::{One, Zero};
use std::borrow::Cow;

/// A pair (a, m) with m = e^a that others are multiples and powers of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Generator<const P: u64> {
    pub exponent: Residue<P>,
    pub value: Residue<P>,
}

/// Where a climb stands still.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stop<const P: u64> {
    /// At a pair that the plan does not tell, with its argument.
    At(Pair, Residue<P>),
    /// At a gate that is not known.
    Gate,
    /// All pairs are known.
    Top,
}

/// An evaluation that goes as far as a plan leads.
#[derive(Clone)]
pub struct Climb<'a, const P: u64> {
    tape: &'a Tape,
    reach: &'a Reach,
    inputs: Bindings<'a, Dense<Residue<P>>>,
    probe: Probe,
    values: Vec<Cow<'static, Dense<Residue<P>>>>,
    /// How many pairs of the present node are known.
    done: usize,
    steps: usize,
    real: Vec<Generator<P>>,
    /// The angle of each generator of the circle, and the point of its part.
    angles: Vec<(Residue<P>, Point<P>)>,
    /// Whether each argument of a function with a kink counts as positive, in the order of evaluation.
    gates: &'a [bool],
    /// How many gates are behind.
    passed: usize,
}

impl<'a, const P: u64> Climb<'a, P> {
    /// The functions of the table are drawn with the seed of the probe; gates are those of a region.
    pub fn new(
        tape: &'a Tape,
        reach: &'a Reach,
        gates: &'a [bool],
        inputs: Bindings<'a, Dense<Residue<P>>>,
        probe: Probe,
    ) -> Result<Self, EvalError> {
        let one = Residue::new(1);
        let real = vec![Generator { exponent: one, value: probe.exponential_of(one)? }];
        let angles = vec![(one, probe.point_of(one)?)];
        Ok(Climb { tape, reach, inputs, probe, values: Vec::new(), done: 0, steps: 0, real, angles, gates, passed: 0 })
    }

    /// The probe, which knows the pairs met so far.
    pub fn into_probe(self) -> Probe {
        self.probe
    }

    pub fn real(&self) -> &[Generator<P>] {
        &self.real
    }

    /// How many generators the circle has.
    pub fn angles(&self) -> usize {
        self.angles.len()
    }

    /// The angle of a generator of the circle.
    pub fn angle(&self, generator: usize) -> Residue<P> {
        self.angles[generator].0
    }

    /// Goes on to the first pair that the plan does not tell, or gate that is not known.
    pub fn run(&mut self, plan: &Plan) -> Result<Stop<P>, EvalError> {
        let tape = self.tape;
        while let Some(node) = tape.nodes.get(self.values.len()) {
            if !self.reach.needed[self.values.len()] {
                self.values.push(Cow::Owned(Dense::zeros(0, 0)));
                continue;
            }
            let value = match &node.primitive {
                Primitive::Apply { function: Elementwise::Solution(equation), order, argument } => {
                    if let Some(stop) = self.pairs(*equation, *argument, plan)? {
                        return Ok(stop);
                    }
                    self.plain(&Elementwise::Solution(*equation), *order, *argument)?
                }
                Primitive::Apply { function: function @ Elementwise::Homogeneous { .. }, order, argument } => {
                    if self.gates.len() < self.passed + self.values[*argument].entries().len() {
                        return Ok(Stop::Gate);
                    }
                    self.gated(function, *order, *argument)?
                }
                Primitive::Apply { function, order, argument } => {
                    self.plain(function, *order, *argument).map_err(|error| error.met_at(self.values.len()))?
                }
                Primitive::Input(Key::Symbol(name)) => {
                    self.inputs.symbol(*name).ok_or_else(|| EvalError::Unbound(name.to_string()))?.clone()
                }
                _ => evaluate(node, &self.values, &self.inputs, &self.probe)?,
            };
            self.values.push(Cow::Owned(value));
            self.done = 0;
        }
        Ok(Stop::Top)
    }

    fn plain(&self, function: &Elementwise, order: usize, argument: usize) -> Result<Dense<Residue<P>>, EvalError> {
        let values = self.values[argument].derivatives(function, order, 1, &self.probe);
        let mut values = values.map_err(|error| match &self.tape.nodes[argument].primitive {
            Primitive::Constant(value) if error == EvalError::ROOTLESS => {
                EvalError::Irrational(format!("{value} to a fractional power"))
            }
            _ => error,
        })?;
        values.pop().ok_or_else(|| EvalError::Unsupported("a function without a value".into()))
    }

    /// The pairs of a node, as far as the plan leads.
    fn pairs(&mut self, equation: Equation, argument: usize, plan: &Plan) -> Result<Option<Stop<P>>, EvalError> {
        let kinds = Pair::of(equation);
        let count = self.values[argument].entries().len() * kinds.len();
        while self.done < count {
            let number = self.done % kinds.len();
            let x = self.values[argument].entries()[self.done / kinds.len()];
            let at = Pair::argument(equation, number, x, &self.probe)?;
            let Some(step) = plan.steps.get(self.steps) else { return Ok(Some(Stop::At(kinds[number], at))) };
            match kinds[number] {
                Pair::Exponential => self.exponential(step, at)?,
                Pair::Logarithm => self.logarithm(step, at)?,
                Pair::Circle => self.point(step, at)?,
            }
            self.steps += 1;
            self.done += 1;
        }
        Ok(None)
    }

    /// Σ r a over a combination of generators.
    fn sum(of: impl Fn(usize) -> Residue<P>, combination: &[(usize, Rational)]) -> Result<Residue<P>, EvalError> {
        combination.iter().try_fold(Residue::zero(), |sum, (g, r)| Ok(sum + Residue::from_rational(r)? * of(*g)))
    }

    /// Π mʳ over a combination of generators.
    fn product(&self, combination: &[(usize, Rational)]) -> Result<Residue<P>, EvalError> {
        let power = |(g, r): &(usize, Rational)| self.probe.rational_power(self.real[*g].value, r);
        combination.iter().try_fold(Residue::one(), |product, term| Ok(product * power(term)?))
    }

    fn exponential(&mut self, step: &Step, z: Residue<P>) -> Result<(), EvalError> {
        let mut value = self.product(&step.combination)?;
        if step.is_new {
            let exponent = z - Self::sum(|g| self.real[g].exponent, &step.combination)?;
            let drawn = self.probe.exponential_of(exponent)?;
            self.real.push(Generator { exponent, value: drawn });
            value = value * drawn;
        }
        self.probe.learn_exponential(z, value)
    }

    fn logarithm(&mut self, step: &Step, u: Residue<P>) -> Result<(), EvalError> {
        if u.is_zero() {
            return Err(EvalError::Logarithm);
        }
        for &q in &step.primes {
            let value = Residue::new(q);
            self.real.push(Generator { exponent: self.probe.logarithm_of(value), value });
        }
        let mut exponent = Self::sum(|g| self.real[g].exponent, &step.combination)?;
        if step.is_new {
            let value = u * self.product(&step.combination)?.reciprocal()?;
            let drawn = self.probe.logarithm_of(value);
            self.real.push(Generator { exponent: drawn, value });
            exponent = exponent + drawn;
        }
        self.probe.learn_logarithm(u, exponent)
    }

    fn point(&mut self, step: &Step, z: Residue<P>) -> Result<(), EvalError> {
        let mut point = Point::zero();
        for (g, r) in &step.combination {
            let part = self.angles[*g].1.times(r);
            point = point.plus(part.ok_or_else(|| EvalError::Unsupported(format!("{r} times an angle")))?);
        }
        if step.is_new {
            let angle = z - Self::sum(|g| self.angles[g].0, &step.combination)?;
            let divided = self.probe.point_of(angle)?;
            self.angles.push((angle, divided));
            point = point.plus(divided.times(&Rational::one()).unwrap_or(divided));
        }
        self.probe.learn_point(z, point)
    }

    /// The value of a function with a kink behind the gates of the region.
    fn gated(&mut self, function: &Elementwise, order: usize, argument: usize) -> Result<Dense<Residue<P>>, EvalError> {
        let Elementwise::Homogeneous { plus, minus, degree } = function else {
            return self.plain(function, order, argument);
        };
        let power = Elementwise::Power(degree.clone());
        let x = self.values[argument].clone();
        let mut out = vec![Residue::zero(); order + 1];
        let mut entries = Vec::with_capacity(x.entries().len());
        for x in x.entries() {
            let positive = *self.gates.get(self.passed).ok_or(EvalError::Undecided)?;
            self.passed += 1;
            let (magnitude, coefficient) = if positive { (*x, plus) } else { (-*x, minus) };
            if coefficient.is_zero() {
                entries.push(Residue::zero());
                continue;
            }
            power.derivatives(&magnitude, &self.probe, &mut out)?;
            let value = out[order] * Residue::from_rational(coefficient)?;
            entries.push(if positive || order.is_multiple_of(2) { value } else { -value });
        }
        let (rows, cols) = (x.rows(), x.cols());
        Ok(Dense::from_fn(rows, cols, |i, j| entries[i * cols + j]))
    }
}
