//! `equilaw replay`.

use super::error::Error;
use super::options::{Output, Rules};
use super::verdict::Verdict;
use super::{input, output};
use crate::report::{Rejected, replay};
use clap::Args;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  equilaw derive examples/relu_mlp.eqv --format json -o laws.json
  equilaw replay laws.json
  equilaw replay laws.json --extra-rules mine.rules

The document is verified from itself alone: every inference and every rewriting step is carried out again, and every law
compared with what follows. What was measured – checks, trajectories, numbers of independent components – is not.

Exit status: 0 everything follows; 1 something does not, and it says what first; 2 the file cannot be read.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// A document of `equilaw derive --format json`
    #[arg(value_name = "FILE.json")]
    file: PathBuf,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    rules: Rules,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    let book = input::rules(&arguments.rules)?;
    let path = arguments.file.display().to_string();
    let document = std::fs::read_to_string(&arguments.file).map_err(|error| Error::io(&path, &error))?;
    match replay(&document, book.plain()) {
        Ok(verified) => {
            let text = format!(
                "{}: {} actions and {} laws follow; {} claims inferred, {} rewriting steps replayed\n",
                verified.model, verified.actions, verified.laws, verified.claims, verified.steps
            );
            output::write(&text, &arguments.output)?;
            Ok(Verdict::Holds)
        }
        Err(Rejected::Unreadable(why)) => Err(Error::Plain(format!("{path}: {why}"))),
        Err(rejected @ Rejected::Refused(_)) => {
            output::write(&format!("{path}: REJECTED: {rejected}\n"), &arguments.output)?;
            Ok(Verdict::Fails)
        }
    }
}
