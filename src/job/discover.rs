//! The symmetries of a model that nobody declared.

use super::error::Error;
use super::options::Options;
use super::smaller::smaller;
use super::watch::{self, Progress, Watch};
use crate::discover::{self, Discovery};
use crate::eval::EvalError;
use crate::exact::{ExactError, Form};
use crate::law::Memo;
use crate::model::Model;
use crate::rewrite::RuleBook;
use crate::term::Sizes;
use std::sync::Arc;

/// The symmetries of a model at some sizes, and which of them are proved for all sizes.
#[derive(Clone, Debug)]
pub struct Discovered {
    pub(crate) found: Discovery,
}

/// What the command `equilaw discover` does: finds the symmetries of a model at the sizes of the options, whatever actions it
/// declares, and proves those that are actions of named groups.
///
/// ```
/// use equilaw::{Form, Model, Options, RuleBook, Unwatched, discover};
///
/// let model = Model::parse(
///     "linear.eqv",
///     "model linear
///      dim d = 2, h = 2, k = 1, n = 3
///      param W1 : h x d
///      param W2 : k x h
///      data X : d x n
///      output F = W2 * W1 * X
///      loss any",
/// )?;
/// let found = discover(&model, &RuleBook::builtin()?, &Options::default(), Form::default(), &Unwatched)?;
/// assert!(found.is_proved());
/// assert_eq!(found.dimension(), 4);
/// assert!(found.annotated().to_string().contains("in GL(h)"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the sizes do not belong to the model, it is too large for an exact answer, or the watch ends the job.
pub fn discover(
    model: &Model,
    book: &RuleBook,
    options: &Options,
    form: Form,
    watch: &dyn Watch,
) -> Result<Discovered, Error> {
    let sizes = model.sizes(&options.dims)?;
    watch.tell(&Progress::Discovering);
    let (seed, limits) = (options.seed, options.limits);
    let asked = discover::Options { sizes: sizes.clone(), form, seed, limits, ..discover::Options::default() };
    let found = discover::discover(model, book, &asked, &watch::exact(watch), &|| watch.is_cancelled());
    Ok(Discovered { found: found.map_err(|error| not_found(&sizes, error))? })
}

/// Why symmetries are not found, and where sizes are too large which of them to take smaller.
fn not_found(sizes: &Sizes, error: ExactError) -> Error {
    match error {
        ExactError::Eval(EvalError::NoSquareRoot { .. }) => Error::NoRoots,
        ExactError::TooManyUnknowns { what, size, limit, ref among } => match smaller(among, sizes, limit) {
            take if take.is_empty() => error.into(),
            take => Error::TooLarge { what, size, limit, take },
        },
        error => error.into(),
    }
}

/// The symmetries of a model that declares none, found at the given sizes or, where these are too many, at small ones;
/// `memo` keeps what searches for their proofs find.
pub(super) fn undeclared(
    model: &Model,
    book: &RuleBook,
    options: &Options,
    sizes: &Sizes,
    memo: &Arc<Memo>,
    watch: &dyn Watch,
) -> Result<Discovery, Error> {
    watch.tell(&Progress::Discovering);
    let form = Form { general: false, equivariant: false };
    let (seed, limits) = (options.seed, options.limits);
    let asked = discover::Options { sizes: sizes.clone(), form, seed, limits, memo: memo.clone() };
    let (told, cancelled) = (watch::exact(watch), || watch.is_cancelled());
    // Where a size is 1 a general linear group is one of positive numbers, and the theorem for all sizes would say less.
    let mut several = sizes.clone();
    sizes.iter().filter(|(_, n)| *n == 1).for_each(|(name, _)| several.set(name, 2));
    if several != *sizes {
        let asked = discover::Options { sizes: several, ..asked.clone() };
        if let Ok(found) = discover::discover(model, book, &asked, &told, &cancelled)
            && found.actions().next().is_some()
        {
            return Ok(found);
        }
    }
    match discover::discover(model, book, &asked, &told, &cancelled) {
        // Actions are proved for all sizes, so that they may be found at small ones; neighbours stay distinct.
        Err(ExactError::TooLarge { .. } | ExactError::TooManyUnknowns { .. }) => {
            let small = sizes.iter().zip([3, 4, 5].into_iter().cycle());
            let small: Sizes = small.map(|((name, size), n)| (name, size.min(n))).collect();
            let asked = discover::Options { sizes: small.clone(), ..asked };
            let found = discover::discover(model, book, &asked, &told, &cancelled);
            found.map_err(|error| not_found(&small, error))
        }
        found => found.map_err(|error| not_found(sizes, error)),
    }
}
