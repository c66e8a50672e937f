//! The order in which laws are told and the numbers they are told by, the same in every format.

use super::words::{self, Told};
use crate::Report;
use crate::kernel::{Kind, Law, LawRow, Statement, Theorem};
use crate::model::Dynamics;

/// A heading and the laws under it.
pub(super) struct Section<'a> {
    pub topic: Topic,
    pub heading: String,
    /// The hypotheses all of its laws share.
    pub hypotheses: Vec<Told>,
    /// The laws with their numbers, counted from 1 through all sections.
    pub laws: Vec<(usize, &'a Law)>,
    /// Whether a short report leaves its laws out.
    pub further: bool,
    /// Whether these are the conserved quantities of gradient flow, whose number can be counted.
    pub counted: bool,
}

/// What a section is about, in the order of the sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Topic {
    Conserved,
    Rate,
    Constraint,
    Gradient,
    Subspace,
    Hessian,
    Kernel,
    Spectrum,
    Sharpness,
    /// Gradient, Hessian and third derivative along an orbit.
    Orbit,
    /// Every law of a dynamics other than gradient flow.
    Dynamics,
}

impl Topic {
    const ALL: [Topic; 11] = [
        Topic::Conserved,
        Topic::Rate,
        Topic::Constraint,
        Topic::Gradient,
        Topic::Subspace,
        Topic::Hessian,
        Topic::Kernel,
        Topic::Spectrum,
        Topic::Sharpness,
        Topic::Orbit,
        Topic::Dynamics,
    ];

    /// Whether a short report names the laws of this topic only by their number.
    fn is_further(self, report: &Report) -> bool {
        match self {
            Topic::Hessian | Topic::Spectrum | Topic::Sharpness | Topic::Orbit => true,
            Topic::Dynamics => report.model.dynamics.is_empty(),
            _ => false,
        }
    }

    /// The chapter of a long report that it belongs to.
    pub fn chapter(self) -> &'static str {
        match self {
            Topic::Conserved | Topic::Rate | Topic::Constraint | Topic::Gradient | Topic::Subspace => {
                "First order: training and the gradient"
            }
            Topic::Hessian | Topic::Kernel | Topic::Spectrum | Topic::Sharpness | Topic::Orbit => {
                "Second and third order: the Hessian"
            }
            Topic::Dynamics => "Further dynamics",
        }
    }

    fn of(law: &Law) -> Topic {
        if law.dynamics().is_some_and(|d| *d != Dynamics::GradientFlow) {
            return Topic::Dynamics;
        }
        match law.kind() {
            Kind::Conserved => Topic::Conserved,
            Kind::Rate => Topic::Rate,
            Kind::Constraint => Topic::Constraint,
            Kind::Kernel => Topic::Kernel,
            Kind::Equilibrium => Topic::Dynamics,
            Kind::Identity if matches!(law.theorem(), Theorem::Transport | Theorem::ThirdOrder) => Topic::Orbit,
            Kind::Identity if law.order() == 1 => Topic::Gradient,
            Kind::Identity => Topic::Hessian,
            Kind::Subspace if law.theorem() == Theorem::Mirror => Topic::Spectrum,
            Kind::Subspace => Topic::Subspace,
            Kind::Multiplicity => Topic::Spectrum,
            Kind::Bound => Topic::Sharpness,
        }
    }

    fn heading(self, dynamics: Option<&Dynamics>) -> String {
        let along = dynamics.map_or("every trajectory", |d| d.row().words);
        match self {
            Topic::Conserved => format!("Conserved by {along}"),
            Topic::Rate => format!("Rates along {along}"),
            Topic::Gradient => "Gradient".into(),
            Topic::Hessian => "Hessian".into(),
            Topic::Kernel => "Kernel: flat directions".into(),
            Topic::Subspace => "Symmetric subspaces".into(),
            Topic::Spectrum => "Hessian on two blocks".into(),
            Topic::Sharpness => "Sharpness".into(),
            Topic::Orbit => "Along an orbit".into(),
            Topic::Dynamics => dynamics.map_or("every trajectory", |d| d.row().heading).into(),
            Topic::Constraint => format!("Constraints along {along}, without a first integral"),
        }
    }
}

/// The sections of a report that have laws.
pub(super) fn outline(report: &Report) -> Vec<Section<'_>> {
    let mut sections: Vec<Section> = Vec::new();
    let mut number = 0;
    for topic in Topic::ALL {
        let first = sections.len();
        for law in report.laws.iter().filter(|law| Topic::of(law) == topic) {
            let heading = match law.statement() {
                Statement::Step { factor: Some(_), .. } => "Gradient descent with weight decay".into(),
                Statement::Expected { continuous: false, .. } => "SGD in expectation".into(),
                Statement::Expected { continuous: true, .. } => "SGD as a diffusion".into(),
                _ if topic == Topic::Orbit => format!("Along an orbit: {}", law.row().data().title),
                _ if law.row() == LawRow::HessianForm => "Hessian form on an orbit".into(),
                _ if law.row() == LawRow::Multiplicities => "Eigenvalues in groups".into(),
                _ => topic.heading(law.dynamics()),
            };
            match sections[first..].iter_mut().find(|s| s.heading == heading) {
                Some(section) => section.laws.push((0, law)),
                None => sections.push(Section {
                    topic,
                    heading,
                    hypotheses: vec![],
                    laws: vec![(0, law)],
                    further: topic.is_further(report),
                    counted: topic == Topic::Conserved,
                }),
            }
        }
        // What holds on every step of SGD stands before what holds in the mean, whichever action has which.
        sections[first..].sort_by_key(|section| section.laws.iter().map(|(_, law)| law.row()).min());
    }
    for section in &mut sections {
        for (n, _) in &mut section.laws {
            number += 1;
            *n = number;
        }
        section.hypotheses = shared(&section.laws);
    }
    sections
}

/// The hypotheses of every one of some laws.
fn shared(laws: &[(usize, &Law)]) -> Vec<Told> {
    let Some(((_, first), rest)) = laws.split_first() else { return vec![] };
    let all = |hypothesis: &Told| rest.iter().all(|(_, law)| words::hypotheses(law).contains(hypothesis));
    words::hypotheses(first).into_iter().filter(|h| all(h)).collect()
}

impl<'a> Section<'a> {
    /// The hypotheses a law of this section has beyond those all share.
    pub(super) fn own_hypotheses(&self, law: &Law) -> Vec<Told> {
        words::hypotheses(law).into_iter().filter(|h| !self.hypotheses.contains(h)).collect()
    }
}

/// What a law is labelled by: its action, or the actions it is about.
pub(super) fn label(law: &Law) -> String {
    law.action().map_or_else(|| law.subject().to_string(), |action| action.to_string())
}
