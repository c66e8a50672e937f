//! A model as a function: its values at given matrices, and their derivative.

use super::error::Error;
use super::options::Given;
use crate::check::CheckError;
use crate::eval::{Bindings, EvalError, Reals, Tape, concrete};
use crate::model::Model;
use crate::term::{Symbol, sym};
use faer::Mat;

/// What a model computes at given matrices.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The values of the `let`s, the output and an explicit `loss`, by name, in the order of the model.
    pub values: Vec<Given>,
    /// Of each parameter, the derivative of ⟨Z, F⟩ by it, in the order of the model; empty where no Z is given.
    pub gradients: Vec<Given>,
}

/// `Model::evaluate`.
pub fn evaluate(
    model: &Model,
    dims: &[(String, u64)],
    given: &[Given],
    along: Option<&Given>,
) -> Result<Evaluation, Error> {
    let sizes = model.sizes(dims)?;
    let written = model.written_out(&sizes).map_err(CheckError::from)?;
    let mut at = Bindings::new();
    let variables = || written.params.iter().chain(&written.data);
    for matrix in given {
        let (name, value) = matrix.matrix()?;
        let variable = variables().find(|v| v.name == name).ok_or_else(|| Error::NotInModel(name.to_string()))?;
        let (rows, cols) = (concrete(variable.shape.rows, &sizes)?, concrete(variable.shape.cols, &sizes)?);
        let (got_rows, got_cols) = (value.nrows(), value.ncols());
        if (rows, cols) != (got_rows, got_cols) {
            return Err(EvalError::Shape { name: name.to_string(), rows, cols, got_rows, got_cols }.into());
        }
        at.bind(name, value);
    }
    if let Some(missing) = variables().find(|v| at.symbol(v.name).is_none()) {
        return Err(EvalError::Unbound(missing.name.to_string()).into());
    }
    let gradients = match (along, &written.output) {
        (Some(along), Some(output)) => {
            let tape = Tape::new(&written.inline(&sym(output.name)), &written.env, &sizes)?;
            let names: Vec<Symbol> = written.params.iter().map(|p| p.name).collect();
            let (_, z) = along.matrix()?;
            let ((rows, cols), (got_rows, got_cols)) = (tape.shape(), (z.nrows(), z.ncols()));
            if (rows, cols) != (got_rows, got_cols) {
                return Err(EvalError::Shape { name: along.name.clone(), rows, cols, got_rows, got_cols }.into());
            }
            let (_, pulled) = tape.vjp(&at, &Reals, &z, &names)?;
            names.iter().zip(pulled).map(|(name, value)| taken(*name, &value)).collect()
        }
        (Some(_), None) => {
            return Err(EvalError::Unsupported("the output of a model that declares none".into()).into());
        }
        (None, _) => vec![],
    };
    let mut values = Vec::new();
    for definition in written.definitions() {
        let value = Tape::new(&definition.expr, &written.env, &sizes)?.eval(&at, &Reals)?;
        values.push(taken(definition.name, &value));
        at.bind(definition.name, value);
    }
    Ok(Evaluation { values, gradients })
}

/// A matrix under a name, row by row.
fn taken(name: Symbol, value: &Mat<f64>) -> Given {
    let (rows, cols) = (value.nrows(), value.ncols());
    let values = (0..rows * cols).map(|k| value[(k / cols, k % cols)]).collect();
    Given { name: name.to_string(), rows, cols, values }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "model two\ndim d = 2, h = 3, k = 1, n = 2\nparam A : h x d\nparam B : k x h\ndata X : d x n\n\
                        let Z = tanh(A * X)\noutput F = B * Z\nloss any";

    fn model() -> Model {
        Model::parse("two.eqv", TEXT).unwrap()
    }

    fn given(name: &str, rows: usize, cols: usize, f: impl Fn(usize) -> f64) -> Given {
        Given { name: name.into(), rows, cols, values: (0..rows * cols).map(f).collect() }
    }

    fn point() -> Vec<Given> {
        let entry = |k: usize| (k as f64).mul_add(0.3, -0.5);
        vec![given("A", 3, 2, entry), given("B", 1, 3, entry), given("X", 2, 2, |k| entry(k + 1))]
    }

    /// The gradient is that of ⟨Z, F⟩: a difference quotient of the values agrees with it.
    #[test]
    fn gradients_are_those_of_the_values() {
        let z = given("F", 1, 2, |k| 1.0 + k as f64);
        let value = |at: &[Given]| {
            let found = evaluate(&model(), &[], at, None).unwrap();
            found.values[1].values.iter().zip(&z.values).map(|(x, y)| x * y).sum::<f64>()
        };
        let found = evaluate(&model(), &[], &point(), Some(&z)).unwrap();
        assert_eq!(found.values.iter().map(|v| v.name.as_str()).collect::<Vec<_>>(), ["Z", "F"]);
        for (parameter, gradient) in found.gradients.iter().enumerate() {
            for (entry, derivative) in gradient.values.iter().enumerate() {
                let (mut up, mut down) = (point(), point());
                up[parameter].values[entry] += 1e-5;
                down[parameter].values[entry] -= 1e-5;
                let quotient = (value(&up) - value(&down)) / 2e-5;
                assert!((quotient - derivative).abs() < 1e-8, "{quotient} and {derivative}");
            }
        }
    }

    #[test]
    fn every_matrix_is_asked_for_by_name_and_shape() {
        let told = |at: &[Given]| evaluate(&model(), &[], at, None).unwrap_err().to_string();
        assert_eq!(told(&point()[..2]), "`X` has no value");
        let mut wrong = point();
        wrong[0].rows = 2;
        wrong[0].values.truncate(4);
        assert_eq!(told(&wrong), "`A` is 2 x 2, expected 3 x 2");
        wrong[0].name = "C".into();
        assert_eq!(told(&wrong), "the model has no parameter and no data `C`");
    }
}
