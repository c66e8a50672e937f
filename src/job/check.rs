//! The laws of a model against numbers.

use super::derive::derive_watched;
use super::error::Error;
use super::options::Options;
use super::report::Report;
use super::watch::Watch;
use crate::model::Model;
use crate::rewrite::RuleBook;

/// What the command `equilaw check` does: a derivation whose laws are measured, whatever the options say of checks, and not
/// counted.
///
/// # Errors
/// As for [`derive_watched`].
pub fn check(model: &Model, book: &RuleBook, options: &Options, watch: &dyn Watch) -> Result<Report, Error> {
    derive_watched(model, book, &Options { checks: true, count: None, ..options.clone() }, watch)
}
