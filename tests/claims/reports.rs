//! Reports of three models in every format, and what must hold of each.

use crate::{REPORTS, checked, derived as report};
use equilaw::Report;
use equilaw::internals::check::Counterexample;
use equilaw::internals::job::refuted;
use equilaw::internals::kernel::Statement;
use equilaw::internals::language::parse_expr;
use equilaw::internals::model::Inside;
use equilaw::internals::report::{LatexOptions, TextOptions, checks, equations, json, latex, numpy, text};
use equilaw::internals::term::Facts;
use rayon::prelude::*;

const RELU: &str = r#"
model relu_mlp "Two-layer ReLU network"
dim d = 4, h = 5, k = 3, n = 6
param W1 : h x d
param W2 : k x h
data  X  : d x n
let    Z = relu(W1 * X)
output F = W2 * Z
loss any
action rescale : D in Diag+(h) { W1 -> D * W1; W2 -> W2 * inv(D) }
action permute : P in Perm(h) { W1 -> P * W1; W2 -> W2 * P' }
action degree : a in Scale { W1 -> a * W1; W2 -> a * W2; F -> a^2 * F }
"#;

const SWIGLU: &str = r#"
model swiglu
dim d = 4, h = 5, k = 3, n = 6
param W_g : h x d
param W_u "W^{\mathrm{up}}" : h x d
param W_d : k x h
data  X : d x n
output F = W_d * (silu(W_g * X) .* (W_u * X))
loss any
action rescale : D in Diag+(h) { W_u -> D * W_u; W_d -> W_d * inv(D) }
"#;

const FACTORS: &str = r#"
model rotation "Loss 100% invariant & rotated_"
dim n = 4, r = 2
param U : n x r
param s : scalar
data  Y : n x n
loss norm2(U * U' - Y) + s^2
action rotate : Q in O(r) { U -> U * Q }
"#;

/// A report with an action of each status and a check that failed.
fn mixed() -> Report {
    let mut report = report(RELU);
    let claim = "the output is equivariant".to_string();
    refuted(&mut report, 1, Counterexample { claim, seed: 7, residual: 0.25 });
    // A check is made by a measurement only: this one is written over.
    let measured = checked(FACTORS).checks.swap_remove(0);
    let check = |law: &str, residual: f64| {
        let mut check = measured.clone();
        (check.law, check.residual, check.tolerance, check.passed) = (law.into(), residual, 1e-9, residual < 1e-9);
        (check.seed, check.measured, check.remark) = (0, true, None);
        check
    };
    report.checks = vec![check("rescale/gradient", 3e-16), check("rescale/kernel", 0.5)];
    report
}

#[test]
fn reports_read_as_accepted() {
    for (name, text_of_model) in [("relu_mlp", RELU), ("swiglu", SWIGLU), ("rotation", FACTORS)] {
        insta::assert_snapshot!(format!("{name}_text"), text(&report(text_of_model), TextOptions::default()));
    }
    insta::assert_snapshot!("relu_mlp_numpy", numpy(&report(RELU)));
    insta::assert_snapshot!("mixed_text", text(&mixed(), TextOptions::default()));
    insta::assert_snapshot!("mixed_checks", checks(&mixed(), TextOptions::default()));
    let proof = TextOptions { proof: true, ..TextOptions::default() };
    insta::assert_snapshot!("swiglu_proof", text(&report(SWIGLU), proof));
}

#[test]
fn a_small_model_fits_on_one_screen() {
    let text = text(&report(RELU), TextOptions::default());
    assert!(text.lines().count() <= 50, "{text}");
    for line in text.lines() {
        assert!(unicode_width::UnicodeWidthStr::width(line) <= 110, "{line}");
    }
}

#[test]
fn colour_appears_only_when_asked_for() {
    let report = mixed();
    let colored = TextOptions { color: true, ..TextOptions::default() };
    assert!(!text(&report, TextOptions::default()).contains('\x1b'));
    assert!(text(&report, colored).contains('\x1b'));
}

/// Every formula of every law of every model: both sides of its equations, its quantity, its generators, how many it is.
#[test]
fn each_side_of_each_statement_parses_back() {
    let wrong = REPORTS.par_iter().flat_map_iter(|(name, report)| {
        let document: serde_json::Value = serde_json::from_str(&json(report)).unwrap();
        let laws = document["laws"].as_array().unwrap();
        assert_eq!(laws.len(), report.inside().laws.len());
        let mut wrong = Vec::new();
        for (law, value) in report.inside().laws.iter().zip(laws) {
            let model = law.claim().setting().model();
            let equational = match law.statement() {
                Statement::Structure(structure) => equations(report.inside().model, structure).is_some(),
                _ => true,
            };
            let text = |value: &serde_json::Value| value.as_str().map(String::from);
            let statement = text(&value["statement"]["text"]).filter(|_| equational).unwrap_or_default();
            let sides = statement.split("; ").flat_map(|equation| equation.split(" = ")).map(String::from);
            let single = [&value["quantity"]["text"], &value["components"]].into_iter().filter_map(text);
            let mut all: Vec<_> = sides.chain(single).map(|formula| (law.env(), formula)).collect();
            for generator in value["generators"].as_array().into_iter().flatten() {
                // Each of several has an element of its own, the one of the laws of its action.
                let [action, symbol] = ["action", "element"].map(|key| generator[key].as_str().unwrap());
                let own = report.inside().laws.iter().find(|own| {
                    own.action().is_some_and(|a| a.as_str() == action) && own.env().symbol(symbol.into()).is_some()
                });
                let components = generator["components"].as_object().unwrap().values().filter_map(text);
                all.extend(components.map(|formula| (own.unwrap_or(law).env(), formula)));
            }
            for (env, formula) in all.into_iter().filter(|(_, formula)| !formula.is_empty()) {
                if let Err(error) = parse_expr(env, model.inside().dims, &formula) {
                    wrong.push(format!("{name}: {}: {formula}: {error}", law.id()));
                }
            }
        }
        wrong
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{} formulas\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

#[test]
fn each_formula_of_what_is_no_equation_parses_back() {
    let mut wrong = Vec::new();
    for (name, report) in REPORTS.iter() {
        let document: serde_json::Value = serde_json::from_str(&json(report)).unwrap();
        for (law, value) in report.inside().laws.iter().zip(document["laws"].as_array().unwrap()) {
            let structural = matches!(law.statement(), Statement::Structure(_));
            assert_eq!(structural, value["structure"].is_object(), "{name}: {}", law.id());
            let mut env = law.env().as_ref().clone();
            for (param, name) in value["structure"]["tangent"].as_object().into_iter().flatten() {
                let like = law.env().symbol(param.as_str().into()).expect("a parameter").clone();
                let name = name.as_str().expect("a name").into();
                assert!(law.env().symbol(name).is_none(), "{name} is something else");
                env.declare_member(name, like.shape, Facts::empty(), like.indices);
            }
            for formula in formulas(&value["structure"]) {
                let model = law.claim().setting().model();
                if let Err(error) = parse_expr(&env, model.inside().dims, formula) {
                    wrong.push(format!("{name}: {}: {formula}: {error}", law.id()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The formulas of what is no equation, each side of those that are: all texts but names and words.
fn formulas(structure: &serde_json::Value) -> Vec<&str> {
    const WORDS: [&str; 5] = ["kind", "element", "tangent", "param", "is"];
    match structure {
        serde_json::Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !WORDS.contains(&name.as_str()))
            .flat_map(|(_, value)| formulas(value))
            .collect(),
        serde_json::Value::Array(all) => all.iter().flat_map(formulas).collect(),
        serde_json::Value::String(text) => text.split(" = ").collect(),
        _ => vec![],
    }
}

#[test]
fn failures_are_in_the_json() {
    let document: serde_json::Value = serde_json::from_str(&json(&mixed())).unwrap();
    assert_eq!(document["schema"], 1);
    assert_eq!(document["actions"][1]["status"], "refuted");
    assert_eq!(document["actions"][1]["counterexample"]["residual"], 0.25);
    assert_eq!(document["checks"][1]["passed"], false);
}

#[test]
fn an_article_names_the_sources_of_its_file() {
    let text = format!(
        "# A network.\n# Source: Du, Hu, Lee, \"Algorithmic regularization\", 2018.\n#   arXiv 1806.00900.\n{}",
        RELU.trim_start()
    );
    let latex = latex(&report(&text), LatexOptions::default());
    assert!(latex.contains("Du, Hu, Lee, ``Algorithmic regularization'', 2018. arXiv 1806.00900."), "{latex}");
    assert!(latex.contains("A network. See \\equilawcite{source:relu.5fmlp:1}."), "{latex}");
}

#[test]
fn a_number_that_is_divided_by_is_said_not_to_be_zero() {
    let told = |facts: &str| {
        let model = format!(
            "model scaled\ndim n = 2\nparam w : n\nparam a : scalar{facts}\nparam b : scalar\noutput F = a^-1 * b * w\nloss any\n\
             action turn : Q in O(n) {{ w -> Q * w; F -> Q * F }}\n"
        );
        text(&report(&model), TextOptions::default())
    };
    assert!(told("").contains("for every differentiable loss of F, with a not zero\n"), "{}", told(""));
    assert!(!told(" positive").contains("not zero"));
}
