//! `equilaw schema`.

use super::error::Error;
use super::options::Output;
use super::output;
use super::verdict::Verdict;
use crate::report::SCHEMA;
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  equilaw schema -o report.schema.json
  equilaw schema | jq '.\"$defs\" | keys'";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    output::write(SCHEMA, &arguments.output)?;
    Ok(Verdict::Holds)
}
