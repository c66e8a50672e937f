//! `equilaw replay`.

use super::error::Error;
use super::options::{Output, Rules};
use super::verdict::Verdict;
use super::{input, output};
use crate::report::{Rejected, replay};
use clap::Args;
use std::path::{Path, PathBuf};

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

/// No document of a model that is derived in a day is larger.
const LARGEST_FILE: u64 = 1 << 28;

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    let read: Vec<&Path> = arguments.rules.files().chain([arguments.file.as_path()]).collect();
    output::distinct(&read, &[("-o", arguments.output.output.as_deref())])?;
    let book = input::rules(&arguments.rules)?;
    let path = arguments.file.display().to_string();
    let document = input::text(&arguments.file, &path, LARGEST_FILE)?;
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
            let text = format!("{}\n", output::visible(&format!("{path}: REJECTED: {rejected}")));
            output::write(&text, &arguments.output)?;
            Ok(Verdict::Fails)
        }
    }
}
