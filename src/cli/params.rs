//! Parameters and data from a .safetensors file.

use super::error::Error;
use crate::eval::Dense;
use crate::language::nearest;
use crate::model::{Model, Variable};
use crate::sample::broken;
use crate::term::{Polynomial, Size, Symbol};
use faer::Mat;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// No file with the parameters of an instance of the checks is larger.
const LARGEST_FILE: u64 = 1 << 28;

/// The most bytes of the header, as the format has it.
const LARGEST_HEADER: u64 = 100_000_000;

/// Reads the parameters of a model, and the data that the file has. The sizes that `dims` leaves open are read off the
/// shapes and added to it. Whatever does not fit is reported together.
pub(super) fn read(
    model: &Model,
    path: &Path,
    dims: &mut Vec<(String, u64)>,
) -> Result<Vec<(Symbol, Mat<f64>)>, Error> {
    let shown = path.display().to_string();
    let wrong = |e: std::io::Error| Error::io(&shown, &e);
    let bytes = bytes(path).map_err(wrong)?.map_err(|why| Error::Plain(format!("{shown}: {why}")))?;
    let file =
        SafeTensors::deserialize(&bytes).map_err(|e| Error::Plain(format!("{shown}: not a .safetensors file: {e}")))?;
    let tensors: BTreeMap<String, TensorView> = file.tensors().into_iter().collect();
    let mut problems = Vec::new();
    let variables = || model.params.iter().chain(&model.data);
    let names: Vec<&str> = variables().map(|v| v.name.as_str()).collect();
    for name in tensors.keys().filter(|name| !names.contains(&name.as_str())) {
        let free = names.iter().copied().filter(|n| !tensors.contains_key(*n));
        let meant = nearest(name, free).map_or(String::new(), |meant| format!("; did you mean `{meant}`?"));
        problems.push(format!("{name}: the model has no parameter or data of this name{meant}"));
    }
    for missing in model.params.iter().filter(|p| !tensors.contains_key(p.name.as_str())) {
        problems.push(format!("{}: the file has no tensor for this parameter", missing.name));
    }
    let mut sizes = Inferred::new(dims);
    let mut values = Vec::new();
    // What is a name by itself tells the size that others are formulas in.
    let formulas = |v: &&Variable| [v.shape.rows, v.shape.cols].iter().any(|size| matches!(size, Size::Formula(_)));
    let (composite, plain): (Vec<&Variable>, Vec<&Variable>) = variables().partition(formulas);
    for variable in plain.into_iter().chain(composite) {
        let Some(tensor) = tensors.get(variable.name.as_str()) else { continue };
        match extent(variable, tensor.shape()).and_then(|extent| {
            sizes.fit(variable, extent)?;
            matrix(variable, tensor, extent)
        }) {
            Ok(value) => values.push((variable.name, value)),
            Err(problem) => problems.push(format!("{}: {problem}", variable.name)),
        }
    }
    if !problems.is_empty() {
        return Err(Error::Plain(format!("{shown} does not fit the model\n  {}", problems.join("\n  "))));
    }
    *dims = sizes.dims;
    Ok(values)
}

/// Reads a file of which nothing is known, perhaps a pipe that never ends: never more than the length of the header, which
/// stands first, and the largest file. `Err` says what is wrong with it.
fn bytes(path: &Path) -> io::Result<Result<Vec<u8>, String>> {
    let mut file = File::open(path)?;
    let kind = file.metadata()?.file_type();
    let device = !(kind.is_file() || kind.is_dir() || is_pipe(kind));
    if device {
        return Ok(Err("is a device, not a file".into()));
    }
    let mut bytes = Vec::new();
    file.by_ref().take(8).read_to_end(&mut bytes)?;
    let header = <[u8; 8]>::try_from(&bytes[..]).map(u64::from_le_bytes);
    if header.is_ok_and(|length| length > LARGEST_HEADER) {
        return Ok(Err("not a .safetensors file: its header would be too large".into()));
    }
    file.take(LARGEST_FILE + 1 - bytes.len() as u64).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > LARGEST_FILE {
        true => Ok(Err(format!("larger than {} MiB", LARGEST_FILE >> 20))),
        false => Ok(Ok(bytes)),
    }
}

#[cfg(unix)]
fn is_pipe(kind: std::fs::FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&kind)
}

#[cfg(not(unix))]
fn is_pipe(_: std::fs::FileType) -> bool {
    false
}

/// Sizes as far as they are known, and from where.
struct Inferred {
    dims: Vec<(String, u64)>,
    sources: Vec<String>,
}

impl Inferred {
    fn new(dims: &[(String, u64)]) -> Inferred {
        Inferred { dims: dims.to_vec(), sources: vec!["--dims".into(); dims.len()] }
    }

    /// Makes the declared shape of a variable equal to that of its tensor, or says where they differ.
    fn fit(&mut self, variable: &Variable, extent: (u64, u64)) -> Result<(), String> {
        let (rows, cols) = extent;
        for (size, n) in [(variable.shape.rows, rows), (variable.shape.cols, cols)] {
            let differs = |why: String| Err(format!("is {rows}×{cols}, declared {}, but {why}", variable.shape));
            match size {
                Size::Lit(k) if k == n => {}
                Size::Lit(k) => return differs(format!("{n} is not {k}")),
                Size::Name(name) => match self.dims.iter().rposition(|(known, _)| known == name.as_str()) {
                    Some(i) if self.dims[i].1 == n => {}
                    Some(i) => return differs(format!("{name} = {} by {}", self.dims[i].1, self.sources[i])),
                    None => {
                        self.dims.push((name.to_string(), n));
                        self.sources.push(variable.name.to_string());
                    }
                },
                Size::Formula(formula) => {
                    if let Some((name, value)) = self.solved(formula, n) {
                        match value {
                            Some(value) => {
                                self.dims.push((name.to_string(), value));
                                self.sources.push(variable.name.to_string());
                            }
                            None => return differs(format!("{n} is not {size} for any {name}")),
                        }
                    }
                    match formula.value(|name| self.known(name)) {
                        Some(value) if value as u64 == n => {}
                        Some(value) => return differs(format!("{size} = {value}, not {n}")),
                        None => {
                            return differs(format!(
                                "{size} = {n} does not say what its sizes are; give them with --dims"
                            ));
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

impl Inferred {
    fn known(&self, name: Symbol) -> Option<usize> {
        let known = self.dims.iter().rev().find(|(known, _)| known == name.as_str())?;
        usize::try_from(known.1).ok()
    }

    /// The one name without a number in a formula in which it occurs once in each monomial that has it, and the number for
    /// which the formula is n, if there is one.
    fn solved(&self, formula: &Polynomial, n: u64) -> Option<(Symbol, Option<u64>)> {
        let open: Vec<Symbol> = formula.monomials().flat_map(|(names, _)| names.iter().copied()).collect();
        let open: Vec<Symbol> = open.into_iter().filter(|name| self.known(*name).is_none()).collect();
        let name = *open.first()?;
        let linear = formula.monomials().all(|(names, _)| names.iter().filter(|x| **x == name).count() <= 1);
        if !linear || open.iter().any(|other| *other != name) {
            return None;
        }
        let at = |value: usize| formula.value(|x| if x == name { Some(value) } else { self.known(x) });
        let (constant, slope) = (at(0)?, at(1)?.checked_sub(at(0)?)?);
        let rest = usize::try_from(n).ok()?.checked_sub(constant);
        let value = rest.filter(|rest| *rest > 0 && rest % slope.max(1) == 0).map(|rest| (rest / slope.max(1)) as u64);
        Some((name, value))
    }
}

/// Rows and columns of a tensor: one of one dimension is a column, or a row where a row is declared.
fn extent(variable: &Variable, shape: &[usize]) -> Result<(u64, u64), String> {
    let sizes: Vec<u64> = shape.iter().map(|n| *n as u64).collect();
    match sizes[..] {
        [] => Ok((1, 1)),
        [n] if variable.shape.rows == Size::Lit(1) && variable.shape.cols != Size::Lit(1) => Ok((1, n)),
        [n] => Ok((n, 1)),
        [rows, cols] => Ok((rows, cols)),
        _ => Err(format!("has {} dimensions, a matrix has two", sizes.len())),
    }
}

fn matrix(variable: &Variable, tensor: &TensorView, extent: (u64, u64)) -> Result<Mat<f64>, String> {
    let bytes = tensor.data();
    let numbers: Vec<f64> = match tensor.dtype() {
        Dtype::F64 => chunks(bytes).map(f64::from_le_bytes).collect(),
        Dtype::F32 => chunks(bytes).map(|b| f64::from(f32::from_le_bytes(b))).collect(),
        // The upper half of an f32.
        Dtype::BF16 => {
            chunks(bytes).map(|b| f64::from(f32::from_bits(u32::from(u16::from_le_bytes(b)) << 16))).collect()
        }
        other => return Err(format!("has numbers of type {other:?}; F64, F32 and BF16 are read")),
    };
    let (rows, cols) = (extent.0 as usize, extent.1 as usize);
    if rows == 0 || cols == 0 {
        return Err("is empty".into());
    }
    if let Some(k) = numbers.iter().position(|x| !x.is_finite()) {
        return Err(format!("the entry in row {}, column {} is {}", k / cols, k % cols, numbers[k]));
    }
    let value = Mat::from_fn(rows, cols, |i, j| numbers[i * cols + j]);
    match broken(&Dense::from(&value), variable.facts) {
        Some(fact) => Err(format!("is declared {}, but it is not", fact.words())),
        None => Ok(value),
    }
}

fn chunks<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> {
    bytes.chunks_exact(N).filter_map(|chunk| chunk.try_into().ok())
}
