//! Options that several subcommands share.

use crate::rewrite::Limits;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A model, the instance of it, how proofs are searched for, and where the result goes.
#[derive(Args)]
pub(super) struct Job {
    /// The model; `-` reads standard input
    pub file: PathBuf,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub instance: Instance,
    #[command(flatten)]
    pub search: Search,
}

impl Rules {
    /// The files that are read.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.extra.iter().map(PathBuf::as_path)
    }
}

/// Where and how the result is written.
#[derive(Args)]
pub(super) struct Output {
    /// Write to a file instead of standard output; the file appears complete or not at all
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Print nothing but errors; the exit status tells the verdict
    #[arg(short, long)]
    pub quiet: bool,
    /// When to colour text
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    Always,
    Never,
}

/// How a result that is not a document is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum TextOrJson {
    #[default]
    Text,
    Json,
}

/// The concrete instance of the numeric checks.
#[derive(Args)]
pub(super) struct Instance {
    /// Sizes of the instance of the checks, in place of the model's defaults
    #[arg(long, value_name = "NAME=SIZE,…", value_delimiter = ',', value_parser = size)]
    pub dims: Vec<(String, u64)>,
    /// Seed of the random numbers
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = natural, allow_negative_numbers = true)]
    pub seed: u64,
}

/// Files with parameters and data in place of random ones.
#[derive(Args)]
pub(super) struct Tensors {
    /// Take the parameters, and data, of a .safetensors, .npz or .npy file or of a model.safetensors.index.json; may be given
    /// several times
    #[arg(long, value_name = "FILE", help_heading = "Tensors")]
    pub params: Vec<PathBuf>,
    /// Take data of such a file; may be given several times
    #[arg(long, value_name = "FILE", help_heading = "Tensors")]
    pub data: Vec<PathBuf>,
    /// The tensor that a matrix is: W1=mlp.up_proj.weight, with ' behind it where it is stored transposed, a part as
    /// W_Q=qkv.weight[0:64, :], all members of a family as W[l]=layers.{l-1}.weight; may be given several times
    #[arg(long, value_name = "NAME=TENSOR", help_heading = "Tensors")]
    pub map: Vec<String>,
}

impl Tensors {
    /// The files that are read, those of parameters first.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.params.iter().chain(&self.data).map(PathBuf::as_path)
    }
}

/// The rules and the bounds of a search for proofs.
#[derive(Args)]
pub(super) struct Search {
    #[command(flatten)]
    pub rules: Rules,
    /// Most e-nodes of one search
    #[arg(long, value_name = "N", default_value_t = Limits::default().nodes, value_parser = count,
          allow_negative_numbers = true, help_heading = "Search")]
    pub max_nodes: usize,
    /// Most iterations of one search
    #[arg(long, value_name = "N", default_value_t = Limits::default().iterations, value_parser = count,
          allow_negative_numbers = true, help_heading = "Search")]
    pub max_iterations: usize,
    /// Longest time of one search; the results then depend on the machine
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true, help_heading = "Search")]
    pub max_seconds: Option<f64>,
}

impl Search {
    pub fn limits(&self) -> Limits {
        let time = self.max_seconds.map(Duration::from_secs_f64);
        Limits { nodes: self.max_nodes, iterations: self.max_iterations, time }
    }
}

/// Which rules are used.
#[derive(Args)]
pub(super) struct Rules {
    /// Use the rules of this directory instead of the built-in ones
    #[arg(long = "rules", value_name = "DIR", help_heading = "Search")]
    pub directory: Option<PathBuf>,
    /// Add the rules of a file, which are assumed, not proved; may be given several times
    #[arg(long = "extra-rules", value_name = "FILE", help_heading = "Search")]
    pub extra: Vec<PathBuf>,
}

/// `h=64`.
fn size(text: &str) -> Result<(String, u64), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=SIZE, as in h=64")?;
    let value = value.trim().parse().map_err(|_| format!("`{value}` is not a size: expected a positive integer"))?;
    Ok((name.trim().to_string(), value))
}

/// A seed.
pub(super) fn natural(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "expected an integer from 0 to 2^64 - 1".into())
}

fn count(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "expected an integer from 0 on".into())
}

/// A time between 0 and a day.
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(s) if (0.0..=86_400.0).contains(&s) => Ok(s),
        _ => Err("expected a number of seconds from 0 to 86400".into()),
    }
}
