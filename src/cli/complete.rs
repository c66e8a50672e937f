//! `equilaw complete FILE`.

use super::error::Error;
use super::options::{Instance, Output, Search, TextOrJson, natural};
use super::progress::Progress;
use super::verdict::Verdict;
use super::{input, output};
use crate::job::{Options, Question, complete, elimination};
use clap::Args;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  equilaw complete examples/relu_mlp.eqv
  equilaw complete model.eqv --dims h=64,d=32
  equilaw complete model.eqv --dims h=2..6        a table over sizes, and a formula if one fits
  equilaw complete model.eqv --dynamics heavy_ball   the laws of momentum, in phase space
  equilaw complete model.eqv --degree 3           look for missing laws of degree up to 3

Exit status: 0 the laws are complete; 1 some may be missing, or the count is numerical, not certified.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The model; `-` reads standard input
    file: PathBuf,
    #[arg(long, value_enum, default_value_t)]
    format: TextOrJson,
    /// Sizes in place of the model's defaults; a range tabulates
    #[arg(long, value_name = "NAME=SIZE[..SIZE],…", value_delimiter = ',', value_parser = range)]
    dims: Vec<Range>,
    /// The dynamics whose laws are counted [default: gradient_flow]
    #[arg(long, value_name = "NAME")]
    dynamics: Option<String>,
    /// Seed of the random numbers
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = natural, allow_negative_numbers = true)]
    seed: u64,
    /// The longest brackets drawn
    #[arg(long, default_value_t = Question::default().depth, value_name = "N", value_parser = depth, allow_negative_numbers = true)]
    depth: usize,
    /// The largest degree of polynomials among which missing laws are sought
    #[arg(long, default_value_t = Question::default().degree, value_name = "N", value_parser = degree, allow_negative_numbers = true)]
    degree: usize,
    /// The size of the prime: 61, or 23, which is faster at many parameters; by default chosen by their number
    #[arg(long, value_name = "BITS", value_parser = ["61", "23"])]
    prime_bits: Option<String>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    search: Search,
}

/// A size and its first and last value.
type Range = (String, u64, u64);

/// From how many bytes on the bound of the memory is said.
const NOTED: u64 = 64 << 20;

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    let read: Vec<&Path> = arguments.search.rules.files().chain([arguments.file.as_path()]).collect();
    output::distinct(&read, &[("-o", arguments.output.output.as_deref())])?;
    let model = input::model(&arguments.file)?;
    let first: Vec<(String, u64)> = arguments.dims.iter().map(|(name, from, _)| (name.clone(), *from)).collect();
    let last: Vec<(String, u64)> = arguments.dims.iter().map(|(name, _, to)| (name.clone(), *to)).collect();
    let checked = |dims| input::dims(&model, &Instance { dims, seed: arguments.seed }, input::For::Counting);
    let (dims, _) = (checked(first)?, checked(last)?);
    let book = input::rules(&arguments.search.rules)?;
    let options =
        Options { dims, seed: arguments.seed, limits: arguments.search.limits(), discovery: true, ..Options::bare() };
    let ranges = arguments.dims.iter().filter(|(_, from, to)| from < to);
    let question = Question {
        dynamics: arguments.dynamics.clone(),
        depth: arguments.depth,
        degree: arguments.degree,
        small_prime: arguments.prime_bits.as_ref().map(|bits| bits == "23"),
        ranges: ranges.map(|(name, from, to)| (name.clone(), (*from..=*to).collect())).collect(),
    };
    let bytes = elimination(&model, &options, &question)?;
    // Said before the work starts, whoever watches, where it is much.
    if bytes > NOTED && !arguments.output.quiet {
        let mebibytes = bytes.div_ceil(1 << 20);
        let message = "counting conservation laws, with elimination in at most";
        output::note(&format!("{}: {message} {mebibytes} MiB", model.name));
    }
    let progress = Progress::new(model.name, arguments.output.quiet);
    let counted = complete(&model, &book, &options, &question, &progress)?;
    drop(progress);
    output::note_late(counted.report.late, &arguments.output);
    let text = match arguments.format {
        TextOrJson::Text => counted.text(),
        TextOrJson::Json => counted.json(),
    };
    output::write(&text, &arguments.output)?;
    Ok(Verdict::of(counted.is_complete()))
}

/// `h=64` or `h=2..6`.
fn range(text: &str) -> Result<Range, String> {
    let expected = "expected NAME=SIZE or NAME=SIZE..SIZE, as in h=2..6";
    let (name, value) = text.split_once('=').ok_or(expected)?;
    let number = |s: &str| s.trim().parse::<u64>().map_err(|_| format!("`{s}` is not a size; {expected}"));
    let (from, to) = value.split_once("..").unwrap_or((value, value));
    let (from, to) = (number(from)?, number(to.trim_start_matches('='))?);
    match from <= to {
        true if to - from < 1000 => Ok((name.trim().to_string(), from, to)),
        true => Err("a range has at most 1000 sizes".to_string()),
        false => Err(format!("the range {value} is empty")),
    }
}

fn degree(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n @ 1..=12) => Ok(n),
        _ => Err("expected a degree from 1 to 12".into()),
    }
}

fn depth(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n @ 1..=12) => Ok(n),
        _ => Err("expected a depth from 1 to 12".into()),
    }
}
