//! The symmetries that were discovered.

use super::completeness::document;
use super::{obstacle, phrase, words};
use crate::discover::{Discovery, Proposal};
use crate::model::{Action, Loss, Model};
use crate::term::print::model_text;
use serde_json::{Value, json};

/// What is said about the symmetries of a model.
pub struct DiscoveryReport<'a> {
    pub found: &'a Discovery,
}

/// How many unexplained generators are written out.
const SHOWN: usize = 12;

impl DiscoveryReport<'_> {
    /// What the Lie algebra is one of: there may be symmetries of other forms, and for one value of the data.
    fn scope(&self) -> String {
        let Discovery { annotated: model, algebra, .. } = self.found;
        let form = algebra.layout.form();
        let maps =
            if form.general { "affine maps of all parameters" } else { "maps dW = A W + W B + C of each parameter" };
        let kept = match &model.loss {
            Loss::Any => "output",
            Loss::Explicit(_) => "loss",
        };
        let verb =
            if form.equivariant { format!("multiply the {kept} by a number") } else { format!("keep the {kept}") };
        let fixed: Vec<String> = model.data.iter().filter(|d| d.fixed).map(|d| d.name.to_string()).collect();
        let every =
            if fixed.is_empty() { String::new() } else { format!(", also those that are fixed: {}", fixed.join(", ")) };
        format!("of the {maps} that {verb} for all data{every}")
    }

    pub fn text(&self) -> String {
        let Discovery { annotated: model, algebra, proposals, explained, unexplained, tangent, short, late, .. } =
            self.found;
        let dims: Vec<String> = self.found.sizes.named().iter().map(|(name, n)| format!("{name}={n}")).collect();
        let title = model.title.as_ref().map(|t| format!(" · {t}")).unwrap_or_default();
        let mut out = format!("{}{title}    at {}\n\n", model.name, dims.join(" "));
        let name = algebra.structure.as_ref().map(|s| format!(": {}", s.name)).unwrap_or_default();
        out += &format!("Lie algebra  dimension {}{name}\n", algebra.dimension);
        out += &format!("  {}\n", self.scope());
        out += &format!(
            "  skew part {}, self-adjoint part {}; {} of gradient flow and {} of the heavy ball follow\n",
            algebra.k_dim,
            algebra.p_dim,
            count(algebra.gradient_flow_laws),
            count(algebra.heavy_ball_laws),
        );
        if let Some(s) = &algebra.structure {
            let series = |d: &[usize]| d.iter().map(usize::to_string).collect::<Vec<_>>().join(" ⊇ ");
            out += &format!("  centre {}, radical {}", s.centre, s.radical);
            if let Some((positive, negative, zero)) = s.killing_signature {
                out += &format!(", Killing form (+{positive}, −{negative}, 0: {zero})");
            }
            out += &format!(
                "\n  derived series {}; lower central series {}\n",
                series(&s.derived_series),
                series(&s.lower_central_series)
            );
        }
        if algebra.basis.is_none() {
            out += "  its basis is not rational: no action is proposed\n";
        }
        out += "\nActions\n";
        for Proposal { action, status, .. } in proposals {
            let element = action.element.map(|g| format!("{g} in ")).unwrap_or_default();
            let status = match status {
                Ok(proved) => phrase::proved(proved),
                Err(unproved) => format!("holds at these sizes; not proved: {}", obstacle::reason(&unproved.reason)),
            };
            let indices: Vec<String> = action.indices.iter().map(ToString::to_string).collect();
            let indices = if indices.is_empty() { String::new() } else { format!("[{}]", indices.join(",")) };
            out += &format!(
                "  {}{indices} : {element}{}    {}    {status}\n",
                action.name,
                group(action),
                images(model, action).join(", ")
            );
        }
        if proposals.is_empty() {
            out += "  none\n";
        }
        for size in short {
            out += &format!(
                "  permutations and signs of {size}: not every set of rows and columns was tried, so some may be missing\n"
            );
        }
        out += &format!("\nThe proved actions span {explained} of {} dimensions\n", algebra.dimension);
        if *tangent > 0 {
            let (n, verb) = if *tangent == 1 { ("1".to_string(), "moves") } else { (tangent.to_string(), "move") };
            out += &format!("  {n} of the unexplained {verb} every point along the orbits of the proved actions\n");
        }
        for &i in unexplained.iter().take(SHOWN) {
            out += &format!("  unexplained  {}\n", self.found.describe(i).join("; "));
        }
        if unexplained.len() > SHOWN {
            out += &format!("  … and {} more\n", unexplained.len() - SHOWN);
        }
        if self.found.unrelated {
            out += "\nValues of functions were taken for unrelated: symmetries that rest on relations between them may be missing\n";
        }
        if let Some(limit) = late {
            out += &format!("\n{}\n", phrase::late(*limit));
        }
        out
    }

    pub fn json(&self) -> String {
        document(&self.found.annotated, &self.found.sizes.named(), "discovery", discovery_json(self.found))
    }
}

/// A discovery as data.
pub(super) fn discovery_json(found: &Discovery) -> Value {
    let Discovery { algebra, proposals, explained, unexplained, tangent, late, .. } = found;
    let proposed = |p: &Proposal| {
        let mut value = json!({
            "name": p.action.name.as_str(),
            "group": group(&p.action),
            "element": p.action.element.map(|g| g.to_string()),
            "images": images(&found.annotated, &p.action),
            "status": if p.is_proved() { "proved" } else { "unproved" },
            "algebra_dim": p.dimension,
        });
        if !p.action.indices.is_empty() {
            value["indices"] = p.action.indices.iter().map(|index| json!(index.as_str())).collect();
        }
        if let Some(told) = p.status.as_ref().ok().and_then(|proved| words::hypotheses_of_action(&proved.claim)) {
            value["hypotheses"] = json!(told);
        }
        value
    };
    let mut value = json!({
        "algebra_dim": algebra.dimension,
        "k_dim": algebra.k_dim,
        "p_dim": algebra.p_dim,
        "gradient_flow_laws": algebra.gradient_flow_laws,
        "heavy_ball_laws": algebra.heavy_ball_laws,
        "prime": algebra.prime,
        "proposed": found.actions().map(|a| a.name.to_string()).collect::<Vec<_>>(),
        "actions": proposals.iter().map(proposed).collect::<Vec<_>>(),
        "explained_dim": explained,
        "tangent_to_orbits": tangent,
        "unexplained": unexplained.iter().map(|&i| found.describe(i)).collect::<Vec<_>>(),
    });
    if found.unrelated {
        value["unrelated_values"] = json!(true);
    }
    if let Some(limit) = late {
        value["time_limit_met"] = json!(limit.as_secs_f64());
    }
    if let Some(s) = &algebra.structure {
        value["name"] = json!(s.name);
        value["centre"] = json!(s.centre);
        value["radical"] = json!(s.radical);
        value["derived_series"] = json!(s.derived_series);
        value["lower_central_series"] = json!(s.lower_central_series);
        value["killing_signature"] = json!(s.killing_signature.map(|(p, n, z)| [p, n, z]));
        let constant =
            |(i, j, k, c): &(usize, usize, usize, crate::term::Rational)| -> Value { json!([i, j, k, c.to_string()]) };
        value["structure_constants"] = s.constants.iter().map(constant).collect();
    }
    if let Some(basis) = &algebra.basis {
        value["basis"] = (0..basis.len()).map(|i| json!(found.describe(i))).collect();
    }
    value
}

fn count(laws: usize) -> String {
    if laws == 1 { "1 law".to_string() } else { format!("{laws} laws") }
}

/// The group, of an exchange of members with what they are exchanged among.
fn group(action: &Action) -> String {
    match (action.exchanged(), action.group.sizes.as_slice()) {
        (Some(_), [range]) => format!("{}(1..{range})", action.group.group.name()),
        _ => action.group.to_string(),
    }
}

/// `W1 -> D * W1`, the output's and the loss's image last.
fn images(model: &Model, action: &Action) -> Vec<String> {
    let formula = |image| model_text(image, &model.indices);
    let params = action.images.iter().map(|(name, image)| format!("{name} -> {}", formula(image)));
    let output = action.output.iter().map(|image| format!("output -> {}", formula(image)));
    let loss = action.loss.iter().map(|image| format!("loss -> {}", formula(image)));
    params.chain(output).chain(loss).collect()
}
