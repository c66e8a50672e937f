//! A law as a theorem with its proof.

use super::display::equation;
use super::{Paper, words};
use crate::law::{Kind, Law, Statement, Structure, Theorem};
use crate::report::formulas::{Formulas, Script};
use crate::report::ledger::Chapter;
use crate::report::phrase;

impl Paper<'_> {
    /// A theorem, its proof and its remarks.
    pub(super) fn law(&self, chapter: &Chapter) -> String {
        let Some(law) = chapter.law() else { return String::new() };
        let formulas = Formulas::of_law(Script::Latex, &self.report.model, law);
        let label = self.label("law", law.id());
        let mut out = format!("\n\\begin{{theorem}}[{}]\\label{{{label}}}\n", title(law));
        out.push_str(&self.statement(law, &formulas));
        out.push_str("\\end{theorem}\n");
        out.push_str(&self.proof(chapter, &formulas));
        let mut remarks: Vec<String> = law.remarks().iter().map(|r| words(r)).collect();
        remarks.extend(phrase::everywhere(self.report, law).map(words));
        for remark in remarks {
            out.push_str(&format!("\\begin{{remark}}\n{}.\n\\end{{remark}}\n", super::words::sentence(&remark)));
        }
        out
    }

    fn statement(&self, law: &Law, formulas: &Formulas) -> String {
        let conditions: Vec<String> = law.hypotheses().iter().map(|h| words(&condition(h))).collect();
        let conditions = super::words::sentence(&conditions.join(", "));
        let stated = formulas.statement(law);
        let label = self.label("equation", law.id());
        let label = Some(label.as_str());
        let count = self.count(law, formulas);
        let mut out = String::new();
        match law.statement() {
            Statement::Conserved { quantity } => {
                out.push_str(&format!("{conditions}, the quantity\n"));
                out.push_str(&equation(&[formulas.formula(quantity)], label, ""));
                out.push_str(&format!("is constant{count}.\n"));
            }
            _ => {
                out.push_str(&format!("{conditions},\n"));
                let words = stated.quantifier.map(|q| super::words::around(&q)).unwrap_or_default();
                let after = format!("{words}{count}");
                let end = if after.is_empty() { "." } else { "" };
                out.push_str(&equation(&stated.lines, label, end));
                if !after.is_empty() {
                    out.push_str(&format!("{}.\n", after.trim_start()));
                }
            }
        }
        out
    }

    /// ` ($h$ components)`, in words.
    fn count(&self, law: &Law, formulas: &Formulas) -> String {
        let count = formulas.count(law.components());
        let fewer = phrase::fewer(self.report, law);
        let independent =
            fewer.map_or(String::new(), |n| format!(", ${n}$ of them independent at the instance of the checks"));
        match (law.kind(), law.statement()) {
            (Kind::Kernel, Statement::Kernel { dimension: Some(_), .. }) => {
                format!("; hence $\\dim\\ker H\\ge {count}$")
            }
            (Kind::Kernel, _) => match law.independent() {
                Some(n) => format!("; hence $\\dim\\ker H\\ge {n}$ at the instance of the checks"),
                None => String::new(),
            },
            (Kind::Subspace, _) if law.theorem() == Theorem::Mirror => format!(" ($\\dim V^{{\\perp}} = {count}$)"),
            (Kind::Subspace, _) => format!(" (${count}$ equations)"),
            (Kind::Conserved | Kind::Rate | Kind::Constraint, _) if count != "1" => {
                format!(" (${count}$ components{independent})")
            }
            (Kind::Identity, _) if count != "1" && law.order() == 1 => format!(" (${count}$ equations{independent})"),
            _ => String::new(),
        }
    }
}

fn title(law: &Law) -> String {
    let what = match law.kind() {
        Kind::Conserved => "conserved quantity",
        Kind::Rate => "rate of change",
        Kind::Constraint => "constraint without a first integral",
        Kind::Kernel => "kernel of the Hessian",
        Kind::Subspace if law.theorem() == Theorem::Mirror => "the Hessian off the symmetric subspace",
        Kind::Subspace => "symmetric subspace",
        Kind::Multiplicity => "spectrum at symmetric points",
        Kind::Bound => "sharpness",
        Kind::Identity if law.theorem() == Theorem::Alignment => "alignment of gradient and Hessian",
        Kind::Identity if matches!(law.statement(), Statement::Structure(Structure::Flattest { .. })) => {
            "the flattest point of an orbit"
        }
        Kind::Identity if law.theorem() == Theorem::Transport => "gradient and Hessian along an orbit",
        Kind::Identity if law.theorem() == Theorem::ThirdOrder => "third derivative along the generator",
        Kind::Equilibrium => "equilibrium of the noise",
        Kind::Identity if law.dynamics() == Some(&crate::language::Dynamics::Sgd) => "expected change in one step",
        Kind::Identity if law.dynamics().is_some() => "change in one step",
        Kind::Identity if law.order() == 1 => "gradient identity",
        Kind::Identity if law.theorem() == Theorem::HessianForm => "Hessian form on the orbit",
        Kind::Identity => "Hessian image of the generator",
    };
    what.to_string()
}

/// A hypothesis as the beginning of a sentence.
fn condition(hypothesis: &str) -> String {
    let first = hypothesis.split(' ').next().unwrap_or_default();
    match first {
        "wherever" | "at" | "along" | "for" | "if" | "when" => hypothesis.to_string(),
        _ if hypothesis.contains("θ̇ =") || hypothesis.contains("flow") || hypothesis.contains("descent") => {
            format!("along {hypothesis}")
        }
        _ => format!("with {hypothesis}"),
    }
}
