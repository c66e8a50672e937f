//! A count of laws for a library user.

use crate::exact::Fields;
use crate::job::{Answer, Counted, Larger, Report, Tally, is_first_integral};
use crate::report::{CompletenessReport, sweep_json, sweep_text};

impl Counted {
    /// The model with its derived laws.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Whether the known laws are certified to be all there are, at every size that was asked for.
    pub fn is_complete(&self) -> bool {
        match &self.tally {
            Tally::Once { answer, larger, .. } => {
                let larger = larger.as_ref().map(|larger| &larger.completeness);
                let everywhere = larger.is_none_or(|found| found.complete() && found.is_certified());
                answer.unknown() == 0 && answer.completeness.is_certified() && everywhere
            }
            Tally::Table(found) => found.rows.iter().all(|(_, row)| row.complete() && row.is_certified()),
        }
    }

    /// How many independent laws there are at most: one number, or one for each row of a table over sizes.
    pub fn laws_at_most(&self) -> Vec<usize> {
        match &self.tally {
            Tally::Once { answer, .. } => vec![answer.completeness.laws_at_most],
            Tally::Table(found) => found.rows.iter().map(|(_, row)| row.laws_at_most).collect(),
        }
    }

    /// The count for a terminal.
    pub fn text(&self) -> String {
        match &self.tally {
            Tally::Once { fields, answer, larger } => self.once(fields, answer, larger.as_deref()).text(),
            Tally::Table(found) => sweep_text(&self.report.model, &self.dynamics, found),
        }
    }

    /// The count as JSON, described in `docs/json.md`.
    pub fn json(&self) -> String {
        match &self.tally {
            Tally::Once { fields, answer, larger } => self.once(fields, answer, larger.as_deref()).json(),
            Tally::Table(found) => sweep_json(&self.report.model, &self.dynamics, &self.report.dims, found),
        }
    }

    fn once<'a>(
        &'a self,
        fields: &'a Fields,
        answer: &'a Answer,
        larger: Option<&'a Larger>,
    ) -> CompletenessReport<'a> {
        let Report { model, laws, dims, .. } = &self.report;
        let dynamics = &self.dynamics;
        let conserved = laws.iter().filter(|law| is_first_integral(law, dynamics));
        let known = conserved.map(|law| law.id()).collect();
        CompletenessReport { model, dynamics, dims, fields, answer, larger, known }
    }
}
