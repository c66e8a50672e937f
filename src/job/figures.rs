//! What a page draws of a model beside its laws: a short trajectory and the spectrum at one point, where both are quickly computed.

use super::flow::{self, Course, Flow};
use super::options::{Given, Options};
use super::report::Report;
use super::spectrum::{self, Spectrum};
use super::watch::{Progress, Watch};
use crate::check::{Asked, Checker};

/// A trajectory of the first dynamics of a model, and the spectrum of its Hessian; none of what takes too much work, cannot be followed
/// or has no law that says something of it.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub(crate) flow: Option<Flow>,
    pub(crate) spectrum: Option<Spectrum>,
}

/// About the most multiplications for a figure: a second.
const WORK: u64 = 1 << 27;

/// The most parameters whose spectrum is drawn.
const PARAMETERS: u64 = 400;

/// Moments at which the laws are looked at.
const POINTS: u64 = 60;

/// Draws up to what the figures of a report show, at the instance of its checks.
pub fn figures(report: &Report, options: &Options, watch: &dyn Watch) -> Figures {
    let drawn = || {
        let sizes = report.model.sizes(&options.dims).ok()?;
        let given: Vec<_> = options.given.iter().map(Given::matrix).collect::<Result<_, _>>().ok()?;
        let written = report.model.written_out(&sizes).ok()?;
        let checker = Checker::at(&written, &sizes, options.seed, &given).ok()?;
        let affordable = WORK / checker.instance().work().max(1);
        let mut figures = Figures::default();
        if let Ok(run) = (Course { points: POINTS, ..Course::default() }).run(&written)
            && affordable >= POINTS
        {
            watch.tell(&Progress::Following(run.dynamics.name()));
            let evaluations = run.evaluations.min(usize::try_from(affordable).unwrap_or(usize::MAX));
            let run = crate::check::Run { evaluations, ..run };
            figures.flow = flow::followed(&checker, report, run, !given.is_empty()).ok();
        }
        // A Hessian has as many columns as there are parameters, each a few times the work of the loss.
        if report.size <= PARAMETERS && affordable >= 8 * report.size {
            watch.tell(&Progress::Spectrum);
            let asked = Asked { train: None, top: 0, symmetric: None };
            figures.spectrum = spectrum::taken(&checker, report, &asked, !given.is_empty()).ok();
        }
        Some(figures)
    };
    drawn().unwrap_or_default()
}
