//! Reading models and rules, and the sizes of an instance.

use super::error::Error;
use super::options::{Instance, Rules};
use crate::kernel::Rule;
use crate::language::{nearest, parse_rules};
use crate::model::{Model, SizeError};
use crate::rewrite::RuleBook;
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

/// No model or rule file that a person wrote is larger.
const LARGEST_FILE: u64 = 8 << 20;

/// The most numbers an instance of the checks may have: its matrices are dense.
const MOST_NUMBERS: u64 = 1 << 24;

/// Reads a model; `-` is standard input.
pub(super) fn model(file: &Path) -> Result<Model, Error> {
    let name = if file == Path::new("-") { "standard input".into() } else { file.display().to_string() };
    Ok(Model::parse(&name, &read(file, &name)?)?)
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
    let mut bytes = Vec::new();
    let limit = LARGEST_FILE + 1;
    let result = if file == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|f| f.take(limit).read_to_end(&mut bytes))
    };
    result.map_err(|e| Error::io(name, &e))?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(Error::Plain(format!("{name}: larger than {} MiB", LARGEST_FILE >> 20)));
    }
    String::from_utf8(bytes).map_err(|e| {
        let line = 1 + e.as_bytes()[..e.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count();
        Error::Plain(format!("{name}: not UTF-8 text (line {line})"))
    })
}

/// Checks the sizes that were asked for: known names, and an instance that fits into memory.
pub(super) fn dims(model: &Model, instance: &Instance, checks: bool) -> Result<Vec<(String, u64)>, Error> {
    let sizes = model.sizes(&instance.dims).map_err(|error| {
        let help = match &error {
            SizeError::Unknown(name) => {
                let names = model.dims.iter().map(|d| d.name.as_str());
                match nearest(name, names.clone()) {
                    Some(meant) => format!("; did you mean `{meant}`?"),
                    None => format!("; its sizes are {}", names.collect::<Vec<_>>().join(", ")),
                }
            }
            SizeError::Zero(_) | SizeError::TooLarge(_) => String::new(),
        };
        Error::Plain(format!("--dims: {error}{help}"))
    })?;
    let total = sizes.entries(model.params.iter().chain(&model.data).map(|v| v.shape));
    let most = if checks { MOST_NUMBERS } else { u64::MAX };
    match total {
        Some(total) if total <= most => Ok(instance.dims.clone()),
        _ if checks => Err(Error::Plain(format!(
            "the instance of the checks would have more than {MOST_NUMBERS} numbers; choose smaller sizes with --dims, or --no-checks"
        ))),
        _ => Err(Error::Plain("the number of parameters is not below 2^64; choose smaller sizes with --dims".into())),
    }
}
