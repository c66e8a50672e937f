//! What the library's page says of a theorem, and by what it is found.

use crate::job::{Origin, Reproduction};
use crate::kernel::{Kind, Law};
use crate::model::{Dynamics, Model};
use crate::report::formulas::Formulas;
use crate::report::phrase;
use crate::report::prose::Prose;
use crate::term::print::{self, Line};
use std::collections::BTreeSet;

/// The points after which a formula goes on in the next line.
const WIDTH: f64 = 330.0;

pub struct Entry {
    pub origin: Origin,
    pub name: String,
    pub title: String,
    /// What the file says of the model.
    pub about: Prose,
    pub sources: Vec<String>,
    /// What is conserved, or whose rate is known.
    pub formulas: Vec<String>,
    /// The names of the dynamics that laws are about.
    pub dynamics: Vec<String>,
    /// The functions that the model is made of.
    pub layers: Vec<String>,
    /// The theorems that laws are instances of.
    pub theorems: Vec<String>,
    /// Everything it is found by.
    pub words: String,
}

impl Entry {
    pub fn new(reproduction: &Reproduction) -> Entry {
        let (theorem, report) = (reproduction.theorem, &reproduction.report);
        let distinct = |values: BTreeSet<String>| values.into_iter().collect::<Vec<_>>();
        let told: Vec<&Law> = report.laws.iter().filter(|law| is_told(&report.model, law)).collect();
        let formulas = told.iter().flat_map(|law| formula(law)).collect();
        let (title, sources) = (theorem.title().to_string(), phrase::sources(&report.model));
        let header = phrase::header(&report.model);
        // Formulas as one types them and as one reads them, of all laws.
        let typed = report.laws.iter().filter_map(|law| law.quantity()).map(print::text);
        let read = report.laws.iter().map(|law| Formulas::of_law(law).sentence_text(law));
        let mut words: Vec<String> = vec![theorem.name().into(), title.clone(), header.unicode()];
        words.extend(sources.iter().cloned());
        words.extend(theorem.expected().into_iter().map(String::from));
        let formulas_of_laws: BTreeSet<String> = typed.chain(read).map(|formula| formula.replace(' ', "")).collect();
        words.extend(formulas_of_laws);
        Entry {
            origin: theorem.origin,
            name: theorem.name().to_string(),
            title,
            about: header,
            sources,
            formulas,
            dynamics: distinct(
                report.laws.iter().filter_map(|law| Some(law.dynamics()?.row().words.to_string())).collect(),
            ),
            layers: distinct(layers(theorem.text)),
            theorems: numbered(report.laws.iter().map(|law| law.theorem().number().to_string())),
            words: words.join(" ").to_lowercase(),
        }
    }
}

/// The numbers of theorems, T2 before T10.
fn numbered(theorems: impl Iterator<Item = String>) -> Vec<String> {
    let mut theorems: Vec<String> = theorems.collect();
    theorems.sort_by_key(|theorem| theorem.trim_start_matches('T').parse::<u32>().ok());
    theorems.dedup();
    theorems
}

/// Whether a list of all theorems says a law: first integrals and rates of gradient flow, and of the dynamics that the model names.
fn is_told(model: &Model, law: &Law) -> bool {
    let asked = |dynamics: &Dynamics| *dynamics == Dynamics::GradientFlow || model.dynamics.contains(dynamics);
    matches!(law.kind(), Kind::Conserved | Kind::Rate) && law.dynamics().is_none_or(asked)
}

fn formula(law: &Law) -> Vec<String> {
    let formulas = Formulas::of_law(law);
    let dynamics = law.dynamics().map(|dynamics| dynamics.row().words).unwrap_or_default();
    let lines = formulas.statement(law).lines;
    let broken = lines.iter().flat_map(|line| line.broken(WIDTH, 0.0)).map(|line: Line| line.trimmed().mathml());
    let lines: Vec<String> = broken.collect();
    let what = if law.kind() == Kind::Conserved { "conserved by" } else { "along" };
    vec![format!("{} <span class=\"dynamics\">{what} {dynamics}</span>", lines.join("<br>"))]
}

/// The functions that are called in a model, outside of its comments and actions.
fn layers(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for line in text.lines().map(|line| line.split('#').next().unwrap_or_default()) {
        if !["let ", "output ", "loss ", "activation "].iter().any(|word| line.trim_start().starts_with(word)) {
            continue;
        }
        for (at, _) in line.match_indices('(') {
            let name: String = line[..at].chars().rev().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let name: String = name.chars().rev().collect();
            if !name.is_empty()
                && name.chars().all(|c| c.is_lowercase() || c.is_ascii_digit() || c == '_')
                && !PLUMBING.contains(&name.as_str())
            {
                out.insert(name);
            }
        }
    }
    out
}

/// What every model is made of.
const PLUMBING: &[&str] = &["ones", "sum", "diag", "in", "tr", "sqrt", "inv", "eye", "homogeneous"];
