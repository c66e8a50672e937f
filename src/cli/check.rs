//! `equilaw check FILE`.

use super::derive::report;
use super::error::Error;
use super::options::{Job, TextOrJson};
use super::{Verdict, output};
use crate::report::{TextOptions, checks, json};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  equilaw check examples/relu_mlp.eqv
  equilaw check model.eqv --dims h=64,d=32 --seed 7
  equilaw check model.eqv --quiet && echo every law holds";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[arg(long, value_enum, default_value_t)]
    format: TextOrJson,
    #[command(flatten)]
    job: Job,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    let output = &arguments.job.output;
    let report = report(&arguments.job, true)?;
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
