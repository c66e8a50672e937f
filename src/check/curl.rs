//! Whether a field of parameter space is curl-free, on numbers: ⟨U, Dω[V]⟩ against ⟨V, Dω[U]⟩ at random points.

use super::CheckError;
use super::checker::Checker;
use crate::eval::{Reals, Tape};
use crate::law::Curl;
use crate::numeric::{TOLERANCE, draw_algebra_element, gaussian, norm, stream};
use crate::term::Symbol;
use faer::Mat;
use std::collections::HashMap;

/// Looks for an element of the algebra at which the field of a question is not curl-free; whether there is one at the
/// instance of the checker.
///
/// # Errors
/// When the field cannot be evaluated there.
pub fn has_curl(checker: &Checker, curl: &Curl) -> Result<bool, CheckError> {
    let sizes = checker.instance.sizes();
    let motion = checker.motion(curl.action)?;
    let rng = &mut stream(checker.seed, &format!("{}/curl", curl.action));
    let a = draw_algebra_element(motion.group(), &motion.family(curl.facts)?, sizes, rng)?;
    let mut at = checker.instance.bindings();
    at.bind(curl.element, a);
    let names = checker.instance.parameter_names();
    let like = checker.instance.parameters();
    let mut random = || -> Vec<Mat<f64>> { like.iter().map(|w| gaussian(w.nrows(), w.ncols(), rng)).collect() };
    let (u, v) = (random(), random());
    let field = curl
        .field
        .iter()
        .map(|(param, value)| Ok((*param, Tape::new(value, &curl.env, sizes)?)))
        .collect::<Result<Vec<(Symbol, Tape)>, CheckError>>()?;
    let named =
        |t: &[Mat<f64>]| -> HashMap<Symbol, Mat<f64>> { names.iter().copied().zip(t.iter().cloned()).collect() };
    let along = |v: &[Mat<f64>]| -> Result<Vec<Mat<f64>>, CheckError> {
        let moved = at.along(&[named(v)])?;
        names
            .iter()
            .zip(&like)
            .map(|(name, w)| match field.iter().find(|(param, _)| param == name) {
                Some((_, value)) => Ok(value.eval(&moved, &Reals)?.into_coefficient(1)),
                None => Ok(Mat::zeros(w.nrows(), w.ncols())),
            })
            .collect()
    };
    let pair = |x: &[Mat<f64>], y: &[Mat<f64>]| -> f64 {
        let entries = |x: &Mat<f64>, y: &Mat<f64>| {
            (0..x.ncols()).map(|j| (0..x.nrows()).map(|i| x[(i, j)] * y[(i, j)]).sum::<f64>()).sum::<f64>()
        };
        x.iter().zip(y).map(|(x, y)| entries(x, y)).sum()
    };
    let (du, dv) = (along(&u)?, along(&v)?);
    let scale = norm(&u) * norm(&dv) + norm(&v) * norm(&du);
    Ok((pair(&u, &dv) - pair(&v, &du)).abs() > TOLERANCE.sqrt() * scale)
}
