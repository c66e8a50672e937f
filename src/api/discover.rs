//! Discovered symmetries for a library user.

use crate::job::Discovered;
use crate::model::Model;
use crate::report::DiscoveryReport;

impl Discovered {
    /// The dimension of the Lie algebra of all symmetries, at the sizes that were asked for.
    pub fn dimension(&self) -> usize {
        self.found.algebra.dimension
    }

    /// Whether every action that was proposed is proved.
    pub fn is_proved(&self) -> bool {
        self.found.proposals.iter().all(|proposal| proposal.is_proved())
    }

    /// The model with the proved actions in place of those it declares. Its text parses back.
    pub fn annotated(&self) -> Model {
        self.found.annotated.clone()
    }

    /// The symmetries for a terminal.
    pub fn text(&self) -> String {
        self.written().text()
    }

    /// The symmetries as JSON, described in `docs/json.md`.
    pub fn json(&self) -> String {
        self.written().json()
    }

    fn written(&self) -> DiscoveryReport<'_> {
        DiscoveryReport { found: &self.found }
    }
}
