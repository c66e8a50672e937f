//! The laws as theorems: the list of all, and why each holds.

use super::block::{Block, Facts, Group, Row};
use super::paper::Paper;
use crate::kernel::{Kind, Law, LawRow, Slopes, Statement, Structure, Theorem};
use crate::report::formulas::Formulas;
use crate::report::ledger::Chapter;
use crate::report::meaning::meaning;
use crate::report::outline::{Section, label};
use crate::report::phrase;
use crate::report::prose::{Prose, prose};
use crate::report::python;
use crate::report::words;
use crate::term::print::{Line, line};
use crate::term::{int, is_zero};

/// What a line of the list that goes on is moved in by.
const HANG: f64 = 24.0;

impl Paper<'_> {
    /// All laws, section by section.
    pub(super) fn list(&self, sections: &[Section]) -> Block {
        let group = |section: &Section| {
            // A lemma that all are instances of is named once.
            let lemmas: Vec<Prose> = section.laws.iter().map(|(_, law)| self.lemma_of(law.row())).collect();
            let shared = lemmas.windows(2).all(|two| two[0] == two[1]);
            let lemma = lemmas.into_iter().next().filter(|_| shared);
            let conditions = section.hypotheses.iter().map(|told| told.brief.clone());
            let conditions = joined(conditions.chain(lemma.map(|lemma| Prose::text("by ").glue(lemma))));
            // What all state alike is stated once.
            let alike: Vec<Option<Line>> = section.laws.iter().map(|(_, law)| alike(law)).collect();
            let alike = alike.iter().all(|one| *one == alike[0]).then(|| alike[0].clone()).flatten();
            let rows = section.laws.iter().map(|law| self.row(section, *law, (shared, alike.is_some()))).collect();
            let hypotheses = match alike {
                Some(alike) => prose![conditions, ": ", alike],
                None => conditions,
            };
            Group { heading: Prose::text(&section.heading), hypotheses, rows }
        };
        Block::Laws(sections.iter().map(group).collect())
    }

    /// A law in the list: without its lemma, or without what it states like all of its section, where that is said above it.
    fn row(&self, section: &Section, (number, law): (usize, &Law), (shared, alike): (bool, bool)) -> Row {
        let formulas = self.notations.of(law);
        let stated = formulas.statement(law);
        let own = joined(section.own_hypotheses(law).into_iter().map(|told| told.words));
        let lead = match (law.statement(), law.kind()) {
            (_, Kind::Subspace) if law.theorem() != Theorem::Mirror => Some("the space with "),
            _ => None,
        };
        let mut lines = stated.lines;
        match law.statement() {
            Statement::Structure(Structure::Sharpness { .. } | Structure::Breaking { .. }) if alike => {
                lines.remove(0);
            }
            Statement::Structure(Structure::Third { derivative, .. }) if alike => {
                let values: Vec<_> = derivative.iter().map(|(param, value)| (*param, Some(value))).collect();
                lines = vec![line!["SV = ", formulas.blocks(&values)]];
            }
            Statement::Structure(Structure::Transport { adjoint, .. }) if alike => {
                let values: Vec<_> = adjoint.iter().map(|(param, value)| (*param, Some(value))).collect();
                lines = vec![line!["KᵀU = ", formulas.blocks(&values)]];
            }
            // The lemma says what the partial traces are.
            Statement::Structure(Structure::Flattest { .. }) => lines.truncate(2),
            _ => {}
        }
        if let (Some(lead), Some(first)) = (lead, lines.first_mut()) {
            *first = line![Line::words(lead), first.clone()];
        }
        let pieces = |line: &Line| line.broken(self.measure.listed, HANG).into_iter().map(Line::trimmed).collect();
        let words = joined([stated.quantifier.unwrap_or_default(), own].into_iter().filter(|words| !words.is_empty()));
        let count = self.count(law, &formulas);
        let lemma = if shared { Prose::default() } else { self.lemma_of(law.row()) };
        let aside = joined([count, lemma].into_iter().filter(|words| !words.is_empty()));
        let dynamics = law.dynamics().map_or("", |dynamics| dynamics.name());
        Row {
            label: self.label("law", law.id()),
            stated: lines.iter().map(pieces).collect(),
            words,
            action: label(law),
            aside,
            facts: Facts {
                order: law.order(),
                dynamics,
                tex: formulas.sentence(law).latex(),
                code: python::functions(&self.report.model, (number, law), &self.notations),
            },
        }
    }

    /// Why laws hold: what is particular to each, and then the others, which their lemma gives.
    pub(super) fn arguments(&self, chapters: &[&Chapter]) -> Vec<Block> {
        let mut out = Vec::new();
        let mut plain = Vec::new();
        for chapter in chapters {
            let Some(law) = chapter.law() else { continue };
            let of = self.label("law", law.id());
            match self.argument_of(chapter, law) {
                Some(body) => out.push(Block::Argument { of: vec![of], body }),
                None => plain.push(of),
            }
        }
        if !plain.is_empty() {
            let said = if plain.len() > 1 { "Each by its lemma." } else { "By its lemma." };
            out.push(Block::Argument { of: plain, body: vec![Block::Paragraph(said.into())] });
        }
        out
    }

    /// Why a law holds and what is to be remarked of it, where that is more than its lemma.
    fn argument_of(&self, chapter: &Chapter, law: &Law) -> Option<Vec<Block>> {
        let formulas = self.notations.of(law);
        let mut body = match self.silent {
            true => self.proof(chapter, &formulas),
            false => self.briefly(chapter, law, &formulas).map(Block::Paragraph).into_iter().collect(),
        };
        let meant = meaning(law).filter(|_| law.row() == LawRow::FlowConserved);
        let mut remarks: Vec<Prose> = meant.map(|read| read.sentence(&formulas)).into_iter().collect();
        let told = law.remarks().iter().filter(|remark| self.silent || !words::is_common(remark));
        remarks.extend(told.map(|r| words::remark(law, r).sentence().then(".")));
        remarks.extend(phrase::everywhere(self.report, law).filter(|_| self.silent).map(|r| r.sentence().then(".")));
        remarks.extend(self.dimension(law, &formulas).filter(|_| self.silent).map(|r| r.sentence().then(".")));
        if let Some(all) = remarks.into_iter().reduce(Prose::join) {
            match body.last_mut() {
                Some(Block::Paragraph(last)) => *last = std::mem::take(last).join(all),
                _ => body.push(Block::Paragraph(all)),
            }
        }
        (!body.is_empty()).then_some(body)
    }

    /// `h equations`, in words.
    fn count(&self, law: &Law, formulas: &Formulas) -> Prose {
        let count = formulas.count(law.components());
        let of = |noun: &str| prose![count.clone(), " ", noun];
        match law.kind() {
            Kind::Subspace if law.theorem() == Theorem::Mirror => match self.is_of_members(law) {
                true => prose![Line::from("dim V⊥"), ", summed over the members, is ", count],
                false => prose![line!["dim V⊥ = ", count]],
            },
            Kind::Subspace => of("equations"),
            Kind::Conserved | Kind::Rate if count != one() => of("laws"),
            Kind::Constraint if count != one() => of("equations"),
            Kind::Identity if count != one() && law.order() == 1 => of("equations"),
            _ => Prose::default(),
        }
    }

    /// Whether there is one law for each value of an index.
    fn is_of_members(&self, law: &Law) -> bool {
        law.action().and_then(|name| self.report.model.action(name)).is_some_and(|action| !action.indices.is_empty())
    }

    /// `d = 4 and h = 5`, the sizes of the parameters at the instance of the checks.
    fn sizes(&self, formulas: &Formulas) -> Prose {
        let size = |(name, n): (&str, u64)| {
            let size = formulas.size(crate::term::Size::Name(name.into()));
            Prose::math(line![size, " = ", n.to_string().as_str()])
        };
        let sizes: Vec<Prose> = phrase::parameter_sizes(self.report).into_iter().map(size).collect();
        if sizes.is_empty() { Prose::text("the instance of the checks") } else { Prose::enumerated(sizes) }
    }

    /// How many of the components are independent, measured exactly.
    fn dimension(&self, law: &Law, formulas: &Formulas) -> Option<Prose> {
        let independent = law.independent()?;
        let count = formulas.count(law.components());
        if count == one() || independent < 2 || !matches!(law.kind(), Kind::Conserved) {
            return None;
        }
        let all = match phrase::fewer(self.report, law) {
            None if law.dynamics() != Some(&crate::model::Dynamics::GradientFlow) => return None,
            None => format!("all {independent} components"),
            Some(n) => format!("{n} of the components"),
        };
        let text =
            Prose::text("for ").join(self.sizes(formulas)).then(&format!(", {all} are independent at a generic point"));
        Some(text.then(" (an exact rank over a finite field)"))
    }
}

/// What laws of a kind state in the same words, beside what each has of its own.
fn alike(law: &Law) -> Option<Line> {
    let Statement::Structure(structure) = law.statement() else { return None };
    match structure {
        Structure::Sharpness { form, radial: false, .. } if !is_zero(form) => {
            Some("λ_max ≥ α ≥ λ_min,  ‖H‖ ≥ √(α²+β²),  λ_max − λ_min ≥ 2β".into())
        }
        Structure::Breaking { .. } => Some("∇L ∈ V,  H = H_V ⊕ H_V⊥".into()),
        Structure::Third { response, .. } if is_zero(&response.first) && is_zero(&response.second) => {
            Some("D³L[ξ, ·, ·] = −(S*H + H S)".into())
        }
        Structure::Transport { shift, response, .. } if shift.is_empty() && is_invariance(response) => {
            Some("Kᵀ∇L(Kθ) = ∇L,  KᵀH(Kθ)K = H".into())
        }
        _ => None,
    }
}

/// Whether gradient and Hessian are transported without a factor.
fn is_invariance(response: &Slopes) -> bool {
    response.first == int(1) && is_zero(&response.second)
}

/// With commas between.
fn joined(all: impl IntoIterator<Item = Prose>) -> Prose {
    all.into_iter().reduce(|all, one| all.then(", ").glue(one)).unwrap_or_default()
}

/// The number of components of a law that is one equation.
fn one() -> Line {
    Line::from("1")
}
