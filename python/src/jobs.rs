//! The jobs of the library over a text.

use crate::convert::{Matrix, Returned, all_given, given, model, returned, rules};
use crate::report::RawReport;
use crate::watch::watched;
use equilaw::{Effort, Form, Options, Question};
use pyo3::prelude::*;
use std::collections::BTreeMap;

type Sizes = BTreeMap<String, u64>;

#[pyfunction]
#[pyo3(signature = (name, text, *, dims, seed, checks, flows, discovery, count, given))]
#[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub fn derive(
    py: Python<'_>,
    name: &str,
    text: &str,
    dims: Sizes,
    seed: u64,
    checks: bool,
    flows: bool,
    discovery: bool,
    count: bool,
    given: BTreeMap<String, Matrix>,
) -> PyResult<RawReport> {
    let (model, book) = (model(name, text)?, rules()?);
    let count = count.then_some(Effort::Little);
    let given = all_given(given);
    let dims = dims.into_iter().collect();
    let options = Options { dims, seed, checks, flows, discovery, count, given, ..Options::default() };
    watched(py, |watch| equilaw::derive_watched(&model, &book, &options, watch)).map(RawReport)
}

/// The text, the JSON, whether the list is complete, and how many laws there are at most.
#[pyfunction]
#[pyo3(signature = (name, text, *, dims, seed, dynamics, degree))]
pub fn complete(
    py: Python<'_>,
    name: &str,
    text: &str,
    dims: Sizes,
    seed: u64,
    dynamics: Option<String>,
    degree: usize,
) -> PyResult<(String, String, bool, Vec<usize>)> {
    let (model, book) = (model(name, text)?, rules()?);
    let options = Options { dims: dims.into_iter().collect(), seed, ..Options::default() };
    let question = Question { dynamics, degree, ..Question::default() };
    let counted = watched(py, |watch| equilaw::complete(&model, &book, &options, &question, watch))?;
    Ok((counted.text(), counted.json(), counted.is_complete(), counted.laws_at_most()))
}

/// The text, the JSON, whether all is proved, the dimension, and the model with the actions.
#[pyfunction]
#[pyo3(signature = (name, text, *, dims, seed, equivariant))]
pub fn discover(
    py: Python<'_>,
    name: &str,
    text: &str,
    dims: Sizes,
    seed: u64,
    equivariant: bool,
) -> PyResult<(String, String, bool, usize, String)> {
    let (model, book) = (model(name, text)?, rules()?);
    let options = Options { dims: dims.into_iter().collect(), seed, ..Options::default() };
    let form = Form { general: false, equivariant };
    let found = watched(py, |watch| equilaw::discover(&model, &book, &options, form, watch))?;
    Ok((found.text(), found.json(), found.is_proved(), found.dimension(), found.annotated().to_string()))
}

/// The values of a model by name, and the derivatives of ⟨Z, F⟩ by its parameters.
#[pyfunction]
#[pyo3(signature = (name, text, *, dims, at, along))]
pub fn evaluate<'py>(
    py: Python<'py>,
    name: &str,
    text: &str,
    dims: Sizes,
    at: BTreeMap<String, Matrix>,
    along: Option<Matrix>,
) -> PyResult<(Vec<Returned<'py>>, Vec<Returned<'py>>)> {
    let model = model(name, text)?;
    let (at, along) = (all_given(at), along.map(|z| given("the direction", z)));
    let dims: Vec<(String, u64)> = dims.into_iter().collect();
    let found = watched(py, |_| model.evaluate(&dims, &at, along.as_ref()))?;
    let all = |matrices: &[equilaw::Given]| matrices.iter().map(|m| returned(py, m)).collect();
    Ok((all(&found.values), all(&found.gradients)))
}
