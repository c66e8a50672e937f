//! `equilaw discover FILE`.

use super::error::Error;
use super::options::{Job, Output, TextOrJson};
use super::progress::Progress;
use super::verdict::Verdict;
use super::{input, output};
use crate::exact::Form;
use crate::job::{Options, discover};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  equilaw discover model.eqv
  equilaw discover model.eqv -o annotated.eqv     the model with the proved actions in it
  equilaw discover model.eqv --equivariant        also what multiplies the output by a number
  equilaw discover model.eqv --general            every affine generator on all of parameter space

Actions that the model declares are ignored. With -o the model is written there with the proved actions as action blocks.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[arg(long, value_enum, default_value_t)]
    format: TextOrJson,
    /// Also generators that multiply the output (or an explicit loss) by a number
    #[arg(long)]
    equivariant: bool,
    /// Affine generators on all parameters together, for few parameters
    #[arg(long)]
    general: bool,
    #[command(flatten)]
    job: Job,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    let Job { file, output, instance, search } = &arguments.job;
    output::distinct_job(&arguments.job, None, &[])?;
    let model = input::model(file)?;
    let book = input::rules(&search.rules)?;
    let asked = input::dims(&model, instance, input::For::Counting)?;
    let form = Form { general: arguments.general, equivariant: arguments.equivariant };
    let options = Options { dims: asked, seed: instance.seed, limits: search.limits(), ..Options::bare() };
    let found = discover(&model, &book, &options, form, &Progress::new(model.name, output.quiet))?;
    let text = match arguments.format {
        TextOrJson::Text => found.text(),
        TextOrJson::Json => found.json(),
    };
    if output.output.is_some() {
        output::write(&found.annotated().to_string(), output)?;
    }
    output::write(&text, &Output { output: None, quiet: output.quiet, color: output.color })?;
    Ok(Verdict::of(found.found.late.is_none() && found.is_proved()))
}
