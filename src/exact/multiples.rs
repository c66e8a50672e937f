//! Counts at points where some matrices are multiples of p, over the p-adic numbers: where many square roots stack up, few must be
//! looked for.
//!
//! Half of all residues have no square root, so that in a field of p elements m roots exist together once in 2ᵐ draws. A unit of
//! ℤ_p has a root if its first digit has one. Where what a part of a network adds to a stream is a multiple of p, the norms of the
//! stream before and behind it agree in their first digits: their roots exist together or not at all, and those of different
//! columns do not depend on each other. Such a point is an integer point like another; a rank over ℚ_p at it is proved by digits
//! that are not zero.

use super::ExactError;
use super::adic::Padic;
use super::completeness::{Completeness, Question};
use super::fields::Fields;
use super::start::CONES;
use crate::eval::{Adic, EvalError, LongAdic, Residue};
use crate::term::Symbol;

/// How many roots may depend on one column of data: fewer where that leaves the rank too small.
const COUPLED: [usize; 2] = [6, 2];

/// How many fields are tried at a point.
const FIELDS: u64 = 4;

impl Fields {
    /// The count at such a point; `None` where no matrices are found that leave few roots.
    pub(super) fn adic_count(&self, question: Question) -> Result<Option<Completeness>, ExactError> {
        let mut best: Option<Completeness> = None;
        let mut tried: Vec<Vec<Symbol>> = Vec::new();
        for coupled in COUPLED {
            let Some(names) = self.multiples(coupled, question.bounds.seed)? else { continue };
            if !tried.contains(&names) {
                best = adic_count_of(question, &names, best)?;
                tried.push(names);
            }
            if best.as_ref().is_some_and(Completeness::complete) {
                break;
            }
        }
        Ok(best)
    }

    /// As few matrices as leave few enough roots to each column if they are zero in the first digit. Those that data meet first make a
    /// stream, those that they meet last write to it: the later ones are zero rather than the others.
    fn multiples(&self, coupled: usize, seed: u64) -> Result<Option<Vec<Symbol>>, EvalError> {
        let of_a_sample = |name: Symbol| self.data.iter().any(|d| !d.fixed && d.block.name == name);
        let met = self.tape.first_met(of_a_sample);
        let mut movable: Vec<Symbol> =
            self.scalable(CONES).filter(|(_, of_data)| !of_data).map(|(block, _)| block.name).collect();
        movable.sort_by_key(|name| met.get(name).copied());
        let enough = |names: &[Symbol]| {
            let mut fields = self.clone();
            fields.set_multiples(names, Adic::BASE as i64);
            Ok::<_, EvalError>(fields.coupling(seed)?.is_some_and(|roots| roots <= coupled))
        };
        for first in 0..=movable.len() {
            let mut names = movable[first..].to_vec();
            if !enough(&names)? {
                continue;
            }
            for name in &movable[first..] {
                let fewer: Vec<Symbol> = names.iter().copied().filter(|other| other != name).collect();
                if enough(&fewer)? {
                    names = fewer;
                }
            }
            return Ok(Some(names));
        }
        Ok(None)
    }
}

/// The count where some matrices are multiples of p, of a larger number of digits where the first do not do.
fn adic_count_of(
    question: Question,
    names: &[Symbol],
    mut best: Option<Completeness>,
) -> Result<Option<Completeness>, ExactError> {
    for count in [adic_count_at::<{ Adic::MODULUS }>, adic_count_at::<{ LongAdic::MODULUS }>] {
        match count(question, names) {
            Ok(found) if best.as_ref().is_none_or(|best| found.lie_dimension > best.lie_dimension) => {
                best = Some(found);
            }
            Ok(_) => {}
            Err(error) if error.is_numerical() => {}
            Err(error) => return Err(error),
        }
        if best.as_ref().is_some_and(Completeness::complete) {
            break;
        }
    }
    Ok(best)
}

/// The count where some matrices are multiples of p.
fn adic_count_at<const P: u64>(question: Question, names: &[Symbol]) -> Result<Completeness, ExactError> {
    let mut fields = question.fields()?;
    fields.become_multiples(names, Residue::<P>::BASE as i64);
    let seed = question.bounds.seed;
    let point = fields.point::<Residue<P>>(seed)?;
    for number in 0..FIELDS {
        fields.try_draw(&point, seed.wrapping_add(number), FIELDS)?;
    }
    let (mut found, _) = fields.completeness::<P, Padic<P>>(question)?;
    found.certificate.multiples = names.to_vec();
    Ok(found)
}
