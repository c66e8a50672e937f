//! What is given: the model with its notation, and each action.

use super::{Paper, words};
use crate::language::{Loss, Model, Variable};
use crate::law::{ClaimStatement, Generator};
use crate::report::formulas::{Formulas, Script};
use crate::report::ledger::Subject;
use crate::report::phrase;
use crate::term::{Facts, Shape, sym};
use crate::{ActionReport, Status};

impl Paper<'_> {
    /// The section's title, the sizes, parameters, data and definitions, and the notation.
    pub(super) fn setting(&self) -> String {
        let model = &self.report.model;
        let formulas = Formulas::of_model(Script::Latex, model);
        let name = words::escape(model.name.as_str());
        let title = model.title.as_ref().map_or(name.clone(), |title| words::escape(title));
        let mut out = format!("\\section*{{{title}}}\n");
        let params: Vec<String> = model.params.iter().map(|p| variable(p, &formulas)).collect();
        out.push_str(&format!("The parameters are {}", phrase::enumerated(&params)));
        let data: Vec<String> = model.data.iter().map(|d| variable(d, &formulas)).collect();
        if !data.is_empty() {
            out.push_str(&format!("; the data are {}", phrase::enumerated(&data)));
        }
        out.push_str(".\n");
        for activation in &model.activations {
            let function = phrase::property(&activation.property).replacen("every", "any", 1);
            out.push_str(&format!("The function ${}$ is {function}.\n", formulas.name(activation.name)));
        }
        for function in &model.functions {
            out.push_str(&format!(
                "The function \\texttt{{{}}} is any differentiable function.\n",
                words::escape(function.name.as_str())
            ));
        }
        let definitions = model.definitions();
        if !definitions.is_empty() {
            out.push_str("The model is\n");
            let rows: Vec<String> = definitions.iter().map(|d| formulas.equation(&sym(d.name), &d.expr)).collect();
            out.push_str(&super::display::equation(&rows, None, ""));
        }
        out.push_str(&self.notation(model, &formulas));
        out
    }

    fn notation(&self, model: &Model, formulas: &Formulas) -> String {
        let mut out = String::new();
        if let (Loss::Any, Some(output)) = (&model.loss, &model.output) {
            out.push_str(&format!("with $L=\\ell({})$ for any differentiable~$\\ell$.\n", formulas.name(output.name)));
        }
        let gradients = model
            .params
            .iter()
            .map(|p| format!("${}=\\partial L/\\partial {}$", formulas.gradient(p.name), formulas.name(p.name)));
        out.push_str(&format!("Write {}", phrase::enumerated(&gradients.collect::<Vec<_>>())));
        if let Some(output) = &model.output {
            out.push_str(&format!(
                ", and ${}=\\partial L/\\partial {}$",
                formulas.error(output.name),
                formulas.name(output.name)
            ));
        }
        out.push_str(";\n$\\langle U,V\\rangle=\\operatorname{tr}(U^{\\top}V)$ is the inner product");
        if self.report.laws.iter().any(|law| law.order() > 1) {
            out.push_str(", and $H[\\xi]$ the Hessian of $L$ applied to a tangent $\\xi$");
        }
        out.push_str(".\n");
        out
    }

    /// An action: the map, its proof, and its generator.
    pub(super) fn action(&self, report: &ActionReport) -> String {
        let model = &self.report.model;
        let action = &report.action;
        let formulas = Formulas::new(Script::Latex, model, &crate::law::action::two_element_env(model, action));
        let mut out = format!("\n\\subsection*{{The action \\emph{{{}}}}}\n", words::escape(action.name.as_str()));
        let maps: Vec<String> = formulas.images(action).into_iter().map(|m| format!("${m}$")).collect();
        let group = formulas.group(action);
        let element = match action.element {
            Some(g) => format!(", with ${}\\in {group}$", formulas.name(g)),
            None => String::new(),
        };
        out.push_str(&format!("The group ${group}$ acts by {}{element}.\n", phrase::enumerated(&maps)));
        match &report.status {
            Status::Proved(_) => {
                for chapter in &self.ledger.chapters {
                    if matches!(chapter.subject, Subject::Action(proved) if proved.action.name == action.name) {
                        out.push_str(&self.lemmas(chapter, &formulas));
                    }
                }
                out.push_str(&self.generator(report));
            }
            Status::Refuted(_) => out.push_str(&format!("\\textbf{{{}}}.\n", words(&phrase::status(report)))),
            Status::Unproved(_) => {
                out.push_str(&format!("\\textbf{{{}.}}\n", words(&words::sentence(&phrase::status(report)))));
            }
        }
        out
    }

    /// The generator of an action, where a law used it.
    fn generator(&self, report: &ActionReport) -> String {
        let action = &report.action;
        let Some((g, law)) = action.element.zip(self.report.laws.iter().find(|l| l.action() == Some(action.name)))
        else {
            return String::new();
        };
        let formulas = Formulas::of_law(Script::Latex, &self.report.model, law);
        let chapters = self.ledger.chapters.iter().filter(|c| c.is_about(action.name));
        let components = chapters.flat_map(|c| &c.entries).filter_map(|entry| match &entry.claim.statement {
            ClaimStatement::Generator { param, value } => Some((*param, value.clone())),
            _ => None,
        });
        let components: Vec<_> = components.collect();
        let laws = self.report.laws.iter().filter(|l| l.action() == Some(action.name));
        let Some(element) = laws.filter_map(phrase::element).next().filter(|_| !components.is_empty()) else {
            return String::new();
        };
        let range = words(&element.range).replacen("every", "any", 1);
        let symbol = formulas.name(element.symbol);
        let range = if element.unit { String::new() } else { format!(" for ${symbol}$ {range}") };
        let exp = if element.unit { "t".to_string() } else { format!("t{symbol}") };
        let label = self.label("generator", action.name.as_str());
        let path = format!("${}=\\exp({exp})$", formulas.name(g));
        let generator =
            Generator { action: action.name, element: element.clone(), components, output_invariant: false };
        let generator = super::display::equation(&[formulas.generator(&generator)], Some(&label), ".");
        format!("\nDifferentiating along {path} at $t=0${range}, one finds the generator\n{generator}")
    }
}

/// `$W_1\in\mathbb R^{h\times d}$`, with what is assumed of it.
fn variable(variable: &Variable, formulas: &Formulas) -> String {
    let name = formulas.name(variable.name);
    let space = match (variable.shape, formulas.shape(variable.shape)) {
        (Shape::SCALAR, _) | (_, None) => "\\mathbb{R}".to_string(),
        (_, Some(shape)) => format!("\\mathbb{{R}}^{{{shape}}}"),
    };
    let facts: Vec<&str> =
        Facts::NAMED.iter().filter(|(_, fact)| variable.facts.contains(*fact)).map(|(name, _)| *name).collect();
    let facts = if facts.is_empty() { String::new() } else { format!(" ({})", words::escape(&facts.join(", "))) };
    format!("${name}\\in{space}${facts}")
}
