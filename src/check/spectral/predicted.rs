//! What the laws say of a spectrum, held against it.

use super::point;
use crate::check::checker::Checker;
use crate::check::independent::orbit_dimension;
use crate::check::member::Member;
use crate::check::motion::Motion;
use crate::check::sharpness::Compression;
use crate::check::symmetric::{Repeated, repeated, spread};
use crate::check::{CheckError, TOLERANCE};
use crate::eval::{EvalError, Reals, concrete};
use crate::kernel::{Law, Statement, Structure};
use crate::numeric::{Eigen, Instance, eigenvalues};
use crate::term::Symbol;
use faer::Mat;
use rayon::prelude::*;

/// The most elements of a Lie algebra whose generators are formed, and the most numbers of these.
const ELEMENTS: usize = 4096;
const NUMBERS: usize = 1 << 26;

/// The flat directions of the Hessian.
#[derive(Clone, Debug, PartialEq)]
pub struct Flat {
    /// The actions whose generators the laws say are in the kernel at stationary points.
    pub actions: Vec<String>,
    /// The dimension of the span of the generators at the point.
    pub predicted: usize,
    /// The same at generic points, where it is known.
    pub generic: Option<usize>,
    /// ‖H‖ on their span, which is 0 at a stationary point and little near one: so many eigenvalues are at most this in magnitude (Kahan, 1967).
    pub within: f64,
    /// The entries of the output, to which the rank of J*ℓ″J is bounded, and how far H is from that.
    pub outputs: Option<(usize, f64)>,
    /// How many eigenvalues are 0 up to `zero`, where all are known; the least magnitude that is not.
    pub found: Option<usize>,
    pub zero: f64,
}

impl Flat {
    /// The dimension that the output's entries leave, where H is J*ℓ″J.
    pub fn few_data(&self, dimension: usize) -> Option<usize> {
        self.outputs.map(|(entries, _)| dimension.saturating_sub(entries))
    }

    /// The eigenvalues that are 0 and neither by a law nor by few data.
    pub fn unexplained(&self, dimension: usize) -> Option<usize> {
        let explained = self.predicted.max(self.few_data(dimension).unwrap_or(0));
        self.found.map(|found| found.saturating_sub(explained))
    }

    /// Whether there are as many as predicted.
    pub fn holds(&self) -> bool {
        self.found.is_none_or(|found| found >= self.predicted)
    }
}

/// The motions of actions, each once, whose generators can be formed.
fn motions<'c>(checker: &'c Checker<'_>, actions: &[Symbol]) -> Option<Vec<&'c Motion>> {
    let mut elements = 0usize;
    let mut out = Vec::new();
    for action in actions {
        let motion = checker.motion(*action).ok()?;
        let shape = motion.group().algebra()?.shape;
        let sizes = checker.instance.sizes();
        let count = concrete(shape.rows, sizes).ok()?.checked_mul(concrete(shape.cols, sizes).ok()?)?;
        elements = elements.saturating_add(count);
        out.push(motion);
    }
    let small = elements <= ELEMENTS && elements.saturating_mul(checker.instance.dimension()) <= NUMBERS;
    (small && !out.is_empty()).then_some(out)
}

/// The kernel at stationary points.
pub(super) fn flat(
    checker: &Checker<'_>,
    laws: &[Law],
    values: &[f64],
    hessian: Option<&Mat<f64>>,
) -> Result<Option<Flat>, CheckError> {
    let (instance, sizes) = (checker.instance(), checker.instance.sizes());
    let mut actions: Vec<Symbol> = Vec::new();
    for law in laws {
        let (members, _) = Member::all(checker.model, law, law.statement(), sizes, None)?;
        for member in &members {
            let Statement::Kernel { generators, .. } = member.statement() else { continue };
            for generator in generators {
                if !actions.contains(&generator.action) {
                    actions.push(generator.action);
                }
            }
        }
    }
    let Some(motions) = motions(checker, &actions) else { return Ok(None) };
    let mut tangents = Vec::new();
    for motion in &motions {
        for a in motion.basis::<Mat<f64>>(sizes, &Reals)? {
            tangents.push(motion.generator(&checker.bindings, &a, &Reals)?);
        }
    }
    let compression = Compression::on(checker, &tangents)?;
    let predicted = compression.as_ref().map_or(0, |found| found.basis.ncols());
    let within = compression.map_or(Ok(0.0), |found| longest(&found.image))?;
    let norm = values.iter().fold(0.0f64, |norm, x| norm.max(x.abs()));
    // Far from stationary points the law says nothing of the spectrum.
    if within > LITTLE * norm {
        return Ok(None);
    }
    let outputs = hessian.map(|hessian| gauss_newton(instance, hessian)).transpose()?.flatten();
    // What is not small beside the spectrum says nothing of it.
    let outputs = outputs.filter(|(_, apart)| *apart <= LITTLE * norm);
    let rounding = f64::EPSILON * norm * (values.len() as f64).sqrt();
    let zero = (TOLERANCE * norm).max(rounding).max(within).max(outputs.map_or(0.0, |(_, apart)| apart));
    let found = hessian.map(|_| values.iter().filter(|x| x.abs() <= zero).count());
    let generic = orbit_dimension(checker.model, actions.iter().copied(), sizes, checker.seed());
    let actions = actions.iter().map(Symbol::to_string).collect();
    Ok(Some(Flat { actions, predicted, generic, within, outputs, found, zero }))
}

/// What share of ‖H‖ may lie beside what is predicted, H = J*ℓ″J or H[ξ] = 0.
const LITTLE: f64 = 1e-3;

/// The largest singular value.
fn longest(image: &Mat<f64>) -> Result<f64, EvalError> {
    let square = image.transpose() * image;
    Ok(eigenvalues(&square)?.last().map_or(0.0, |x| x.max(0.0).sqrt()))
}

/// The number of entries of the output, where it is below that of the parameters, and ‖H − J*ℓ″J‖.
fn gauss_newton(instance: &Instance, hessian: &Mat<f64>) -> Result<Option<(usize, f64)>, EvalError> {
    let Ok(output) = instance.output() else { return Ok(None) };
    let (entries, dimension) = (output.nrows() * output.ncols(), instance.dimension());
    if entries >= dimension {
        return Ok(None);
    }
    let column = |j: usize| {
        let pushed = instance.pushforward(&instance.unit(j)?)?;
        Ok(instance.flatten(&instance.pullback(&instance.loss_hessian(&pushed)?)?))
    };
    let columns: Vec<Vec<f64>> = (0..dimension).into_par_iter().map(column).collect::<Result<_, EvalError>>()?;
    let rest = Mat::from_fn(dimension, dimension, |i, j| hessian[(i, j)] - 0.5 * (columns[j][i] + columns[i][j]));
    let values = eigenvalues(&rest)?;
    Ok(Some((entries, values.iter().fold(0.0f64, |norm, x| norm.max(x.abs())))))
}

/// What an action says of the ends of the spectrum: the largest eigenvalue is at least `largest`, the smallest at most `smallest`.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    pub law: String,
    pub action: String,
    pub largest: f64,
    pub smallest: f64,
    /// The dimension of the span of its generators.
    pub dimension: usize,
    /// The angles in degrees between that span and the space of as many leading eigenvectors, ascending (Björck and Golub, 1973).
    pub angles: Vec<f64>,
}

impl Bound {
    /// Whether a spectrum in descending order, whole or in part, is where it says.
    pub fn holds(&self, values: &[f64], norm: f64, complete: bool) -> bool {
        let allowed = TOLERANCE * norm;
        match complete {
            true => {
                let above = values.first().is_none_or(|value| *value >= self.largest - allowed);
                above && values.last().is_none_or(|value| *value <= self.smallest + allowed)
            }
            // Of a part of the spectrum only its norm is known.
            false => self.largest.abs().max(self.smallest.abs()) <= norm + allowed,
        }
    }
}

/// The bounds of the laws of sharpness.
pub(super) fn bounds(checker: &Checker<'_>, laws: &[Law], found: &Eigen) -> Result<Vec<Bound>, CheckError> {
    let mut out: Vec<Bound> = Vec::new();
    for law in laws {
        let Statement::Structure(Structure::Sharpness { .. }) = law.statement() else { continue };
        let (members, _) = Member::all(checker.model, law, law.statement(), checker.instance.sizes(), None)?;
        for member in &members {
            let Some(action) = member.action() else { continue };
            if out.iter().any(|bound| bound.action == action.as_str()) {
                continue;
            }
            let Some(motions) = motions(checker, &[action]) else { continue };
            let Some(compression) = motions.first().map(|m| Compression::of(checker, m)).transpose()?.flatten() else {
                continue;
            };
            let (Some(&smallest), Some(&largest)) = (compression.values.first(), compression.values.last()) else {
                continue;
            };
            let dimension = compression.values.len();
            let angles = angles(&compression.basis, found)?;
            out.push(Bound { law: member.id(), action: action.to_string(), largest, smallest, dimension, angles });
        }
    }
    Ok(out)
}

/// The principal angles between a space and that of as many leading eigenvectors, in degrees; of fewer where the last would be one of several with the
/// same eigenvalue, as 0 of few data, of which none leads.
fn angles(basis: &Mat<f64>, found: &Eigen) -> Result<Vec<f64>, EvalError> {
    let values = &found.values;
    let norm = values.iter().fold(0.0f64, |norm, x| norm.max(x.abs()));
    let leads = |count: &usize| values.get(*count).is_none_or(|next| values[count - 1] - next > TOLERANCE * norm);
    let most = basis.ncols().min(values.len());
    let Some(count) = (1..=most).rev().find(leads) else { return Ok(Vec::new()) };
    let cosines = basis.transpose() * found.vectors.subcols(0, count);
    let failed = |_| EvalError::Unsupported("the singular values did not converge; the angles".into());
    let cosines = cosines.singular_values().map_err(failed)?;
    let mut angles: Vec<f64> = cosines.iter().map(|x| x.min(1.0).acos().to_degrees()).collect();
    angles.sort_by(f64::total_cmp);
    Ok(angles)
}

/// Equal eigenvalues at a symmetric point.
#[derive(Clone, Debug, PartialEq)]
pub struct Groups {
    pub law: String,
    /// A multiplicity, and how many eigenvalues the law says have it.
    pub predicted: Vec<(usize, usize)>,
    /// How far apart, relative to ‖H‖, eigenvalues are that should be equal; none where they are not repeated so.
    pub spread: Option<f64>,
    /// What contradicts the law itself.
    pub contradiction: Option<String>,
}

impl Groups {
    pub fn holds(&self) -> bool {
        self.contradiction.is_none() && self.spread.is_some_and(|spread| spread <= TOLERANCE)
    }
}

/// The multiplicities at the symmetric points of an action.
pub(super) fn groups(
    checker: &Checker<'_>,
    laws: &[Law],
    action: Symbol,
    values: &[f64],
) -> Result<Option<Groups>, CheckError> {
    let Some((member, map)) = point::multiplicities(checker, laws, action)? else { return Ok(None) };
    let Statement::Structure(Structure::Multiplicities { cases, .. }) = member.statement() else { return Ok(None) };
    let norm = values.iter().fold(0.0f64, |norm, x| norm.max(x.abs()));
    let law = member.id();
    Ok(Some(match repeated(checker, &map, cases)? {
        Ok(Repeated { classes, .. }) => {
            let rounding = f64::EPSILON * norm * (values.len() as f64).sqrt();
            let spread = spread(values, norm, rounding, &classes);
            Groups { law, predicted: classes, spread, contradiction: None }
        }
        Err(why) => Groups { law, predicted: vec![], spread: None, contradiction: Some(why) },
    }))
}
