//! A document that was altered is refused: every law's statement, coefficients, counts, hypotheses and steps are those that its
//! certificate proves.

use crate::{BOOK, REPORTS};
use equilaw::internals::certificate::{self, Certificate};
use equilaw::internals::kernel::{Claim, Inference, Judgement, Law, Proved, Statement, Structure, derivation};
use equilaw::internals::report::{Rejected, json, replay};
use equilaw::internals::term::print::text;
use equilaw::internals::term::{
    Expr, Op, Rational, Term, apply, arguments, infer, int, is_zero, mul, num, root, summands, transpose, zeros,
};
use rayon::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_document_of_the_library_is_what_its_certificate_proves() {
    REPORTS.par_iter().for_each(|(name, report)| {
        let verified = replay(&json(report), BOOK.plain()).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(verified.laws, report.laws.len(), "{name}");
        assert!(verified.claims > verified.laws, "{name}");
    });
}

#[test]
fn a_derivation_is_replayed_step_by_step() {
    for (name, report) in REPORTS.iter() {
        for claim in report.laws.iter().flat_map(|law| derivation(law.claim())) {
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

/// Every inference of every law with one formula altered.
#[test]
fn no_altered_statement_follows() {
    let counted = REPORTS.par_iter().map(|(name, report)| {
        let (mut refused, mut accepted, mut same) = (0u32, Vec::new(), 0u32);
        let mut seen = std::collections::HashSet::new();
        let claims: Vec<Proved> = report.laws.iter().flat_map(|law| derivation(law.claim())).collect();
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
        .flat_map_iter(|(name, report)| report.laws.iter().map(move |law| (name, law)))
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
        for law in &report.laws {
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
