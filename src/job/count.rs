//! What a report says about the number of laws.

use super::error::Error;
use crate::exact::{self, Bounds, Completeness, ExactError, Fields, Quantity};
use crate::kernel::{Kind, Law, sum};
use crate::model::{Dynamics, Model, WrittenOut};
use crate::term::{Env, Expr, Sizes, Symbol};
use std::borrow::Cow;

/// Whether a law states quantities that a dynamics conserves. What rests on a rule of the user's own is assumed and not proved,
/// so it states none.
pub fn is_first_integral(law: &Law, dynamics: &Dynamics) -> bool {
    let conserved = law.kind() == Kind::Conserved && law.dynamics() == Some(dynamics);
    conserved && !law.assumes_rules()
}

/// The quantities that a dynamics conserves by derived laws, of families those of every member, in the symbols of the model that
/// is written out.
pub fn first_integrals<'a>(written: &Model, dynamics: &Dynamics, laws: &'a [Law], sizes: &Sizes) -> Vec<Quantity<'a>> {
    let mut out = Vec::new();
    for law in laws.iter().filter(|law| is_first_integral(law, dynamics)) {
        let Some(quantity) = law.quantity() else { continue };
        let model = law.claim().setting().model();
        if !model.has_families() {
            out.push(Quantity { law: law.id(), formula: written.inline(quantity), env: Cow::Borrowed(law.env()) });
            continue;
        }
        let indices: Vec<Symbol> = law.indices().iter().map(|index| index.name).collect();
        let Ok(family) = WrittenOut::new(model, sizes) else { continue };
        for at in family.values(&indices) {
            let Ok(formula) = family.formula(law.env(), quantity, &at, &|name, _| name) else { continue };
            let env = Cow::Owned(members(law.env(), written));
            out.push(Quantity { law: law.id(), formula: written.inline(&formula), env });
        }
    }
    out
}

/// The symbols of a law, and those of the model that is written out.
fn members(env: &Env, written: &Model) -> Env {
    let mut env = env.clone();
    for variable in written.params.iter().chain(&written.data) {
        env.declare(variable.name, variable.shape, variable.facts);
    }
    env
}

/// A count of a model with families where an index runs further by one.
#[derive(Clone, Debug)]
pub struct Larger {
    /// How far the indices run at the sizes of the report, and how far here.
    pub before: Vec<(String, u64)>,
    pub ranges: Vec<(String, u64)>,
    pub completeness: Completeness,
    /// The number of the derived laws as a formula in the sizes, where it is what was counted at both.
    pub formula: Option<Expr>,
}

/// Counts again where an index runs further by one; none for a model without such a size, or where that is too much work.
pub(super) fn larger(
    model: &Model,
    laws: &[Law],
    sizes: &Sizes,
    here: &Completeness,
    bounds: Bounds,
    most: u64,
    watch: exact::Watch,
) -> Result<Option<Larger>, ExactError> {
    let Some(range) = model.ranges().next().filter(|_| here.complete()) else { return Ok(None) };
    let mut more = sizes.clone();
    more.set(range, sizes.get(range).unwrap_or_default() + 1);
    let Ok(written) = model.written_out(&more) else { return Ok(None) };
    let written = written.tied();
    if Fields::new(&*written, &more)?.work() > most {
        return Ok(None);
    }
    let completeness = exact::complete(
        &*written,
        &more,
        &first_integrals(&written, &Dynamics::GradientFlow, laws, &more),
        bounds,
        watch,
    )?;
    let formula = sum(laws
        .iter()
        .filter(|law| is_first_integral(law, &Dynamics::GradientFlow))
        .map(|law| law.components().clone()));
    let says = |sizes: &Sizes, found: &Completeness| model.count(&formula, sizes) == Some(found.laws_known);
    let agrees = says(sizes, here) && says(&more, &completeness);
    let ranges = |sizes: &Sizes| {
        let of = |name: Symbol| Some((name.to_string(), u64::try_from(sizes.get(name)?).ok()?));
        model.ranges().filter_map(of).collect()
    };
    let (before, ranges) = (ranges(sizes), ranges(&more));
    Ok(Some(Larger { before, ranges, completeness, formula: agrees.then_some(formula) }))
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
    /// A second or two at most.
    Little,
    Any,
}

/// The most multiplications of a count in passing.
const LITTLE: u64 = 64_000_000;

/// Counts the laws of gradient flow beside the derived ones, of a model with families at larger sizes too; no count for a model
/// that asks for other dynamics only.
pub fn count(
    model: &Model,
    laws: &[Law],
    sizes: &Sizes,
    seed: u64,
    effort: Effort,
    watch: exact::Watch,
) -> Result<(Option<Count>, Option<Larger>), Error> {
    if !model.dynamics.is_empty() && !model.dynamics.contains(&Dynamics::GradientFlow) {
        return Ok((None, None));
    }
    let bounds = Bounds { seed, ..Bounds::default() };
    let most = if effort == Effort::Little { LITTLE } else { u64::MAX };
    let counted = || {
        // Elimination alone is that much; an instance of that many members is not even written out.
        let elimination = model.dimension(sizes).map_or(u64::MAX, |d| d.saturating_pow(3) / 3);
        if elimination > most {
            return Ok((Count::Postponed, None));
        }
        let written = model.written_out(sizes)?;
        let written = written.tied();
        if Fields::new(&*written, sizes)?.work() > most {
            return Ok((Count::Postponed, None));
        }
        let found = exact::complete(
            &*written,
            sizes,
            &first_integrals(&written, &Dynamics::GradientFlow, laws, sizes),
            bounds,
            watch,
        )?;
        let larger = larger(model, laws, sizes, &found, bounds, most, watch)?;
        Ok((Count::Done(found), larger))
    };
    match counted() {
        Ok((count, larger)) => Ok((Some(count), larger)),
        Err(error @ (ExactError::Interrupted | ExactError::Contradiction { .. })) => Err(error.into()),
        Err(error) => Ok((Some(Count::Failed(error.to_string())), None)),
    }
}
