//! By which method a count is made: over a field, with enclosed real numbers, along a formal curve, in floating point.

use super::closure::{Bounds, Field};
use super::completeness::{Arithmetic, Completeness, Quantity, Question};
use super::fields::Fields;
use super::motion::Subject;
use super::places::MANY_ROOTS;
use super::point::Point;
use super::{ExactError, Watch, assumption::Assumption, epsilon};
use crate::eval::{EvalError, mix};
use crate::term::Sizes;

/// Up to how many roots a field is looked for that has them all.
const FEW_ROOTS: usize = 8;

/// From how many roots on it is looked for after real numbers are enclosed: data are drawn 2^k times for k roots.
const SEVERAL_ROOTS: usize = 4;

/// From about how many multiplications on a count that draws values of functions comes after one that encloses them.
const SLOW: u64 = 1 << 31;

/// The same times the number of gates, where relations of values are sought in each region that a sample meets: how many there are is
/// unknown.
const SLOW_IN_REGIONS: u64 = 1 << 31;

/// Up to how many parameters ranks that suppose values of functions to be independent are compared with floating ones.
const COMPARED: usize = 100;

/// By what factor the singular values must drop to contradict an exact rank.
const CONTRADICTION: f64 = 1e6;

/// Counts the laws of gradient flow of a model, or of the dynamics of a subject, and the independent ones among `known`.
///
/// Modulo 2⁶¹ − 1; where a constant of the model is no number of that field, modulo a prime with more square roots; for many
/// parameters modulo a small prime. Where square roots must exist together that are many or that no field has, relations of values
/// of functions take long to find, or values would be supposed to be independent, real numbers are enclosed; what is left is counted
/// along a formal curve or in floating point: [`Completeness::is_certified`] tells.
pub fn complete<'a>(
    subject: impl Into<Subject<'a>>,
    sizes: &Sizes,
    known: &'a [Quantity<'a>],
    bounds: Bounds,
    watch: Watch,
) -> Result<Completeness, ExactError> {
    let question = Question { subject: subject.into(), sizes, known, bounds, watch };
    let fields = question.fields()?;
    if bounds.field == Some(Field::Enclosed) {
        let unknown = || EvalError::Unsupported("a function, or so many parameters,".into());
        return Ok(fields.enclosed_count(question)?.ok_or_else(unknown)?);
    }
    // A field that is asked for is taken, however many roots it must have.
    let (is_open, roots) = (bounds.field.is_none(), fields.roots_of_a_field());
    let few = !is_open || roots <= FEW_ROOTS;
    let most = if fields.functions.are_learned_by_region() { SLOW_IN_REGIONS / fields.gates().max(1) } else { SLOW };
    let slow = is_open && (roots >= SEVERAL_ROOTS || fields.is_transcendental() && fields.work() > most);
    let proved = if slow { fields.enclosed_count(question)? } else { None };
    if let Some(proved) = proved.as_ref().filter(|proved| proved.complete() && proved.is_certified()) {
        return Ok(proved.clone());
    }
    let beyond = match proved {
        _ if few => false,
        Some(_) => roots >= MANY_ROOTS,
        None => fields.is_beyond_fields(bounds.seed)?,
    };
    if beyond {
        return without_a_field(question, &fields, proved);
    }
    let enclosed = |proved| match slow || !is_open {
        true => Ok(proved),
        false => fields.enclosed_count(question),
    };
    match fields.exact_count(question) {
        Err(error) if error.is_numerical() => without_a_field(question, &fields, enclosed(proved)?),
        // Where numbers at the points of a field grow too large there may be others.
        Err(ExactError::Eval(error)) if few && error.is_unlucky() => {
            enclosed(proved)?.filter(|enclosed| enclosed.lie_dimension > 0).ok_or(error.into())
        }
        Ok((exact, point)) if exact.independence().next().is_some() => {
            match enclosed(proved)?.filter(|proved| proved.is_certified() && proved.settles(&exact)) {
                Some(proved) => Ok(proved),
                None => supposed(question, &fields, exact, &point),
            }
        }
        exact => Ok(exact?.0),
    }
}

impl Fields {
    /// Whether real numbers may be enclosed for a count: for functions, and where a field may lack a root.
    pub fn may_be_enclosed(&self) -> bool {
        self.is_enclosable() && (self.is_transcendental() || self.roots_of_a_field() > 0)
    }
}

/// The count that takes values of functions to be independent, unless a formal curve does without or floats show that they are not.
fn supposed(
    question: Question,
    fields: &Fields,
    exact: Completeness,
    point: &Point<f64>,
) -> Result<Completeness, ExactError> {
    let seed = question.bounds.seed;
    let at = |seed| Question { bounds: Bounds { seed, ..question.bounds }, ..question };
    let formal = fields.formal_completeness(question, &exact)?;
    if let Some(formal) = formal.as_ref().filter(|formal| formal.settles(&exact)) {
        return Ok(formal.clone());
    }
    if exact.parameters > COMPARED {
        return Ok(exact);
    }
    let numerical = |seed| fields.numerical_completeness(at(seed), point);
    let contradiction = |seed| numerical(seed).ok().filter(|floating| floating.contradicts(&exact));
    let Some(first) = contradiction(seed) else { return Ok(exact) };
    match contradiction(mix(seed, 1)) {
        Some(_) => Ok(match formal {
            Some(formal) if formal.lie_dimension >= first.lie_dimension => formal,
            _ => first.instead_of(&exact),
        }),
        None => Ok(exact),
    }
}

/// The count where no field has all roots together: one that needs none, along a formal curve if that supposes less, in floating point
/// where that finds more.
fn without_a_field(
    question: Question,
    fields: &Fields,
    proved: Option<Completeness>,
) -> Result<Completeness, ExactError> {
    let small = fields.dimension() <= COMPARED;
    if let Some(proved) = proved.as_ref().filter(|proved| proved.complete() && (proved.is_certified() || !small)) {
        return Ok(proved.clone());
    }
    let floating = match (in_floats(question, fields), proved.clone()) {
        (Ok(floating), _) => floating,
        // The rank in floating point is not clear, or there are too many parameters.
        (Err(ExactError::NoGap | ExactError::TooLarge { .. }), Some(proved)) => return Ok(proved),
        (Err(error), _) => return Err(error),
    };
    let formal = if small { fields.formal_instead_of(question, &floating)? } else { None };
    if let Some(formal) = formal.filter(|formal| formal.settles(&floating)) {
        return Ok(formal);
    }
    Ok(proved.filter(|proved| proved.settles(&floating)).unwrap_or(floating))
}

/// The count in floating point, with other numbers in place of small ε.
fn in_floats(question: Question, fields: &Fields) -> Result<Completeness, ExactError> {
    let Some((model, replaced)) = epsilon::generic(question.subject.model) else {
        return fields.numerical_count(question);
    };
    let question = Question { subject: Subject { model: &model, ..question.subject }, ..question };
    let mut found = question.fields()?.numerical_count(question)?;
    found.assumptions.push(Assumption::Epsilon(replaced));
    Ok(found)
}

impl Completeness {
    /// Whether a floating rank is clearly smaller than an exact one, which then rests on a false assumption.
    fn contradicts(&self, exact: &Completeness) -> bool {
        let clear = match self.certificate.arithmetic {
            Arithmetic::Floating { gap, .. } => gap.is_some_and(|gap| gap >= CONTRADICTION),
            Arithmetic::Modular { .. } | Arithmetic::Enclosed { .. } => false,
        };
        clear && self.certificate.exhausted && self.lie_dimension < exact.lie_dimension
    }

    /// Whether a rank that supposes less says all that another count does.
    fn settles(&self, other: &Completeness) -> bool {
        self.complete() || self.lie_dimension >= other.lie_dimension
    }

    fn instead_of(mut self, other: &Completeness) -> Completeness {
        if let Arithmetic::Floating { exact, .. } = &mut self.certificate.arithmetic {
            *exact = Some(other.lie_dimension);
        }
        self
    }
}
