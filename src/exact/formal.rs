//! A count that supposes values of functions to be independent, proved along a formal curve.

use super::ExactError;
use super::assumption::Assumption;
use super::completeness::{Arithmetic, Certificate, Completeness, Question};
use super::curve::FIELD;
use super::fields::Fields;
use super::functions::Independence;
use super::region::Region;

impl Fields {
    /// The count with its rank found along a formal curve; `None` where there is none, or where it supposes no less.
    pub(super) fn formal_completeness(
        &self,
        question: Question,
        exact: &Completeness,
    ) -> Result<Option<Completeness>, ExactError> {
        // Along a curve, too, the sign of the root of a square is not that of an absolute value.
        if exact.independence().any(|supposed| supposed == Independence::Signs) {
            return Ok(None);
        }
        let bounds = question.bounds;
        let Some(found) = self.along_curves(&exact.certificate.ranks, bounds, question.watch)? else { return Ok(None) };
        let constants = (found.constants.bits().count_ones() > 1).then_some(Independence::Constants);
        if exact.independence().eq(constants) {
            return Ok(None);
        }
        let of_functions = |assumption: &Assumption| matches!(assumption, Assumption::Independent(_));
        let further = exact.assumptions.iter().filter(|assumption| !of_functions(assumption)).cloned();
        let lie_dimension = found.rank();
        let laws_at_most = exact.coordinates - lie_dimension;
        let regions = exact.regions.iter().map(|region| Region {
            origin: region.origin,
            lie_dimension,
            laws_at_most,
            ranks: found.ranks.clone(),
            exhausted: found.exhausted,
        });
        Ok(Some(Completeness {
            lie_dimension,
            laws_at_most,
            regions: regions.collect(),
            certificate: Certificate {
                arithmetic: Arithmetic::Modular { prime: FIELD },
                seed: bounds.seed,
                depth: found.ranks.len(),
                ranks: found.ranks,
                exhausted: found.exhausted,
                curve: Some(found.curve),
            },
            assumptions: constants.map(Assumption::Independent).into_iter().chain(further).collect(),
            ..exact.clone()
        }))
    }
}
