//! The compiled part of the Python package: jobs over texts, with results as JSON, which `equilaw/` reads.

mod command;
mod convert;
mod jobs;
mod report;
mod watch;

use pyo3::prelude::*;

/// An extension module has an allocator of its own; nothing that Python allocates is freed by it, and the other way round.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pyo3::create_exception!(
    equilaw,
    EquilawError,
    pyo3::exceptions::PyValueError,
    "A model, a size or a question that equilaw cannot answer, with the reason."
);

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("EquilawError", module.py().get_type::<EquilawError>())?;
    module.add_class::<report::RawReport>()?;
    module.add_function(wrap_pyfunction!(command::run, module)?)?;
    module.add_function(wrap_pyfunction!(jobs::derive, module)?)?;
    module.add_function(wrap_pyfunction!(jobs::complete, module)?)?;
    module.add_function(wrap_pyfunction!(jobs::discover, module)?)?;
    module.add_function(wrap_pyfunction!(jobs::evaluate, module)?)
}
