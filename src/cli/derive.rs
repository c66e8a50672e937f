//! `equilaw derive FILE`.

use super::complete::sizes;
use super::error::Error;
use super::options::Job;
use super::progress::Progress;
use super::{Verdict, input, output};
use crate::complete::{Effort, count};
use crate::discover::{self, Discovery};
use crate::exact::{ExactError, Form};
use crate::language::Model;
use crate::report::{LatexOptions, TextOptions, json, latex, numpy, text};
use crate::rewrite::RuleBook;
use crate::{Options, Report, derive};
use clap::{Args, ValueEnum};

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
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Print every step of every derivation
    #[arg(long)]
    proof: bool,
    /// Print every law, also those on sharpness, orbits and dynamics that the model does not name
    #[arg(long)]
    all: bool,
    /// With `--format latex`: a whole document instead of a fragment
    #[arg(long)]
    standalone: bool,
    /// Derive only; measure nothing
    #[arg(long)]
    no_checks: bool,
    /// Count the conservation laws there are however long it takes; by default only where it is quick
    #[arg(long)]
    complete: bool,
    /// Do not count the conservation laws there are
    #[arg(long, conflicts_with = "complete")]
    no_complete: bool,
    #[command(flatten)]
    job: Job,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Latex,
    Json,
    Numpy,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    let Job { output, instance, .. } = &arguments.job;
    let mut report = report(&arguments.job, !arguments.no_checks)?;
    if !arguments.no_complete {
        let effort = if arguments.complete { Effort::Any } else { Effort::Little };
        let message = format!("{}: counting conservation laws", report.model.name);
        let progress = Progress::start(message, output.quiet);
        let dims = sizes(&report.dims);
        report.completeness = count(&report.model, &report.laws, &dims, instance.seed, effort, &progress.watch());
    }
    let written = match arguments.format {
        Format::Text => {
            let (color, width) = (output::in_color(output), output::width());
            text(&report, TextOptions { proof: arguments.proof, all: arguments.all, color, width })
        }
        Format::Latex => latex(&report, LatexOptions { standalone: arguments.standalone, proof: arguments.proof }),
        Format::Json => json(&report),
        Format::Numpy => numpy(&report),
    };
    output::write(&written, output)?;
    Ok(if report.is_clean() { Verdict::Holds } else { Verdict::Fails })
}

/// Reads a model and derives what there is to say about it.
pub(super) fn report(job: &Job, checks: bool) -> Result<Report, Error> {
    let Job { file, output, instance, search } = job;
    let mut model = input::model(file)?;
    let book = input::rules(&search.rules)?;
    let dims = input::dims(&model, instance, checks)?;
    let mut discovery = None;
    if model.actions.is_empty() {
        let found = discovered(&model, &book, &dims, job)?;
        model.actions = found.actions().cloned().collect();
        discovery = Some(found);
    }
    let options = Options { dims, seed: instance.seed, limits: search.limits(), checks };
    let actions: Vec<&str> = model.actions.iter().map(|a| a.name.as_str()).collect();
    let _progress = Progress::start(format!("{}: {}", model.name, actions.join(", ")), output.quiet);
    Ok(Report { discovery, ..derive(&model, &book, &options)? })
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
