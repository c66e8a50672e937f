//! What became of the numeric checks.

use super::table::Cell;
use super::{Look, Page, TextOptions};
use crate::report::phrase;
use crate::{Report, Status};

/// Only the checks of a report, one line for each.
pub fn checks(report: &Report, options: TextOptions) -> String {
    let mut page = Page { report, options, out: String::new() };
    page.title();
    page.unproved();
    page.every_check();
    page.checks();
    page.out
}

impl Page<'_> {
    /// The actions that have no laws to check, and why.
    fn unproved(&mut self) {
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
                let (verdict, look) = if check.passed { ("passed", Look::Good) } else { ("FAILED", Look::Bad) };
                vec![Cell::plain(&check.law), Cell::new(verdict, look), Cell::plain(phrase::residual(check.residual))]
            })
            .collect();
        self.table(&rows);
    }

    /// The summary, and every check that failed or found something.
    pub(super) fn checks(&mut self) {
        if self.report.checks.is_empty() {
            return;
        }
        let good = self.report.checks.iter().all(|c| c.passed);
        let heading = self.paint("Checks", Look::Heading);
        let verdict = self.paint(&phrase::checks(self.report), if good { Look::Good } else { Look::Bad });
        self.line(&format!("{heading}  {verdict}"));
        for check in &self.report.checks {
            if !check.passed {
                let (residual, tolerance) = (phrase::residual(check.residual), phrase::residual(check.tolerance));
                let line = format!("FAILED {}: residual {residual}, tolerance {tolerance}", check.law);
                self.aside(&line, 2, Look::Bad);
            }
        }
        let mut remarks: Vec<(&str, Vec<&str>)> = Vec::new();
        for check in &self.report.checks {
            let Some(remark) = &check.remark else { continue };
            match remarks.iter_mut().find(|(known, _)| known == remark) {
                Some((_, laws)) => laws.push(&check.law),
                None => remarks.push((remark, vec![&check.law])),
            }
        }
        for (remark, laws) in remarks {
            self.aside(&format!("{}: {remark}", laws.join(", ")), 2, Look::Aside);
        }
    }
}
