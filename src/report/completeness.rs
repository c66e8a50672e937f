//! The certificate of completeness, and tables over sizes.

use crate::Report;
use crate::complete::Answer;
use crate::exact::{Certificate, Completeness, Fields, Sweep};
use crate::language::Model;
use crate::term::print::text as formula;
use serde_json::{Value, json};

/// What is said about the completeness of a model's laws.
pub struct CompletenessReport<'a> {
    pub model: &'a Model,
    /// The sizes, in the order of the model's dims.
    pub dims: &'a [(String, u64)],
    pub fields: &'a Fields,
    pub answer: &'a Answer,
    /// The ids of the derived laws that are conserved by gradient flow.
    pub known: Vec<&'a str>,
}

fn laws(n: usize) -> String {
    if n == 1 { "1 independent law".to_string() } else { format!("{n} independent laws") }
}

/// A certificate in words.
pub(super) fn certified(c: &Certificate) -> String {
    let ranks: Vec<String> = c.ranks.iter().map(usize::to_string).collect();
    let end = match c.exhausted {
        true => "",
        false => "; the largest depth still added rank, a larger --depth may lower the bound",
    };
    format!("prime {}, seed {}, depth {}, ranks {}{end}", c.prime, c.seed, c.depth, ranks.join("–"))
}

/// What a report says of the completeness of its laws: a verdict, and what certifies or explains it.
pub(super) fn verdict(report: &Report) -> Option<(String, Vec<String>)> {
    let (verdict, mut reasons) = match report.completeness.as_ref()? {
        Ok(found) => {
            let (known, most) = (found.laws_known, found.laws_at_most);
            let (be, derived) = (if most == 1 { "is" } else { "are" }, if known == 1 { "is" } else { "are" });
            let counted = format!("there {be} at most {}, and {known} {derived} derived", laws(most));
            let verdict = match found.complete() {
                true if most == 0 => "complete: there is no law".to_string(),
                true => format!("complete: {counted}"),
                false => format!("not complete: {counted}"),
            };
            (verdict, vec![format!("certificate: {}", certified(&found.certificate))])
        }
        Err(error) => (format!("not counted: {error}"), vec![]),
    };
    reasons.extend(report.model.remarks("Incomplete").map(String::from));
    Some((verdict, reasons))
}

impl CompletenessReport<'_> {
    pub fn text(&self) -> String {
        let Completeness { parameters, lie_dimension, laws_at_most, laws_known, certificate } =
            &self.answer.completeness;
        let dims: Vec<String> = self.dims.iter().map(|(name, n)| format!("{name}={n}")).collect();
        let title = self.model.title.as_ref().map(|t| format!(" · {t}")).unwrap_or_default();
        let losses = match self.model.loss {
            crate::language::Loss::Any => "every data set and every loss",
            crate::language::Loss::Explicit(_) => "every data set",
        };
        let mut out = format!("{}{title}    {parameters} parameters at {}\n\n", self.model.name, dims.join(" "));
        out += &format!("Conserved by gradient flow, for {losses}\n");
        out += &format!(
            "  at most  {}  ({parameters} parameters − dimension {lie_dimension} of the Lie algebra)\n",
            laws(*laws_at_most)
        );
        out += &format!("  derived  {}\n", laws(*laws_known));
        for id in &self.known {
            out += &format!("           {id}\n");
        }
        if let Some(found) = &self.answer.found {
            out += &format!("  found    {}\n", laws(found.rank.saturating_sub(*laws_known)));
            for matrix in &found.matrices {
                out += &format!("           {}\n", formula(matrix));
            }
            for polynomial in &found.polynomials {
                out += &format!("           {}\n", polynomial.text(self.fields));
            }
        }
        out += &match self.answer.unknown() {
            0 => "  complete: every law follows from these\n".to_string(),
            n => format!("  {n} may be missing\n"),
        };
        out += &format!("\nCertificate  {}\n", certified(certificate));
        out
    }

    pub fn json(&self) -> String {
        let found = self.answer.found.as_ref().map(|found| {
            json!({
                "independent": found.rank.saturating_sub(self.answer.completeness.laws_known),
                "matrices": found.matrices.iter().map(formula).collect::<Vec<_>>(),
                "polynomials": found.polynomials.iter().map(|q| q.text(self.fields)).collect::<Vec<_>>(),
            })
        });
        let mut completeness = completeness_json(&self.answer.completeness);
        completeness["known"] = json!(self.known);
        completeness["found"] = json!(found);
        completeness["missing"] = json!(self.answer.unknown());
        document(self.model, self.dims, "completeness", completeness)
    }
}

/// A document with the model's name and sizes and one more field.
pub(super) fn document(model: &Model, dims: &[(String, u64)], field: &str, value: Value) -> String {
    let dims: serde_json::Map<String, Value> = dims.iter().map(|(name, n)| (name.clone(), json!(n))).collect();
    let mut out = json!({ "schema": 1, "model": { "name": model.name.as_str(), "dims": dims } });
    out[field] = value;
    // Keys are strings and values plain data, which always serializes.
    serde_json::to_string_pretty(&out).unwrap_or_default() + "\n"
}

pub(super) fn completeness_json(found: &Completeness) -> Value {
    let c = &found.certificate;
    json!({
        "parameters": found.parameters,
        "lie_dimension": found.lie_dimension,
        "laws_at_most": found.laws_at_most,
        "laws_known": found.laws_known,
        "complete": found.complete(),
        "certificate": {
            "prime": c.prime, "seed": c.seed, "depth": c.depth, "ranks": c.ranks, "exhausted": c.exhausted,
        },
    })
}

/// A table of the numbers of laws over a range of sizes.
pub fn sweep_text(model: &Model, sweep: &Sweep) -> String {
    let heads = sweep.names.iter().map(|n| n.to_string()).chain(["D", "at most", "known"].map(String::from));
    let mut rows: Vec<Vec<String>> = vec![heads.collect()];
    for (at, found) in &sweep.rows {
        let numbers = at.iter().chain([&found.parameters, &found.laws_at_most, &found.laws_known]);
        rows.push(numbers.map(usize::to_string).collect());
    }
    let widths: Vec<usize> =
        (0..rows[0].len()).map(|j| rows.iter().map(|row| row[j].len()).max().unwrap_or_default()).collect();
    let mut out = format!("{}    laws of gradient flow\n\n", model.name);
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, &w)| format!("{cell:>w$}")).collect();
        out += &format!("  {}\n", cells.join("  "));
    }
    out += "\n";
    out += &match &sweep.formula {
        Some(polynomial) => format!("  at most {} laws (fitted to all rows)\n", formula(polynomial)),
        None => "  no polynomial of degree at most 3 with a row to spare fits\n".to_string(),
    };
    out
}

/// The same as JSON.
pub fn sweep_json(model: &Model, dims: &[(String, u64)], sweep: &Sweep) -> String {
    let rows = sweep.rows.iter().map(|(at, found)| {
        let sizes: serde_json::Map<String, Value> =
            sweep.names.iter().zip(at).map(|(name, n)| (name.to_string(), json!(n))).collect();
        json!({ "dims": sizes, "completeness": completeness_json(found) })
    });
    let value = json!({ "rows": rows.collect::<Vec<_>>(), "laws_at_most": sweep.formula.as_ref().map(formula) });
    document(model, dims, "sweep", value)
}
