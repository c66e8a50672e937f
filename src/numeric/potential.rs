//! The metric ∇²ψ of a mirror flow, by automatic differentiation of the declared potential.

use crate::eval::{Bindings, EvalError, Reals, Sizes, Tape};
use crate::model::Potential;
use crate::term::{Env, Shape, Size, Symbol, sym};
use faer::Mat;
use std::collections::HashMap;

/// ψ″ at every entry of a parameter.
///
/// # Errors
/// When ψ has no second derivative there.
pub fn metric(potential: &Potential, at: &Mat<f64>) -> Result<Mat<f64>, EvalError> {
    let (rows, cols) = (at.nrows(), at.ncols());
    let shape = Shape::new(Size::Lit(rows as u64), Size::Lit(cols as u64));
    let name = Symbol::from("W");
    let mut env = Env::default();
    env.declare(name, shape, potential.domain);
    let psi = Tape::new(&potential.at(&sym(name), shape), &env, &Sizes::new())?;
    let mut bindings = Bindings::new();
    bindings.bind(name, at.clone());
    let ones = HashMap::from([(name, Mat::full(rows, cols, 1.0))]);
    Ok(psi.eval(&bindings.along(&[ones.clone(), ones])?, &Reals)?.into_coefficient(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metric_of_the_entropy_is_the_inverse_and_of_the_quadratic_potential_the_identity() {
        let w = Mat::from_fn(2, 3, |i, j| 0.5 + (i + 2 * j) as f64);
        let entropy = metric(&Potential::builtin("entropy").unwrap(), &w).unwrap();
        let quadratic = metric(&Potential::builtin("quadratic").unwrap(), &w).unwrap();
        for i in 0..2 {
            for j in 0..3 {
                assert!((entropy[(i, j)] * w[(i, j)] - 1.0).abs() < 1e-15);
                assert_eq!(quadratic[(i, j)], 1.0);
            }
        }
    }
}
