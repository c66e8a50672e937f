//! What is given: the model with its notation, and each action.

use super::display::equation;
use super::{Block, Inline, Paper, Prose};
use crate::kernel::Generator;
use crate::model::{Loss, Model, Variable};
use crate::report::formulas::{Formulas, Script};
use crate::report::ledger::Subject;
use crate::report::narrative::ClaimStatement;
use crate::report::phrase;
use crate::term::{Facts, Shape, Symbol, sym};
use crate::{ActionReport, Status};

impl Paper<'_> {
    /// The remarks of the file, the sizes, parameters, data and definitions, and the notation.
    pub(super) fn setting(&self, sources: &[(String, Prose)]) -> Vec<Block> {
        let model = &self.report.model;
        let formulas = Formulas::of_model(Script::Latex, model);
        let mut out = vec![Block::Heading(Prose::text("Setting"))];
        let cited: Vec<Prose> = sources.iter().map(|(key, _)| Prose(vec![Inline::Citation(key.clone())])).collect();
        let header = phrase::header(model);
        if !header.is_empty() || !cited.is_empty() {
            let said = Prose::words(&header).sentence();
            let see = if cited.is_empty() {
                Prose::default()
            } else {
                Prose::text("See ").join(Prose::enumerated(cited)).then(".")
            };
            out.push(Block::Paragraph(said.join(see)));
        }
        let params = Prose::enumerated(model.params.iter().map(|p| variable(p, &formulas)).collect());
        let noun = if model.params.len() == 1 { "The parameter is " } else { "The parameters are " };
        let mut given = Prose::text(noun).join(params);
        if !model.data.is_empty() {
            let data = Prose::enumerated(model.data.iter().map(|d| variable(d, &formulas)).collect());
            given = given.then("; the data are ").join(data);
        }
        let mut given = given.then(".");
        for activation in &model.activations {
            let function = phrase::property(&activation.property).replacen("every", "any", 1);
            given = given
                .then(" The function ")
                .join(Prose::math(formulas.name(activation.name)))
                .then(&format!(", applied entry by entry, is {function}."));
        }
        for function in &model.functions {
            given = given
                .then(" The function ")
                .join(Prose::math(formulas.function(function.name)))
                .then(" is any differentiable function.");
        }
        let definitions = model.definitions();
        if !definitions.is_empty() {
            given = given.then(" The model is");
        }
        out.push(Block::Paragraph(given));
        if !definitions.is_empty() {
            let rows: Vec<String> = definitions.iter().map(|d| formulas.equation(&sym(d.name), &d.expr)).collect();
            let end = if matches!(model.loss, Loss::Any) { "," } else { "." };
            out.push(Block::Display(equation(&rows, None, end)));
        }
        out.push(Block::Paragraph(self.notation(model, &formulas)));
        out
    }

    fn notation(&self, model: &Model, formulas: &Formulas) -> Prose {
        let mut out = Prose::default();
        if let (Loss::Any, Some(output)) = (&model.loss, &model.output) {
            out = Prose::text("and the loss is ")
                .join(Prose::math(format!("L=\\ell({})", formulas.name(output.name))))
                .then(" for any differentiable ")
                .join(Prose::math("\\ell"))
                .then(".");
        }
        let derivative =
            |of: String, by: Symbol| Prose::math(format!("{of}=\\partial L/\\partial {}", formulas.name(by)));
        let mut gradients: Vec<Prose> =
            model.params.iter().map(|p| derivative(formulas.gradient(p.name), p.name)).collect();
        if let Some(output) = model.output.as_ref().filter(|_| self.report.laws.iter().any(phrase::mentions_error)) {
            gradients.push(derivative(formulas.error(output.name), output.name));
        }
        out = out.join(Prose::text("Write ")).join(Prose::enumerated(gradients));
        out = out
            .then(", ")
            .join(Prose::math("\\theta"))
            .then(" for all parameters together, and ")
            .join(Prose::math("\\langle U,V\\rangle=\\operatorname{tr}(U^{\\top}V)"))
            .then(" for the inner product, summed over the parameters.");
        if self.report.laws.iter().any(|law| law.order() > 1) {
            out = out
                .then(" The Hessian of ")
                .join(Prose::math("L"))
                .then(" applied to a tangent ")
                .join(Prose::math("\\xi"))
                .then(" is ")
                .join(Prose::math("H[\\xi]"))
                .then(".");
        }
        let mentions = |op| self.report.laws.iter().any(|law| phrase::mentions(law, op));
        if let Some(output) = model.output.as_ref() {
            let f = formulas.name(output.name);
            if mentions(crate::term::Op::Vjp) {
                out = out
                    .then(" The derivative of ")
                    .join(Prose::math(f.as_str()))
                    .then(" by the parameters is ")
                    .join(Prose::math("J"))
                    .then(", and ")
                    .join(Prose::math("J^{*}[Z]_{W}"))
                    .then(" the component of its adjoint on ")
                    .join(Prose::math("W"))
                    .then(".");
            }
            if mentions(crate::term::Op::HessLoss) {
                out = out
                    .then(" The second derivative of ")
                    .join(Prose::math("\\ell"))
                    .then(" along ")
                    .join(Prose::math("Z"))
                    .then(" is ")
                    .join(Prose::math("\\ell''[Z]"))
                    .then(".");
            }
        }
        out
    }

    /// An action: the map, its proof, and its generator.
    pub(super) fn action(&self, report: &ActionReport) -> Vec<Block> {
        let model = &self.report.model;
        let action = &report.action;
        let formulas = Formulas::new(Script::Latex, model, &crate::law::action::two_element_env(model, action));
        let title = Prose::text("The action ").join(Prose(vec![Inline::Emphasis(action.name.to_string())]));
        let mut out = vec![Block::Heading(title)];
        let maps = Prose::enumerated(formulas.images(action).into_iter().map(Prose::math).collect());
        let group = Prose::text("The group ").join(Prose::math(formulas.group(action))).then(" acts by ").join(maps);
        let element = match action.element {
            Some(_) => Prose::text(", where ").join(Prose::math(formulas.membership(action))),
            None => Prose::default(),
        };
        let still = model.params.iter().any(|p| action.images.iter().all(|(name, _)| *name != p.name));
        let still = if still { "; the other parameters stay as they are." } else { "." };
        out.push(Block::Paragraph(group.join(element).then(still)));
        match &report.status {
            Status::Proved(proved) => {
                out.extend(self.group_laws(proved, &formulas));
                for chapter in &self.ledger.chapters {
                    if matches!(chapter.subject, Subject::Action(proved) if proved.action.name == action.name) {
                        out.extend(self.lemmas(chapter, &formulas));
                    }
                }
                out.extend(self.generator(report));
            }
            Status::Refuted(_) | Status::Unproved(_) => {
                let verdict = words_of(&phrase::status(report));
                out.push(Block::Paragraph(Prose(vec![Inline::Strong(verdict)])));
            }
        }
        out
    }

    /// The generator of an action, where a law used it.
    fn generator(&self, report: &ActionReport) -> Vec<Block> {
        let action = &report.action;
        let Some((g, law)) = action.element.zip(self.report.laws.iter().find(|l| l.action() == Some(action.name)))
        else {
            return vec![];
        };
        let chapters = self.ledger.chapters.iter().filter(|c| c.is_about(action.name));
        let components = chapters.flat_map(|c| &c.entries).filter_map(|entry| match &entry.claim.statement {
            ClaimStatement::Generator { param, value } => Some((*param, value.clone())),
            _ => None,
        });
        let components: Vec<_> = components.collect();
        let laws = || self.report.laws.iter().filter(|l| l.action() == Some(action.name));
        let Some((law, element)) = laws()
            .find_map(|l| phrase::element(l).map(|element| (l, element)))
            .or_else(|| Some((law, phrase::element(law)?)))
            .filter(|_| !components.is_empty())
        else {
            return vec![];
        };
        let formulas = Formulas::of_law(Script::Latex, &self.report.model, law);
        let symbol = formulas.name(element.symbol);
        // Translations add up; every other group is one of matrices.
        let translation = crate::term::is_zero(&action.group.identity());
        let path = match (element.unit, translation) {
            (true, true) => "t".to_string(),
            (false, true) => format!("t{symbol}"),
            (true, false) => "\\exp(t)".into(),
            (false, false) => format!("\\exp(t{symbol})"),
        };
        let path = format!("{}={path}", formulas.name(g));
        let mut lead = Prose::text("Along ").join(Prose::math(path));
        if let Some(quantifier) = formulas.quantifier(element) {
            lead = lead.then(", ").join(Prose::marked(&quantifier)).then(",");
        }
        let name = formulas.generator_name(element);
        lead = lead.then(" the derivative of the action at ").join(Prose::math("t=0")).then(" is the generator");
        let generator =
            Generator { action: action.name, element: element.clone(), components, output_invariant: false };
        let label = Some(self.label("generator", action.name.as_str()));
        let mut out =
            vec![Block::Paragraph(lead), Block::Display(equation(&[formulas.generator(&generator)], label, "."))];
        if laws().any(|l| l.order() > 1 || l.dynamics().is_some()) {
            let after = Prose::text("Its derivative in ")
                .join(Prose::math("\\theta"))
                .then(" is written ")
                .join(Prose::math(format!("S=\\mathrm{{D}}{name}")))
                .then(", with adjoint ")
                .join(Prose::math("S^{*}"))
                .then(".");
            out.push(Block::Paragraph(after));
        }
        out
    }
}

/// A verdict as a sentence.
fn words_of(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// `W_1\in\mathbb R^{h\times d}`, with what is assumed of it.
fn variable(variable: &Variable, formulas: &Formulas) -> Prose {
    let name = formulas.name(variable.name);
    let space = match (variable.shape, formulas.shape(variable.shape)) {
        (Shape::SCALAR, _) | (_, None) => "\\mathbb{R}".to_string(),
        (_, Some(shape)) => format!("\\mathbb{{R}}^{{{shape}}}"),
    };
    let facts: Vec<&str> =
        Facts::NAMED.iter().filter(|(_, fact)| variable.facts.contains(*fact)).map(|(name, _)| *name).collect();
    let out = Prose::math(format!("{name}\\in{space}"));
    if facts.is_empty() { out } else { out.then(&format!(" ({})", facts.join(", "))) }
}
