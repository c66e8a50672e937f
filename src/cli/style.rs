//! `equilaw style`.

use super::error::Error;
use super::options::Output;
use super::output;
use super::verdict::Verdict;
use crate::report::LatexOptions;
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  equilaw style -o equilaw.sty
  equilaw derive model.eqv --format latex -o laws.tex
then, in a paper, \\usepackage{equilaw} and \\input{laws}";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    output::write(&LatexOptions::style(), &arguments.output)?;
    Ok(Verdict::Holds)
}
