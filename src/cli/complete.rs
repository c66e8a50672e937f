//! `equilaw complete FILE`.

use super::error::Error;
use super::options::{Instance, Output, Search, TextOrJson};
use super::progress::Progress;
use super::{Verdict, input, output};
use crate::complete::{answer, first_integrals};
use crate::exact::{Bounds, ExactError, Field, Fields, sweep};
use crate::report::{CompletenessReport, sweep_json, sweep_text};
use crate::term::Symbol;
use crate::{Options, derive};
use clap::Args;
use std::collections::HashMap;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  equilaw complete examples/relu_mlp.eqv
  equilaw complete model.eqv --dims h=64,d=32
  equilaw complete model.eqv --dims h=2..6        a table over sizes, and a formula if one fits
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
    /// Seed of the random numbers
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// The longest brackets drawn
    #[arg(long, default_value_t = Bounds::default().depth, value_name = "N", value_parser = depth)]
    depth: usize,
    /// The largest degree of polynomials among which missing laws are sought
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = degree)]
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

/// The largest matrix of an elimination, in bytes.
const MEMORY: u64 = 8 << 30;

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    let mut model = input::model(&arguments.file)?;
    // Only gradient flow is counted, whatever the model asks to be derived.
    model.dynamics.clear();
    let first: Vec<(String, u64)> = arguments.dims.iter().map(|(name, from, _)| (name.clone(), *from)).collect();
    let last: Vec<(String, u64)> = arguments.dims.iter().map(|(name, _, to)| (name.clone(), *to)).collect();
    let checked = |dims| input::dims(&model, &Instance { dims, seed: arguments.seed }, true);
    let (dims, _) = (checked(first)?, checked(last.clone())?);
    let book = input::rules(&arguments.search.rules)?;
    let options = Options { dims, seed: arguments.seed, limits: arguments.search.limits(), ..Options::default() };
    let field = arguments.prime_bits.as_ref().map(|bits| if bits == "23" { Field::Small } else { Field::Large });
    let bounds = Bounds { seed: arguments.seed, depth: arguments.depth, field };
    let bytes = memory(&Fields::new(&model, &sizes(&last)).map_err(ExactError::from)?)?;
    let mebibytes = bytes.div_ceil(1 << 20);
    let message = format!("{}: counting conservation laws, with elimination in at most {mebibytes} MiB", model.name);
    // Said before the work starts, whoever watches, where it is much.
    if bytes > NOTED && !arguments.output.quiet {
        output::note(&message);
    }
    let progress = Progress::start(message, arguments.output.quiet);
    let watch = progress.watch();
    let report = derive(&model, &book, &options)?;
    let known = first_integrals(&model, &report.laws);
    let ranges: Vec<(Symbol, Vec<usize>)> = arguments
        .dims
        .iter()
        .filter(|(_, from, to)| from < to)
        .map(|(name, from, to)| (name.as_str().into(), (*from as usize..=*to as usize).collect()))
        .collect();
    let fixed = sizes(&options.dims);
    if !ranges.is_empty() {
        let found = sweep(&model, &fixed, &ranges, &known, bounds, &watch)?;
        drop(progress);
        let written = match arguments.format {
            TextOrJson::Text => sweep_text(&model, &found),
            TextOrJson::Json => sweep_json(&model, &report.dims, &found),
        };
        output::write(&written, &arguments.output)?;
        return Ok(verdict(found.rows.iter().all(|(_, row)| row.complete() && row.is_certified())));
    }
    let answer = answer(&model, &report.laws, &fixed, arguments.degree, bounds, &watch)?;
    let conserved = report.laws.iter().filter(|law| !first_integrals(&model, std::slice::from_ref(law)).is_empty());
    let fields = Fields::new(&model, &fixed).map_err(ExactError::from)?;
    drop(progress);
    let written = CompletenessReport {
        model: &model,
        dims: &report.dims,
        fields: &fields,
        answer: &answer,
        known: conserved.map(|law| law.id()).collect(),
    };
    let text = match arguments.format {
        TextOrJson::Text => written.text(),
        TextOrJson::Json => written.json(),
    };
    output::write(&text, &arguments.output)?;
    Ok(verdict(answer.unknown() == 0 && answer.completeness.is_certified()))
}

fn verdict(complete: bool) -> Verdict {
    if complete { Verdict::Holds } else { Verdict::Fails }
}

/// Sizes by name.
pub(super) fn sizes(dims: &[(String, u64)]) -> HashMap<Symbol, usize> {
    dims.iter().map(|(name, n)| (name.as_str().into(), *n as usize)).collect()
}

/// The bytes of an elimination: D rows of D residues, and a batch of vectors as they are drawn and as they are reduced.
fn memory(fields: &Fields) -> Result<u64, Error> {
    let d = fields.dimension() as u64;
    let bytes = d.saturating_mul(d).saturating_mul(8).saturating_add(d.saturating_mul(512 * 16));
    match bytes > MEMORY {
        true => Err(Error::Plain(format!(
            "{d} parameters: the elimination would need {} GiB, more than {}; choose smaller sizes with --dims",
            bytes >> 30,
            MEMORY >> 30
        ))),
        false => Ok(bytes),
    }
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
