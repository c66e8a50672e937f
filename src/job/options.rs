//! What a job is asked for.

use super::count::Effort;
use super::error::Error;
use crate::rewrite::Limits;
use crate::term::Symbol;
use faer::Mat;

/// What a derivation is asked for. The default is what the command `equilaw derive` does; construct others with
/// `..Options::default()`, so that fields can be added.
#[derive(Clone, Debug)]
pub struct Options {
    /// Sizes that replace the defaults of the model's dims, by name.
    pub dims: Vec<(String, u64)>,
    /// The seed of all random numbers.
    pub seed: u64,
    /// The bounds of every search for a proof.
    pub limits: Limits,
    /// Whether actions are tested and laws measured at concrete numbers.
    pub checks: bool,
    /// Whether laws are also followed along integrated trajectories, which needs checks and the feature `flow`.
    pub flows: bool,
    /// Parameters and data in place of random ones.
    pub given: Vec<Given>,
    /// Whether symmetries are looked for where the model declares no action.
    pub discovery: bool,
    /// How much work it may be to count the laws of gradient flow that there are; `None` does not count them.
    pub count: Option<Effort>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            dims: vec![],
            seed: 0,
            limits: Limits::default(),
            checks: true,
            flows: false,
            given: vec![],
            discovery: true,
            count: Some(Effort::Little),
        }
    }
}

impl Options {
    /// Derives the laws of the declared actions and does nothing else: nothing is measured, discovered or counted.
    pub fn bare() -> Options {
        Options { checks: false, discovery: false, count: None, ..Options::default() }
    }
}

/// The value of a parameter or of data.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    pub name: String,
    pub rows: usize,
    pub cols: usize,
    /// The entries, row by row.
    pub values: Vec<f64>,
}

impl Given {
    /// The matrix under its name.
    pub(super) fn matrix(&self) -> Result<(Symbol, Mat<f64>), Error> {
        let Given { name, rows, cols, values } = self;
        if rows.checked_mul(*cols) != Some(values.len()) {
            return Err(Error::Given { name: name.clone(), rows: *rows, cols: *cols, numbers: values.len() });
        }
        Ok((name.as_str().into(), Mat::from_fn(*rows, *cols, |i, j| values[i * cols + j])))
    }
}
