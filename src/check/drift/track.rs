//! The laws of one trajectory, lowered: what is accumulated along it, and what is compared in the end.

use super::defect::{Watched, changes, defects, entries, residuals};
use super::run::{Role, Run};
use crate::check::checker::Checker;
use crate::check::member::Member;
use crate::eval::{Bindings, EvalError, Key, Reals, Series, Tape};
use crate::kernel::{Hyperparameters, Law, Statement};
use crate::model::Model;
use crate::numeric::norm;
use crate::numeric::trajectory::{Coefficients, Integrand, Moment};
use crate::term::{Expr, Op, is_zero};
use faer::{Mat, Scale};
use std::ops::Range;

/// A law with what it is followed for, and its formulas lowered at each value of its indices that is measured.
pub(super) type Lowered<'a> = (&'a Law, Role, Result<Vec<Track>, EvalError>);

/// A law with its formulas lowered.
pub(super) struct Track {
    role: Role,
    measure: Measure,
    /// Where its sums stand among those of the trajectory.
    sums: Range<usize>,
}

enum Measure {
    /// Both sides of each equation.
    Equations(Vec<[Tape; 2]>),
    Quantity {
        quantity: Box<Tape>,
        /// Whether Q̇ is followed instead of Q.
        moving: bool,
        change: Option<Box<Change>>,
        /// By how much a step multiplies the quantity.
        factor: f64,
    },
}

enum Change {
    /// A rate, or what a step adds.
    Stated(Tape),
    /// What a step adds on average.
    Expected(Tape),
    /// The rate force − γQ̇ of Q̇.
    Damped { friction: Tape, force: Tape },
}

impl Track {
    /// The laws that have a role, lowered at the values of their indices that are measured; those that cannot be are measured
    /// as infinite drifts.
    pub fn of<'a>(
        checker: &Checker,
        laws: &[&'a Law],
        run: &Run,
        role: impl Fn(&Law) -> Option<Role>,
    ) -> Vec<Lowered<'a>> {
        let mut start = 0;
        let mut out = Vec::new();
        for law in laws {
            let Some(role) = role(law) else { continue };
            let sizes = checker.instance.sizes();
            let members = Member::all(checker.model, law, law.statement(), sizes, Some(checker.seed));
            let tracks = members.map_err(|error| EvalError::Unsupported(error.to_string())).and_then(|(members, _)| {
                let measures: Vec<Measure> =
                    members.iter().map(|law| Measure::new(checker, law, run)).collect::<Result<_, EvalError>>()?;
                let track = |measure: Measure| {
                    let sums = start..start + measure.sums();
                    start = sums.end;
                    Track { role, measure, sums }
                };
                Ok(measures.into_iter().map(track).collect())
            });
            out.push((*law, role, tracks));
        }
        out
    }
}

impl Measure {
    fn new(checker: &Checker, law: &Member, run: &Run) -> Result<Measure, EvalError> {
        let lower = |expr: &Expr| Tape::new(&checker.model.inline(expr), law.env(), checker.instance.sizes());
        let stated = |expr: &Expr| Tape::new(expr, law.env(), checker.instance.sizes());
        let followed = |quantity: &Expr, moving: bool, change: Option<Change>, factor: f64| {
            Ok(Measure::Quantity { quantity: Box::new(lower(quantity)?), moving, change: change.map(Box::new), factor })
        };
        match law.statement() {
            Statement::Conserved { quantity } => followed(quantity, false, None, 1.0),
            Statement::Rate { quantity, rate } => followed(quantity, false, Some(Change::Stated(stated(rate)?)), 1.0),
            Statement::Step { quantity, factor, change } => {
                let mut bindings = checker.bindings.clone();
                bind_coefficients(&mut bindings, checker, run, 0.0);
                let number = |f: &Expr| Ok::<f64, EvalError>(stated(f)?.eval(&bindings, &Reals)?[(0, 0)]);
                let factor = factor.as_ref().map_or(Ok(1.0), number)?;
                let change = if is_zero(change) { None } else { Some(Change::Stated(stated(change)?)) };
                followed(quantity, false, change, factor)
            }
            Statement::Damped { quantity, friction, force } => {
                let change = Change::Damped { friction: stated(friction)?, force: stated(force)? };
                followed(quantity, true, Some(change), 1.0)
            }
            Statement::Expected { quantity, change, .. } => {
                followed(quantity, false, Some(Change::Expected(stated(change)?)), 1.0)
            }
            Statement::Equations { equations, .. } => {
                let sides = |(lhs, rhs): &(Expr, Expr)| Ok([stated(lhs)?, stated(rhs)?]);
                Ok(Measure::Equations(equations.iter().map(sides).collect::<Result<_, EvalError>>()?))
            }
            _ => Err(EvalError::Unsupported("this statement along a trajectory".into())),
        }
    }

    /// Every formula it evaluates.
    fn tapes(&self) -> Vec<&Tape> {
        match self {
            Measure::Equations(equations) => equations.iter().flatten().collect(),
            Measure::Quantity { quantity, change, .. } => {
                let change = match change.as_deref() {
                    None => vec![],
                    Some(Change::Stated(tape) | Change::Expected(tape)) => vec![tape],
                    Some(Change::Damped { friction, force }) => vec![friction, force],
                };
                std::iter::once(&**quantity).chain(change).collect()
            }
        }
    }

    /// How many numbers are accumulated for it.
    fn sums(&self) -> usize {
        match self {
            Measure::Quantity { quantity, change: Some(_), .. } => quantity.shape().0 * quantity.shape().1,
            _ => 0,
        }
    }
}

/// The laws of one trajectory as its integrand.
pub(super) struct Tracks<'a> {
    checker: &'a Checker<'a>,
    run: &'a Run,
    tracks: Vec<Track>,
    /// Whether one of them reads the output, its error signal or the loss.
    outputs: bool,
}

impl Integrand for Tracks<'_> {
    fn size(&self) -> usize {
        self.tracks.iter().map(|track| track.sums.len()).sum()
    }

    fn rate(&self, at: &Moment) -> Result<Vec<f64>, EvalError> {
        if self.size() == 0 {
            return Ok(vec![]);
        }
        let bindings = self.bindings(at)?;
        let mut out = Vec::with_capacity(self.size());
        for track in &self.tracks {
            let Measure::Quantity { quantity, change: Some(change), factor, .. } = &track.measure else { continue };
            let change = match change.as_ref() {
                Change::Stated(change) => change.eval(&bindings, &Reals)?,
                Change::Expected(change) => self.unexpected(at, &bindings, quantity, change)?,
                Change::Damped { friction, force } => {
                    let friction = friction.eval(&bindings, &Reals)?[(0, 0)];
                    let speed = self.moved(at, &bindings)?;
                    force.eval(&bindings, &Reals)?
                        - quantity.eval(&speed, &Reals)?.into_coefficient(1) * Scale(friction)
                }
            };
            // The sums are of what each step adds, undone to the start: Q(θ_k) = factor^k (Q(θ_0) + sums).
            let undone = factor.powi(at.time as i32 + 1).recip();
            let weight = if *factor == 1.0 { 1.0 } else { undone };
            out.extend(entries(&change).map(|x| x * weight));
        }
        Ok(out)
    }
}

impl<'a> Tracks<'a> {
    pub fn new(checker: &'a Checker<'a>, run: &'a Run, tracks: Vec<Track>) -> Tracks<'a> {
        let output = checker.model.output.as_ref().map(|output| output.name);
        let of_output = |key| match key {
            Key::Symbol(name) => Some(name) == output || name == Model::loss_symbol(),
            Key::Quantity(op, _) => op == Op::Err,
        };
        let outputs = tracks.iter().flat_map(|track| track.measure.tapes()).any(|tape| tape.reads(of_output));
        Tracks { checker, run, tracks, outputs }
    }

    /// The values of all names at a moment.
    fn bindings(&self, at: &Moment) -> Result<Bindings<'static, Mat<f64>>, EvalError> {
        let mut instance = self.checker.instance.clone();
        instance.set_parameters(&at.theta)?;
        let mut bindings = instance.bindings();
        for (i, name) in instance.parameter_names().iter().enumerate() {
            bindings.bind_quantity(Op::Grad, *name, at.gradient[i].clone());
            bindings.bind_quantity(Op::Dot, *name, at.velocity[i].clone());
        }
        if self.outputs {
            instance.bind_output(&mut bindings)?;
        }
        bind_coefficients(&mut bindings, self.checker, self.run, at.time);
        Ok(bindings)
    }

    /// The values of all names with θ̇ as the direction of the parameters.
    fn moved<'m>(
        &self,
        at: &'m Moment,
        bindings: &Bindings<'m, Mat<f64>>,
    ) -> Result<Bindings<'m, Series<'m, Mat<f64>>>, EvalError> {
        let names = self.checker.instance.parameter_names().iter().copied();
        bindings.along(&[names.zip(&at.velocity).collect()])
    }

    /// E[Q(θ⁺) − Q(θ)] − E[change], averaged over the noises of the moment.
    fn unexpected(
        &self,
        at: &Moment,
        bindings: &Bindings<'static, Mat<f64>>,
        quantity: &Tape,
        change: &Tape,
    ) -> Result<Mat<f64>, EvalError> {
        let noises = Hyperparameters::noises(self.checker.model);
        let (rows, cols) = quantity.shape();
        let mut sum = Mat::zeros(rows, cols);
        let before = quantity.eval(bindings, &Reals)?;
        for noise in &at.noises {
            let mut here = bindings.clone();
            for (i, name) in self.checker.instance.parameter_names().iter().enumerate() {
                here.bind(noises[name], noise[i].clone());
            }
            sum -= change.eval(&here, &Reals)?;
            for (i, name) in self.checker.instance.parameter_names().iter().enumerate() {
                let step = Scale(self.run.coefficients.step);
                here.bind(*name, &at.theta[i] + (&at.velocity[i] - &noise[i]) * step);
            }
            sum += quantity.eval(&here, &Reals)? - &before;
        }
        Ok(sum * Scale(1.0 / at.noises.len().max(1) as f64))
    }

    /// The drift of every law at every moment.
    pub fn drifts(&self, moments: &[Moment]) -> Result<Vec<Vec<f64>>, EvalError> {
        let bindings = moments.iter().map(|at| self.bindings(at)).collect::<Result<Vec<_>, EvalError>>()?;
        let measured = |track: &Track| match &track.measure {
            Measure::Equations(equations) => residuals(equations, moments, &bindings, self.checker),
            Measure::Quantity { quantity, change: Some(change), .. } if matches!(**change, Change::Expected(_)) => {
                defects(quantity, &track.sums, moments, &bindings)
            }
            Measure::Quantity { quantity, moving, factor, .. } => {
                let watched = moments.iter().zip(&bindings).map(|(at, bindings)| match moving {
                    true => Watched::rate(quantity, &self.moved(at, bindings)?, norm(&at.velocity)),
                    false => Watched::value(quantity, bindings, norm(&at.velocity)),
                });
                let watched: Vec<Watched> = watched.collect::<Result<_, EvalError>>()?;
                Ok(changes(&watched, *factor, &track.sums, moments, track.role))
            }
        };
        self.tracks.iter().map(measured).collect()
    }
}

fn bind_coefficients(bindings: &mut Bindings<'static, Mat<f64>>, checker: &Checker, run: &Run, time: f64) {
    let hyper = Hyperparameters::of(checker.model);
    let Coefficients { decay, friction, step } = run.coefficients;
    for (name, value) in [(hyper.decay, decay), (hyper.friction, friction), (hyper.step, step), (hyper.time, time)] {
        bindings.bind(name, Mat::full(1, 1, value));
    }
}
