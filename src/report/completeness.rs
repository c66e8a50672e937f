//! The certificate of completeness, and tables over sizes.

use super::phrase::enumerated;
use super::prose::{Prose, prose};
use crate::exact::{Arithmetic, Assumption, Completeness, Curve, Fields, Fit, Independence, Region, Sweep};
use crate::job::{Answer, Count, Larger};
use crate::model::{Dynamics, Model, Order};
use crate::term::Symbol;
use crate::term::print::{Line, text as formula};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is said about the completeness of a model's laws.
pub struct CompletenessReport<'a> {
    pub model: &'a Model,
    pub dynamics: &'a Dynamics,
    /// The sizes, in the order of the model's dims.
    pub dims: &'a [(String, u64)],
    pub fields: &'a Fields,
    pub answer: &'a Answer,
    /// Of a model with families, the count where an index runs further by one.
    pub larger: Option<&'a Larger>,
    /// The ids of the derived laws that the dynamics conserves.
    pub known: Vec<&'a str>,
}

fn laws(n: usize) -> String {
    if n == 1 { "1 independent law".to_string() } else { format!("{n} independent laws") }
}

/// What the dimension of the Lie algebra is taken from: the coordinates of what the dynamics moves.
fn state(dynamics: &Dynamics, found: &Completeness) -> String {
    let Completeness { parameters, coordinates, .. } = found;
    match (coordinates == parameters, dynamics.row().order) {
        (true, _) => format!("{parameters} parameters"),
        (false, Order::First) => format!("{coordinates} coordinates of θ and t"),
        (false, Order::Second) => format!("{coordinates} coordinates of θ, θ̇ and t"),
    }
}

impl CompletenessReport<'_> {
    pub fn text(&self) -> String {
        let found = &self.answer.completeness;
        let Completeness { parameters, lie_dimension, laws_at_most, laws_known, .. } = found;
        let dims: Vec<String> = self.dims.iter().map(|(name, n)| format!("{name}={n}")).collect();
        let title = self.model.title.as_ref().map(|t| format!(" · {t}")).unwrap_or_default();
        let losses = match self.model.loss {
            crate::model::Loss::Any => "every data set and every loss",
            crate::model::Loss::Explicit(_) => "every data set",
        };
        let mut out = format!("{}{title}    {parameters} parameters at {}\n\n", self.model.name, dims.join(" "));
        let (words, state) = (self.dynamics.row().words, state(self.dynamics, found));
        out += &format!("Conserved by {words} at these sizes, for {losses}\n");
        out +=
            &format!("  at most  {}  ({state} − dimension {lie_dimension} of the Lie algebra)\n", laws(*laws_at_most));
        if let Some(regions) = regions(found) {
            out += &format!("           {regions}\n");
        }
        for assumption in &found.assumptions {
            out += &format!("           assuming that {}\n", supposed(assumption));
        }
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
        let numerical = match found {
            found if found.is_certified() => "",
            found if found.is_exact() => " (under an assumption, not certified)",
            _ => " (numerical, not certified)",
        };
        out += &match self.answer.unknown() {
            0 => format!("  complete: every law follows from these{numerical}\n"),
            n => format!("  {n} may be missing{numerical}{}\n", self.sought()),
        };
        if let Some(larger) = self.larger {
            out += &format!("  {}\n", growth(found, larger).unicode());
        }
        out += &format!("\n{}\n", certificate_text(found));
        out
    }

    /// Where missing laws were sought.
    fn sought(&self) -> String {
        match &self.answer.found {
            Some(found) => {
                let formulas = "; sought among sums, Gram matrices and products of the parameters";
                let sought = match found.sought.last() {
                    None => format!("{formulas} only, at so many parameters"),
                    Some(degree) => format!("{formulas} and all polynomials up to degree {degree}"),
                };
                // Quantities of momenta grow like e^(γt).
                let sought = match self.answer.completeness.coordinates == self.answer.completeness.parameters {
                    true => sought,
                    false => format!("{sought}, without factors that are exponential in t"),
                };
                match found.unmoved.as_slice() {
                    [] => sought,
                    names => {
                        format!("{sought}; not among entries of {} that no draw moved through the gates", named(names))
                    }
                }
            }
            None => "; they were not sought, as no finite field has all roots of the model".to_string(),
        }
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
        if let Some(larger) = self.larger {
            completeness["larger"] = larger_json(larger);
        }
        completeness["dynamics"] = json!(self.dynamics.name());
        completeness["coordinates"] = json!(self.answer.completeness.coordinates);
        completeness["known"] = json!(self.known);
        completeness["found"] = json!(found);
        completeness["missing"] = json!(self.answer.unknown());
        document(self.model, self.dims, "completeness", completeness)
    }
}

/// What repeats the computation.
pub(super) fn certificate_text(found: &Completeness) -> String {
    let c = &found.certificate;
    let ranks: Vec<String> = c.ranks.iter().map(usize::to_string).collect();
    let end = match c.exhausted {
        true => "",
        false => "; the largest depth still added rank, a larger --depth may lower the bound",
    };
    let dimension = match found.functional_dimension() {
        Some(rank) => format!("functional dimension {rank}, "),
        None => String::new(),
    };
    let steps = format!("seed {}, {dimension}depth {}, ranks {}{end}", c.seed, c.depth, ranks.join("–"));
    match c.arithmetic {
        Arithmetic::Modular { prime } => {
            let curve = c.curve.as_deref().map(|curve| format!("{}, ", followed(curve))).unwrap_or_default();
            format!("Certificate  prime {prime}, {curve}{steps}")
        }
        Arithmetic::Enclosed { digits } => {
            format!("Certificate  real numbers enclosed to {digits} binary digits, {steps}")
        }
        Arithmetic::Floating { gap, exact } => {
            // The digits of a quotient by rounding errors mean nothing.
            let gap = match gap {
                None => "no small singular value".to_string(),
                Some(gap) => format!("singular-value gap above 1e{}", gap.log10().floor()),
            };
            let why = match exact {
                None => "its square roots exist in no finite field together".to_string(),
                Some(rank) => format!(
                    "the rank {rank} over a finite field takes values of functions for independent that are not"
                ),
            };
            format!("Numerical, not certified  {gap}, {steps}\n  {why}")
        }
    }
}

/// The formal curve along which a rank was found.
fn followed(Curve { zero, order, .. }: &Curve) -> String {
    format!("{order} coefficients along a formal curve from {} = 0", named(zero))
}

/// What a report of all laws says about their number, in a line.
pub(super) fn summary(count: &Count) -> Prose {
    let found = match count {
        Count::Done(found) => found,
        Count::Postponed => return "how many laws there are was not counted: run equilaw complete".into(),
        Count::Failed(reason) => return format!("how many laws there are was not counted: {reason}").into(),
    };
    let laws = |n: usize| match n {
        1 => "1 independent law exists".to_string(),
        n => format!("{n} independent laws exist"),
    };
    let at = "at these sizes";
    let differ = differ(found);
    let further = regions(found).filter(|_| differ).into_iter().map(|words| format!("; {words}"));
    let supposed: Vec<String> = found.assumptions.iter().map(|a| format!("that {}", supposed(a))).collect();
    let assuming = (!supposed.is_empty()).then(|| format!(", assuming {}", supposed.join(" and ")));
    let seek = (found.missing() > 0).then(|| "; run equilaw complete".to_string());
    let end: String = assuming.into_iter().chain(further).chain(seek).collect();
    // What holds everywhere is what is counted: a region may have laws of its own.
    let [no, is, are] = match differ {
        true => ["no law holds in every region", "all that holds in every region", "all that hold in every region"],
        false => ["no law exists", "all there is", "all there are"],
    };
    let by = means(found);
    let (found, bound) = match (found.laws_at_most, found.missing()) {
        (0, _) => (format!("complete {at}: {no}"), "that there is none"),
        (1, 0) => (format!("complete: this is {is} {at}, 1 independent law of at most 1"), "that there are no more"),
        (most, 0) => {
            let these = format!("complete: these are {are} {at}, {most} independent laws of at most {most}");
            (these, "that there are no more")
        }
        (most, n) => {
            let known = found.laws_known;
            let are = if known == 1 { "is" } else { "are" };
            (format!("{at} at most {}, {known} {are} known, {n} may be missing", laws(most)), "the bound")
        }
    };
    format!("{found}; {bound} is {by}{end}").into()
}

/// How it is known that there are no more laws than that, behind "is". Docs and articles name the prime.
fn means(found: &Completeness) -> String {
    let certified = if found.is_certified() { "certified by" } else { "counted, not certified, by" };
    match found.certificate.arithmetic {
        Arithmetic::Modular { .. } if found.certificate.curve.is_some() => {
            format!("{certified} an exact rank along a formal curve, in integers modulo a prime")
        }
        Arithmetic::Modular { .. } => format!("{certified} an exact rank, in integers modulo a prime"),
        Arithmetic::Enclosed { .. } => format!("{certified} a rank of real numbers enclosed in intervals"),
        Arithmetic::Floating { .. } => "seen in a rank of floating point numbers, not certified".to_string(),
    }
}

/// What is said of the number of laws of a model with families at two ranges of an index.
pub(super) fn growth(found: &Completeness, larger: &Larger) -> Prose {
    let at = |ranges: &[(String, u64)]| {
        let numbers = ranges.iter().map(|(name, n)| format!("{name}={n}"));
        numbers.collect::<Vec<_>>().join(" ")
    };
    let Larger { before, ranges, completeness: more, formula } = larger;
    if !more.complete() {
        let (most, known) = (laws(more.laws_at_most), more.laws_known);
        return format!("at {} at most {most}, {known} of them known", at(ranges)).into();
    }
    let numerical = if more.is_certified() { "" } else { " (not certified)" };
    let numbers = format!("{} and {} laws", found.laws_known, more.laws_known);
    let said = format!("complete at {} and at {}{numerical}: {numbers}", at(before), at(ranges));
    match formula {
        Some(formula) => prose![said, ", as many as the proved ", Line::count(formula)],
        None => said.into(),
    }
}

/// The same as data.
pub(super) fn larger_json(larger: &Larger) -> Value {
    let mut out = completeness_json(&larger.completeness);
    let ranges: serde_json::Map<String, Value> =
        larger.ranges.iter().map(|(name, n)| (name.clone(), json!(n))).collect();
    out["ranges"] = json!(ranges);
    out["formula"] = json!(larger.formula.as_ref().map(formula));
    out
}

/// Whether a region that was sampled has laws of its own.
pub(super) fn differ(found: &Completeness) -> bool {
    found.regions.iter().any(|region| region.laws_at_most != found.laws_at_most)
}

/// How the numbers in the regions that were sampled differ from the least; nothing where there is one.
pub(super) fn regions(found: &Completeness) -> Option<String> {
    let count = found.regions.len();
    if count < 2 {
        return None;
    }
    let mut more: BTreeMap<usize, usize> = BTreeMap::new();
    for region in &found.regions {
        *more.entry(region.laws_at_most.saturating_sub(found.laws_at_most)).or_default() += 1;
    }
    more.remove(&0);
    let group =
        |(more, count): (&usize, &usize)| format!("{count} {} {more} more", if *count == 1 { "has" } else { "have" });
    let groups: Vec<String> = more.iter().map(group).collect();
    Some(match groups.as_slice() {
        [] => format!("the same in all {count} regions sampled"),
        groups => {
            let alike = "in each of which the data open and shut the gates alike";
            format!("of {count} regions sampled, {alike}, {}", enumerated(groups))
        }
    })
}

fn named(names: &[Symbol]) -> String {
    enumerated(&names.iter().map(Symbol::to_string).collect::<Vec<_>>())
}

/// What a count assumes.
pub(super) fn assumed(found: &Completeness) -> Vec<String> {
    found.assumptions.iter().map(|assumption| format!("that {}", supposed(assumption))).collect()
}

/// An assumption in words, after "that".
fn supposed(assumption: &Assumption) -> String {
    let is = |names: &[Symbol], one: &str, many: &str| {
        format!("{} {}", named(names), if names.len() == 1 { one } else { many })
    };
    match assumption {
        Assumption::Independent(independence) => independent(*independence).to_string(),
        Assumption::Generic(names) => {
            is(names, "is a generic function of its kind", "are generic functions of their kinds")
        }
        Assumption::Coefficient(name) => format!("{name} is generic"),
        Assumption::Epsilon(replaced) => {
            let each: Vec<String> = replaced.iter().map(|(old, new)| format!("{new} in place of {old}")).collect();
            format!("ε of the normalizations is no exceptional number (counted with ε = {})", enumerated(&each))
        }
        Assumption::Fixed(names) => {
            is(names, "has one generic value for all samples", "have one generic value each for all samples")
        }
        Assumption::Varying(names) => {
            format!("{} (undeclared as fixed)", is(names, "varies from sample to sample", "vary from sample to sample"))
        }
    }
}

/// What is assumed of values of functions, after "that".
fn independent(supposed: Independence) -> &'static str {
    match supposed {
        Independence::NormalDistribution => {
            "values of the normal distribution function at different arguments, up to sign, are independent"
        }
        Independence::Constants => "constants such as log 2, log 3 and e^√2 are algebraically independent",
        Independence::Signs => "roots of squares, which are absolute values, have independent signs",
        Independence::Undecided => "values of exp, log, sin and cos whose relations were not decided are independent",
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

/// The same as data; `reason` where there is no count.
pub(super) fn count_json(count: &Count, larger: Option<&Larger>) -> Value {
    match count {
        Count::Done(found) => {
            let mut out = completeness_json(found);
            if let Some(larger) = larger {
                out["larger"] = larger_json(larger);
            }
            out
        }
        Count::Postponed | Count::Failed(_) => json!({ "complete": null, "reason": summary(count).unicode() }),
    }
}

fn completeness_json(found: &Completeness) -> Value {
    let c = &found.certificate;
    let (prime, digits, gap) = match c.arithmetic {
        Arithmetic::Modular { prime } => (Some(prime), Some(1), None),
        Arithmetic::Enclosed { digits } => (None, Some(digits), None),
        Arithmetic::Floating { gap, .. } => (None, None, gap),
    };
    let region = |region: &Region| {
        json!({
            "seed": region.origin.seed,
            "sought": region.origin.is_sought(),
            "lie_dimension": region.lie_dimension,
            "laws_at_most": region.laws_at_most,
            "ranks": region.ranks,
            "exhausted": region.exhausted,
        })
    };
    let curve = |Curve { zero, order, .. }: &Curve| json!({ "zero": zero.iter().map(|name| name.as_str()).collect::<Vec<_>>(), "order": order });
    json!({
        "parameters": found.parameters,
        "functional_dimension": found.functional_dimension(),
        "lie_dimension": found.lie_dimension,
        "laws_at_most": found.laws_at_most,
        "laws_known": found.laws_known,
        "complete": found.complete(),
        "certified": found.is_certified(),
        "assumptions": found.assumptions.iter().map(supposed).collect::<Vec<_>>(),
        "regions": found.regions.iter().map(region).collect::<Vec<_>>(),
        "certificate": {
            "prime": prime, "singular_value_gap": gap, "seed": c.seed, "depth": c.depth, "ranks": c.ranks, "exhausted": c.exhausted,
            "curve": c.curve.as_deref().map(curve), "digits": digits,
        },
    })
}

/// A table of the numbers of laws over a range of sizes.
pub fn sweep_text(model: &Model, dynamics: &Dynamics, sweep: &Sweep) -> String {
    let heads = sweep.names.iter().map(|n| n.to_string()).chain(["D", "at most", "known"].map(String::from));
    let mut rows: Vec<Vec<String>> = vec![heads.collect()];
    for (at, found) in &sweep.rows {
        let numbers = at.iter().chain([&found.parameters, &found.laws_at_most, &found.laws_known]);
        rows.push(numbers.map(usize::to_string).collect());
    }
    let widths: Vec<usize> =
        (0..rows[0].len()).map(|j| rows.iter().map(|row| row[j].len()).max().unwrap_or_default()).collect();
    let mut out = format!("{}    laws of {}\n\n", model.name, dynamics.row().words);
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, &w)| format!("{cell:>w$}")).collect();
        out += &format!("  {}\n", cells.join("  "));
    }
    out += "\n";
    out += &match &sweep.formula {
        Some(Fit { polynomial, exceptions }) if exceptions.is_empty() => {
            format!("  at most {} laws (fitted to all rows)\n", formula(polynomial))
        }
        Some(Fit { polynomial, exceptions }) => {
            let at = |&row: &usize| {
                let sizes = sweep.names.iter().zip(&sweep.rows[row].0);
                sizes.map(|(name, n)| format!("{name}={n}")).collect::<Vec<_>>().join(" ")
            };
            format!(
                "  at most {} laws (fitted to {} of {} rows; not at {})\n",
                formula(polynomial),
                sweep.rows.len() - exceptions.len(),
                sweep.rows.len(),
                exceptions.iter().map(at).collect::<Vec<_>>().join(", ")
            )
        }
        None => "  no polynomial of degree at most 3 with a row to spare fits\n".to_string(),
    };
    out
}

/// The same as JSON.
pub fn sweep_json(model: &Model, dynamics: &Dynamics, dims: &[(String, u64)], sweep: &Sweep) -> String {
    let rows = sweep.rows.iter().map(|(at, found)| {
        let sizes: serde_json::Map<String, Value> =
            sweep.names.iter().zip(at).map(|(name, n)| (name.to_string(), json!(n))).collect();
        json!({ "dims": sizes, "completeness": completeness_json(found) })
    });
    let value = json!({
        "dynamics": dynamics.name(),
        "rows": rows.collect::<Vec<_>>(),
        "laws_at_most": sweep.formula.as_ref().map(|fit| formula(&fit.polynomial)),
        "exceptions": sweep.formula.as_ref().map(|fit| &fit.exceptions),
    });
    document(model, dims, "sweep", value)
}
