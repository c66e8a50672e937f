//! `equilaw fmt FILE…`.

use super::error::Error;
use super::verdict::Verdict;
use super::{input, output};
use crate::language::format;
use crate::model::Model;
use clap::Args;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  equilaw fmt model.eqv
  equilaw fmt --check models/*.eqv      say which are laid out otherwise, and change nothing
  cat model.eqv | equilaw fmt -

Words, lines and comments stay; blanks, indentation and empty lines are set. Exit status 1: with --check, a file would change.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The models; `-` is standard input, laid out on standard output
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write nothing; name the files that would change
    #[arg(long)]
    check: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    let mut changed: Vec<(&Path, String)> = Vec::new();
    for file in &arguments.files {
        let (name, before) = input::source(file)?;
        let after = format(&name, &before)?;
        // The second opinion: what is written is read as the same model.
        if Model::parse(&name, &after)?.to_string() != Model::parse(&name, &before)?.to_string() {
            return Err(Error::Internal(format!("{name}: the layout would change what the model says")));
        }
        let standard = file == Path::new("-") && !arguments.check;
        if after != before || standard {
            changed.push((file, after));
        }
    }
    if arguments.check {
        let names: String =
            changed.iter().map(|(file, _)| format!("{}\n", output::visible(&file.display().to_string()))).collect();
        output::standard(&names)?;
        return Ok(Verdict::of(changed.is_empty()));
    }
    let (standard, files): (Vec<_>, Vec<_>) = changed.iter().partition(|(file, _)| *file == Path::new("-"));
    let files: Vec<(&str, &Path)> = files.into_iter().map(|(file, text)| (text.as_str(), *file)).collect();
    output::files(&files)?;
    standard.into_iter().try_for_each(|(_, text)| output::standard(text))?;
    Ok(Verdict::Holds)
}
