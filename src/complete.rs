//! Whether the derived laws of gradient flow are all there are, and what is missing.

use crate::exact::{
    Bounds, Completeness, ExactError, Fields, Integrals, Polynomial, Quantity, Watch, complete, missing_laws,
};
use crate::kernel::{Kind, Law};
use crate::model::{Dynamics, Model};
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
    /// Sought when laws are missing and finite fields tell the truth.
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
    let found = match completeness.complete() || !completeness.is_certified() {
        true => None,
        false => missing_laws(model, dims, &known, degree, bounds, watch)?,
    };
    Ok(Answer { completeness, found })
}

/// What a report of all laws says about their number.
#[derive(Clone, Debug)]
pub enum Count {
    Done(Completeness),
    /// It is too much work to be done in passing.
    Postponed,
    /// Why they cannot be counted.
    Failed(String),
}

/// How much work a count in passing may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// A few milliseconds.
    Little,
    Any,
}

/// The most multiplications of a count in passing.
const LITTLE: u64 = 4_000_000;

/// Counts the laws of gradient flow beside the derived ones; `None` for a model that asks for other dynamics only.
pub fn count(
    model: &Model,
    laws: &[Law],
    dims: &HashMap<Symbol, usize>,
    seed: u64,
    effort: Effort,
    watch: Watch,
) -> Option<Count> {
    if !model.dynamics.is_empty() && !model.dynamics.contains(&Dynamics::GradientFlow) {
        return None;
    }
    let counted = || match effort {
        Effort::Little if Fields::new(model, dims)?.work() > LITTLE => Ok(Count::Postponed),
        _ => {
            let bounds = Bounds { seed, ..Bounds::default() };
            complete(model, dims, &first_integrals(model, laws), bounds, watch).map(Count::Done)
        }
    };
    Some(counted().unwrap_or_else(|error: ExactError| Count::Failed(error.to_string())))
}
