//! `equilaw derive FILE`.

use super::complete::sizes;
use super::error::Error;
use super::options::{Instance, Job, Output};
use super::progress::Progress;
use super::{Verdict, input, output, params};
use crate::complete::{Effort, count};
use crate::discover::{self, Discovery};
use crate::exact::{ExactError, Form};
use crate::model::Model;
use crate::report::{LatexOptions, TextOptions, html, json, latex, numpy, text};
use crate::rewrite::RuleBook;
use crate::term::Symbol;
use crate::{Options, Report, derive};
use clap::{Args, ValueEnum};
use faer::Mat;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  equilaw derive examples/relu_mlp.eqv
  equilaw derive model.eqv --dims h=64,d=32 --seed 7
  equilaw derive model.eqv --format latex --standalone -o laws.tex
  equilaw derive model.eqv --format json | jq '.laws[].statement.text'
  cat model.eqv | equilaw derive - --proof";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    setting: Setting,
    /// Print every law, also those on sharpness, orbits and dynamics that the model does not name
    #[arg(long)]
    all: bool,
    /// Derive only; measure nothing
    #[arg(long)]
    no_checks: bool,
    /// Also follow the laws along integrated trajectories
    #[arg(long, conflicts_with = "no_checks")]
    flows: bool,
    /// Measure at the parameters, and the data, of a .safetensors file
    #[arg(long, value_name = "FILE", conflicts_with = "no_checks")]
    params: Option<PathBuf>,
    /// Count the conservation laws there are however long it takes; by default only where it is quick
    #[arg(long)]
    complete: bool,
    /// Do not count the conservation laws there are
    #[arg(long, conflicts_with = "complete")]
    no_complete: bool,
    #[command(flatten)]
    job: Job,
}

/// How a report is set.
#[derive(Args)]
pub(super) struct Setting {
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Print every step of every derivation, in LaTeX and HTML the bookkeeping too
    #[arg(long)]
    pub proof: bool,
    /// With `--format latex`: a whole document instead of a fragment
    #[arg(long)]
    pub standalone: bool,
}

impl Setting {
    /// A report in the format asked for; `all` of its laws, or those of a short report.
    pub fn write(&self, report: &Report, all: bool, output: &Output) -> String {
        match self.format {
            Format::Text => {
                let (color, width) = (output::in_color(output), output::width());
                text(report, TextOptions { proof: self.proof, all, color, width })
            }
            Format::Latex => latex(report, LatexOptions { standalone: self.standalone, proof: self.proof }),
            Format::Html => html(report, self.proof),
            Format::Json => json(report),
            Format::Numpy => numpy(report),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    #[default]
    Text,
    Latex,
    Html,
    Json,
    Numpy,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    let Job { output, instance, .. } = &arguments.job;
    let measured =
        Measured { checks: !arguments.no_checks, flows: arguments.flows, params: arguments.params.as_deref() };
    let mut report = report(&arguments.job, &measured)?;
    if !arguments.no_complete {
        let effort = if arguments.complete { Effort::Any } else { Effort::Little };
        let message = format!("{}: counting conservation laws", report.model.name);
        let progress = Progress::start(message, output.quiet);
        let dims = sizes(&report.dims);
        report.completeness = count(&report.model, &report.laws, &dims, instance.seed, effort, &progress.watch());
    }
    let written = arguments.setting.write(&report, arguments.all, output);
    output::write(&written, output)?;
    Ok(if report.is_clean() { Verdict::Holds } else { Verdict::Fails })
}

/// Reads a model and derives what there is to say about it.
pub(super) fn report(job: &Job, measured: &Measured) -> Result<Report, Error> {
    report_of(input::model(&job.file)?, job, measured).map(|(report, _)| report)
}

/// What is measured of a model.
#[derive(Default)]
pub(super) struct Measured<'a> {
    pub checks: bool,
    pub flows: bool,
    /// The file with the parameters at which it is.
    pub params: Option<&'a Path>,
}

/// Parameters and data that are given.
pub(super) type Given = Vec<(Symbol, Mat<f64>)>;

/// Derives what there is to say about a model, and reads the parameters at which it is measured.
pub(super) fn report_of(mut model: Model, job: &Job, measured: &Measured) -> Result<(Report, Given), Error> {
    let Job { output, instance, search, .. } = job;
    let book = input::rules(&search.rules)?;
    let checks = measured.checks || measured.params.is_some();
    let mut dims = input::dims(&model, instance, checks)?;
    let given = match measured.params {
        Some(path) => params::read(&model, path, &mut dims)?,
        None => vec![],
    };
    let dims = input::dims(&model, &Instance { dims, seed: instance.seed }, checks)?;
    let mut discovery = None;
    if model.actions.is_empty() {
        let found = discovered(&model, &book, &dims, job)?;
        model.actions = found.actions().cloned().collect();
        discovery = Some(found);
    }
    let Measured { checks, flows, .. } = *measured;
    let options = Options { dims, seed: instance.seed, limits: search.limits(), checks, flows, given: given.clone() };
    let actions: Vec<&str> = model.actions.iter().map(|a| a.name.as_str()).collect();
    let _progress = Progress::start(format!("{}: {}", model.name, actions.join(", ")), output.quiet);
    Ok((Report { discovery, ..derive(&model, &book, &options)? }, given))
}

/// The symmetries of a model that declares none, which is said on standard error.
fn discovered(model: &Model, book: &RuleBook, dims: &[(String, u64)], job: &Job) -> Result<Discovery, Error> {
    let form = Form { general: false, equivariant: false };
    let options = discover::Options { dims: sizes(dims), form, seed: job.instance.seed, limits: job.search.limits() };
    let quiet = job.output.quiet;
    let progress = Progress::start(format!("{}: looking for symmetries", model.name), quiet);
    let found = match discover::discover(model, book, &options, &progress.watch()) {
        // Actions are proved for all sizes, so that they may be found at small ones; neighbours stay distinct.
        Err(ExactError::TooLarge { .. }) => {
            let small = model.dims.iter().zip([3, 4, 5].into_iter().cycle());
            let dims = small.map(|(dim, n)| (dim.name, n.min(dim.default as usize))).collect();
            discover::discover(model, book, &discover::Options { dims, ..options }, &progress.watch())?
        }
        found => found?,
    };
    drop(progress);
    if !quiet {
        let names: Vec<&str> = found.actions().map(|a| a.name.as_str()).collect();
        let names = if names.is_empty() { "none".to_string() } else { names.join(", ") };
        output::note(&format!("{} declares no action; discovered: {names}", model.name));
    }
    Ok(found)
}
