//! What is given: the model with its notation, and each action.

use super::block::Block;
use super::paper::Paper;
use crate::kernel::Generator;
use crate::model::{Loss, Model, Variable};
use crate::report::definitions::definitions;
use crate::report::display::equation;
use crate::report::families::{self, Passage};
use crate::report::formulas::Formulas;
use crate::report::ledger::Subject;
use crate::report::narrative::ClaimStatement;
use crate::report::phrase;
use crate::report::prose::{Inline, Prose, prose};
use crate::report::words;
use crate::term::print::{Bracket, Group, Line, Sign, Token, line};
use crate::term::{Facts, Symbol};
use crate::{ActionReport, Status};

impl Paper<'_> {
    /// The remarks of the file, the sizes, parameters, data and definitions, and the notation.
    pub(super) fn setting(&self, sources: &[(String, Prose)]) -> Vec<Block> {
        let model = &self.report.model;
        let formulas = Formulas::of_model(model);
        let mut out = vec![Block::Heading(Prose::text("Setting"))];
        let cited: Vec<Prose> = sources.iter().map(|(key, _)| Prose(vec![Inline::Citation(key.clone())])).collect();
        let header = phrase::header(model);
        if !header.is_empty() || !cited.is_empty() {
            let said = header.sentence();
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
        let data: Vec<Prose> = model.given().map(|d| variable(d, &formulas)).collect();
        if !data.is_empty() {
            let data = Prose::enumerated(data);
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
                .join(Prose::math(Line::token(Token::Symbol(function.name.to_string()))))
                .then(" is any differentiable function.");
        }
        if !model.indices.is_empty() {
            let each = "; what has an index is one matrix for each of its values.";
            given = prose![given, " The indices run over ", families::ranges(&model.indices), each];
        }
        if model.stops() {
            given = given.join(words::held_apart());
        }
        let definitions = model.definitions();
        if !definitions.is_empty() {
            given = given.then(" The model is");
        }
        out.push(Block::Paragraph(given));
        let passages = families::passages(model, &formulas);
        let last = passages.len().saturating_sub(1);
        for (at, Passage { around, lines, .. }) in passages.iter().enumerate() {
            if !around.is_empty() {
                let block = prose![if at == 0 { "for " } else { "then, for " }, families::ranges(around), ","];
                out.push(Block::Paragraph(block));
            } else if at > 0 {
                out.push(Block::Paragraph("and".into()));
            }
            let stop = at == last && !matches!(model.loss, Loss::Any);
            let end = if stop { Sign::Stop } else { Sign::Comma };
            out.push(Block::Display(equation(lines, None, Some(end), self.measure)));
        }
        out.push(Block::Paragraph(self.notation(model, &formulas)));
        out
    }

    fn notation(&self, model: &Model, formulas: &Formulas) -> Prose {
        let math = |text: &str| Line::from(text);
        let mut out = Prose::default();
        if let (Loss::Any, Some(output)) = (&model.loss, &model.output) {
            let loss = line!["L = ℓ", formulas.name(output.name).bracketed(Bracket::Round, 0)];
            out = prose!["and the loss is ", loss, " for any differentiable ", math("ℓ"), "."];
        }
        let derivative = |of: Line, by: Symbol| Prose::math(formulas.partial(of, by));
        let mut gradients: Vec<Prose> =
            model.params.iter().map(|p| derivative(formulas.gradient(p.name), p.name)).collect();
        if let Some(output) = model.output.as_ref().filter(|_| self.report.laws.iter().any(phrase::mentions_error)) {
            gradients.push(derivative(formulas.error(output.name), output.name));
        }
        out = out.join(Prose::text("Write ")).join(Prose::enumerated(gradients));
        let inner = math("⟨U, V⟩ = tr(UᵀV)");
        let inner = prose![inner, " for the inner product, summed over the parameters."];
        out = prose![out, ", ", math("θ"), " for all parameters together, and ", inner];
        for definition in definitions(model) {
            out = out.join(definition);
        }
        let group = |group| prose![formulas.symbol(group), ", ", Prose::marked(group.words())];
        let groups: Vec<Prose> = phrase::groups(self.report).into_iter().map(group).collect();
        let lead = if groups.len() > 1 { "The groups are " } else { "The group is " };
        if let Some(groups) = groups.into_iter().reduce(|all, one| all.then("; ").glue(one)) {
            out = out.join(Prose::text(lead)).glue(groups).then(".");
        }
        if let Some(idle) = phrase::idle(model) {
            out = out.join(idle.sentence().then("."));
        }
        if self.report.laws.iter().any(|law| law.order() > 1) {
            let tangent = prose![" applied to a tangent ", math("ξ"), " is ", math("H[ξ]"), "."];
            out = prose![out, " The Hessian of ", math("L"), tangent];
        }
        let mentions = |op| self.report.laws.iter().any(|law| phrase::mentions(law, op));
        if let Some(output) = model.output.as_ref() {
            let f = formulas.name(output.name);
            if mentions(crate::term::Op::Vjp) {
                let component = prose![math("J*[Z]_W"), " the component of its adjoint on ", math("W"), "."];
                out = prose![out, " The derivative of ", f, " by the parameters is ", math("J"), ", and ", component];
            }
            if mentions(crate::term::Op::HessLoss) {
                let along = prose![math("ℓ"), " along ", math("Z"), " is ", math("ℓ″[Z]"), "."];
                out = prose![out, " The second derivative of ", along];
            }
        }
        out
    }

    /// An action: the map, its proof, and its generator.
    pub(super) fn action(&self, report: &ActionReport) -> Vec<Block> {
        let model = &self.report.model;
        let action = &report.action;
        let formulas = Formulas::new(model, &crate::law::action::two_element_env(model, action));
        let title = Prose::text("The action ").join(Prose(vec![Inline::Emphasis(action.name.to_string())]));
        let mut out = vec![Block::Heading(title)];
        let maps = Prose::enumerated(formulas.images(action).into_iter().map(Prose::math).collect());
        let acting = match action.element {
            Some(_) => prose!["The ", formulas.membership(action), " act by "],
            None => prose!["The group ", formulas.group(action), " acts by "],
        };
        let still = model.params.iter().any(|p| action.images.iter().all(|(name, _)| *name != p.name));
        let still = if still { "; the other parameters stay." } else { "." };
        out.push(Block::Paragraph(acting.glue(maps).then(still)));
        if let Some(domain) = phrase::domain(self.report, report) {
            out.push(Block::Paragraph(prose!["What follows is stated ", domain, "."]));
        }
        match &report.status {
            Status::Proved(proved) => {
                let assumed = proved.assumed();
                if !assumed.is_empty() {
                    let assumed = words::assuming(&assumed).sentence();
                    out.push(Block::Paragraph(assumed.then(", which is not proved here, the following holds.")));
                }
                let own = proved.claim.setting().model();
                let written = Formulas::new(own, &crate::law::action::two_element_env(own, action));
                if proved.claim.setting().window().is_some() {
                    out.extend(self.around(own, &written));
                }
                let formulas = written;
                for block in self.group_laws(proved, &formulas) {
                    match (out.last_mut(), block) {
                        (Some(Block::Paragraph(last)), Block::Paragraph(more)) => {
                            *last = std::mem::take(last).join(more)
                        }
                        (_, block) => out.push(block),
                    }
                }
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

    /// The place of the generator of an action, where it is told.
    pub(super) fn generator_of(&self, action: Symbol) -> Option<Prose> {
        let report = self.report.actions.iter().find(|report| report.action.name == action)?;
        let told = !self.generator(report).is_empty();
        told.then(|| Prose(vec![Inline::Equation(self.label("generator", action.as_str()))]))
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
        let formulas = self.notations.of(law);
        let symbol = formulas.name(element.symbol);
        // Translations add up; every other group is one of matrices.
        let translation = crate::term::is_zero(&action.group.identity());
        let path = if element.unit { "t".into() } else { line!["t", symbol] };
        let path = if translation { path } else { line!["exp", path.bracketed(Bracket::Round, 0)] };
        let own = law.claim().setting().model();
        let of_action = Formulas::new(own, &own.action_env(action));
        let path = line![of_action.name(g), " = ", path];
        let mut lead = Prose::text("Along ").join(Prose::math(path));
        if let Some(quantifier) = formulas.quantifier(element) {
            lead = prose![lead, ", ", quantifier, ","];
        }
        let name = formulas.generator_name(element);
        lead = prose![lead, " the derivative of the action at ", Line::from("t = 0"), " is the generator"];
        let generator =
            Generator { action: action.name, element: element.clone(), components, output_invariant: false };
        let label = Some(self.label("generator", action.name.as_str()));
        let mut out = vec![
            Block::Paragraph(lead),
            Block::Display(equation(&[formulas.generator(&generator)], label, Some(Sign::Stop), self.measure)),
        ];
        if self.silent && laws().any(|l| l.order() > 1 || l.dynamics().is_some()) {
            let adjoint = prose![", with adjoint ", Line::from("S*"), "."];
            let derivative = line!["S = ", Line::token(Token::Upright("D")), name];
            let after = prose!["Its derivative in ", Line::from("θ"), " is written ", derivative, adjoint];
            out.push(Block::Paragraph(after));
        }
        out
    }

    /// The blocks around the members that an action moves, and what is arbitrary beside them.
    fn around(&self, model: &Model, formulas: &Formulas) -> Vec<Block> {
        let whole = &self.report.model;
        let given = |d: &&Variable| {
            let of = model.env.neighbour(d.name).map_or(d.name, |beside| beside.of);
            whole.data.iter().any(|known| known.name == of)
        };
        let taken = model.data.iter().filter(|d| !given(d));
        let taken: Vec<Prose> = taken.map(|d| Prose::math(formulas.name(d.name))).collect();
        let rest = model.functions.iter().filter(|f| !whole.functions.contains(f));
        let rest: Vec<Prose> = rest.map(|f| Prose::math(Line::words(f.name.as_str()))).collect();
        let mut lead = prose!["The action moves nothing but members of blocks beside each other"];
        if !taken.is_empty() {
            lead =
                prose![lead, "; what the first of these blocks takes, ", Prose::enumerated(taken), ", is any matrix"];
        }
        if !rest.is_empty() {
            lead = prose![lead, "; what the last block of all gives is any function ", Prose::enumerated(rest)];
            lead = prose![lead, " of what these give"];
        }
        let lines: Vec<Line> = families::passages(model, formulas).into_iter().flat_map(|p| p.lines).collect();
        vec![Block::Paragraph(lead.then(":")), Block::Display(equation(&lines, None, Some(Sign::Stop), self.measure))]
    }
}

/// A verdict as a sentence.
fn words_of(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// `W₁ ∈ ℝ^(h×d)`, with what is assumed of it.
fn variable(variable: &Variable, formulas: &Formulas) -> Prose {
    let space = match formulas.shape(variable.shape) {
        None => Line::from("ℝ"),
        Some(shape) => line!["ℝ", shape.grouped(Group::Raised)],
    };
    let facts = Facts::NAMED.iter().filter(|(_, fact)| variable.facts.contains(*fact)).map(|(name, _)| fact(name));
    let facts: Vec<&str> = facts.collect();
    let out = Prose::math(line![formulas.name(variable.name), " ∈ ", space]);
    let out = match families::for_each(&families::declared(formulas.model, &variable.indices)) {
        Some(each) => prose![out, " ", each],
        None => out,
    };
    if facts.is_empty() { out } else { out.then(&format!(" ({})", facts.join(", "))) }
}

/// What a fact is called in a text.
fn fact(name: &'static str) -> &'static str {
    match name {
        "positive_diagonal" => "diagonal with positive diagonal",
        "signed_permutation" => "a signed permutation",
        "permutation" => "a permutation",
        "rotation" => "a rotation",
        "fixes_ones" => "rows and columns sum to 1",
        "centred" => "rows and columns sum to 0",
        "planes" => "2×2 blocks with rows (a, −b) and (b, a) on the diagonal",
        name => name,
    }
}
