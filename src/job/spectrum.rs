//! The spectrum of the Hessian at one point, beside what the laws of a model say of it.

use super::derive::derive_watched;
use super::error::Error;
use super::options::{Given, Options};
use super::report::Report;
use super::watch::{self, Progress, Watch};
use crate::check::{Asked, Checker, Spectral};
use crate::exact::ExactError;
use crate::model::Model;
use crate::rewrite::RuleBook;

/// Of which point the spectrum is taken, and how much of it. The default is a stationary point by construction where the loss is
/// `any`, and the parameters of the instance otherwise. Construct others with `..Place::default()`, so that fields can be added.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The most steps of training towards a stationary point.
    pub train: Option<u64>,
    /// How many eigenvalues of largest magnitude are computed where there are more than 2048 parameters.
    pub top: usize,
    /// The action over whose group the parameters are averaged.
    pub symmetric: Option<String>,
}

impl Default for Place {
    fn default() -> Place {
        Place { train: None, top: 20, symmetric: None }
    }
}

/// A spectrum and the model with the laws that say something of it.
#[derive(Clone, Debug)]
pub struct Spectrum {
    pub(crate) report: Report,
    pub(crate) found: Spectral,
    /// Whether the parameters were given.
    #[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "only the command line prints it"))]
    pub(crate) given: bool,
}

impl Spectrum {
    /// Whether every action was proved, and the spectrum is as the laws say.
    pub fn is_clean(&self) -> bool {
        self.report.is_clean() && self.found.is_clean()
    }
}

/// What the command `equilaw spectrum` does.
///
/// # Errors
/// When the sizes or matrices do not fit the model, no law says anything of the point asked for, or the loss has no Hessian there.
pub fn spectrum(
    model: &Model,
    book: &RuleBook,
    options: &Options,
    place: &Place,
    watch: &dyn Watch,
) -> Result<Spectrum, Error> {
    let unknown = |model: &Model| {
        let missing = place.symmetric.as_ref().filter(|name| model.action(name.as_str().into()).is_none());
        missing.map_or(Ok(()), |name| Err(Error::UnknownAction(name.clone())))
    };
    if !model.actions.is_empty() {
        unknown(model)?;
    }
    let sizes = model.sizes(&options.dims)?;
    let derivation = Options { checks: false, flows: false, count: None, ..options.clone() };
    let report = match derive_watched(model, book, &derivation, watch) {
        // A spectrum has no need of laws.
        Err(
            Error::TooLarge { .. } | Error::Exact(ExactError::TooManyUnknowns { .. } | ExactError::TooLarge { .. }),
        ) => derive_watched(model, book, &Options { discovery: false, ..derivation }, watch)?,
        found => found?,
    };
    unknown(&report.model)?;
    watch::go_on(watch)?;
    watch.tell(&Progress::Spectrum);
    let given: Vec<_> = options.given.iter().map(Given::matrix).collect::<Result<_, _>>()?;
    let written = report.model.written_out(&sizes)?;
    let checker = Checker::at(&written, &sizes, options.seed, &given)?;
    let asked = Asked {
        train: place.train.map(|steps| usize::try_from(steps).unwrap_or(usize::MAX)),
        top: place.top,
        symmetric: place.symmetric.as_deref().map(Into::into),
    };
    taken(&checker, &report, &asked, !given.is_empty())
}

/// The spectrum beside the laws of a report.
pub(super) fn taken(checker: &Checker, report: &Report, asked: &Asked, given: bool) -> Result<Spectrum, Error> {
    let found = crate::check::spectrum(checker, &report.laws, asked)?;
    Ok(Spectrum { report: report.clone(), found, given })
}
