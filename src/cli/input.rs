//! Reading models and rules, and the sizes of an instance.

use super::error::Error;
use super::options::{Instance, Rules};
use crate::kernel::Rule;
use crate::language::{nearest, parse_rules};
use crate::model::{Model, SizeError};
use crate::rewrite::RuleBook;
use crate::term::{Indices, Shape, Size, Sizes};
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

/// No model or rule file that a person wrote is larger.
const LARGEST_FILE: u64 = 8 << 20;

/// The most numbers of one evaluation, data and every value on the way to the loss. Matrices are dense, and derivatives, directions and
/// threads have copies of their own.
const MOST_NUMBERS: u64 = 1 << 22;

/// What an instance is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// Laws are measured at it, with a few tangents, unless that is declined.
    Checks,
    /// Laws are measured at it, or followed from there.
    Measuring,
    /// Structure is computed from it: its parameters count among the numbers of an evaluation.
    Counting,
    /// Nothing is evaluated.
    Nothing,
}

impl For {
    /// The most parameters that do not count among the other numbers.
    fn parameters(self) -> u64 {
        match self {
            For::Checks | For::Measuring => 1 << 24,
            For::Counting | For::Nothing => 0,
        }
    }

    /// What may be done about sizes that are too large.
    fn advice(self) -> &'static str {
        match self {
            For::Checks => "choose smaller sizes with --dims, or --no-checks",
            For::Measuring | For::Counting | For::Nothing => "choose smaller sizes with --dims",
        }
    }
}

/// Reads a model; `-` is standard input.
pub(super) fn model(file: &Path) -> Result<Model, Error> {
    let (name, text) = source(file)?;
    Ok(Model::parse(&name, &text)?)
}

/// The name of a model's file and its text; `-` is standard input.
pub(super) fn source(file: &Path) -> Result<(String, String), Error> {
    let name = if file == Path::new("-") { "standard input".into() } else { file.display().to_string() };
    let text = read(file, &name)?;
    Ok((name, text))
}

/// The built-in rules or those of a directory, and the extra ones. What says no more than a built-in rule is not assumed.
pub(super) fn rules(options: &Rules) -> Result<RuleBook, Error> {
    let library = RuleBook::builtin()?;
    let mut rules = match &options.directory {
        None => library.rules().to_vec(),
        Some(directory) => directory_rules(directory)?,
    };
    for rule in &mut rules {
        let known = library.plain().get(rule.name.as_str().into());
        rule.assumed = known.is_none_or(|known| known.statement() != rule.statement());
    }
    for file in &options.extra {
        rules.extend(rule_file(file)?);
    }
    let mut places: HashMap<&str, &Rule> = HashMap::new();
    for rule in &rules {
        if let Some(first) = places.insert(&rule.name, rule) {
            let places = format!("{}:{} and {}:{}", first.file, first.line, rule.file, rule.line);
            return Err(Error::Plain(format!("two rules are named `{}`: {places}", rule.name)));
        }
    }
    Ok(RuleBook::new(rules))
}

fn directory_rules(directory: &Path) -> Result<Vec<Rule>, Error> {
    let shown = directory.display().to_string();
    let entries = std::fs::read_dir(directory).map_err(|e| Error::io(&shown, &e))?;
    let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|e| e.path())).collect();
    let mut paths = paths.map_err(|e| Error::io(&shown, &e))?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "rules"));
    paths.sort();
    if paths.is_empty() {
        return Err(Error::Plain(format!("{shown}: no .rules file here")));
    }
    let mut rules = Vec::new();
    for path in paths {
        rules.extend(rule_file(&path)?);
    }
    Ok(rules)
}

fn rule_file(file: &Path) -> Result<Vec<Rule>, Error> {
    let name = file.display().to_string();
    Ok(parse_rules(&name, &read(file, &name)?)?)
}

fn read(file: &Path, name: &str) -> Result<String, Error> {
    text(file, name, LARGEST_FILE)
}

/// Reads a text of at most `most` bytes; `-` is standard input.
pub(super) fn text(file: &Path, name: &str, most: u64) -> Result<String, Error> {
    let mut bytes = Vec::new();
    let limit = most + 1;
    let result = if file == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|f| f.take(limit).read_to_end(&mut bytes))
    };
    result.map_err(|e| Error::io(name, &e))?;
    if bytes.len() as u64 > most {
        return Err(Error::Plain(format!("{name}: larger than {} MiB", most >> 20)));
    }
    String::from_utf8(bytes).map_err(|e| {
        let line = 1 + e.as_bytes()[..e.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count();
        Error::Plain(format!("{name}: not UTF-8 text (line {line})"))
    })
}

/// Checks the sizes that were asked for: known names, each once.
pub(super) fn named(model: &Model, instance: &Instance) -> Result<Vec<(String, u64)>, Error> {
    sizes(model, instance).map(|_| instance.dims.clone())
}

fn sizes(model: &Model, instance: &Instance) -> Result<Sizes, Error> {
    let names = instance.dims.iter().map(|(name, _)| name);
    if let Some((_, name)) = names.clone().enumerate().find(|(i, name)| names.clone().take(*i).any(|n| n == *name)) {
        return Err(Error::Plain(format!("--dims: the size `{name}` is given twice")));
    }
    model.sizes(&instance.dims).map_err(|error| {
        let help = match &error {
            SizeError::Unknown(name) => {
                let names = model.dims.iter().map(|d| d.name.as_str());
                match nearest(name, names.clone()) {
                    Some(meant) => format!("; did you mean `{meant}`?"),
                    None => format!("; its sizes are {}", names.collect::<Vec<_>>().join(", ")),
                }
            }
            SizeError::Zero(_) | SizeError::TooLarge(_) | SizeError::Members { .. } => String::new(),
        };
        Error::Plain(format!("--dims: {error}{help}"))
    })
}

/// The same, and that the instance fits into memory.
pub(super) fn dims(model: &Model, instance: &Instance, purpose: For) -> Result<Vec<(String, u64)>, Error> {
    let sizes = sizes(model, instance)?;
    let shapes = model.shapes();
    let (parameters, others) = shapes.split_at(model.params.len());
    let count = |shape: Shape, indices: Indices| model.entries(shape, indices, &sizes);
    let sum = |of: &[(String, Shape, Indices)]| {
        of.iter().try_fold(0u64, |sum, (_, shape, indices)| sum.checked_add(count(*shape, *indices)?))
    };
    let (own, rest) = (sum(parameters), sum(others));
    let Some(total) = own.zip(rest).and_then(|(own, rest)| own.checked_add(rest)) else {
        return Err(match purpose {
            For::Nothing => Error::Plain(format!("the number of parameters is not below 2^64; {}", purpose.advice())),
            _ => too_many(purpose, "more than 2^64", MOST_NUMBERS, &shapes, &sizes, &count),
        });
    };
    let free = own.filter(|own| *own <= purpose.parameters()).unwrap_or(0);
    let most = match purpose {
        For::Nothing => return Ok(instance.dims.clone()),
        For::Checks | For::Measuring if own.is_some_and(|own| own > purpose.parameters()) => purpose.parameters(),
        _ if total - free > MOST_NUMBERS => MOST_NUMBERS,
        _ => return Ok(instance.dims.clone()),
    };
    Err(too_many(purpose, &total.to_string(), most, &shapes, &sizes, &count))
}

/// Says which sizes are too large.
fn too_many(
    purpose: For,
    total: &str,
    most: u64,
    shapes: &[(String, Shape, Indices)],
    sizes: &Sizes,
    count: &dyn Fn(Shape, Indices) -> Option<u64>,
) -> Error {
    // The first of the largest.
    let largest = shapes.iter().rev().max_by_key(|(_, shape, _)| count(*shape, Indices::NONE).unwrap_or(u64::MAX));
    let largest = largest.map_or(String::new(), |(what, shape, _)| {
        let at = |size: Size| match (size, sizes.value(size)) {
            (Size::Name(name), Some(n)) => format!("{name} = {n}"),
            (size, _) => size.to_string(),
        };
        format!("; {what} is {shape} with {}, {}", at(shape.rows), at(shape.cols))
    });
    Error::Plain(format!(
        "an evaluation of the loss at these sizes has {total} numbers, more than {most}{largest}: {}",
        purpose.advice()
    ))
}
