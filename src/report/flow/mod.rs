//! The laws along one trajectory, in each format.

mod json;
#[cfg(feature = "flow")]
mod plot;
mod text;

#[cfg(feature = "flow")]
pub use plot::PlotError;

use super::formulas::Formulas;
use crate::Report;
use crate::check::{Drift, Drifts, Role, Run};
use crate::kernel::{Law, Statement, Structure};
use crate::model::Hyperparameter;
use crate::numeric::trajectory::is_discrete;

/// What is said about a trajectory.
pub struct FlowReport<'a> {
    /// The model and its laws.
    pub report: &'a Report,
    pub run: &'a Run,
    pub found: &'a Drifts,
    /// Whether the trajectory starts at parameters that were given.
    pub given: bool,
}

/// What became of a law or a quantity.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Holds,
    /// A law that should hold drifts.
    Drifts,
    /// A quantity that another dynamics conserves is not conserved.
    Broken,
    /// A quantity that another dynamics conserves is conserved here too.
    Conserved,
    NotFollowed,
}

impl Outcome {
    fn of(drift: &Drift) -> Outcome {
        match (drift.role, drift.holds()) {
            _ if !drift.followed() => Outcome::NotFollowed,
            (Role::Law, true) => Outcome::Holds,
            (Role::Law, false) => Outcome::Drifts,
            (Role::Contrast, true) => Outcome::Conserved,
            (Role::Contrast, false) => Outcome::Broken,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Outcome::Holds => "holds",
            Outcome::Drifts => "drifts",
            Outcome::Broken => "broken",
            Outcome::Conserved => "conserved",
            Outcome::NotFollowed => "not followed",
        }
    }
}

impl FlowReport<'_> {
    fn law(&self, drift: &Drift) -> Option<&Law> {
        self.report.laws.iter().find(|law| law.id() == drift.law)
    }

    /// What is followed, as mathematics: the law, or for contrast the quantity alone.
    fn statement(&self, drift: &Drift) -> String {
        let Some(law) = self.law(drift) else { return drift.law.clone() };
        let formulas = Formulas::of_law(law);
        match law.statement() {
            Statement::Conserved { quantity } => formulas.formula(quantity).unicode(),
            Statement::Structure(Structure::FixedSpace { .. }) => format!("started on {}", formulas.sentence_text(law)),
            _ => formulas.sentence_text(law),
        }
    }

    /// The words of an outcome.
    fn verdict(&self, drift: &Drift) -> String {
        match Outcome::of(drift) {
            Outcome::Holds => "holds".into(),
            Outcome::Drifts => "DRIFTS".into(),
            Outcome::Broken => "broken, as expected".into(),
            Outcome::Conserved => "conserved here too".into(),
            Outcome::NotFollowed => "not followed".into(),
        }
    }

    fn discrete(&self) -> bool {
        is_discrete(&self.run.dynamics)
    }

    /// The equation of motion with the numbers of its coefficients.
    fn motion(&self) -> (String, String) {
        let (row, coefficients) = (self.run.dynamics.row(), &self.run.coefficients);
        let decayed = row.decayed.filter(|_| coefficients.decay > 0.0);
        let words = if decayed.is_some() { format!("{} with weight decay", row.words) } else { row.words.to_string() };
        let split = row.noise.as_ref().map(|noise| noise.split);
        let mut motion = decayed.or(split).unwrap_or(row.equation).to_string();
        for number in row.hyperparameters {
            if *number == Hyperparameter::Decay && row.decayed.is_some() && decayed.is_none() {
                continue;
            }
            motion.push_str(&format!(", {} = {}", number.letter(), coefficients.get(*number)));
        }
        (words, motion)
    }

    /// Where the trajectory starts and how far it goes.
    fn course(&self) -> String {
        let end = self.found.times.last().copied().unwrap_or(0.0);
        let far = if self.discrete() { format!("{end} steps") } else { format!("t = 0 … {}", decimal(end, 4)) };
        let start = if self.given { "given" } else { "random" };
        let loss = match (self.found.loss.first(), self.found.loss.last()) {
            (Some(first), Some(last)) => format!(", L from {first:.4} to {last:.4}"),
            _ => String::new(),
        };
        format!("{far} from {start} parameters, seed {}{loss}", self.report.seed)
    }

    /// Time, loss and every drift, one line for each moment. The columns are named by the ids of the laws.
    pub fn csv(&self) -> String {
        let mut out = if self.discrete() { "step,loss".to_string() } else { "time,loss".to_string() };
        for drift in &self.found.drifts {
            out.push_str(&format!(",{}", drift.law));
        }
        out.push('\n');
        for (k, (time, loss)) in self.found.times.iter().zip(&self.found.loss).enumerate() {
            out.push_str(&format!("{time},{loss}"));
            for drift in &self.found.drifts {
                out.push(',');
                // A trajectory of its own may end sooner, and is then looked at more often.
                if let Some(value) = drift.drifts.get(k).filter(|_| drift.times.get(k) == Some(time)) {
                    out.push_str(&format!("{value:e}"));
                }
            }
            out.push('\n');
        }
        out
    }
}

/// A number without the noise of binary fractions.
fn decimal(x: f64, digits: usize) -> String {
    let rounded = format!("{x:.digits$}");
    if digits == 0 { rounded } else { rounded.trim_end_matches('0').trim_end_matches('.').to_string() }
}
