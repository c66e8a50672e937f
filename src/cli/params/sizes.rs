//! The sizes of a model as the shapes of tensors tell them.

use crate::term::{Polynomial, Shape, Size, Symbol};

/// Sizes as far as they are known, and from where.
pub struct Inferred {
    pub dims: Vec<(String, u64)>,
    sources: Vec<String>,
}

impl Inferred {
    pub fn new(dims: &[(String, u64)]) -> Inferred {
        Inferred { dims: dims.to_vec(), sources: vec!["--dims".into(); dims.len()] }
    }

    /// Adds a size that something else than a shape tells.
    pub fn add(&mut self, name: Symbol, n: u64, source: &str) {
        self.dims.push((name.to_string(), n));
        self.sources.push(source.to_string());
    }

    /// Whether a size is known.
    pub fn knows(&self, name: Symbol) -> bool {
        self.known(name).is_some()
    }

    /// Makes a declared shape equal to that of a tensor, which is named by `source`, or says where they differ.
    pub fn fit(&mut self, shape: Shape, extent: (u64, u64), source: &str) -> Result<(), String> {
        let (rows, cols) = extent;
        for (size, n) in [(shape.rows, rows), (shape.cols, cols)] {
            let differs = |why: String| Err(format!("is {rows}×{cols}, declared {shape}, but {why}"));
            match size {
                Size::Lit(k) if k == n => {}
                Size::Lit(k) => return differs(format!("{n} is not {k}")),
                Size::Name(name) => match self.dims.iter().rposition(|(known, _)| known == name.as_str()) {
                    Some(i) if self.dims[i].1 == n => {}
                    Some(i) => return differs(format!("{name} = {} by {}", self.dims[i].1, self.sources[i])),
                    None => {
                        self.dims.push((name.to_string(), n));
                        self.sources.push(source.to_string());
                    }
                },
                Size::Formula(formula) => {
                    if let Some((name, value)) = self.solved(formula, n) {
                        match value {
                            Some(value) => {
                                self.dims.push((name.to_string(), value));
                                self.sources.push(source.to_string());
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
