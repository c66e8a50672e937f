//! Where the gradient jumps, a trajectory is one of Filippov's (1960): between its events the side of zero on which the argument of each
//! gate lies is held, and the motion is smooth. Where a gate is reached whose gradients on both sides point back at it, the trajectory
//! slides along, with the one share of the two slopes that keeps the argument at zero. Its gradient is an element of Clarke's subdifferential.

use crate::eval::{Bindings, EvalError, Gated, Reals};
use crate::numeric::Instance;
use faer::Mat;
use std::collections::HashMap;

/// How far, relative to the largest of its matrix, an argument is beyond zero where the gate counts as passed, and how far beyond 0 or 1 a
/// share is where the gate lets go.
const BEYOND: f64 = 1e-11;

/// How fast an argument that is held at zero returns to it from errors of rounding.
const RETURN: f64 = 20.0;

/// Corrections of the shares, of which one is enough behind a single layer.
const CORRECTIONS: usize = 8;

/// A share is known when what it keeps at rest moves no faster, relative to how fast it does without.
const AT_REST: f64 = 1e-13;

/// Singular values below this share of the largest count as zero: gates that a symmetry exchanges are held by one number.
const SINGULAR: f64 = 1e-9;

/// Where the argument of a gate is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Below,
    Above,
    /// At zero.
    Between,
}

/// The gates of a loss, and on which side each of their arguments is: gate by gate, column by column.
#[derive(Clone)]
pub(super) struct Gates {
    gated: Gated,
    sides: Vec<Side>,
}

/// The velocity on all parameters that follows from a gradient.
pub(super) type Velocity<'a> = &'a dyn Fn(&[Mat<f64>]) -> Result<Vec<Mat<f64>>, EvalError>;

impl Gates {
    /// None where the loss has no gates, or a gradient that jumps for another reason.
    pub fn at(start: &Instance) -> Result<Option<Gates>, EvalError> {
        let Some(gated) = start.gated() else { return Ok(None) };
        let mut at = start.bindings();
        let mut sides = Vec::new();
        for gate in &gated.gates {
            let z = gate.argument(&at)?;
            at.bind(
                gate.name,
                Mat::from_fn(z.nrows(), z.ncols(), |i, j| if z[(i, j)] > 0.0 { gate.plus } else { gate.minus }),
            );
            sides.extend(entries(&z).map(|x| if x > 0.0 { Side::Above } else { Side::Below }));
        }
        Ok(Some(Gates { gated, sides }))
    }

    /// The instance with slopes that lie these shares of the way from the lower to the upper one.
    fn bound(&self, here: &Instance, shares: &[f64]) -> Bindings<'static, Mat<f64>> {
        let mut at = here.bindings();
        let mut start = 0;
        for gate in &self.gated.gates {
            let (rows, cols) = gate.argument.shape();
            let share = &shares[start..start + rows * cols];
            start += rows * cols;
            let slope = |i: usize, j: usize| gate.minus + share[j * rows + i] * (gate.plus - gate.minus);
            at.bind(gate.name, Mat::from_fn(rows, cols, slope));
        }
        at
    }

    /// ∇L with these shares.
    fn gradient_at(&self, at: &Bindings<Mat<f64>>, here: &Instance) -> Result<Vec<Mat<f64>>, EvalError> {
        Ok(self.gated.tape.gradient(at, &Reals, here.parameter_names())?.1)
    }

    /// The arguments of all gates, and how fast they move.
    fn arguments(
        &self,
        at: &Bindings<'static, Mat<f64>>,
        here: &Instance,
        velocity: &[Mat<f64>],
    ) -> Result<(Vec<f64>, Vec<f64>), EvalError> {
        let along: HashMap<_, &Mat<f64>> = here.parameter_names().iter().copied().zip(velocity).collect();
        let at: Bindings<Mat<f64>> = at.clone();
        let moved = at.along(&[along])?;
        let (mut values, mut rates) = (Vec::new(), Vec::new());
        for gate in &self.gated.gates {
            let z = gate.argument.eval(&moved, &Reals)?;
            let (rows, cols) = gate.argument.shape();
            let zero = Mat::zeros(rows, cols);
            values.extend(entries(z.coefficient(0).unwrap_or(&zero)));
            rates.extend(entries(z.coefficient(1).unwrap_or(&zero)));
        }
        Ok((values, rates))
    }

    fn held(&self) -> Vec<usize> {
        (0..self.sides.len()).filter(|k| self.sides[*k] == Side::Between).collect()
    }

    /// The share of each slope at a point, those that keep their arguments at zero solved for.
    fn shares(&self, here: &Instance, velocity: Velocity) -> Result<Vec<f64>, EvalError> {
        let of = |side: &Side| match side {
            Side::Below => 0.0,
            Side::Above => 1.0,
            Side::Between => 0.5,
        };
        let mut shares: Vec<f64> = self.sides.iter().map(of).collect();
        let held = self.held();
        if held.is_empty() {
            return Ok(shares);
        }
        let motion = |shares: &[f64]| -> Result<Vec<f64>, EvalError> {
            let at = self.bound(here, shares);
            let (values, rates) = self.arguments(&at, here, &velocity(&self.gradient_at(&at, here)?)?)?;
            Ok(held.iter().map(|k| rates[*k] + RETURN * values[*k]).collect())
        };
        let mut first = 0.0;
        for correction in 0..CORRECTIONS {
            let now = motion(&shares)?;
            let size = now.iter().fold(0.0f64, |size, x| size.max(x.abs()));
            if correction == 0 {
                first = size;
            }
            if size <= AT_REST * first {
                break;
            }
            let mut columns = Vec::new();
            for k in &held {
                let mut moved = shares.clone();
                moved[*k] += 1.0;
                columns.push(motion(&moved)?);
            }
            let slope = Mat::from_fn(held.len(), held.len(), |i, k| columns[k][i] - now[i]);
            for (k, step) in held.iter().zip(least_squares(&slope, &now)?) {
                shares[*k] -= step;
            }
        }
        Ok(shares)
    }

    /// ∇L at a point; where the trajectory slides, the element of Clarke's subdifferential along which it does.
    pub fn gradient(&self, here: &Instance, velocity: Velocity) -> Result<Vec<Mat<f64>>, EvalError> {
        self.gradient_at(&self.bound(here, &self.shares(here, velocity)?), here)
    }

    /// The gates that a point is beyond.
    pub fn passed(&self, here: &Instance, velocity: Velocity) -> Result<Vec<usize>, EvalError> {
        let shares = self.shares(here, velocity)?;
        let at = self.bound(here, &shares);
        let mut passed = Vec::new();
        let mut start = 0;
        for gate in &self.gated.gates {
            let z = gate.argument(&at)?;
            let least = BEYOND * z.norm_max();
            for (k, z) in (start..).zip(entries(&z)) {
                let is_beyond = match self.sides[k] {
                    Side::Above => z < -least,
                    Side::Below => z > least,
                    Side::Between => !(-BEYOND..=1.0 + BEYOND).contains(&shares[k]),
                };
                if is_beyond {
                    passed.push(k);
                }
            }
            start += z.nrows() * z.ncols();
        }
        Ok(passed)
    }

    /// Goes on behind gates that were reached: to their other side, or along them.
    pub fn go_on(&mut self, passed: &[usize], here: &Instance, velocity: Velocity) -> Result<(), EvalError> {
        let shares = self.shares(here, velocity)?;
        let before = self.sides.clone();
        for &k in passed {
            self.sides[k] = match before[k] {
                Side::Below => Side::Above,
                Side::Above => Side::Below,
                Side::Between if shares[k] < 0.5 => Side::Below,
                Side::Between => Side::Above,
            };
        }
        let behind = self.bound(here, &self.shares(here, velocity)?);
        let (_, rates) = self.arguments(&behind, here, &velocity(&self.gradient_at(&behind, here)?)?)?;
        for &k in passed {
            let is_sent_back = match before[k] {
                Side::Below => rates[k] <= 0.0,
                Side::Above => rates[k] >= 0.0,
                Side::Between => false,
            };
            if is_sent_back {
                self.sides[k] = Side::Between;
            }
        }
        Ok(())
    }
}

/// The entries of a matrix, column by column.
fn entries(x: &Mat<f64>) -> impl Iterator<Item = f64> {
    (0..x.ncols()).flat_map(move |j| x.col_as_slice(j).iter().copied())
}

/// The shortest x for which ‖A x − b‖ is least.
fn least_squares(a: &Mat<f64>, b: &[f64]) -> Result<Vec<f64>, EvalError> {
    if !a.is_all_finite() {
        return Err(EvalError::Singular);
    }
    let svd = a.svd().map_err(|_| EvalError::Singular)?;
    let (u, v) = (svd.U(), svd.V());
    let values: Vec<f64> = svd.S().column_vector().iter().copied().collect();
    let least = SINGULAR * values.first().copied().unwrap_or(0.0);
    let mut x = vec![0.0; a.ncols()];
    for (k, s) in values.iter().enumerate().filter(|(_, s)| **s > least) {
        let part = (0..b.len()).map(|i| u[(i, k)] * b[i]).sum::<f64>() / s;
        x.iter_mut().enumerate().for_each(|(i, x)| *x += part * v[(i, k)]);
    }
    Ok(x)
}
