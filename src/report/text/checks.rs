//! What became of the numeric checks.

use super::look::Look;
use super::page::{Page, TextOptions};
use super::table::Cell;
use crate::report::phrase;
use crate::{Report, Status};

/// Only the checks of a report, one line for each.
pub fn checks(report: &Report, options: TextOptions) -> String {
    let mut page = Page::new(report, options);
    page.title();
    page.unproved();
    page.every_check();
    page.late();
    page.checks(true);
    page.out
}

impl Page<'_> {
    /// The actions that have no laws to check, and why.
    pub fn unproved(&mut self) {
        for action in &self.report.actions {
            let look = match action.status {
                Status::Proved(_) => continue,
                Status::Refuted(_) => Look::Bad,
                Status::Unproved(_) => Look::Doubtful,
            };
            self.aside(&format!("{}: {}", action.action.name, phrase::status(action)), 2, look);
        }
    }

    fn every_check(&mut self) {
        let rows: Vec<Vec<Cell>> = (self.report.checks.iter())
            .map(|check| {
                let (verdict, look) = match (check.measured, check.passed) {
                    (false, _) => ("not measured", Look::Doubtful),
                    (true, true) => ("passed", Look::Good),
                    (true, false) => ("FAILED", Look::Bad),
                };
                let residual = if check.measured { phrase::residual(check.residual) } else { String::new() };
                vec![Cell::plain(&check.law), Cell::new(verdict, look), Cell::plain(residual)]
            })
            .collect();
        self.table(&rows);
        let rows: Vec<Vec<Cell>> = (self.report.flows.iter())
            .map(|flow| {
                let (verdict, look) = match (!flow.followed(), flow.passed()) {
                    (true, _) => ("not followed", Look::Doubtful),
                    (false, true) => ("holds", Look::Good),
                    (false, false) => ("DRIFTS", Look::Bad),
                };
                let drift = if !flow.followed() { String::new() } else { phrase::drift(flow.worst()) };
                let along = format!("along {}", flow.dynamics.replace('_', " "));
                vec![Cell::plain(&flow.law), Cell::plain(along), Cell::new(verdict, look), Cell::plain(drift)]
            })
            .collect();
        self.table(&rows);
    }

    /// How the laws fare along trajectories, in one line, and every law that drifts or was not followed to the end.
    fn flows(&mut self) {
        if self.report.flows.is_empty() {
            return;
        }
        let good = self.report.flows.iter().all(|flow| flow.passed());
        let heading = self.paint("Flows", Look::Heading);
        let verdict = self.paint(&phrase::flows(self.report), if good { Look::Good } else { Look::Bad });
        self.line(&format!("{heading}   {verdict}"));
        for flow in &self.report.flows {
            if !flow.passed() {
                let (drift, tolerance) = (phrase::residual(flow.worst()), phrase::residual(flow.tolerance));
                let along = flow.dynamics.replace('_', " ");
                let line = format!("DRIFTS {} along {along}: drift {drift}, tolerance {tolerance}", flow.law);
                self.aside(&line, 2, Look::Bad);
            }
        }
        // Laws that are followed along one trajectory end with it.
        for flows in self.report.flows.chunk_by(|a, b| a.dynamics == b.dynamics && a.remark == b.remark) {
            let [first, ..] = flows else { continue };
            let Some(remark) = &first.remark else { continue };
            let which = if flows.len() == 1 { first.law.clone() } else { phrase::counted(flows.len(), "law") };
            let along = first.dynamics.replace('_', " ");
            self.aside(&format!("{which} along {along}: {remark}"), 2, Look::Aside);
        }
    }

    /// The summary, and every check that failed or found something.
    pub(super) fn checks(&mut self, all: bool) {
        if self.report.checks.is_empty() {
            return;
        }
        let good = self.report.checks.iter().all(|c| c.passed || !c.measured);
        let heading = self.paint("Checks", Look::Heading);
        let verdict = self.paint(&phrase::checks(self.report), if good { Look::Good } else { Look::Bad });
        self.line(&format!("{heading}  {verdict}"));
        for check in &self.report.checks {
            if check.measured && !check.passed {
                let (residual, tolerance) = (phrase::residual(check.residual), phrase::residual(check.tolerance));
                let line = format!("FAILED {}: residual {residual}, tolerance {tolerance}", check.law);
                self.aside(&line, 2, Look::Bad);
            }
        }
        let mut remarks: Vec<(&str, Vec<&str>)> = Vec::new();
        for check in &self.report.checks {
            let Some(remark) = &check.remark else { continue };
            // What was measured of a law that holds is told where all is told.
            if check.measured && check.passed && !all {
                continue;
            }
            match remarks.iter_mut().find(|(known, _)| known == remark) {
                Some((_, laws)) => laws.push(&check.law),
                None => remarks.push((remark, vec![&check.law])),
            }
        }
        for (remark, laws) in remarks {
            self.aside(&format!("{}: {remark}", laws.join(", ")), 2, Look::Aside);
        }
        self.flows();
    }
}
