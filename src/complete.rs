//! Whether the derived laws of gradient flow are all there are, and what is missing.

use crate::exact::{Bounds, Completeness, ExactError, Integrals, Polynomial, Quantity, Watch, complete, missing_laws};
use crate::language::{Dynamics, Model};
use crate::law::{Kind, Law};
use crate::term::Symbol;
use std::collections::HashMap;

/// The quantities that gradient flow conserves by derived laws.
pub fn first_integrals<'a>(model: &Model, laws: &'a [Law]) -> Vec<Quantity<'a>> {
    let conserved = |law: &&Law| law.kind() == Kind::Conserved && law.dynamics() == Some(&Dynamics::GradientFlow);
    let quantity = |law: &'a Law| Some(Quantity { formula: model.inline(law.quantity()?), env: law.env() });
    laws.iter().filter(conserved).filter_map(quantity).collect()
}

/// The count of laws against the derived ones, and the polynomials that fill a gap.
#[derive(Clone, Debug)]
pub struct Answer {
    pub completeness: Completeness,
    /// Sought when laws are missing.
    pub found: Option<Integrals>,
}

impl Answer {
    /// How many independent laws are neither derived nor found.
    pub fn unknown(&self) -> usize {
        let known = self.found.as_ref().map_or(self.completeness.laws_known, |found| found.rank);
        self.completeness.laws_at_most.saturating_sub(known)
    }

    /// The polynomials that were found and have no matrix formula.
    pub fn polynomials(&self) -> &[Polynomial] {
        self.found.as_ref().map_or(&[], |found| &found.polynomials)
    }
}

/// Counts the laws, and where derived ones do not suffice looks for conserved polynomials up to a degree.
pub fn answer(
    model: &Model,
    laws: &[Law],
    dims: &HashMap<Symbol, usize>,
    degree: usize,
    bounds: Bounds,
    watch: Watch,
) -> Result<Answer, ExactError> {
    let known = first_integrals(model, laws);
    let completeness = complete(model, dims, &known, bounds, watch)?;
    let found = match completeness.complete() {
        true => None,
        false => missing_laws(model, dims, &known, degree, bounds, watch)?,
    };
    Ok(Answer { completeness, found })
}
