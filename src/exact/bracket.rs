//! Lie brackets of gradient fields, by reverse mode over power series.

use super::fields::{Fields, GradientField, Tangent};
use super::scalar::Scalar;
use crate::eval::{Dense, EvalError, Matrix, Series};

impl Fields {
    /// The value at a point of the left-normed bracket [X₁, [X₂, … [Xₘ₋₁, Xₘ]]] of fields that are all defined there.
    pub fn bracket<T: Scalar>(
        &self,
        fields: &[GradientField<T>],
        at: &[Dense<T>],
    ) -> Result<Tangent<Dense<T>>, EvalError> {
        let at: Vec<Series<_>> = at.iter().cloned().map(Series::from).collect();
        let value = self.nested(fields, &at, 0)?;
        Ok(value.into_iter().map(|x| x.into_coefficient(0)).collect())
    }

    /// [X, Y](θ) = DY(θ)[X(θ)] − DX(θ)[Y(θ)], at a point that is a series in ε₁, …, ε_`used` already: a derivative along
    /// V is the coefficient of a further ε at θ + εV.
    fn nested<T: Scalar>(
        &self,
        fields: &[GradientField<T>],
        at: &[Series<'static, Dense<T>>],
        used: usize,
    ) -> Result<Vec<Series<'static, Dense<T>>>, EvalError> {
        let [first, rest @ ..] = fields else {
            return Err(EvalError::Unsupported("the bracket of no fields".into()));
        };
        let x = self.at(first, at)?.1;
        if rest.is_empty() {
            return Ok(x);
        }
        if used == Series::<Dense<T>>::MAX_VARIABLES {
            return Err(EvalError::Unsupported(format!("brackets of more than {} fields", used + 1)));
        }
        let (y, along_x) = split(self.nested(rest, &moved(at, &x, used), used + 1)?, used);
        let (_, along_y) = split(self.at(first, &moved(at, &y, used))?.1, used);
        Ok(along_x.iter().zip(&along_y).map(|(a, b)| a.sub(b)).collect())
    }
}

/// θ + ε V with a further variable ε.
fn moved<'a, M: Matrix>(at: &[Series<'a, M>], direction: &[Series<'a, M>], variable: usize) -> Vec<Series<'a, M>> {
    let mut out = at.to_vec();
    for (point, direction) in out.iter_mut().zip(direction) {
        for set in 0..1 << variable {
            if let Some(v) = direction.coefficient(set) {
                point.set(set | 1 << variable, v.clone());
            }
        }
    }
    out
}

/// The parts of a + ε b.
fn split<'a, M: Matrix>(values: Vec<Series<'a, M>>, variable: usize) -> (Vec<Series<'a, M>>, Vec<Series<'a, M>>) {
    let part = |value: &Series<'a, M>, bit: usize| {
        let mut out = Series::zeros(value.rows(), value.cols());
        for set in 0..1 << variable {
            if let Some(c) = value.coefficient(set | bit) {
                out.set(set, c.clone());
            }
        }
        out
    };
    values.iter().map(|v| (part(v, 0), part(v, 1 << variable))).unzip()
}
