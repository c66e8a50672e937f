//! A law as a theorem with its proof and its remarks.

use super::block::{Block, Claimed};
use super::paper::Paper;
use crate::kernel::{Kind, Law, Statement, Structure, Theorem};
use crate::report::display::equation;
use crate::report::formulas::Formulas;
use crate::report::ledger::Chapter;
use crate::report::phrase;
use crate::report::prose::{Prose, prose};
use crate::report::words;
use crate::term::print::{Line, Sign, line};

impl Paper<'_> {
    /// A theorem, its proof and its remarks.
    pub(super) fn law(&self, chapter: &Chapter) -> Vec<Block> {
        let Some(law) = chapter.law() else { return vec![] };
        let formulas = Formulas::of_law(law);
        let mut out = vec![Block::Claim {
            kind: Claimed::Theorem,
            title: Some(Prose::text(title(law))),
            label: self.label("law", law.id()),
            body: self.statement(law, &formulas),
        }];
        out.extend(self.proof(chapter, &formulas));
        let mut remarks: Vec<Prose> = law.remarks().iter().map(words::remark).collect();
        remarks.extend(phrase::everywhere(self.report, law));
        remarks.extend(self.dimension(law, &formulas));
        out.extend(remarks.into_iter().map(|r| Block::Remark(r.sentence().then("."))));
        out
    }

    fn statement(&self, law: &Law, formulas: &Formulas) -> Vec<Block> {
        let conditions = words::hypotheses(law).into_iter().map(|told| told.clause);
        let conditions = conditions.reduce(|all, one| all.then(", ").join(one)).unwrap_or_default().sentence();
        let stated = formulas.statement(law);
        let label = Some(self.label("equation", law.id()));
        let quantifier = stated.quantifier.unwrap_or_default();
        let after = quantifier.join(self.count(law, formulas));
        let (lead, lines, tail) = match (law.statement(), law.kind()) {
            (Statement::Conserved { quantity }, _) => {
                let noun = if formulas.count(law.components()) == one() { "the quantity" } else { "the quantities" };
                let verb = if noun == "the quantity" { "is constant" } else { "are constant" };
                (prose![", ", noun], vec![formulas.formula(quantity)], Prose::text(verb).join(after))
            }
            (_, Kind::Subspace) if law.theorem() != Theorem::Mirror => {
                let tail = Prose::text("is left by none of the dynamics").join(after);
                (prose![", the linear space of all parameters with"], stated.lines, tail)
            }
            (_, Kind::Multiplicity) => (prose![", the Hessian has"], stated.lines, after),
            (Statement::Structure(Structure::Transport { .. }), _) => {
                let map = prose![", the action being the linear map ", Line::from("K"), " of the parameters,"];
                (map, stated.lines, after)
            }
            (_, Kind::Bound) => (prose![", the eigenvalues of the Hessian satisfy"], stated.lines, after),
            _ => (prose![","], stated.lines, after),
        };
        let end = tail.is_empty().then_some(Sign::Stop);
        let mut out = vec![Block::Paragraph(conditions.glue(lead)), Block::Display(equation(&lines, label, end))];
        if !tail.is_empty() {
            out.push(Block::Paragraph(tail.then(".")));
        }
        out
    }

    /// ` ($h$ equations)`, in words.
    fn count(&self, law: &Law, formulas: &Formulas) -> Prose {
        let count = formulas.count(law.components());
        let bracketed = |noun: &str| prose!["(", count.clone(), " ", noun, ")"];
        match law.kind() {
            Kind::Subspace if law.theorem() == Theorem::Mirror => {
                prose!["(", line!["dim V⊥ = ", count], ")"]
            }
            Kind::Subspace => bracketed("equations"),
            Kind::Conserved | Kind::Rate | Kind::Constraint if count != one() => bracketed("components"),
            Kind::Identity if count != one() && law.order() == 1 => bracketed("equations"),
            _ => Prose::default(),
        }
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

fn title(law: &Law) -> String {
    let what = law.row().data().title;
    let dynamics = law.dynamics().filter(|d| **d != crate::model::Dynamics::GradientFlow);
    match dynamics {
        Some(dynamics) => format!("{what}, {}", dynamics.name().replace('_', " ")),
        None => what.to_string(),
    }
}

/// The number of components of a law that is one equation.
fn one() -> Line {
    Line::from("1")
}
