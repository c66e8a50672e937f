//! `equilaw theorems [NAME]`.

use super::derive::{Format, Setting};
use super::error::Error;
use super::options::{Instance, Output, Search};
use super::progress::{Counter, Progress};
use super::verdict::Verdict;
use super::{input, output};
use crate::job::{Figures, Options, Reproduction, Theorem, figures, find, library};
use crate::report::gallery;
use crate::report::{library_json, library_text, reproductions_json, reproductions_text, site};
use clap::Args;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  equilaw theorems                                names, titles and sources
  equilaw theorems attention                      one, proved, checked and counted
  equilaw theorems attention --format latex --standalone -o attention.tex
  equilaw theorems --all                          all, a line for each
  equilaw theorems --html site                    all, as pages with a search: open site/index.html
  equilaw theorems --markdown gallery.md          all, on a page of Markdown

Exit status: 0 what is expected was proved and passed its checks, and the laws of gradient flow are complete where the file does not
say why not; 1 otherwise; 2 there is no such theorem.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The theorem to reproduce; without it they are listed
    name: Option<String>,
    /// Without a name: reproduce all, a line for each. With one: print every law, also those on sharpness, orbits and
    /// dynamics that the model does not name
    #[arg(long)]
    all: bool,
    /// Reproduce all, and write the library as a site of pages into a directory
    #[arg(long, value_name = "DIR", conflicts_with_all = ["name", "all", "format", "output", "proof", "standalone"])]
    html: Option<PathBuf>,
    /// Reproduce all, and write the library as one page of Markdown
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "all", "format", "output", "proof", "standalone", "html"])]
    markdown: Option<PathBuf>,
    /// Derive and count only; measure nothing
    #[arg(long)]
    no_checks: bool,
    /// Do not follow the laws along integrated trajectories
    #[arg(long)]
    no_flows: bool,
    #[command(flatten)]
    setting: Setting,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    instance: Instance,
    #[command(flatten)]
    search: Search,
}

pub(super) fn run(arguments: &Arguments, command: &str) -> Result<Verdict, Error> {
    let library = library()?;
    match &arguments.name {
        Some(name) => one(arguments, &library, name, command),
        None if !arguments.instance.dims.is_empty() => {
            Err(Error::Plain("--dims: the theorems have different sizes; name one".into()))
        }
        None if arguments.all || arguments.html.is_some() || arguments.markdown.is_some() => all(arguments, &library),
        None => {
            let (color, width) = (output::in_color(&arguments.output), output::width());
            let written = text_or_json(arguments, || library_text(&library, color, width), || library_json(&library));
            output::write(&written?, &arguments.output)?;
            Ok(Verdict::Holds)
        }
    }
}

/// Reproduces one theorem.
fn one(arguments: &Arguments, library: &[Theorem], name: &str, command: &str) -> Result<Verdict, Error> {
    let theorem = find(library, name).map_err(|meant| {
        let help = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "`equilaw theorems` lists them".to_string(),
        };
        Error::Plain(format!("the library has no theorem `{name}`; {help}"))
    })?;
    let Arguments { setting, output, search, .. } = arguments;
    let book = input::rules(&search.rules)?;
    let purpose = if arguments.no_checks { input::For::Nothing } else { input::For::Checks };
    let dims = input::dims(&theorem.model, &arguments.instance, purpose)?;
    let progress = Progress::new(theorem.name(), output.quiet);
    let options = Options { dims, ..options(arguments) };
    let reproduced = theorem.reproduce_watched(&book, &options, &progress)?;
    let draw =
        || if arguments.no_checks { Figures::default() } else { figures(&reproduced.report, &options, &progress) };
    let written = setting.write(&reproduced.report, arguments.all, output, command, draw)?;
    drop(progress);
    output::write(&written, output)?;
    // At other sizes than the file's own its remark on completeness need not hold.
    let own = arguments.instance.dims.is_empty();
    let holds = if own { reproduced.is_as_expected() } else { reproduced.report.is_clean() };
    Ok(Verdict::of(holds))
}

/// Reproduces all theorems, in any order, and tells of them in the order of the library.
fn all<'a>(arguments: &Arguments, library: &'a [Theorem]) -> Result<Verdict, Error> {
    let Arguments { output, search, .. } = arguments;
    let read: Vec<&Path> = search.rules.files().collect();
    output::distinct(&read, &[("--markdown", arguments.markdown.as_deref())])?;
    let book = input::rules(&search.rules)?;
    let counter = Counter::start(library.len(), output.quiet);
    let options = options(arguments);
    let reproduce = |theorem: &'a Theorem| theorem.reproduce_watched(&book, &options, &counter);
    let reproductions: Vec<Reproduction> = library.par_iter().map(reproduce).collect::<Result<_, _>>()?;
    drop(counter);
    if let Some(directory) = &arguments.html {
        write_site(&reproductions, directory, output)?;
        return Ok(Verdict::of(reproductions.iter().all(Reproduction::is_as_expected)));
    }
    if let Some(file) = &arguments.markdown {
        output::write_to(&gallery(&reproductions), file)?;
        return Ok(Verdict::of(reproductions.iter().all(Reproduction::is_as_expected)));
    }
    let (color, width) = (output::in_color(output), output::width());
    let text = || reproductions_text(&reproductions, color, width);
    output::write(&text_or_json(arguments, text, || reproductions_json(&reproductions))?, output)?;
    Ok(Verdict::of(reproductions.iter().all(Reproduction::is_as_expected)))
}

/// Writes the pages, all or none; other files of the directory stay.
fn write_site(reproductions: &[Reproduction], directory: &Path, output: &Output) -> Result<(), Error> {
    let files = site(reproductions);
    std::fs::create_dir_all(directory).map_err(|error| Error::io(&directory.display().to_string(), &error))?;
    let files: Vec<(&String, PathBuf)> = files.iter().map(|(name, text)| (text, directory.join(name))).collect();
    output::files(&files.iter().map(|(text, path)| (text.as_str(), path.as_path())).collect::<Vec<_>>())?;
    if !output.quiet {
        output::note(&format!(
            "wrote {} pages; open {}",
            reproductions.len() + 1,
            directory.join("index.html").display()
        ));
    }
    Ok(())
}

fn options(arguments: &Arguments) -> Options {
    Options {
        seed: arguments.instance.seed,
        limits: arguments.search.limits(),
        checks: !arguments.no_checks,
        flows: !arguments.no_checks && !arguments.no_flows,
        ..Options::default()
    }
}

/// What is written of the whole library has no other formats.
fn text_or_json(
    arguments: &Arguments,
    text: impl FnOnce() -> String,
    json: impl FnOnce() -> String,
) -> Result<String, Error> {
    match arguments.setting.format {
        Format::Text => Ok(text()),
        Format::Json => Ok(json()),
        Format::Latex | Format::Html | Format::Numpy | Format::Torch => {
            Err(Error::Plain("--format: the library as a whole is written as text or json; name a theorem".into()))
        }
    }
}
