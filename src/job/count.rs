//! What a report says about the number of laws.

use super::error::Error;
use crate::exact::{self, Bounds, Completeness, ExactError, Fields, Quantity};
use crate::kernel::{Kind, Law};
use crate::model::{Dynamics, Model};
use crate::term::Sizes;

/// The quantities that a dynamics conserves by derived laws. What rests on a rule of the user's own is assumed and not proved, so it
/// is not among them.
pub fn first_integrals<'a>(model: &Model, dynamics: &Dynamics, laws: &'a [Law]) -> Vec<Quantity<'a>> {
    let conserved = |law: &&Law| law.kind() == Kind::Conserved && law.dynamics() == Some(dynamics);
    let quantity =
        |law: &'a Law| Some(Quantity { law: law.id(), formula: model.inline(law.quantity()?), env: law.env() });
    laws.iter().filter(conserved).filter(|law| !law.assumes_rules()).filter_map(quantity).collect()
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
#[non_exhaustive]
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
    sizes: &Sizes,
    seed: u64,
    effort: Effort,
    watch: exact::Watch,
) -> Result<Option<Count>, Error> {
    if !model.dynamics.is_empty() && !model.dynamics.contains(&Dynamics::GradientFlow) {
        return Ok(None);
    }
    let counted = || match effort {
        Effort::Little if Fields::new(model, sizes)?.work() > LITTLE => Ok(Count::Postponed),
        _ => {
            let bounds = Bounds { seed, ..Bounds::default() };
            exact::complete(model, sizes, &first_integrals(model, &Dynamics::GradientFlow, laws), bounds, watch)
                .map(Count::Done)
        }
    };
    Ok(Some(match counted() {
        Ok(count) => count,
        Err(error @ (ExactError::Interrupted | ExactError::Contradiction { .. })) => return Err(error.into()),
        Err(error) => Count::Failed(error.to_string()),
    }))
}
