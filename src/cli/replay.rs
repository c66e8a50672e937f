//! `equilaw replay`.

use super::error::Error;
use super::options::{Output, Rules};
use super::verdict::Verdict;
use super::{input, output};
use crate::audit::{RuleCheck, check};
use crate::kernel::Rule;
use crate::report::{Rejected, replay};
use clap::Args;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  equilaw derive examples/relu_mlp.eqv --format json -o laws.json
  equilaw replay laws.json

The document is verified from itself alone: every inference and every rewriting step is carried out again, and every law
compared with what follows. What was measured – checks, trajectories, numbers of independent components – is not.
A rule of the library comes from this program. A rule that a document brings along is assumed, not proved: it is listed, and
compared at random instances, and a document whose rule fails there is rejected.

Exit status: 0 everything follows; 1 something does not, and it says what first; 2 the file cannot be read.";

/// The seed of the random instances of the rules that are assumed.
const SEED: u64 = 0;

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
            let mut text = format!(
                "{}: {} actions and {} laws follow; {} claims inferred, {} rewriting steps replayed\n",
                verified.model, verified.actions, verified.laws, verified.claims, verified.steps
            );
            let tried: Vec<(&Rule, RuleCheck)> =
                verified.assumed.iter().map(|rule| (rule, check(rule, SEED))).collect();
            if let Some((rule, found)) = tried.iter().find(|(_, found)| found.is_false()) {
                let why = found.failure.as_deref().unwrap_or_default();
                let text = format!("{path}: REJECTED: it assumes the rule {}, which is false: {why}\n", rule.name);
                output::write(&text, &arguments.output)?;
                return Ok(Verdict::Fails);
            }
            for (rule, found) in tried {
                text.push_str(&format!("assumed, not proved: the rule {}, {}\n", rule.name, rule.statement()));
                text.push_str(&match found.instances {
                    0 => "  it was tried at no instance\n".to_string(),
                    n => format!("  its sides agree at {n} random instances\n"),
                });
            }
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
