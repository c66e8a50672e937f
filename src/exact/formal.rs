//! A count that supposes values of functions to be independent, or is made in floating point, proved along a formal curve.

use super::ExactError;
use super::assumption::{Assumption, assumptions};
use super::completeness::{Arithmetic, Certificate, Completeness, Question};
use super::echelon::Echelon;
use super::fields::Fields;
use super::functions::{Independence, unrelated};
use super::point::Point;
use super::region::Region;
use super::scalar::valued;
use super::start::FIELD;
use crate::eval::{Bindings, Dense, Residue};
use crate::term::Symbol;

impl Fields {
    /// The count in place of one in floating point, where the known quantities are polynomials.
    pub(super) fn formal_instead_of(
        &self,
        question: Question,
        floating: &Completeness,
    ) -> Result<Option<Completeness>, ExactError> {
        let Some(laws_known) = self.polynomial_gradients(question)? else { return Ok(None) };
        let prime = Arithmetic::Modular { prime: FIELD };
        let certificate = Certificate { arithmetic: prime, ..floating.certificate.clone() };
        let template = Completeness {
            laws_known,
            certificate,
            assumptions: assumptions(question.subject, self, self.independence()),
            ..floating.clone()
        };
        self.formal_completeness(question, &template)
    }

    /// The rank of the gradients of the known quantities at a random point, if all are polynomials.
    fn polynomial_gradients(&self, question: Question) -> Result<Option<usize>, ExactError> {
        let point: Point<Residue<FIELD>> = self.anywhere(question.bounds.seed)?;
        let names: Vec<Symbol> = self.state().iter().map(|b| b.name).collect();
        let fixed: Vec<_> = point.fixed.iter().map(|(name, x)| (*name, valued(x))).collect();
        let at: Bindings<Dense<Residue<FIELD>>> = self.bindings(&fixed, &point.values);
        let mut span = Echelon::<FIELD>::new(self.dimension());
        for quantity in question.known {
            let tape = question.tape(quantity)?;
            if tape.reach().pairs > 0 || tape.roots() > 0 || tape.has_gates() {
                return Ok(None);
            }
            let (rows, cols) = tape.shape();
            for k in 0..rows * cols {
                let z = Dense::from_fn(rows, cols, |i, j| Residue::new(u64::from(i * cols + j == k)));
                span.insert(&self.flat(&tape.vjp(&at, &unrelated(), &z, &names)?.1));
            }
        }
        Ok(Some(span.rank()))
    }

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
        if found.constants.bits().count_ones() > 1 && exact.independence().eq(constants) {
            return Ok(None);
        }
        let of_functions = |assumption: &Assumption| matches!(assumption, Assumption::Independent(_));
        let further = exact.assumptions.iter().filter(|assumption| !of_functions(assumption)).cloned();
        let lie_dimension = found.rank();
        let laws_at_most = exact.coordinates - lie_dimension;
        if laws_at_most < exact.laws_known {
            let law = question.known.first().map_or_else(String::new, |quantity| quantity.law.to_string());
            let how = format!("along a formal curve there is room for {laws_at_most} independent laws only");
            return Err(ExactError::Contradiction { law, how });
        }
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
                curve: Some(Box::new(found.curve)),
            },
            assumptions: constants.map(Assumption::Independent).into_iter().chain(further).collect(),
            ..exact.clone()
        }))
    }
}
