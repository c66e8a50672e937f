//! A document that was altered is refused: every law's statement, coefficients, counts, hypotheses and steps are those that its
//! certificate proves.

use crate::{BOOK, REPORTS, parse, read};
use equilaw::internals::certificate::{self, Certificate};
use equilaw::internals::kernel::{Claim, Inference, Judgement, Law, Proved, Statement, Structure, derivation};
use equilaw::internals::model::Inside;
use equilaw::internals::report::{Rejected, json, replay};
use equilaw::internals::term::print::text;
use equilaw::internals::term::{
    Expr, Op, Rational, Term, apply, arguments, infer, int, is_zero, mul, num, root, summands, transpose, zeros,
};
use equilaw::{LatexOptions, Options, Report, TextOptions, derive};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_document_of_the_library_is_what_its_certificate_proves() {
    REPORTS.par_iter().for_each(|(name, report)| {
        let verified = replay(&json(report), BOOK.plain()).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(verified.laws, report.inside().laws.len(), "{name}");
        assert!(verified.claims > verified.laws, "{name}");
    });
}

#[test]
fn a_derivation_is_replayed_step_by_step() {
    for (name, report) in REPORTS.iter() {
        for claim in report.inside().laws.iter().flat_map(|law| derivation(law.claim())) {
            if let Inference::Rewriting(checked) = claim.by() {
                checked.verify(claim.setting()).unwrap_or_else(|e| panic!("{name}: {e}"));
            }
        }
    }
}

/// Other formulas in place of one, each with what was done to it.
fn altered(expr: &Expr) -> Vec<(&'static str, Expr)> {
    let mut out = vec![
        ("negated", mul(&int(-1), expr)),
        ("doubled", mul(&int(2), expr)),
        ("halved", mul(&num(Rational::new(1.into(), 2.into())), expr)),
        ("transposed", transpose(expr)),
    ];
    let parts = summands(expr);
    let sum = |parts: &[(Rational, Expr)]| {
        let terms = parts.iter().map(|(c, t)| mul(&num(c.clone()), t));
        terms.reduce(|x, y| apply(Op::Add, &[&x, &y]))
    };
    for i in 0..parts.len().min(2) {
        let mut fewer = parts.clone();
        fewer.remove(i);
        out.extend(sum(&fewer).map(|x| ("a summand dropped", x)));
        let mut other = parts.clone();
        other[i].0 = -other[i].0.clone();
        out.extend(sum(&other).map(|x| ("a coefficient negated", x)));
        let mut other = parts.clone();
        other[i].0 *= Rational::from_integer(2.into());
        out.extend(sum(&other).map(|x| ("a coefficient doubled", x)));
        if let (Term::Op(Op::Mul, _), [x, y]) = (root(&parts[i].1), arguments(&parts[i].1).as_slice()) {
            let mut other = parts.clone();
            other[i].1 = mul(y, x);
            out.extend(sum(&other).map(|x| ("factors swapped", x)));
            let mut other = parts.clone();
            other[i].1 = mul(&transpose(x), y);
            out.extend(sum(&other).map(|x| ("a factor transposed", x)));
        }
    }
    out
}

/// The inferences with one of their formulas replaced.
fn with_altered_formulas(by: &Inference) -> Vec<(&'static str, Inference)> {
    let mut out = Vec::new();
    let mut each = |formula: &Expr, make: &dyn Fn(Expr) -> Inference| {
        out.extend(altered(formula).into_iter().map(|(what, x)| (what, make(x))));
    };
    match by {
        Inference::Linear { scope, lhs, rhs, coefficients } => {
            let make = |lhs: &Expr, rhs: &Expr| Inference::Linear {
                scope: scope.clone(),
                lhs: lhs.clone(),
                rhs: rhs.clone(),
                coefficients: coefficients.clone(),
            };
            each(lhs, &|x| make(&x, rhs));
            each(rhs, &|x| make(lhs, &x));
        }
        Inference::Projection { symbol, onto, lhs, rhs } => {
            let make = |lhs: &Expr, rhs: &Expr| Inference::Projection {
                symbol: *symbol,
                onto: onto.clone(),
                lhs: lhs.clone(),
                rhs: rhs.clone(),
            };
            each(lhs, &|x| make(&x, rhs));
            each(rhs, &|x| make(lhs, &x));
        }
        Inference::Separation { element, parts } => {
            for (i, (_, lhs, rhs)) in parts.iter().enumerate() {
                let make = |lhs: &Expr, rhs: &Expr| {
                    let mut parts = parts.clone();
                    (parts[i].1, parts[i].2) = (lhs.clone(), rhs.clone());
                    Inference::Separation { element: *element, parts }
                };
                each(lhs, &|x| make(&x, rhs));
                each(rhs, &|x| make(lhs, &x));
            }
            for i in 0..parts.len() {
                let mut parts = parts.clone();
                parts.remove(i);
                out.push(("a part is left out", Inference::Separation { element: *element, parts }));
            }
        }
        Inference::Restated { scope, factor, quantity, change, coefficients } => {
            let make = |quantity: &Expr, change: &Expr| Inference::Restated {
                scope: scope.clone(),
                factor: factor.clone(),
                quantity: quantity.clone(),
                change: change.clone(),
                coefficients: coefficients.clone(),
            };
            each(quantity, &|x| make(&x, change));
            each(change, &|x| make(quantity, &x));
        }
        Inference::ProjectedFlow { symbol, onto, quantity, change } => {
            let make = |quantity: &Expr, change: &Expr| Inference::ProjectedFlow {
                symbol: *symbol,
                onto: onto.clone(),
                quantity: quantity.clone(),
                change: change.clone(),
            };
            each(quantity, &|x| make(&x, change));
            each(change, &|x| make(quantity, &x));
        }
        Inference::Sharpness { form, image, length } => {
            let make = |form: &Expr, image: &Expr, length: &Expr| Inference::Sharpness {
                form: form.clone(),
                image: image.clone(),
                length: length.clone(),
            };
            each(form, &|x| make(&x, image, length));
            each(image, &|x| make(form, &x, length));
            each(length, &|x| make(form, image, &x));
        }
        Inference::Alignment { factor } => each(factor, &|factor| Inference::Alignment { factor }),
        Inference::DecayUndone { degree, change } => {
            out.push((
                "degree",
                Inference::DecayUndone { degree: degree + Rational::from_integer(1.into()), change: change.clone() },
            ));
        }
        _ => {}
    }
    out
}

/// Whether an equation, or a statement about a quantity, says as much as another: where one side, or the change, is 0 a multiple or
/// the transpose of the other is.
fn says_the_same(original: &Claim, other: &Claim) -> bool {
    if let (Some(these), Some(those)) = (equations(original), equations(other)) {
        let zero = |(lhs, rhs): &(Expr, Expr)| is_zero(lhs) || is_zero(rhs);
        return these.len() == those.len() && these.iter().zip(those).all(|(x, y)| x == y || zero(x) && zero(y));
    }
    let zeros = |claim: &Claim| match claim.judgement() {
        Judgement::Equation { lhs, rhs, .. } => is_zero(lhs) || is_zero(rhs),
        Judgement::Law { statement, .. } => match statement {
            Statement::Conserved { .. } => true,
            Statement::Rate { rate: change, .. }
            | Statement::Damped { force: change, .. }
            | Statement::Step { change, .. }
            | Statement::Expected { change, .. } => is_zero(change),
            _ => false,
        },
        _ => false,
    };
    zeros(original) && zeros(other)
}

/// The equations of a law that is several.
fn equations(claim: &Claim) -> Option<&[(Expr, Expr)]> {
    match claim.statement()? {
        Statement::Equations { equations, .. } => Some(equations),
        _ => None,
    }
}

/// Every inference of every law with one formula altered.
#[test]
fn no_altered_statement_follows() {
    let counted = REPORTS.par_iter().map(|(name, report)| {
        let (mut refused, mut accepted, mut same) = (0u32, Vec::new(), 0u32);
        let mut seen = std::collections::HashSet::new();
        let claims: Vec<Proved> = report.inside().laws.iter().flat_map(|law| derivation(law.claim())).collect();
        for claim in claims.iter().filter(|c| seen.insert(std::sync::Arc::as_ptr(c))) {
            for (what, by) in with_altered_formulas(claim.by()) {
                match Claim::infer(claim.setting(), by, claim.premises().to_vec()) {
                    Err(_) => refused += 1,
                    Ok(other) if other.judgement() == claim.judgement() || equal(claim, &other) => same += 1,
                    Ok(other) if says_the_same(claim, &other) => same += 1,
                    Ok(other) => accepted.push(format!("{name}: {what}: {:?} → {:?}", shown(claim), shown(&other))),
                }
            }
        }
        (refused, accepted, same)
    });
    let all: Vec<_> = counted.collect();
    let refused: u32 = all.iter().map(|(n, ..)| n).sum();
    let accepted: Vec<&String> = all.iter().flat_map(|(_, accepted, _)| accepted).collect();
    assert!(
        accepted.is_empty(),
        "{} accepted, {refused} refused: {:#?}",
        accepted.len(),
        &accepted[..accepted.len().min(20)]
    );
    assert!(refused > 10_000, "{refused}");
}

/// Whether two claims say the same in normal form: formula by formula equal, or both zero.
fn equal(claim: &Claim, other: &Claim) -> bool {
    let (Some(these), Some(those)) = (formulas(claim), formulas(other)) else { return false };
    let scope = claim.scope();
    let follows = |x: &Expr, y: &Expr| {
        let by = Inference::Linear { scope: scope.clone(), lhs: x.clone(), rhs: y.clone(), coefficients: vec![] };
        x == y || Claim::infer(claim.setting(), by, vec![]).is_ok()
    };
    let vanishes = |x: &Expr| {
        is_zero(x) || infer(scope.env(), x).is_ok_and(|data| !data.shape.is_scalar() && follows(x, &zeros(data.shape)))
    };
    let same = |(x, y): (&Expr, &Expr)| vanishes(x) && vanishes(y) || follows(x, y);
    these.len() == those.len() && these.iter().zip(&those).all(same)
}

/// The formulas of a statement.
fn formulas(claim: &Claim) -> Option<Vec<Expr>> {
    match claim.judgement() {
        Judgement::Equation { lhs, rhs, .. } => Some(vec![lhs.clone(), rhs.clone()]),
        Judgement::Law { statement, .. } => Some(match statement {
            Statement::Structure(Structure::Sharpness { form, image, length, .. }) => {
                vec![form.clone(), image.clone(), length.clone()]
            }
            Statement::Structure(Structure::Alignment { factor, .. }) => vec![factor.clone()],
            Statement::Equations { equations, .. } => {
                equations.iter().flat_map(|(lhs, rhs)| [lhs.clone(), rhs.clone()]).collect()
            }
            Statement::Conserved { quantity } => vec![quantity.clone(), int(0)],
            Statement::Rate { quantity, rate } => vec![quantity.clone(), rate.clone()],
            Statement::Damped { quantity, force, .. } => vec![quantity.clone(), force.clone()],
            Statement::Step { quantity, change, .. } | Statement::Expected { quantity, change, .. } => {
                vec![quantity.clone(), change.clone()]
            }
            _ => return None,
        }),
        _ => None,
    }
}

fn shown(claim: &Claim) -> String {
    match claim.judgement() {
        Judgement::Equation { lhs, rhs, .. } => format!("{} = {}", text(lhs), text(rhs)),
        Judgement::Law { statement, .. } => format!("{statement:?}").chars().take(300).collect(),
        other => format!("{other:?}").chars().take(200).collect(),
    }
}

/// A premise less, or another in its place.
#[test]
fn no_law_follows_without_a_premise() {
    let accepted: Vec<String> = REPORTS
        .par_iter()
        .flat_map_iter(|(name, report)| report.inside().laws.iter().map(move |law| (name, law)))
        .flat_map_iter(|(name, law)| {
            let claim = law.claim();
            let all = claim.premises();
            (0..all.len())
                .filter(|i| {
                    let fewer = all.iter().enumerate().filter(|(k, _)| k != i).map(|(_, p)| p.clone()).collect();
                    let found = Claim::infer(claim.setting(), claim.by().clone(), fewer);
                    found.is_ok_and(|other| {
                        other.judgement() == claim.judgement() && other.hypotheses() == claim.hypotheses()
                    })
                })
                .map(|i| format!("{name}: {} without premise {i}", law.id()))
                .collect::<Vec<_>>()
        })
        // That there is no first integral, or that an image is the same in other words, adds to a statement that stands without.
        .filter(|found| !found.contains("/constraint") && !found.contains("/fixed-space"))
        .collect();
    assert!(accepted.is_empty(), "{accepted:#?}");
}

/// The places of a document that say something of laws, with what they say.
fn places(value: &Value, at: String, out: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, v)| places(v, format!("{at}/{key}"), out)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, v)| places(v, format!("{at}/{i}"), out)),
        _ => out.push(at),
    }
}

/// The terms of a certificate that something else than a coefficient may mention, as far as numbers tell.
fn stated_terms(certificate: &Value) -> BTreeSet<u64> {
    fn numbers(value: &Value, out: &mut Vec<u64>) {
        match value {
            Value::Object(fields) => fields
                .iter()
                .filter(|(key, _)| *key != "coefficients" && *key != "terms")
                .for_each(|(_, v)| numbers(v, out)),
            Value::Array(items) => items.iter().for_each(|v| numbers(v, out)),
            other => out.extend(other.as_u64()),
        }
    }
    let mut open = Vec::new();
    numbers(certificate, &mut open);
    let mut seen = BTreeSet::new();
    while let Some(n) = open.pop() {
        if seen.insert(n) {
            numbers(&certificate["terms"][n as usize], &mut open);
        }
    }
    seen
}

/// Every leaf of the document of one model – every rule name, place, position, coefficient, count and hypothesis – is altered.
#[test]
fn no_altered_document_is_accepted() {
    for name in ["matrix_factorization", "heavy_ball_rotation"] {
        let Some((_, report)) = REPORTS.iter().find(|(n, _)| n == name) else { panic!("no example {name}") };
        let document: Value = serde_json::from_str(&json(report)).expect("a document is JSON");
        let stated = stated_terms(&document["certificate"]);
        let coefficient = |at: &String| {
            let term =
                at.strip_prefix("/certificate/terms/").and_then(|rest| rest.split('/').next()?.parse::<u64>().ok());
            at.contains("/coefficients/") || term.is_some_and(|n| !stated.contains(&n))
        };
        // A symbol that no claim of a scope mentions may have any name.
        let renamed = |at: &String| at.starts_with("/certificate/scopes/") && at.ends_with("/0");
        let mut all = Vec::new();
        places(&document["laws"], "/laws".into(), &mut all);
        places(&document["certificate"], "/certificate".into(), &mut all);
        let step = (all.len() / 400).max(1);
        let accepted: Vec<String> = all
            .into_par_iter()
            .step_by(step)
            // A number that is measured; a claim may hold in another scope as well; and an equation whose sides have one normal
            // form may be added any number of times.
            .filter(|at| !at.ends_with("/independent") && !at.ends_with("/scope") && !coefficient(at) && !renamed(at))
            .filter_map(|at| {
                let mut other = document.clone();
                let leaf = other.pointer_mut(&at).expect("a place of the document");
                *leaf = match &*leaf {
                    Value::String(text) => Value::String(format!("{text}2")),
                    Value::Number(n) => Value::from(n.as_i64().unwrap_or_default() + 1),
                    Value::Bool(b) => Value::Bool(!b),
                    _ => Value::from(1),
                };
                match replay(&other.to_string(), BOOK.plain()) {
                    Ok(_) => Some(at),
                    Err(Rejected::Unreadable(_) | Rejected::Refused(_)) => None,
                }
            })
            .collect();
        assert!(accepted.is_empty(), "{name}: {accepted:#?}");
    }
}

/// A law under the name of another, with the count of another, or of an action that is not its own.
#[test]
fn a_law_is_named_by_what_it_states() {
    let mut kinds: BTreeMap<&str, u32> = BTreeMap::new();
    for (_, report) in REPORTS.iter() {
        for law in report.inside().laws {
            for row in equilaw::internals::kernel::CATALOGUE {
                if row.row != law.row() && Law::conclude(law.claim().clone(), row.row, law.action()).is_ok() {
                    *kinds.entry(row.path).or_default() += 1;
                }
            }
        }
    }
    // The name of these says how the statement came about, which the statement is the same for.
    let known = [
        "heavy-ball/broken",
        "heavy-ball/rate",
        "heavy-ball/conserved",
        "heavy-ball/conserved-sum",
        "sgd/drift",
        "sgd/equilibrium",
    ];
    kinds.retain(|path, _| !known.contains(path));
    assert!(kinds.is_empty(), "{kinds:?}");
}

#[test]
fn a_certificate_is_the_same_bytes_after_it_was_read() {
    for (name, report) in REPORTS.iter().take(6) {
        let document: Value = serde_json::from_str(&json(report)).expect("a document is JSON");
        let read: Certificate = serde_json::from_value(document["certificate"].clone()).expect("a certificate");
        let replayed = certificate::replay(&read, BOOK.plain()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let proved: Vec<Proved> = replayed.proved.iter().map(|(_, claim)| claim.clone()).collect();
        let again = certificate::certificate(&replayed.model, &proved, &replayed.laws);
        assert_eq!(serde_json::to_value(&again).unwrap(), document["certificate"], "{name}");
    }
}

/// A rule that is true and that the library does not have.
const OWN: &str = "rule silu-by-sigmoid \"silu(x) is x times its sigmoid\":\n  silu(?X) => ?X .* sigmoid(?X)\n";

/// What is derived with this rule: an action that it proves.
fn with_a_rule_of_its_own() -> Report {
    with_the_rule("W * (silu(X) - X .* sigmoid(X))", "W -> g * W")
}

fn with_the_rule(output: &str, images: &str) -> Report {
    let model = parse(&format!(
        "model clipped\ndim d = 3, k = 2, n = 4\nparam W : k x d\ndata X : d x n\noutput F = {output}\nloss any\n\
         action free : g in GL(k) {{ {images} }}",
    ));
    let book = BOOK.with("own.rules", OWN).expect("a rule");
    derive(&model, &book, &Options { checks: false, ..Options::bare() }).expect("the sizes are the model's")
}

#[test]
fn a_rule_of_the_users_own_is_a_hypothesis_of_what_rests_on_it() {
    let report = with_a_rule_of_its_own();
    let name = "silu-by-sigmoid";
    let assumes = |told: &[String]| told.iter().any(|h| h.starts_with("assuming the rule") && h.contains(name));
    assert!(report.laws().count() > 10);
    assert!(report.laws().all(|law| assumes(&law.hypotheses)));
    // A rule that no step uses is assumed by nothing.
    let without = with_the_rule("W * X", "W -> g * W; F -> g * F");
    assert!(without.laws().count() > 3 && !without.laws().any(|law| assumes(&law.hypotheses)));
    assert!(!without.json().contains(name) && !without.text(TextOptions::default()).contains("ssuming"));
    let document: Value = serde_json::from_str(&report.json()).expect("a document is JSON");
    for action in document["actions"].as_array().expect("actions") {
        assert!(action["hypotheses"].to_string().contains(name), "{action}");
    }
    let all = TextOptions { all: true, ..TextOptions::default() };
    let latex = report.latex(LatexOptions { standalone: true, proof: false });
    let laws = report.laws().count();
    // Text names it once for the laws under one heading.
    for (format, text, least) in [
        ("text", report.text(all), 5),
        ("LaTeX", latex.replace("\\allowbreak", "").replace("{}", ""), laws),
        ("HTML", report.html(false), laws),
        ("NumPy", report.numpy(), laws),
    ] {
        let told = text.matches("ssuming").count();
        assert!(told >= least, "{format} says it {told} times of {least}");
    }
}

#[test]
fn a_document_brings_its_own_rules_along_and_no_others() {
    let report = with_a_rule_of_its_own();
    let verified = replay(&json(&report), BOOK.plain()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(verified.assumed.iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>(), ["silu-by-sigmoid"]);
    let without = with_the_rule("W * X", "W -> g * W; F -> g * F");
    let document: Value = serde_json::from_str(&json(&without)).expect("a document is JSON");
    assert_eq!(document["certificate"].get("rules"), None);
}

#[test]
fn no_altered_rule_is_accepted() {
    let document: Value = serde_json::from_str(&json(&with_a_rule_of_its_own())).expect("a document is JSON");
    let rule = &document["certificate"]["rules"][0];
    assert_eq!((rule["lhs"].as_str(), rule["rhs"].as_str()), (Some("silu(?X)"), Some("?X .* sigmoid(?X)")));
    let with = |key: &str, value: Value| {
        let mut rule = rule.clone();
        rule[key] = value;
        Value::from(vec![rule])
    };
    let library = BOOK.rules().iter().find(|rule| rule.conditions.is_empty()).expect("a rule");
    let smuggled = "silu-by-sigmoid \"true\":\n  abs(?X) => ?X\nrule silu-by-sigmoid2";
    let other = json!({ "name": "unused", "reason": "x", "lhs": "sin(?X)", "rhs": "?X" });
    let alterations = [
        ("another left side", with("lhs", "gelu(?X)".into())),
        ("another right side", with("rhs", "?X".into())),
        ("a side that is no formula", with("rhs", "sigmoid(?X".into())),
        ("an unbound variable", with("rhs", "?Y .* sigmoid(?X)".into())),
        ("a condition more", with("conditions", json!(["symmetric(?X)"]))),
        ("an unknown condition", with("conditions", json!(["harmless(?X)"]))),
        ("both ways", with("both", true.into())),
        ("bookkeeping", with("silent", true.into())),
        ("another reason", with("reason", "obvious".into())),
        ("a reason that ends early", with("reason", "x\":\n  ?X => 0\nrule y \"".into())),
        ("another name", with("name", "silu".into())),
        ("the name of a rule of the library", with("name", library.name.as_str().into())),
        ("two rules in one", with("name", smuggled.into())),
        ("none", Value::from(Vec::<Value>::new())),
        ("one that no step uses", Value::from(vec![rule.clone(), other])),
        ("a field more", with("true", true.into())),
    ];
    for (what, rules) in alterations {
        let mut altered = document.clone();
        altered["certificate"]["rules"] = rules;
        assert_ne!(altered, document, "{what}");
        // What is assumed is never bookkeeping, whatever the file says.
        let accepted = replay(&altered.to_string(), BOOK.plain()).is_ok();
        assert_eq!(accepted, what == "bookkeeping", "{what}");
    }
    // A rule of the library comes from the verifier's own book: the file cannot say it otherwise, nor say it again.
    let mut altered = document.clone();
    let again = json!({
        "name": library.name, "reason": library.reason.source(), "lhs": "sin(?X)", "rhs": "?X",
    });
    altered["certificate"]["rules"] = Value::from(vec![rule.clone(), again]);
    match replay(&altered.to_string(), BOOK.plain()) {
        Err(Rejected::Refused(why)) => assert!(why.contains("a rule of the library"), "{why}"),
        other => panic!("{other:?}"),
    }
    // A hypothesis that is left out, of a law or of an action, is a wrong law.
    for list in ["laws", "actions"] {
        for i in 0..document[list].as_array().map_or(0, Vec::len) {
            let mut altered = document.clone();
            let told = &mut altered[list][i]["hypotheses"];
            let Some(all) = told.as_array_mut() else { continue };
            let before = all.len();
            all.retain(|h| !h.as_str().unwrap_or_default().contains("silu-by-sigmoid"));
            if all.len() < before {
                assert!(replay(&altered.to_string(), BOOK.plain()).is_err(), "{list} {i}");
            }
        }
    }
}

/// What a condition of a rule rests on is written beside it.
#[test]
fn conditions_are_written_with_what_they_rest_on() {
    let report =
        derive(&read("examples/relu_mlp.eqv"), &BOOK, &Options { checks: false, ..Options::bare() }).expect("sizes");
    let document: Value = serde_json::from_str(&json(&report)).expect("a document is JSON");
    let written = document["certificate"].to_string();
    assert!(written.contains(r#"{"holds":"positive_diagonal(?D)","since":["D: positive_diagonal"]}"#), "{written}");
    assert!(written.contains(r#"{"holds":"not scalar(?X)","since":["h x d"]}"#));
    let other = written.replace(r#""since":["D: positive_diagonal"]"#, r#""since":["D: diagonal"]"#);
    let mut altered = document.clone();
    altered["certificate"] = serde_json::from_str(&other).expect("JSON");
    assert!(replay(&altered.to_string(), BOOK.plain()).is_err());
}
