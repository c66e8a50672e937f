//! `equilaw spectrum FILE`.

use super::derive::prepare;
use super::error::Error;
use super::input::{self, For};
use super::options::{Job, Tensors, TextOrJson};
use super::output;
use super::progress::Progress;
use super::verdict::Verdict;
use crate::job::{Place, spectrum};
use crate::report::{SpectrumReport, TextOptions};
use clap::Args;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  equilaw spectrum examples/relu_mlp.eqv
  equilaw spectrum model.eqv --train 500 --svg spectrum.svg
  equilaw spectrum model.eqv --symmetric permute --csv eigenvalues.csv
  equilaw spectrum model.eqv --params theta.safetensors --data batch.npz --top 20

Without --train the spectrum is taken where ∇L = 0 by construction if the loss is `any`, and at the parameters as they are otherwise.

Exit status: 0 the spectrum is as the laws say; 1 it is not, or an action is not proved; 2 the input is wrong.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Train towards a stationary point first, for at most so many steps
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u64).range(1..=1_000_000),
          allow_negative_numbers = true)]
    train: Option<u64>,
    /// How many eigenvalues of largest magnitude are computed where there are more than 2048 parameters
    #[arg(long, value_name = "N", default_value_t = Place::default().top as u64,
          value_parser = clap::value_parser!(u64).range(1..=64), allow_negative_numbers = true)]
    top: u64,
    /// Average the parameters over the group of an action, where its law says how often eigenvalues are repeated
    #[arg(long, value_name = "ACTION")]
    symmetric: Option<String>,
    /// Write the eigenvalues as a table
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Plot the eigenvalues
    #[arg(long, value_name = "FILE.svg")]
    svg: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t)]
    format: TextOrJson,
    #[command(flatten)]
    tensors: Tensors,
    #[command(flatten)]
    job: Job,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    let (csv, svg) = (arguments.csv.as_deref(), arguments.svg.as_deref());
    output::distinct_job(&arguments.job, Some(&arguments.tensors), &[("--csv", csv), ("--svg", svg)])?;
    let model = input::model(&arguments.job.file)?;
    let output = &arguments.job.output;
    let (book, options) = prepare(&model, &arguments.job, For::Measuring, &arguments.tensors)?;
    let top = usize::try_from(arguments.top).unwrap_or(usize::MAX);
    let place = Place { train: arguments.train, top, symmetric: arguments.symmetric.clone() };
    let progress = Progress::new(model.name, output.quiet);
    let found = spectrum(&model, &book, &options, &place, &progress)?;
    drop(progress);
    output::note_late(found.report.late, output);
    let written = SpectrumReport { report: &found.report, found: &found.found, given: found.given };
    let mut files: Vec<(String, &Path)> = Vec::new();
    if let Some(path) = csv {
        files.push((written.csv(), path));
    }
    if let Some(path) = svg {
        let plot = written.plot().map_err(|e| Error::Plain(format!("the plot could not be drawn: {e}")))?;
        files.push((plot, path));
    }
    let files: Vec<(&str, &Path)> = files.iter().map(|(text, path)| (text.as_str(), *path)).collect();
    output::files(&files)?;
    let text = match arguments.format {
        TextOrJson::Text => {
            let (color, width) = (output::in_color(output), output::width());
            written.text(TextOptions { color, width, ..TextOptions::default() })
        }
        TextOrJson::Json => written.json(),
    };
    output::write(&text, output)?;
    Ok(Verdict::of(found.is_clean()))
}
