//! `equilaw check FILE`.

use super::derive::{Measured, report};
use super::error::Error;
use super::options::{Instance, Output, Search, TextOrJson};
use super::{Verdict, output};
use crate::report::{TextOptions, checks, json};
use clap::Args;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  equilaw check examples/relu_mlp.eqv
  equilaw check model.eqv --dims h=64,d=32 --seed 7
  equilaw check model.eqv --params theta.safetensors
  equilaw check model.eqv --quiet && echo every law holds";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The model; `-` reads standard input
    file: PathBuf,
    #[arg(long, value_enum, default_value_t)]
    format: TextOrJson,
    /// Measure at the parameters, and the data, of a .safetensors file
    #[arg(long, value_name = "FILE")]
    params: Option<PathBuf>,
    /// Measure at one point only; follow nothing along trajectories
    #[arg(long)]
    no_flows: bool,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    instance: Instance,
    #[command(flatten)]
    search: Search,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    let Arguments { file, instance, search, output, .. } = arguments;
    let measured = Measured { checks: true, flows: !arguments.no_flows, params: arguments.params.as_deref() };
    let report = report(file, instance, search, &measured, output.quiet)?;
    let written = match arguments.format {
        TextOrJson::Text => {
            let (color, width) = (output::in_color(output), output::width());
            checks(&report, TextOptions { color, width, ..TextOptions::default() })
        }
        TextOrJson::Json => json(&report),
    };
    output::write(&written, output)?;
    Ok(if report.is_clean() { Verdict::Holds } else { Verdict::Fails })
}
