//! The symmetries of a model that nobody declared.

use super::error::Error;
use super::options::Options;
use super::watch::{self, Progress, Watch};
use crate::discover::{self, Discovery};
use crate::exact::{ExactError, Form};
use crate::model::Model;
use crate::rewrite::RuleBook;
use crate::term::Sizes;

/// What the command `equilaw discover` does: finds the symmetries of a model at the sizes of the options, whatever actions it
/// declares, and proves those that are actions of named groups.
///
/// # Errors
/// When the sizes do not belong to the model, it is too large for an exact answer, or the watch ends the job.
pub fn discover(
    model: &Model,
    book: &RuleBook,
    options: &Options,
    form: Form,
    watch: &dyn Watch,
) -> Result<Discovery, Error> {
    let sizes = model.sizes(&options.dims)?;
    watch.tell(&Progress::Discovering);
    let asked = discover::Options { sizes, form, seed: options.seed, limits: options.limits };
    Ok(discover::discover(model, book, &asked, &watch::exact(watch))?)
}

/// The symmetries of a model that declares none, found at the given sizes or, where these are too many, at small ones.
pub(super) fn undeclared(
    model: &Model,
    book: &RuleBook,
    options: &Options,
    sizes: &Sizes,
    watch: &dyn Watch,
) -> Result<Discovery, Error> {
    watch.tell(&Progress::Discovering);
    let form = Form { general: false, equivariant: false };
    let asked = discover::Options { sizes: sizes.clone(), form, seed: options.seed, limits: options.limits };
    let watch = watch::exact(watch);
    match discover::discover(model, book, &asked, &watch) {
        // Actions are proved for all sizes, so that they may be found at small ones; neighbours stay distinct.
        Err(ExactError::TooLarge { .. }) => {
            let small = sizes.iter().zip([3, 4, 5].into_iter().cycle());
            let sizes = small.map(|((name, size), n)| (name, size.min(n))).collect();
            Ok(discover::discover(model, book, &discover::Options { sizes, ..asked }, &watch)?)
        }
        found => Ok(found?),
    }
}
