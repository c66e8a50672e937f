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
    let written = written.tied();
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
