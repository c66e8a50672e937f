//! Matrices and texts between Python and the library.

use crate::EquilawError;
use equilaw::{Diagnostics, Given, Model, RuleBook};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;
use std::collections::BTreeMap;

/// Rows, columns, and the entries row by row as native doubles: what `numpy.ndarray.tobytes` gives.
pub type Matrix = (usize, usize, PyBackedBytes);

/// A matrix for Python: as [`Matrix`].
pub type Returned<'py> = (String, usize, usize, Bound<'py, PyBytes>);

pub fn model(name: &str, text: &str) -> PyResult<Model> {
    Model::parse(name, text).map_err(|errors| told(&errors))
}

pub fn rules() -> PyResult<RuleBook> {
    RuleBook::builtin().map_err(|errors| told(&errors))
}

fn told(errors: &Diagnostics) -> PyErr {
    EquilawError::new_err(errors.plain())
}

pub fn given(name: &str, (rows, cols, bytes): Matrix) -> Given {
    let (numbers, _) = bytes.as_chunks::<8>();
    Given { name: name.into(), rows, cols, values: numbers.iter().map(|bytes| f64::from_ne_bytes(*bytes)).collect() }
}

pub fn all_given(matrices: BTreeMap<String, Matrix>) -> Vec<Given> {
    matrices.into_iter().map(|(name, matrix)| given(&name, matrix)).collect()
}

pub fn returned<'py>(py: Python<'py>, given: &Given) -> Returned<'py> {
    let bytes: Vec<u8> = given.values.iter().flat_map(|x| x.to_ne_bytes()).collect();
    (given.name.clone(), given.rows, given.cols, PyBytes::new(py, &bytes))
}
