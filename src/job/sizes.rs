//! The sizes of the instance of a job.

use super::error::Error;
use crate::model::{Dim, Model};
use crate::term::{Size, Symbol};
use std::collections::HashMap;

/// The defaults of the model with those that replace them.
pub(super) fn sizes(model: &Model, overrides: &[(String, u64)]) -> Result<HashMap<Symbol, usize>, Error> {
    if let Some((name, _)) = overrides.iter().find(|(name, _)| !model.dims.iter().any(|d| d.name.as_str() == name)) {
        return Err(Error::UnknownSize(name.clone()));
    }
    let value =
        |dim: &Dim| overrides.iter().rfind(|(name, _)| dim.name.as_str() == name).map_or(dim.default, |(_, n)| *n);
    let size = |dim: &Dim| match usize::try_from(value(dim)) {
        Ok(n) => Ok((dim.name, n)),
        Err(_) => Err(Error::TooLarge(dim.name.to_string())),
    };
    model.dims.iter().map(size).collect()
}

/// Sizes as a report names them, in the order of the model.
pub(super) fn named(model: &Model, sizes: &HashMap<Symbol, usize>) -> Vec<(String, u64)> {
    let size = |dim: &Dim| (dim.name.to_string(), sizes.get(&dim.name).map_or(dim.default, |n| *n as u64));
    model.dims.iter().map(size).collect()
}

/// The number of parameters at concrete sizes; `None` when it does not fit into 64 bits.
pub(super) fn parameters(model: &Model, sizes: &HashMap<Symbol, usize>) -> Option<u64> {
    let value = |size: Size| match size {
        Size::Lit(n) => Some(n),
        Size::Name(name) => sizes.get(&name).and_then(|n| u64::try_from(*n).ok()),
    };
    model
        .params
        .iter()
        .try_fold(0u64, |sum, p| sum.checked_add(value(p.shape.rows)?.checked_mul(value(p.shape.cols)?)?))
}
