//! `equilaw check FILE`.

use super::derive::prepare;
use super::error::Error;
use super::options::{Job, Tensors, TextOrJson};
use super::progress::Progress;
use super::verdict::Verdict;
use super::{input, output};
use crate::job::{Options, check};
use crate::report::{TextOptions, checks, json};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  equilaw check examples/relu_mlp.eqv
  equilaw check model.eqv --dims h=64,d=32 --seed 7
  equilaw check model.eqv --params theta.safetensors --data batch.npz
  equilaw check mlp.eqv --params model.safetensors.index.json --map 'W[l]=model.layers.{l-1}.mlp.up_proj.weight'
  equilaw check model.eqv --quiet && echo every law holds";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[arg(long, value_enum, default_value_t)]
    format: TextOrJson,
    /// Measure at one point only; follow nothing along trajectories
    #[arg(long)]
    no_flows: bool,
    #[command(flatten)]
    tensors: Tensors,
    #[command(flatten)]
    job: Job,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    let output = &arguments.job.output;
    output::distinct_job(&arguments.job, Some(&arguments.tensors), &[])?;
    let model = input::model(&arguments.job.file)?;
    let (book, options) = prepare(&model, &arguments.job, true, &arguments.tensors)?;
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
