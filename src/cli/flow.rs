//! `equilaw flow FILE`.

use super::derive::prepare;
use super::error::Error;
use super::input::{self, For};
use super::options::{Job, Tensors, TextOrJson};
use super::output;
use super::progress::Progress;
use super::verdict::Verdict;
use crate::job::{self, Course, flow};
use crate::numeric::trajectory::Stopped;
use crate::report::TextOptions;
use clap::Args;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  equilaw flow examples/relu_mlp.eqv
  equilaw flow model.eqv --dynamics heavy_ball --set gamma=0.2 --time 20
  equilaw flow model.eqv --dynamics gradient_descent --set eta=0.01 --steps 500 --plot drift.svg
  equilaw flow model.eqv --params theta.safetensors --csv drift.csv

Dynamics: gradient_flow, weight_decay (lambda), heavy_ball (gamma), gradient_descent (eta, and lambda for a step with
decay), sgd (eta), mirror (if the model declares its potentials).

Exit status: 0 every law holds; 1 a law drifts, an action is not proved, or nothing was followed; 2 the input is wrong,
or the trajectory breaks off. A trajectory that a kink of L holds ends there.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The dynamics to follow; the first the model names, else gradient_flow
    #[arg(long, value_name = "NAME")]
    dynamics: Option<String>,
    /// How long to integrate a continuous dynamics [default: 5]
    #[arg(long, value_name = "T", value_parser = time, allow_negative_numbers = true)]
    time: Option<f64>,
    /// How many steps of a discrete dynamics to take [default: 1000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000),
          allow_negative_numbers = true)]
    steps: Option<u64>,
    /// At how many moments after the start the laws are looked at
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=10_000),
          allow_negative_numbers = true)]
    points: u64,
    /// Numbers for the hyper-parameters of the dynamics, by their names in the laws
    #[arg(long, value_name = "NAME=NUMBER,…", value_delimiter = ',', value_parser = number)]
    set: Vec<(String, f64)>,
    /// Write time, loss and the drift of every law as a table
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Plot the drifts against time
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t)]
    format: TextOrJson,
    #[command(flatten)]
    tensors: Tensors,
    #[command(flatten)]
    job: Job,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    let (csv, plot) = (arguments.csv.as_deref(), arguments.plot.as_deref());
    output::distinct_job(&arguments.job, Some(&arguments.tensors), &[("--csv", csv), ("--plot", plot)])?;
    let model = input::model(&arguments.job.file)?;
    let course = Course {
        dynamics: arguments.dynamics.clone(),
        time: arguments.time,
        steps: arguments.steps,
        points: arguments.points,
        set: arguments.set.clone(),
    };
    // Said before anything is derived.
    course.run(&model)?;
    let output = &arguments.job.output;
    let (book, options) = prepare(&model, &arguments.job, For::Measuring, &arguments.tensors)?;
    let progress = Progress::new(model.name, output.quiet);
    let followed = flow(&model, &book, &options, &course, &progress).map_err(|error| match &error {
        job::Error::Stopped { stopped, discrete } => {
            Error::Plain(format!("{}: {error}; {}", model.name, advice(stopped, *discrete)))
        }
        _ => error.into(),
    })?;
    drop(progress);
    output::note_late(followed.report.late, output);
    let written = followed.written();
    let mut files = Vec::new();
    if let Some(path) = &arguments.csv {
        files.push((written.csv(), path.as_path()));
    }
    if let Some(path) = &arguments.plot {
        let plot = written.plot().map_err(|e| Error::Plain(format!("the plot could not be drawn: {e}")))?;
        files.push((plot, path.as_path()));
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
    Ok(Verdict::of(followed.is_clean()))
}

/// What may be done about a trajectory that ended early.
fn advice(stopped: &Stopped, discrete: bool) -> &'static str {
    match (stopped, discrete) {
        (Stopped::Work { .. }, true) => "choose fewer --steps or smaller sizes",
        (_, true) => "choose a smaller step size with --set, or fewer steps",
        (Stopped::BlowUp(_) | Stopped::Undefined { .. } | Stopped::Kink(_), _) => {
            "choose a shorter --time or another --seed"
        }
        (Stopped::Stiff(_) | Stopped::Work { .. }, _) => "choose a shorter --time or smaller sizes",
    }
}

/// A time above 0.
fn time(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(t) if t > 0.0 && t <= 1e9 => Ok(t),
        _ => Err("expected a positive number".into()),
    }
}

/// `lambda=0.1`.
fn number(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=NUMBER, as in gamma=0.5")?;
    match value.trim().parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((name.trim().to_string(), value)),
        _ => Err(format!("`{value}` is not a number")),
    }
}
