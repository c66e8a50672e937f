//! Second and third order and finite groups on models that are no examples: what is stated, what it adds up to, and that a wrong
//! statement is caught.

mod common;

use assert_cmd::Command;
use common::{ROOT, masked, run};
use equilaw::check::{Checker, check_all};
use equilaw::law::{Condition, Draft, Form, Law, Multiplicity, Statement, Structure};
use equilaw::model::Model;
use equilaw::rewrite::RuleBook;
use equilaw::term::{Size, Symbol, count_value, int};
use equilaw::{Options, Report, derive};
use num_traits::ToPrimitive;
use proptest::prelude::*;
use std::collections::HashMap;
use std::path::Path;

/// The derivation of a model of `tests/symmetry/`, without checks.
fn report(name: &str) -> Report {
    let path = format!("{ROOT}/tests/symmetry/{name}.eqv");
    let text = std::fs::read_to_string(path).expect("a model");
    let model = Model::parse(name, &text).unwrap_or_else(|errors| panic!("{}", errors.render(false, 100)));
    let book = RuleBook::builtin().unwrap_or_else(|errors| panic!("{}", errors.render(false, 100)));
    derive(&model, &book, &Options::bare()).expect("the sizes are the model's")
}

fn printed(model: &Path, arguments: &[&str]) -> String {
    let mut command = Command::cargo_bin("equilaw").expect("the binary is built");
    command.args(["derive", "--color", "never"]).args(arguments).arg(model);
    let ran = run(&mut command, Path::new(ROOT));
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}\n{}", model.display(), ran.stdout);
    masked(&ran.stdout)
}

#[test]
fn symmetric_points_and_flattest_points_read_as_text() {
    insta::glob!("symmetry", "*.eqv", |model| {
        let text = printed(model, &["--all"]);
        // The numbers of the instance are not the statement.
        let (laws, _) = text.split_once("\nChecks").expect("a summary of the checks");
        insta::assert_snapshot!(laws.to_string());
    });
}

#[test]
fn symmetric_points_and_flattest_points_read_as_latex() {
    for name in ["identical_neurons", "general_linear", "homogeneous_loss", "scale_invariant"] {
        let model = format!("{ROOT}/tests/symmetry/{name}.eqv");
        insta::assert_snapshot!(name, printed(Path::new(&model), &["--format", "latex"]));
    }
}

fn law<'a>(report: &'a Report, id: &str) -> &'a Law {
    report.laws.iter().find(|law| law.id() == id).unwrap_or_else(|| panic!("no law {id}"))
}

/// The law with another statement.
fn falsified(law: &Law, structure: Structure) -> Law {
    let draft = Draft {
        id: law.id().to_string(),
        action: law.action(),
        dynamics: law.dynamics().cloned(),
        kind: law.kind(),
        theorem: law.theorem(),
        statement: Statement::Structure(structure),
        hypotheses: law.hypotheses().to_vec(),
        components: law.components().clone(),
        premises: law.premises().to_vec(),
        remarks: law.remarks().to_vec(),
        env: law.env().clone(),
    };
    Law::new(draft, law.derivation().clone())
}

fn passes(report: &Report, law: &Law) -> bool {
    Checker::new(&report.model, &HashMap::new(), 1).expect("an instance").check(law).passed
}

#[test]
fn a_wrong_flattest_point_does_not_pass() {
    let report = report("general_linear");
    let flattest = law(&report, "basis/flattest");
    let Statement::Structure(Structure::Flattest { element, trace, response, condition: Some((lhs, rhs)) }) =
        flattest.statement()
    else {
        panic!("{:?}", flattest.statement())
    };
    let with = |condition| Structure::Flattest {
        element: element.clone(),
        trace: trace.clone(),
        response: response.clone(),
        condition: Some(condition),
    };
    assert!(passes(&report, flattest));
    let doubled = equilaw::term::add(rhs, rhs);
    assert!(!passes(&report, &falsified(flattest, with((lhs.clone(), doubled)))));
    let wrong = Structure::Flattest {
        element: element.clone(),
        trace: equilaw::term::add(trace, trace),
        response: response.clone(),
        condition: Some((lhs.clone(), rhs.clone())),
    };
    assert!(!passes(&report, &falsified(flattest, wrong)));
}

#[test]
fn wrong_multiplicities_do_not_pass() {
    let report = report("identical_neurons");
    let spectrum = law(&report, "swap/multiplicities");
    let Statement::Structure(Structure::Multiplicities { cases }) = spectrum.statement() else { panic!("T12") };
    assert!(passes(&report, spectrum));
    let mut wrong = cases.clone();
    wrong[0].classes.push(Multiplicity { count: int(1), multiplicity: int(1) });
    assert!(!passes(&report, &falsified(spectrum, Structure::Multiplicities { cases: wrong })));
}

#[test]
fn a_wrong_fixed_space_does_not_pass() {
    let report = report("identical_neurons");
    let fixed = law(&report, "swap/fixed-space");
    let zero = vec![Condition { param: Symbol::from("W1"), form: Form::Zero }];
    assert!(passes(&report, fixed));
    assert!(!passes(&report, &falsified(fixed, Structure::FixedSpace { conditions: zero, found: None })));
}

#[test]
fn a_group_of_signs_is_found_inside_the_general_linear_group_but_not_behind_relu() {
    let found = |report: &Report| report.laws.iter().any(|law| law.id().contains("·sign/"));
    assert!(found(&report("general_linear")));
    let relu = std::fs::read_to_string(format!("{ROOT}/examples/relu_mlp.eqv")).expect("an example");
    let model = Model::parse("relu.eqv", &relu).unwrap_or_else(|errors| panic!("{}", errors.render(false, 100)));
    let book = RuleBook::builtin().unwrap_or_else(|errors| panic!("{}", errors.render(false, 100)));
    assert!(!found(&derive(&model, &book, &Options::bare()).expect("the sizes are the model's")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn multiplicities_sum_to_the_number_of_parameters(h in 1u64..40, d in 1u64..9, k in 1u64..9) {
        for name in ["identical_neurons", "conjugation", "cyclic", "signed_conjugation"] {
            let report = report(name);
            let value = |size: Size| match size {
                Size::Lit(n) => Some(n),
                Size::Name(name) => match name.as_str() { "h" => Some(h), "d" => Some(d), "k" => Some(k), _ => None },
            };
            let entries = report.model.params.iter().map(|p| value(p.shape.rows).zip(value(p.shape.cols)));
            let all: u64 = entries.map(|n| n.map_or(0, |(m, n)| m * n)).sum();
            for law in &report.laws {
                let Statement::Structure(Structure::Multiplicities { cases }) = law.statement() else { continue };
                let applies = |when: Option<equilaw::law::When>| when.is_none_or(|w| w.holds(value) == Some(true));
                for case in cases.iter().filter(|case| applies(case.when)) {
                    let number = |x| count_value(x, &value).and_then(|q| q.to_integer().to_u64()).expect("a number");
                    let sum: u64 = case.classes.iter().map(|c| number(&c.count) * number(&c.multiplicity)).sum();
                    prop_assert_eq!(sum, all, "{} {:?}", law.id(), case.when);
                }
            }
        }
    }

    #[test]
    fn laws_of_finite_groups_hold_at_every_size(h in 1usize..6, d in 1usize..4, k in 1usize..4, seed in 0u64..1000) {
        for name in ["identical_neurons", "conjugation", "cyclic", "signed_conjugation", "general_linear"] {
            let report = report(name);
            let all = [("h", h), ("d", d), ("k", k)].map(|(name, n)| (Symbol::from(name), n));
            let dims = all.into_iter().filter(|(n, _)| report.model.dims.iter().any(|dim| dim.name == *n)).collect();
            for check in check_all(&report.model, &report.laws, &dims, seed).expect("an instance") {
                prop_assert!(check.passed, "{name}: {check:?}");
            }
        }
    }
}
