//! Second and third order and finite groups on models that are no examples: what it adds up to, and that a wrong statement is
//! caught.

use crate::{BOOK, read};
use equilaw::check::{Checker, check_all};
use equilaw::kernel::{Condition, Form, Law, Multiplicity, Statement, Structure};
use equilaw::term::{Size, Symbol, count_value, int};
use equilaw::{Options, Report, derive};
use num_traits::ToPrimitive;
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// The derivation of each model of `tests/symmetry/`, without checks.
static REPORTS: LazyLock<BTreeMap<&str, Report>> = LazyLock::new(|| {
    let names = ["conjugation", "cyclic", "general_linear", "identical_neurons", "signed_conjugation"];
    let report = |name: &&'static str| (*name, derived(&format!("tests/symmetry/{name}.eqv")));
    names.iter().map(report).collect()
});

fn derived(path: &str) -> Report {
    derive(&read(path), &BOOK, &Options::bare()).expect("the sizes are the model's")
}

fn report(name: &str) -> &'static Report {
    &REPORTS[name]
}

fn law<'a>(report: &'a Report, id: &str) -> &'a Law {
    report.laws.iter().find(|law| law.id() == id).unwrap_or_else(|| panic!("no law {id}"))
}

fn passes(report: &Report, law: &Law) -> bool {
    Checker::new(&report.model, &HashMap::new(), 1).expect("an instance").check(law).passed
}

/// Whether another statement than that of the law passes.
fn passes_instead(report: &Report, law: &Law, structure: Structure) -> bool {
    let checker = Checker::new(&report.model, &HashMap::new(), 1).expect("an instance");
    checker.check_statement(law, &Statement::Structure(structure)).passed
}

#[test]
fn a_wrong_flattest_point_does_not_pass() {
    let report = report("general_linear");
    let flattest = law(report, "basis/flattest");
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
    assert!(passes(report, flattest));
    let doubled = equilaw::term::add(rhs, rhs);
    assert!(!passes_instead(report, flattest, with((lhs.clone(), doubled))));
    let wrong = Structure::Flattest {
        element: element.clone(),
        trace: equilaw::term::add(trace, trace),
        response: response.clone(),
        condition: Some((lhs.clone(), rhs.clone())),
    };
    assert!(!passes_instead(report, flattest, wrong));
}

#[test]
fn wrong_multiplicities_do_not_pass() {
    let report = report("identical_neurons");
    let spectrum = law(report, "swap/multiplicities");
    let Statement::Structure(Structure::Multiplicities { cases }) = spectrum.statement() else { panic!("T12") };
    assert!(passes(report, spectrum));
    let mut wrong = cases.clone();
    wrong[0].classes.push(Multiplicity { count: int(1), multiplicity: int(1) });
    assert!(!passes_instead(report, spectrum, Structure::Multiplicities { cases: wrong }));
}

#[test]
fn a_wrong_fixed_space_does_not_pass() {
    let report = report("identical_neurons");
    let fixed = law(report, "swap/fixed-space");
    let zero = vec![Condition { param: Symbol::from("W1"), form: Form::Zero }];
    assert!(passes(report, fixed));
    assert!(!passes_instead(report, fixed, Structure::FixedSpace { conditions: zero, found: None }));
}

#[test]
fn a_group_of_signs_is_found_inside_the_general_linear_group_but_not_behind_relu() {
    let found = |report: &Report| report.laws.iter().any(|law| law.id().contains("·sign/"));
    assert!(found(report("general_linear")));
    assert!(!found(&derived("examples/relu_mlp.eqv")));
}

/// Every law of the finite groups, and of GL, at sizes and a seed.
fn hold(h: usize, d: usize, k: usize, seed: u64) -> Result<(), String> {
    for (name, report) in REPORTS.iter() {
        let all = [("h", h), ("d", d), ("k", k)].map(|(name, n)| (Symbol::from(name), n));
        let dims = all.into_iter().filter(|(n, _)| report.model.dims.iter().any(|dim| dim.name == *n)).collect();
        let checks = check_all(&report.model, &report.laws, &dims, seed).map_err(|e| format!("{name}: {e}"))?;
        if let Some(failed) = checks.iter().find(|check| !check.passed) {
            return Err(format!("{name}: {failed:?}"));
        }
    }
    Ok(())
}

#[test]
fn laws_of_finite_groups_hold_where_every_size_is_one() {
    hold(1, 1, 1, 0).unwrap();
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
                let applies = |when: Option<equilaw::kernel::When>| when.is_none_or(|w| w.holds(value) == Some(true));
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
        hold(h, d, k, seed).map_err(TestCaseError::fail)?;
    }
}
