//! `equilaw check FILE`.

use super::derive::prepare;
use super::error::Error;
use super::input::{self, For};
use super::options::{Job, Tensors, TextOrJson};
use super::output;
use super::progress::Progress;
use super::verdict::Verdict;
use crate::job::{Options, check};
use crate::report::{TextOptions, checks, json};
use clap::Args;
use std::path::Path;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  equilaw check examples/relu_mlp.eqv
  equilaw check model.eqv --dims h=64,d=32 --seed 7
  equilaw check model.eqv --params theta.safetensors --data batch.npz
  equilaw check mlp.eqv --params model.safetensors.index.json --map 'W[l]=model.layers.{l-1}.mlp.up_proj.weight'
  equilaw check --watch model.eqv                 again whenever the file is saved; Ctrl-C ends
  equilaw check model.eqv --quiet && echo every law holds";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[arg(long, value_enum, default_value_t)]
    format: TextOrJson,
    /// Measure at one point only; follow nothing along trajectories
    #[arg(long)]
    no_flows: bool,
    /// Check again whenever a file that is read changes, until Ctrl-C
    #[arg(long)]
    watch: bool,
    #[command(flatten)]
    tensors: Tensors,
    #[command(flatten)]
    job: Job,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    output::distinct_job(&arguments.job, Some(&arguments.tensors), &[])?;
    if !arguments.watch {
        return once(arguments);
    }
    let Job { file, search, output, .. } = &arguments.job;
    if file == Path::new("-") {
        return Err(Error::Plain("--watch: standard input does not change; name a file".into()));
    }
    let files: Vec<&Path> =
        [file.as_path()].into_iter().chain(search.rules.files()).chain(arguments.tensors.paths()).collect();
    watch(&files, || {
        // What is wrong now may be mended in the file.
        if let Err(error) = once(arguments) {
            output::complain(&error);
        }
        if !output.quiet {
            output::note(&format!("watching {}; Ctrl-C ends", output::visible(&file.display().to_string())));
        }
    })
}

/// Does something now and after every change of some files.
fn watch(files: &[&Path], mut act: impl FnMut()) -> ! {
    let stamps = || -> Vec<_> {
        let stamp = |file: &&Path| std::fs::metadata(file).ok().map(|m| (m.modified().ok(), m.len()));
        files.iter().map(stamp).collect()
    };
    loop {
        // Taken before the files are read, so that no change is missed.
        let seen = stamps();
        act();
        while stamps() == seen {
            std::thread::sleep(PAUSE);
        }
    }
}

/// How often files are looked at.
const PAUSE: Duration = Duration::from_millis(200);

fn once(arguments: &Arguments) -> Result<Verdict, Error> {
    let output = &arguments.job.output;
    let model = input::model(&arguments.job.file)?;
    let (book, options) = prepare(&model, &arguments.job, For::Measuring, &arguments.tensors)?;
    let options = Options { flows: !arguments.no_flows, ..options };
    let report = check(&model, &book, &options, &Progress::new(model.name, output.quiet))?;
    let written = match arguments.format {
        TextOrJson::Text => {
            let (color, width) = (output::in_color(output), output::width());
            checks(&report, TextOptions { color, width, ..TextOptions::default() })
        }
        TextOrJson::Json => json(&report),
    };
    output::write(&written, output)?;
    Ok(Verdict::of(report.is_clean()))
}
