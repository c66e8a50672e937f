//! A trajectory and its laws for a library user.

use crate::job::{Flow, Report};
use crate::report::{FlowReport, TextOptions};

impl Flow {
    /// The model with the laws of all dynamics.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The laws along the trajectory for a terminal.
    pub fn text(&self, options: TextOptions) -> String {
        self.written().text(options)
    }

    /// The same as JSON, described in `docs/json.md`.
    pub fn json(&self) -> String {
        self.written().json()
    }

    /// Time, loss and the drift of every law as a table.
    pub fn csv(&self) -> String {
        self.written().csv()
    }

    pub(crate) fn written(&self) -> FlowReport<'_> {
        FlowReport { report: &self.report, run: &self.run, found: &self.found, given: self.given }
    }
}
