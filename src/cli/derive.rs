//! `equilaw derive FILE`.

use super::error::Error;
use super::input::{self, For};
use super::options::{Instance, Job, Output, Tensors};
use super::progress::Progress;
use super::verdict::Verdict;
use super::{output, params};
use crate::job::{Effort, Figures, Options, Report, derive_watched, figures};
use crate::language::nearest;
use crate::model::Model;
use crate::report::{LatexOptions, Only, PageOptions, TextOptions, json, latex, numpy, page, text, torch};
use crate::rewrite::RuleBook;
use clap::{Args, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  equilaw derive model.eqv
  equilaw derive model.eqv --only hessian
  equilaw derive model.eqv --dims h=64,d=32 --seed 7
  equilaw derive model.eqv --format latex --standalone -o laws.tex
  equilaw derive model.eqv --format torch -o laws.py && python laws.py
  equilaw derive model.eqv --format json | jq '.laws[].statement.text'
  cat model.eqv | equilaw derive - --proof";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    setting: Setting,
    /// Print every law, also those of the Hessian, along orbits and of dynamics that the model does not name
    #[arg(long)]
    all: bool,
    /// Derive only; measure nothing
    #[arg(long, conflicts_with_all = ["params", "data", "map"])]
    no_checks: bool,
    /// Also follow the laws along integrated trajectories
    #[arg(long, conflicts_with = "no_checks")]
    flows: bool,
    /// Count the conservation laws there are however long it takes; by default only where it is quick
    #[arg(long)]
    complete: bool,
    /// Do not count the conservation laws there are
    #[arg(long, conflicts_with = "complete")]
    no_complete: bool,
    #[command(flatten)]
    tensors: Tensors,
    #[command(flatten)]
    job: Job,
}

/// How a report is set.
#[derive(Args)]
pub(super) struct Setting {
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Print every derivation; with `--proof=full` also the steps that read the same before and after. In LaTeX and HTML: with the
    /// bookkeeping
    #[arg(long, value_enum, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "steps")]
    pub proof: Option<Steps>,
    /// Print only the laws of a topic (conserved, gradient, hessian, kernel, …), of a dynamics (sgd, …) or of an action, all of them
    #[arg(long, value_name = "WHAT")]
    pub only: Option<String>,
    /// With `--format latex`: a whole document instead of a fragment for `\\input` (its style: `equilaw style`)
    #[arg(long)]
    pub standalone: bool,
}

impl Setting {
    /// A report in the format asked for; `all` of its laws, or those of a short report. On a page stand the command and what
    /// `draw` draws.
    ///
    /// # Errors
    /// When the laws asked for are not of a name, or the format has all laws.
    pub fn write(
        &self,
        report: &Report,
        all: bool,
        output: &Output,
        command: &str,
        draw: impl FnOnce() -> Figures,
    ) -> Result<String, Error> {
        let proof = self.proof.is_some();
        let only = self.only.as_deref().map(|word| self.only(word, report)).transpose()?;
        Ok(match self.format {
            Format::Text => {
                let (color, width) = (output::in_color(output), output::width());
                let bookkeeping = self.proof == Some(Steps::Full);
                text(report, TextOptions { proof, bookkeeping, only, all, color, width })
            }
            Format::Latex => latex(report, LatexOptions { standalone: self.standalone, proof }),
            Format::Html => {
                let (figures, date) = (draw(), output::date()?);
                let page_options =
                    PageOptions { proof, command: Some(command), date: date.as_deref(), figures: Some(&figures) };
                page(report, page_options)
            }
            Format::Json => json(report),
            Format::Numpy => numpy(report),
            Format::Torch => torch(report),
        })
    }

    /// What `--only` asks for.
    fn only(&self, word: &str, report: &Report) -> Result<Only, Error> {
        if self.format != Format::Text {
            return Err(Error::Plain("--only: the other formats have all laws; it is for text".into()));
        }
        Only::named(word, report).map_err(|names| {
            let help = match nearest(word, names.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("there are {}", names.join(", ")),
            };
            Error::Plain(format!("--only: `{word}` is no topic, dynamics or action of the model; {help}"))
        })
    }
}

/// Which steps of a derivation are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Steps {
    /// Those that change how a formula reads
    Steps,
    /// All, bookkeeping too
    Full,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    #[default]
    Text,
    Latex,
    Html,
    Json,
    /// A Python module: a function of NumPy arrays for each law
    Numpy,
    /// The same of PyTorch tensors
    Torch,
}

pub(super) fn run(arguments: &Arguments, command: &str) -> Result<Verdict, Error> {
    let Job { file, output, .. } = &arguments.job;
    let count = match (arguments.no_complete, arguments.complete) {
        (true, _) => None,
        (false, true) => Some(Effort::Any),
        (false, false) => Some(Effort::Little),
    };
    output::distinct_job(&arguments.job, Some(&arguments.tensors), &[])?;
    let model = input::model(file)?;
    let checks = !arguments.no_checks;
    let purpose = if checks { For::Checks } else { For::Nothing };
    let (book, options) = prepare(&model, &arguments.job, purpose, &arguments.tensors)?;
    let options = Options { checks, flows: arguments.flows, count, ..options };
    let progress = Progress::new(model.name, output.quiet);
    let report = derive_watched(&model, &book, &options, &progress)?;
    let draw = || if checks { figures(&report, &options, &progress) } else { Figures::default() };
    let written = arguments.setting.write(&report, arguments.all, output, command, draw)?;
    drop(progress);
    if !matches!(arguments.setting.format, Format::Text | Format::Json) {
        output::note_late(report.late, output);
    }
    output::write(&written, output)?;
    Ok(Verdict::of(report.is_clean()))
}

/// The rules and the options of a job on a model, and the parameters and data of files at which it is measured.
pub(super) fn prepare(model: &Model, job: &Job, purpose: For, tensors: &Tensors) -> Result<(RuleBook, Options), Error> {
    let Job { instance, search, output, .. } = job;
    let book = input::rules(&search.rules)?;
    let given = tensors.paths().next().is_some();
    if !given && !tensors.map.is_empty() {
        return Err(Error::Plain("--map: there is no file of tensors; name it with --params or --data".into()));
    }
    let purpose = if given && purpose == For::Nothing { For::Measuring } else { purpose };
    let mut dims = input::named(model, instance)?;
    let plan = if given { Some(params::plan(model, tensors, &mut dims)?) } else { None };
    // Before any number is read.
    let dims = input::dims(model, &Instance { dims, seed: instance.seed }, purpose)?;
    if let Some(unused) = plan.as_ref().and_then(|plan| plan.unused.as_ref()).filter(|_| !output.quiet) {
        output::note(&output::visible(unused));
    }
    let given = plan.map_or(Ok(vec![]), params::Plan::read)?;
    Ok((book, Options { dims, seed: instance.seed, limits: search.limits(), given, ..Options::default() }))
}
