//! A report as the library made it, of which each format can be asked.

use equilaw::{LatexOptions, Report, TextOptions};
use pyo3::prelude::*;

#[pyclass(frozen, name = "RawReport", module = "equilaw._core")]
pub struct RawReport(pub Report);

#[pymethods]
impl RawReport {
    /// Whether everything was proved and passed its check.
    #[getter]
    fn clean(&self) -> bool {
        self.0.is_clean()
    }

    fn json(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.json())
    }

    fn html(&self, py: Python<'_>, proof: bool) -> String {
        py.detach(|| self.0.html(proof))
    }

    fn latex(&self, py: Python<'_>, standalone: bool, proof: bool) -> String {
        py.detach(|| self.0.latex(LatexOptions { standalone, proof }))
    }

    fn numpy(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.numpy())
    }

    fn torch(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.torch())
    }

    fn text(&self, py: Python<'_>, all: bool, proof: bool, width: usize) -> String {
        py.detach(|| self.0.text(TextOptions { proof, all, width, ..TextOptions::default() }))
    }
}
