//! Parameters and data from files: .safetensors, whole or in shards, .npz and .npy.

mod archive;
mod map;
mod numpy;
mod safetensors;
mod sizes;
mod stream;
mod tensor;

use super::error::Error;
use super::options::Tensors;
use crate::eval::Dense;
use crate::job::Given;
use crate::language::nearest;
use crate::model::{Model, Variable, WrittenOut};
use crate::sample::broken;
use crate::term::{Shape, Size};
use archive::Archive;
use map::{Map, View, Wanted};
use sizes::Inferred;
use std::collections::BTreeSet;
use std::path::Path;
use tensor::{MOST_NUMBERS, extent};

/// The most members of a family that are looked for.
const MOST_MEMBERS: u64 = 10_000;

/// How much that does not fit is told.
const MOST_PROBLEMS: usize = 40;

/// The tensors that stand for the matrices of a model. No number has been read.
pub(super) struct Plan {
    archives: Vec<Archive>,
    chosen: Vec<Chosen>,
    /// The tensors of a file that nothing is mapped to.
    pub unused: Option<String>,
}

/// A matrix of the model and the tensor that it is.
struct Chosen {
    variable: Variable,
    archive: usize,
    tensor: String,
    view: View,
    extent: (u64, u64),
}

/// Finds the tensors of every parameter, and of the data that files have. The sizes that `dims` leaves open are read off the
/// shapes and added to it. Whatever does not fit is reported together.
pub(super) fn plan(model: &Model, files: &Tensors, dims: &mut Vec<(String, u64)>) -> Result<Plan, Error> {
    let mut archives = Vec::new();
    for path in files.paths() {
        archives.push(open(path)?);
    }
    let map = Map::parse(&files.map).map_err(Error::Plain)?;
    let mut finding = Finding { model, archives, parameters: files.params.len(), map, used: BTreeSet::new() };
    finding.known_names().map_err(Error::Plain)?;
    let (chosen, problems, sizes) = finding.all(dims)?;
    let (extra, unused) = finding.extra();
    let problems: Vec<String> = extra.into_iter().chain(problems).collect();
    refuse(&finding.archives, &problems)?;
    *dims = sizes;
    Ok(Plan { archives: finding.archives, chosen, unused })
}

fn open(path: &Path) -> Result<Archive, Error> {
    let shown = path.display().to_string();
    let opened = Archive::open(path).map_err(|error| Error::io(&shown, &error))?;
    opened.map_err(|why| Error::Plain(format!("{shown}: {why}")))
}

fn refuse(archives: &[Archive], problems: &[String]) -> Result<(), Error> {
    if problems.is_empty() {
        return Ok(());
    }
    let files: Vec<&str> = archives.iter().map(|archive| archive.shown.as_str()).collect();
    let verb = if files.len() == 1 { "does" } else { "do" };
    let mut text = format!("{} {verb} not fit the model", files.join(", "));
    for problem in problems.iter().take(MOST_PROBLEMS) {
        text += &format!("\n  {problem}");
    }
    if problems.len() > MOST_PROBLEMS {
        text += &format!("\n  and {} more", problems.len() - MOST_PROBLEMS);
    }
    Err(Error::Plain(text))
}

/// The search for tensors.
struct Finding<'a> {
    model: &'a Model,
    /// Those of parameters, which may have data too, then those of data.
    archives: Vec<Archive>,
    parameters: usize,
    map: Map,
    /// The tensors that are something's, by their file.
    used: BTreeSet<(usize, String)>,
}

type Found = (Vec<Chosen>, Vec<String>, Vec<(String, u64)>);

impl Finding<'_> {
    fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.model.params.iter().chain(self.model.given())
    }

    /// Whether every name that is mapped is one of the model.
    fn known_names(&self) -> Result<(), String> {
        for (text, name, places) in self.map.names() {
            let Some(variable) = self.variables().find(|v| v.name.as_str() == name) else {
                let meant = nearest(name, self.variables().map(|v| v.name.as_str()));
                let meant = meant.map_or(String::new(), |meant| format!("; did you mean `{meant}`?"));
                return Err(format!("--map {text}: the model has no parameter or data `{name}`{meant}"));
            };
            if variable.indices.len() != places {
                let indices: Vec<&str> = variable.indices.iter().map(|index| index.as_str()).collect();
                return Err(match indices[..] {
                    [] => format!("--map {text}: `{name}` is one matrix, without indices"),
                    _ => format!("--map {text}: `{name}` is a family: write {name}[{}]=…", indices.join(",")),
                });
            }
        }
        Ok(())
    }

    /// What a matrix is mapped to: a tensor of its own name where nothing is said. `None` where that is not written as it should.
    fn wanted(&self, name: &str, at: &[u64], is_tensor: impl Fn(&str) -> bool) -> Result<Wanted, String> {
        match self.map.of(name, at) {
            Some((which, text, values)) => Wanted::parse(text, &values, is_tensor)
                .map_err(|why| format!("{}: --map {}: {why}", named(name, at), self.map.text(which))),
            None => Ok(Wanted::whole(&named(name, at))),
        }
    }

    /// The files in which a matrix may be.
    fn files(&self, variable: &Variable) -> std::ops::Range<usize> {
        let is_data = self.model.data.iter().any(|data| data.name == variable.name);
        0..if is_data { self.archives.len() } else { self.parameters }
    }

    /// Whether some file has the tensor of a member of a family.
    fn has(&self, variable: &Variable, at: &[u64]) -> bool {
        let is_tensor =
            |name: &str| self.archives[self.files(variable)].iter().any(|archive| archive.tensor(name).is_some());
        let Ok(wanted) = self.wanted(variable.name.as_str(), at, is_tensor) else { return false };
        self.archives[self.files(variable)].iter().any(|archive| {
            let tensor = archive.tensor(&wanted.tensor).and_then(Result::ok);
            tensor.is_some_and(|tensor| View::of(&wanted, tensor).is_ok())
        })
    }

    /// How many members the families have, where `dims` does not say it: as many as there are tensors for, one after the other.
    fn count_members(&self, sizes: &mut Inferred) {
        let mut found: Vec<(_, u64, String)> = Vec::new();
        for variable in self.variables() {
            for (place, index) in variable.indices.iter().enumerate() {
                let Some(index) = self.model.index(*index) else { continue };
                let Size::Name(range) = index.range else { continue };
                if sizes.knows(range) {
                    continue;
                }
                let at = |k: u64| {
                    let mut at = vec![1; variable.indices.len()];
                    at[place] = k;
                    at
                };
                let count = (1..=MOST_MEMBERS).take_while(|k| self.has(variable, &at(*k))).count() as u64;
                if count > 0 {
                    found.push((range, count + index.less, named(variable.name.as_str(), &at(count))));
                }
            }
        }
        // What has fewer members than another lacks some, which is told.
        found.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
        for (range, count, source) in found {
            if !sizes.knows(range) {
                sizes.add(range, count, &source);
            }
        }
    }

    /// The tensor of every matrix, what is wrong with others, and the sizes.
    fn all(&mut self, dims: &[(String, u64)]) -> Result<Found, Error> {
        let mut sizes = Inferred::new(dims);
        self.count_members(&mut sizes);
        let numbers = self.model.sizes(&sizes.dims).map_err(|error| Error::Plain(error.to_string()))?;
        let wrong = |error: crate::model::SizeError| Error::Plain(error.to_string());
        let written = self.model.written_out(&numbers).map_err(wrong)?;
        let out = WrittenOut::new(self.model, &numbers).map_err(wrong)?;
        let (mut found, mut problems) = (Vec::new(), Vec::new());
        for variable in self.variables().cloned().collect::<Vec<_>>() {
            for (member, at) in out.members(variable.name, &vec![]) {
                let declared = written.params.iter().chain(&written.data).find(|v| v.name == member);
                let Some(declared) = declared else { continue };
                let at: Vec<u64> = at.iter().map(|(_, k)| *k).collect();
                match self.one(&variable, declared, &at) {
                    Ok(Some(chosen)) => found.push(chosen),
                    Ok(None) => {}
                    Err(problem) => problems.push(problem),
                }
            }
        }
        // What is a name by itself tells the size that others are formulas in.
        let formulas = |size: Size| matches!(size, Size::Formula(_));
        let composite = |c: &Chosen| [c.variable.shape.rows, c.variable.shape.cols].into_iter().any(formulas);
        let (later, first): (Vec<&Chosen>, Vec<&Chosen>) = found.iter().partition(|c| composite(c));
        for chosen in first.into_iter().chain(later) {
            if let Err(why) = sizes.fit(chosen.variable.shape, chosen.extent, &chosen.source()) {
                problems.push(format!("{}: {why}", chosen.source()));
            }
        }
        Ok((found, problems, sizes.dims))
    }

    /// The tensor of one matrix; `None` where data are not in the files.
    fn one(&mut self, variable: &Variable, declared: &Variable, at: &[u64]) -> Result<Option<Chosen>, String> {
        let (name, files) = (declared.name, self.files(variable));
        let archives = &self.archives[files.clone()];
        let is_tensor = |name: &str| archives.iter().any(|archive| archive.tensor(name).is_some());
        let wanted = self.wanted(variable.name.as_str(), at, is_tensor)?;
        let have: Vec<usize> = files.filter(|file| self.archives[*file].tensor(&wanted.tensor).is_some()).collect();
        let mapped = wanted.tensor != name.as_str();
        let archive = match have[..] {
            [archive] => archive,
            [first, second, ..] => {
                let (first, second) = (&self.archives[first].shown, &self.archives[second].shown);
                return Err(format!("{name}: `{}` is in {first} and in {second}", wanted.tensor));
            }
            [] if mapped => {
                let meant = nearest(&wanted.tensor, self.archives.iter().flat_map(Archive::names));
                let meant = meant.map_or(String::new(), |meant| format!("; did you mean `{meant}`?"));
                return Err(format!("{name}: there is no tensor `{}`{meant}", wanted.tensor));
            }
            // Data that no file has are random.
            [] if self.model.params.iter().all(|p| p.name != variable.name) => return Ok(None),
            [] => return Err(format!("{name}: the file has no tensor for this parameter, {}", declared.shape)),
        };
        self.used.insert((archive, wanted.tensor.clone()));
        let label = label(name.as_str(), &wanted.tensor);
        let told = |why: &str| format!("{label}: {why}");
        let tensor = self.archives[archive].tensor(&wanted.tensor).unwrap_or(Err("is not there any more"));
        let tensor = tensor.map_err(told)?;
        let view = View::of(&wanted, tensor).map_err(|why| told(&why))?;
        let extent = sides(declared.shape, &view.shape()).map_err(|why| told(&why))?;
        Ok(Some(Chosen { variable: declared.clone(), archive, tensor: wanted.tensor, view, extent }))
    }

    /// What the files have and the model has not: said of files of the model's own, noted of others, which are mapped.
    fn extra(&self) -> (Vec<String>, Option<String>) {
        let mut extra = Vec::new();
        for (at, archive) in self.archives.iter().enumerate() {
            let unused = archive.names().filter(|name| !self.used.contains(&(at, name.to_string())));
            extra.extend(unused.map(|name| (at, name)));
        }
        if self.map.is_empty() {
            let free = |name: &str| self.archives.iter().all(|archive| archive.tensor(name).is_none());
            let told = |(at, name): (usize, &str)| {
                let is_parameter = self.model.params.iter().any(|p| p.name.as_str() == name);
                if at >= self.parameters && is_parameter {
                    return format!("{name}: is a parameter, which is read from --params, not from --data");
                }
                let names = self.variables().map(|v| v.name.as_str());
                let meant = nearest(name, names.filter(|name| free(name)));
                let meant = meant.map_or(String::new(), |meant| format!("; did you mean `{meant}`?"));
                format!("{name}: the model has no parameter or data of this name{meant}")
            };
            return (extra.into_iter().map(told).collect(), None);
        }
        let some: Vec<&str> = extra.iter().take(3).map(|(_, name)| *name).collect();
        let more = if extra.len() > some.len() { ", …" } else { "" };
        let tensors = if extra.len() == 1 { "1 tensor is" } else { &format!("{} tensors are", extra.len()) };
        let note = format!("{tensors} not used: {}{more}", some.join(", "));
        (vec![], (!extra.is_empty()).then_some(note))
    }
}

/// `W`, `W[2,1]`.
fn named(name: &str, at: &[u64]) -> String {
    let numbers: Vec<String> = at.iter().map(u64::to_string).collect();
    if at.is_empty() { name.into() } else { format!("{name}[{}]", numbers.join(",")) }
}

/// A matrix with the tensor that it is, where that has another name.
fn label(name: &str, tensor: &str) -> String {
    if name == tensor { name.into() } else { format!("{name} (`{tensor}`)") }
}

/// Rows and columns of a tensor: one of one dimension is a column, or a row where a row is declared.
fn sides(declared: Shape, shape: &[u64]) -> Result<(u64, u64), String> {
    match *shape {
        _ if shape.contains(&0) => Err("is empty".into()),
        [] => Ok((1, 1)),
        [n] if declared.rows == Size::Lit(1) && declared.cols != Size::Lit(1) => Ok((1, n)),
        [n] => Ok((n, 1)),
        [rows, cols] => Ok((rows, cols)),
        _ => Err(format!("has {} dimensions, {}; a matrix has two, {declared}", shape.len(), extent(shape))),
    }
}

impl Chosen {
    fn source(&self) -> String {
        label(self.variable.name.as_str(), &self.tensor)
    }

    /// Its entries, row by row.
    fn read(&self, archive: &mut Archive) -> Result<Vec<f64>, String> {
        let (rows, cols) = self.extent;
        let span = self.view.span();
        if span > MOST_NUMBERS {
            return Err(format!("stretches over {span} numbers of its file, more than {MOST_NUMBERS}"));
        }
        let numbers = archive.numbers(&self.tensor, self.view.start, span)?;
        let strides: Vec<u64> = self.view.axes.iter().map(|(_, stride)| *stride).collect();
        let (down, across) = match strides[..] {
            [down, across] => (down, across),
            [stride] if rows == 1 => (0, stride),
            [stride] => (stride, 0),
            _ => (0, 0),
        };
        // A whole matrix stands as it is wanted.
        let straight = (across == 1 || cols == 1) && (down == cols || rows == 1) && numbers.len() as u64 == rows * cols;
        let values: Vec<f64> = match straight {
            true => numbers,
            false => {
                let at = |i: u64, j: u64| numbers[(i * down + j * across) as usize];
                (0..rows).flat_map(|i| (0..cols).map(move |j| (i, j))).map(|(i, j)| at(i, j)).collect()
            }
        };
        let cols = cols as usize;
        if let Some(k) = values.iter().position(|x| !x.is_finite()) {
            return Err(format!("the entry in row {}, column {} is {}", k / cols, k % cols, values[k]));
        }
        if !self.variable.facts.is_empty() {
            let dense = Dense::from_fn(rows as usize, cols, |i, j| values[i * cols + j]);
            if let Some(fact) = broken(&dense, self.variable.facts) {
                return Err(format!("is declared {}, but it is not", fact.words()));
            }
        }
        Ok(values)
    }
}

impl Plan {
    /// Reads the numbers. Whatever is wrong with them is reported together.
    pub fn read(mut self) -> Result<Vec<Given>, Error> {
        let (mut given, mut problems) = (Vec::new(), Vec::new());
        for chosen in &self.chosen {
            let (rows, cols) = (chosen.extent.0 as usize, chosen.extent.1 as usize);
            match chosen.read(&mut self.archives[chosen.archive]) {
                Ok(values) => given.push(Given { name: chosen.variable.name.to_string(), rows, cols, values }),
                Err(why) => problems.push(format!("{}: {why}", chosen.source())),
            }
        }
        refuse(&self.archives, &problems)?;
        Ok(given)
    }
}
